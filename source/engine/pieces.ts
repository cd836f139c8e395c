import type {ByteRange, Ranges} from './ranges.ts';

/** Bytes that one connection has claimed. It may lose the end of them to a faster one. */
export type Piece = {
	/** The next byte to come. */
	at: number;
	end: number;
	/** From where, and since when, its speed is measured. */
	start: number;
	since: number;
	/** When bytes came last. */
	heard: number;
	/** Aborts when all that was left of it has been given to another connection; undefined while nobody could take it. */
	readonly lost: AbortController | undefined;
};

/** Taking over costs a request and what is on its way to the other one, so it has to save at least this much. */
const worthwhile = {bytes: 64 * 1024, milliseconds: 1_000};

/** Bytes a millisecond. One that has been silent for a while may have been fast before, and stands still now. */
function paceOf({at, start, since, heard}: Piece, now: number): number {
	return now - heard >= worthwhile.milliseconds ? 0 : (at - start) / Math.max(1, now - since);
}

/**
 * What is missing of a body, handed out piece by piece. The first connection reads on and on from the front, the others take
 * pieces from the back, so that nobody stops before they meet; when nothing is left to claim, a connection that is done
 * takes from the one that would be busy longest, in proportion to their speeds.
 */
export class Pieces {
	readonly #size: number;
	readonly #isShared: boolean;
	#unclaimed: ByteRange[];
	readonly #active = new Set<Piece>();
	/**
	 * How long a connection may be silent before it loses its piece. Longer each time, or a server that takes its time to
	 * answer would be asked for the same bytes again and again, and never get to send them.
	 */
	#patience = worthwhile.milliseconds;

	/** @param size bytes of a piece; `Infinity` for one connection that takes all */
	constructor(missing: Ranges, size: number) {
		this.#unclaimed = [...missing];
		this.#size = size;
		this.#isShared = Number.isFinite(size);
	}

	/** Whether all of it has arrived. */
	get complete(): boolean {
		return this.#unclaimed.length === 0 && this.#active.size === 0;
	}

	get busy(): boolean {
		return this.#active.size > 0;
	}

	/** From the front; an empty piece at `total` when nothing is missing. */
	first(now: number, total: number): Piece {
		const [start, end] = this.#unclaimed[0] ?? [total, total];
		return this.#activate([start, Math.min(end, start + this.#size)], now);
	}

	/** From the back, or from another connection. @param speed of the one who asks, in bytes a millisecond, if known */
	claim(now: number, speed?: number): Piece | undefined {
		const last = this.#unclaimed.at(-1);
		if (!last) return this.#takeOver(now, speed);
		const [start, end] = last;
		const from = start + Math.floor(Math.max(0, end - start - 1) / this.#size) * this.#size;
		return this.#activate([Number.isFinite(from) ? from : start, end], now);
	}

	/** Makes the piece longer by what follows it, if nobody has claimed that. */
	extend(piece: Piece): boolean {
		const next = this.#unclaimed.find(([start]) => start === piece.end);
		if (!next) return false;
		const end = Math.min(next[1], next[0] + this.#size);
		this.#take([next[0], end]);
		piece.end = end;
		return true;
	}

	/** Bytes up to `to` are here, or on their way from here to the disk. */
	advance(piece: Piece, to: number, now: number): void {
		piece.at = Math.max(piece.at, to);
		piece.heard = now;
	}

	/** Nothing flowed for a while, and nobody is to blame: speeds are measured anew. */
	restart(now: number): void {
		for (const piece of this.#active) Object.assign(piece, {start: piece.at, since: now, heard: now});
	}

	/** The connection is done with it; what it did not get is to be claimed again. */
	release(piece: Piece): void {
		this.#active.delete(piece);
		if (piece.at >= piece.end) return;
		this.#unclaimed.push([piece.at, piece.end]);
		this.#unclaimed.sort(([a], [b]) => a - b);
	}

	#activate([start, end]: ByteRange, now: number): Piece {
		this.#take([start, end]);
		const piece = {
			at: start,
			end,
			start,
			since: now,
			heard: now,
			lost: this.#isShared ? new AbortController() : undefined,
		};
		this.#active.add(piece);
		return piece;
	}

	#take([from, to]: ByteRange): void {
		const [first] = this.#unclaimed;
		if (!first || (first[0] === from && first[1] === to)) {
			this.#unclaimed.shift();
			return;
		}
		const without = ([start, end]: ByteRange): ByteRange[] => [
			[start, Math.min(end, from)],
			[Math.max(start, to), end],
		];
		this.#unclaimed = this.#unclaimed.flatMap(without).filter(([start, end]) => start < end);
	}

	#takeOver(now: number, speed = 0): Piece | undefined {
		const pace = (piece: Piece) => paceOf(piece, now);
		const wait = (piece: Piece) => (piece.end - piece.at) / Math.max(pace(piece), Number.EPSILON);
		const isSilent = (piece: Piece) => pace(piece) === 0 && now - piece.heard >= this.#patience;
		const isSlow = (piece: Piece) => pace(piece) > 0 && now - piece.since >= worthwhile.milliseconds;
		const slow = [...this.#active]
			.filter(piece => wait(piece) >= worthwhile.milliseconds && (isSilent(piece) || isSlow(piece)))
			.toSorted((a, b) => wait(b) - wait(a))[0];
		if (!slow || !Number.isFinite(slow.end)) return undefined;
		const left = slow.end - slow.at;
		const mine = Math.max(speed, ...[...this.#active].map(pace));
		const kept = isSilent(slow) ? 0 : Math.floor((left * pace(slow)) / (pace(slow) + mine));
		// Half of it may be too little to share; then it is all, if that is any faster, or nothing.
		const keeps = kept >= worthwhile.bytes ? kept : 0;
		if (isSilent(slow)) this.#patience *= 2;
		else if (keeps === 0 && wait(slow) - left / mine < worthwhile.milliseconds) return undefined;
		const range: ByteRange = [slow.at + keeps, slow.end];
		slow.end = range[0];
		if (keeps === 0) slow.lost?.abort();
		return this.#activate(range, now);
	}
}
