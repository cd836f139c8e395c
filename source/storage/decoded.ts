import {Readable} from 'node:stream';
import {coded} from '../engine/failure.ts';
import {
	type Head,
	onlyName,
	type PartFile,
	type Saving,
	type Sink,
	type Storage,
	type Stored,
} from '../engine/seams.ts';
import {bytes} from '../format/bytes.ts';
import {CodingError, codingsOf, decode, isCoding} from '../format/coding.ts';

/** Nobody honest needs more than two; each one may multiply by a thousand. */
const mostCodings = 5;

/**
 * `--compressed`: undoes the content coding of a body before `storage` gets it. Up to `maxSize` bytes come out of it. Bodies
 * without a coding pass through untouched.
 */
export function decodedStorage(storage: Storage, {maxSize}: {maxSize?: number} = {}): Storage {
	return {
		async open(head, saving) {
			const codings = codingsOf(head.headers['content-encoding']);
			if (codings.length === 0) return storage.open(head, saving);
			const unknown = codings.find(name => !isCoding(name));
			if (unknown !== undefined) throw coded('UNKNOWN_CODING', `unknown content coding: ${unknown}`);
			if (codings.length > mostCodings) throw coded('BAD_CODING', `more than ${mostCodings} content codings`);
			// What is here is of the body without a coding: the engine asks for all of it again.
			if (head.status === 206) throw coded('CHANGED', 'the rest of the file came in a content coding');
			return new DecodingSink(await storage.open(decodedHead(head), anew(saving)), codings, maxSize);
		},
	};
}

/** Fields that speak of the coded bytes: how many, in which pieces, which version. The date is the file's, however it is sent. */
const codedFields = new Set(['accept-ranges', 'content-encoding', 'content-length', 'etag']);

function decodedHead({length: _, ...head}: Head): Head {
	const headers = Object.entries(head.headers).filter(([name]) => !codedFields.has(name));
	return {...head, headers: Object.fromEntries(headers)};
}

/** Ranges count coded bytes and the file holds decoded ones, so there is never anything to go on from but the name. */
const anew = ({part, ...saving}: Saving): Saving => ({...saving, ...(part && {part: onlyName(part)})});

class DecodingSink implements Sink {
	readonly #inner: Sink;
	/** Holds one chunk, so that `write` waits for the decoders, and these for the disk. */
	readonly #encoded = new Readable({objectMode: true, highWaterMark: 1, read: () => this.#room?.resolve()});
	#room: PromiseWithResolvers<void> | undefined;
	#received = 0;
	readonly #saved: Promise<void>;
	#failure: unknown;

	constructor(inner: Sink, codings: readonly string[], maxSize = Number.POSITIVE_INFINITY) {
		this.#inner = inner;
		this.#saved = this.#save(decoded(this.#encoded, codings, maxSize));
		this.#saved.catch(error => {
			this.#failure ??= error;
			// A write that waits hears of it now; else the next call does.
			this.#room?.reject(error);
		});
	}

	write(chunk: Uint8Array, position: number): void | Promise<void> {
		if (this.#failure) throw this.#failure;
		if (position !== this.#received) throw coded('BAD_RANGE', 'a compressed body must come in order');
		if (chunk.length === 0) return;
		this.#received += chunk.length;
		this.#room = Promise.withResolvers();
		this.#encoded.push(chunk);
		return this.#room.promise;
	}

	part(): PartFile | undefined {
		const part = this.#inner.part();
		return part && onlyName(part);
	}

	async sync(): Promise<PartFile | undefined> {
		return this.part();
	}

	start(count: number): Promise<Uint8Array> {
		return this.#inner.start(count);
	}

	async commit(): Promise<Stored> {
		this.#encoded.push(null);
		await this.#saved;
		return this.#inner.commit();
	}

	async abort(): Promise<PartFile | undefined> {
		this.#failure ??= new Error('aborted');
		this.#encoded.destroy();
		// A write of ours may be on its way to the disk.
		await this.#saved.catch(() => undefined);
		const part = await this.#inner.abort('useless');
		return part && onlyName(part);
	}

	async #save(chunks: AsyncIterable<Uint8Array>): Promise<void> {
		let position = 0;
		for await (const chunk of chunks) {
			if (this.#failure) throw this.#failure;
			const written = this.#inner.write(chunk, position);
			if (written) await written;
			position += chunk.length;
		}
	}
}

/** The body under all its codings: what was applied last comes off first. */
function decoded(
	encoded: AsyncIterable<Uint8Array>,
	codings: readonly string[],
	maxSize: number,
): AsyncIterable<Uint8Array> {
	// What is between two codings may be larger than what is inside, but not by much. Without a limit of its own, what grows
	// and then shrinks to nothing would keep us busy for ever.
	const between = 2 * maxSize + 64 * 1024;
	return codings.reduceRight<AsyncIterable<Uint8Array>>(
		(source, coding, index) => limited(decode(source, coding), index === 0 ? maxSize : between, maxSize),
		encoded,
	);
}

async function* limited(
	source: AsyncIterable<Uint8Array>,
	limit: number,
	maxSize: number,
): AsyncGenerator<Uint8Array, void> {
	let size = 0;
	try {
		for await (const chunk of source) {
			size += chunk.length;
			if (size > limit) throw coded('TOO_LARGE', `the decoded body is longer than ${bytes(maxSize)}`);
			yield chunk;
		}
	} catch (error) {
		throw error instanceof CodingError ? coded('BAD_CODING', error.message) : error;
	}
}
