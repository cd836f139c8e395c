import {createWriteStream, statSync} from 'node:fs';
import {open} from 'node:fs/promises';
import {finished} from 'node:stream/promises';
import {complain, releaseComplaints} from './cli/complaints.ts';
import {drawingOf, newSeed} from './cli/drawing.ts';
import {openInputs} from './cli/inputs.ts';
import {nextSteps} from './cli/next-steps.ts';
import type {Options} from './cli/options.ts';
import {parseArguments} from './cli/parse.ts';
import {Reading} from './cli/reading.ts';
import type {Request} from './cli/subcommands.ts';
import {UsageError} from './cli/usage-error.ts';
import {version} from './cli/version.ts';
import {reasonOf} from './engine/failure.ts';
import type {Input, Item} from './engine/intake.ts';
import {systemClock} from './engine/seams.ts';
import type {ReadonlyStore} from './engine/store.ts';
import type {Choice} from './reporters/choose.ts';
import {eventReporter, recordReporter} from './reporters/ndjson.ts';
import {notifyReporter} from './reporters/notify.ts';
import {plainReporter} from './reporters/plain.ts';
import type {Reporter} from './reporters/reporter.ts';
import {saveFailedReporter} from './reporters/save-failed.ts';
import {isBlank, summary} from './reporters/summary.ts';
import {Tally} from './reporters/tally.ts';
import {limitYoungObjects} from './threads/young-objects.ts';
import {
	checkKeys,
	fitting,
	listenForStops,
	noteAdded,
	openScreen,
	openWatch,
	type Parts,
	signalStatus,
	textStream,
} from './watch.ts';
import type {Work} from './work.ts';

export type {Parts} from './watch.ts';

/** As the person calls it. */
const program =
	process.env.npm_lifecycle_event === 'start' && process.env.npm_package_name === 'fetchtop'
		? 'npm start --'
		: 'fetchtop';

/** For somebody who has typed the name of the program, and no more. */
const firstSteps = `'${program} --help' tells how, '${program} demo' shows what it does`;

/** The composition root: arguments → settings → parts → engine and reporters → exit status, which ends the process. */
export async function main(args: readonly string[], parts: Parts = {}): Promise<void> {
	let status: number;
	try {
		status = await start(args, parts);
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		complain(error.message);
		status = 2;
	}
	// Whatever still hangs (a stdin nobody ends, a connection that will not close) has no more say.
	process.exit(status);
}

async function start(args: readonly string[], parts: Parts): Promise<number> {
	const request = parseArguments(args, {env: process.env, warn: complain});
	if (request.kind === 'print-config') await checkKeys(request.settled.options);
	if (request.kind === 'print' || request.kind === 'print-config' || request.kind === 'completion') {
		await written(await textOf(request));
		return 0;
	}
	await checkKeys(request.options);
	if (request.kind === 'replay') return (await import('./replaying.ts')).replay(request, parts);
	await checkSelectors(request.options);
	if (request.kind === 'race') return (await import('./racing.ts')).startRace(request);
	const {options, drawn} = withSeed(request.options);
	if (request.kind === 'fetch') return fetchAll(options, {...(await inputOf(options)), drawn, args}, parts);
	const {withDemo} = await import('./demo/demo.ts');
	return withDemo(options, (options, input) =>
		fetchAll(options, {input: drawingOf(input, options) ?? input, drawn}, parts),
	);
}

/** `--random` has a seed in any case, and what nobody has said is told in the end. */
function withSeed(options: Options): {options: Options; drawn: readonly string[]} {
	if (options.random === undefined || options.seed !== undefined) return {options, drawn: []};
	const seed = newSeed();
	return {options: {...options, seed}, drawn: [`Drawn with --seed ${seed}, which draws the same again.`]};
}

/** What is only to be printed. Few ask for it, and the others do not load it. */
async function textOf(request: Extract<Request, {kind: 'print' | 'print-config' | 'completion'}>): Promise<string> {
	if (request.kind === 'print') return request.text;
	if (request.kind === 'completion') return (await import('./cli/completion.ts')).completionFor(request.shell);
	return (await import('./cli/print-config.ts')).printedConfig(request.settled);
}

