import type {TaskEvent} from './events.ts';
import {isRunning, type Task, type Tried} from './task.ts';

/** Attempts of one task that are remembered. A list of retries without end is no longer read by anybody. */
const most = 20;

/** Writes the attempt down that this event ends, if it came to nothing. To be called before the task has the state of the event. */
export function remember(task: Task, event: TaskEvent): void {
	const failure = failureIn(event);
	if (!failure || !isRunning(task.state)) return;
	const {attempts: attempt, attemptAt: startedAt = task.since, headAt, received, tried = []} = task;
	const last: Tried = {
		attempt,
		startedAt,
		...(headAt !== undefined && {headAt}),
		endedAt: event.at,
		received,
		failure,
	};
	task.tried = [...tried.slice(-(most - 1)), last];
}

function failureIn(event: TaskEvent): Tried['failure'] | undefined {
	if (event.type === 'failed') return event.result.error ?? undefined;
	return event.type === 'waiting' || event.type === 'queued' ? event.failure : undefined;
}
