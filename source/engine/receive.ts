import {bytes} from '../format/bytes.ts';
import {ifRangeOf, isProven, isSameVersion, judge, totalOf, validatorsOf} from './answer.ts';
import type {Allowance} from './bandwidth.ts';
import {coded} from './failure.ts';
import {LowSpeed} from './low-speed.ts';
import {type Piece, Pieces} from './pieces.ts';
import {missing, nothing} from './ranges.ts';
import {
	type Body,
	type Clock,
	type FetchRequest,
	type Head,
	leave,
	type PartFile,
	type Reading,
	type Sink,
	type Transport,
} from './seams.ts';
import {Showing} from './showing.ts';

/** Bytes of a piece, when several connections share a body. One of less than two of them is not worth sharing. */
export const pieceSize = 16 * 1024 * 1024;

/**
 * How often what is on the disk is told, in milliseconds: where order does not tell it, and where a power loss might. What
 * was not told before a crash is fetched again.
 */
const savedEvery = {scattered: 50, synced: 1_000};

/** How often a connection with nothing to do looks again whether another has fallen behind. */
const lookAgain = 1_000;

/** `cut` breaks the body off, where several connections may share it: it may be silent when nobody needs it any more. */
export type Answer = {head: Head; body: Body; cut?: (reason: unknown) => void};

export type TransferParts = {
	transport: Transport;
	clock: Clock;
	/** While the run is paused: resolves when bytes may flow again, or when the signal aborts. */
	held(signal: AbortSignal): Promise<void> | undefined;
	/** Bytes of the longest body that is taken. */
	maxSize: number;
	/** Bytes a second below which a connection is given up; 0 for none. */
	minSpeed: number;
	bandwidth: Allowance;
};

export type TransferOptions = {
	/** As it was sent; further connections ask for other ranges of the same. */
	request: FetchRequest;
	/** Where further connections go, in turn: the URL that was asked first, then its mirrors. */
	targets: readonly [URL, ...URL[]];
	connections: number;
	sink: Sink;
	/** A checksum will tell in the end, so mirrors need not prove that theirs is the same body. */
	verified: boolean;
	/** What is there already, if the first answer goes on from it. */
	part: PartFile | undefined;
	/** Who reads along, if anybody does. */
	reading?: Reading | undefined;
	/** Only what is read along matters: the rest of the body is left when that is enough. */
	brief: boolean;
};

/** Who hears of bytes that have come, and now and then of those that are on the disk. */
export type TransferObserver = {received(bytes: number): void; saved(part: PartFile): void};

const nobody: Set<() => void> = new Set();

/** Moves a body into its sink, over one connection or several, and shows it to whoever reads along. */
export class Transfer {
	readonly #first: Answer;
	readonly #parts: TransferParts;
	readonly #options: TransferOptions;
	readonly #observer: TransferObserver;
	readonly #total: number;
	readonly #pieces: Pieces;
	readonly #showing: Showing;
	/** Aborts, with its reason, when no connection can be of any use any more. */
	readonly #ending: AbortController | undefined;
	/** How to wake the connections that have nothing to do. */
	readonly #idle: Set<() => void> = nobody;
	#savedAt: number;
	#syncedAt: number;
	#syncing = false;
	/** The file has its full size from the start on: after a crash nothing but what was told says what is in it. */
	readonly #isScattered: boolean;
	/** Bytes are known to be on the disk; how many, the size of a file tells that grows from its start. */
	#isTold = false;
	#over = false;
	/** Bytes of the body: how far anything reached. */
	#length = 0;

	constructor(first: Answer, parts: TransferParts, options: TransferOptions, observer: TransferObserver) {
		this.#observer = observer;
		this.#first = first;
		this.#parts = parts;
		this.#options = options;
		this.#total = totalOf(first.head) ?? options.part?.total ?? Number.POSITIVE_INFINITY;
		const isShared = options.connections > 1;
		if (isShared) {
			this.#ending = new AbortController();
			this.#idle = new Set();
		}
		const size = isShared ? pieceSize : Number.POSITIVE_INFINITY;
		this.#pieces = new Pieces(missing(options.part?.ranges ?? nothing, this.#total), size);
		this.#showing = new Showing(options.reading);
		this.#isScattered = isShared || options.part?.preallocated === true;
		this.#savedAt = parts.clock.now();
		this.#syncedAt = this.#savedAt;
	}

	/** All of the body is there: one answer may be less than the rest. */
	get isWhole(): boolean {
		return this.#pieces.complete;
	}

	/** The reader has been shown all there is of the body. */
	get isRead(): boolean {
		return this.#showing.next >= this.#length;
	}

