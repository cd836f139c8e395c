import {type Search, searchPage} from './search.ts';

// Ctrl-C in a terminal goes to every process there; when this one ends is for the one that started it to say. If that has
// ended, there is nothing left to keep this one.
process.on('SIGINT', () => {});

/** Parses pages away from the loop that everything else runs on. One at a time; what it throws comes back as a word. */
process.on('message', (search: Search) => {
	let answer: unknown;
	try {
		answer = searchPage(search);
	} catch (error) {
		answer = error instanceof Error ? error.message : String(error);
	}
	process.send?.(answer);
});
