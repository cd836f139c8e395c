/** Names of the powers of 1000. */
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `0 B`, `812 B`, `48.2 kB`, `1.2 MB`: powers of 1000, one decimal from a kilobyte on. Not by `Intl`, of which the first number takes 15 ms. */
export function bytes(count: number): string {
	const power = powerOf(count);
	return `${inPower(count, power)} ${units[power]}`;
}

/**
 * `3.1/5.0 MB`: both in the unit of the larger, so that the eye can compare them. What is not the whole does not read as if it were:
 * it is rounded as any other number, but to the last digit before the whole at most.
 */
export function bytesOf(count: number, total: number): string {
	const power = powerOf(total);
	const [some, all] = [digits(count, power), digits(total, power)];
	const shown = count < total ? Math.max(0, Math.min(some, all - 1)) : some;
	return `${written(shown, power)}/${bytes(total)}`;
}

/** Of the unit in which it is below 1000 as it is written: 999,950 bytes are a megabyte. */
function powerOf(count: number): number {
	const power = units.findIndex((_, power) => digits(count, power) < digits(1000 ** (power + 1), power));
	return power < 0 ? units.length - 1 : power;
}

/** Tenths of the unit, but whole bytes; halves are rounded up. */
const digits = (count: number, power: number): number =>
	power === 0 ? Math.round(count) : Math.round(count / (1000 ** power / 10));

const written = (digits: number, power: number): string => (power === 0 ? String(digits) : (digits / 10).toFixed(1));

const inPower = (count: number, power: number): string => written(digits(count, power), power);

/** `400K/s`, `5M/s`: a limit as it is typed, in powers of 1024; what is no whole number of these, as any other rate. */
export function limit(bytesPerSecond: number): string {
	const power = [3, 2, 1].find(power => bytesPerSecond % 1024 ** power === 0);
	return power === undefined ? rate(bytesPerSecond) : `${bytesPerSecond / 1024 ** power}${' KMG'[power]}/s`;
}

/** `1.2 MB/s` */
export const rate = (bytesPerSecond: number): string => `${bytes(bytesPerSecond)}/s`;

/** `48.2 → 63.1 MB/s`: both in the unit of the larger. */
export function rates(before: number, after: number, arrow: string): string {
	const power = powerOf(Math.max(before, after));
	return `${inPower(before, power)} ${arrow} ${inPower(after, power)} ${units[power]}/s`;
}
