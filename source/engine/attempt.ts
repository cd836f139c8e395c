import {ifRangeOf, isProven, judge, rangeFor, totalOf, validatorsOf} from './answer.ts';
import {coded, errorCode, type Failure, failureOf} from './failure.ts';
import {sizeOf} from './ranges.ts';
import {type Answer, pieceSize, Transfer, type TransferParts, tooLarge} from './receive.ts';
import {
	type Extracted,
	type Extractor,
	type FetchRequest,
	type Head,
	type Header,
	leave,
	onlyName,
	type PartFile,
	type Saving,
	type Sink,
	type Storage,
	type Stored,
	type TaskOptions,
	type Validators,
} from './seams.ts';

/** How an attempt ended. It returns one of these and never throws. Who interrupts it knows why. */
export type Outcome =
	| {kind: 'done'; stored: Stored; extracted: Extracted}
	/** The file at hand still is what the server has. */
	| {kind: 'unchanged'}
	| {kind: 'failed'; failure: Failure}
	| {kind: 'interrupted'};

/** What is known of an attempt when it is over, however it ended. Times are epoch milliseconds. */
export type Trace = {
	startedAt: number;
	head: Head | undefined;
	headAt: number | undefined;
	endedAt: number | undefined;
};

export type AttemptParts = TransferParts & {
	storage: Storage;
	extractor: Extractor;
	/** Connections for one body, where its task does not say otherwise. */
	connections: number;
	/** Only what is extracted matters: a body is left as soon as that is known. */
	brief: boolean;
	/** One connection, whoever wants more. */
	alone?: true;
};

/** What the engine hears while the attempt runs. */
export type AttemptObserver = {
	/** @param offset bytes that are here already and are not asked for again */
	receiving(head: Head, offset: number, part: PartFile | undefined): void;
	received(bytes: number): void;
	saved(part: PartFile): void;
	titled(title: string): void;
	extracting(): void;
};

/** What an attempt is about, and in `part` and `trace` what it leaves. */
export type Attempted = {
	readonly task: {readonly url: string; readonly number: number; readonly options: TaskOptions};
	/** Where to ask, with credentials; then its mirrors. */
	readonly targets: readonly [URL, ...URL[]];
	readonly headers: readonly Header[];
	/** The version at hand, if it would do. */
	readonly unless?: Validators;
	part?: PartFile | undefined;
	trace?: Trace | undefined;
};

/** As `attempt`, with its parts: here, or in another thread. Says in the end what it leaves in `job.part` and `job.trace`. */
export type Attempting = (job: Attempted, observer: AttemptObserver, signal: AbortSignal) => Promise<Outcome>;

/** One try at one URL: request, body, file, title. `job.part` is what the last try left, and afterwards what this one did. */
export async function attempt(
	job: Attempted,
	parts: AttemptParts,
	observer: AttemptObserver,
	signal: AbortSignal,
): Promise<Outcome> {
	const trace: Trace = {startedAt: parts.clock.now(), head: undefined, headAt: undefined, endedAt: undefined};
	job.trace = trace;
	let isStale = false;
	try {
		// As many exchanges as it takes: a server may send less than was asked for, and what is here may not belong to what it has.
		for (;;) {
			const before = sizeOf(job.part?.ranges);
			// Whatever went wrong with the ranges of this server, one whole body is what anyone can send.
			const outcome = await exchange(job, trace, isStale ? {...parts, alone: true} : parts, observer, signal);
			if (outcome === 'more') {
				if (sizeOf(job.part?.ranges) <= before) throw coded('SHORT_BODY');
			} else if (outcome !== 'stale') return outcome;
			else if (isStale) throw coded('BAD_RANGE');
			else {
				isStale = true;
				forget(job, observer);
			}
		}
	} catch (error) {
		if (signal.aborted) return {kind: 'interrupted'};
		return {kind: 'failed', failure: failureOf(error)};
	} finally {
		trace.endedAt = parts.clock.now();
	}
}

/** What one exchange came to, if not to the end of the attempt: the part is of another version, or there is more to be had. */
type Interim = 'stale' | 'more';

/** One request and its body. */
async function exchange(
	job: Attempted,
	trace: Trace,
	parts: AttemptParts,
	observer: AttemptObserver,
	signal: AbortSignal,
): Promise<Outcome | Interim> {
	const request = requestFor(job);
	const isShared = connectionsOf(job, parts) > 1;
	const answer = await (isShared ? openShared(request, parts, signal) : parts.transport.open(request, signal));
	const {head, body} = answer;
	const now = parts.clock.now();
	trace.head = head;
	trace.headAt = now;
	const fit = judge(head, request, job.part, now);
	const verdict = fit === 'range' && !isOurs(head, job) ? 'mismatch' : fit;
	if (verdict !== 'whole' && verdict !== 'range') {
		await leave(body);
		if (verdict === 'unchanged') return {kind: 'unchanged'};
		return verdict === 'mismatch' ? 'stale' : {kind: 'failed', failure: verdict};
	}
	let sink: Sink | undefined;
	try {
		sink = await place(job, head, parts, observer);
		return await save(job, request, answer, sink, parts, observer, signal);
	} catch (error) {
		// Nobody will read it, and a body left half-way keeps its socket.
		if (!sink) await leave(body);
		else keep(job, await sink.abort(), observer);
		if (!signal.aborted && (request.range || isShared) && isStale(error)) return 'stale';
		throw error;
	}
}

/**
 * Where there are mirrors, what is here may have come from another one; and if this one ignores `If-Range`, the few bytes
 * that are compared prove little.
 */
