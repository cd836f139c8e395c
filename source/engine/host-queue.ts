import type {Queue, QueueAddOptions, RunFunction} from 'p-queue';

export type HostQueueOptions = QueueAddOptions & {host: string /** Before the others of its host. */; front?: boolean};

/** The tasks of one host: those that wait, in order, and how many run. */
type Lane = {host: string; waiting: RunFunction[]; running: number};

/**
 * The order in which p-queue starts tasks: one host after the other, and never more than `limit` of one host at once, so
 * that a list which begins with a thousand URLs of one slow host does not starve the rest.
 *
 * `size` is the number of hosts that may start a task now. p-queue takes a size of 0 for "nothing to do" and looks again
 * whenever a task ends, which is also the only moment at which a full host gets room; so a host at its limit costs no
 * polling.
 */
export class HostQueue implements Queue<RunFunction, HostQueueOptions> {
	#limit: number;
	#lanes = new Map<string, Lane>();
	/** The hosts that may start a task now, longest unserved first. */
	#ready = new Set<Lane>();

	constructor(limit: number) {
		this.#limit = limit;
	}

	get size(): number {
		return this.#ready.size;
	}

	enqueue(run: RunFunction, options?: Partial<HostQueueOptions>): void {
		const host = options?.host ?? '';
		let lane = this.#lanes.get(host);
		if (!lane) {
			lane = {host, waiting: [], running: 0};
			this.#lanes.set(host, lane);
		}
		if (options?.front) lane.waiting.unshift(run);
		else lane.waiting.push(run);
		this.#place(lane);
	}

	dequeue(): RunFunction | undefined {
		const [lane] = this.#ready;
		const run = lane?.waiting.shift();
		if (!lane || !run) return undefined;
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
		if (lane.running === 0 && lane.waiting.length === 0) this.#lanes.delete(host);
		else this.#place(lane);
	}

	#place(lane: Lane): void {
		if (lane.waiting.length > 0 && lane.running < this.#limit) this.#ready.add(lane);
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
