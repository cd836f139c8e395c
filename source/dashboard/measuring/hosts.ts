import type {EngineEvent, TaskEvent} from '../../engine/events.ts';
import type {ReadonlyStore} from '../../engine/store.ts';
import {isFinal, isRunning, type State, type TaskId} from '../../engine/task.ts';
import {medianOf} from '../../format/median.ts';

/** Hosts that are remembered when nothing of theirs is left to do, those that have some included. */
const mostHosts = 1_000;
/** First bytes of a host that its median is made from: the last ones, so that it is of now. */
const mostFirstBytes = 64;
/** Failed tasks that may be tried again; the store remembers as many. */
const mostFailed = 10_000;

/** What is known of a host from its events. */
class Stay {
	readonly host: string;
	live = 0;
	running = 0;
	queued = 0;
	done = 0;
	failed = 0;
	/** Of tasks that have ended. */
	bytes = 0;
	readonly firstBytes: number[] = [];
	#first = 0;

	constructor(host: string) {
		this.host = host;
	}

	began(milliseconds: number): void {
		this.firstBytes[this.#first++ % mostFirstBytes] = milliseconds;
	}

	count(state: State, by: number): void {
		if (isRunning(state)) this.running += by;
		else if (state === 'queued') this.queued += by;
	}
}

/** A live task: only what the next event of it needs. */
type Live = {stay: Stay; state: State; connectedAt: number};

/** One line of the hosts. */
export type HostRow = {
	host: string;
	running: number;
	/** Tasks at once that it gets at most, by `--per-host` or because it has asked for less; null for no limit. */
	limit: number | null;
	queued: number;
	done: number;
	failed: number;
	/** Body bytes of its tasks. */
	bytes: number;
	/** The last ones, in milliseconds, in no order. */
	firstBytes: readonly number[];
	/** Milliseconds until it is asked again, and why. */
	cooldown: {left: number; why: string} | undefined;
	/** It has live tasks, or is left in peace. */
	isActive: boolean;
};

/** Median of the last first bytes, in milliseconds. Made when it is shown: for a thousand hosts in each frame it would take too long. */
export const firstByteOf = ({firstBytes}: Pick<HostRow, 'firstBytes'>): number | undefined => medianOf(firstBytes);

/** What each host is at, counted from the events. Those that are at rest are forgotten in the order in which they came to it. */
export class Hosts {
	readonly #stays = new Map<string, Stay>();
	readonly #idle = new Map<string, Stay>();
	readonly #live = new Map<TaskId, Live>();
	/** Those that a retry would bring back. */
	readonly #failed = new Map<TaskId, Stay>();
	/** Hosts that were forgotten since the beginning. */
	forgotten = 0;

	/** How many are known. */
	get count(): number {
		return this.#stays.size;
	}

	/** Whether a host has had one task only, as far as is known. */
	isAlone(host: string): boolean {
		const stay = this.#stays.get(host);
		return stay !== undefined && stay.live + stay.done + stay.failed <= 1;
	}

	get stays(): Iterable<Readonly<Stay>> {
		return this.#stays.values();
	}

	/** @returns milliseconds from connecting to the first byte, if the event is one */
	hear(event: EngineEvent): number | undefined {
		if (!('id' in event) || !entersState(event)) return undefined;
		const live = this.#live.get(event.id);
		if (!live) {
			if (event.type === 'queued') this.#queue(event.id, event.host);
			return undefined;
		}
		const {stay, state} = live;
		const firstByte = event.type === 'receiving' && state === 'connecting' ? event.at - live.connectedAt : undefined;
		if (firstByte !== undefined) stay.began(firstByte);
		if (event.type === 'connecting') live.connectedAt = event.at;
		stay.count(state, -1);
		stay.count(event.type, 1);
		live.state = event.type;
		if (isFinal(event.type)) this.#finish(event as Extract<TaskEvent, {result: unknown}>, stay);
		return firstByte;
	}

	#queue(id: TaskId, host: string): void {
		// What is no URL is nobody's.
		if (host === '') return;
		let stay = this.#stays.get(host);
		if (!stay) {
			stay = new Stay(host);
			this.#stays.set(host, stay);
			this.#forget();
		}
		const failed = this.#failed.get(id);
		if (failed) {
			failed.failed--;
			this.#failed.delete(id);
		}
		if (stay.live++ === 0) this.#idle.delete(host);
		stay.queued++;
		this.#live.set(id, {stay, state: 'queued', connectedAt: 0});
	}

	#finish({id, type, result}: Extract<TaskEvent, {result: unknown}>, stay: Stay): void {
		this.#live.delete(id);
		stay.bytes += result.bytes;
		if (type === 'done' || type === 'skipped') stay.done++;
		else if (type === 'failed') {
			stay.failed++;
			this.#failed.set(id, stay);
			const [oldest] = this.#failed.keys();
			if (this.#failed.size > mostFailed && oldest !== undefined) this.#failed.delete(oldest);
		}
		if (--stay.live === 0) this.#idle.set(stay.host, stay);
	}

	#forget(): void {
		const [oldest] = this.#idle.keys();
		if (this.#stays.size <= mostHosts || oldest === undefined) return;
		this.#idle.delete(oldest);
		this.#stays.delete(oldest);
		this.forgotten++;
	}
}

/** Not what is told of a task while it stays in its state. */
const entersState = (event: TaskEvent): event is Extract<TaskEvent, {type: State}> =>
	event.type !== 'saved' && event.type !== 'titled' && event.type !== 'promoted';

/** All hosts: those with something to do first, then those with the most tasks. That order changes slowly enough to be read. */
export function hostsOf(hosts: Hosts, store: ReadonlyStore, now: number): HostRow[] {
	const arriving = new Map<string, number>();
	for (const {host, received} of store.live.values())
		if (received > 0) arriving.set(host, (arriving.get(host) ?? 0) + received);
	const rows = Array.from(hosts.stays, stay => rowOf(stay, arriving.get(stay.host) ?? 0, store, now));
	const tasksOf = ({running, queued, done, failed}: HostRow) => running + queued + done + failed;
	return rows.sort(
		(a, b) => Number(b.isActive) - Number(a.isActive) || tasksOf(b) - tasksOf(a) || (a.host < b.host ? -1 : 1),
	);
}

function rowOf(stay: Readonly<Stay>, arriving: number, store: ReadonlyStore, now: number): HostRow {
	const {host, running, queued, done, failed, bytes, firstBytes, live} = stay;
	const asked = store.hosts.get(host);
	const {perHost, concurrency} = store.run;
	const limit = Math.min(perHost ?? Number.POSITIVE_INFINITY, asked?.window ?? Number.POSITIVE_INFINITY);
	const left = (asked?.until ?? 0) - now;
	return {
		...{host, running, queued, done, failed, firstBytes},
		bytes: bytes + arriving,
		// One that is above what may run at all holds nothing back.
		limit: limit < concurrency ? limit : null,
		cooldown: asked && left > 0 ? {left, why: String(asked.why.status ?? asked.why.code)} : undefined,
		isActive: live > 0 || left > 0,
	};
}