	/** The reader wants more of what is there than it has been shown: an earlier attempt brought it. */
	get isBehind(): boolean {
		const {reading} = this.#options;
		const {isEnough, next} = this.#showing;
		return reading !== undefined && !isEnough && next < Math.min(reading.limit, this.#length);
	}

	/** Shows the reader what is on the disk. */
	async catchUp(): Promise<void> {
		const {reading, sink} = this.#options;
		if (!reading) return;
		const start = await sink.start(reading.limit);
		this.#showing.add(start.subarray(this.#showing.next), this.#showing.next);
	}

	/** Rejects only when no connection can go on. The part that is left belongs to the sink. */
	run(signal: AbortSignal): Promise<void> {
		if (this.#ending) return this.#together(this.#ending, signal);
		return this.#drain(this.#pieces.first(this.#parts.clock.now(), this.#total), this.#first, signal);
	}

	/** What a connection that broke has left is finished by the others. */
	async #together(ending: AbortController, signal: AbortSignal): Promise<void> {
		const {connections, targets} = this.#options;
		const all = AbortSignal.any([signal, ending.signal]);
		const works = Array.from({length: connections}, (_, index) =>
			this.#work(all, targets[index % targets.length] ?? targets[0], index === 0 ? this.#first : undefined),
		);
		const ends = await Promise.allSettled(works);
		this.#over = true;
		signal.throwIfAborted();
		if (!this.isWhole) throw ending.signal.reason ?? ends.find(end => end.status === 'rejected')?.reason;
	}

	/** One connection of several: claims a piece, receives it, claims the next. */
	async #work(signal: AbortSignal, target: URL, first?: Answer): Promise<void> {
		const {clock} = this.#parts;
		let answer = first;
		let speed: number | undefined;
		for (;;) {
			const piece = answer ? this.#pieces.first(clock.now(), this.#total) : await this.#claim(signal, speed);
			if (!piece) return;
			const wanted = piece.lost ? AbortSignal.any([signal, piece.lost.signal]) : signal;
			if (answer?.cut) wanted.addEventListener('abort', () => answer?.cut?.(wanted.reason), {once: true});
			try {
				answer ??= await this.#open(piece, target, wanted);
				await this.#drain(piece, answer, wanted);
			} catch (error) {
				if (!piece.lost?.signal.aborted || signal.aborted) throw error;
			} finally {
				this.#pieces.release(piece);
				for (const wake of this.#idle) wake();
			}
			speed = (piece.at - piece.start) / Math.max(1, clock.now() - piece.since);
			answer = undefined;
		}
	}

	/** With nothing to claim it waits while others are busy: one of them may break, or fall behind. */
	async #claim(signal: AbortSignal, speed: number | undefined): Promise<Piece | undefined> {
		const {clock} = this.#parts;
		for (;;) {
			await this.#held(signal);
			signal.throwIfAborted();
			const piece = this.#pieces.claim(clock.now(), speed);
			if (piece || !this.#pieces.busy) return piece;
			const {promise, resolve} = Promise.withResolvers<void>();
			const wake = () => resolve();
			const cancel = clock.timer(lookAgain, wake);
			signal.addEventListener('abort', wake);
			this.#idle.add(wake);
			await promise;
			cancel();
			signal.removeEventListener('abort', wake);
			this.#idle.delete(wake);
		}
	}

	/** While the run is paused nothing is taken in, nothing asked for, and nobody falls behind. */
	#held(signal: AbortSignal): Promise<void> | undefined {
		return this.#parts.held(signal)?.then(() => this.#pieces.restart(this.#parts.clock.now()));
	}

