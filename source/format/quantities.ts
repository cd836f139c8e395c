/** What people type for amounts, as the command line and the dashboard's `:` take it. Each throws with the rest of "… is invalid: …". */

/** Bytes, with the letters and powers of 1024 that curl takes. */
export function size(value: string): number {
	const match = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(value);
	const power = ' kmgt'.indexOf(match?.[2]?.toLowerCase() || ' ');
	const bytes = Math.floor(Number(match?.[1]) * 1024 ** power);
	if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
	throw new Error('it must be a size such as 500K, 20M or 4G');
}

/** Starts a second, minute or hour, as starts a second. A bare number is a second's. */
export function rate(value: string): number {
	const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(value) ?? [];
	const perSecond = Number(count) / {s: 1, m: 60, h: 3600}[unit as 's' | 'm' | 'h'];
	if (perSecond > 0) return perSecond;
	throw new Error('it must be a number above 0 of starts per second, minute or hour, such as 10/s, 100/m or 1000/h');
}

/** Without `most`, up to what a number can count. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER) {
	return (value: string): number => {
		const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
		if (number >= least && number <= most) return number;
		const end = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`;
		throw new Error(`it must be a whole number from ${least} ${end}`);
	};
}
