import type {ByteRange, Ranges} from './ranges.ts';

/** Bytes that one connection has claimed. It may lose the end of them to a faster one. */
export type Piece = {
	/** The next byte to come. */
	at: number;
	end: number;
	readonly start: number;
	readonly since: number;
	/** Aborts when all that was left of it has been given to another connection. */
	readonly lost: AbortController;
};

/** Taking over costs a request and what is on its way to the other one, so it has to save at least this much. */
const worthwhile = {bytes: 64 * 1024, milliseconds: 1_000};

/**
 * What is missing of a body, handed out piece by piece. The first connection reads on and on from the front, the others take
 * pieces from the back, so that nobody stops before they meet; when nothing is left to claim, a connection that is done
 * takes from the one that would be busy longest, in proportion to their speeds.
 */
export class Pieces {
	readonly #size: number;
	#unclaimed: ByteRange[];
	readonly #active = new Set<Piece>();

	/** @param size bytes of a piece; `Infinity` for one connection that takes all */
	constructor(missing: Ranges, size: number) {
		this.#unclaimed = [...missing];
		this.#size = size;
	}

	/** Whether all of it has arrived. */
	get complete(): boolean {
		return this.#unclaimed.length === 0 && this.#active.size === 0;
	}

	get busy(): boolean {
		return this.#active.size > 0;
	}

	/** How many connections could be given something now, without taking it from another. */
	get count(): number {
		return this.#unclaimed.reduce((sum, [start, end]) => sum + Math.ceil((end - start) / this.#size), 0);
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

	/** The connection is done with it; what it did not get is to be claimed again. */
	release(piece: Piece): void {
		this.#active.delete(piece);
		if (piece.at >= piece.end) return;
		this.#unclaimed.push([piece.at, piece.end]);
		this.#unclaimed.sort(([a], [b]) => a - b);
	}

	#activate(range: ByteRange, now: number): Piece {
		this.#take(range);
		const piece = {at: range[0], start: range[0], end: range[1], since: now, lost: new AbortController()};
		this.#active.add(piece);
		return piece;
	}

	#take([from, to]: ByteRange): void {
		const without = ([start, end]: ByteRange): ByteRange[] => [
			[start, Math.min(end, from)],
			[Math.max(start, to), end],
		];
		this.#unclaimed = this.#unclaimed.flatMap(without).filter(([start, end]) => start < end);
	}

	#takeOver(now: number, speed = 0): Piece | undefined {
		const left = ({at, end}: Piece) => end - at;
		const pace = ({at, start, since}: Piece) => (at - start) / Math.max(1, now - since);
		const wait = (piece: Piece) => left(piece) / Math.max(pace(piece), Number.EPSILON);
		const slow = [...this.#active]
			.filter(piece => now - piece.since >= worthwhile.milliseconds && wait(piece) >= worthwhile.milliseconds)
			.toSorted((a, b) => wait(b) - wait(a))[0];
		if (!slow || !Number.isFinite(slow.end)) return undefined;
		const mine = Math.max(speed, ...[...this.#active].map(pace), Number.EPSILON);
		const kept = Math.floor((left(slow) * pace(slow)) / (pace(slow) + mine));
		const keeps = kept >= worthwhile.bytes ? kept : 0;
		if (left(slow) - keeps < Math.min(worthwhile.bytes, left(slow))) return undefined;
		const range: ByteRange = [slow.at + keeps, slow.end];
		slow.end = range[0];
		if (keeps === 0) slow.lost.abort();
		return this.#activate(range, now);
	}
}
