import {medianOf} from '../../format/median.ts';
import {type Measurement, type ModelName, modelNames} from '../seams.ts';

/** What it costs to start one worker, in milliseconds and bytes. No bytes where none were seen to be taken. */
export type WorkerCost = {wall: number; memory: number | undefined};

/** What a model came to over all rounds. Times are in milliseconds, sizes in bytes, and both are medians of the rounds that count. */
export type Standing = {
	model: ModelName;
	/** All rounds that it has finished; those whose limit a key changed; others in which the program stood still; and those that count. */
	rounds: number;
	steered: number;
	halted: number;
	counted: number;
	/** Whether its figures may stand beside those of others: not when none of its rounds counts. */
	isComparable: boolean;
	limit: number;
	wall: number;
	/** Of serial's wall time. Undefined where serial did not run. */
	speedUp: number | undefined;
	cpu: number;
	memory: number;
	workers: number;
	/** Until all workers were ready; undefined where there are none. */
	start: number | undefined;
	worker: WorkerCost | undefined;
	/** How far apart the wall times are, as a share of their median. Undefined of a single one. */
	spread: number | undefined;
	/** Medians. */
	messages: number;
	copied: number;
	full: number;
	/** Tasks of a round. */
	perRound: number;
	/** Of all rounds together. Those who are neither done nor failed are lost. */
	tasks: number;
	done: number;
	failed: number;
	incidents: number;
};

/** In the order of the models, those that have finished a round. */
export function standingsOf(measurements: readonly Measurement[]): Standing[] {
	const limit = commonLimit(measurements);
	const standings = modelNames.flatMap(model => {
		const own = measurements.filter(measurement => measurement.model === model);
		return own.length === 0 ? [] : [standingOf(own, limit)];
	});
	const serial = standings.find(({model}) => model === 'serial');
	return standings.map(standing => ({
		...standing,
		speedUp: serial?.isComparable ? ratio(serial.wall, standing.wall) : undefined,
	}));
}

/** Undefined where there is next to nothing to divide by: clocks are no finer than a microsecond. */
export function ratio(a: number, b: number): number | undefined {
	return b >= 0.001 ? a / b : undefined;
}

/** What most rounds of those began with that have one, the first of these when there are several. */
export function commonLimit(measurements: readonly Measurement[]): number | undefined {
	const rounds = new Map<number, number>();
	for (const {model, limit, isSteered} of measurements)
		if (model !== 'serial' && !isSteered) rounds.set(limit, (rounds.get(limit) ?? 0) + 1);
	const most = Math.max(0, ...rounds.values());
	return [...rounds].find(([, times]) => times === most)?.[0];
}

/** A limit that a key changed before the round is as much another race as one changed within it. */
const isSteered = ({model, limit, isSteered}: Measurement, common: number | undefined): boolean =>
	isSteered || (model !== 'serial' && common !== undefined && limit !== common);

function standingOf(own: readonly Measurement[], limit: number | undefined): Standing {
	const unsteered = own.filter(measurement => !isSteered(measurement, limit));
	const straight = unsteered.filter(({isHalted}) => !isHalted);
	const counted = straight.length > 0 ? straight : own;
	const [last] = counted.slice(-1) as [Measurement];
	const median = (of: (measurement: Measurement) => number): number => medianOf(counted.map(of)) ?? 0;
	const sum = (of: (measurement: Measurement) => number): number => own.reduce((all, next) => all + of(next), 0);
	const walls = counted.map(({wall}) => wall);
	const workers = last.start.workers;
	const wall = median(measurement => measurement.wall);
	return {
		model: last.model,
		rounds: own.length,
		steered: own.length - unsteered.length,
		halted: unsteered.length - straight.length,
		counted: counted.length,
		isComparable: straight.length > 0,
		limit: last.limit,
		wall,
		speedUp: undefined,
		cpu: median(({cpu}) => cpu),
		memory: median(({memory}) => memory),
		workers,
		start: workers > 0 ? median(({start}) => start.wall) : undefined,
		worker: workers > 0 ? workerCost(counted) : undefined,
		spread: walls.length > 1 ? ratio(Math.max(...walls) - Math.min(...walls), wall) : undefined,
		messages: median(({messages}) => messages),
		copied: median(({copied}) => copied),
		full: median(({full}) => full),
		perRound: last.tasks,
		tasks: sum(({tasks}) => tasks),
		done: sum(({done}) => done),
		failed: sum(({failed}) => failed),
		incidents: sum(({incidents}) => incidents),
	};
}

/** Memory that is not more than before is no measurement of a worker: something else was given back meanwhile. */
function workerCost(counted: readonly Measurement[]): WorkerCost | undefined {
	const wall = medianOf(counted.flatMap(({start}) => ratio(start.wall, start.workers) ?? []));
	const memory = medianOf(counted.flatMap(({start}) => ratio(start.memory, start.workers) ?? []));
	return wall === undefined ? undefined : {wall, memory: memory !== undefined && memory > 0 ? memory : undefined};
}
