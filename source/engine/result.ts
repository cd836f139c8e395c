import {sanitize} from '../format/sanitize.ts';
import {totalOf, validatorsOf} from './answer.ts';
import type {AnswerHead, TaskEvent, Untimed} from './events.ts';
import {coded, type Failure, failureOf} from './failure.ts';
import type {Job} from './job.ts';
import type {Extracted, Head, PartFile, Stored} from './seams.ts';
import type {FinalState, Result, Task, TaskId, Timings} from './task.ts';

/** A title of half a megabyte is an attack, not a title; UTF-16 units. */
const longestText = 4_096;

/** Text from a stranger, for everyone's eyes; never cut between the halves of a character. */
export const safe = (text: string): string =>
	sanitize(text)
		.slice(0, longestText)
		.replace(/[\ud800-\udbff]$/, '');

const safeFields = (fields: Result['extracted'] = {}): Result['extracted'] => {
	const all: Result['extracted'] = {};
	for (const [name, value] of Object.entries(fields))
		all[name] = typeof value === 'string' ? safe(value) : value.map(safe);
	return all;
};

const textOf = (value: string | undefined): string | null => (value === undefined ? null : safe(value));

/** What a task came to: what was saved and read, why it failed, or what was made of the same before. */
export type Ending = {
	stored?: Stored | undefined;
	extracted?: Extracted | undefined;
	failure?: Failure | undefined;
	known?: Result | undefined;
	head?: AnswerHead | undefined;
};

/** The event that ends a task. */
export function finalOf(
	job: Job,
	state: FinalState,
	ending: Ending,
	endedAt: number,
): Untimed<Extract<TaskEvent, {result: Result}>> {
	const {task, trace} = job;
	const failure = ending.failure ?? (state === 'canceled' ? failureOf(coded('CANCELED')) : undefined);
	const {known, stored, extracted} = ending;
	const result = known ? repeatOf(known, state, task) : resultOf(job, state, {stored, extracted, failure}, endedAt);
	const event: Untimed<Extract<TaskEvent, {result: Result}>> = {type: state, id: task.id, result};
	if (state === 'done' && trace?.head) {
		const validators = validatorsOf(trace.head);
		if (validators.etag !== undefined || validators.lastModified !== undefined) event.validators = validators;
	}
	if (stored?.size !== undefined) event.size = stored.size;
	if (ending.head) event.head = ending.head;
	return event;
}

/** What a record says of the task itself. */
export type Finished = Pick<Job, 'trace' | 'queuedAt'> & {
	task: Pick<Readonly<Task>, 'url' | 'received' | 'attempts' | 'startedAt'>;
};

/** The record of a finished task. Text from strangers is made safe here, once, for every reporter. */
export function resultOf(
	{task, trace, queuedAt}: Finished,
	state: FinalState,
	ending: Ending,
	endedAt: number,
): Result {
	const {stored, extracted, failure} = ending;
	const head = trace?.head;
	return {
		url: task.url,
		finalUrl: textOf(head?.url),
		status: head?.status ?? null,
		ok: state === 'done' || state === 'skipped',
		state,
		title: textOf(extracted?.title),
		contentType: textOf(head?.contentType),
		charset: extracted?.charset ?? null,
		bytes: task.received,
		path: stored?.path ?? null,
		sha256: stored?.sha256 ?? null,
		extracted: safeFields(extracted?.fields),
		truncated: extracted?.truncated ?? false,
		attempts: task.attempts,
		startedAt: task.startedAt === undefined ? null : new Date(task.startedAt).toISOString(),
		seconds: task.startedAt === undefined ? 0 : Math.round(endedAt - task.startedAt) / 1000,
		timings: timingsOf(trace, queuedAt, endedAt),
		error: failure ? {code: failure.code, message: failure.message} : null,
	};
}

function timingsOf(trace: Job['trace'], queuedAt: number, endedAt: number): Timings {
	const {connect = 0, tls, firstByte = 0} = trace?.head?.timings ?? {};
	const timings: Timings = {
		wait: Math.round((trace?.startedAt ?? endedAt) - queuedAt),
		connect: Math.round(connect),
		firstByte: Math.round(firstByte),
		transfer: Math.round(trace?.headAt === undefined ? 0 : (trace.endedAt ?? endedAt) - trace.headAt),
	};
	if (tls !== undefined) timings.tls = Math.round(tls);
	return timings;
}

/** The record of a task that need not be asked for: an earlier run has done it, the server says it is what it was, or it was listed twice. */
const repeatOf = (known: Result, state: FinalState, {url, attempts, startedAt}: Readonly<Task>): Result => ({
	...known,
	url,
	ok: state === 'skipped',
	state,
	bytes: 0,
	attempts,
	startedAt: startedAt === undefined ? null : new Date(startedAt).toISOString(),
	seconds: 0,
	timings: {wait: 0, connect: 0, firstByte: 0, transfer: 0},
	error: state === 'skipped' ? null : known.error,
});

function safeHeaders(headers: Head['headers']): Record<string, string> {
	const all: Record<string, string> = {};
	for (const name in headers) all[name] = sanitize(headers[name] as string);
	return all;
}

/** The head of the answer that an attempt failed with, with the text from strangers made safe; undefined if `receiving` told it. */
export function untoldHead({task, trace}: Pick<Job, 'task' | 'trace'>): AnswerHead | undefined {
	const head = trace?.head;
	if (!head || (task.state !== 'connecting' && task.status === head.status)) return undefined;
	const {url, status, redirects, headers} = head;
	return {status, finalUrl: sanitize(url), redirects: redirects.map(sanitize), headers: safeHeaders(headers)};
}

/** What an event says of a head, with the text from strangers made safe. @param offset bytes already here */
export function receivingOf(
	id: TaskId,
	head: Head,
	offset: number,
	part: PartFile | undefined,
): Untimed<Extract<TaskEvent, {type: 'receiving'}>> {
	const {url, status, redirects, headers, contentType} = head;
	const total = totalOf(head);
	const event: ReturnType<typeof receivingOf> = {
		type: 'receiving',
		id,
		status,
		finalUrl: sanitize(url),
		redirects: redirects.map(sanitize),
		headers: safeHeaders(headers),
		offset,
	};
	if (contentType !== undefined) event.contentType = sanitize(contentType);
	if (total !== undefined) event.total = total;
	if (part) event.part = part;
	return event;
}
