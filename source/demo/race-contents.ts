import {seeded} from '../engine/random.ts';
import {paragraph} from './contents.ts';

/** Mostly text: about a tag in 80 bytes. */
const section = `<h2>About this page</h2>\n${paragraph.repeat(8)}`;
const most = 64_000;
const lightBlock = Buffer.from(section.repeat(Math.ceil(most / section.length)));

/** All light pages are starts of the same one. @param size bytes, about */
export function lightContent(size: number): Uint8Array {
	const whole = Math.max(1, Math.round(size / section.length));
	return lightBlock.subarray(0, whole * section.length);
}

/** What is to be read from the pages whose parsing is to cost something: every hundredth row. */
export const heavyField = {name: 'rows', selector: 'tr:nth-child(100n)'};

/** Rows of a heavy page of weight 1. */
const rows = 3_000;

const made = new Map<string, Uint8Array>();

/**
 * A long table, and to find every hundredth row of it, each row has its place counted: that is CPU and little else. A page that is all
 * tags takes as long, but half of it for memory, which V8 clears away on other cores: what a race is to show would be blurred. Made
 * when the first page needs it, and kept.
 * @param variant which of them
 * @param weight 1 makes the selectors' parser work for about 35 ms, 0.5 for about 10
 */
export function heavyContent(variant: number, weight: number): Uint8Array {
	const key = `${variant} ${weight}`;
	const content = made.get(key) ?? Buffer.from(table(variant, Math.round(rows * weight)));
	made.set(key, content);
	return content;
}

function table(variant: number, count: number): string {
	const random = seeded(variant);
	const row = (_: unknown, index: number) => `<tr><td>${index + 1}<td>tea no. ${Math.floor(random() * 10_000)}`;
	return `<table>\n${Array.from({length: count}, row).join('\n')}\n</table>\n`;
}
