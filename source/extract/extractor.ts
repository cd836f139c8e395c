import type {Extracted, Extractor, Head, Reading} from '../engine/seams.ts';
import {codingsOf, decode, isCoding} from '../format/coding.ts';

/** Titles stand near the start, and what is kept for them is memory times the number of running tasks. */
const prefixBytes = 512 * 1024;
/** The most that a compressed prefix may grow to: a bomb ends here. */
const decompressedBytes = 1024 * 1024;

const pageTypes = new Set(['text/html', 'application/xhtml+xml']);

/** Reads the charset and the title of HTML pages. A body of undeclared type may be one. */
export function createExtractor(): Extractor {
	return {
		open: head =>
			head.contentType === undefined || pageTypes.has(head.contentType) ? new PageReading(head) : undefined,
	};
}

/** Keeps the start of the page, and looks at it in the end. */
class PageReading implements Reading {
	readonly limit = prefixBytes;
	readonly #head: Head;
	readonly #chunks: Uint8Array[] = [];
	#length = 0;

	constructor(head: Head) {
		this.#head = head;
	}

	write(chunk: Uint8Array): boolean {
		const left = this.limit - this.#length;
		if (left > 0) this.#chunks.push(Buffer.from(chunk.subarray(0, left)));
		this.#length += chunk.length;
		return this.#length >= this.limit;
	}

	async finish(): Promise<Extracted> {
		return this.#length === 0 ? {} : readPage(Buffer.concat(this.#chunks), this.#head);
	}
}

async function readPage(bytes: Uint8Array, head: Head): Promise<Extracted> {
	const page = await withoutCoding(bytes, head.headers['content-encoding']);
	if (!page) return {};
	// The parser and the charset tables take 100 ms to load, so they come with the first page and not before.
	const [{detectCharset, decode}, {readTitle}] = await Promise.all([import('./charset.ts'), import('./title.ts')]);
	const charset = detectCharset(page, head.charset);
	const title = readTitle(decode(page, charset));
	return {...(title !== undefined && {title}), charset};
}

/**
 * The page inside a content coding: some servers compress even when they were not asked to. Undefined if the coding is
 * unknown, or there are several, or nothing came out.
 */
async function withoutCoding(bytes: Uint8Array, header: string | undefined): Promise<Uint8Array | undefined> {
	const [coding, ...others] = codingsOf(header);
	if (coding === undefined) return bytes;
	return isCoding(coding) && others.length === 0 ? decompress(bytes, coding) : undefined;
}

/** As much as can be had, up to the cap. zlib's one-call functions give nothing at all when the cap is passed. */
async function decompress(bytes: Uint8Array, coding: string): Promise<Uint8Array | undefined> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	try {
		for await (const chunk of decode([bytes], coding, 'start')) {
			chunks.push(chunk);
			size += chunk.length;
			if (size >= decompressedBytes) break;
		}
	} catch {
		// Damaged from here on; the title may have come before.
	}
	return size > 0 ? Buffer.concat(chunks, Math.min(size, decompressedBytes)) : undefined;
}
