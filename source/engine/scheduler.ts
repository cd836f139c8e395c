import PQueue from 'p-queue';
import {Bandwidth} from './bandwidth.ts';
import type {CommandHandlers} from './commands.ts';
import {Courtesy} from './courtesy.ts';
import type {EngineEvent, Limits, Untimed} from './events.ts';
import type {Failure} from './failure.ts';
import {type Gate, HostQueue, type Place} from './host-queue.ts';
import type {Clock} from './seams.ts';
import {limitsOf, maxConcurrency, type Settings} from './settings.ts';
import {StartRate} from './start-rate.ts';
import type {ReadonlyStore} from './store.ts';

export type SchedulerParts = {
	clock: Clock;
	/** From 0 up to 1. */
	random: () => number;
	store: ReadonlyStore;
	emit(event: Untimed<EngineEvent>): void;
};

/**
 * One task's turn. `run` is called when there is a slot, which is kept until its promise settles; it must not reject. Without
 * one, or with `idle`, it turned out that there was nothing to ask for, and the start does not count.
 */
export type Turn = {readonly host: string; run(): Promise<'asked' | 'idle'> | undefined};

/**
 * When which task gets a slot, and all that may hold it back. p-queue's jobs are the slots, not the tasks: each takes one
 * task after the other for as long as there are any. A job for each task cost 10 µs of CPU.
 */
export class Scheduler {
	readonly bandwidth: Bandwidth;
	readonly #parts: SchedulerParts;
	readonly #hosts: HostQueue<Turn>;
	readonly #starts: StartRate;
	readonly #courtesy: Courtesy;
	readonly #isCourteous: boolean;
	readonly #queue: PQueue;
	/** Slots that take tasks. */
	#slots = 0;
	#looking = false;
	/** Nothing is left to be started. */
	#resting = false;

	constructor(parts: SchedulerParts, settings: Settings) {
		const {concurrency, perHost, rate, limitRate} = settings;
		const {clock, random, emit} = parts;
		this.#parts = parts;
		this.#isCourteous = settings.courtesy ?? true;
		this.bandwidth = new Bandwidth(clock);
		this.#starts = new StartRate(clock, () => this.#look());
		const hosts = new HostQueue<Turn>(perHost, this.#gate());
		this.#hosts = hosts;
		const changed = (host: string, until: number, window: number | null, why: Failure) =>
			emit({type: 'host', host, until, window, why});
		this.#courtesy = new Courtesy({clock, random, hosts, wake: () => this.#look(), changed});
		this.#queue = new PQueue({concurrency});
		this.#tell(limitsOf(settings));
		this.#starts.limit = rate;
		this.bandwidth.limit = limitRate;
	}

	/** While nothing may start anyway no timer runs for it: one of `1/h` would keep the process of whoever uses the engine. */
	#gate(): Gate {
		const starts = this.#starts;
		return {
			allows: () => this.#resting || this.#queue.isPaused || starts.allows(),
			take: () => starts.take(),
		};
	}

	add(turn: Turn, place: Place): void {
		this.#hosts.enqueue(turn, place);
		this.#look();
	}

	/** Fills the slots that are free. To be called whenever something may start that could not before. */
	#look(): void {
		// What starts here comes by here itself; for 512 slots that would be as many calls deep.
		if (this.#looking) return;
		this.#looking = true;
		while (!this.#queue.isPaused && this.#slots < this.#queue.concurrency && this.#hosts.size > 0) {
			this.#slots++;
			void this.#queue.add(this.#slot);
		}
		this.#looking = false;
	}

	readonly #slot = async (): Promise<void> => {
		while (!this.#queue.isPaused && this.#slots <= this.#queue.concurrency) {
			const turn = this.#hosts.dequeue();
			if (!turn) break;
			// Without an await where there is nothing to wait for: what has a slot starts in the same turn of the loop.
			const running = turn.run();
			// The task before may have left room for more than this one.
			this.#look();
			if (!running || (await running) === 'idle') this.#starts.giveBack();
			this.#hosts.release(turn.host);
		}
		this.#slots--;
	};

	/** Starts nothing more. */
	pause(): void {
		this.#queue.pause();
		this.#starts.stop();
	}

	start(): void {
		this.#resting = false;
		this.#queue.start();
		this.#look();
	}

	/** Nothing is left to be started, until `start`. */
	rest(): void {
		this.#resting = true;
		this.#courtesy.rest();
		this.#starts.stop();
	}

	/** To be asked when a request goes out to this host, and handed back with its answer. */
	epoch(host: string): number {
		return this.#courtesy.epoch(host);
	}

	/** The host gave an answer; to be called while the task still has its slot. */
	served(host: string, epoch: number): void {
		this.#courtesy.served(host, epoch);
	}

	/** The host said that it is too much. @returns when it may be asked again; `crowded` if it had more than this to do for us, `isHopeless` if it does nothing else */
	refused(
		host: string,
		epoch: number,
		failure: Failure,
		again: boolean,
	): {until: number; crowded: boolean; isHopeless: boolean} {
		if (!this.#isCourteous) return {until: 0, crowded: false, isHopeless: false};
		const crowded = this.#hosts.running(host) > 1;
		const until = this.#courtesy.refused(host, epoch, failure, again);
		return {until, crowded, isHopeless: this.#courtesy.isHopeless(host)};
	}

	/** A person knows better than the host whether now is the time. */
	warm(host: string): void {
		this.#courtesy.warm(host);
	}

	readonly commands: CommandHandlers<'set-concurrency' | 'set-per-host' | 'set-rate' | 'set-bandwidth'> = {
		'set-concurrency': ({value}) => {
			const concurrency = Math.min(maxConcurrency, Math.max(1, Math.round(value)));
			if (concurrency === this.#queue.concurrency || Number.isNaN(concurrency)) return;
			this.#tell({concurrency});
			this.#queue.concurrency = concurrency;
			this.#look();
		},
		'set-per-host': ({value}) => {
			const perHost = value === null ? null : Math.max(1, Math.round(value));
			if (perHost === this.#parts.store.run.perHost || Number.isNaN(perHost)) return;
			this.#tell({perHost});
			this.#hosts.limit = perHost ?? Number.POSITIVE_INFINITY;
			this.#look();
		},
		'set-rate': ({value: rate}) => {
			if (rate === this.#parts.store.run.rate || !isLimit(rate)) return;
			this.#tell({rate});
			this.#starts.limit = rate ?? Number.POSITIVE_INFINITY;
		},
		'set-bandwidth': ({value: bandwidth}) => {
			if (bandwidth === this.#parts.store.run.bandwidth || !isLimit(bandwidth)) return;
			this.#tell({bandwidth});
			this.bandwidth.limit = bandwidth ?? Number.POSITIVE_INFINITY;
		},
	};

	#tell(changed: Partial<Limits>): void {
		const {concurrency, perHost, rate, bandwidth} = this.#parts.store.run;
		this.#parts.emit({type: 'limits', concurrency, perHost, rate, bandwidth, ...changed});
	}
}

const isLimit = (value: number | null): boolean => value === null || value > 0;
