import {closeSync, createReadStream, existsSync, fstatSync, open, ReadStream} from 'node:fs';
import {Socket} from 'node:net';
import {pipeline, Readable} from 'node:stream';
import {promisify, TextDecoder} from 'node:util';
import {createGunzip} from 'node:zlib';
import {errorCode} from '../engine/failure.ts';
import type {Input, InputItem} from '../engine/intake.ts';
import {type Clock, systemClock} from '../engine/seams.ts';
import {parseTarget, withoutUserinfo} from '../engine/target.ts';
import {sanitize} from '../format/sanitize.ts';
import {Entries, type Once} from './aria2.ts';
import {UsageError, unreadable} from './usage-error.ts';

const openFile: (file: string, flags: string) => Promise<number> = promisify(open);

/** No URL is longer; a "line" that is means the file is no list of lines. */
const longestLine = 64 * 1024;
/** A pipe that says nothing for so many milliseconds has said all it knows of the last URL. */
const quietTime = 50;
/** More different warnings than this are no help to anybody. */
const mostWarnings = 100;

/** `warn` is told, in one line, of what has no effect in a list. */
export type InputSource = {
	urls: readonly string[];
	files: readonly string[];
	stdin: NodeJS.ReadableStream;
	warn?: (message: string) => void;
};

/** All URLs of the command line, in order: the arguments, then each list, read only as fast as the engine takes them. */
export async function openInputs({urls, files, stdin, warn = () => {}}: InputSource): Promise<Input> {
	if (files.filter(file => file === '-').length > 1) throw new UsageError('stdin (-) can be read only once');
	for (const url of urls) if (!parseTarget(url)) throw new UsageError(notUrl(url));
	if (files.includes('-') && 'isTTY' in stdin && stdin.isTTY)
		throw new UsageError('stdin is a terminal: pipe a list into it, or name a file');
	const lists: List[] = [];
	// Opened before anything starts, so that a wrong name is a usage error and not a surprise after an hour.
	for (const file of files) lists.push(file === '-' ? listOf('stdin', stdin) : listOf(file, await openList(file)));
	const once = warnOnce(warn);
	return (async function* () {
		yield* urls;
		for (const {name, text, clock} of lists) yield* readList(name, text, {once, ...(clock && {clock})});
	})();
}

type List = {name: string; text: AsyncIterable<string>; clock?: Clock};

/** Only what comes from somebody else may be slow: a file on a disk is never waited for. */
const listOf = (name: string, stream: NodeJS.ReadableStream): List => ({
	name,
	text: decode(name, stream),
	...(!(stream instanceof ReadStream) && {clock: systemClock}),
});

async function openList(file: string): Promise<Readable> {
	let descriptor: number | undefined;
	try {
		descriptor = await openFile(file, 'r');
		const stats = fstatSync(descriptor);
		if (stats.isDirectory()) throw Object.assign(new Error(), {code: 'EISDIR'});
		// A pipe is read as a socket: a file read that waits for a slow writer would keep the process from ending.
		if (stats.isFIFO()) return new Socket({fd: descriptor, readable: true, writable: false});
		return createReadStream(file, {fd: descriptor});
	} catch (error) {
		if (descriptor !== undefined) closeSync(descriptor);
		throw unreadable('list', file, error);
	}
}

/** An argument is typed by hand, so the missing scheme is the likely slip. */
function notUrl(argument: string): string {
	const looksLikeHost = parseTarget(`https://${argument}`) && /^[^/:]+\.[^/:]+(\/|$)/.test(argument);
	const hints: ReadonlyArray<readonly [boolean, string]> = [
		[existsSync(argument), 'it is a file; -i reads a list'],
		[/^https?:/i.test(argument), 'its host or port is not valid'],
		[Boolean(looksLikeHost), `did you mean https://${argument}?`],
	];
	const hint = hints.find(([applies]) => applies)?.[1] ?? 'it must begin with http:// or https://';
	return `not an http(s) URL: ${JSON.stringify(sanitize(withoutUserinfo(argument)))}; ${sanitize(hint)}`;
}

function warnOnce(warn: (message: string) => void): Once {
	const told = new Set<string>();
	return (what, message) => {
		if (told.has(what) || told.size >= mostWarnings) return;
		told.add(what);
		warn(`${sanitize(message)}; said once`);
	};
}

