import path from 'node:path';
import type {TaskEvent} from '../engine/events.ts';
import type {Ranges} from '../engine/ranges.ts';
import type {PartFile, Validators} from '../engine/seams.ts';
import type {Result, TaskId, Timings} from '../engine/task.ts';

/** What makes two tasks the same one over several runs. `output` is what was asked for, not what became of it. */
export type Key = {url: string; output?: string};

export type RunLine = {type: 'run'; at: number; state: 'running'; boot: string; pid: number};
export type PartLine = Key & {type: 'receiving' | 'saved'; at: number; id: TaskId; part: PartFile};
export type DoneLine = Key & {
	type: 'done';
	at: number;
	result: Result & {path: string};
	validators?: Validators;
	/** Bytes of the file, where those are not the ones that were received (a body saved decoded). */
	size?: number;
};
export type TaskLine = PartLine | DoneLine;
export type JournalLine = RunLine | TaskLine;

/** A task as far as the journal has to remember it until its end. */
export type Remembered = {url: string; output: string | undefined; total: number | undefined};

/**
 * What the journal keeps of an event, if anything. Only what a later run needs: the headers of `receiving` alone would
 * make the journal of 100,000 small files several times as big.
 */
export function lineOf(event: TaskEvent, {url, output, total}: Remembered): TaskLine | undefined {
	const {type, at} = event;
	if (type === 'receiving' || type === 'saved') {
		const {id, part} = event;
		if (!part) return undefined;
		return output === undefined ? {type, at, id, url, part} : {type, at, id, url, output, part};
	}
	if (type !== 'done') return undefined;
	const {result, validators, size = total} = event;
	// Nothing in the folder would show next time that it is done.
	if (!hasPath(result)) return undefined;
	const line: DoneLine = output === undefined ? {type, at, url, result} : {type, at, url, output, result};
	if (validators) line.validators = validators;
	if (size !== undefined && size !== result.bytes) line.size = size;
	return line;
}

const hasPath = (result: Result): result is DoneLine['result'] => result.path !== null;

/** A URL contains no newline, so no two keys become the same text. */
export const keyText = ({url, output}: Key): string => (output === undefined ? url : `${url}\n${output}`);

/**
 * A line of the journal, or undefined for anything else: torn by a crash, zeroed by a power loss, or made by somebody else
 * to lead us out of the folder.
 */
export function parseLine(text: string): JournalLine | undefined {
	// Not only a shortcut: an exception for every line of a long stretch of garbage takes minutes.
	if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
	try {
		const line: unknown = JSON.parse(text);
		return isLine(line) ? line : undefined;
	} catch {
		return undefined;
	}
}

/** What a line is about. */
export type Heading = RunLine | (Key & Pick<TaskLine, 'type' | 'at'>);

