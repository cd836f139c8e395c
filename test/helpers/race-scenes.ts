import {finished, fiveLanes, lane, type RacePlot, raceStart, store, usage} from './race-store.ts';

const mebi = 1024 ** 2;

/** As wide as the report is, and longer than a low terminal is high. */
const report = [
	'model       wall    speed-up  CPU     memory    ready in',
	'serial      4.21 s  1.0       1.05 s  100.7 MB  0.21 s',
	'threads     0.62 s  6.8       0.16 s  100.7 MB  0.21 s',
	'coroutines  0.58 s  7.3       0.15 s  100.7 MB  0.21 s',
	'',
	...Array.from({length: 24}, (_, index) => `sentence ${index + 1} of why it came out as it did`),
];

const atStart: RacePlot = {
	store: store(fiveLanes({serial: lane('serial', {state: 'starting', startedAt: raceStart})})),
	at: 40,
};

const serialRuns: RacePlot = {
	store: store(
		fiveLanes({
			serial: lane('serial', {
				state: 'running',
				done: 11,
				failed: 1,
				startedAt: raceStart + 120,
				usage: usage({running: 1, workers: 0, cpu: 310}),
				peak: 58 * mebi,
				start: {workers: 0, wall: 90, cpu: 80, memory: 50 * mebi},
			}),
		}),
	),
	at: 1_400,
};

const threadsStart: RacePlot = {
	store: store(
		fiveLanes({
			serial: finished('serial', [4_210]),
			threads: lane('threads', {state: 'starting', startedAt: raceStart + 4_400}),
		}),
		{agreement: {compared: 0, differences: 0, first: undefined}},
	),
	at: 4_700,
	over: 1,
};

const threadsRun: RacePlot = {
	store: store(
		fiveLanes({
			serial: finished('serial', [4_210]),
			threads: lane('threads', {
				state: 'running',
				done: 17,
				startedAt: raceStart + 4_700,
				limit: 12,
				usage: usage({running: 9, workers: 12, cpu: 240, messages: 52, copied: 81_000}),
				peak: 190 * mebi,
				start: {workers: 10, wall: 310, cpu: 410, memory: 120 * mebi},
			}),
		}),
		{agreement: {compared: 17, differences: 0, first: undefined}},
	),
	at: 5_020,
	over: 1,
	view: {notice: 'the limit keys are about this lane now'},
};

/** The second round began with the threads: the serial lane is the last one in it. */
const coroutinesRun: RacePlot = {
	store: store(
		fiveLanes({
			serial: finished('serial', [4_210]),
			threads: finished('threads', [620, 640], {
				incident: 'worker 3 died (SIGKILL): its task begins again',
				incidents: 2,
			}),
			processes: finished('processes', [810, 790], {limit: 14}),
			coroutines: {
				...finished('coroutines', [580]),
				state: 'running',
				done: 23,
				failed: 2,
				startedAt: raceStart + 12_000,
				endedAt: undefined,
				usage: usage({running: 7, workers: 0, cpu: 130}),
				incident: 'task 17 was taken away: it begins again',
				incidents: 1,
			},
			messages: finished('messages', [700]),
		}),
		{round: 2, agreement: {compared: 265, differences: 0, first: undefined}},
	),
	at: 12_310,
	over: 7,
	view: {scope: 'all'},
};

const messagesRun: RacePlot = {
	store: store(
		fiveLanes({
			serial: finished('serial', [4_210]),
			threads: finished('threads', [620]),
			processes: lane('processes', {
				state: 'broken',
				incident: 'its processes could not be started: EAGAIN',
				incidents: 1,
			}),
			coroutines: lane('coroutines', {
				...finished('coroutines', [580]),
				state: 'skipped',
				done: 12,
				failed: 0,
				measurements: [],
			}),
			messages: lane('messages', {
				state: 'running',
				done: 20,
				failed: 3,
				startedAt: raceStart + 7_000,
				usage: usage({running: 10, workers: 3, cpu: 210, messages: 1_240, copied: 3_100_000, full: 12}),
				peak: 130 * mebi,
				start: {workers: 3, wall: 140, cpu: 150, memory: 70 * mebi},
			}),
		}),
		{agreement: {compared: 63, differences: 2, first: undefined}},
	),
	at: 7_400,
	over: 4,
};

const allLanes = {
	serial: finished('serial', [4_210, 4_180, 4_200]),
	threads: finished('threads', [620, 640, 610], {
		incident: 'worker 3 died (SIGKILL): its task begins again',
		incidents: 1,
	}),
	processes: finished('processes', [810, 790, 800]),
	coroutines: finished('coroutines', [580, 570, 590]),
	messages: finished('messages', [700, 690, 720]),
};

const ended: RacePlot = {
	store: store(fiveLanes(allLanes), {
		state: 'ended',
		round: 3,
		agreement: {compared: 480, differences: 0, first: undefined},
	}),
	at: 24_000,
	over: 15,
	report,
};

const stopped: RacePlot = {
	store: store(
		fiveLanes({
			serial: finished('serial', [4_210]),
			threads: lane('threads', {
				state: 'skipped',
				done: 9,
				startedAt: raceStart + 4_600,
				endedAt: raceStart + 4_900,
				usage: usage({workers: 10, cpu: 90}),
				peak: 170 * mebi,
			}),
		}),
		{state: 'stopped', agreement: {compared: 9, differences: 0, first: undefined}},
	),
	at: 4_900,
	over: 2,
	report: ['too few lanes were run to compare them'],
};

/** Screens that a person has looked at. */
export const raceScenes: Readonly<Record<string, RacePlot>> = {
	start: atStart,
	serial: serialRuns,
	'threads-start': threadsStart,
	threads: threadsRun,
	coroutines: coroutinesRun,
	'coroutines-ascii': {...coroutinesRun, ascii: true},
	messages: messagesRun,
	ended,
	'ended-scrolled': {...ended, view: {scroll: 12}},
	stopped,
	help: {...coroutinesRun, view: {hasHelp: true}},
};
