import type {InputItem} from '../engine/intake.ts';
import type {Header} from '../engine/seams.ts';
import {maxConnections} from '../engine/settings.ts';
import {parseTarget, withoutUserinfo} from '../engine/target.ts';
import {templateProblem} from '../storage/template.ts';
import {parseDigest} from './checksums.ts';
import {fieldValue, splitHeader} from './header.ts';

/** A task with more header lines than this is no task, and they are kept in memory until the next URL. */
const mostHeaders = 100;

/** Passes on the first message of each `what`. */
export type Once = (what: string, message: string) => void;

/**
 * Lines in, tasks out: a list of one URL a line, with blank lines and `#` comments, or aria2's input format (aria2c(1), "Input
 * File"). A task is whole when the next one begins, for options may follow.
 */
export class Entries {
	readonly #name: string;
	readonly #once: Once;
	#line = 0;
	#item: InputItem | undefined;
	#options: Map<string, string[]> | undefined;
	#any = false;

	constructor(name: string, once: Once) {
		this.#name = name;
		this.#once = once;
	}

	/** Takes the next line. @returns the task that it completes */
	take(line: string): InputItem | undefined {
		this.#line++;
		const option = parseOption(line);
		if (option) {
			this.#addOption(option);
			return undefined;
		}
		// A URL holds no blanks, so a # after one begins a comment and no fragment.
		const url = (line.includes('#') ? line.replace(/(^|\s)#.*$/s, '') : line).trim();
		if (url === '') return undefined;
		const item = this.end();
		this.#item = this.#begin(url);
		this.#any = true;
		return item;
	}

	/** Nothing more belongs to the last task. */
	end(): InputItem | undefined {
		const item = this.#options && this.#item ? withOptions(this.#item, this.#options) : this.#item;
		this.#item = undefined;
		this.#options = undefined;
		return item;
	}

	#begin(text: string): InputItem {
		const where = `${this.#name}:${this.#line}`;
		if (!text.includes('\t')) return {url: text, where};
		const {url, mirrors, dropped} = parseUrls(text);
		if (dropped[0] !== undefined) {
			const shown = JSON.stringify(withoutUserinfo(dropped[0]));
			this.#once('mirror', `${where}: ${shown} is not an http(s) URL, and the line's other URLs are used without it`);
		}
		return {url, where, ...(mirrors.length > 0 && {mirrors})};
	}

	#addOption(option: ListOption): void {
		const subject = `${this.#name}:${this.#line}: the option '${option.name}'`;
		if (!this.#any) return this.#once('early', `${subject} stands before any URL and has no effect`);
		if (!this.#item)
			return this.#once('late', `${subject} came so late that its URL had begun without it, and has no effect`);
		this.#options ??= new Map();
		if (addOption(this.#options, option)) return;
		this.#once(`option ${option.name}`, `${subject} is not known here and has no effect`);
	}
}

/** An indented `name=value` line under a URL. */
type ListOption = {name: string; value: string};

/** Undefined for any other line: an indented URL has a `:` before its first `=`. */
function parseOption(line: string): ListOption | undefined {
	const [, name, value] = /^\s+([a-z\d-]{1,64})\s*=(.*)$/s.exec(line) ?? [];
	return name === undefined || value === undefined ? undefined : {name, value: value.trim()};
}

/** A line of URLs with TABs between them: the first that is one leads, the others are mirrors. `dropped` are none. */
function parseUrls(line: string): {url: string; mirrors: string[]; dropped: string[]} {
	const texts = line.split('\t').flatMap(text => text.trim() || []);
	const {good = [], bad = []} = Object.groupBy(texts, text => (parseTarget(text) ? 'good' : 'bad'));
	const [url, ...mirrors] = good;
	// Without any URL, the whole line is what has to be shown to the person who wrote it.
	return url === undefined ? {url: line, mirrors: [], dropped: []} : {url, mirrors, dropped: bad};
}

/** The last value of each option counts; `header` may be given again and again. */
type ListOptions = ReadonlyMap<string, readonly string[]>;

/** Takes in an option if it is one of those known here. */
function addOption(options: Map<string, string[]>, {name, value}: ListOption): boolean {
	if (!Object.hasOwn(fields, name)) return false;
	const earlier = options.get(name);
	if (name !== 'header' || !earlier) options.set(name, [value]);
	else if (earlier.length <= mostHeaders) earlier.push(value);
	return true;
}

/** The item with its options: the first that cannot be is its `problem`. */
function withOptions(item: InputItem, options: ListOptions): InputItem {
	let made = item;
	for (const [name, values] of options) {
		try {
			made = fields[name]?.(made, values, options) ?? made;
		} catch (error) {
			// The value is not repeated: a header may be a secret.
			return {...item, problem: `the option '${name}' is invalid: ${(error as Error).message}`};
		}
	}
	return made;
}

/** What an option does to an item. Throws with the rest of the sentence "… is invalid: …". */
type Field = (item: InputItem, values: readonly string[], options: ListOptions) => InputItem;

const last = (values: readonly string[] | undefined): string => values?.at(-1) ?? '';

const fields: Readonly<Record<string, Field>> = {
	out: withOutput,
	dir: withOutput,
	checksum: (item, values) => ({...item, checksum: parseDigest(last(values))}),
	header: (item, values) => withHeaders(item, values.map(parseHeader)),
	referer: (item, values) =>
		withHeader(item, 'Referer', last(values) === '*' ? withoutFragment(item.url) : last(values)),
	'user-agent': (item, values) => withHeader(item, 'User-Agent', last(values)),
	split: withConnections,
	'max-connection-per-server': withConnections,
	pause: (item, values) => ({...item, paused: parseBoolean(last(values))}),
};

/** What a body is called if only its folder is given. */
const ownName = '{name}{ext}';

/** Both are needed for the name, and come in any order; each of them has to stay in the folder. */
function withOutput(item: InputItem, _values: readonly string[], options: ListOptions): InputItem {
	const [dir, out] = [literal(last(options.get('dir'))), literal(last(options.get('out')))];
	if (dir !== '') checkTemplate(`${dir}/${ownName}`);
	if (out !== '') checkTemplate(out);
	const segments = `${dir}/${out || ownName}`.split('/').filter(segment => !/^\.?$/.test(segment));
	const output = segments.join('/');
	// Without a `./` before it, a name may have become a drive.
	checkTemplate(output);
	return output === ownName ? item : {...item, output};
}

function checkTemplate(template: string): void {
	const problem = templateProblem(template);
	if (problem !== undefined) throw new Error(problem);
}

/** In a template, braces stand for something. */
const literal = (text: string): string => text.replace(/[{}]/g, '$&$&');

/** aria2's first says how many for one body, its second how many for one server: here the fewer of the two. */
function withConnections(item: InputItem, values: readonly string[]): InputItem {
	const value = last(values);
	const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
	if (number < 1) throw new Error('it must be a whole number from 1 on');
	return {...item, connections: Math.min(number, item.connections ?? maxConnections, maxConnections)};
}

function parseBoolean(value: string): boolean {
	if (value === 'true' || value === 'false') return value === 'true';
	throw new Error("it must be 'true' or 'false'");
}

function withHeaders(item: InputItem, headers: readonly Header[]): InputItem {
	const all = [...(item.headers ?? []), ...headers];
	if (all.length > mostHeaders) throw new Error(`it must not be given more than ${mostHeaders} times`);
	return {...item, headers: all};
}

/** As with aria2, an empty value leaves the header out. */
const withHeader = (item: InputItem, name: string, value: string): InputItem =>
	value === '' ? item : withHeaders(item, [[name, fieldValue(value)]]);

function parseHeader(value: string): Header {
	const [name, text] = splitHeader(value);
	return [name, fieldValue(text.trim())];
}

/** What a browser would send: neither credentials nor fragment. */
function withoutFragment(text: string): string {
	const url = parseTarget(text)?.url;
	if (!url) return '';
	return url.origin + url.pathname + url.search;
}