/** Text of a list: UTF-8, or UTF-16 if a byte order mark says so; unpacked if it is gzip'ed. */
async function* decode(name: string, stream: AsyncIterable<unknown>): AsyncGenerator<string> {
	let decoder: TextDecoder | undefined;
	for await (const bytes of withWholeStart(unpack(name, withWholeStart(stream)))) {
		decoder ??= new TextDecoder(encodings.find(({mark}) => startsWith(bytes, mark))?.name);
		yield decoder.decode(bytes, {stream: true});
	}
	if (decoder) yield decoder.decode();
}

const gzipMark = [0x1f, 0x8b];
const encodings = [
	{mark: [0xff, 0xfe], name: 'utf-16le'},
	{mark: [0xfe, 0xff], name: 'utf-16be'},
];
const longestMark = 2;

const startsWith = (bytes: Uint8Array, mark: readonly number[]): boolean =>
	mark.every((byte, index) => bytes[index] === byte);

/** The bytes as they come, but enough of them at first to tell what they are. */
async function* withWholeStart(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
	let start: Uint8Array = Buffer.alloc(0);
	for await (const chunk of stream) {
		const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
		if (start.length >= longestMark) yield bytes;
		else {
			start = Buffer.concat([start, bytes]);
			if (start.length >= longestMark) yield start;
		}
	}
	if (start.length < longestMark) yield start;
}

async function* unpack(name: string, bytes: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
	const {done, value: first} = await bytes.next();
	if (done) return;
	const all = (async function* () {
		try {
			yield first;
			yield* bytes;
		} finally {
			await bytes.return(undefined);
		}
	})();
	if (!startsWith(first, gzipMark)) return yield* all;
	// What breaks is told to whoever reads the result.
	const unpacked = pipeline(Readable.from(all), createGunzip(), () => {});
	try {
		yield* unpacked;
	} catch (error) {
		throw errorCode(error)?.startsWith('Z_')
			? new Error(`${name} cannot be unpacked: ${(error as Error).message}`)
			: error;
	}
}

export type ListReading = {
	once?: Once;
	/** For a source that may fall silent: the last URL then begins without waiting for options of its own. */
	clock?: Clock;
};

/**
 * Tasks of a list: one URL a line, without blank lines and `#` comments, or aria2's input format; each knows its line. One
 * line ahead is read, for the options that may follow.
 */
export async function* readList(
	name: string,
	text: AsyncIterable<string>,
	{once = () => {}, clock}: ListReading = {},
): AsyncGenerator<InputItem> {
	const entries = new Entries(name, once);
	for await (const lines of batchesOfLines(name, text, clock)) {
		for (const line of lines) {
			const item = entries.take(line);
			if (item) yield item;
		}
		const item = lines.length === 0 ? entries.end() : undefined;
		if (item) yield item;
	}
	const item = entries.end();
	if (item) yield item;
}

/** Lines as they come; an empty batch says that nothing has come for a while, not even the beginning of an option. */
async function* batchesOfLines(name: string, text: AsyncIterable<string>, clock?: Clock): AsyncGenerator<string[]> {
	const chunks = text[Symbol.asyncIterator]();
	let rest = '';
	let waiting = false;
	try {
		for (;;) {
			const next = chunks.next();
			waiting = true;
			if (clock && !/^\s/.test(rest) && (await isQuiet(next, clock))) yield [];
			const {done, value} = await next;
			waiting = false;
			if (done) break;
			const lines = (rest + value).split('\n');
			rest = lines.pop() ?? '';
			if (rest.length > longestLine)
				throw new Error(`${name} is no list of URLs: it has a line of more than ${longestLine} characters`);
			if (lines.length > 0) yield lines;
		}
		if (rest !== '') yield [rest];
	} finally {
		const closed = chunks.return?.();
		// Somebody who leaves now must not wait for the line that did not come.
		if (waiting) closed?.catch(() => {});
		else await closed;
	}
}

/** Whether `promise` takes longer than a person notices. */
async function isQuiet(promise: Promise<unknown>, clock: Clock): Promise<boolean> {
	const {promise: quiet, resolve} = Promise.withResolvers<boolean>();
	const stop = clock.timer(quietTime, () => resolve(true));
	try {
		return await Promise.race([quiet, promise.then(() => false)]);
	} finally {
		stop();
	}
}
