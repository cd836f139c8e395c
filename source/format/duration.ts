/** A clock for running things: `0:07`, `12:34`, `1:02:03`. */
export function clock(milliseconds: number): string {
	const seconds = Math.max(0, Math.floor(milliseconds / 1000));
	const two = (value: number) => String(value).padStart(2, '0');
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
	return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** For sentences: `0.31 s`, `12.4 s`, `3 min 5 s`. */
export function span(milliseconds: number): string {
	const seconds = Math.max(0, milliseconds) / 1000;
	if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
	return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Local time with milliseconds, as the log lines begin: `2026-11-22 20:03:42.397`. */
export function timestamp(epochMilliseconds: number): string {
	const date = new Date(epochMilliseconds);
	const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
	return local.toISOString().replace('T', ' ').replace('Z', '');
}
