import type {EngineEvent, Limits, RunState} from '../../engine/events.ts';
import {medianOf} from '../../format/median.ts';

/** Seconds that are kept. */
export const historyLength = 300;
/** Milliseconds between two looks beyond which what came in between says nothing of any single second. */
const longestGap = 1_500;
/** First bytes of a second that its median is made from. */
const mostFirstBytes = 256;

/** What is seen when one looks. `bytes` and `done` only grow. */
export type Moment = Readonly<Limits> & {
	/** Epoch milliseconds. */
	at: number;
	state: RunState;
	bytes: number;
	done: number;
	running: number;
	queued: number;
};

/** One second of the run. */
export type Second = {
	/** Body bytes that came in. */
	bytes: number;
	/** Tasks that came to a good end. */
	done: number;
	/** Tasks that ran, on average. */
	running: number;
	/** The fewest that were queued. */
	queued: number;
	/** As they were at its end. */
	limits: Readonly<Limits>;
	/** `running` if it ran for the whole of it. */
	state: RunState;
	/** It was looked at often enough: what it has is its own, and not a share of a longer time. */
	watched: boolean;
	/** Median of the milliseconds from connecting to the first byte. */
	firstByte: number | undefined;
	/** Attempts that failed. */
	troubles: number;
	/** A host has asked for less: which, and how. */
	refusal: string | undefined;
	/** The run was paused in it or right before it: of what came in, the network or the system may have had much already. */
	dammed: boolean;
	/** Why tasks were queued at its end although slots were free. */
	held: string | undefined;
};

/** The second that is not over. */
class Open {
	/** Milliseconds of it that are over. */
	time = 0;
	bytes = 0;
	done = 0;
	runningTime = 0;
	queued = Number.POSITIVE_INFINITY;
	state: RunState = 'running';
	watched = true;
	readonly firstBytes: number[] = [];
	started = 0;
	troubles = 0;
	refusal: string | undefined;

	/** Takes in a part of what lies between two looks. @param share of it, from 0 to 1 */
	add(before: Moment, after: Moment, time: number, share: number): void {
		this.time += time;
		this.bytes += Math.max(0, after.bytes - before.bytes) * share;
		// A failed task that is tried again leaves the count of the failed, never that of the done.
		this.done += Math.max(0, after.done - before.done) * share;
		this.runningTime += ((before.running + after.running) / 2) * time;
		this.queued = Math.min(this.queued, before.queued, after.queued);
		this.watched &&= after.at - before.at <= longestGap;
		for (const {state} of [before, after]) if (state !== 'running') this.state = state;
	}

	close(
		{concurrency, perHost, rate, bandwidth}: Moment,
		last: Second | undefined,
		held: () => string | undefined,
	): Second {
		const {bytes, done, queued, state, watched, troubles, refusal} = this;
		const running = this.runningTime / this.time;
		return {
			...{bytes, done, running, queued, state, watched, troubles, refusal},
			limits: {concurrency, perHost, rate, bandwidth},
			firstByte: medianOf(this.firstBytes),
			dammed: state === 'paused' || last?.state === 'paused',
			held: running < concurrency && queued > 0 ? held() : undefined,
		};
	}
}

/**
 * The last minutes of a run, second by second. It is looked at whenever there is a frame, more or less often: what came in between
 * two looks is spread over the time between them. Its seconds begin with the run and are not those of the clock, so that the first
 * is a whole one; and there are none while it has ended.
 */
export class History {
	readonly #seconds: Second[] = [];
	#last: Moment | undefined;
	#open = new Open();
	/** The number of the first second that is kept, from the beginning of the run. */
	first = 0;

	get seconds(): readonly Second[] {
		return this.#seconds;
	}

	/** Bytes of each of the last seconds, oldest first. */
	bytes(seconds: number): number[] {
		return this.#seconds.slice(-seconds).map(({bytes}) => bytes);
	}

	/** The same, with what a pause has dammed up no higher than the highest of all others. */
	pace(seconds: number): number[] {
		const shown = this.#seconds.slice(-seconds);
		const most = Math.max(0, ...shown.filter(({dammed}) => !dammed).map(({bytes}) => bytes));
		return shown.map(({bytes}) => (most > 0 ? Math.min(most, bytes) : bytes));
	}

	/** @param held why tasks wait although slots are free; asked for when a second is over @returns how many seconds are over since the last look */
	add(moment: Moment, held: () => string | undefined): number {
		const last = this.#last;
		if (last && moment.at <= last.at) return 0;
		this.#last = moment;
		if (!last || last.state === 'ended') return 0;
		const between = moment.at - last.at;
		const skipped = Math.max(0, Math.floor(between / 1000) - historyLength);
		this.first += skipped;
		let closed = 0;
		for (let left = between - skipped * 1000; left > 0; ) {
			const time = Math.min(left, 1000 - this.#open.time);
			this.#open.add(last, moment, time, time / between);
			left -= time;
			if (this.#open.time < 999.999) break;
			this.#seconds.push(this.#open.close(moment, this.#seconds.at(-1), held));
			this.#open = new Open();
			closed++;
		}
		const dropped = Math.max(0, this.#seconds.length - historyLength);
		this.#seconds.splice(0, dropped);
		this.first += dropped;
		return Math.min(closed, historyLength);
	}

	/** @param firstByte milliseconds it took, if the event is the first byte of an answer */
	hear(event: EngineEvent, firstByte: number | undefined): void {
		const open = this.#open;
		if (firstByte !== undefined) open.firstBytes[open.started++ % mostFirstBytes] = firstByte;
		else if (event.type === 'failed' || event.type === 'waiting' || (event.type === 'queued' && event.failure))
			open.troubles++;
		else if (event.type === 'host' && event.until > event.at) {
			const {host, why} = event;
			open.refusal = `${host} asked for less (${why.status ?? why.code})`;
		}
	}
}
