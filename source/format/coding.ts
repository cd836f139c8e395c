import {pipeline, type Transform} from 'node:stream';
import {
	constants,
	createBrotliDecompress,
	createInflate,
	createInflateRaw,
	createUnzip,
	createZstdDecompress,
	type Zlib,
} from 'node:zlib';

/** The bytes are not what their coding says. */
export class CodingError extends Error {}

/** How much of a body there is: all of it, or only its start, which may stop anywhere. */
type Extent = 'whole' | 'start';
type Engine = Transform & Zlib;

/** Node's 16 KiB per step cost four times as many trips to the thread pool. And no input is taken in before it has its turn. */
const flow = {chunkSize: 64 * 1024, writableHighWaterMark: 1};

const zlibOptions = (extent: Extent) => ({
	...flow,
	...(extent === 'start' && {finishFlush: constants.Z_SYNC_FLUSH}),
});
/** gzip and zstd may go on with another member or frame, these two not: what is behind their end is damage. */
const single = {rejectGarbageAfterEnd: true};

/** What undoes each content coding (RFC 9110 §8.4.1, RFC 8878, RFC 9659), given the first byte of the body. */
const engines: Readonly<Record<string, (extent: Extent, first: number) => Engine>> = {
	// Browsers and curl take the zlib format under this name too.
	gzip: extent => createUnzip(zlibOptions(extent)),
	'x-gzip': extent => createUnzip(zlibOptions(extent)),
	// It means the zlib format, but some servers send what is inside of it (RFC 9110 §8.4.1.2). One byte tells: as raw data
	// an 8 would be a block with a padding bit set, which nobody writes.
	deflate: (extent, first) =>
		((first & 0x0f) === 8 ? createInflate : createInflateRaw)({...zlibOptions(extent), ...single}),
	br: extent =>
		createBrotliDecompress({
			...flow,
			...(extent === 'start' && {finishFlush: constants.BROTLI_OPERATION_FLUSH}),
			...single,
		}),
	zstd: extent =>
		createZstdDecompress({
			...flow,
			...(extent === 'start' && {finishFlush: constants.ZSTD_e_flush}),
			// 8 MiB is what a sender may ask for (RFC 9659 §3); the library would give 128.
			params: {[constants.ZSTD_d_windowLogMax]: 23},
		}),
};

export const isCoding = (name: string): boolean => Object.hasOwn(engines, name);

/** The names in a `Content-Encoding`, in the order in which they were applied; empty if the body is what it is. */
export function codingsOf(header = ''): string[] {
	const names = header.split(',').map(name => name.trim().toLowerCase());
	return names.filter(name => name !== '' && name !== 'identity');
}

/**
 * Undoes one coding as the bytes come, and holds little more than its window (16 MiB at most), whatever they grow to.
 * Nothing at all decodes to nothing. Throws a `CodingError` for damage; an error of the source stays what it is.
 */
export async function* decode(
	source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	coding: string,
	extent: Extent = 'whole',
): AsyncGenerator<Uint8Array, void> {
	const chunks = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
	const first = await chunks.next();
	const engine = first.done ? undefined : engines[coding]?.(extent, first.value[0] ?? 0);
	if (!engine) return;
	let failure: unknown;
	async function* encoded() {
		try {
			for (let next = first; !next.done; next = await chunks.next()) yield next.value;
		} catch (error) {
			failure = error;
			throw error;
		} finally {
			await chunks.return?.();
		}
	}
	try {
		// The errors come out of the engine; when nobody reads it any more, nobody wants to know either.
		yield* pipeline(encoded, toTheEnd(engine), () => undefined);
	} catch (error) {
		throw (
			failure ?? new CodingError(`the body is not valid ${coding}: ${error instanceof Error ? error.message : error}`)
		);
	}
}

/**
 * Node takes the end of a frame inside of a chunk for the end of everything, and would drop the next one without a word. So
 * the engine gets what it left, until it takes no more: zeros behind gzip, which are padding.
 */
function toTheEnd(engine: Engine): Engine {
	const {push, _transform: transform} = engine;
	engine.push = chunk => (chunk === null && engine.writableLength > 0) || push.call(engine, chunk);
	engine._transform = (chunk: Uint8Array, encoding, done) => {
		const before = engine.bytesWritten;
		transform.call(engine, chunk, encoding, error => {
			const rest = chunk.subarray(engine.bytesWritten - before);
			if (error || rest.length === 0 || rest.length === chunk.length) done(error);
			else engine._transform(rest, encoding, done);
		});
	};
	return engine;
}
