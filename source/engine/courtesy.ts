import type {Failure} from './failure.ts';
import type {HostQueue} from './host-queue.ts';
import {retryDelay} from './retry.ts';
import type {Clock} from './seams.ts';
import {maxConcurrency} from './settings.ts';

/** A host is asked for more than it has proven to bear after so many times its window of good answers; twice as many each time it refuses. */
const mostCaution = 64;
/** After so many good answers in a row a task that is refused once more has a trouble of its own: the host is not too busy. */
const plenty = 8;
/** Refusals in a row that are borne, and for how many milliseconds at least: a host that counts by the minute has its minute. */
const mostRefusals = {count: 10, time: 120_000};
/** Hosts that are remembered: more than live tasks can have. Beyond that, the one that has been left in peace longest is forgotten. */
const mostHosts = 4_096;

/** What is known of a host that has asked for less. */
type Manners = {
	/** Raised with each new refusal: answers to what was sent before it say nothing new. */
	epoch: number;
	/** Requests at once that it may get. */
	window: number;
	/** As many as it has borne in a whole round. */
	proven: number;
	/** Of what was under way when it refused the last time, how many it has served since. */
	borne: number;
	/** What was too much, less one. */
	most: number;
	/** Good answers in a row with the window full. */
	served: number;
	caution: number;
	/** Refusals in a row, and when they began. */
	refusals: number;
	refusedSince: number;
	/** It refused one request only of those that were under way, by a 503: that says it is busy, and not with how many. */
	isLone: boolean;
	/** Good answers since it refused the last time for what was its own trouble. */
	streak: number;
	/** Nothing is asked of it before that; epoch milliseconds. */
	until: number;
	why: Failure;
	/** While it is left in peace. */
	stopTimer?: () => void;
};

export type CourtesyParts = {
	clock: Clock;
	random: () => number;
	hosts: Pick<HostQueue<never>, 'restrict' | 'running'>;
	/** Room for tasks of a host may have come up. */
	wake(): void;
	/** @param window requests at once, null when it is no longer limited */
	changed(host: string, until: number, window: number | null, why: Failure): void;
};

/**
 * Gives way to hosts that say it is too much (429, RFC 6585 §4; 503, RFC 9110 §15.6.4): none of their tasks starts until they
 * may be asked again, and then fewer at once: as many as it did not refuse, half if it refused them all, and one more after each
 * round that goes well. As in TCP's congestion control (RFC 5681 §3.1) that settles just below what the host allows.
 */
export class Courtesy {
	readonly #parts: CourtesyParts;
	readonly #hosts = new Map<string, Manners>();

	constructor(parts: CourtesyParts) {
		this.#parts = parts;
	}

	/** To be asked when a request goes out, and handed back with its answer. */
	epoch(host: string): number {
		return this.#hosts.get(host)?.epoch ?? 0;
	}

	/**
	 * It is too much for the host.
	 * @param again it has refused the same task before
	 * @returns when it may be asked again, in epoch milliseconds
	 */
	refused(host: string, epoch: number, failure: Failure, again: boolean): number {
		const {clock, random, hosts} = this.#parts;
		const manners = this.#hosts.get(host) ?? this.#remember(host, failure);
		// A page that is broken for good says 503 too, and ten of them would keep a host of thousands from being asked.
		const isOwn = again && failure.status === 503 && failure.retryAfter === undefined;
		if (isOwn && manners.streak >= plenty) return 0;
		manners.streak = 0;
		manners.why = failure;
		if (epoch === manners.epoch) {
			manners.epoch++;
			if (manners.refusals++ === 0) manners.refusedSince = clock.now();
			manners.isLone = failure.status === 503;
			manners.borne = 0;
			if (!manners.isLone) narrow(manners, hosts.running(host));
		} else if (manners.isLone) {
			manners.isLone = false;
			narrow(manners, hosts.running(host));
		}
		const now = clock.now();
		manners.until = Math.max(manners.until, now + retryDelay(manners.refusals, failure, random));
		hosts.restrict(host, 0);
		manners.stopTimer?.();
		manners.stopTimer = clock.timer(manners.until - now, () => this.warm(host));
		this.#tell(host, manners);
		return manners.until;
	}

