import type {Failure} from './failure.ts';
import type {PartFile, TaskOptions} from './seams.ts';

/** `t17`: a letter first, because an id that looks like a number collides with the ids p-queue assigns itself. */
export type TaskId = `t${number}`;

export const liveStates = ['queued', 'connecting', 'receiving', 'extracting', 'waiting', 'paused'] as const;
export const finalStates = ['done', 'failed', 'canceled', 'skipped'] as const;
export type LiveState = (typeof liveStates)[number];
export type FinalState = (typeof finalStates)[number];
/** The one word that says where a task is. There is no flag beside it. */
export type State = LiveState | FinalState;

/** Which state may follow which. `queued` after a running state is what stopping the run does: the work is left over. */
export const transitions: Readonly<Record<State, readonly State[]>> = {
	queued: ['connecting', 'paused', 'canceled', 'failed', 'skipped'],
	connecting: ['receiving', 'waiting', 'paused', 'queued', 'failed', 'canceled', 'skipped'],
	receiving: ['extracting', 'done', 'waiting', 'paused', 'queued', 'failed', 'canceled'],
	extracting: ['done'],
	waiting: ['queued', 'paused', 'failed', 'canceled'],
	paused: ['queued', 'canceled'],
	done: [],
	failed: ['queued'],
	canceled: ['queued'],
	skipped: [],
};

/** Throws when `to` may not follow `from`: a wrong transition is a bug in the engine, never a user's mistake. */
export function assertTransition(from: State, to: State): void {
	if (!transitions[from].includes(to)) throw new Error(`a task cannot go from ${from} to ${to}`);
}

/** A running task holds a slot, and a slot means a live socket. */
export const isRunning = (state: State): boolean =>
	state === 'connecting' || state === 'receiving' || state === 'extracting';

export const isFinal = (state: State): state is FinalState => (finalStates as readonly State[]).includes(state);

/**
 * Times in milliseconds: queued before the last attempt, until the request went out, until the head, until the end. `tls` is a part
 * of `connect`, where a connection was made for it that has TLS.
 */
export type Timings = {wait: number; connect: number; tls?: number; firstByte: number; transfer: number};

/** What `--json` prints for a finished task, key for key. README documents each. */
export type Result = {
	url: string;
	finalUrl: string | null;
	status: number | null;
	ok: boolean;
	state: FinalState;
	title: string | null;
	contentType: string | null;
	charset: string | null;
	/** Body bytes received: after transfer coding, before content coding. */
	bytes: number;
	path: string | null;
	/** Of the saved file, in hex, when it was computed. */
	sha256: string | null;
	extracted: Record<string, string | string[]>;
	/** The page went on behind what was searched for `extracted`. */
	truncated: boolean;
	attempts: number;
	/** ISO 8601, when the first attempt began. */
	startedAt: string | null;
	seconds: number;
	timings: Timings;
	error: {code: string; message: string} | null;
};

/** An attempt that came to nothing. Times are epoch milliseconds. */
export type Tried = {
	/** Counts all of them, from 1. */
	attempt: number;
	startedAt: number;
	/** When the head of an answer was there whose body was to be had. */
	headAt?: number;
	endedAt: number;
	/** Body bytes on this side when it ended. */
	received: number;
	failure: Pick<Failure, 'code' | 'message' | 'retryAfter'>;
};

/** One row: what a screen may know of a task. Plain data; only the store writes to it, but for `received`. */
export type Task = {
	readonly id: TaskId;
	/** 1, 2, 3 … in the order of the input. */
	readonly number: number;
	/** As given, without credentials and control characters. */
	readonly url: string;
	readonly host: string;
	/** What it wants otherwise than the rest. */
	readonly options: TaskOptions;
	state: State;
	/** When the state began, epoch milliseconds. */
	since: number;
	/** When the first attempt began. */
	startedAt?: number;
	attempts: number;
	/** When the last attempt began, and when its head was there. */
	attemptAt?: number;
	headAt?: number | undefined;
	/** The last attempts that failed, oldest first. */
	tried?: readonly Tried[] | undefined;
	/** Body bytes on this side so far. A sample, not an event: the attempt adds to it chunk by chunk. */
	received: number;
	/** Body bytes in all, when the server said so. */
	total?: number;
	/** Of the answer that the last attempt got, if it got one; so are the next four. */
	status?: number | undefined;
	finalUrl?: string | undefined;
	contentType?: string | undefined;
	redirects?: readonly string[] | undefined;
	headers?: Readonly<Record<string, string>> | undefined;
	/** Where its body goes, and which of it was there when that was told last. */
	part?: PartFile;
	title?: string;
	/** While `waiting`: why, and the epoch milliseconds until when. */
	waiting?: {until: number; failure: Failure; retry: number; retries: number};
	result?: Result;
};
