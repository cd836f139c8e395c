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

/** What is to be read from the pages whose parsing is to cost something: the last row. */
export const heavyField = {name: 'last', selector: 'tr:not(:has(~ tr:nth-child(100n)))'};

/** Rows of a heavy page of weight 1; hundreds of them, for the selector's sake. */
const rows = 400;

const made = new Map<string, Uint8Array>();

/**
 * A table, and to find its last row by that selector the place of each row behind each row is counted: that is CPU and nothing else. A
 * long page that is all tags takes as long, but much of it for memory, which V8 clears away on other cores, and which the system
 * hands out to one thread of a process at a time: what a race is to show would be blurred. Made when the first page needs it, and kept.
 * @param variant which of them
 * @param weight 1 makes the selectors' parser work for about 40 ms, 0.5 for about 10
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
