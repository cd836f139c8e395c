import type {Trace} from './attempt.ts';
import {type Failure, failures} from './failure.ts';
import type {Known} from './past.ts';
import type {Header, PartFile, Validators} from './seams.ts';
import type {Result, Task} from './task.ts';

/** Why a running attempt is aborted. */
export type Interruption = 'cancel' | 'pause' | 'stop';

/** The engine's own side of a task, beside the row that everyone may see. Gone when the task is final. */
export type Job = {
	readonly task: Task;
	/**
	 * Where to ask next, then its mirrors; with their credentials, which no event ever carries. `about:invalid` for a line that
	 * is no URL: it never gets to run.
	 */
	targets: readonly [URL, ...URL[]];
	/** All of them, for when a person starts it over. */
	readonly mirrors: Job['targets'];
	readonly headers: readonly Header[];
	/** Tries since it was last queued by a person or the input; `task.attempts` counts all. */
	tries: number;
	queuedAt: number;
	/** Raised whenever what p-queue holds for this job is out of date (paused or canceled while queued). */
	ticket: number;
	controller?: AbortController | undefined;
	/** What the running attempt is being interrupted for; a later, stronger wish wins. */
	interruption?: Interruption | undefined;
	stopWaiting?: (() => void) | undefined;
	/** Of its host's manners (see `Courtesy`), when the running attempt began. */
	epoch: number;
	/** Its host said that it was too much, in the last try. */
	refused: boolean;
	/** Refusals that were not its fault. */
	excused: number;
	/** Earlier runs have been asked about it. */
	recalling?: Promise<Known | undefined>;
	/** What they said is taken into account. */
	recalled?: true;
	/** What they made of it, when that may still do. */
	known?: Result;
	/** The version at hand, if it would do. */
	unless?: Validators;
	part?: PartFile | undefined;
	/** Bytes of it that were there when the last try failed. */
	kept?: number;
	trace?: Trace | undefined;
	/** What it fetches, for those that fetch the same; and those, which wait for what comes of it. */
	key?: string;
	followers?: Set<Job> | undefined;
};

export const newJob = (task: Task, targets: Job['targets'], headers: readonly Header[]): Job => ({
	task,
	targets,
	mirrors: targets,
	headers,
	tries: 0,
	queuedAt: task.since,
	ticket: 0,
	epoch: 0,
	refused: false,
	excused: 0,
});

/** Takes up what an earlier run left: a part, or a finished file whose version may still be the server's. */
export function goOnFrom(job: Job, known: Known, update: boolean): void {
	if (known.kind === 'part') {
		job.part = known.part;
		return;
	}
	const {result, validators, edited} = known;
	if (!update || result.path === null || edited) return;
	job.known = result;
	// Without a name for its version the only way to know is to fetch it again.
	if (Object.keys(validators).length > 0) job.unless = validators;
	job.part = {path: result.path, ranges: [], replaces: 'good'};
}

/** Where to ask after this failure, if there is another place: the next in turn, without the one that will never do. */
export function mirrorsAfter([first, next, ...others]: Job['targets'], failure: Failure): Job['targets'] | undefined {
	if (!next || failures[failure.code]?.local) return undefined;
	return failure.retryable ? [next, ...others, first] : [next, ...others];
}
