import type {AnswerHead, EngineEvent, RunState, TaskEvent} from '../engine/events.ts';
import type {Failure} from '../engine/failure.ts';
import type {ByteRange} from '../engine/ranges.ts';
import type {Digest, PartFile, TaskOptions, Validators} from '../engine/seams.ts';
import {finalStates, type Result, type TaskId, type Timings} from '../engine/task.ts';
import {sanitize} from '../format/sanitize.ts';
import type {Line, RecordingLine, SampleLine} from '../reporters/recorder.ts';
import {
	amount,
	count,
	dictionary,
	type Fields,
	flag,
	isRecord,
	list,
	Misfit,
	moment,
	nullable,
	oneOf,
	optional,
	record,
	type Shape,
	text,
} from './shape.ts';

const id: Shape<TaskId> = value => {
	if (typeof value === 'string' && /^t[1-9]\d{0,14}$/.test(value)) return value as TaskId;
	throw new Misfit('is not the id of a task');
};

const range: Shape<ByteRange> = value => {
	const [start, end, ...more] = list(count)(value);
	if (start !== undefined && end !== undefined && start <= end && more.length === 0) return [start, end];
	throw new Misfit('is not a range of bytes');
};

const validators = record<Validators>({etag: optional(text), lastModified: optional(text)});

const part = record<PartFile>({
	path: text,
	ranges: list(range),
	synced: optional(list(range)),
	total: optional(count),
	validators: optional(validators),
	replaces: optional(oneOf(['good', 'bad'])),
	preallocated: value => (value === true ? true : undefined),
});

const failure = record<Failure>({
	code: text,
	message: text,
	retryable: flag,
	status: optional(count),
	retryAfter: optional(amount),
});

const texts: Shape<string | string[]> = value => (typeof value === 'string' ? text(value) : list(text)(value));

const result = record<Result>({
	url: text,
	finalUrl: nullable(text),
	status: nullable(count),
	ok: flag,
	state: oneOf(finalStates),
	title: nullable(text),
	contentType: nullable(text),
	charset: nullable(text),
	bytes: count,
	path: nullable(text),
	sha256: nullable(text),
	extracted: dictionary(texts),
	truncated: flag,
	attempts: count,
	startedAt: nullable(text),
	seconds: amount,
	timings: record<Timings>({wait: amount, connect: amount, tls: optional(amount), firstByte: amount, transfer: amount}),
	error: nullable(record<NonNullable<Result['error']>>({code: text, message: text})),
});

const options: Fields<TaskOptions> = {
	output: optional(text),
	mirrors: optional(list(text)),
	checksum: optional(record<Digest>({algorithm: text, hex: text})),
	connections: optional(count),
};

const runStates = ['running', 'paused', 'draining', 'stopping', 'ended'] as const satisfies readonly RunState[];

const answer: Fields<AnswerHead> = {status: count, finalUrl: text, redirects: list(text), headers: dictionary(text)};

type Type = EngineEvent['type'];
type Final = Extract<TaskEvent, {result: Result}>;

const ofRun = <Name extends Type>(
	type: Name,
	fields: Omit<Fields<Extract<EngineEvent, {type: Name}>>, 'at' | 'type'>,
): Shape<EngineEvent> => record({at: moment, type: oneOf([type]), ...fields} as unknown as Fields<EngineEvent>);

const ofTask = <Name extends Type>(
	type: Name,
	fields: Omit<Fields<Extract<EngineEvent, {type: Name}>>, 'at' | 'type' | 'id'>,
): Shape<EngineEvent> => record({at: moment, type: oneOf([type]), id, ...fields} as unknown as Fields<EngineEvent>);

const final = record<Final>({
	at: moment,
	type: oneOf(finalStates),
	id,
	result,
	validators: optional(validators),
	size: optional(count),
	head: optional(record(answer)),
});

/** A line behind the first one. */
export type Entry = Exclude<Line, RecordingLine>;

/** Each line by its type. Whoever adds an event is told by the compiler to add it here, and raises `recordingFormat`. */
const lines: Readonly<Record<Entry['type'], Shape<Entry>>> = {
	run: ofRun('run', {state: oneOf(runStates), why: optional(failure)}),
	limits: ofRun('limits', {
		concurrency: count,
		perHost: nullable(count),
		rate: nullable(amount),
		bandwidth: nullable(amount),
	}),
	host: ofRun('host', {host: text, until: moment, window: nullable(count), why: failure}),
	input: ofRun('input', {open: flag}),
	queued: ofTask('queued', {url: text, host: text, failure: optional(failure), ...options}),
	connecting: ofTask('connecting', {attempt: count}),
	receiving: ofTask('receiving', {
		...answer,
		contentType: optional(text),
		offset: count,
		total: optional(count),
		part: optional(part),
	}),
	extracting: ofTask('extracting', {}),
	waiting: ofTask('waiting', {
		until: moment,
		failure,
		retry: count,
		retries: count,
		head: optional(record(answer)),
	}),
	paused: ofTask('paused', {}),
	saved: ofTask('saved', {part}),
	titled: ofTask('titled', {title: text}),
	promoted: ofTask('promoted', {}),
	done: final,
	failed: final,
	canceled: final,
	skipped: final,
	sample: record<SampleLine>({at: moment, type: oneOf(['sample']), received: count, tasks: dictionary(count)}),
};

/** What a line says. Throws a `Misfit`. */
export function entryOf(value: unknown): Entry {
	const type = isRecord(value) ? value.type : undefined;
	if (typeof type === 'string' && Object.hasOwn(lines, type)) return lines[type as keyof typeof lines](value);
	throw new Misfit(type === undefined ? 'is no event' : `is of an unknown type, ${quoted(type)}`);
}

export const headOf: Shape<RecordingLine> = record<RecordingLine>({
	at: moment,
	type: oneOf(['recording']),
	format: count,
	program: text,
});

/** Something from a stranger in a message of ours. */
export const quoted = (value: unknown): string => {
	const shown = sanitize(JSON.stringify(value) ?? 'nothing');
	return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
};