/** A pipe may take less at once than there is, and the rest would be lost at the end of the process. Nobody misses what nobody reads. */
async function written(text: string): Promise<void> {
	const {promise, resolve} = Promise.withResolvers<void>();
	process.stdout.once('error', () => resolve());
	process.stdout.write(text, () => resolve());
	await promise;
}

/** By the parser that will use them, which is loaded only where there are any. */
async function checkSelectors({extract}: Options): Promise<void> {
	if (extract.length === 0) return;
	const {selectorProblem} = await import('./extract/search.ts');
	for (const {name, selector} of extract) {
		const problem = selectorProblem(selector);
		if (problem !== undefined)
			throw new UsageError(`the selector of '-e ${name}=${selector}' is invalid: ${oneLine(problem)}`);
	}
}

/** What there is to do. */
type List = {
	input: Input;
	/** What the engine has left of it; undefined where nobody can know all of that without waiting. */
	rest?: () => AsyncIterable<Item> | undefined;
	/** Every list can be read again under its name, as a file can and a pipe cannot. */
	isRereadable?: boolean;
	/** What is to be told of how it was drawn. */
	drawn: readonly string[];
	/** What was typed, where another command can go on from where this one ends. */
	args?: readonly string[];
};

async function inputOf(options: Options): Promise<Omit<List, 'drawn'>> {
	const {urls, input} = options;
	const files = urls.length === 0 && input.length === 0 && !process.stdin.isTTY ? ['-'] : input;
	if (urls.length === 0 && files.length === 0) throw new UsageError(`no URL given; ${firstSteps}`);
	const all = await openInputs({urls, files, stdin: process.stdin, warn: complain});
	const drawing = drawingOf(all, options);
	const reading = new Reading(drawing ?? all);
	const isRereadable = files.every(file => statSync(file, {throwIfNoEntry: false})?.isFile());
	// A pipe may not end for as long as somebody holds it open, and nobody would wait for that when told to stop.
	return {input: reading, isRereadable, rest: () => (isRereadable || drawing?.isRead ? reading.rest() : undefined)};
}

/** Runs the whole list and resolves with the exit status. */
async function fetchAll(options: Options, list: List, parts: Parts): Promise<number> {
	const {input, rest} = list;
	const {choice, terminal} = openWatch(options);
	if (options.extract.length > 0 && choice.screen !== 'dashboard' && !options.json && options.events === undefined)
		complain("what '-e' finds is in the records: add --json or --events");
	const work = await workOn(options, terminal !== undefined);
	const {engine} = work;
	const screen = await openScreen({choice, terminal}, options, parts);
	// The first frame is made while the engine is being opened elsewhere. Nobody sees it who gets an error instead.
	terminal?.stdout.cork();
	const {engine: steered, added} = noteAdded(engine);
	screen.start(steered);
	const records = await Promise.resolve(work.opened)
		.then(() => recordReporters(options, rest))
		.finally(() => terminal?.stdout.uncork())
		.catch(error => screen.finish().then(() => Promise.reject(error)));
	const stops = listenForStops(engine, screen, terminal);
	const tally = new Tally();
	records.push(tally);
	const bell = terminal?.stdout ?? [process.stderr, process.stdout].find(stream => stream.isTTY);
	if (options.notify && bell) records.push(notifyReporter(bell, process.env));
	const reporters = [screen, ...records];
	for (const reporter of records) reporter.start(engine);
	let broken: unknown;
	const run = engine.run(input).catch(error => {
		broken = error;
	});
	const watched = screen.left?.catch(async error => {
		// The screen broke, the run did not: the terminal is given back, and the rest is told as plain lines.
		await screen.finish();
		releaseComplaints();
		complain(`the dashboard failed (${error instanceof Error ? error.message : error}); going on with plain lines`);
		const plain = plainReporter(choice.on === 'stdout' ? process.stdout : process.stderr);
		plain.start(engine);
		reporters.push(plain);
		await run;
	});
	// A person who leaves at once does not wait for what hangs, nor does a screen on which nothing ever was wait for a person.
	await (watched ? Promise.race([watched, run.then(() => (isBlank(engine.store) ? undefined : watched))]) : run);
	for (const reporter of reporters) await reporter.finish();
	terminal?.close();
	releaseComplaints();
	const warnings = await work.close();
	// An error of the last line written is told only now.
	await new Promise(resolve => process.stdout.write('', resolve));
	const {store} = engine;
	if (!stops.pipeBroken() && !isBlank(store)) await tell(choice, store, tally, options, {...list, added});
	for (const warning of warnings) complain(warning);
	if (broken) complain(broken instanceof Error ? broken.message : String(broken));
	return stops.status() ?? exitStatus(store, broken !== undefined || process.exitCode === 1, options);
}

