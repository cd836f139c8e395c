/** What the engine needs from the outside. It receives these as arguments; it never imports an implementation. */

export type FetchRequest = {
	url: URL;
	/** Ask for the rest only: bytes from `offset` on, if `validator` (a strong ETag) still matches. RFC 9110 §13.1.5. */
	resume?: {offset: number; validator: string};
};

/** The head of an answer: everything that is known before the first byte of the body. */
export type Head = {
	/** Where the redirects ended. */
	url: string;
	/** The URLs passed through, without the last. */
	redirects: readonly string[];
	status: number;
	/** Names in lower case, values joined by `, `. */
	headers: Readonly<Record<string, string>>;
	/** Media type in lower case without parameters, when given. */
	contentType?: string;
	/** The `charset` parameter as given. */
	charset?: string;
	/** Bytes in this body, when announced. */
	length?: number;
	/** From `Content-Range`, on a 206. */
	range?: {start: number; total?: number};
	/** Milliseconds until the request went out, and from there to the head. */
	timings: {connect: number; firstByte: number};
};

export type Transport = {
	/**
	 * Sends the request, follows redirects and resolves with the head. `body` must be iterated, or its `return()` called:
	 * leaving it half-way is fine. An abort rejects with `signal.reason` itself.
	 */
	open(request: FetchRequest, signal: AbortSignal): Promise<{head: Head; body: AsyncIterable<Uint8Array>}>;
	close(): Promise<void>;
};

/** A body that did not arrive whole: enough to go on from, if the server allows it. */
export type PartFile = {path: string; bytes: number; validator?: string};

/** `path` is relative to the folder bodies are saved in; null when nothing is saved. */
export type Stored = {path: string | null};

export type Sink = {
	write(chunk: Uint8Array): void | Promise<void>;
	/** Everything arrived: puts the file in its place. Throws the file system's error; what was written stays as a part. */
	commit(): Promise<Stored>;
	/** Stops here and keeps the bytes. Never throws. Undefined when there is nothing to go on from. */
	abort(): Promise<PartFile | undefined>;
};

export type Storage = {
	/**
	 * Opens where this body goes. `part` is what an earlier attempt of the same task left: it is continued if `head` is the
	 * rest of it (a 206), else begun anew.
	 */
	open(head: Head, part?: PartFile): Promise<Sink>;
};

export type Extracted = {title?: string; charset?: string; fields?: Record<string, string | string[]>};

export type Extractor = {
	/** How many bytes from the start of this body it wants to see; 0 for none. */
	limit(head: Head): number;
	extract(bytes: Uint8Array, head: Head): Promise<Extracted>;
};

export type Clock = {
	/** Epoch milliseconds that never go back. */
	now(): number;
	/** Calls `callback` after `ms`; returns how to take it back. */
	timer(ms: number, callback: () => void): () => void;
};

/** Node fires at once when asked for more (24.8 days). */
const longestTimer = 2 ** 31 - 1;

/** The machine's clock: monotonic, so that a time correction cannot make a duration negative. */
export const systemClock: Clock = {
	now: () => performance.timeOrigin + performance.now(),
	timer(ms, callback) {
		const timeout = setTimeout(callback, Math.min(ms, longestTimer));
		return () => clearTimeout(timeout);
	},
};
