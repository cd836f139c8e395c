import type {Transform} from 'node:stream';
import {
	constants,
	createBrotliDecompress,
	createInflate,
	createInflateRaw,
	createUnzip,
	createZstdDecompress,
} from 'node:zlib';
import type {Extracted, Extractor, Head} from '../engine/seams.ts';

/** Titles stand near the start, and what is kept for them is memory times the number of running tasks. */
const prefixBytes = 512 * 1024;
/** The most that a compressed prefix may grow to: a bomb ends here. */
const decompressedBytes = 1024 * 1024;

const pageTypes = new Set(['text/html', 'application/xhtml+xml']);

/** Reads the charset and the title of HTML pages. A body of undeclared type may be one. */
export function createExtractor(): Extractor {
	return {
		limit: ({contentType}) => (contentType === undefined || pageTypes.has(contentType) ? prefixBytes : 0),
		extract: readPage,
	};
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

/** Flushes at the end instead of complaining: the input is the start of a body, so it may stop anywhere. */
const flush = {finishFlush: constants.Z_SYNC_FLUSH};

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Transform>> = {
	gzip: () => createUnzip(flush),
	'x-gzip': () => createUnzip(flush),
	// It means the zlib format, but some servers send what is inside of it (RFC 9110 §8.4.1.2).
	deflate: bytes => (hasZlibHeader(bytes) ? createInflate(flush) : createInflateRaw(flush)),
	br: () => createBrotliDecompress({finishFlush: constants.BROTLI_OPERATION_FLUSH}),
	zstd: () => createZstdDecompress({finishFlush: constants.ZSTD_e_flush}),
};

/**
 * The page inside a content coding: we ask for none, but some servers compress all the same. Undefined if the coding is
 * unknown or nothing came out.
 */
async function withoutCoding(bytes: Uint8Array, coding = ''): Promise<Uint8Array | undefined> {
	const name = coding.trim().toLowerCase();
	if (name === '' || name === 'identity') return bytes;
	const decoder = decoders[name]?.(bytes);
	return decoder && decompress(bytes, decoder);
}

/** As much as can be had, up to the cap. zlib's one-call functions give nothing at all when the cap is passed. */
async function decompress(bytes: Uint8Array, decoder: Transform): Promise<Uint8Array | undefined> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	try {
		decoder.end(bytes);
		for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
			chunks.push(chunk);
			size += chunk.length;
			if (size >= decompressedBytes) break;
		}
	} catch {
		// Damaged from here on; the title may have come before.
	}
	return size > 0 ? Buffer.concat(chunks, Math.min(size, decompressedBytes)) : undefined;
}

function hasZlibHeader([first = 0, second = 0]: Uint8Array): boolean {
	return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}
