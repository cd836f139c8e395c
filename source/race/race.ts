import {setImmediate as turn} from 'node:timers/promises';
import {type Handlers, handle} from '../engine/handlers.ts';
import {maxConcurrency} from '../engine/settings.ts';
import {type LaneObserver, LaneRun} from './lane/lane-run.ts';
import type {AnyRace, Equipment, Lane, Measurement, RaceCommand, RaceEvent, RaceStore} from './seams.ts';
import {Store, type StoreOptions} from './store.ts';

export type RaceOptions = StoreOptions & {equipment: Equipment};

/** One lane after the other, round by round: two at once would measure each other. */
export class Race implements AnyRace {
	readonly #store: Store;
	readonly #options: RaceOptions;
	readonly #listeners = new Set<(event: RaceEvent) => void>();
	#run: LaneRun | undefined;
	#isHalted = false;
	/** Of the lane that runs, at its start signal. */
	#limit = 0;
	#isSkipped = false;
	#isStopped = false;

	constructor(options: RaceOptions) {
		this.#options = options;
		this.#store = new Store(options);
	}

	get store(): Readonly<RaceStore> {
		return this.#store;
	}

	subscribe(listener: (event: RaceEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	dispatch(command: RaceCommand): void {
		handle(this.#commands, command);
	}

	async run(): Promise<void> {
		const {rounds} = this.#options;
		process.on('SIGCONT', this.#halted);
		for (let round = 1; round <= rounds && !this.#isStopped; round++) {
			for (const lane of inTurn(this.#store.lanes, round - 1)) if (!this.#isStopped) await this.#runLane(lane, round);
		}
		process.off('SIGCONT', this.#halted);
		this.#emit({type: 'ended', state: this.#isStopped ? 'stopped' : 'ended'});
	}

	readonly #halted = (): void => {
		this.#isHalted = true;
	};

	readonly #commands: Handlers<RaceCommand> = {
		'set-limit': ({model, value}) => {
			const limit = Math.min(maxConcurrency, Math.max(1, Math.round(value)));
			if (Number.isNaN(limit)) return;
			for (const lane of this.store.lanes) {
				const isMeant = lane.model !== 'serial' && (model === 'all' || lane.model === model);
				if (!isMeant || lane.limit === limit) continue;
				this.#emit({type: 'limit', model: lane.model, limit});
				if (lane === this.store.current) this.#run?.setLimit(limit);
			}
		},
		kill: () => this.#run?.kill(),
		skip: () => {
			this.#isSkipped = true;
			void this.#run?.close();
		},
		stop: () => {
			this.#isStopped = true;
			void this.#run?.close();
		},
	};

	async #runLane(lane: Lane, round: number): Promise<void> {
		const {model, limit} = lane;
		const {tasks, equipment} = this.#options;
		this.#isSkipped = false;
		this.#isHalted = false;
		this.#emit({type: 'lane-started', model, round, limit});
		const run = new LaneRun({model, limit, tasks, equipment}, this.#observe(lane, round));
		this.#run = run;
		try {
			const wall = await run.run();
			this.#emit({type: 'lane-finished', measurement: this.#measured(lane, round, wall)});
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			const isLeft = this.#isSkipped || this.#isStopped;
			this.#emit({type: 'lane-left', model, round, ...(!isLeft && {why})});
		} finally {
			this.#run = undefined;
			await run.close();
			// Its messages of the last moment have come by now.
			await turn();
		}
	}

	#observe(lane: Lane, round: number): LaneObserver {
		const {model} = lane;
		return {
			ready: start => {
				this.#limit = lane.limit;
				this.#emit({type: 'lane-ready', model, round, start});
			},
			record: (number, result) => this.#emit({type: 'record', model, round, number, result}),
			incident: text => this.#emit({type: 'incident', model, round, text}),
			usage: usage => this.#store.sample(lane, {usage}),
			memory: memory => this.#store.sample(lane, {memory}),
		};
	}

	#measured(lane: Lane, round: number, wall: number): Measurement {
		const {model, done, failed, peak: memory, incidents, usage} = lane;
		const {cpu, messages, copied, full} = usage;
		const start = lane.start ?? {workers: 0, wall: 0, cpu: 0, memory: 0};
		const isSteered = this.#store.isSteered(model);
		const isHalted = this.#isHalted;
		const tasks = this.#options.tasks.length;
		return {
			...{model, round, limit: this.#limit, isSteered, isHalted, tasks, done, failed, wall, cpu},
			memory,
			start,
			messages,
			copied,
			full,
			incidents,
		};
	}

	#emit(event: RaceEvent): void {
		this.#store.apply(event);
		for (const listener of this.#listeners) listener(event);
	}
}

/** Each round begins with another one, so that what drifts meanwhile (the machine's heat, its other guests) is shared out. */
function inTurn<Item>(items: readonly Item[], from: number): Item[] {
	const at = from % items.length;
	return [...items.slice(at), ...items.slice(0, at)];
}
