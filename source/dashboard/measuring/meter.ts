import type {EngineEvent} from '../../engine/events.ts';
import type {ReadonlyStore} from '../../engine/store.ts';
import {isRunning, type Task, type TaskId} from '../../engine/task.ts';
import {Effects} from './effect.ts';
import {holdOf} from './held.ts';
import {History, type Moment} from './history.ts';
import {Hosts} from './hosts.ts';
import {Speeds} from './speeds.ts';

/** Seconds over which a rate is smoothed: long enough to read, short enough to believe. */
const smoothing = 2;
/** A rate younger than this says nothing about the future yet. */
const settledAfter = 2_000;

/** Of the speed it had, below which what grows no more is not smoothed any longer: it stands. */
const standing = 0.02;
/** Milliseconds for which a task may say nothing of its end before it counts as one that may take long. */
const longSilence = 5_000;
/** Sizes without which those of queued tasks are not guessed, and tasks that tell a pace by their number. */
const fewest = 3;

/** A number that grows, and how fast, per second. */
class Rate {
	/** How fast it was when it last grew. */
	#flowed = 0;
	#value: number;
	#at: number;
	readonly since: number;
	perSecond = 0;

	constructor(value: number, at: number) {
		this.#value = value;
		this.#at = at;
		this.since = at;
	}

	/** Whether there were two samples to tell a rate from. */
	get isKnown(): boolean {
		return this.#at > this.since;
	}