const isOurs = (head: Head, {task: {options}, part}: Attempted): boolean =>
	options.mirrors === undefined || options.checksum !== undefined || isProven(part?.validators, head);

/** A body that others may take over has to be cut off while the task goes on. */
async function openShared(request: FetchRequest, {transport}: AttemptParts, signal: AbortSignal): Promise<Answer> {
	const cutting = new AbortController();
	const answer = await transport.open(request, AbortSignal.any([signal, cutting.signal]));
	return {...answer, cut: reason => cutting.abort(reason)};
}

/** Where the body goes. */
function place(job: Attempted, head: Head, parts: AttemptParts, observer: AttemptObserver): Sink | Promise<Sink> {
	const total = totalOf(head);
	if (total !== undefined && total > parts.maxSize) throw tooLarge(parts.maxSize);
	const {url, number, options} = job.task;
	const scattered = connectionsFor(head, job, parts) > 1;
	const saving: Saving = {url, number, options, scattered, observer};
	if (job.part) saving.part = job.part;
	return parts.storage.open(head, saving);
}

/** The body into its place, and the title out of it. */
async function save(
	job: Attempted,
	request: FetchRequest,
	answer: Answer,
	sink: Sink,
	parts: AttemptParts,
	observer: AttemptObserver,
	signal: AbortSignal,
): Promise<Outcome | Interim> {
	const {head} = answer;
	const part = head.status === 206 ? job.part : undefined;
	observer.receiving(head, offsetOf(head, part), sink.part());
	let title: string | undefined;
	const reading = parts.extractor.open(head, told => {
		title = told;
		observer.titled(told);
	});
	const connections = connectionsFor(head, job, parts);
	const verified = job.task.options.checksum !== undefined;
	const body = {request, targets: job.targets, connections, sink, verified, part, reading, brief: parts.brief};
	const transfer = new Transfer(answer, parts, body, observer);
	await transfer.run(signal);
	if (!transfer.isWhole) {
		keep(job, await sink.abort(), observer);
		return 'more';
	}
	if (transfer.isBehind) await transfer.catchUp();
	const {isRead} = transfer;
	const stored = await sink.commit();
	job.part = undefined;
	if (!reading) return {kind: 'done', stored, extracted: {}};
	observer.extracting();
	const finished = reading.finish(isRead);
	const extracted = finished instanceof Promise ? await unlessAborted(finished, () => title, signal) : finished;
	return {kind: 'done', stored, extracted};
}

/** What is here is of another version, or no longer what the last attempt left. */
const isStale = (error: unknown): boolean => ['CHANGED', 'BAD_PART'].includes(errorCode(error) ?? '');

function requestFor({targets: [url], headers, part, unless}: Attempted): FetchRequest {
	const range = part && rangeFor(part);
	const ifRange = range && ifRangeOf(part?.validators);
	const request: FetchRequest = {url, headers};
	if (range) request.range = range;
	if (ifRange) request.ifRange = ifRange;
	if (!range && unless) request.unless = unless;
	return request;
}

/** How many it may have. */
const connectionsOf = ({task}: Attempted, parts: AttemptParts): number =>
	parts.alone ? 1 : (task.options.connections ?? parts.connections);

/**
 * Several only where the server is known to serve ranges and names the version, so that all of them get the same, and where
 * the rest is worth sharing.
 */
function connectionsFor(head: Head, job: Attempted, parts: AttemptParts): number {
	const wanted = connectionsOf(job, parts);
	if (wanted === 1) return 1;
	const {part} = job;
	const total = totalOf(head);
	const hasRanges = head.status === 206 || /\bbytes\b/i.test(head.headers['accept-ranges'] ?? '');
	const isCoded = head.headers['content-encoding'] !== undefined;
	if (total === undefined || !hasRanges || isCoded || !ifRangeOf(validatorsOf(head))) return 1;
	const left = total - (head.status === 206 ? sizeOf(part?.ranges) : 0);
	return left < 2 * pieceSize ? 1 : Math.min(wanted, Math.ceil(left / pieceSize));
}

/** Bytes that are here and not among those that are coming. */
function offsetOf(head: Head, part: PartFile | undefined): number {
	const [start, end] = [head.range?.start ?? 0, head.range?.end ?? 0];
	const ranges = part?.ranges;
	if (!ranges) return 0;
	const twice = ranges.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0);
	return sizeOf(ranges) - twice;
}

/**
 * The body has arrived and is safe, so an extraction that fails costs the title, not the task; and who stops the run does not
 * wait for a page that takes seconds. What is known of it by then is its title.
 */
async function unlessAborted(
	finished: Promise<Extracted>,
	titleSoFar: () => string | undefined,
	signal: AbortSignal,
): Promise<Extracted> {
	const {promise, resolve} = Promise.withResolvers<Extracted>();
	const stop = () => {
		const title = titleSoFar();
		resolve({...(title !== undefined && {title}), truncated: true});
	};
	signal.addEventListener('abort', stop);
	try {
		return await Promise.race([finished, promise]);
	} catch {
		return {};
	} finally {
		signal.removeEventListener('abort', stop);
	}
}

function keep(job: Attempted, part: PartFile | undefined, observer: AttemptObserver): void {
	job.part = part;
	if (part) observer.saved(part);
}

/** The bytes are no use any more, but the name stays ours: the next request begins it anew. */
function forget(job: Attempted, observer: AttemptObserver): void {
	if (job.part) keep(job, onlyName(job.part), observer);
}
