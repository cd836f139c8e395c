import {longestRetryAfter} from '../../engine/retry.ts';
import type {ReadonlyStore} from '../../engine/store.ts';
import {isRunning, type Task} from '../../engine/task.ts';
import {brief} from '../../format/duration.ts';

/** What keeps queued tasks from free slots: in a long and a short form, and in one that is true for more than a second. */
export type Hold = {forms: readonly string[]; lasting: string};

/** Why tasks are queued although slots are free, in a long and a short form; undefined when they are not. */
export const heldBy = (store: ReadonlyStore, now: number): readonly string[] | undefined => holdOf(store, now)?.forms;

export function holdOf(store: ReadonlyStore, now: number): Hold | undefined {
	const {run, counts, hosts} = store;
	if (run.state !== 'running' || counts.queued === 0 || store.running() >= run.concurrency) return undefined;
	const lanes = lanesOf(store);
	const queued = [...lanes].filter(([, lane]) => lane.queued > 0);
	// A host that has asked for less holds back its own tasks only. The one that did so last is told.
	const asked = [...hosts].reverse().filter(([host]) => lanes.get(host)?.queued);
	const [cooling, {until = 0, why} = {}] = asked.find(([, host]) => host.until > now) ?? [];
	if (cooling !== undefined) {
		const left = brief(until - now + 999);
		const because = `(${why?.status ?? why?.code})`;
		return {
			forms: [`${cooling} cools down ${left} ${because}`, `cooling down ${left}`],
			lasting: `${cooling} cools down ${because}`,
		};
	}
	const isFull = (host: string, limit: number) => (lanes.get(host)?.running ?? 0) >= limit;
	const {perHost, rate} = run;
	const most = perHost ?? Number.POSITIVE_INFINITY;
	const isFree = ([host]: [string, Lane]) => !isFull(host, Math.min(most, hosts.get(host)?.window ?? most));
	if (rate !== null && queued.some(isFree)) return hold('held by --rate');
	const [narrow, {window} = {}] = asked.find(([host, {window}]) => window < most && isFull(host, window)) ?? [];
	if (narrow !== undefined) return hold(`${narrow} takes ${window} at once`, `held by ${narrow}`);
	if (queued.some(([host]) => isFull(host, most))) return hold('held by --per-host');
	return hasTwins(store) ? hold('listed twice: fetched once', 'listed twice') : undefined;
}

const hold = (long: string, ...shorter: string[]): Hold => ({forms: [long, ...shorter], lasting: long});

type Lane = {queued: number; running: number};

/** How many live tasks each host has. */
function lanesOf({live}: ReadonlyStore): Map<string, Lane> {
	const lanes = new Map<string, Lane>();
	for (const {host, state} of live.values()) {
		const lane = lanes.get(host) ?? {queued: 0, running: 0};
		if (state === 'queued') lane.queued++;
		else if (isRunning(state)) lane.running++;
		lanes.set(host, lane);
	}
	return lanes;
}

/** Whether something queued is what another task is at already. */
function hasTwins({live}: ReadonlyStore): boolean {
	const bare = ({url}: Readonly<Task>) => url.split('#', 1)[0];
	const tasks = [...live.values()];
	const taken = new Set(tasks.filter(({state}) => state !== 'queued').map(bare));
	return tasks.some(task => task.state === 'queued' && taken.has(bare(task)));
}

/** `retry 2/4 in 8 s · 503, Retry-After 8 s` in its forms, the fullest first. */
export function waitingFor({waiting}: Readonly<Task>, now: number, dot: string): readonly string[] {
	if (!waiting) return [];
	const {until, retry, retries, failure} = waiting;
	const {status, code, retryAfter} = failure;
	const seconds = Math.max(0, Math.ceil((until - now) / 1000));
	// A refusal that was not the task's fault does not count as a try.
	const left = inWords(seconds * 1000);
	const what = retry > 0 ? `retry ${retry}/${retries} in ${left}` : `again in ${left}`;
	const why = `${dot} ${status ?? code}`;
	const short = [`${what} ${why}`, `in ${left} ${why}`];
	if (retryAfter === undefined) return short;
	const capped = retryAfter > longestRetryAfter ? `, ${brief(longestRetryAfter)} at most` : '';
	return [`${what} ${why}, Retry-After ${inWords(retryAfter)}${capped}`, `${what} ${why}, Retry-After`, ...short];
}

/** `8 s`, and from a minute on `1:02`. */
const inWords = (milliseconds: number): string =>
	milliseconds < 60_000 ? `${Math.ceil(milliseconds / 1000)} s` : brief(milliseconds);
