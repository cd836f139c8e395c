/** Names of the powers of 1000. */
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/**
 * `0 B`, `812 B`, `48.2 kB`, `1.2 MB`: powers of 1000, one decimal from a kilobyte on. Rounded down: nothing shows more bytes than
 * there are. Not by `Intl`, of which the first number takes 15 ms.
 */
export function bytes(count: number): string {
	const whole = Math.round(count);
	const power = powerOf(whole);
	return `${inPower(whole, power)} ${units[power]}`;
}

/** `3.1/5.0 MB`: both in the unit of the larger, so that the eye can compare them. */
export function bytesOf(count: number, total: number): string {
	return `${inPower(count, powerOf(Math.round(total)))}/${bytes(total)}`;
}

function powerOf(count: number): number {
	const power = units.findIndex((_, power) => count < 1000 ** (power + 1));
	return power < 0 ? units.length - 1 : power;
}

const inPower = (count: number, power: number): string =>
	power === 0 ? String(Math.round(count)) : (Math.floor(count / (1000 ** power / 10)) / 10).toFixed(1);

/** `400K/s`, `5M/s`: a limit as it is typed, in powers of 1024; what is no whole number of these, as any other rate. */
export function limit(bytesPerSecond: number): string {
	const power = [3, 2, 1].find(power => bytesPerSecond % 1024 ** power === 0);
	return power === undefined ? rate(bytesPerSecond) : `${bytesPerSecond / 1024 ** power}${' KMG'[power]}/s`;
}

/** `1.2 MB/s` */
export const rate = (bytesPerSecond: number): string => `${bytes(bytesPerSecond)}/s`;

/** `48.2 → 63.1 MB/s`: both in the unit of the larger. */
export function rates(before: number, after: number, arrow: string): string {
	const power = powerOf(Math.round(Math.max(before, after)));
	return `${inPower(before, power)} ${arrow} ${inPower(after, power)} ${units[power]}/s`;
}
