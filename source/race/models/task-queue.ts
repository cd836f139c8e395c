import type {Result} from '../../engine/task.ts';
import type {RaceTask} from '../seams.ts';
import {lostRecord} from './fetch-page.ts';

/** Workers that may die of one task before it counts as failed. */
const mostAttempts = 3;

/** What becomes of the tasks, as others hear of it. */
export type QueueObserver = {
	/** Once for each task. */
	record(number: number, result: Result): void;
	/** Something went wrong that is no task's own failure. */
	incident(text: string): void;
};

/**
 * The tasks of one lane: each is waiting, handed out, or has its one record. Whatever dies or comes twice, none is lost and none
 * counts twice.
 */
export class TaskQueue {
	readonly #waiting: RaceTask[];
	readonly #handedOut = new Map<number, RaceTask>();
	readonly #observer: QueueObserver;
	readonly #finished = Promise.withResolvers<void>();

	constructor(tasks: readonly RaceTask[], observer: QueueObserver) {
		// The end of an array is taken off without moving the rest.
		this.#waiting = tasks.toReversed();
		this.#observer = observer;
		this.#endIfEmpty();
	}

	/** Resolves when every task has its record. */
	get finished(): Promise<void> {
		return this.#finished.promise;
	}

	get running(): number {
		return this.#handedOut.size;
	}

	get hasMore(): boolean {
		return this.#waiting.length > 0;
	}

	/** The next task, now handed out. */
	next(): RaceTask | undefined {
		const task = this.#waiting.pop();
		if (task) this.#handedOut.set(task.number, task);
		return task;
	}

	/** A record has come. One that comes again (its worker was thought dead) is passed over. */
	finish(number: number, result: Result): void {
		if (!this.#handedOut.delete(number)) return;
		this.#observer.record(number, result);
		this.#endIfEmpty();
	}

	/** Whoever had it is gone: it begins again, before the others; after too many of them it has failed. */
	lost(number: number, why: string): void {
		const task = this.#handedOut.get(number);
		if (!task) return;
		if (task.attempt >= mostAttempts) {
			this.#observer.incident(`${why}: task ${number} has failed, after ${mostAttempts} attempts`);
			this.finish(number, lostRecord(task, why, Date.now()));
			return;
		}
		this.#handedOut.delete(number);
		this.#waiting.push({...task, attempt: task.attempt + 1});
		this.#observer.incident(`${why}: task ${number} begins again`);
	}

	incident(text: string): void {
		this.#observer.incident(text);
	}

	/** The lane cannot go on. */
	fail(error: unknown): void {
		this.#finished.reject(error);
	}

	#endIfEmpty(): void {
		if (this.#waiting.length + this.#handedOut.size === 0) this.#finished.resolve();
	}
}
