import type {Handlers} from './handlers.ts';
import type {TaskId} from './task.ts';

/**
 * What keys, signals, library callers and tests may ask of a running engine. Values are absolute, so a repeat is harmless;
 * a command that makes no sense now does nothing.
 */
export type Command =
	| {type: 'set-concurrency'; value: number}
	/** Null for no limit. */
	| {type: 'set-per-host'; value: number | null}
	/** Task starts a second. */
	| {type: 'set-rate'; value: number | null}
	/** Bytes a second. */
	| {type: 'set-bandwidth'; value: number | null}
	| {type: 'pause'}
	| {type: 'resume'}
	/** All that failed, or those that failed for this reason, or of this host. */
	| {type: 'retry-failed'; code?: string; host?: string}
	| {type: 'pause-task'; id: TaskId}
	| {type: 'resume-task'; id: TaskId}
	| {type: 'cancel'; id: TaskId}
	/**
	 * A failed task starts over; a waiting one stops waiting; a canceled one goes on where it was, before all others: whoever takes
	 * a cancel back wants it as if it had never been.
	 */
	| {type: 'retry'; id: TaskId}
	/** Whatever its host: it is the next one to start, as soon as its host may start one. A paused or waiting one is queued for it. */
	| {type: 'promote'; id: TaskId}
	| {type: 'add'; urls: readonly string[]}
	/** `drain` finishes what runs and starts nothing more; `abort` stops now and keeps every part file. */
	| {type: 'stop'; mode: 'drain' | 'abort'};

/** What to do for commands of these types. */
export type CommandHandlers<Types extends Command['type']> = Handlers<Extract<Command, {type: Types}>>;
