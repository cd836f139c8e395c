import prettyBytes from 'pretty-bytes';

/** `0 B`, `812 B`, `48.2 kB`, `1.2 MB`: powers of 1000, one decimal from a kilobyte on. */
export function bytes(count: number): string {
	const whole = Math.round(count);
	if (whole < 1000) return `${whole} B`;
	return prettyBytes(whole, {minimumFractionDigits: 1, maximumFractionDigits: 1});
}

/** `3.1/5.0 MB`: both in the unit of the larger, so that the eye can compare them. */
export function bytesOf(count: number, total: number): string {
	const whole = bytes(total);
	const [, unit] = whole.split(' ');
	const scale = unit === undefined ? 1 : (scales[unit] ?? 1);
	// Rounded down as the whole is: nothing shows more bytes than there are.
	const part = scale === 1 ? String(Math.round(count)) : (Math.floor((count / scale) * 10) / 10).toFixed(1);
	return `${part}/${whole}`;
}

const scales: Readonly<Record<string, number>> = {B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15};

/** `400K/s`, `5M/s`: a limit as it is typed, in powers of 1024; what is no whole number of these, as any other rate. */
export function limit(bytesPerSecond: number): string {
	const power = [3, 2, 1].find(power => bytesPerSecond % 1024 ** power === 0);
	return power === undefined ? rate(bytesPerSecond) : `${bytesPerSecond / 1024 ** power}${' KMG'[power]}/s`;
}

/** `1.2 MB/s` */
export const rate = (bytesPerSecond: number): string => `${bytes(bytesPerSecond)}/s`;
