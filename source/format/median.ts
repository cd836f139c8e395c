/** Of any numbers; undefined of none. */
export function medianOf(values: readonly number[]): number | undefined {
	const sorted = Float64Array.from(values).sort();
	const middle = sorted.length >> 1;
	return sorted.length % 2
		? sorted[middle]
		: sorted.length
			? ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
			: undefined;
}
