import type {Job} from './job.ts';
import type {Result} from './task.ts';

/** The last results that are remembered, and up to twice as many: a URL that is listed again further on than that is fetched again. */
const leastResults = 10_000;

const nobody: readonly Job[] = [];

/** What was listed before: fetched once, reported each time. */
export class Duplicates {
	/** By what they fetch: the job that does it. */
	readonly #live = new Map<string, Job>();
	/**
	 * In two generations, the older one forgotten as a whole. One map that loses its oldest entry for each new one keeps
	 * the gaps at its front, and to step over them took as long as the rest of a task.
	 */
	#ended = new Map<string, Result>();
	#endedBefore = new Map<string, Result>();

	/** What came of the same task before; `waits` when that is still open. Undefined for the first of its kind. */
	join(job: Job): Result | 'waits' | undefined {
		const key = keyOf(job);
		const leader = this.#live.get(key);
		// The first of its kind comes back for each of its tries, and those that wait for it go on waiting.
		if (leader === job) return undefined;
		if (leader) {
			leader.followers ??= new Set();
			leader.followers.add(job);
			return 'waits';
		}
		const result = this.#ended.get(key) ?? this.#endedBefore.get(key);
		if (result === undefined) this.#live.set(key, job);
		return result;
	}

	/** Whom it waits for, if it does. */
	leaderOf(job: Job): Job | undefined {
		const leader = this.#live.get(keyOf(job));
		return leader?.followers?.has(job) ? leader : undefined;
	}

	/** The job waits for nobody any more; those that wait for it go on waiting. */
	leave(job: Job): void {
		this.#live.get(keyOf(job))?.followers?.delete(job);
	}

	/** The job has ended. @returns those that waited for it */
	end(job: Job, result: Result): Iterable<Job> {
		const key = keyOf(job);
		const leader = this.#live.get(key);
		if (leader !== job) {
			leader?.followers?.delete(job);
			return nobody;
		}
		this.#live.delete(key);
		// What a person did not want of one line is wanted of another.
		if (result.state !== 'canceled') this.#remember(key, result);
		const {followers = nobody} = job;
		job.followers = undefined;
		return followers;
	}

	/** A person wants to know anew what has not succeeded. What another line has brought meanwhile is not fetched a second time. */
	forget(job: Job): void {
		const key = keyOf(job);
		for (const ended of [this.#ended, this.#endedBefore]) if (!ended.get(key)?.ok) ended.delete(key);
	}

	#remember(key: string, result: Result): void {
		if (this.#ended.size >= leastResults) {
			this.#endedBefore = this.#ended;
			this.#ended = new Map();
		}
		this.#ended.set(key, result);
	}
}

/** All that may make a difference to what is fetched, and to where it goes. */
function keyOf(job: Job): string {
	job.key ??= makeKey(job);
	return job.key;
}

function makeKey({mirrors: [{href}], headers, task: {options}}: Job): string {
	const hash = href.indexOf('#');
	const url = hash < 0 ? href : href.slice(0, hash);
	return headers.length === 0 && isEmpty(options) ? url : JSON.stringify([url, options, headers]);
}

const isEmpty = (options: object): boolean => {
	for (const _ in options) return false;
	return true;
};
