// Runs a real race on the built-in site, steers it, and prints what its store held at some moments. `record-race.mjs` starts it.
import os from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import {defaults} from '../source/cli/options.ts';
import {heavyField} from '../source/demo/race-contents.ts';
import {openRaceSite} from '../source/demo/remote-race-site.ts';
import {seeded, shuffled} from '../source/engine/random.ts';
import {systemClock} from '../source/engine/seams.ts';
import {Race} from '../source/race/race.ts';
import type {Left} from '../source/race/report/report.ts';
import {type ModelName, modelNames, type RaceCommand, type RaceEvent} from '../source/race/seams.ts';

const command = 'fetchtop race -c 10 --seed 7';
const seed = 7;
const limit = 10;
const work = 'mixed';
const latency = 100;

/** Milliseconds after which a pool is on the way, and not there yet. */
const someTime = 120;

const about = [
	`What the store of a real race held at some moments: \`${command}\`, on ${os.availableParallelism()} cores with ${process.version}.`,
	'scripts/record-race.mjs has made it, and pressed the keys: K in the processes, + three times in the coroutines.',
	'Times are epoch milliseconds; `current` is the name of a lane.',
].join(' ');

/** Of a record: of which lane, and which one of them. */
type At = `${ModelName} ${number}`;

/** Which keys are pressed when a lane has so many records. */
const pressed: Readonly<Record<At, readonly RaceCommand[]>> = {
	'processes 20': [{type: 'kill'}],
	'coroutines 20': [11, 12, 13].map(value => ({type: 'set-limit', model: 'coroutines', value})),
};

/** And which moments are kept, by the names of their screens. */
const kept: Readonly<Record<At, string>> = {
	'serial 30': 'serial',
	'threads 30': 'threads',
	'processes 30': 'processes',
	'coroutines 40': 'coroutines',
	'messages 40': 'messages',
};

const site = await openRaceSite({work, latency, seed});
const tasks = shuffled(site.urls, seeded(seed)).map((url, index) => ({number: index + 1, url, attempt: 1}));
const options = {...defaults, save: false, extract: [heavyField], proxy: 'none' as const};
const race = new Race({
	...{models: modelNames, tasks, limit, rounds: 1, work, seed},
	...{cores: os.availableParallelism(), clock: systemClock, equipment: {options, network: {proxies: {}}}},
});

const begunAt = Date.now();
let over = 0;
const left: Left[] = [];
const moments: Record<string, object> = {};

function keep(name: string): void {
	const {version, state, round, rounds, lanes, current, tasks, seed, cores, agreement} = race.store;
	const store = {version, state, round, rounds, lanes, current: current?.model, work, tasks, seed, cores, agreement};
	moments[name] = structuredClone({now: Date.now(), begunAt, over, left, store});
}

race.subscribe((event: RaceEvent) => {
	if (event.type === 'lane-started' && event.model === 'threads')
		void sleep(someTime).then(() => keep('threads-start'));
	if (event.type === 'lane-finished' || event.type === 'lane-left') over++;
	if (event.type === 'ended') keep('ended');
	if (event.type !== 'record') return;
	const lane = race.store.lanes.find(({model}) => model === event.model);
	const at: At = `${event.model} ${(lane?.done ?? 0) + (lane?.failed ?? 0)}`;
	// Not out of the event itself: how much of its lane is used comes behind the records.
	setImmediate(() => {
		if (kept[at]) keep(kept[at]);
		for (const command of pressed[at] ?? []) race.dispatch(command);
	});
});
await race.run();
await site.close();

// A moment a line: what has changed between two recordings can be seen.
const lines = Object.entries(moments).map(([name, moment]) => `${JSON.stringify(name)}: ${JSON.stringify(moment)}`);
process.stdout.write(`{"about": ${JSON.stringify(about)}, "moments": {\n${lines.join(',\n')}\n}}\n`);
