/** Bytes that may wait here before the socket is told to stop reading. */
const highWaterMark = 128 * 1024;
/**
 * A body nobody wants is read to its end if at most this many bytes are missing, which keeps the connection; else it is cut.
 * And if that takes more milliseconds than a new connection would: whoever drips must not be left with one for each task.
 */
const drain = {bytes: 64 * 1024, time: 250};

/** How the socket below is steered; undici's dispatch controller fits. */
export type Flow = {pause(): void; resume(): void; abort(reason: Error): void};

/**
 * A response body as an async iterable with backpressure: chunks pushed from below, pulled from above. Iterated once.
 * undici's own `BodyReadable` is a whole Node stream and costs a quarter more CPU per small page.
 */
export class Body implements AsyncIterable<Uint8Array> {
	readonly #flow: Flow;
	#left: number;
	#chunks: Uint8Array[] = [];
	#waiting = 0;
	#paused = false;
	#ended = false;
	#abandoned = false;
	#error: unknown;
	#wake: (() => void) | undefined;

	/** @param length bytes announced, `Infinity` when unknown */
	constructor(flow: Flow, length: number) {
		this.#flow = flow;
		this.#left = length;
	}

	push(chunk: Uint8Array): void {
		this.#left -= chunk.length;
		if (this.#abandoned) return;
		this.#chunks.push(chunk);
		this.#waiting += chunk.length;
		if (this.#waiting >= highWaterMark && !this.#paused) {
			this.#paused = true;
			this.#flow.pause();
		}
		this.#wake?.();
	}

	end(): void {
		this.#ended = true;
		this.#wake?.();
	}

	/** @param now the error overtakes what was received before it: after an abort nobody wants more */
	fail(error: unknown, now = false): void {
		if (this.#ended) return;
		if (now) this.#chunks = [];
		this.#ended = true;
		this.#error = error;
		this.#wake?.();
	}

	[Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
		return {
			next: () => this.#next(),
			return: async () => {
				await this.#abandon();
				return {done: true, value: undefined};
			},
		};
	}

	async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
		for (;;) {
			const chunk = this.#chunks.shift();
			if (chunk) {
				this.#waiting -= chunk.length;
				this.#resume();
				return {done: false, value: chunk};
			}
			if (this.#error !== undefined) throw this.#error;
			if (this.#ended) return {done: true, value: undefined};
			await new Promise<void>(resolve => {
				this.#wake = resolve;
			});
			this.#wake = undefined;
		}
	}

	#resume(): void {
		if (!this.#paused || this.#waiting > highWaterMark / 2) return;
		this.#paused = false;
		this.#flow.resume();
	}

	/** Resolves when the connection is free, one way or the other: until then it counts as this task's. */
	async #abandon(): Promise<void> {
		if (this.#ended || this.#abandoned) return;
		this.#abandoned = true;
		this.#chunks = [];
		if (this.#left > drain.bytes) return this.#cut();
		const {promise, resolve} = Promise.withResolvers<void>();
		this.#wake = () => this.#ended && resolve();
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
