import {type Standing, standingsOf} from '../../race/report/standings.ts';
import type {Lane, LaneState, ModelName, RaceStore} from '../../race/seams.ts';

/** What is known of a lane to be shown now: of the round that runs, or of the last one. Times in milliseconds, sizes in bytes. */
export type Figures = {
	done?: number | undefined;
	failed?: number | undefined;
	/** Of the slots; only while it runs. */
	running?: number | undefined;
	wall?: number | undefined;
	cpu?: number | undefined;
	memory?: number | undefined;
	workers?: number | undefined;
};

/** The state in the round that runs: a lane stays as it was at the end of its last round until its turn has come again. */
export function stateOf(
	{state, measurements}: Lane,
	{round, state: race}: Pick<RaceStore, 'round' | 'state'>,
): LaneState {
	const last = measurements.at(-1)?.round ?? round;
	return race === 'running' && state === 'finished' && last < round ? 'waiting' : state;
}

/** Threads or processes that a lane has; before its first sample, those that it began with. */
export const workersOf = ({usage, start}: Lane): number => usage.workers || (start?.workers ?? 0);

/** @param state in the round that runs */
export function figuresOf(lane: Lane, state: LaneState, now: number): Figures {
	const {done, failed, usage, peak, startedAt, endedAt} = lane;
	const last = lane.measurements.at(-1);
	// Of a round that has not begun there is no progress, and its time is that of the round before.
	if (state === 'waiting') return last ? {wall: last.wall, cpu: last.cpu, memory: last.memory} : {};
	if (startedAt === undefined) return {};
	if (state === 'starting') return {wall: now - startedAt};
	const {running, cpu} = usage;
	const figures = {done, failed, wall: (endedAt ?? now) - startedAt, cpu, memory: peak, workers: workersOf(lane)};
	if (state === 'running') return {...figures, wall: now - startedAt, running};
	return state === 'finished' && last ? {...figures, wall: last.wall, cpu: last.cpu, memory: last.memory} : figures;
}

/** How the models stand, as the report has it, so that the two never contradict each other. */
export const standingsIn = ({lanes}: Pick<RaceStore, 'lanes'>): Standing[] =>
	standingsOf(lanes.flatMap(({measurements}) => measurements));

/** The model that took least time; where fewer than two may be compared, nobody has won anything. */
export function bestOf(standings: readonly Standing[]): ModelName | undefined {
	const compared = standings.filter(({isComparable}) => isComparable);
	if (compared.length < 2) return undefined;
	return compared.reduce((best, each) => (each.wall < best.wall ? each : best)).model;
}

/** How much of the whole race is over, from 0 to 1. @param over how many lanes have come to their end, in all rounds */
export function shareOf({lanes, current, rounds, tasks, state}: Readonly<RaceStore>, over: number): number {
	if (state !== 'running') return 1;
	const share = current ? (current.done + current.failed) / Math.max(1, tasks) : 0;
	return Math.max(0, Math.min(1, (over + Math.min(1, share)) / Math.max(1, lanes.length * rounds)));
}
