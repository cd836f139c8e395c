import type {ByteRange} from './ranges.ts';

/** What the engine needs from the outside. It receives these as arguments; it never imports an implementation. */

/** A request header of one task. */
export type Header = readonly [name: string, value: string];

export type FetchRequest = {
	url: URL;
	/** Only these bytes (RFC 9110 §14.2); without a number at the end, all from the start on. */
	range?: readonly [start: number, end?: number];
	/** The range only if this still is the version at hand, else the whole (RFC 9110 §13.1.5). */
	ifRange?: string;
	/** The body only if it is no longer this version (RFC 9110 §13.1.2, §13.1.3). */
	unless?: Validators;
	headers?: readonly Header[];
};

/**
 * What names a version of a body, as the server gave it (RFC 9110 §8.8). `lastModified` only where it is strong (§8.8.2.2):
 * a file that changed within the second before it was served may change again under the same date.
 */
export type Validators = {etag?: string; lastModified?: string};

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
	/** From `Content-Range`: on a 206 which bytes these are, on a 416 only how many there are in all. */
	range?: {start?: number; end?: number; total?: number};
	/** Milliseconds until the request went out, of that for TLS, and from there to the head. */
	timings: {connect: number; tls?: number; firstByte: number};
};

export type Body = AsyncIterable<Uint8Array> & {
	/**
	 * The next chunk if it is here already, null at the end, undefined where it has to be waited for. Most small bodies come
	 * with their head, and need not be waited for at all.
	 */
	ready?(): Uint8Array | null | undefined;
};

export type Transport = {
	/**
	 * Sends the request, follows redirects and resolves with the head. `body` must be iterated, or its `return()` called:
	 * leaving it half-way is fine. An abort rejects with `signal.reason` itself.
	 */
	open(request: FetchRequest, signal: AbortSignal): Promise<{head: Head; body: Body}>;
	close(): Promise<void>;
};

/** Leaves a body half-way, by the one door that does not break its connection when little is missing. */
export async function leave(body: Body): Promise<void> {
	await body[Symbol.asyncIterator]().return?.();
}

/**
 * A body that did not arrive whole: enough to go on from, if the server allows it. Plain data, for it travels in events and
 * in the journal.
 */
export type PartFile = {
	/** The name that the file will have, relative to the folder; meanwhile it is `path` with `.part` behind it. */
	path: string;
	/** Which bytes of it are on this side, in order. */
	ranges: readonly ByteRange[];
	/** Which of them would survive a power loss; left out while it is none. */
	synced?: readonly ByteRange[];
	/** Bytes of the whole body, when known. */
	total?: number;
	/** Of which version they are. */
	validators?: Validators;
	/** A finished file of that name is ours, and gives way when this one is whole. Until then it may be `good`, or not. */
	replaces?: 'good' | 'bad';
	/**
	 * The part file has, or is about to get, its full size before its bytes (several connections write into it), so that its
	 * size tells nothing about how much arrived. Told before it is so.
	 */
	preallocated?: true;
};

/** Of a part its name alone: its bytes are no use, and the next request begins it anew. */
export const onlyName = ({path, replaces}: Pick<PartFile, 'path' | 'replaces'>): PartFile => ({
	path,
	ranges: [],
	...(replaces && {replaces}),
});

/** `algorithm` as `node:crypto` names it; `hex` in lower case. */
export type Digest = {algorithm: string; hex: string};

/** What a single task may want otherwise than the rest. Lists give it (aria2's input format); all of it may be shown. */
export type TaskOptions = {
	/** A name or a template, as of `--output`. */
	output?: string;
	/** Other places that have the same body. */
	mirrors?: readonly string[];
	checksum?: Digest;
	/** Connections for this body. */
	connections?: number;
};

/** `path` is relative to the folder bodies are saved in, and null when nothing is saved; `size` is the file's, in bytes. */
export type Stored = {path: string | null; size?: number; sha256?: string};

export type Sink = {
	/**
	 * Takes bytes of the body, and their memory with them: the caller must not look at them again. Where some are there already, it compares instead of writing: other bytes are another version
	 * (`CHANGED`). A promise asks to wait before the next call. Throws the file system's error, at this call or a later one.
	 */
	write(chunk: Uint8Array, position: number): void | Promise<void>;
	/** What is there by now; undefined if there is nothing to go on from. */
	part(): PartFile | undefined;
	/** Makes what is there safe from power loss, and resolves with it. */
	sync(): Promise<PartFile | undefined>;
	/** The first bytes of the body, for when the attempt began further on. */
	start(bytes: number): Promise<Uint8Array>;
	/** Everything arrived: verifies it and puts the file in its place. Throws or rejects; what was written stays as a part. */
	commit(): Stored | Promise<Stored>;
	/** Stops here and keeps the bytes, unless they are no use. Never throws. Undefined when there is nothing to go on from. */
	abort(useless?: 'useless'): Promise<PartFile | undefined>;
};

/** Which body this is, for whoever names, places and verifies it. */
export type Saving = {
	/** As given, without credentials. */
	url: string;
	/** 1, 2, 3 … in the order of the input. */
	number: number;
	options: TaskOptions;
	/** What an earlier attempt left: gone on from if `head` is a 206, else begun anew under the same name. */
	part?: PartFile;
	/** Bytes of it will come from several connections, in any order. */
	scattered?: boolean;
	/** Hears of the part what has to be known before it is so: that it has another name, or how long the body turned out to be. */
	observer?: {saved(part: PartFile): void};
};

export type Storage = {
	/** Opens where this body goes; a promise only where there is something to wait for. Throws or rejects. */
	open(head: Head, saving: Saving): Sink | Promise<Sink>;
};

/** What was read from a page. `truncated` when it went on behind what was looked at. */
export type Extracted = {
	title?: string;
	charset?: string;
	fields?: Record<string, string | string[]>;
	truncated?: boolean;
};

export type Extractor = {
	/**
	 * Somebody to read this body as it arrives; undefined if nothing in it is of interest.
	 * @param titled told of the title as soon as it is known, perhaps long before the end of the body
	 */
	open(head: Head, titled?: (title: string) => void): Reading | undefined;
};

/** Reads along with one body. Never throws for what is in it. */
export type Reading = {
	/** How many bytes from the start of the body it may want to see. */
	readonly limit: number;
	/** Takes the next bytes, in order from the start of the body; copies what it keeps. @returns whether it has seen enough */
	write(chunk: Uint8Array): boolean;
	/** What is known from all that was shown. @param isWhole it was the whole body */
	finish(isWhole: boolean): Extracted | Promise<Extracted>;
};

export type Clock = {
	/** Epoch milliseconds that never go back. */
	now(): number;
	/** Calls `callback` after `ms`; returns how to take it back. */
	timer(ms: number, callback: () => void): () => void;
};

/** Node fires at once when asked for more (24.8 days). */
const longestTimer = 2 ** 31 - 1;

/** Read once: it never changes, and Node looks it up each time. */
const origin = performance.timeOrigin;

/** The machine's clock: monotonic, so that a time correction cannot make a duration negative. */
export const systemClock: Clock = {
	now: () => origin + performance.now(),
	timer(ms, callback) {
		const timeout = setTimeout(callback, Math.min(ms, longestTimer));
		return () => clearTimeout(timeout);
	},
};
