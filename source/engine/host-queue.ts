/** Whether anything may start now; told of each start. */
export type Gate = {allows(): boolean; take(): void};

const openGate: Gate = {allows: () => true, take() {}};

/** Where a task is put: behind the others of its host, before those that have not had a turn yet, or before all there are. */
export type Place = 'back' | 'front' | 'first';

/** The tasks of one host: those that wait, in order, and how many run. */
type Lane<Task> = {host: string; front: Task[]; waiting: Task[]; running: number};

/**
 * The order in which tasks start: one host after the other, and never more than `limit` of one host at once, so that a list
 * which begins with a thousand URLs of one slow host does not starve the rest. A host may have a limit of its own, and the
 * gate one for all. Whoever opens the gate, changes a limit or releases a host has to look whether something may start now.
 */
export class HostQueue<Task extends {readonly host: string}> {
	#limit: number;
	readonly #gate: Gate;
	readonly #limits = new Map<string, number>();
	readonly #lanes = new Map<string, Lane<Task>>();
	/** The hosts that may start a task now, longest unserved first. */
	readonly #ready = new Set<Lane<Task>>();
	/** Of each task that is to be the first of all, its host; the latest wish first. In its host's lane it is at the front. */
	readonly #first: Lane<Task>[] = [];

	constructor(limit: number, gate = openGate) {
		this.#limit = limit;
		this.#gate = gate;
	}

	/** How many hosts may start a task now. */
	get size(): number {
		return this.#ready.size > 0 && this.#gate.allows() ? this.#ready.size : 0;
	}

	/** For every host. */
	set limit(limit: number) {
		this.#limit = limit;
		for (const lane of this.#lanes.values()) this.#place(lane);
	}

	/** For one host, below the one for all; 0 holds it back, `Infinity` lets it go. */
	restrict(host: string, limit: number): void {
		if (limit === Number.POSITIVE_INFINITY) this.#limits.delete(host);
		else this.#limits.set(host, limit);
		const lane = this.#lanes.get(host);
		if (lane) this.#place(lane);
	}

	running(host: string): number {
		return this.#lanes.get(host)?.running ?? 0;
	}

	enqueue(task: Task, place: Place = 'back'): void {
		const {host} = task;
		let lane = this.#lanes.get(host);
		if (!lane) {
			lane = {host, front: [], waiting: [], running: 0};
			this.#lanes.set(host, lane);
		}
		if (place === 'first') {
			this.#first.unshift(lane);
			lane.front.unshift(task);
		} else (place === 'front' ? lane.front : lane.waiting).push(task);
		this.#place(lane);
	}

	/** The next task, if one may start now. It counts as running until its host is released. */
	dequeue(): Task | undefined {
		if (this.size === 0) return undefined;
		const lane = this.#next();
		const task = lane?.front.shift() ?? lane?.waiting.shift();
		if (!lane || !task) return undefined;
		this.#gate.take();
		lane.running++;
		this.#ready.delete(lane);
		this.#place(lane);
		return task;
	}

	/** To be called when a dequeued task of this host has ended. */
	release(host: string): void {
		const lane = this.#lanes.get(host);
		if (!lane) return;
		lane.running--;
		if (lane.running === 0 && !hasMore(lane)) this.#lanes.delete(host);
		else this.#place(lane);
	}

	#next(): Lane<Task> | undefined {
		if (this.#first.length > 0) {
			const index = this.#first.findIndex(lane => this.#ready.has(lane));
			if (index >= 0) return this.#first.splice(index, 1)[0];
		}
		const [lane] = this.#ready;
		return lane;
	}

	#place(lane: Lane<Task>): void {
		const limit = Math.min(this.#limit, this.#limits.get(lane.host) ?? Number.POSITIVE_INFINITY);
		if (hasMore(lane) && lane.running < limit) this.#ready.add(lane);
		else this.#ready.delete(lane);
	}
}

const hasMore = ({front, waiting}: Lane<unknown>): boolean => front.length > 0 || waiting.length > 0;
