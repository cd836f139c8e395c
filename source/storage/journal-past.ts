import type {BigIntStats} from 'node:fs';
import {lstat, realpath, unlink} from 'node:fs/promises';
import path from 'node:path';
import {errorCode} from '../engine/failure.ts';
import type {Known} from '../engine/past.ts';
import type {Ranges} from '../engine/ranges.ts';
import {onlyName, type PartFile} from '../engine/seams.ts';
import type {Result} from '../engine/task.ts';
import {sanitize} from '../format/sanitize.ts';
import {syncedFrom} from './file-sink.ts';
import type {DoneLine, PartLine, TaskLine} from './journal-line.ts';

/** A regular file: `id` is the same for all its names. `changed` (anything of it) and `written` (its bytes) are in epoch milliseconds. */
export type Seen = {id: string; size: number; changed: number; written: number};

/** What stands in the folder under the names that a line speaks of. */
export type Found = {file?: Seen | undefined; part?: Seen | undefined};

export type Age = {
	/** The machine has been up since the line was written. */
	sameBoot: boolean;
	/** When that boot's last line was written. */
	last: number;
	/** Everything is to be fetched anew, but under the names it has. */
	fresh: boolean;
};

/** By then every system has written by itself what was in its memory. */
const writtenBackAfter = 60_000;
/** Clocks of files are coarse, and not the one that events have. */
const clockSlack = 2_000;

/** What is left of a task, by the newest line about it and what is on the disk. Undefined if that is nothing of ours. */
export function judge(line: TaskLine, found: Found, age: Age): Known | undefined {
	return line.type === 'done' ? judgeDone(line, found, age) : judgePart(line, found, age);
}

function judgeDone(line: DoneLine, {file}: Found, age: Age): Known | undefined {
	const {result, validators = {}, size = result.bytes} = line;
	// Somebody took or changed it: theirs is left alone, and the body gets a free name.
	if (file?.size !== size) return undefined;
	if (mayBeLost(line, size, age)) return begunAnew({path: result.path, replaces: 'bad'});
	const edited = file.written > line.at + clockSlack;
	if (age.fresh) return edited ? undefined : begunAnew({path: result.path, replaces: 'good'});
	return {kind: 'done', result: clean({...result, url: line.url}), validators, ...(edited && {edited})};
}

function judgePart(line: PartLine, found: Found, age: Age): Known | undefined {
	const {url} = line;
	const {file} = found;
	const part = file && file.written > line.at + clockSlack ? withoutReplacing(line.part) : line.part;
	if (file && isPlaced(line, file, found.part)) {
		const {path: name, total} = part;
		if (!age.fresh && !mayBeLost(line, file.size, age))
			return {kind: 'done', result: placedResult(url, name, file.size), validators: {}};
		// Nothing but its time speaks for it: it might be a stranger's after all, and must not be replaced.
		return total === undefined && !found.part ? undefined : begunAnew({path: name, replaces: 'bad'});
	}
	if (found.part) return age.fresh ? begunAnew(part) : usable(part, found.part.size, age.sameBoot);
	// Nothing came of the new one, and the old one still stands.
	if (file && part.replaces === 'good' && !age.fresh)
		return {kind: 'done', result: placedResult(url, part.path, file.size), validators: {}};
	return file && !part.replaces ? undefined : begunAnew(part);
}

/** Somebody has written to the file that was to give way: it is theirs now. */
function withoutReplacing({replaces: _, ...part}: PartFile): PartFile {
	return part;
}

/** Whether the crash came after the body had got its name, and before that was in the journal. */
function isPlaced({at, part}: PartLine, file: Seen, partFile: Seen | undefined): boolean {
	const {total, ranges} = part;
	if (file.size !== (total ?? file.size) || file.size < endOf(ranges)) return false;
	// Without hard links a part is renamed, with them it has both names for a moment. An older file is what it replaces, and
	// one of unknown length could be anything.
	const slack = part.replaces ? 0 : clockSlack;
	return partFile ? partFile.id === file.id : total !== undefined && file.changed >= at - slack;
}

/** Whether the power may have failed before the system wrote this file to the disk by itself. */
function mayBeLost({at}: TaskLine, size: number, {sameBoot, last}: Age): boolean {
	return !sameBoot && size < syncedFrom && at >= last - writtenBackAfter;
}

