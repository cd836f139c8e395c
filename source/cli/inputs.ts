import {closeSync, createReadStream, fstatSync, open} from 'node:fs';
import {Socket} from 'node:net';
import {promisify} from 'node:util';
import {errorCode} from '../engine/failure.ts';
import type {Input, InputItem} from '../engine/intake.ts';
import {parseTarget} from '../engine/target.ts';
import {sanitize} from '../format/sanitize.ts';
import {UsageError} from './usage-error.ts';

const openFile: (file: string, flags: string) => Promise<number> = promisify(open);

/** No URL is longer; a "line" that is means the file is no list of lines. */
const longestLine = 64 * 1024;

export type InputSource = {urls: readonly string[]; files: readonly string[]; stdin: NodeJS.ReadableStream};

/** All URLs of the command line, in order: the arguments, then each list, read only as fast as the engine takes them. */
export async function openInputs({urls, files, stdin}: InputSource): Promise<Input> {
	if (files.filter(file => file === '-').length > 1) throw new UsageError('stdin (-) can be read only once');
	for (const url of urls) if (!parseTarget(url)) throw new UsageError(notUrl(url));
	if (files.includes('-') && 'isTTY' in stdin && stdin.isTTY)
		throw new UsageError('stdin is a terminal: pipe a list into it, or name a file');
	const lists: Array<{name: string; text: AsyncIterable<string>}> = [];
	// Opened before anything starts, so that a wrong name is a usage error and not a surprise after an hour.
	for (const file of files)
		lists.push(file === '-' ? {name: 'stdin', text: decode(stdin)} : {name: file, text: await openList(file)});
	return (async function* () {
		yield* urls;
		for (const {name, text} of lists) yield* readList(name, text);
	})();
}

async function openList(file: string): Promise<AsyncIterable<string>> {
	let descriptor: number | undefined;
	try {
		descriptor = await openFile(file, 'r');
		const stats = fstatSync(descriptor);
		if (stats.isDirectory()) throw Object.assign(new Error(), {code: 'EISDIR'});
		// A pipe is read as a socket: a file read that waits for a slow writer would keep the process from ending.
		if (stats.isFIFO()) return decode(new Socket({fd: descriptor, readable: true, writable: false}));
		return decode(createReadStream(file, {fd: descriptor}));
	} catch (error) {
		if (descriptor !== undefined) closeSync(descriptor);
		throw new UsageError(`cannot read the list ${JSON.stringify(file)}: ${reason(error)}`);
	}
}

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'no such file',
	EACCES: 'permission denied',
	EISDIR: 'it is a folder',
};

function reason(error: unknown): string {
	const code = errorCode(error) ?? '';
	return reasons[code] ?? (code || String(error));
}

/** An argument is typed by hand, so the missing scheme is the likely slip. */
function notUrl(argument: string): string {
	const looksLikeHost = parseTarget(`https://${argument}`) && /^[^/:]+\.[^/:]+(\/|$)/.test(argument);
	const hint = looksLikeHost ? `did you mean https://${argument}?` : 'it must begin with http:// or https://';
	return `not an http(s) URL: ${JSON.stringify(sanitize(argument))}; ${sanitize(hint)}`;
}

async function* decode(stream: AsyncIterable<unknown>): AsyncGenerator<string> {
	const decoder = new TextDecoder();
	for await (const chunk of stream)
		yield typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, {stream: true});
}

/** URLs of a list: one a line, without blank lines and `#` comments; each knows its line. */
export async function* readList(name: string, text: AsyncIterable<string>): AsyncGenerator<InputItem> {
	let number = 0;
	for await (const line of splitLines(name, text)) {
		number++;
		// A URL holds no blanks, so a # after one begins a comment and no fragment.
		const url = line.replace(/\s#.*$/, '').trim();
		if (url !== '' && !url.startsWith('#')) yield {url, where: `${name}:${number}`};
	}
}

async function* splitLines(name: string, text: AsyncIterable<string>): AsyncGenerator<string> {
	let rest = '';
	for await (const chunk of text) {
		const lines = (rest + chunk).split('\n');
		rest = lines.pop() ?? '';
		if (rest.length > longestLine)
			throw new Error(`${name} is no list of URLs: it has a line of more than ${longestLine} characters`);
		yield* lines;
	}
	if (rest !== '') yield rest;
}
