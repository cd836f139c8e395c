// The script of a thread with a parser in it. Its parts are loaded only when they may come from the cache.
import module from 'node:module';
import {parentPort} from 'node:worker_threads';

module.enableCompileCache?.();
const {serveParser} = await import('./parser.ts');
serveParser(
	message => parentPort?.postMessage(message),
	listener => parentPort?.on('message', listener),
);
