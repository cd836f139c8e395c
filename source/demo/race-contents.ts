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

/** Rows of a heavy page of weight 1. */
const rows = 340;
/** A heading stands before so many rows. */
const perTable = 20;

const made = new Map<string, Uint8Array>();

/**
 * Small on the wire and nearly all tags, as the lists of shops and forums are: `</td>` and `</tr>` left to the parser to close,
 * `tbody` to be made up, an entity here and there. Made when the first page needs it, and kept.
 * @param variant which of them
 * @param weight 1 makes the selectors' parser work for about 20 ms
 */
export function heavyContent(variant: number, weight: number): Uint8Array {
	const key = `${variant} ${weight}`;
	const content = made.get(key) ?? Buffer.from(tables(variant, Math.round(rows * weight)));
	made.set(key, content);
	return content;
}

function tables(variant: number, count: number): string {
	const random = seeded(variant);
	const pieces: string[] = [];
	for (let index = 0; index < count; index++) {
		if (index % perTable === 0) pieces.push(`</table>\n<h2>Shelf ${variant + 1}.${index / perTable + 1}</h2>\n<table>`);
		pieces.push(row(index, Math.floor(random() * 10_000)));
	}
	return pieces.join('\n');
}

const row = (index: number, item: number): string =>
	`<tr class="row ${index % 2 ? 'odd' : 'even'}" id=r${index}><td><a href="/item/${item}.html" title="Item ${item}"><b>Item</b> <i>no. ${item}</i></a>` +
	`<td><ul><li>tea<li>pot &amp; <em>cup</em><li><code>${item.toString(16)}</code></ul>` +
	`<td><p>Made up<br>by the <span class=site>demo site</span><p><small>${item % 97} left</small>` +
	`<td><input type=checkbox name=i${item} checked><label>&yen;&nbsp;${item % 300}</label>`;
