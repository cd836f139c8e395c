import os from 'node:os';
import {complain, releaseComplaints} from './cli/complaints.ts';
import {newSeed} from './cli/drawing.ts';
import {openInputs} from './cli/inputs.ts';
import {openNetwork} from './cli/network.ts';
import type {Options} from './cli/options.ts';
import type {Request} from './cli/subcommands.ts';
import {UsageError} from './cli/usage-error.ts';
import {reasonOf} from './engine/failure.ts';
import type {InputItem} from './engine/intake.ts';
import {problemOf} from './engine/item.ts';
import {seeded, shuffled} from './engine/random.ts';
import {systemClock} from './engine/seams.ts';
import {parseTarget, withoutUserinfo} from './engine/target.ts';
import {count, plural} from './format/number.ts';
import {sanitize} from './format/sanitize.ts';
import {Race} from './race/race.ts';
import {type Left, type Outcome, reportData, reportLines} from './race/report/report.ts';
import type {RaceTask, WorkName} from './race/seams.ts';
import {plainRaceReporter, recordRaceReporter} from './reporters/race.ts';
import {listenForStops, openRaceScreen, openWatch, signalStatus, textStream} from './watch.ts';

type RaceRequest = Extract<Request, {kind: 'race'}>;

/** Where there is no terminal to say so. */
const standardColumns = 100;
/** Milliseconds. */
const standardLatency: Readonly<Record<WorkName, number>> = {io: 100, cpu: 0, mixed: 100};
/** Pages that the built-in site makes; more tasks begin with the first of them again. */
const mostBuiltIn = 1_000;

/** Races models on the built-in site, or on pages of one's own. Resolves with the exit status. */
export async function startRace(request: RaceRequest): Promise<number> {
	const seed = request.options.seed ?? newSeed();
	const course = await courseFor(request, seed);
	try {
		return await raceOn(course, request, seed);
	} finally {
		await course.close();
	}
}

async function raceOn(course: Course, request: RaceRequest, seed: number): Promise<number> {
	const {options, models, rounds} = request;
	const race = new Race({
		...{models, rounds, seed, work: course.work, clock: systemClock, cores: os.availableParallelism()},
		tasks: tasksOf(course.urls, request.tasks ?? course.urls.length, seed),
		limit: request.limit ?? standardLimit(course.work, options),
		equipment: {options: course.options, network: await openNetwork(course.options, process.env, complain)},
	});
	const outcome = outcomeOf(race);
	const failed = failuresOf(race, course);
	const watch = openWatch(options);
	const text = textStream(watch.choice);
	const {ascii} = options;
	const screen = await openRaceScreen(watch, options, {report: (_, paper) => reportLines(outcome(), paper)});
	const plain = watch.choice.screen === 'plain' && plainRaceReporter(text, systemClock);
	const reporters = [screen, plain, options.json && recordRaceReporter(process.stdout)].filter(
		each => typeof each === 'object',
	);
	for (const reporter of reporters) reporter.start(race);
	const stops = listenForStops(race, screen ?? {finish: async () => undefined}, watch.terminal);
	const broken = await watched(race, screen?.left, options.exit ? undefined : stops.stopped);
	for (const reporter of reporters) await reporter.finish();
	watch.terminal?.close();
	releaseComplaints();
	if (options.json) process.stdout.write(`${JSON.stringify({type: 'race', seed, ...reportData(outcome())})}\n`);
	// An error of the last line written is told only now.
	await new Promise(resolve => process.stdout.write('', resolve));
	if (!stops.pipeBroken())
		for (const line of [
			...reportLines(outcome(), {columns: text.columns ?? standardColumns, ascii}),
			'',
			...failed(),
			repeat(seed),
		])
			text.write(`${line}\n`);
	if (broken !== undefined) complain(`the screen failed: ${reasonOf(broken)}`);
	return stops.status() ?? (broken === undefined ? exitStatus(race, course.work === undefined) : 1);
}

const repeat = (seed: number): string => `In the same order again: --seed ${seed}`;

/** Runs it for as long as somebody wants to see it. Resolves with what broke the screen, if anything did. */
async function watched(
	race: Race,
	left: Promise<void> | undefined,
	stopped: Promise<void> | undefined,
): Promise<unknown> {
	const run = race.run();
	if (!left) return run;
	let broken: unknown;
	const isLeft = left
		.catch(error => {
			broken = error;
		})
		.then(() => {
			race.dispatch({type: 'stop', mode: 'abort'});
		});
	await run;
	// Who looks at the end of a race leaves when they have seen it, unless they said otherwise.
	if (stopped && race.store.state === 'ended') await Promise.race([isLeft, stopped]);
	return broken;
}

