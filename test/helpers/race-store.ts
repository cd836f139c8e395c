import type {Size} from '../../source/dashboard/drawing/frame.ts';
import {createTheme} from '../../source/dashboard/drawing/theme.ts';
import {raceKeymap} from '../../source/dashboard/race/keymap.ts';
import type {RaceScene} from '../../source/dashboard/race/scene.ts';
import {initialRaceView, type RaceView} from '../../source/dashboard/race/view.ts';
import type {Result} from '../../source/engine/task.ts';
import {type Lane, type Measurement, type ModelName, modelNames, type RaceStore} from '../../source/race/seams.ts';

/** When all races of the tests begin; epoch milliseconds. */
export const raceStart = Date.UTC(2026, 10, 22, 12);

const mebi = 1024 ** 2;

const workersOf: Readonly<Record<ModelName, number>> = {
	serial: 0,
	threads: 10,
	processes: 10,
	coroutines: 0,
	messages: 3,
};

/** A lane that waits for its first round, but for what is given. */
export function lane(model: ModelName, given: Partial<Lane> = {}): Lane {
	return {
		model,
		state: 'waiting',
		limit: model === 'serial' ? 1 : 10,
		tasks: 40,
		done: 0,
		failed: 0,
		usage: {running: 0, workers: 0, cpu: 0, messages: 0, copied: 0, full: 0},
		memory: 0,
		peak: 0,
		start: undefined,
		startedAt: undefined,
		endedAt: undefined,
		incident: undefined,
		incidents: 0,
		measurements: [],
		...given,
	};
}

export const usage = (given: Partial<Lane['usage']>): Lane['usage'] => ({...lane('serial').usage, ...given});

/** What a round of it came to. @param wall milliseconds */
export const measurement = (model: ModelName, wall: number, given: Partial<Measurement> = {}): Measurement => ({
	model,
	round: 1,
	limit: model === 'serial' ? 1 : 10,
	isSteered: false,
	isHalted: false,
	tasks: 40,
	done: 39,
	failed: 1,
	wall,
	cpu: wall / 4,
	memory: 96 * mebi,
	start: {workers: workersOf[model], wall: 210, cpu: 180, memory: 60 * mebi},
	messages: 80,
	copied: 240_000,
	full: 0,
	incidents: 0,
	...given,
});

/** A lane that has run one round to its end, or more. */
export function finished(model: ModelName, walls: readonly number[], given: Partial<Lane> = {}): Lane {
	const measurements = walls.map((wall, index) => measurement(model, wall, {round: index + 1}));
	const last = measurements.at(-1);
	return lane(model, {
		state: 'finished',
		done: 39,
		failed: 1,
		startedAt: raceStart,
		endedAt: raceStart + (last?.wall ?? 0),
		peak: last?.memory ?? 0,
		start: last?.start,
		usage: usage({workers: workersOf[model], cpu: last?.cpu ?? 0}),
		measurements,
		...given,
	});
}

export const store = (lanes: readonly Lane[], given: Partial<RaceStore> = {}): RaceStore => ({
	version: 1,
	state: 'running',
	round: 1,
	rounds: 3,
	lanes,
	current: lanes.find(({state}) => state === 'starting' || state === 'running'),
	work: 'mixed',
	tasks: 40,
	seed: 7,
	cores: 2,
	agreement: {compared: 0, differences: 0, first: undefined},
	...given,
});

export const fiveLanes = (given: Partial<Record<ModelName, Lane>>): Lane[] =>
	modelNames.map(model => given[model] ?? lane(model));

export type RacePlot = {
	store: RaceStore;
	/** Milliseconds since the start. */
	at: number;
	/** Lanes that have come to their end. */
	over?: number;
	view?: Partial<RaceView>;
	report?: readonly string[];
	ascii?: boolean;
	color?: boolean;
};

export function raceScene(
	{store, at, over = 0, view, report = [], ascii = false, color = false}: RacePlot,
	size: Size,
): RaceScene {
	return {
		store,
		size,
		view: {...initialRaceView, ...view},
		theme: createTheme({ascii, color}),
		keymap: raceKeymap,
		report: () => [...report],
		now: raceStart + at,
		begunAt: raceStart,
		endedAt: store.state === 'running' ? undefined : raceStart + at,
		over,
	};
}

/** What a page came to: done, unless something else is given. */
export const result = (given: Partial<Result> = {}): Result => ({
	url: 'http://a.example/',
	finalUrl: 'http://a.example/',
	status: 200,
	ok: true,
	state: 'done',
	title: 'A page',
	contentType: 'text/html',
	charset: 'utf-8',
	bytes: 1_000,
	path: null,
	sha256: null,
	extracted: {},
	truncated: false,
	attempts: 1,
	startedAt: new Date(raceStart).toISOString(),
	seconds: 0.1,
	timings: {wait: 0, connect: 1, firstByte: 90, transfer: 9},
	error: null,
	...given,
});
