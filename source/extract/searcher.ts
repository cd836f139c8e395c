import {Offload} from './offload.ts';
import type {Found, Search} from './search.ts';

/**
 * A page beyond either is searched in another process. 64 KiB of text take 3 ms here and 64 KiB of tags 15; but the cost of deep
 * pages, and of selectors such as `:has()` and `:nth-child()`, grows with the square of the elements: 600 of them, nested, take
 * 10 ms where 2,000 take 100.
 */
const light = {bytes: 64 * 1024, tags: 600};

/** Searches light pages at once and heavy ones off the loop, so that the screen and the other tasks never stutter. */
export class Searcher {
	readonly #offload: Offload;

	constructor(offload = new Offload()) {
		this.#offload = offload;
	}

	/** Resolves with undefined for a page that cannot be searched */
	async search({chunks, ...page}: Omit<Search, 'bytes'> & {chunks: readonly Uint8Array[]}): Promise<Found | undefined> {
		const bytes = joined(chunks);
		if (isHeavy(bytes)) return this.#offload.search({...page, bytes});
		const {searchPage} = await import('./search.ts');
		try {
			return searchPage({...page, bytes});
		} catch {
			return undefined;
		}
	}
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
	const bytes = new Uint8Array(chunks.reduce((sum, {length}) => sum + length, 0));
	let at = 0;
	for (const chunk of chunks) {
		bytes.set(chunk, at);
		at += chunk.length;
	}
	return bytes;
}

function isHeavy(bytes: Uint8Array): boolean {
	if (bytes.length > light.bytes) return true;
	let tags = 0;
	for (let at = bytes.indexOf(0x3c); at !== -1; at = bytes.indexOf(0x3c, at + 1)) tags++;
	return tags > light.tags;
}
