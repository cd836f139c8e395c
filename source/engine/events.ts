import type {Failure} from './failure.ts';
import type {FinalState, Result, TaskId} from './task.ts';

/**
 * The state of the run as a whole. `ended` means nothing is left to do or everything has stopped; a retry or an added URL
 * starts it again, unless it was stopped.
 */
export type RunState = 'running' | 'paused' | 'draining' | 'stopping' | 'ended';

type OfRun =
	| {type: 'run'; state: RunState}
	| {type: 'limits'; concurrency: number; perHost: number | null}
	/** Whether some input still has URLs that were not read yet. */
	| {type: 'input'; open: boolean};

/** An event of a task is named after the state it enters. */
type OfTask =
	| {type: 'queued'; url: string; host: string}
	| {type: 'connecting'; attempt: number}
	| {
			type: 'receiving';
			status: number;
			finalUrl: string;
			redirects: readonly string[];
			headers: Readonly<Record<string, string>>;
			contentType?: string;
			/** Bytes already here when this attempt began to receive. */
			offset: number;
			total?: number;
	  }
	| {type: 'extracting'}
	| {type: 'waiting'; until: number; failure: Failure; retry: number; retries: number}
	| {type: 'paused'}
	| {type: FinalState; result: Result};

/** Plain JSON, in order, none dropped: what `--events` writes is what a listener gets. `at` is in epoch milliseconds. */
export type EngineEvent = {at: number} & (OfRun | ({id: TaskId} & OfTask));
export type TaskEvent = Extract<EngineEvent, {id: TaskId}>;
export type RunEvent = Exclude<EngineEvent, TaskEvent>;

/** An event before it has its time. */
export type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

export type Listener = (event: EngineEvent) => void;
