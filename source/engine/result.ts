import {sanitize} from '../format/sanitize.ts';
import {totalOf, validatorsOf} from './answer.ts';
import type {TaskEvent, Untimed} from './events.ts';
import {coded, type Failure, failureOf} from './failure.ts';
import type {Job} from './job.ts';
import type {Extracted, Head, PartFile, Stored} from './seams.ts';
import type {FinalState, Result, Task} from './task.ts';

/** A title of half a megabyte is an attack, not a title; UTF-16 units. */
const longestText = 4_096;

/** Text from a stranger, for everyone's eyes; never cut between the halves of a character. */
export const safe = (text: string): string =>
	sanitize(text)
		.slice(0, longestText)
		.replace(/[\ud800-\udbff]$/, '');

const safeFields = (fields: Result['extracted']): Result['extracted'] =>
	Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? safe(value) : value.map(safe)]),
	);

/** What a task came to: what was saved and read, why it failed, or what was made of the same before. */
export type Ending = {stored?: Stored; extracted?: Extracted; failure?: Failure; known?: Result};

/** The event that ends a task. */
export function finalOf(
	job: Job,
	state: FinalState,
	ending: Ending,
	endedAt: number,
): Untimed<Extract<TaskEvent, {result: Result}>> {
	const {task, trace} = job;
	const failure = ending.failure ?? (state === 'canceled' ? failureOf(coded('CANCELED')) : undefined);
	const {known, ...rest} = ending;
	const result = known
		? repeatOf(known, state, task)
		: resultOf(job, state, {...rest, ...(failure && {failure})}, endedAt);
	const validators = state === 'done' && trace?.head ? validatorsOf(trace.head) : {};
	const size = ending.stored?.size;
	return {
		type: state,
		id: task.id,
		result,
		...(Object.keys(validators).length > 0 && {validators}),
		...(size !== undefined && {size}),
	};
}

/** The record of a finished task. Text from strangers is made safe here, once, for every reporter. */
export function resultOf(
	{task, trace, queuedAt}: Pick<Job, 'task' | 'trace' | 'queuedAt'>,
	state: FinalState,
	ending: Ending,
	endedAt: number,
): Result {
	const {stored, extracted, failure} = ending;
	const head = trace?.head;
	const text = (value: string | undefined) => (value === undefined ? null : safe(value));
	return {
		url: task.url,
		finalUrl: text(head?.url),
		status: head?.status ?? null,
		ok: state === 'done' || state === 'skipped',
		state,
		title: text(extracted?.title),
		contentType: text(head?.contentType),
		charset: extracted?.charset ?? null,
		bytes: task.received,
		path: stored?.path ?? null,
		sha256: stored?.sha256 ?? null,
		extracted: safeFields(extracted?.fields ?? {}),
		truncated: extracted?.truncated ?? false,
		attempts: task.attempts,
		startedAt: task.startedAt === undefined ? null : new Date(task.startedAt).toISOString(),
		seconds: task.startedAt === undefined ? 0 : Math.round(endedAt - task.startedAt) / 1000,
		timings: {
			wait: Math.round((trace?.startedAt ?? endedAt) - queuedAt),
			connect: Math.round(head?.timings.connect ?? 0),
			firstByte: Math.round(head?.timings.firstByte ?? 0),
			transfer: Math.round(trace?.headAt === undefined ? 0 : (trace.endedAt ?? endedAt) - trace.headAt),
		},
		error: failure ? {code: failure.code, message: failure.message} : null,
	};
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

/** What an event says of a head, with the text from strangers made safe. @param offset bytes already here */
export function receivingOf(
	head: Head,
	offset: number,
	part: PartFile | undefined,
): Omit<Extract<TaskEvent, {type: 'receiving'}>, 'at' | 'id'> {
	const {url, status, redirects, headers, contentType} = head;
	const total = totalOf(head);
	return {
		type: 'receiving',
		status,
		finalUrl: sanitize(url),
		redirects: redirects.map(sanitize),
		headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, sanitize(value)])),
		offset,
		...(contentType === undefined ? {} : {contentType: sanitize(contentType)}),
		...(total !== undefined && {total}),
		...(part && {part}),
	};
}
