// The script of the thread of the race's site. Its parts are loaded only when they may come from the cache.
import module from 'node:module';
import {parentPort, workerData} from 'node:worker_threads';

module.enableCompileCache?.();
const {startRaceSite} = await import('./race-site.ts');
const {urls, origin} = await startRaceSite(workerData);
parentPort?.postMessage({urls, origin});