	sample(value: number, at: number): void {
		const seconds = (at - this.#at) / 1000;
		if (seconds <= 0) return;
		const now = Math.max(0, value - this.#value) / seconds;
		// The first sample is taken as it is: smoothing towards it from 0 would show a slow start that never was.
		const weight = this.isKnown ? 1 - Math.exp(-seconds / smoothing) : 1;
		this.perSecond += (now - this.perSecond) * weight;
		if (now > 0) this.#flowed = this.perSecond;
		else if (this.perSecond < standing * this.#flowed) this.perSecond = 0;
		this.#value = value;
		this.#at = at;
	}
}

/** Tasks that came to their own end. A canceled one says nothing about the pace, nor one that was there already. */
export const pagesOf = ({done, failed}: ReadonlyStore['counts']): number => done + failed;

/** Samples the store at the screen's own pace and turns counts into rates. It is the screen's memory, not the engine's. */
export class Meter {
	readonly #tasks = new Map<TaskId, Rate>();
	readonly #speeds = new Speeds();
	#bytes: Rate | undefined;
	#pages: Rate | undefined;
	readonly history = new History();
	readonly effects = new Effects();
	readonly hosts = new Hosts();

	/** To be called with every event: what is too quick to be seen by looking. */
	hear(event: EngineEvent): void {
		this.history.hear(event, this.hosts.hear(event));
	}

	sample(store: ReadonlyStore, now: number): void {
		const pages = pagesOf(store.counts);
		this.#bytes ??= new Rate(store.received, now);
		this.#pages ??= new Rate(pages, now);
		this.#bytes.sample(store.received, now);
		this.#pages.sample(pages, now);
		const closed = this.history.add(momentOf(store, now), () => holdOf(store, now)?.lasting);
		if (closed > 0) for (const second of this.history.seconds.slice(-closed)) this.effects.next(second, now);
		for (const id of this.#tasks.keys()) if (!store.live.has(id)) this.#forget(id);
		for (const task of store.live.values()) this.#sampleTask(task, now);
	}

	/** Whether it has looked for long enough to know a speed. */
	get isKnown(): boolean {
		return this.#bytes?.isKnown ?? false;
	}

	get bytesPerSecond(): number {
		return this.#bytes?.perSecond ?? 0;
	}

	get pagesPerSecond(): number {
		return this.#pages?.perSecond ?? 0;
	}

	/** Bytes a second of a task that is receiving; 0 for all others. */
	speed(task: Readonly<Task>): number {
		return this.#tasks.get(task.id)?.perSecond ?? 0;
	}

	/**
	 * Bytes in each of the last seconds, 60 at most, oldest first: of a task that is receiving, and of the last hundred that were.
	 * None of one that came and went between two frames.
	 */
	speedHistory(id: TaskId): readonly number[] {
		return this.#speeds.of(id);
	}

	/** Milliseconds until this task is done, when that can be said honestly. */
	eta(task: Readonly<Task>, now: number): number | undefined {
		const rate = this.#tasks.get(task.id);
		if (!rate || task.total === undefined || now - rate.since < settledAfter || rate.perSecond < 1) return undefined;
		return ((task.total - task.received) / rate.perSecond) * 1000;
	}

	/**
	 * Milliseconds until all known tasks are done: at the pace of tasks so far, or of bytes while these are too few; but no sooner than
	 * the slowest one. Undefined when that is not known: a task that says nothing of its end is taken to need as long again.
	 */
	etaOfRun(store: ReadonlyStore, now: number): number | undefined {
		const {run} = store;
		const elapsed = now - (run.startedAt ?? now);
		if (run.state !== 'running' || run.inputOpen || elapsed < 2 * settledAfter) return undefined;
		const left = this.#leftOf(store, now);
		if (left.tasks === 0) return undefined;
		const pages = pagesOf(store.counts);
		const byPace = pages < fewest ? this.#byBytes(left, store) : (left.tasks / pages) * elapsed;
		if (byPace === undefined) return undefined;
		const longest = Math.max(byPace, left.longest);
		return left.silence > Math.max(longSilence, longest) ? undefined : longest;
	}

	/** What there is to do, task by task. One that a person has paused is not. */
	#leftOf(store: ReadonlyStore, now: number): Left {
		const left: Left = {tasks: 0, longest: 0, silence: 0, bytes: 0, sizes: [], unknown: 0};
		for (const task of store.live.values()) {
			if (task.state === 'paused') continue;
			const {total, received} = task;
			const isKnown = task.state === 'receiving' && total !== undefined;
			const eta = isKnown ? this.eta(task, now) : undefined;
			const resting = restOf(task, store) - now;
			left.tasks += isKnown && total > 0 ? Math.max(0, 1 - received / total) : 1;
			left.longest = Math.max(left.longest, eta ?? 0, resting);
			if (isRunning(task.state) && eta === undefined)
				left.silence = Math.max(left.silence, now - (task.startedAt ?? now));
			if (!isKnown) left.unknown++;
			else {
				left.bytes += Math.max(0, total - received);
				left.sizes.push(total);
			}
		}
		return left;
	}

	/** What is queued is taken to be as large as what is known, if that is enough. */
	#byBytes({bytes, sizes, unknown}: Left, store: ReadonlyStore): number | undefined {
		if (this.bytesPerSecond < 1) return undefined;
		const known = [...sizes, ...[...store.done].filter(({state}) => state === 'done').map(({received}) => received)];
		if (unknown > 0 && known.length < fewest) return undefined;
		const mean = known.reduce((sum, size) => sum + size, 0) / Math.max(1, known.length);
		return ((bytes + unknown * mean) / this.bytesPerSecond) * 1000;
	}

	#sampleTask(task: Readonly<Task>, now: number): void {
		if (task.state !== 'receiving') return this.#forget(task.id);
		this.#speeds.sample(task, now);
		const rate = this.#tasks.get(task.id);
		if (rate) rate.sample(task.received, now);
		else this.#tasks.set(task.id, new Rate(task.received, now));
	}

	#forget(id: TaskId): void {
		if (this.#tasks.delete(id)) this.#speeds.leave(id);
	}
}

/** What a run has to do. */
type Left = {
	/** Of one that is half there, half. */
	tasks: number;
	/** Milliseconds that it takes at least, as far as single tasks tell. */
	longest: number;
	/** Milliseconds for which a running task has been at it, in all attempts, without telling how long it takes. */
	silence: number;
	/** Of tasks whose size is known, and these sizes. */
	bytes: number;
	sizes: number[];
	/** Tasks whose size is not. */
	unknown: number;
};

/** Until when a task may not begin (epoch milliseconds); 0 if it may. */
function restOf({state, waiting, host}: Readonly<Task>, {hosts}: ReadonlyStore): number {
	if (waiting) return waiting.until;
	return state === 'queued' ? (hosts.get(host)?.until ?? 0) : 0;
}

function momentOf(store: ReadonlyStore, at: number): Moment {
	const {run, counts} = store;
	const {state, concurrency, perHost, rate, bandwidth} = run;
	const {done, queued} = counts;
	return {
		at,
		state,
		concurrency,
		perHost,
		rate,
		bandwidth,
		bytes: store.received,
		done,
		queued,
		running: store.running(),
	};
}
