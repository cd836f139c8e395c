// The script of a thread of the pool. Its parts are loaded only when they may come from the cache.
import module from 'node:module';
import {parentPort} from 'node:worker_threads';

module.enableCompileCache?.();
const {serveWorker} = await import('./worker.ts');
serveWorker(
	message => parentPort?.postMessage(message),
	listener => parentPort?.on('message', listener),
	// It is a part of what its process has used.
	() => 0,
);
