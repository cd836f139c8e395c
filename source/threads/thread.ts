import {Worker, type WorkerOptions} from 'node:worker_threads';
import {youngLimits} from './young-objects.ts';

/** Starts a thread of ours. */
export function startThread(script: URL, options: WorkerOptions): Worker {
	return new Worker(script, {...options, resourceLimits: youngLimits});
}
