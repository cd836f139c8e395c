/** A clock for running things: `0:07`, `12:34`, `1:02:03`. */
export function clock(milliseconds: number): string {
	const seconds = Math.max(0, Math.floor(milliseconds / 1000));
	const two = (value: number) => String(value).padStart(2, '0');
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
	return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A clock in five cells, for columns: `0:07`, `59:59`, `1h02`, `99h59`, `41d`. */
export function brief(milliseconds: number): string {
	const minutes = Math.floor(milliseconds / 60_000);
	if (minutes < 60) return clock(milliseconds);
	const hours = Math.floor(minutes / 60);
	return hours < 100 ? `${hours}h${String(minutes % 60).padStart(2, '0')}` : `${Math.floor(hours / 24)}d`;
}

/** For sentences: `0.31 s`, `12.4 s`, `3 min 5 s`. */
export function span(milliseconds: number): string {
	const seconds = Math.max(0, milliseconds) / 1000;
	if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
	if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
	const whole = Math.round(seconds);
	return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Local time with milliseconds, as the log lines begin: `2026-11-22 20:03:42.397`. */
export function timestamp(epochMilliseconds: number): string {
	const date = new Date(epochMilliseconds);
	const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
	return local.toISOString().replace('T', ' ').replace('Z', '');
}