/** As `lineOf` writes it, but for escapes, which are rare. */
const beginning =
	/^\{"type":"(receiving|saved|done)","at":([\d.]+),(?:"id":"t\d+",)?"url":"([^"\\]*)"(?:,"output":"([^"\\]*)")?,"(?:part|result)":/;

/**
 * What a line is about, read off its beginning: to parse a million of them takes three times as long. Whether the rest of it
 * is right shows when it is needed.
 */
export function headingOf(text: string): Heading | undefined {
	const found = beginning.exec(text.slice(0, 4096));
	if (!found) return parseLine(text);
	// Blocks that a power loss kept from the disk are zeros.
	if (!text.endsWith('}') || text.includes('\0')) return undefined;
	const [, type, at, url = '', output] = found;
	return {type: type as TaskLine['type'], at: Number(at), url, ...(output !== undefined && {output})};
}

type Check = (value: unknown) => boolean;

const isText: Check = value => typeof value === 'string';
const isNumber: Check = value => Number.isFinite(value);
const isCount: Check = value => Number.isSafeInteger(value) && (value as number) >= 0;
const optional =
	(check: Check): Check =>
	value =>
		value === undefined || check(value);
const nullable =
	(check: Check): Check =>
	value =>
		value === null || check(value);
const listOf =
	(check: Check): Check =>
	value =>
		Array.isArray(value) && value.every(check);
const equal =
	(expected: unknown): Check =>
	value =>
		value === expected;

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * An object with these fields and no other: a field this version does not know could change what the rest means, as
 * `preallocated` does.
 */
function shape(fields: Record<string, Check>): Check {
	const checks = Object.entries(fields);
	const known = new Set(Object.keys(fields));
	return value => {
		if (!isRecord(value)) return false;
		for (const name in value) if (!known.has(name)) return false;
		return checks.every(([name, check]) => check(value[name]));
	};
}

/** Sorted, not overlapping, none empty. */
const isRanges: Check = value => {
	if (!Array.isArray(value)) return false;
	let last = 0;
	if (value.length > mostRanges) return false;
	return value.every(range => {
		if (!Array.isArray(range) || range.length !== 2 || !range.every(isCount)) return false;
		const [start, end] = range;
		const sorted = start >= last && start < end;
		last = end;
		return sorted;
	});
};

/** Connections leave a few dozen. Each costs a request. */
const mostRanges = 1_000;

/** A file that can only be inside the folder, on any system: reading a journal must not depend on where it was written. */
const isPath: Check = value =>
	typeof value === 'string' &&
	!/[\u0000-\u001f\u007f-\u009f]/.test(value) &&
	path.win32.parse(value).root === '' &&
	value.split(/[/\\]/).every(segment => segment !== '' && segment !== '.' && segment !== '..');

/** What must not be forgotten here when a field is added there. */
type All<Fields> = Record<keyof Fields, Check>;

/** What can stand in a header again. */
const isFieldValue: Check = value => typeof value === 'string' && /^[\x20-\x7e\x80-\xff]{1,1024}$/.test(value);

const isValidators = shape({
	etag: optional(isFieldValue),
	lastModified: optional(isFieldValue),
} satisfies All<Validators>);

const partFields = shape({
	path: isPath,
	ranges: isRanges,
	synced: optional(isRanges),
	total: optional(isCount),
	validators: optional(isValidators),
	replaces: optional(value => value === 'good' || value === 'bad'),
	preallocated: optional(equal(true)),
} satisfies All<PartFile>);

const endOf = (ranges: Ranges): number => ranges.at(-1)?.[1] ?? 0;

const isPart: Check = value => {
	if (!partFields(value)) return false;
	const {ranges, total = Number.POSITIVE_INFINITY} = value as PartFile;
	return endOf(ranges) <= total;
};

const isResult = shape({
	url: isText,
	finalUrl: nullable(isText),
	status: nullable(isCount),
	ok: equal(true),
	state: equal('done'),
	title: nullable(isText),
	contentType: nullable(isText),
	charset: nullable(isText),
	bytes: isCount,
	path: isPath,
	sha256: nullable(isText),
	extracted: value => isRecord(value) && Object.values(value).every(field => isText(field) || listOf(isText)(field)),
	truncated: value => typeof value === 'boolean',
	attempts: isCount,
	startedAt: nullable(isText),
	seconds: isNumber,
	timings: shape({
		wait: isNumber,
		connect: isNumber,
		tls: optional(isNumber),
		firstByte: isNumber,
		transfer: isNumber,
	} satisfies All<Timings>),
	error: equal(null),
} satisfies All<Result>);

const ofKey = {at: isNumber, url: isText, output: optional(isText)};
const isPartLine = shape({type: isText, id: isText, ...ofKey, part: isPart});
const checks: Readonly<Record<JournalLine['type'], Check>> = {
	run: shape({type: isText, at: isNumber, state: isText, boot: isText, pid: isCount}),
	receiving: isPartLine,
	saved: isPartLine,
	done: shape({
		type: isText,
		...ofKey,
		result: isResult,
		validators: optional(isValidators),
		size: optional(isCount),
	}),
};

function isLine(value: unknown): value is JournalLine {
	if (!isRecord(value) || typeof value.type !== 'string' || !Object.hasOwn(checks, value.type)) return false;
	return checks[value.type as JournalLine['type']](value);
}