/** What of a part file of `size` bytes can be gone on from. */
function usable(part: PartFile, size: number, sameBoot: boolean): Known {
	const {synced: safe = [], ...rest} = part;
	const ranges = within(sameBoot ? grown(part, size) : safe, size);
	if (ranges.length === 0) return begunAnew(part);
	const synced = within(safe, size);
	return {kind: 'part', part: {...rest, ranges, ...(synced.length > 0 && {synced})}};
}

/**
 * A body that arrives in order has more bytes on the disk than the last line about it says, as long as the system lived on.
 * Not so if that line says none: what stands there may be another version that was to be given up.
 */
function grown({ranges, preallocated, total = Number.POSITIVE_INFINITY}: PartFile, size: number): Ranges {
	const inOrder = !preallocated && ranges.length === 1 && ranges[0]?.[0] === 0;
	return inOrder ? [[0, Math.min(size, total)]] : ranges;
}

const within = (ranges: Ranges, size: number): Ranges =>
	ranges.filter(([start]) => start < size).map(([start, end]) => [start, Math.min(end, size)]);

const endOf = (ranges: Ranges): number => ranges.at(-1)?.[1] ?? 0;

/** Fetched again from its first byte on, under the same name. */
function begunAnew(part: Parameters<typeof onlyName>[0]): Known {
	return {kind: 'part', part: onlyName(part)};
}

/** What can be said of a body that was placed when nobody was left to say more. */
function placedResult(url: string, name: string, bytes: number): Result {
	return {
		url,
		finalUrl: null,
		status: null,
		ok: true,
		state: 'done',
		title: null,
		contentType: null,
		charset: null,
		bytes,
		path: name,
		sha256: null,
		extracted: {},
		truncated: false,
		attempts: 1,
		startedAt: null,
		seconds: 0,
		timings: {wait: 0, connect: 0, firstByte: 0, transfer: 0},
		error: null,
	};
}

/** A file is a stranger too: whoever could write into the folder could have put something for our terminal there. */
function clean(result: Result): Result {
	const text = (value: string | null) => value && sanitize(value);
	return {
		...result,
		finalUrl: text(result.finalUrl),
		title: text(result.title),
		contentType: text(result.contentType),
		charset: text(result.charset),
		sha256: text(result.sha256),
		startedAt: text(result.startedAt),
		extracted: Object.fromEntries(
			Object.entries(result.extracted).map(([name, value]) => [
				sanitize(name),
				typeof value === 'string' ? sanitize(value) : value.map(sanitize),
			]),
		),
	};
}

/** Looks at the disk and judges. `root` is the real path of the folder. Never rejects: what cannot be looked at is unknown. */
export async function recallLine(root: string, line: TaskLine, age: Age): Promise<Known | undefined> {
	const name = line.type === 'done' ? line.result.path : line.part.path;
	const file = path.join(root, name);
	try {
		if (path.dirname(file) !== root && !(await isInside(root, path.dirname(file)))) return undefined;
		const [placed, part] = await Promise.all([look(file), line.type === 'done' ? undefined : look(`${file}.part`)]);
		const known = judge(line, {file: placed, part}, age);
		// Its second name; if it cannot be taken away, it is only in the way of nobody.
		if (known?.kind === 'done' && part) await unlink(`${file}.part`).catch(() => undefined);
		return known;
	} catch {
		return undefined;
	}
}

/** Links are not followed: they could lead to a file that is not ours. */
async function look(file: string): Promise<Seen | undefined> {
	try {
		const found = await lstat(file, {bigint: true});
		return found.isFile() ? seen(found) : undefined;
	} catch (error) {
		if (isMissing(error)) return undefined;
		throw error;
	}
}

const seen = ({dev, ino, size, ctimeMs, mtimeMs}: BigIntStats): Seen => ({
	id: `${dev}:${ino}`,
	size: Number(size),
	changed: Number(ctimeMs),
	written: Number(mtimeMs),
});

/** A folder on the way may be a link by now. */
async function isInside(root: string, folder: string): Promise<boolean> {
	try {
		const way = path.relative(root, await realpath(folder));
		return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
	} catch (error) {
		if (isMissing(error)) return true;
		throw error;
	}
}

const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');
