import type {Equipment} from '../seams.ts';
import type {TaskQueue} from './task-queue.ts';

/** Workers in a row that may end before they were ready: more of them will not help. */
export const mostStillborn = 3;

/** What a model is handed, in a process of its own. */
export type RunnerContext = {
	tasks: TaskQueue;
	equipment: Equipment;
	/** Tasks at once. */
	limit: number;
};

/** A model at work. It takes tasks from the queue, as many at once as it may, and hands in their records. */
export type Runner = {
	/** Resolves when all workers it begins with are ready. Rejects if they cannot be had. */
	open(): Promise<void>;
	/** The start signal. */
	go(): void;
	setLimit(value: number): void;
	/** Ends one of its workers at random, or the task it is at: to see what becomes of it. */
	kill(): void;
	/** Microseconds of CPU of its other processes: until the start signal those of their start, from then on those since. */
	cpuElsewhere(): number;
	/** Its other processes. */
	pids(): number[];
	usage(): {running: number; workers: number; messages: number; copied: number; full: number};
	/** Ends all workers; resolves when they have ended. */
	close(): Promise<void>;
};

export type OpenRunner = (context: RunnerContext) => Runner;
