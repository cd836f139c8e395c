// The script of the engine's thread. Its parts are loaded only when they may come from the cache.
import module from 'node:module';
import {workerData} from 'node:worker_threads';

module.enableCompileCache?.();
const {serve} = await import('./serve.ts');
await serve(workerData);
