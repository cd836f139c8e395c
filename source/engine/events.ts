import type {Failure} from './failure.ts';
import type {PartFile, TaskOptions, Validators} from './seams.ts';
import type {FinalState, Result, TaskId} from './task.ts';

/**
 * The state of the run as a whole. `ended` means nothing is left to do or everything has stopped; a retry or an added URL
 * starts it again, unless it was stopped.
 */
export type RunState = 'running' | 'paused' | 'draining' | 'stopping' | 'ended';

/** What holds tasks back; null for no limit. `rate` in starts a second, `bandwidth` in bytes a second. */
export type Limits = {concurrency: number; perHost: number | null; rate: number | null; bandwidth: number | null};

type OfRun =
	/** `why` when it paused by itself. */
	| {type: 'run'; state: RunState; why?: Failure}
	| ({type: 'limits'} & Limits)
	/**
	 * A host has asked for less: none of its tasks starts before `until` (epoch milliseconds), and then at most `window` at once;
	 * null when that is over.
	 */
	| {type: 'host'; host: string; until: number; window: number | null; why: Failure}
	/** Whether some input still has URLs that were not read yet. */
	| {type: 'input'; open: boolean};

/** What an answer without a body worth having said. */
export type AnswerHead = Pick<Extract<OfTask, {type: 'receiving'}>, 'status' | 'finalUrl' | 'redirects' | 'headers'>;

/** An event of a task is named after the state it enters, but for `saved`, `titled` and `promoted`. */
type OfTask =
	/** `failure` when it comes straight from an attempt that failed: there is another place to ask, or no room on the disk. */
	| ({type: 'queued'; url: string; host: string; failure?: Failure} & TaskOptions)
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
			/** Where they are saved, if they are. */
			part?: PartFile;
	  }
	| {type: 'extracting'}
	/** `head` of the answer, if there was one and no `receiving` has told it. */
	| {type: 'waiting'; until: number; failure: Failure; retry: number; retries: number; head?: AnswerHead}
	| {type: 'paused'}
	/** Not a state of its own: what of the body is safe by now, told from time to time while it is being received. */
	| {type: 'saved'; part: PartFile}
	/** Not a state either: the title of a page whose body is still arriving. */
	| {type: 'titled'; title: string}
	/** Nor this: a queued task comes first now, of all that are live. */
	| {type: 'promoted'}
	/** `size`: bytes of the file, which are others than were received where it is saved decoded. `head` as of `waiting`. */
	| {type: FinalState; result: Result; validators?: Validators; size?: number; head?: AnswerHead};

/** Plain JSON, in order, none dropped: what `--events` writes is what a listener gets. `at` is in epoch milliseconds. */
export type EngineEvent = {at: number} & (OfRun | ({id: TaskId} & OfTask));
export type TaskEvent = Extract<EngineEvent, {id: TaskId}>;
export type RunEvent = Exclude<EngineEvent, TaskEvent>;

/** An event before it has its time. */
export type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

export type Listener = (event: EngineEvent) => void;
