import {load} from 'cheerio/slim';
import {parse} from 'parse5';
import {adapter} from 'parse5-htmlparser2-tree-adapter';
import {decodeText} from './charset.ts';
import type {Field} from './fields.ts';
import type {Kind} from './kind.ts';
import {collapse, detach} from './text.ts';

/** What is kept of a field: a page that matches a million times must not fill memory. */
export const mostMatches = 1_000;
/** UTF-16 units of one field, all matches together; the engine keeps 4,096 of each. */
export const mostText = 64 * 1024;
const mostOfOne = 4_096;

/** `bytes` of a page of that kind and in that charset, as `Page` has found them. */
export type Search = {bytes: Uint8Array; charset: string; kind: Kind; fields: readonly Field[]};
/** A string where one element matched, a list where several did, nothing where none did. */
export type Found = {fields: Record<string, string | string[]>; isCut: boolean};

/**
 * Searches the whole page. HTML is parsed by parse5, as browsers do it: htmlparser2 takes half the time, but knows of no
 * implied `<tbody>`, closes no `<p>`, and lets a table's stray content where it stands, so selectors that were tried out in
 * a browser would not match.
 */
export function searchPage({bytes, charset, kind, fields}: Search): Found {
	const text = decodeText(bytes, charset);
	const $ = kind === 'html' ? load(parse(text, {treeAdapter: adapter})) : load(text, {xml: true});
	let isCut = false;
	const found: Array<[string, string | string[]]> = [];
	for (const {name, selector, attribute} of fields) {
		const values: string[] = [];
		let left = mostText;
		for (const element of $.root().find(selector).get()) {
			const value = attribute === undefined ? collapse($(element).text()) : $(element).attr(attribute);
			if (value === undefined) continue;
			if (values.length === mostMatches || left <= 0) {
				isCut = true;
				break;
			}
			const kept = value.slice(0, Math.min(mostOfOne, left));
			if (kept.length < value.length) isCut = true;
			left -= kept.length;
			values.push(detach(kept));
		}
		const [first] = values;
		if (first !== undefined) found.push([name, values.length === 1 ? first : values]);
	}
	return {fields: Object.fromEntries(found), isCut};
}

/** What is wrong with a selector, in a few words; undefined if nothing is. */
export function selectorProblem(selector: string): string | undefined {
	// The parser would take it for the name of an element.
	if (selector.startsWith('<')) return 'it is a tag, not a selector';
	try {
		load('<p>').root().find(selector);
		return undefined;
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
}
