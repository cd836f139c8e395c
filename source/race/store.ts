import {type Handlers, handle} from '../engine/handlers.ts';
import type {Clock} from '../engine/seams.ts';
import {Comparison} from './agreement.ts';
import type {Lane, ModelName, RaceEvent, RaceState, RaceStore, RaceTask, Usage, WorkName} from './seams.ts';

export type StoreOptions = {
	models: readonly ModelName[];
	/** In the order that all models have. */
	tasks: readonly RaceTask[];
	/** Tasks at once. */
	limit: number;
	rounds: number;
	/** Undefined where the pages are somebody's own. */
	work: WorkName | undefined;
	seed: number;
	cores: number;
	clock: Clock;
};

const nothing: Usage = {running: 0, workers: 0, cpu: 0, messages: 0, copied: 0, full: 0};

/** The one writer of lanes: what a race is at, put together from its events and samples. */
export class Store implements RaceStore {
	version = 0;
	state: RaceState = 'running';
	round = 1;
	readonly rounds: number;
	readonly lanes: readonly Lane[];
	current: Lane | undefined;
	readonly work: WorkName | undefined;
	readonly tasks: number;
	readonly seed: number;
	readonly cores: number;
	readonly #options: StoreOptions;
	readonly #comparison = new Comparison();
	agreement = this.#comparison.agreement;
	readonly #steered = new Set<ModelName>();

	constructor(options: StoreOptions) {
		const {models, tasks, limit, rounds, work, seed, cores} = options;
		this.#options = options;
		this.rounds = rounds;
		this.work = work;
		this.tasks = tasks.length;
		this.seed = seed;
		this.cores = cores;
		this.lanes = models.map(model => newLane(model, tasks.length, limit));
	}

	apply(event: RaceEvent): void {
		handle(this.#reducers, event);
		this.version++;
	}

	/** What a lane uses now: no event, for it is read off from time to time. */
	sample(lane: Lane, {usage = lane.usage, memory = lane.memory}: {usage?: Usage; memory?: number}): void {
		Object.assign(lane, {usage, memory, peak: Math.max(lane.peak, memory)});
		this.version++;
	}

	/** Whether the lane has, or had in this round, another limit than the one that all began with. */
	isSteered(model: ModelName): boolean {
		return this.#steered.has(model);
	}

	#laneOf(model: ModelName): Lane {
		return this.lanes.find(lane => lane.model === model) as Lane;
	}

	readonly #reducers: Handlers<RaceEvent> = {
		'lane-started': ({model, round, limit}) => {
			this.round = round;
			const lane = this.#laneOf(model);
			Object.assign(lane, newLane(model, lane.tasks, limit), {measurements: lane.measurements, state: 'starting'});
			lane.startedAt = this.#options.clock.now();
			this.#steered.delete(model);
			if (model !== 'serial' && limit !== this.#options.limit) this.#steered.add(model);
			this.current = lane;
		},
		'lane-ready': ({model, start}) => {
			Object.assign(this.#laneOf(model), {state: 'running', start, startedAt: this.#options.clock.now()});
		},
		record: ({model, number, result}) => {
			const lane = this.#laneOf(model);
			if (result.ok) lane.done++;
			else lane.failed++;
			this.#comparison.add(model, number, result);
			this.agreement = this.#comparison.agreement;
		},
		incident: ({model, text}) => {
			const lane = this.#laneOf(model);
			lane.incident = text;
			lane.incidents++;
		},
		limit: ({model, limit}) => {
			this.#laneOf(model).limit = limit;
			this.#steered.add(model);
		},
		'lane-finished': ({measurement}) => {
			const lane = this.#laneOf(measurement.model);
			lane.measurements.push(measurement);
			this.#leave(lane, 'finished');
			lane.endedAt = (lane.startedAt ?? 0) + measurement.wall;
		},
		'lane-left': ({model, why}) => {
			const lane = this.#laneOf(model);
			if (why !== undefined) lane.incident = why;
			this.#leave(lane, why === undefined ? 'skipped' : 'broken');
		},
		ended: ({state}) => {
			this.state = state;
		},
	};

	#leave(lane: Lane, state: Lane['state']): void {
		lane.state = state;
		lane.endedAt = this.#options.clock.now();
		lane.usage = {...lane.usage, running: 0};
		this.current = undefined;
	}
}

function newLane(model: ModelName, tasks: number, limit: number): Lane {
	return {
		model,
		state: 'waiting',
		limit: model === 'serial' ? 1 : limit,
		tasks,
		...{done: 0, failed: 0, usage: nothing, memory: 0, peak: 0, start: undefined},
		...{startedAt: undefined, endedAt: undefined, incident: undefined, incidents: 0, measurements: []},
	};
}