	/** Whether it has refused so often, without one good answer in between, that there is no more to be hoped for. */
	isHopeless(host: string): boolean {
		const {refusals = 0, refusedSince = 0} = this.#hosts.get(host) ?? {};
		return refusals > mostRefusals.count && this.#parts.clock.now() - refusedSince >= mostRefusals.time;
	}

	/** The host gave another answer than that. To be called while the task still counts as running. */
	served(host: string, epoch: number): void {
		const manners = this.#hosts.get(host);
		if (manners) manners.streak++;
		if (manners && epoch === manners.epoch - 1) manners.borne++;
		if (manners?.epoch !== epoch) return;
		manners.refusals = 0;
		if (this.#parts.hosts.running(host) < manners.window) return;
		manners.served++;
		if (manners.served < manners.window * manners.caution) return;
		manners.proven = manners.window++;
		manners.served = 0;
		if (manners.window > maxConcurrency) this.#forget(host);
		else if (!manners.stopTimer) this.#parts.hosts.restrict(host, manners.window);
		this.#tell(host, manners);
	}

	/** It may be asked again, from now on. */
	warm(host: string): void {
		const manners = this.#hosts.get(host);
		if (!manners?.stopTimer) return;
		manners.stopTimer();
		delete manners.stopTimer;
		manners.until = this.#parts.clock.now();
		const borne = manners.borne + this.#parts.hosts.running(host);
		if (borne > 0 && !manners.isLone) manners.window = Math.min(manners.most, borne);
		this.#parts.hosts.restrict(host, manners.window);
		this.#tell(host, manners);
		this.#parts.wake();
	}

	/** There is nothing to be asked for, so there is no more to wait for. What was learned stays. */
	rest(): void {
		for (const [host, manners] of this.#hosts) {
			if (!manners.stopTimer) continue;
			manners.stopTimer();
			delete manners.stopTimer;
			manners.until = this.#parts.clock.now();
			this.#parts.hosts.restrict(host, manners.window);
			this.#tell(host, manners);
		}
	}

	#remember(host: string, why: Failure): Manners {
		if (this.#hosts.size >= mostHosts) {
			const idle = [...this.#hosts].find(([, {stopTimer}]) => !stopTimer) ?? [...this.#hosts][0];
			if (idle) this.#forget(idle[0]);
		}
		const manners: Manners = {
			epoch: 0,
			window: maxConcurrency,
			proven: 0,
			borne: 0,
			most: maxConcurrency,
			served: 0,
			caution: 1,
			refusals: 0,
			refusedSince: 0,
			isLone: false,
			streak: 0,
			until: 0,
			why,
		};
		this.#hosts.set(host, manners);
		return manners;
	}

	#forget(host: string): void {
		this.#hosts.get(host)?.stopTimer?.();
		this.#hosts.delete(host);
		this.#parts.hosts.restrict(host, Number.POSITIVE_INFINITY);
	}

	#tell(host: string, {until, window, why}: Manners): void {
		this.#parts.changed(host, until, window > maxConcurrency ? null : window, why);
	}
}

/** Fewer at once. Below what it has borne there is no knowing, so it is half until it shows what it serves. */
function narrow(manners: Manners, running: number): void {
	const {proven, caution} = manners;
	manners.served = 0;
	manners.most = Math.max(1, running - 1);
	if (proven > 0 && running > proven) {
		manners.window = proven;
		manners.caution = Math.min(mostCaution, caution * 2);
	} else {
		manners.window = Math.max(1, Math.floor(running / 2));
		manners.proven = 0;
	}
}
