import type {Outcome} from '../../source/race/report/figures.ts';
import {type Agreement, type Measurement, type ModelName, modelNames} from '../../source/race/seams.ts';

export const agreed: Agreement = {compared: 40, differences: 0, first: undefined};

export type Told = Omit<Partial<Measurement>, 'start'> & {start?: Partial<Measurement['start']>};

/** A round of a lane with 40 tasks of about half a second, which all get done. */
export function measurement(model: ModelName, told: Told = {}): Measurement {
	const {start, ...rest} = told;
	return {
		model,
		round: 1,
		limit: model === 'serial' ? 1 : 20,
		isSteered: false,
		isHalted: false,
		tasks: 40,
		done: 38,
		failed: 2,
		wall: 1_000,
		cpu: 500,
		memory: 80e6,
		messages: 0,
		copied: 0,
		full: 0,
		incidents: 0,
		...rest,
		start: {workers: 0, wall: 60, cpu: 50, memory: 0, ...start},
	};
}

/** The same in three rounds, each with that much more or less of wall time. */
export const threeRounds = (model: ModelName, told: Told, off = 0.02): Measurement[] =>
	[0, off / 2, -off / 2].map((share, index) =>
		measurement(model, {...told, round: index + 1, wall: Math.round((told.wall ?? 1_000) * (1 + share))}),
	);

const pools = {
	threads: {workers: 20, wall: 412, cpu: 610, memory: 118e6},
	processes: {workers: 20, wall: 1_930, cpu: 2_750, memory: 842e6},
	messages: {workers: 4, wall: 131, cpu: 160, memory: 31e6},
};

/** Pages that keep one waiting: the clocks, not the cores, are what matters. */
export const waitingRace = (): Outcome => ({
	cores: 2,
	work: 'io',
	agreement: agreed,
	measurements: [
		...threeRounds('serial', {wall: 20_310, cpu: 610, memory: 71.4e6}),
		...threeRounds('threads', {wall: 1_231, cpu: 842, memory: 203.9e6, start: pools.threads}),
		...threeRounds('processes', {wall: 1_284, cpu: 1_630, memory: 961.2e6, start: pools.processes}),
		...threeRounds('coroutines', {wall: 1_104, cpu: 402, memory: 79.6e6}),
		...threeRounds('messages', {
			...{wall: 1_121, cpu: 533, memory: 112.8e6, start: pools.messages},
			...{messages: 236, copied: 1.86e6, full: 0},
		}),
	],
});

/** Pages that are heavy to parse: what counts is how many cores do it. */
export const computingRace = (): Outcome => ({
	cores: 2,
	work: 'cpu',
	agreement: agreed,
	measurements: [
		...threeRounds('serial', {wall: 7_804, cpu: 7_650, memory: 96.1e6}),
		...threeRounds('threads', {wall: 4_190, cpu: 7_960, memory: 264.8e6, start: pools.threads}),
		...threeRounds('processes', {wall: 4_362, cpu: 8_110, memory: 1_021.5e6, start: {...pools.processes, wall: 1_010}}),
		...threeRounds('coroutines', {wall: 7_492, cpu: 7_430, memory: 131.2e6}),
		...threeRounds('messages', {
			...{wall: 4_601, cpu: 8_420, memory: 178.3e6, start: pools.messages},
			...{messages: 238, copied: 48.7e6, full: 23, incidents: 1},
		}),
	],
});

/** One of each kind of oddity: lanes that were steered, left, hit and too close to call. */
export const troubledRace = (): Outcome => {
	const race = waitingRace();
	const difference: Agreement['first'] = {
		number: 17,
		url: 'http://127.0.0.1/17',
		field: 'title',
		models: ['serial', 'threads'],
		values: ['Näher', null],
	};
	return {
		...race,
		cores: 1,
		agreement: {compared: 40, differences: 2, first: difference},
		measurements: race.measurements
			.filter(({model, round}) => model !== 'messages' && round < 3)
			.map(told => ({
				...told,
				isSteered: told.model === 'threads' || (told.model === 'coroutines' && told.round === 2),
				incidents: told.model === 'processes' ? 1 : 0,
				done: told.model === 'processes' && told.round === 1 ? told.done - 1 : told.done,
			})),
		left: [
			{model: 'messages', round: 1, why: 'its process ended with status 1'},
			{model: 'messages', round: 2},
		],
	};
};

/** A race of one round, of the lanes that are told of. */
export const race = (told: Partial<Record<ModelName, Told>>, cores = 2): Outcome => ({
	cores,
	agreement: agreed,
	measurements: modelNames.flatMap(model => (model in told ? [measurement(model, told[model])] : [])),
});

/** What it took to start twenty workers. */
export const twenty = {workers: 20, wall: 100, cpu: 100, memory: 20e6};

export const races = {waiting: waitingRace, computing: computingRace, troubled: troubledRace};
