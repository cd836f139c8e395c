import assert from 'node:assert/strict';
import fc from 'fast-check';
import {type Piece, Pieces} from '../source/engine/pieces.ts';
import {type ByteRange, missing, type Ranges, withRange} from '../source/engine/ranges.ts';
import {test} from './helpers/engine.ts';

const KiB = 1024;
const second = 1_000;

/** What Transfer does with pieces, without a byte of a body: what came, and what came twice. */
class Model {
	readonly pieces: Pieces;
	readonly active: Piece[] = [];
	readonly #missing: Ranges;
	#came: Ranges = [];
	#count = 0;
	now = 0;

	constructor(ranges: Ranges, size: number) {
		this.#missing = ranges;
		this.pieces = new Pieces(ranges, size);
	}

	claim(speed?: number): Piece | undefined {
		return this.#add(this.pieces.claim(this.now, speed));
	}

	first(total: number): Piece {
		const piece = this.pieces.first(this.now, total);
		this.active.push(piece);
		return piece;
	}

	/** Bytes come in; `reads` on into what follows, as the connection that was asked for everything does. */
	receive(piece: Piece, bytes: number, reads = false): void {
		const {at} = piece;
		while (reads && at + bytes > piece.end && this.pieces.extend(piece));
		const to = Math.min(at + bytes, piece.end);
		this.pieces.advance(piece, to, this.now);
		for (const [start, end] of this.#came) assert.ok(to <= start || at >= end || to === at, 'a byte came twice');
		this.#came = withRange(this.#came, [at, to]);
		this.#count += to - at;
	}

	release(piece: Piece): void {
		this.active.splice(this.active.indexOf(piece), 1);
		this.pieces.release(piece);
		assert.ok(!this.active.includes(piece));
	}

	/** Nobody has what another has, or what came already. */
	check(): void {
		const spans = this.active.map(({at, end}): ByteRange => [at, end]).filter(([at, end]) => at < end);
		const all = [...this.#came, ...spans].toSorted(([a], [b]) => a - b);
		for (const [index, [start]] of all.entries()) assert.ok(start >= (all[index - 1]?.[1] ?? 0), 'claimed twice');
	}

	/** Everything that is left comes in over one connection. */
	finish(): void {
		for (const piece of [...this.active]) this.release(piece);
		for (let piece = this.claim(); piece; piece = this.claim()) {
			this.receive(piece, Number.POSITIVE_INFINITY);
			this.release(piece);
		}
		assert.ok(this.pieces.complete);
		assert.deepEqual(this.#came, this.#missing);
		assert.equal(
			this.#count,
			this.#missing.reduce((sum, [start, end]) => sum + end - start, 0),
		);
	}

	#add(piece: Piece | undefined): Piece | undefined {
		if (piece) this.active.push(piece);
		return piece;
	}
}

/** Sorted, apart from each other: what a part may lack. */
const gaps = fc
	.uniqueArray(fc.nat(2_000 * KiB), {minLength: 2, maxLength: 12})
	.map(edges => edges.toSorted((a, b) => a - b))
	.map(edges => edges.flatMap((edge, index): ByteRange[] => (index % 2 ? [[edges[index - 1] ?? 0, edge]] : [])));

type Step = (model: Model) => void;
const nth = (model: Model, index: number) => model.active[index % Math.max(1, model.active.length)];
const steps: fc.Arbitrary<Step> = fc.oneof(
	fc.option(fc.nat(2_000), {nil: undefined}).map(
		(speed): Step =>
			model =>
				void model.claim(speed),
	),
	fc.tuple(fc.nat(20), fc.nat(400 * KiB), fc.boolean()).map(
		([index, bytes, reads]): Step =>
			model => {
				const piece = nth(model, index);
				if (piece) model.receive(piece, bytes, reads);
			},
	),
	fc.nat(20).map(
		(index): Step =>
			model => {
				const piece = nth(model, index);
				if (piece) model.release(piece);
			},
	),
	fc.nat(5 * second).map(
		(ms): Step =>
			model => {
				model.now += ms;
			},
	),
	fc.constant<Step>(model => model.pieces.restart(model.now)),
);

test('every byte is claimed once, whoever claims, reads on, breaks off and takes over in whatever order', () => {
	fc.assert(
		fc.property(
			gaps,
			fc.integer({min: 1_000, max: 600 * KiB}),
			fc.boolean(),
			fc.array(steps, {maxLength: 60}),
			(ranges, size, begins, all) => {
				const model = new Model(ranges, size);
				if (begins) model.first(ranges.at(-1)?.[1] ?? 0);
				for (const step of all) {
					step(model);
					model.check();
				}
				model.finish();
			},
		),
		{numRuns: 300},
	);
});

test('one connection alone gets each gap whole, and a body of unknown length to its end', () => {
	const endless = new Model(missing([], Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
	const piece = endless.first(Number.POSITIVE_INFINITY);
	assert.deepEqual([piece.at, piece.end], [0, Number.POSITIVE_INFINITY]);
	const part = new Pieces(missing([[10, 20]], 50), Number.POSITIVE_INFINITY);
	const pieces = [part.first(0, 50), part.claim(0), part.claim(0)];
	assert.deepEqual(
		pieces.map(piece => piece && [piece.at, piece.end]),
		[[0, 10], [20, 50], undefined],
	);
});

test('where nothing is missing the first piece is empty', () => {
	const pieces = new Pieces([], KiB);
	const piece = pieces.first(0, 50);
	assert.deepEqual([piece.at, piece.end], [50, 50]);
	assert.ok(!pieces.complete, 'but its connection still has something to compare');
	pieces.release(piece);
	assert.ok(pieces.complete);
});

test('the first connection takes pieces from the front and the others from the back, until they meet', () => {
	const pieces = new Pieces([[0, 40]], 10);
	const first = pieces.first(0, 40);
	const others = [pieces.claim(0), pieces.claim(0)];
	assert.deepEqual(
		others.map(piece => piece && [piece.at, piece.end]),
		[
			[30, 40],
			[20, 30],
		],
	);
	assert.ok(pieces.extend(first));
	assert.deepEqual([first.at, first.end], [0, 20]);
	assert.ok(!pieces.extend(first));
	assert.equal(pieces.claim(0), undefined, 'all of it is claimed');
});

test('what a connection that broke has left is claimed by the next one that asks', () => {
	const pieces = new Pieces([[0, 10]], 10);
	const broken = pieces.first(0, 10);
	pieces.advance(broken, 4, 0);
	pieces.release(broken);
	const next = pieces.claim(0);
	assert.deepEqual(next && [next.at, next.end], [4, 10]);
});

/** Connections that have had these bytes, out of as many as they claimed, after so many milliseconds. */
function busy(size: number, came: readonly number[], milliseconds: number): Model {
	const model = new Model([[0, size * came.length]], size);
	const pieces = came.map(() => model.claim());
	model.now = milliseconds;
	for (const [index, bytes] of came.entries()) {
		const piece = pieces[index];
		if (piece && bytes > 0) model.receive(piece, bytes);
	}
	return model;
}

test('who has nothing left takes from the slowest, in proportion to their speeds', () => {
	const model = busy(4_000 * KiB, [1_000 * KiB, 3_000 * KiB], 10 * second);
	const [slow, fast] = model.active;
	assert.ok(slow && fast);
	const taken = model.claim(300 * KiB * 0.001);
	assert.ok(taken);
	assert.equal(taken.end, 8_000 * KiB);
	assert.equal(slow.end, taken.at);
	assert.equal(slow.end - slow.at, 750 * KiB, 'it keeps a quarter, as it is a third as fast');
	assert.equal(slow.lost?.signal.aborted, false);
	assert.equal(fast.end, 4_000 * KiB);
	model.finish();
});

test('a connection that fell silent loses all that is left of its piece, however fast it was before', () => {
	for (const before of [0, 1, 15_900 * KiB]) {
		const model = busy(16_000 * KiB, [before], second);
		const [silent] = model.active;
		model.now += second;
		const taken = model.claim(10);
		assert.deepEqual(taken && [taken.at, taken.end], [before, 16_000 * KiB]);
		assert.equal(silent?.lost?.signal.aborted, true);
		assert.equal(silent?.end, silent?.at);
		model.finish();
	}
});

test('nothing is taken where it would save no time: from the nearly done, the young, and the one that is as fast', () => {
	const nearlyDone = busy(4_000 * KiB, [3_900 * KiB], 10 * second);
	nearlyDone.now += 0.9 * second;
	assert.equal(nearlyDone.claim(1_000), undefined, 'nor for a hiccup');
	const young = busy(4_000 * KiB, [10 * KiB], 0.5 * second);
	assert.equal(young.claim(1_000), undefined);
	const small = busy(100 * KiB, [10 * KiB], 10 * second);
	assert.equal(small.claim(1), undefined, 'half of it is not worth a request, and all of it takes as long');
	assert.ok(small.claim(100), 'but for a fast one it is');
});

test('a server that is slow to answer is not asked for the same piece for ever', () => {
	const model = busy(4_000 * KiB, [0], 0);
	let asked = 1;
	// Two connections take the piece from each other, and every answer would take five seconds.
	for (; model.now < 60 * second; model.now += 100) {
		const [piece] = model.active;
		if (piece && model.now - piece.since >= 5 * second) {
			model.receive(piece, 4_000 * KiB);
			break;
		}
		if (!model.claim()) continue;
		asked++;
		if (piece) model.release(piece);
	}
	assert.ok(model.now < 20 * second, 'it came');
	assert.ok(asked <= 4, `asked ${asked} times`);
	model.finish();
});

test('a pause of the whole run does not make anybody slow', () => {
	const model = busy(4_000 * KiB, [2_000 * KiB, 2_000 * KiB], second);
	model.now += 3_600 * second;
	model.pieces.restart(model.now);
	assert.equal(model.claim(2_000), undefined);
	model.now += 0.5 * second;
	for (const piece of model.active) model.receive(piece, 1_500 * KiB);
	model.now += 0.6 * second;
	assert.equal(model.claim(2_000), undefined, 'each of them needs less than a second more');
	model.finish();
});
