import assert from 'node:assert/strict';
import fc from 'fast-check';
import {type ByteRange, missing, prefixOf, type Ranges, sizeOf, withRange} from '../source/engine/ranges.ts';
import {test} from './helpers/engine.ts';

/** Few enough that ranges meet, overlap and swallow each other all the time. */
const most = 40;
const range: fc.Arbitrary<ByteRange> = fc.tuple(fc.nat(most), fc.nat(most)).map(([a, b]) => [a, b]);
const sets = fc.array(range, {maxLength: 12});
const totals = fc.oneof(fc.nat(most + 5), fc.constant(Number.POSITIVE_INFINITY));

const union = (ranges: readonly ByteRange[]): Ranges => ranges.reduce<Ranges>(withRange, []);

/** The naive model: byte by byte. */
const bytesOf = (ranges: readonly ByteRange[]) =>
	new Set(
		ranges.flatMap(([start, end]) => Array.from({length: Math.max(0, end - start)}, (_, index) => start + index)),
	);
const sorted = (bytes: Iterable<number>) => [...bytes].toSorted((a, b) => a - b);

test('a set of ranges holds the bytes of all that was added to it, in whatever order, and each of them once', () => {
	fc.assert(
		fc.property(sets, ranges => {
			const [all, backwards] = [union(ranges), union(ranges.toReversed())];
			assert.deepEqual(all, backwards);
			assert.deepEqual(sorted(bytesOf(all)), sorted(bytesOf(ranges)));
			assert.equal(sizeOf(all), bytesOf(ranges).size);
		}),
	);
});

test('the ranges of a set are sorted, and neither empty nor touching', () => {
	fc.assert(
		fc.property(sets, ranges => {
			let last = Number.NEGATIVE_INFINITY;
			for (const [start, end] of union(ranges)) {
				assert.ok(start > last && end > start);
				last = end;
			}
		}),
	);
});

test('adding a range leaves the set that it was added to as it was', () => {
	fc.assert(
		fc.property(sets, range, (ranges, added) => {
			const all = union(ranges);
			const before = structuredClone(all);
			withRange(all, added);
			assert.deepEqual(all, before);
		}),
	);
});

test('what is missing is every byte below the total that is not there, however much is there', () => {
	fc.assert(
		fc.property(sets, totals, (ranges, total) => {
			const there = bytesOf(ranges);
			const gaps = missing(union(ranges), total);
			// Behind the last byte that can be there, an endless body is nothing but missing.
			const end = Math.min(total, most + 10);
			const lacking = Array.from({length: end}, (_, byte) => byte).filter(byte => !there.has(byte));
			assert.deepEqual(sorted(bytesOf(gaps.map(([from, to]) => [from, Math.min(to, end)]))), lacking);
			if (total === Number.POSITIVE_INFINITY) assert.equal(gaps.at(-1)?.[1], total);
			assert.deepEqual(gaps, union(gaps), 'sorted, none empty');
		}),
	);
});

test('a set and what it misses are all there is', () => {
	fc.assert(
		fc.property(sets, ranges => {
			const all = union(ranges);
			const total = all.at(-1)?.[1] ?? 0;
			assert.deepEqual(union([...all, ...missing(all, total)]), total === 0 ? [] : [[0, total]]);
		}),
	);
});

test('the prefix is as long as the bytes from the first one on are unbroken', () => {
	fc.assert(
		fc.property(sets, ranges => {
			const there = bytesOf(ranges);
			let end = 0;
			while (there.has(end)) end++;
			assert.equal(prefixOf(union(ranges)), end);
		}),
	);
});
