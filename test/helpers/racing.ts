import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import os from 'node:os';
import type {TestContext} from 'node:test';
import {defaults, type Options} from '../../source/cli/options.ts';
import {heavyField} from '../../source/demo/race-contents.ts';
import type {RaceSiteOptions} from '../../source/demo/race-pages.ts';
import {type RaceSite, startRaceSite} from '../../source/demo/race-site.ts';
import {seeded} from '../../source/engine/random.ts';
import {systemClock} from '../../source/engine/seams.ts';
import {lasting} from '../../source/race/agreement.ts';
import type {Race as RaceType} from '../../source/race/race.ts';
import {type ModelName, modelNames, type RaceEvent} from '../../source/race/seams.ts';
import {Race} from './bundled-race.ts';

export const concurrent = modelNames.filter(name => name !== 'serial');

export type RigOptions = {
	models?: readonly ModelName[];
	limit?: number;
	rounds?: number;
	options?: Partial<Options>;
};

/** A race on these pages, with all that happened in it. It does not outlive the test. */
export function raceOn(
	t: TestContext,
	urls: readonly string[],
	{models = modelNames, limit = 8, rounds = 1, options}: RigOptions = {},
) {
	const race = new Race({
		...{models, limit, rounds, work: undefined, seed: 1, cores: os.availableParallelism(), clock: systemClock},
		tasks: urls.map((url, index) => ({number: index + 1, url, attempt: 1})),
		equipment: {options: {...defaults, save: false, extract: [heavyField], ...options}, network: {proxies: {}}},
	});
	const events: RaceEvent[] = [];
	race.subscribe(event => events.push(event));
	t.after(() => race.dispatch({type: 'stop', mode: 'abort'}));
	return {race, events};
}

/** The records of each lane in the order of the tasks, without what may be another each time. */
export function recordsOf(events: readonly RaceEvent[]): Map<ModelName, string[]> {
	const all = new Map<ModelName, string[]>();
	const records = events.filter(event => event.type === 'record').toSorted((a, b) => a.number - b.number);
	for (const {model, number, result} of records)
		all.set(model, [...(all.get(model) ?? []), JSON.stringify({number, ...lasting(result)})]);
	return all;
}

export const incidentsOf = (events: readonly RaceEvent[]): string[] =>
	events.flatMap(event => (event.type === 'incident' ? event.text : []));

/** Why nobody can look for processes here, if so. */
export const noProcesses: string | false = process.platform === 'linux' ? false : 'needs /proc';

const parentOf = (pid: string): number | undefined => {
	try {
		// Behind the name, which may hold anything: the state and the parent (proc(5)).
		return Number(
			readFileSync(`/proc/${pid}/stat`, 'latin1')
				.replace(/^.*\) /s, '')
				.split(' ')[1],
		);
	} catch {
		return undefined;
	}
};

/** Processes that this one has started, and those that they have, the nearest first. */
export function descendantsOf(pid: number): number[] {
	const parents = new Map(
		readdirSync('/proc')
			.filter(name => /^\d+$/.test(name))
			.map(name => [Number(name), parentOf(name)]),
	);
	const found: number[] = [];
	for (const ancestors = [pid]; ancestors.length > 0; ) {
		const next = ancestors.shift();
		for (const [child, parent] of parents)
			if (parent === next) {
				found.push(child);
				ancestors.push(child);
			}
	}
	return found;
}

/** Whether it still does anything: one that has ended and that nobody has asked about is in the table all the same. */
export function isAlive(pid: number): boolean {
	try {
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
	} catch {
		return false;
	}
}

/** Whether it has used so many milliseconds of CPU, by the clock ticks of proc(5): 100 a second on all machines there are. */
export function hasComputed(pid: number, milliseconds: number): boolean {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '');
		return Number(stat.split(' ')[11]) * 10 >= milliseconds;
	} catch {
		return false;
	}
}

/** As it was started; empty for one that is gone. */
export function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
	} catch {
		return '';
	}
}

export async function started(t: TestContext, options: RaceSiteOptions): Promise<RaceSite> {
	const site = await startRaceSite(options);
	t.after(() => site.close());
	return site;
}

/** Does something each time so many records have come in, on average: at moments that nobody has chosen. */
export function atRandom(
	race: RaceType,
	seed: number,
	every: number,
	act: (record: Extract<RaceEvent, {type: 'record'}>) => void,
): void {
	const random = seeded(seed);
	race.subscribe(event => {
		if (event.type === 'record' && random() < 1 / every) act(event);
	});
}

/** Every task has one record in each lane, and the lanes count them. */
export function assertWhole(race: RaceType, events: readonly RaceEvent[], tasks: number): void {
	for (const lane of race.store.lanes) {
		const numbers = events.flatMap(event =>
			event.type === 'record' && event.model === lane.model ? event.number : [],
		);
		assert.deepEqual(
			numbers.toSorted((a, b) => a - b),
			Array.from({length: tasks}, (_, index) => index + 1),
			lane.model,
		);
		assert.equal(lane.done + lane.failed, tasks, lane.model);
		assert.equal(lane.state, 'finished');
	}
}
