import {turn} from './turn.ts';

/** Bytes that may wait here before the socket is told to stop reading. */
const highWaterMark = 128 * 1024;
/**
 * A body nobody wants is read to its end if at most this many bytes are missing, which keeps the connection; else it is cut.
 * And if that takes more milliseconds than a new connection would: whoever drips must not be left with one for each task.
 */
const drain = {bytes: 64 * 1024, time: 250};

/** How the socket below is steered; undici's dispatch controller fits. */
export type Flow = {pause(): void; resume(): void; abort(reason: Error): void};

type Result = IteratorResult<Uint8Array, undefined>;

/** A promise of the next chunk that somebody waits for. */
type Reader = {resolve(result: Result): void; reject(error: unknown): void};

/**
 * A response body as an async iterable with backpressure: chunks pushed from below, pulled from above. Iterated once.
 * undici's own `BodyReadable` is a whole Node stream and costs a quarter more CPU per small page; an async generator, or async
 * methods here, two promises more for each chunk.
 */
export class Body implements AsyncIterableIterator<Uint8Array, undefined> {
	readonly #flow: Flow;
	#left: number;
	#chunks: Uint8Array[] = [];
	#waiting = 0;
	#paused = false;
	/** Until the next turn of the event loop, however little waits here. */
	#yields = false;
	#ended = false;
	#error: unknown;
	#reader: Reader | undefined;
	/** Nobody wants the rest: call this when there is none. */
	#abandoned: (() => void) | undefined;

	/** @param length bytes announced, `Infinity` when unknown */
	constructor(flow: Flow, length: number) {
		this.#flow = flow;
		this.#left = length;
	}

	push(chunk: Uint8Array): void {
		this.#left -= chunk.length;
		if (this.#abandoned) return;
		if (this.#left > 0) this.#yield();
		const reader = this.#reader;
		if (reader) {
			this.#reader = undefined;
			return reader.resolve({done: false, value: chunk});
		}
		this.#chunks.push(chunk);
		this.#waiting += chunk.length;
		if (this.#waiting >= highWaterMark) this.#pause();
	}

	end(): void {
		this.#ended = true;
		this.#reader?.resolve({done: true, value: undefined});
		this.#abandoned?.();
	}

	/** @param now the error overtakes what was received before it: after an abort nobody wants more */
	fail(error: unknown, now = false): void {
		if (this.#ended) return;
		if (now) this.#chunks = [];
		this.#ended = true;
		this.#error = error;
		this.#reader?.reject(error);
		this.#abandoned?.();
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	/** The next chunk if it is here already, null at the end, undefined where it has to be waited for. Throws what broke the body. */
	ready(): Uint8Array | null | undefined {
		const chunk = this.#chunks.shift();
		if (chunk) {
			this.#waiting -= chunk.length;
			this.#resume();
			return chunk;
		}
		if (this.#error !== undefined) throw this.#error;
		return this.#ended ? null : undefined;
	}

	async next(): Promise<Result> {
		const chunk = this.ready();
		if (chunk) return {done: false, value: chunk};
		if (chunk === null) return {done: true, value: undefined};
		return new Promise((resolve, reject) => {
			this.#reader = {resolve, reject};
		});
	}

	/** Resolves when the connection is free, one way or the other: until then it counts as this task's. */
	async return(): Promise<Result> {
		if (!this.#ended && !this.#abandoned) await this.#abandon();
		return {done: true, value: undefined};
	}

	#pause(): void {
		if (this.#paused) return;
		this.#paused = true;
		this.#flow.pause();
	}

	/** Whoever else waits for this thread has a turn too. */
	#yield(): void {
		if (this.#yields || !turn.isOver) return;
		this.#yields = true;
		turn.wait(this);
		this.#pause();
	}

	/** For `turn`. */
	goOn(): void {
		this.#yields = false;
		if (!this.#ended) this.#resume();
	}

	#resume(): void {
		if (!this.#paused || this.#yields || this.#waiting > highWaterMark / 2) return;
		this.#paused = false;
		this.#flow.resume();
	}

	async #abandon(): Promise<void> {
		const {promise, resolve} = Promise.withResolvers<void>();
		this.#abandoned = resolve;
		this.#chunks = [];
		if (this.#left > drain.bytes) return this.#cut();
		const timeout = setTimeout(() => this.#cut(), drain.time);
		if (this.#paused) this.#flow.resume();
		await promise;
		clearTimeout(timeout);
	}

	#cut(): void {
		this.#flow.abort(new Error('the rest of the body is not wanted'));
		this.end();
	}
}
