import type {Trace} from './attempt.ts';
import type {PartFile} from './seams.ts';
import type {Task} from './task.ts';

/** Why a running attempt is aborted. */
export type Interruption = 'cancel' | 'pause' | 'stop';

/** The engine's own side of a task, beside the row that everyone may see. Gone when the task is final. */
export type Job = {
	readonly task: Task;
	/** With its credentials, which no event ever carries. `about:invalid` for a line that is no URL: it never gets to run. */
	readonly target: URL;
	/** Tries since it was last queued by a person or the input; `task.attempts` counts all. */
	tries: number;
	queuedAt: number;
	/** Raised whenever what p-queue holds for this job is out of date (paused or canceled while queued). */
	ticket: number;
	controller?: AbortController;
	/** What the running attempt is being interrupted for; a later, stronger wish wins. */
	interruption?: Interruption;
	stopWaiting?: () => void;
	part?: PartFile;
	trace?: Trace;
};
