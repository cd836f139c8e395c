import {coded, errorCode, type Failure, failureOf, httpFailure} from './failure.ts';
import {parseRetryAfter} from './retry.ts';
import type {
	Clock,
	Extracted,
	Extractor,
	FetchRequest,
	Head,
	PartFile,
	Sink,
	Storage,
	Stored,
	Transport,
} from './seams.ts';

/** How an attempt ended. It returns one of these and never throws. Who interrupts it knows why. */
export type Outcome =
	| {kind: 'done'; stored: Stored; extracted: Extracted}
	| {kind: 'failed'; failure: Failure}
	| {kind: 'interrupted'};

/** What is known of an attempt when it is over, however it ended. Times are epoch milliseconds. */
export type Trace = {startedAt: number; head?: Head; headAt?: number; endedAt?: number};

export type AttemptParts = {
	transport: Transport;
	storage: Storage;
	extractor: Extractor;
	clock: Clock;
	/** While the run is paused: resolves when bytes may flow again, or when the signal aborts. */
	held(signal: AbortSignal): Promise<void> | undefined;
};

/** What the engine hears while the attempt runs. */
export type AttemptObserver = {
	receiving(head: Head, offset: number): void;
	received(bytes: number): void;
	extracting(): void;
};

/** One try at one URL: request, body, file, title. `job.part` is what the last try left, and afterwards what this one did. */
export async function attempt(
	job: {target: URL; part?: PartFile; trace?: Trace},
	parts: AttemptParts,
	observer: AttemptObserver,
	signal: AbortSignal,
): Promise<Outcome> {
	const trace: Trace = {startedAt: parts.clock.now()};
	job.trace = trace;
	try {
		const request = requestFor(job.target, job.part);
		const {head, body} = await parts.transport.open(request, signal);
		Object.assign(trace, {head, headAt: parts.clock.now()});
		const failure = refusal(head, request, parts.clock.now());
		if (failure) {
			if (failure.code === 'BAD_RANGE') forget(job);
			await leave(body);
			return {kind: 'failed', failure};
		}
		const sink = await parts.storage.open(head, job.part).catch(async error => {
			// Nobody will read it, and a body left half-way keeps its socket.
			await leave(body);
			if (errorCode(error) === 'BAD_PART') forget(job);
			throw error;
		});
		const {prefix, stored} = await receive(job, head, body, sink, parts, observer, signal);
		const extracted = prefix ? await read(prefix, head, parts.extractor, observer) : {};
		return {kind: 'done', stored, extracted};
	} catch (error) {
		if (signal.aborted) return {kind: 'interrupted'};
		return {kind: 'failed', failure: failureOf(error)};
	} finally {
		trace.endedAt = parts.clock.now();
	}
}

function requestFor(url: URL, part: PartFile | undefined): FetchRequest {
	return part?.validator ? {url, resume: {offset: part.bytes, validator: part.validator}} : {url};
}

/** Why this answer is not the body we asked for, if it is not. */
function refusal(head: Head, request: FetchRequest, now: number): Failure | undefined {
	const {status} = head;
	const {resume} = request;
	const {etag} = head.headers;
	const rangeLies =
		status === 206 &&
		(!resume || head.range?.start !== resume.offset || (etag !== undefined && etag !== resume.validator));
	if (rangeLies || (status === 416 && request.resume)) return failureOf(coded('BAD_RANGE'));
	if (status >= 200 && status < 300) return undefined;
	return httpFailure(status, parseRetryAfter(head.headers['retry-after'], now));
}

/** Moves the body into its place, chunk by chunk. Resolves with the start of it, as far as the extractor wants to see it. */
async function receive(
	job: {part?: PartFile},
	head: Head,
	body: AsyncIterable<Uint8Array>,
	sink: Sink,
	parts: AttemptParts,
	observer: AttemptObserver,
	signal: AbortSignal,
): Promise<{prefix: Uint8Array | undefined; stored: Stored}> {
	const offset = head.status === 206 ? (head.range?.start ?? 0) : 0;
	const prefix = new Prefix(offset > 0 ? 0 : parts.extractor.limit(head));
	let received = 0;
	try {
		observer.receiving(head, offset);
		for await (const chunk of body) {
			const held = parts.held(signal);
			if (held) await held;
			const written = sink.write(chunk);
			if (written) await written;
			prefix.add(chunk);
			received += chunk.length;
			observer.received(chunk.length);
		}
		if (head.length !== undefined && received < head.length) throw coded('SHORT_BODY');
		const total = head.status === 206 ? head.range?.total : undefined;
		if (total !== undefined && offset + received < total) throw coded('SHORT_BODY');
		const stored = await sink.commit();
		delete job.part;
		return {prefix: prefix.bytes(), stored};
	} catch (error) {
		const part = await sink.abort();
		if (part) job.part = part;
		else delete job.part;
		throw error;
	}
}

/** The body has arrived and is safe, so an extraction that fails costs the title, not the task. */
async function read(
	prefix: Uint8Array,
	head: Head,
	extractor: Extractor,
	observer: AttemptObserver,
): Promise<Extracted> {
	observer.extracting();
	try {
		return await extractor.extract(prefix, head);
	} catch {
		return {};
	}
}

/** The part is no use any more, but its name stays ours: the next attempt begins it anew. */
function forget(job: {part?: PartFile}): void {
	if (job.part) job.part = {path: job.part.path, bytes: 0};
}

async function leave(body: AsyncIterable<Uint8Array>): Promise<void> {
	await body[Symbol.asyncIterator]().return?.();
}

/** Keeps the first `limit` bytes of what passes by. */
class Prefix {
	#chunks: Uint8Array[] = [];
	#room: number;

	constructor(limit: number) {
		this.#room = limit;
	}

	add(chunk: Uint8Array): void {
		if (this.#room <= 0) return;
		this.#chunks.push(chunk.subarray(0, this.#room));
		this.#room -= chunk.length;
	}

	bytes(): Uint8Array | undefined {
		if (this.#chunks.length < 2) return this.#chunks[0];
		return Buffer.concat(this.#chunks);
	}
}
