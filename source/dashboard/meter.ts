import type {ReadonlyStore} from '../engine/store.ts';
import type {Task, TaskId} from '../engine/task.ts';
import {Speeds} from './speeds.ts';

/** Seconds over which a rate is smoothed: long enough to read, short enough to believe. */
const smoothing = 2;
/** Seconds of throughput that are kept for the sparkline. */
const historyLength = 300;
/** A rate younger than this says nothing about the future yet. */
const settledAfter = 2_000;

/** A number that grows, and how fast, per second. */
class Rate {
	#value: number;
	#at: number;
	readonly since: number;
	perSecond = 0;

	constructor(value: number, at: number) {
		this.#value = value;
		this.#at = at;
		this.since = at;
	}

	sample(value: number, at: number): void {
		const seconds = (at - this.#at) / 1000;
		if (seconds <= 0) return;
		const now = Math.max(0, value - this.#value) / seconds;
		// The first sample is taken as it is: smoothing towards it from 0 would show a slow start that never was.
		const weight = this.#at === this.since ? 1 : 1 - Math.exp(-seconds / smoothing);
		this.perSecond += (now - this.perSecond) * weight;
		this.#value = value;
		this.#at = at;
	}
}

/** Tasks that came to their own end; a canceled one says nothing about the pace. */
export const finishedOf = ({done, failed, skipped}: ReadonlyStore['counts']): number => done + failed + skipped;

/** Samples the store at the screen's own pace and turns counts into rates. It is the screen's memory, not the engine's. */
export class Meter {
	readonly #tasks = new Map<TaskId, Rate>();
	readonly #speeds = new Speeds();
	#bytes: Rate | undefined;
	#finished: Rate | undefined;
	#second = 0;
	#bytesAtSecond = 0;
	/** Body bytes in each of the last seconds, oldest first. */
	readonly history: number[] = [];

	sample(store: ReadonlyStore, now: number): void {
		const {counts} = store;
		const finished = finishedOf(counts);
		this.#bytes ??= new Rate(store.received, now);
		this.#finished ??= new Rate(finished, now);
		this.#bytes.sample(store.received, now);
		this.#finished.sample(finished, now);
		this.#record(store.received, now);
		for (const id of this.#tasks.keys()) if (!store.live.has(id)) this.#forget(id);
		for (const task of store.live.values()) this.#sampleTask(task, now);
	}

	get bytesPerSecond(): number {
		return this.#bytes?.perSecond ?? 0;
	}

	get pagesPerSecond(): number {
		return this.#finished?.perSecond ?? 0;
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

	/** Milliseconds until all known tasks are done: at the pace of tasks so far, but no sooner than the slowest running one. */
	etaOfRun(store: ReadonlyStore, now: number): number | undefined {
		const {run, counts, live} = store;
		const finished = finishedOf(counts);
		const elapsed = now - (run.startedAt ?? now);
		if (run.state !== 'running' || run.inputOpen || finished < 3 || elapsed < 2 * settledAfter) return undefined;
		let longest = (live.size / finished) * elapsed;
		for (const task of live.values())
			if (task.state === 'receiving') longest = Math.max(longest, this.eta(task, now) ?? 0);
		return longest;
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

	#record(received: number, now: number): void {
		const second = Math.floor(now / 1000);
		if (this.#second === 0) {
			this.#second = second;
			this.#bytesAtSecond = received;
		}
		if (second === this.#second) return;
		// After a suspension many seconds passed at once: what came in meanwhile is spread over them.
		const passed = Math.min(second - this.#second, historyLength);
		for (let index = 0; index < passed; index++) this.history.push((received - this.#bytesAtSecond) / passed);
		if (this.history.length > historyLength) this.history.splice(0, this.history.length - historyLength);
		this.#second = second;
		this.#bytesAtSecond = received;
	}
}
