import type {Agreement, Measurement, ModelName, WorkName} from '../seams.ts';
import {commonLimit, ratio, type Standing, standingsOf} from './standings.ts';

/** A lane that came to no measurement in a round: skipped by key, or broken, and `why`. */
export type Left = {model: ModelName; round: number; why?: string | undefined};

/** Everything that is known when a race is over. */
export type Outcome = {
	measurements: readonly Measurement[];
	cores: number;
	agreement: Agreement;
	left?: readonly Left[];
	work?: WorkName | undefined;
};

/** What reasons and remarks are chosen from. */
export type Figures = Outcome & {
	standings: readonly Standing[];
	/** Those that may be compared, by their names. */
	by: Readonly<Partial<Record<ModelName, Standing>>>;
	/** Those of `by` that have more than one task under way. */
	concurrent: readonly Standing[];
	/** Tasks of a round, the limit of all lanes but serial, and how many can be under way by both. */
	tasks: number;
	limit: number;
	atOnce: number;
	/** The most rounds that any standing is of. */
	rounds: number;
	/** The share of its wall time in which the serial lane computed. */
	busy: number | undefined;
};

export function figuresOf(outcome: Outcome): Figures {
	const standings = standingsOf(outcome.measurements);
	const comparable = standings.filter(({isComparable}) => isComparable);
	const tasks = Math.max(0, ...standings.map(({perRound}) => perRound));
	const limit = commonLimit(outcome.measurements) ?? Math.max(1, ...standings.map(standing => standing.limit));
	const serial = comparable.find(({model}) => model === 'serial');
	return {
		...outcome,
		standings,
		by: Object.fromEntries(comparable.map(standing => [standing.model, standing])),
		concurrent: comparable.filter(({model}) => model !== 'serial'),
		tasks,
		limit,
		atOnce: Math.min(limit, tasks),
		rounds: Math.max(0, ...standings.map(({counted}) => counted)),
		busy: serial && usedCores(serial),
	};
}

/** Cores that were busy, on the average: CPU time by wall time. */
export const usedCores = ({cpu, wall}: Pick<Standing, 'cpu' | 'wall'>): number | undefined => ratio(cpu, wall);

/** A single round knows no spread of its own. On a machine that does other things too, it is seldom below this. */
const assumedSpread = 0.1;

/** A difference of wall times as a share of the shorter one means something from here on. */
export const noise = (a: Standing, b: Standing): number =>
	Math.max(a.spread ?? assumedSpread, b.spread ?? assumedSpread);

/** Whether one is faster than the other, or they only happened to come in this order. */
export const differ = (a: Standing, b: Standing): boolean =>
	Math.abs(a.wall - b.wall) > noise(a, b) * Math.min(a.wall, b.wall);

export const isFaster = (a: Standing, b: Standing): boolean => a.wall < b.wall && differ(a, b);
