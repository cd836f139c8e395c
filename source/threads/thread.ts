import {Worker, type WorkerOptions} from 'node:worker_threads';
import {youngLimits} from './young-objects.ts';

/** Starts a thread of ours, from a script that `scriptBeside` has found. */
export const startThread = (script: URL, options: WorkerOptions): Worker =>
	new Worker(script, {...options, resourceLimits: {...youngLimits, ...options.resourceLimits}});
