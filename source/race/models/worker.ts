import type {AttemptParts} from '../../engine/attempt.ts';
import {type Handlers, handle} from '../../engine/handlers.ts';
import {fetchPage} from './fetch-page.ts';
import {raceParts} from './parts.ts';
import type {FromWorker, ToWorker} from './workers.ts';

/**
 * A worker of a pool, thread or process: it is given one task at a time, and while that waits for the network all of it waits. The
 * kernel wakes it when there is something to read.
 * @param cpu microseconds that nobody else can tell of
 */
export function serveWorker(
	post: (message: FromWorker) => void,
	listen: (listener: (message: ToWorker) => void) => void,
	cpu: () => number,
): void {
	let parts: AttemptParts | undefined;
	const handlers: Handlers<ToWorker> = {
		async equip({equipment}) {
			parts = await raceParts(equipment);
			post({type: 'ready', cpu: cpu()});
		},
		async task({task}) {
			const result = parts && (await fetchPage(task, parts));
			if (result) post({type: 'done', number: task.number, result, cpu: cpu()});
		},
	};
	listen(message => handle(handlers, message));
}