/** For pages that only compute, more workers than cores would only take turns. */
const standardLimit = (work: WorkName | undefined, {concurrency}: Options): number =>
	work === 'cpu' ? Math.max(2, os.availableParallelism()) : concurrency;

/** More pages that failed than these are not worth reading line by line. */
const mostFailures = 10;

/** Which of somebody's own pages have failed, and why; those of the built-in site are meant to. */
function failuresOf(race: Race, {work}: Course): () => string[] {
	const failures = new Map<string, string>();
	race.subscribe(event => {
		if (event.type !== 'record' || event.result.ok || work !== undefined) return;
		const {url, error} = event.result;
		failures.set(url, `  ${url}: ${error?.message ?? 'no answer'}`);
	});
	return () => {
		if (failures.size === 0) return [];
		const more = failures.size - mostFailures;
		const lines = [...failures.values()].slice(0, mostFailures);
		return [
			`${plural(failures.size, 'page')} failed:`,
			...lines,
			...(more > 0 ? [`  … and ${count(more)} more`] : []),
			'',
		];
	};
}

/** What a race has come to whenever one asks. */
function outcomeOf(race: Race): () => Outcome {
	const left: Left[] = [];
	race.subscribe(event => {
		if (event.type === 'ended' && event.state === 'stopped')
			left.push(...left.splice(-1).map(last => ({why: 'the race was stopped', ...last})));
		if (event.type !== 'lane-left') return;
		const {model, round, why} = event;
		left.push({model, round, ...(why !== undefined && {why})});
	});
	return () => {
		const {lanes, cores, agreement, work} = race.store;
		return {measurements: lanes.flatMap(({measurements}) => measurements), cores, agreement, left, ...(work && {work})};
	};
}

/** @param isOwn failures of the built-in site are a part of the race, those of somebody's own pages are not */
function exitStatus({store: {state, lanes}}: Race, isOwn: boolean): number {
	if (state === 'stopped') return signalStatus.SIGINT;
	const isBroken = lanes.some(lane => lane.state === 'broken');
	return isBroken || (isOwn && lanes.some(({failed}) => failed > 0)) ? 1 : 0;
}

/** The pages, and with which options they are asked for. */
type Course = {urls: readonly string[]; work: WorkName | undefined; options: Options; close(): Promise<void>};

async function courseFor({urls, options, work, latency, tasks}: RaceRequest, seed: number): Promise<Course> {
	const base: Options = {...options, save: false};
	if (urls.length > 0 || options.input.length > 0) {
		const about = work === undefined ? (latency === undefined ? undefined : '--latency') : '--work';
		if (about !== undefined)
			throw new UsageError(`'${about}' is about the built-in site; leave it out, or leave the URLs out`);
		return {urls: await ownPages(urls, options), work: undefined, options: base, close: async () => {}};
	}
	const kind = work ?? 'mixed';
	if (kind === 'cpu' && latency !== undefined)
		throw new UsageError("'--latency' has no effect on '--work cpu', whose pages make nobody wait; leave it out");
	const {openRaceSite} = await import('./demo/remote-race-site.ts');
	const {heavyField} = await import('./demo/race-contents.ts');
	const {urls: pages, close} = await openRaceSite({
		work: kind,
		latency: latency ?? standardLatency[kind],
		seed,
		...(tasks !== undefined && {pages: Math.min(tasks, mostBuiltIn)}),
	});
	const extract =
		kind === 'io' ? base.extract : [heavyField, ...base.extract.filter(({name}) => name !== heavyField.name)];
	return {urls: pages, work: kind, options: {...base, extract, proxy: 'none'}, close};
}

/** The URLs that were given: arguments, then lists. */
async function ownPages(urls: readonly string[], {input}: Options): Promise<string[]> {
	const pages: string[] = [];
	let isTold = false;
	for await (const item of await openInputs({urls, files: input, stdin: process.stdin, warn: complain})) {
		const entry: InputItem = typeof item === 'string' ? {url: item} : item;
		const {url, where = '', problem: _, ...rest} = entry;
		const problem = problemOf(entry, sanitize(withoutUserinfo(url)), parseTarget(url) !== undefined);
		if (problem) throw new UsageError(problem.message);
		if (Object.keys(rest).length > 0 && !isTold) {
			isTold = true;
			complain(`${sanitize(where)}: mirrors and options of a URL have no effect in a race; said once`);
		}
		pages.push(url);
	}
	if (pages.length === 0) throw new UsageError('there is no URL in the input');
	return pages;
}

/** Every page once, in random order, and from the first one again for as long as there are to be more. */
function tasksOf(urls: readonly string[], count: number, seed: number): RaceTask[] {
	const order = shuffled(urls, seeded(seed));
	return Array.from({length: count}, (_, index) => ({
		number: index + 1,
		url: order[index % order.length] ?? '',
		attempt: 1,
	}));
}
