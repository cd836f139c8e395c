import type {Command} from '../engine/commands.ts';
import type {AnyEngine} from '../engine/engine.ts';
import type {EngineEvent, Listener} from '../engine/events.ts';
import type {Clock} from '../engine/seams.ts';
import {type ReadonlyStore, Store} from '../engine/store.ts';
import type {SampleLine} from '../reporters/recorder.ts';
import type {Entry} from './lines.ts';
import type {Recording} from './recording.ts';
import {VirtualTime} from './virtual-time.ts';

/** Milliseconds after which it is looked again how far the time has come, where nothing happens for longer. */
const longestSleep = 250;
/** No run has had so many tasks in memory at once; a file that says so would fill ours. */
const mostLive = 200_000;
const [slowest, fastest] = [1 / 16, 1024];

/**
 * A recorded run as an engine: the same events, in their order, at their time, and the store that they add up to. Nobody can steer the
 * run, but how it is shown: its time can stand still, and go faster.
 */
export class Replay implements AnyEngine {
	readonly #recording: Recording;
	readonly #clock: Clock;
	readonly #store = new Store();
	readonly #time: VirtualTime;
	readonly #listeners = new Set<Listener>();
	#state: 'playing' | 'skipping' | 'ended' | 'broken' = 'playing';
	#isStopped = false;
	readonly #stopped = Promise.withResolvers<false>();
	#wake = () => {};

	/** @param speed how many seconds of the run go by in one of ours; `Infinity` waits for nothing */
	constructor(recording: Recording, clock: Clock, speed: number) {
		this.#recording = recording;
		this.#clock = clock;
		this.#time = new VirtualTime(clock, recording.head.at, speed);
	}

	get store(): ReadonlyStore {
		return this.#store;
	}

	/** What a person sees of the showing: how fast it goes, or why it does not. */
	get status(): string {
		if (this.#state !== 'playing') return {skipping: 'skipping', ended: 'at its end', broken: 'broke off'}[this.#state];
		return this.#time.isPaused ? 'paused' : `×${this.#time.speed}`;
	}

	/** What is not in the recording, in one line for a person: the end of the run, where that is missing. */
	get lack(): string | undefined {
		if (this.#state !== 'ended' || this.#isStopped || this.#store.run.state === 'ended') return undefined;
		return `${this.#recording.end}: how the run went on is not known`;
	}

	/** The time in the recording, epoch milliseconds. */
	now(): number {
		return this.#time.now();
	}

	subscribe(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Calls `listener` for every quarter of a second of the recording that something happens behind, with the store as it was then. */
	everyStep(listener: (now: number) => void): void {
		this.#time.everyStep(listener);
	}

	/** Nothing can be asked of a run that is over, but to stop showing it. */
	dispatch({type}: Command): void {
		if (type !== 'stop') return;
		this.#isStopped = true;
		this.#stopped.resolve(false);
		this.#wake();
	}

	/** Stops the time, or lets it go on. @returns why it cannot */
	pause(): string | undefined {
		return this.#steer(time => {
			time.isPaused = !time.isPaused;
		});
	}

	/** Makes the time go so many times as fast. @returns why it cannot */
	accelerate(by: number): string | undefined {
		const speed = this.#time.speed * by;
		if (speed > fastest || speed < slowest) return `the replay is already at its ${by > 1 ? 'fastest' : 'slowest'}`;
		return this.#steer(time => {
			time.speed = speed;
		});
	}

	/**
	 * Applies at once what happened until the clock of the run said so many milliseconds. The event loop has its turn with each chunk
	 * that is read. Rejects as `run` does.
	 */
	async skip(elapsed: number): Promise<void> {
		this.#state = 'skipping';
		await this.#unlessBroken(this.#skip(elapsed));
		this.#state = 'playing';
	}

	/**
	 * Resolves when the recording is at its end, or was told to stop. Rejects with a `RecordingError` where it cannot go on, with all
	 * that came before in the store.
	 */
	async run(): Promise<void> {
		this.#time.settle();
		await this.#unlessBroken(this.#play());
		this.#state = 'ended';
	}

	async #unlessBroken(work: Promise<void>): Promise<void> {
		try {
			await work;
		} catch (error) {
			this.#state = 'broken';
			throw error;
		}
	}

	async #skip(elapsed: number): Promise<void> {
		for (let next = await this.#next(); next; next = this.#peek() ?? (await this.#next())) {
			const {startedAt = this.#recording.head.at, endedAt} = this.#store.run;
			// Between its end and when it was taken up again, the clock of a run stands still.
			if (endedAt === undefined && next.at > startedAt + elapsed) return this.#time.pass(startedAt + elapsed);
			this.#apply(next);
		}
	}

	async #play(): Promise<void> {
		for (let next = await this.#next(); next; next = this.#peek() ?? (await this.#next())) {
			const wait = this.#time.until(next.at);
			if (wait > 0) await this.#sleep(wait);
			else this.#apply(next);
		}
	}

	#steer(change: (time: VirtualTime) => void): string | undefined {
		if (this.#state !== 'playing') return `the replay ${this.#state === 'broken' ? 'broke off' : `is ${this.status}`}`;
		change(this.#time);
		this.#wake();
		return undefined;
	}

	#peek(): Entry | undefined {
		return this.#isStopped ? undefined : this.#recording.peek();
	}

	/** What comes next; undefined at the end, and when it was told to stop. */
	async #next(): Promise<Entry | undefined> {
		let next = this.#peek();
		// A pipe may be silent for as long as it likes.
		while (!next && (await Promise.race([this.#recording.read(), this.#stopped.promise]))) next = this.#peek();
		return next;
	}

	#apply(entry: Entry): void {
		this.#recording.take();
		this.#time.pass(entry.at);
		if (entry.type === 'sample') this.#sample(entry);
		else this.#tell(entry);
	}

	#sample({tasks, received}: SampleLine): void {
		for (const [id, bytes] of Object.entries(tasks)) {
			const task = this.#store.live.get(id as keyof typeof tasks);
			if (task) task.received = bytes;
		}
		this.#store.received = received;
	}

	#tell(event: EngineEvent): void {
		this.#credit(event);
		try {
			this.#store.apply(event);
			if (this.#store.live.size > mostLive) throw new Error('there are too many tasks at once');
		} catch (error) {
			throw this.#recording.wrong(error);
		}
		for (const listener of this.#listeners) listener(event);
	}

	/** What came in behind the last sample of a task is in its record. */
	#credit(event: EngineEvent): void {
		if (!('result' in event)) return;
		const task = this.#store.live.get(event.id);
		if (task?.state !== 'receiving' && task?.state !== 'extracting') return;
		this.#store.sample(task, Math.max(0, event.result.bytes - task.received));
	}

	/** For as long, but not so long that the time seems to stand still, or until something else is asked for. */
	async #sleep(ms: number): Promise<void> {
		const {promise, resolve} = Promise.withResolvers<void>();
		const cancel = ms < Number.POSITIVE_INFINITY ? this.#clock.timer(Math.min(ms, longestSleep), resolve) : () => {};
		this.#wake = resolve;
		await promise;
		cancel();
	}
}
