import {Worker, type WorkerOptions} from 'node:worker_threads';
import {youngLimits} from './young-objects.ts';

/** Starts a thread of ours. Beside this file there is its script, of the same extension, in the source and in the bundle. */
export function startThread(script: 'engine-thread' | 'crew-thread', options: WorkerOptions): Worker {
	const {url} = import.meta;
	const extension = url.slice(url.lastIndexOf('.'));
	return new Worker(new URL(`./${script}${extension}`, url), {...options, resourceLimits: youngLimits});
}
