import type {Job} from './job.ts';
import type {Result} from './task.ts';

/** Results that are remembered, the last ones: a URL that is listed again further on than that is fetched again. */
const mostResults = 10_000;

/** What was listed before: fetched once, reported each time. */
export class Duplicates {
	/** By what they fetch: the job that does it, and those that wait for what comes of it. */
	readonly #live = new Map<string, {leader: Job; followers: Job[]}>();
	readonly #ended = new Map<string, Result>();

	/** What came of the same task before; `waits` when that is still open. Undefined for the first of its kind. */
	join(job: Job): Result | 'waits' | undefined {
		const key = keyOf(job);
		const group = this.#live.get(key);
		// The first of its kind comes back for each of its tries, and those that wait for it go on waiting.
		if (group?.leader === job) return undefined;
		if (group) {
			if (!group.followers.includes(job)) group.followers.push(job);
			return 'waits';
		}
		const result = this.#ended.get(key);
		if (result === undefined) this.#live.set(key, {leader: job, followers: []});
		return result;
	}

	/** The job waits for nobody any more; those that wait for it go on waiting. */
	leave(job: Job): void {
		const group = this.#live.get(keyOf(job));
		if (group) group.followers = group.followers.filter(each => each !== job);
	}

	/** The job has ended. @returns those that waited for it */
	end(job: Job, result: Result): Job[] {
		const key = keyOf(job);
		const group = this.#live.get(key);
		if (group?.leader !== job) {
			this.leave(job);
			return [];
		}
		this.#live.delete(key);
		this.#ended.delete(key);
		// What a person did not want of one line is wanted of another.
		if (result.state !== 'canceled') this.#ended.set(key, result);
		for (const oldest of this.#ended.keys()) {
			if (this.#ended.size <= mostResults) break;
			this.#ended.delete(oldest);
		}
		return group.followers;
	}

	/** A person wants to know anew what has not succeeded. What another line has brought meanwhile is not fetched a second time. */
	forget(job: Job): void {
		const key = keyOf(job);
		if (!this.#ended.get(key)?.ok) this.#ended.delete(key);
	}
}

/** All that may make a difference to what is fetched, and to where it goes. */
function keyOf({mirrors, headers, task}: Job): string {
	const [target] = mirrors;
	const url = target.hash === '' ? target.href : target.href.slice(0, -target.hash.length);
	return JSON.stringify([url, task.options, headers]);
}
