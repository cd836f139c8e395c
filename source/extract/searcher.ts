import {Offload} from './offload.ts';
import type {Found, Search} from './search.ts';

/**
 * A page beyond either is searched in another process. 64 KiB of text take 3 ms here and 64 KiB of tags 15; but the cost of deep
 * pages, and of selectors such as `:has()` and `:nth-child()`, grows with the square of the elements: 600 of them, nested, take
 * 10 ms where 2,000 take 100. Each selector walks them again, so many of them count as more tags. And parse5 compares each
 * attribute with all before it in its tag: `names` is the sum of the squares of how many there may be, 4 million of which take 10 ms
 * where a tag of 64 KiB has 80 million.
 */
const light = {bytes: 64 * 1024, tags: 600, fields: 4, names: 4_000_000};

/** Searches light pages at once and heavy ones off the loop, so that the screen and the other tasks never stutter. */
export class Searcher {
	readonly #offload: Offload;

	constructor(offload = new Offload()) {
		this.#offload = offload;
	}

	/** Resolves with undefined for a page that cannot be searched */
	async search({chunks, ...page}: Omit<Search, 'bytes'> & {chunks: readonly Uint8Array[]}): Promise<Found | undefined> {
		const bytes = joined(chunks);
		return isHeavy(bytes, page.fields.length) ? this.#offload.search({...page, bytes}) : searchHere({...page, bytes});
	}
}

/** Searches every page at once, however long that takes: for whoever wants to see what it takes. */
export const searcherHere: Pick<Searcher, 'search'> = {
	search: ({chunks, ...page}) => searchHere({...page, bytes: joined(chunks)}),
};

async function searchHere(search: Search): Promise<Found | undefined> {
	const {searchPage} = await import('./search.ts');
	try {
		return searchPage(search);
	} catch {
		return undefined;
	}
}

/** All of them in one piece of memory of its own. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(chunks.reduce((sum, {length}) => sum + length, 0));
	let at = 0;
	for (const chunk of chunks) {
		bytes.set(chunk, at);
		at += chunk.length;
	}
	return bytes;
}

function isHeavy(bytes: Uint8Array, fields: number): boolean {
	if (bytes.length > light.bytes) return true;
	const mostTags = light.tags * Math.min(1, Math.sqrt(light.fields / fields));
	let tags = 0;
	let names = 0;
	let run = 0;
	for (const byte of bytes) {
		if (byte === 0x3c) {
			tags++;
			names += run * run;
			run = 0;
		} else if (separators.has(byte)) run++;
	}
	return tags > mostTags || names + run * run > light.names;
}

/**
 * One of these stands before each attribute: blanks, quotes, a slash. They are counted up to the next `<`, in text too: where a tag
 * ends only a parser knows.
 */
const separators = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x22, 0x27, 0x2f]);
