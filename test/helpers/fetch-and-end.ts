/** Fetches the URLs it is given into the folder it is given, through the library, and ends by itself or never. */
import {createEngine} from '../../source/index.ts';

const [dir = '', ...urls] = process.argv.slice(2);
const engine = createEngine({
	dir,
	retries: 1,
	timeout: 1_000,
	connectTimeout: 60_000,
	maxSize: 100_000,
	concurrency: 64,
});
const ended: unknown[] = [];
engine.subscribe(event => {
	if ('result' in event) ended.push([event.result.url, event.result.error?.code ?? 'done', event.result.attempts]);
});
await engine.run(urls);
await engine.close();
// Sockets say goodbye in a turn of their own; no timer of ours may be left at all.
await new Promise(resolve => setImmediate(resolve));
process.stdout.write(JSON.stringify({ended, active: process.getActiveResourcesInfo()}));
