import {sanitize} from '../../format/sanitize.ts';
import type {Agreement, ModelName, WorkName} from '../seams.ts';
import {figuresOf, type Left, type Outcome} from './figures.ts';
import {reasonsOf} from './reasons.ts';
import {remarksOf} from './remarks.ts';
import type {Standing} from './standings.ts';

/** A row of the table, for programs; `null` where something was not measured, or is not there. */
export type ModelData = {
	model: ModelName;
	rounds: number;
	steeredRounds: number;
	haltedRounds: number;
	comparable: boolean;
	limit: number;
	workers: number;
	wallSeconds: number;
	speedUp: number | null;
	cpuSeconds: number;
	memoryBytes: number;
	startSeconds: number | null;
	workerStartSeconds: number | null;
	workerMemoryBytes: number | null;
	spread: number | null;
	/** Of all rounds together. */
	tasks: number;
	done: number;
	failed: number;
	incidents: number;
	/** Of a round. */
	messages: number;
	copiedBytes: number;
	fullMailboxes: number;
};

export type ReportData = {
	work: WorkName | null;
	tasks: number;
	limit: number;
	cores: number;
	models: ModelData[];
	agreement: {compared: number; differences: number; first: Agreement['first'] | null};
	left: {model: ModelName; round: number; why: string | null}[];
	reasons: string[];
	remarks: string[];
};

/** The same as the lines, as JSON has it. */
export function reportData(outcome: Outcome): ReportData {
	const figures = figuresOf(outcome);
	const {agreement, left = []} = outcome;
	return {
		work: outcome.work ?? null,
		tasks: figures.tasks,
		limit: figures.limit,
		cores: outcome.cores,
		models: figures.standings.map(modelData),
		agreement: {...agreement, first: agreement.first ?? null},
		left: left.map(({model, round, why}: Left) => ({model, round, why: why === undefined ? null : sanitize(why)})),
		reasons: reasonsOf(figures),
		remarks: remarksOf(figures),
	};
}

function modelData(standing: Standing): ModelData {
	const {worker} = standing;
	return {
		model: standing.model,
		rounds: standing.rounds,
		steeredRounds: standing.steered,
		haltedRounds: standing.halted,
		comparable: standing.isComparable,
		limit: standing.limit,
		workers: standing.workers,
		wallSeconds: seconds(standing.wall),
		speedUp: orNull(standing.speedUp, digits(3)),
		cpuSeconds: seconds(standing.cpu),
		memoryBytes: Math.round(standing.memory),
		startSeconds: orNull(standing.start, seconds),
		workerStartSeconds: orNull(worker?.wall, milliseconds => digits(6)(milliseconds / 1000)),
		workerMemoryBytes: orNull(worker?.memory, Math.round),
		spread: orNull(standing.spread, digits(4)),
		tasks: standing.tasks,
		done: standing.done,
		failed: standing.failed,
		incidents: standing.incidents,
		messages: standing.messages,
		copiedBytes: Math.round(standing.copied),
		fullMailboxes: standing.full,
	};
}

const digits =
	(behind: number) =>
	(value: number): number =>
		Math.round(value * 10 ** behind) / 10 ** behind;

/** As in the records of tasks: whole milliseconds. */
const seconds = (milliseconds: number): number => Math.round(milliseconds) / 1000;

const orNull = (value: number | undefined, rounded: (value: number) => number): number | null =>
	value === undefined ? null : rounded(value);
