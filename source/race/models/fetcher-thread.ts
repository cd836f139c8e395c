// The script of a thread with the fetchers in it. Its parts are loaded only when they may come from the cache.
import module from 'node:module';
import {parentPort} from 'node:worker_threads';

module.enableCompileCache?.();
const {serveFetchers} = await import('./fetcher.ts');
serveFetchers(
	message => parentPort?.postMessage(message),
	listener => parentPort?.on('message', listener),
);
