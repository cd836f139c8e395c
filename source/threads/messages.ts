import type {MessagePort} from 'node:worker_threads';
import type {Options} from '../cli/options.ts';
import type {Command} from '../engine/commands.ts';
import type {EngineEvent} from '../engine/events.ts';
import type {Item} from '../engine/intake.ts';
import type {TaskId} from '../engine/task.ts';

/** How many body bytes of a task are here. */
export type Sample = readonly [id: TaskId, received: number];

/**
 * Events in their order. A sample stands before the event that takes its task out of `receiving`, and at the end those of the tasks
 * that go on. Sent as they are: structured clone costs the thread that sends 3–4 µs for the five events of a page, a string of JSON
 * 4–5 and `v8.serialize` 5–7; reading costs about the same 7 by all three.
 */
export type Batch = {
	entries: Array<EngineEvent | Sample>;
	/** Of all tasks, in bytes. */
	received: number;
};

/** What the engine's thread is started with. */
export type Boot = {
	port: MessagePort;
	options: Options;
	attended: boolean;
	/** Int32 by `endedAt`. */
	ended: SharedArrayBuffer;
};

/** Int32 by index: whether the engine's thread has done all it has to do before it ends, and its exit code. */
export const endedAt = {flag: 0, code: 1} as const;

/** To the engine's thread. `run` numbers the lists that are run. */
export type ToEngine =
	| {type: 'run'; run: number}
	| {type: 'items'; run: number; items: Item[]}
	/** There are no more, or they cannot be read any further. */
	| {type: 'end'; run: number; error?: unknown}
	| {type: 'dispatch'; command: Command}
	/** So many entries of batches have been dealt with. */
	| {type: 'heard'; entries: number}
	/** Closes what was opened, and ends the thread. */
	| {type: 'close'}
	/** Ends the thread at once. */
	| {type: 'leave'};

/** From the engine's thread. */
export type FromEngine =
	| {type: 'opened'}
	/** It could not be opened. */
	| {type: 'refused'; error: unknown; isUsage: boolean}
	| ({type: 'batch'} & Batch)
	/** What came of the oldest command that was not answered yet has been sent. */
	| {type: 'dispatched'}
	/** The engine has taken so many more items. */
	| {type: 'took'; run: number; items: number}
	/** A run has ended. `items`: how many it has taken beside those that `took` has told. */
	| {type: 'ran'; run: number; items: number; broken: boolean; error?: unknown}
	| {type: 'complain'; message: string}
	| {type: 'closed'; warnings: string[]};
