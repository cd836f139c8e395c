// The script of a thread of the crew. Its parts are loaded only when they may come from the cache.
import module from 'node:module';
import {workerData} from 'node:worker_threads';

module.enableCompileCache?.();
const {serveCrew} = await import('./serve-crew.ts');
await serveCrew(workerData);
