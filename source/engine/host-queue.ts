import type {Queue, QueueAddOptions, RunFunction} from 'p-queue';

export type HostQueueOptions = QueueAddOptions & {
	host: string;
	/** Before those of its host that have not had a turn yet. */
	front?: boolean;
};

/** Whether anything may start now; told of each start. */
export type Gate = {allows(): boolean; take(): void};

const openGate: Gate = {allows: () => true, take() {}};

/** The tasks of one host: those that wait, in order, and how many run. */
type Lane = {host: string; front: RunFunction[]; waiting: RunFunction[]; running: number};

/**
 * The order in which p-queue starts tasks: one host after the other, and never more than `limit` of one host at once, so
 * that a list which begins with a thousand URLs of one slow host does not starve the rest. A host may have a limit of its
 * own, and the gate one for all.
 *
 * `size` is the number of hosts that may start a task now. p-queue takes a size of 0 for "nothing to do" and looks again
 * whenever a task ends, which is also when a full host gets room; so a host at its limit costs no polling. Whoever opens the
 * gate or changes a limit has to make it look.
 */
export class HostQueue implements Queue<RunFunction, HostQueueOptions> {
	#limit: number;
	readonly #gate: Gate;
	readonly #limits = new Map<string, number>();
	readonly #lanes = new Map<string, Lane>();
	/** The hosts that may start a task now, longest unserved first. */
	readonly #ready = new Set<Lane>();

	constructor(limit: number, gate = openGate) {
		this.#limit = limit;
		this.#gate = gate;
	}

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

	enqueue(run: RunFunction, options?: Partial<HostQueueOptions>): void {
		const host = options?.host ?? '';
		let lane = this.#lanes.get(host);
		if (!lane) {
			lane = {host, front: [], waiting: [], running: 0};
			this.#lanes.set(host, lane);
		}
		(options?.front ? lane.front : lane.waiting).push(run);
		this.#place(lane);
	}

	dequeue(): RunFunction | undefined {
		const [lane] = this.#ready;
		const run = lane?.front.shift() ?? lane?.waiting.shift();
		if (!lane || !run) return undefined;
		this.#gate.take();
		lane.running++;
		this.#ready.delete(lane);
		this.#place(lane);
		return run;
	}

	/** To be called when a dequeued task of this host has ended, before p-queue looks for the next. */
	release(host: string): void {
		const lane = this.#lanes.get(host);
		if (!lane) return;
		lane.running--;
		if (lane.running === 0 && !hasMore(lane)) this.#lanes.delete(host);
		else this.#place(lane);
	}

	#place(lane: Lane): void {
		const limit = Math.min(this.#limit, this.#limits.get(lane.host) ?? Number.POSITIVE_INFINITY);
		if (hasMore(lane) && lane.running < limit) this.#ready.add(lane);
		else this.#ready.delete(lane);
	}

	// The engine uses neither priorities nor p-queue's own removal (its signals free a slot too early), so these three,
	// which the interface asks for, have nothing to do.
	filter(): RunFunction[] {
		return [];
	}

	setPriority(): void {}

	remove(): void {}
}

const hasMore = ({front, waiting}: Lane): boolean => front.length > 0 || waiting.length > 0;
