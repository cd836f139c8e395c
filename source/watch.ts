import {complain, hearComplaints, holdComplaints, releaseComplaints} from './cli/complaints.ts';
import type {Options} from './cli/options.ts';
import {openTerminal, type Terminal} from './cli/terminal.ts';
import {UsageError} from './cli/usage-error.ts';
import type {AnyEngine} from './engine/engine.ts';
import {reasonOf} from './engine/failure.ts';
import {parseTarget} from './engine/target.ts';
import {type Choice, chooseScreen} from './reporters/choose.ts';
import {plainReporter} from './reporters/plain.ts';
import type {Reporter} from './reporters/reporter.ts';

/** 128 + the signal's number, as shells report it. */
export const signalStatus = {SIGHUP: 129, SIGINT: 130, SIGTERM: 143} as const;
const brokenPipeStatus = 141;
const internalErrorStatus = 70;

const loadDashboard = () => import('./dashboard/index.tsx');
const loadRaceScreen = () => import('./dashboard/race/index.ts');

/** What a test may put in the place of the real thing. */
export type Parts = Pick<
	Parameters<Awaited<ReturnType<typeof loadDashboard>>['dashboardReporter']>[0],
	'draw' | 'playback'
>;

type RaceParts = Parameters<Awaited<ReturnType<typeof loadRaceScreen>>['raceScreen']>[0];

/** By the dashboard's own table. In runs without one, too: what is wrong in a file should not wait for the next terminal. */
export async function checkKeys({keys}: Options): Promise<void> {
	if (Object.keys(keys).length === 0) return;
	const {createKeymap} = await import('./dashboard/keys/keymap.ts');
	try {
		createKeymap(keys);
	} catch (error) {
		throw new UsageError(`in the config file, 'keys': ${reasonOf(error)}`);
	}
}

/** Where a run is watched, and the terminal for it, if it is a dashboard. */
export type Watch = {choice: Choice; terminal: Terminal | undefined};

type Wanted = Pick<Options, 'json' | 'events' | 'output' | 'plain' | 'quiet' | 'dashboard'>;

/** Takes the terminal, if there is to be a dashboard. Throws a `UsageError` where there is none for one that was asked for. */
export function openWatch(options: Wanted): Watch {
	const choice = chooseScreen({stdoutIsTerminal: process.stdout.isTTY === true, env: process.env, options});
	const terminal = choice.screen === 'dashboard' ? openTerminal(choice.on === 'stdout') : undefined;
	// Without a terminal for the keys there is no dashboard: an error if it was asked for, plain lines if it was not.
	if (options.dashboard && !terminal)
		throw new UsageError('there is no terminal to draw the dashboard on; leave out --dashboard');
	if (terminal) holdComplaints();
	return {choice, terminal};
}

/** Where the last word goes: not between records, nor where the body is. */
export function textStream({on}: Choice): NodeJS.WriteStream {
	return on === 'stderr' || (on === 'terminal' && !process.stdout.isTTY) ? process.stderr : process.stdout;
}

/** The engine as the screen has it, and the URLs that were added there, without credentials. */
export function noteAdded(engine: AnyEngine): {engine: AnyEngine; added: string[]} {
	const added: string[] = [];
	return {
		added,
		engine: {
			get store() {
				return engine.store;
			},
			subscribe: listener => engine.subscribe(listener),
			run: input => engine.run(input),
			dispatch(command) {
				if (command.type === 'add') added.push(...command.urls.flatMap(url => parseTarget(url)?.display ?? []));
				return engine.dispatch(command);
			},
		},
	};
}

/** Whether a line fits into the terminal that a stream is, if it is one. */
export async function fitting({isTTY, columns}: NodeJS.WriteStream): Promise<{fits?: (line: string) => boolean}> {
	if (!isTTY || !(columns > 0)) return {};
	const {width} = await import('./format/width.ts');
	return {fits: line => width(line) <= columns};
}

export async function openScreen({choice, terminal}: Watch, options: Options, parts: Parts): Promise<Reporter> {
	if (terminal) {
		const {dashboardReporter} = await loadDashboard();
		const {ascii, exit, keys, dir, screenReader: spoken} = options;
		const color = options.color && !spoken;
		const shown = {ascii, color, spoken, exit, keys, folder: dir};
		return dashboardReporter({...terminal, ...shown, complaints: hearComplaints, ...parts});
	}
	if (choice.screen === 'quiet') return {start() {}, async finish() {}};
	return plainReporter(choice.on === 'stderr' ? process.stderr : process.stdout);
}

/** The screen of a race, where there is a terminal for one; else its reporters have the word. */
export async function openRaceScreen(
	{terminal}: Watch,
	{ascii, color, exit, screenReader: spoken}: Pick<Options, 'ascii' | 'color' | 'exit' | 'screenReader'>,
	parts: Pick<RaceParts, 'report' | 'draw'>,
) {
	if (!terminal) return undefined;
	const {raceScreen} = await loadRaceScreen();
	const shown = {ascii, color: color && !spoken, spoken, exit};
	return raceScreen({...terminal, ...shown, complaints: hearComplaints, ...parts});
}

/** Signals and broken pipes stop the run at once and keep every part file; a second signal leaves without waiting. */
export function listenForStops(
	engine: {dispatch(command: {type: 'stop'; mode: 'abort'}): unknown},
	screen: Pick<Reporter, 'finish'>,
	terminal: Terminal | undefined,
): {status(): number | undefined; pipeBroken(): boolean; stopped: Promise<void>} {
	let status: number | undefined;
	let isHungUp = false;
	const {promise: stopped, resolve} = Promise.withResolvers<void>();
	const stop = (code: number) => {
		if (status !== undefined) process.exit(code);
		status = code;
		resolve();
		engine.dispatch({type: 'stop', mode: 'abort'});
	};
	/** The terminal is gone, and several signals and streams tell of it: they are one. */
	const hangUp = () => {
		if (!isHungUp) stop(signalStatus.SIGHUP);
		isHungUp = true;
	};
	process.on('SIGHUP', hangUp);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signalStatus[signal]));
	// Nobody will press a key any more. Where the shell survives its terminal, no signal comes, and what draws nothing new gets no error.
	for (const event of ['error', 'end']) terminal?.stdin.on(event, hangUp);
	for (const stream of new Set([process.stdout, process.stderr, terminal?.stdout ?? process.stdout])) {
		stream.on('error', (error: NodeJS.ErrnoException) => {
			if (status !== undefined) return;
			if (error.code === 'EIO' && stream.isTTY) return hangUp();
			if (error.code !== 'EPIPE') complain(`cannot write the output: ${error.message}`);
			stop(error.code === 'EPIPE' ? brokenPipeStatus : 1);
		});
	}
	process.on('uncaughtException', error => {
		// The terminal is given back first, at once, so that the message lands on the normal screen: Ink's own way comes behind all
		// listeners of `exit`.
		screen.finish().catch(() => undefined);
		releaseComplaints();
		complain(`internal error: ${process.env.FETCHTOP_DEBUG ? error.stack : error.message}`);
		process.exit(internalErrorStatus);
	});
	return {status: () => status, pipeBroken: () => status === brokenPipeStatus, stopped};
}
