import {parentPort} from 'node:worker_threads';
import {type Search, searchPage} from './search.ts';

/** Parses pages away from the loop that everything else runs on. One at a time; what it throws comes back as a word. */
parentPort?.on('message', (search: Search) => {
	try {
		parentPort?.postMessage(searchPage(search));
	} catch (error) {
		parentPort?.postMessage(error instanceof Error ? error.message : String(error));
	}
});
