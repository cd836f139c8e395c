/** How much more or less there was afterwards than before, and how sure that is. */
export type Comparison = {
	/** Means a second. */
	before: number;
	after: number;
	/** 0.31 for 31 % more. */
	change: number;
	/** Standard error of the change. */
	error: number;
	/** Degrees of freedom of that error. */
	freedom: number;
};

/** No two windows of a network are as alike as their seconds: what each mean is off by at least, as a share of it. */
const drift = 0.005;

/**
 * Compares two series of seconds as Welch's test does, which lets them differ in their noise and in their length. Undefined where
 * there is nothing to divide by. Seconds that follow each other are alike, so that there is less in them than their number says:
 * the variance of both means is widened by (1 + r) / (1 − r), r being the correlation of a second with the next.
 */
export function compare(before: readonly number[], after: readonly number[]): Comparison | undefined {
	const [b, a] = [momentsOf(before), momentsOf(after)];
	if (!(b.mean > 0) || before.length < 2 || after.length < 2) return undefined;
	const r = correlation(b, a);
	const widened = (1 + r) / (1 - r);
	const ratio = a.mean / b.mean;
	const change = ratio - 1;
	// Of the ratio of two means, in first order.
	const [fromBefore, fromAfter] = [(ratio / b.mean) ** 2 * b.variance, a.variance / b.mean ** 2].map(
		each => each * widened,
	);
	const [ofBefore, ofAfter] = [(fromBefore ?? 0) / before.length, (fromAfter ?? 0) / after.length];
	const sum = ofBefore + ofAfter;
	const freedom = sum > 0 ? sum ** 2 / (ofBefore ** 2 / (before.length - 1) + ofAfter ** 2 / (after.length - 1)) : 1000;
	const error = Math.sqrt(sum + drift ** 2 * (ratio ** 2 + ratio));
	return {before: b.mean, after: a.mean, change, error, freedom};
}

type Moments = {values: readonly number[]; mean: number; variance: number};

function momentsOf(values: readonly number[]): Moments {
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
	return {values, mean, variance: squares / Math.max(1, values.length - 1)};
}

/** Of a second with the next one, over both series, from 0 to 0.9. Short series make it look lower than it is. */
function correlation(...series: readonly Moments[]): number {
	let [products, squares, length] = [0, 0, 0];
	for (const {values, mean} of series) {
		length += values.length;
		values.forEach((value, index) => {
			squares += (value - mean) ** 2;
			if (index > 0) products += (value - mean) * ((values[index - 1] ?? mean) - mean);
		});
	}
	if (squares === 0) return 0;
	const seen = products / squares;
	// Marriott and Pope 1954: it comes out lower by about (1 + 3 r) / n for each series.
	return Math.max(0, Math.min(0.9, seen + (series.length * (1 + 3 * Math.max(0, seen))) / length));
}

/**
 * The quantile of Student's t, from the normal one `z` (Hill 1970, the first terms; good to a percent from 3 degrees of freedom on).
 * @param z of the normal distribution: 2.576 for the two-sided 99 %
 */
export function student(z: number, freedom: number): number {
	const v = Math.max(2, freedom);
	return (
		z +
		(z ** 3 + z) / (4 * v) +
		(5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * v ** 2) +
		(3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * v ** 3)
	);
}
