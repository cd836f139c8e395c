import {type Attempted, type AttemptObserver, type AttemptParts, attempt, type Outcome} from '../../engine/attempt.ts';
import {coded, failureOf} from '../../engine/failure.ts';
import {nowhere, readItem} from '../../engine/item.ts';
import {type Finished, resultOf} from '../../engine/result.ts';
import type {Extracted} from '../../engine/seams.ts';
import type {Result} from '../../engine/task.ts';
import type {RaceTask} from '../seams.ts';

/** A page that was tried, and all that its record will say but for what stands in it. Plain data, for it travels. */
export type Tried = Finished & {outcome: Exclude<Outcome, {kind: 'interrupted'}>};

/** A signal that nobody raises: who wants a worker to stop ends it. */
const never = new AbortController().signal;

/** One page, by the engine's own attempt. Never rejects; undefined when the signal has interrupted it. */
export async function tryPage(
	{number, url, attempt: attempts}: RaceTask,
	parts: AttemptParts,
	signal: AbortSignal = never,
): Promise<Tried | undefined> {
	const startedAt = parts.clock.now();
	const {targets = nowhere, url: shown, options} = readItem({url});
	const task = {url: shown, received: 0, attempts, startedAt};
	const job: Attempted = {task: {url: shown, number, options}, targets, headers: []};
	const observer: AttemptObserver = {
		receiving() {},
		received(bytes) {
			task.received += bytes;
		},
		saved() {},
		titled() {},
		extracting() {},
	};
	const outcome = await attempt(job, parts, observer, signal);
	return outcome.kind === 'interrupted' ? undefined : {task, trace: job.trace, queuedAt: startedAt, outcome};
}

/** The record of a page. @param extracted what was read from it, where somebody else has read it */
export function recordOf({outcome, ...finished}: Tried, now: number, extracted?: Extracted): Result {
	if (outcome.kind === 'failed') return resultOf(finished, 'failed', outcome, now);
	if (outcome.kind === 'unchanged') return resultOf(finished, 'skipped', {}, now);
	return resultOf(finished, 'done', {...outcome, ...(extracted && {extracted})}, now);
}

/** The record of a task whose workers have died, one after the other. */
export function lostRecord({url, attempt: attempts}: RaceTask, why: string, now: number): Result {
	const task = {url: readItem({url}).url, received: 0, attempts, startedAt: now};
	return resultOf(
		{task, trace: undefined, queuedAt: now},
		'failed',
		{failure: failureOf(coded('WORKER_DIED', why))},
		now,
	);
}

/** A page and its record in one, as most models have it. */
export async function fetchPage(
	task: RaceTask,
	parts: AttemptParts,
	signal: AbortSignal = never,
): Promise<Result | undefined> {
	const tried = await tryPage(task, parts, signal);
	return tried && recordOf(tried, parts.clock.now());
}
