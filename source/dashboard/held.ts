import {longestRetryAfter} from '../engine/retry.ts';
import type {ReadonlyStore} from '../engine/store.ts';
import type {Task} from '../engine/task.ts';
import {brief} from '../format/duration.ts';

/** Why tasks are queued although slots are free, in a long and a short form; undefined when they are not. */
export function heldBy(store: ReadonlyStore, now: number): readonly string[] | undefined {
	const {run, counts, hosts} = store;
	if (run.state !== 'running' || counts.queued === 0 || store.running() >= run.concurrency) return undefined;
	const asked = [...hosts].reverse();
	const [cooling, {until = 0, why} = {}] = asked.find(([, host]) => host.until > now) ?? [];
	if (cooling !== undefined) {
		const left = brief(until - now + 999);
		return [`${cooling} cools down ${left} (${why?.status ?? why?.code})`, `cooling down ${left}`];
	}
	if (run.rate !== null) return ['held by --rate'];
	const [narrow, {window} = {}] = asked[0] ?? [];
	if (narrow !== undefined) return [`${narrow} bears ${window} at once`, `held by ${narrow}`];
	return run.perHost === null ? undefined : ['held by --per-host'];
}

/** `retry 2/4 in 8 s · 503, Retry-After 8 s` in its forms, the fullest first. */
export function waitingFor({waiting}: Readonly<Task>, now: number, dot: string): readonly string[] {
	if (!waiting) return [];
	const {until, retry, retries, failure} = waiting;
	const {status, code, retryAfter} = failure;
	const seconds = Math.max(0, Math.ceil((until - now) / 1000));
	// A refusal that was not the task's fault does not count as a try.
	const what = retry > 0 ? `retry ${retry}/${retries} in ${seconds} s` : `again in ${seconds} s`;
	const why = `${dot} ${status ?? code}`;
	const short = [`${what} ${why}`, `in ${seconds} s ${why}`];
	if (retryAfter === undefined) return short;
	const capped = retryAfter > longestRetryAfter ? `, at most ${longestRetryAfter / 60_000} min` : '';
	const asked = retryAfter < 60_000 ? `${Math.ceil(retryAfter / 1000)} s` : brief(retryAfter);
	return [`${what} ${why}, Retry-After ${asked}${capped}`, `${what} ${why}, Retry-After`, ...short];
}
