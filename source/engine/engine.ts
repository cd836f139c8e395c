import type {AttemptParts} from './attempt.ts';
import type {Command, CommandHandlers} from './commands.ts';
import type {EngineEvent, Listener, RunState, Untimed} from './events.ts';
import type {Failure} from './failure.ts';
import {type Handlers, handle} from './handlers.ts';
import {type Input, Intake} from './intake.ts';
import {type JobParts, Jobs, type Run} from './jobs.ts';
import {Scheduler} from './scheduler.ts';
import {checkSettings, type Settings} from './settings.ts';
import {type ReadonlyStore, Store} from './store.ts';

/** Live tasks kept in memory: enough to keep 512 slots busy and to be fair to hosts, small beside a list of millions. */
const liveLimit = 2_048;

/** What comes from outside; the rest an attempt needs is made here, from the settings. */
export type EngineParts = Pick<
	JobParts,
	'transport' | 'storage' | 'extractor' | 'clock' | 'random' | 'past' | 'attempting'
>;

/** An engine as reporters, screens and signals see it, in their own thread or in another one. */
export type AnyEngine = Pick<Engine, 'store' | 'subscribe' | 'run'> & {
	/** As the engine's own; a promise resolves when what came of it at once is in the store. */
	dispatch(command: Command): void | Promise<void>;
};

/** Runs tasks. It has no screen: commands go in, events come out, and the store holds what they add up to. */
export class Engine {
	readonly #parts: EngineParts;
	readonly #store = new Store();
	readonly #scheduler: Scheduler;
	readonly #intake: Intake;
	readonly #jobs: Jobs;
	readonly #listeners = new Set<Listener>();
	readonly #commands: Handlers<Command>;
	#hold: PromiseWithResolvers<void> | undefined;
	/** The run was stopped for good: nothing may start any more. */
	#stopped = false;
	#broken: unknown;
	#ended: PromiseWithResolvers<void> | undefined;