/** The last word, wherever the run was watched. Without `args`, what was saved is gone by now. */
async function tell(
	choice: Choice,
	store: ReadonlyStore,
	tally: Tally,
	options: Options,
	{args, drawn, rest, isRereadable = false, added}: List & {added: readonly string[]},
): Promise<void> {
	const {ascii, dir} = options;
	const out = textStream(choice);
	const isRestKnown = rest?.() !== undefined;
	const steps = args ? nextSteps({store, options, args, program, added, isRereadable, isRestKnown}) : [];
	const parts = {tally, ascii, ...(args && {dir}), next: [...drawn, ...steps], ...(await fitting(out))};
	for (const line of summary(store, systemClock.now(), parts)) out.write(`${line}\n`);
}

/** With a screen, the engine is in a thread of its own. A body on stdout goes no way round: this thread alone has the stream. */
async function workOn(options: Options, isWatched: boolean): Promise<Work> {
	limitYoungObjects();
	if (isWatched && options.output !== '-') {
		const {openRemoteWork} = await import('./threads/remote-work.ts');
		return openRemoteWork(options, isWatched, complain);
	}
	const {openWork} = await import('./work.ts');
	return openWork(options, isWatched, complain);
}

/** What the run came to, when nothing stopped it from outside. */
function exitStatus({live, run, counts}: ReadonlyStore, broken: boolean, {input}: Options): number {
	if (live.size > 0 || run.inputOpen) return signalStatus.SIGINT;
	if (broken || counts.failed > 0) return 1;
	if (counts.done + counts.skipped + counts.canceled > 0) return 0;
	complain(`there is no URL in the input${input.length === 0 ? `; ${firstSteps}` : ''}`);
	return 2;
}

async function recordReporters({json, events, saveFailed}: Options, rest: List['rest']): Promise<Reporter[]> {
	const reporters: Reporter[] = [];
	const recording = {clock: systemClock, program: `fetchtop/${version}`};
	if (json) reporters.push(recordReporter(process.stdout));
	if (events === '-') reporters.push(eventReporter(process.stdout, recording));
	else if (events !== undefined) {
		const handle = await open(events, 'w').catch(error => {
			throw new UsageError(`cannot write the events to ${JSON.stringify(events)}: ${reasonOf(error)}`);
		});
		const stream = createWriteStream(events, {fd: handle});
		stream.on('error', error => {
			complain(`the events in ${JSON.stringify(events)} broke off: ${reasonOf(error)}`);
			process.exitCode = 1;
		});
		const close = async () => {
			stream.end();
			await finished(stream).catch(() => undefined);
		};
		reporters.push(eventReporter(stream, {...recording, close}));
	}
	if (saveFailed !== undefined) {
		const failed = await saveFailedReporter({file: saveFailed, complain, ...(rest && {rest})}).catch(error => {
			throw new UsageError(`cannot write to ${JSON.stringify(saveFailed)}: ${reasonOf(error)}`);
		});
		reporters.push(failed);
	}
	return reporters;
}

const oneLine = (message: string): string => message.replace(/\s+/g, ' ').trim();
