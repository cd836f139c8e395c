import type {Network} from '../cli/network.ts';
import type {Options} from '../cli/options.ts';
import type {Result} from '../engine/task.ts';
import type {ModelName, WorkName} from './names.ts';

export {type ModelName, modelNames, type WorkName, workNames} from './names.ts';

/** One page to be fetched. `number` is its place in the order that all models have, from 1. */
export type RaceTask = {number: number; url: string /** Counts from 1. */; attempt: number};

/** What every worker of every model is made with: options and what they name, read. Plain data, for it travels. */
export type Equipment = {options: Options; network: Network};

/** What a lane uses, as it is told about ten times a second. Times are in milliseconds, sizes in bytes. */
export type Usage = {
	/** Tasks under way. */
	running: number;
	/** Threads or processes there are for them, beside the one that hands them out. */
	workers: number;
	/** CPU of all of its threads and processes since the start signal. */
	cpu: number;
	/** Messages handed over between its threads or processes, and what was copied for them. */
	messages: number;
	copied: number;
	/** How often a mailbox was full, so that its sender had to wait. */
	full: number;
};

/** What it took until all workers of a lane were ready. */
export type Start = {workers: number; wall: number; cpu: number; memory: number};

/** One lane in one round: what it came to. Times are in milliseconds, sizes in bytes. */
export type Measurement = {
	model: ModelName;
	round: number;
	/** At the start signal, and whether a key has changed it since. */
	limit: number;
	isSteered: boolean;
	/** Whether this program stood still meanwhile (Ctrl-Z), and with it the built-in site, but not the clock. */
	isHalted: boolean;
	tasks: number;
	done: number;
	failed: number;
	/** From the start signal to the last record. */
	wall: number;
	cpu: number;
	/** The most that all of its processes had together. */
	memory: number;
	start: Start;
	messages: number;
	copied: number;
	full: number;
	/** Workers that died, tasks that had to begin again. */
	incidents: number;
};

/** `broken`: it could not be run to its end. */
export type LaneState = 'waiting' | 'starting' | 'running' | 'finished' | 'skipped' | 'broken';

/** One row: what a screen may know of a model. */
export type Lane = {
	readonly model: ModelName;
	state: LaneState;
	/** Tasks at once: for the round that runs, or the next one. One in the serial lane, for good. */
	limit: number;
	tasks: number;
	/** Of the round that runs, or ran last, as all that follow. */
	done: number;
	failed: number;
	usage: Usage;
	/** Bytes that its processes have together now, and the most so far. */
	memory: number;
	peak: number;
	start: Start | undefined;
	/** Epoch milliseconds. */
	startedAt: number | undefined;
	endedAt: number | undefined;
	/** What went wrong with its workers, last of all; and how often anything did. */
	incident: string | undefined;
	incidents: number;
	/** Of the rounds that it has finished, whole. */
	measurements: Measurement[];
};

export type RaceState = 'running' | 'ended' | 'stopped';

export type RaceStore = {
	/** Raised by whatever a screen shows. */
	version: number;
	state: RaceState;
	/** From 1; which of how many. */
	round: number;
	rounds: number;
	readonly lanes: readonly Lane[];
	/** The lane that is starting or running. */
	current: Lane | undefined;
	/** What the pages cost; undefined where they are somebody's own. */
	readonly work: WorkName | undefined;
	readonly tasks: number;
	readonly seed: number;
	/** Cores that this machine lets us use. */
	readonly cores: number;
	/** How many tasks had another record than in the first lane, in any lane and round; and how many were compared. */
	agreement: Agreement;
};

/** A task that came to something else in two lanes, and in which field. */
export type Difference = {
	number: number;
	url: string;
	field: string;
	models: readonly [ModelName, ModelName];
	values: readonly [unknown, unknown];
};
export type Agreement = {compared: number; differences: number; first: Difference | undefined};

/** What happens in a race, in order. */
export type RaceEvent =
	| {type: 'lane-started'; model: ModelName; round: number; limit: number}
	/** All workers are there, and the clock runs. */
	| {type: 'lane-ready'; model: ModelName; round: number; start: Start}
	| {type: 'record'; model: ModelName; round: number; number: number; result: Result}
	| {type: 'incident'; model: ModelName; round: number; text: string}
	| {type: 'limit'; model: ModelName; limit: number}
	| {type: 'lane-finished'; measurement: Measurement}
	/** It was skipped, or could not be run to its end; `why` for the latter. */
	| {type: 'lane-left'; model: ModelName; round: number; why?: string}
	| {type: 'ended'; state: RaceState};

export type RaceCommand =
	/** Absolute values: a repeat is harmless. */
	| {type: 'set-limit'; model: ModelName | 'all'; value: number}
	/** One worker of the lane that runs, or where there is none, one task. */
	| {type: 'kill'}
	/** Leaves the lane that runs out of this round. */
	| {type: 'skip'}
	| {type: 'stop'; mode: 'abort'};

/** A race as reporters and the screen have it. */
export type AnyRace = {
	readonly store: Readonly<RaceStore>;
	subscribe(listener: (event: RaceEvent) => void): () => void;
	dispatch(command: RaceCommand): void;
	/** Resolves when all rounds are over, or it was stopped. */
	run(): Promise<void>;
};