	constructor(parts: EngineParts, settings: Settings) {
		checkSettings(settings);
		const {clock, random} = parts;
		const store = this.#store;
		const emit = (event: Untimed<EngineEvent>) => this.#emit(event);
		this.#parts = parts;
		const scheduler = new Scheduler({clock, random, store, emit}, settings);
		this.#scheduler = scheduler;
		this.#jobs = new Jobs({
			parts: {...parts, ...this.#partsOfAttempts(settings)},
			settings,
			store,
			scheduler,
			emit,
			run: this.#asRun(),
		});
		this.#intake = new Intake(
			() => this.#jobs.size < liveLimit,
			item => this.#jobs.enter(item),
		);
		this.#commands = {...scheduler.commands, ...this.#jobs.commands, ...this.#ownCommands};
	}

	#partsOfAttempts(settings: Settings): Omit<AttemptParts, keyof EngineParts> {
		const {maxSize, minSpeed, connections, titlesOnly: brief} = settings;
		const {bandwidth} = this.#scheduler;
		return {maxSize, minSpeed, connections, brief, bandwidth, held: signal => this.#held(signal)};
	}

	#asRun(): Run {
		const isStopped = () => this.#stopped;
		return {
			get isStopped() {
				return isStopped();
			},
			pause: why => this.#pause(why),
			wakeUp: () => this.#wakeUp(),
			endIfIdle: () => this.#endIfIdle(),
			hasRoom: () => this.#intake.wake(),
		};
	}

	get store(): ReadonlyStore {
		return this.#store;
	}

	/** Calls `listener` with every event from now on, in order and synchronously. Returns how to stop it. */
	subscribe(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/**
	 * Takes in an input (URLs, or items with the line they come from) and resolves when the run has ended. Rejects, with
	 * everything taken in so far run, if the input breaks.
	 */
	async run(input: Input): Promise<void> {
		if (this.#stopped && this.#store.run.state === 'ended') return;
		const ended = this.#settled();
		void this.#pull(input);
		await ended;
		if (this.#broken) throw this.#broken;
	}

	/** Asks for something. What came of it shows in the events. */
	dispatch(command: Command): void {
		handle(this.#commands, command);
	}

	/** Closes idle connections. Call it when the engine is no longer needed. */
	async close(): Promise<void> {
		await this.#parts.transport.close();
	}

	readonly #ownCommands: CommandHandlers<'pause' | 'resume' | 'add' | 'stop'> = {
		pause: () => this.#pause(),
		resume: () => {
			const {state} = this.#store.run;
			if (state !== 'paused' && state !== 'draining') return;
			this.#emitRun('running');
			this.#letFlow();
			this.#scheduler.start();
		},
		add: ({urls}) => {
			if (this.#stopped || this.#store.run.state === 'draining') return;
			void this.#pull(urls);
		},
		stop: ({mode}) => {
			const {state} = this.#store.run;
			if (mode === 'abort') this.#abort();
			else if (state === 'running' || state === 'paused') {
				this.#scheduler.pause();
				this.#letFlow();
				this.#emitRun('draining');
				this.#endIfIdle();
			}
		},
	};

	/** Never rejects: an input that breaks ends there, and `run` reports it when everything before it has been dealt with. */
	async #pull(input: Input): Promise<void> {
		this.#wakeUp();
		const pulling = this.#intake.pull(input);
		if (!this.#store.run.inputOpen) this.#emit({type: 'input', open: true});
		try {
			await pulling;
		} catch (error) {
			this.#broken = error;
		}
		if (this.#intake.open === 0) this.#emit({type: 'input', open: false});
		this.#endIfIdle();
	}

	#pause(why?: Failure): void {
		if (this.#store.run.state !== 'running') return;
		this.#scheduler.pause();
		this.#hold = Promise.withResolvers();
		this.#emit({type: 'run', state: 'paused', ...(why && {why})});
	}

	#abort(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		this.#scheduler.pause();
		this.#intake.close();
		// After the end too: whoever shows the run has to hear that it was told to stop.
		this.#emitRun('stopping');
		this.#jobs.stop();
		this.#letFlow();
		this.#endIfIdle();
	}

	#letFlow(): void {
		this.#hold?.resolve();
		this.#hold = undefined;
	}

	#held(signal: AbortSignal): Promise<void> | undefined {
		if (!this.#hold || signal.aborted) return undefined;
		const {promise, resolve} = Promise.withResolvers<void>();
		signal.addEventListener('abort', () => resolve(), {once: true});
		return Promise.race([this.#hold.promise, promise]);
	}

	/** Work came in: if the run had ended, it goes on. */
	#wakeUp(): void {
		const {state, startedAt} = this.#store.run;
		if (startedAt !== undefined && state !== 'ended') return;
		this.#emitRun('running');
		this.#letFlow();
		this.#scheduler.start();
	}

	/** The run ends when nothing is left, or when it is draining or stopping and nothing runs any more. */
	#endIfIdle(): void {
		const {state} = this.#store.run;
		const leaving = state === 'draining' || state === 'stopping';
		const idle = leaving ? this.#store.running() === 0 : this.#jobs.size === 0 && this.#intake.open === 0;
		if (!idle || state === 'ended') return;
		if (leaving) this.#leave();
		this.#scheduler.rest();
		this.#emitRun('ended');
		this.#ended?.resolve();
		this.#ended = undefined;
	}

	/** What was left undone stays undone: nothing may start it behind the user's back. */
	#leave(): void {
		this.#stopped = true;
		this.#intake.close();
		this.#jobs.leave();
	}

	#settled(): Promise<void> {
		this.#ended ??= Promise.withResolvers();
		return this.#ended.promise;
	}

	#emitRun(state: RunState): void {
		this.#emit({type: 'run', state});
	}

	#emit(event: Untimed<EngineEvent>): void {
		// Nobody else has it yet, and a copy of each event would be a tenth of what a task allocates.
		const timed = event as EngineEvent;
		timed.at = this.#parts.clock.now();
		this.#store.apply(timed);
		for (const listener of this.#listeners) listener(timed);
	}
}
