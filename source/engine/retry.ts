import type {Failure} from './failure.ts';

/** The first wait is up to half a second, each further one up to twice that, none over half a minute. */
const base = 500;
const cap = 30_000;
/** Nobody waits for longer than this because a server says so. */
export const longestRetryAfter = 600_000;

/**
 * How long to wait before the next try, in milliseconds. Exponential backoff with full jitter: between nothing and the
 * bound, so that tasks that failed together do not come back together. `Retry-After` wins, up to ten minutes.
 * @param tries how many tries there were, from 1
 * @param random from 0 up to 1
 */
export function retryDelay(tries: number, failure: Failure, random: () => number): number {
	if (failure.retryAfter !== undefined) return Math.min(failure.retryAfter, longestRetryAfter);
	return Math.round(random() * Math.min(cap, base * 2 ** (tries - 1)));
}

/**
 * `Retry-After` (RFC 9110 §10.2.3) in milliseconds from `now`: seconds or an HTTP date. A date that has passed means now.
 * Undefined when there is none or it is neither.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
	if (value === undefined) return undefined;
	// Digits without end would be `Infinity`, which is no JSON.
	if (/^\s*\d+\s*$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER);
	// Date.parse takes nearly anything (`-1`, `1.5`), and what it makes of it would be a retry at once.
	const date = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
