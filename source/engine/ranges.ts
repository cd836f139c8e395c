/** Bytes from `start` up to, and not including, `end`. */
export type ByteRange = readonly [start: number, end: number];

/** A set of bytes as sorted ranges that neither touch nor overlap. Pure: every function returns a new set. */
export type Ranges = readonly ByteRange[];

export const nothing: Ranges = [];

/** The set with `range` in it. */
export function withRange(ranges: Ranges, [start, end]: ByteRange): Ranges {
	if (start >= end) return ranges;
	const before = ranges.filter(([, to]) => to < start);
	const after = ranges.filter(([from]) => from > end);
	const joined = ranges.slice(before.length, ranges.length - after.length);
	const first = Math.min(start, joined[0]?.[0] ?? start);
	const last = Math.max(end, joined.at(-1)?.[1] ?? end);
	return [...before, [first, last], ...after];
}

/** What is missing of the bytes from 0 to `total`, which may be `Infinity`. */
export function missing(ranges: Ranges, total: number): Ranges {
	if (ranges.length === 0) return total > 0 ? [[0, total]] : nothing;
	const gaps: ByteRange[] = [];
	let at = 0;
	for (const [start, end] of ranges) {
		if (start > at) gaps.push([at, Math.min(start, total)]);
		at = Math.max(at, end);
	}
	if (at < total) gaps.push([at, total]);
	return gaps.filter(([start, end]) => start < end);
}

/** How many bytes are in the set. */
export const sizeOf = (ranges: Ranges = nothing): number => ranges.reduce((sum, [start, end]) => sum + end - start, 0);

/** Where the first unbroken range from 0 ends. */
export const prefixOf = (ranges: Ranges): number => (ranges[0]?.[0] === 0 ? ranges[0][1] : 0);