	/** Asks for one piece. What comes must be the same version as the first answer, whoever sends it. */
	async #open(piece: Piece, target: URL, signal: AbortSignal): Promise<Answer> {
		const {request, verified} = this.#options;
		const {head: known} = this.#first;
		const validators = validatorsOf(known);
		const ifRange = ifRangeOf(validators);
		const isMirror = target.href !== request.url.href;
		const {unless: _, ...rest} = request;
		const asked: FetchRequest = {
			...rest,
			url: target,
			range: [piece.at, piece.end],
			...(!isMirror && ifRange !== undefined && {ifRange}),
		};
		const answer = await this.#parts.transport.open(asked, signal);
		const part = {path: '', ranges: [], total: this.#total, ...(!isMirror && {validators})};
		const verdict = judge(answer.head, asked, part, this.#parts.clock.now());
		const proven = verified || isProven(validators, answer.head);
		if (verdict === 'range' && proven) return answer;
		await leave(answer.body);
		if (typeof verdict === 'object') throw coded(verdict.code, verdict.message);
		if (verdict === 'whole' && !isMirror && !isSameVersion(validators, answer.head)) this.#end(coded('CHANGED'));
		throw coded('BAD_RANGE');
	}

	async #drain(piece: Piece, {head, body}: Answer, signal: AbortSignal): Promise<void> {
		const {clock, minSpeed, bandwidth} = this.#parts;
		const speed = minSpeed > 0 ? new LowSpeed(minSpeed, clock.now()) : undefined;
		let position = head.status === 206 ? (head.range?.start ?? 0) : 0;
		const chunks = body[Symbol.asyncIterator]();
		let isAtEnd = false;
		try {
			for (;;) {
				let chunk = body.ready?.();
				if (chunk === undefined) chunk = (await chunks.next()).value ?? null;
				isAtEnd = chunk === null;
				if (!chunk) break;
				speed?.heard(chunk.length, clock.now());
				const pause = this.#held(signal);
				if (pause) await pause;
				const {length} = chunk;
				if (bandwidth.isLimited || position + length > piece.end) {
					position = await this.#portion(piece, chunk, position, signal);
				} else {
					const written = this.#take(piece, chunk, position);
					if (written) await written;
					position += length;
					this.#observer.received(length);
					this.#tell();
				}
				if (position >= piece.end) break;
				speed?.listen(clock.now());
			}
			// Where nobody knows the total, a range is the last one when it brings nothing new.
			if (piece.end === Number.POSITIVE_INFINITY && (head.status !== 206 || position <= piece.start))
				piece.end = position;
			// A server may answer with less than was asked for, if it says so.
			if (position < piece.end && position !== head.range?.end) throw coded('SHORT_BODY');
		} finally {
			if (!isAtEnd) await chunks.return?.();
			if (!this.#ending) {
				this.#pieces.release(piece);
				this.#over = true;
			}
		}
	}
	/** Takes in as much of a chunk as belongs to the piece, no faster than the limit allows. @returns the position behind it */
	async #portion(piece: Piece, chunk: Uint8Array, start: number, signal: AbortSignal): Promise<number> {
		const {bandwidth} = this.#parts;
		let position = start;
		let rest = chunk;
		while (rest.length > 0) {
			const share = bandwidth.isLimited ? await this.#share(rest.length, signal) : rest.length;
			while (position + share > piece.end && this.#pieces.extend(piece));
			const length = Math.min(share, piece.end - position);
			const isAll = length === rest.length;
			const written = this.#take(piece, isAll ? rest : rest.subarray(0, length), position);
			position += length;
			if (written) await written;
			this.#observer.received(length);
			this.#tell();
			// The sink may have given the memory away.
			if (isAll || position >= piece.end) break;
			rest = rest.subarray(length);
		}
		return position;
	}

	/** How many of these bytes may be taken in now. Under a limit all are slow, and nobody falls behind. */
	async #share(bytes: number, signal: AbortSignal): Promise<number> {
		const {bandwidth, clock} = this.#parts;
		const granted = await bandwidth.take(this.#options.sink, bytes, signal);
		this.#pieces.restart(clock.now());
		return granted;
	}

	#take(piece: Piece, data: Uint8Array, start: number): Promise<void> | undefined {
		const {sink, brief} = this.#options;
		const {maxSize, clock} = this.#parts;
		const end = start + data.length;
		if (end > maxSize) this.#end(tooLarge(maxSize));
		// Before it is written: whoever takes over the rest must not take what is under way.
		this.#pieces.advance(piece, end, clock.now());
		this.#length = Math.max(this.#length, end);
		this.#showing.add(data, start);
		if (brief && this.#showing.isEnough) piece.end = end;
		try {
			const written = sink.write(data, start);
			return written ? written.catch(error => this.#end(error)) : undefined;
		} catch (error) {
			this.#end(error);
		}
	}

	#end(error: unknown): never {
		this.#ending?.abort(error);
		throw error;
	}

	/** What is on the disk: told now and then, and never waited for. */
	#tell(): void {
		const now = this.#parts.clock.now();
		if (now - this.#syncedAt >= savedEvery.synced && !this.#syncing) {
			this.#syncing = true;
			this.#syncedAt = now;
			void this.#sync();
		} else if ((this.#isScattered || !this.#isTold) && now - this.#savedAt >= savedEvery.scattered) {
			this.#savedAt = now;
			this.#say(this.#options.sink.part());
		}
	}

	async #sync(): Promise<void> {
		try {
			this.#say(await this.#options.sink.sync());
		} catch {
			// The disk's own errors come out of the next write.
		}
		this.#syncing = false;
	}

	#say(part: PartFile | undefined): void {
		if (!part || this.#over) return;
		this.#isTold = part.ranges.length > 0;
		this.#observer.saved(part);
	}
}

export const tooLarge = (limit: number): Error => coded('TOO_LARGE', `the body is longer than ${bytes(limit)}`);
