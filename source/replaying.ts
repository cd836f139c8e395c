import {complain, releaseComplaints} from './cli/complaints.ts';
import type {Request} from './cli/subcommands.ts';
import {UsageError} from './cli/usage-error.ts';
import {systemClock} from './engine/seams.ts';
import {openRecording, type Recording} from './replay/recording.ts';
import {Replay} from './replay/replay.ts';
import {recordReporter} from './reporters/ndjson.ts';
import type {Reporter} from './reporters/reporter.ts';
import {isBlank, summary} from './reporters/summary.ts';
import {Tally} from './reporters/tally.ts';
import {fitting, listenForStops, openScreen, openWatch, type Parts, textStream} from './watch.ts';

type ReplayRequest = Extract<Request, {kind: 'replay'}>;

/**
 * Shows a recorded run again: with a terminal in the same dashboard, else in the same lines and records. Resolves with the exit
 * status, which says whether the recording could be read, not what became of the run in it.
 */
export async function replay({file, speed, from, options}: ReplayRequest, parts: Parts): Promise<number> {
	const recording = await recordingIn(file);
	const watch = openWatch(options);
	const {terminal} = watch;
	// Whoever reads lines wants what they say, and not to wait for it.
	const shown = new Replay(recording, systemClock, speed ?? (terminal ? 1 : Number.POSITIVE_INFINITY));
	const screen = await openScreen(watch, options, terminal ? {...parts, playback: shown} : parts);
	const tally = new Tally();
	tally.start(shown);
	// The dashboard shows how it gets there; lines and records begin there.
	const later = [...(terminal ? [] : [screen]), ...(options.json ? [recordReporter(process.stdout)] : [])];
	if (terminal) screen.start(shown);
	const stops = listenForStops(shown, screen, terminal);
	let broken: unknown;
	const fail = (error: unknown) => {
		broken ??= error;
	};
	const run = play(shown, from, later).catch(fail);
	const left = screen.left?.catch(fail);
	// Who looks at a dashboard looks at its end too, unless they said otherwise. A replay that is there takes no more notice of a stop.
	const isSeen = () => (options.exit ? undefined : Promise.race([left, stops.stopped]));
	await (left ? Promise.race([left, run.then(isSeen)]) : run);
	for (const reporter of [screen, ...later, tally]) await reporter.finish();
	terminal?.close();
	releaseComplaints();
	// An error of the last line written is told only now.
	await new Promise(resolve => process.stdout.write('', resolve));
	if (!stops.pipeBroken() && !isBlank(shown.store)) {
		const out = textStream(watch.choice);
		const lines = summary(shown.store, shown.now(), {tally, ascii: options.ascii, ...(await fitting(out))});
		for (const line of lines) out.write(`${line}\n`);
	}
	const lack = broken instanceof Error ? broken.message : (broken ?? shown.lack);
	if (lack !== undefined) complain(String(lack));
	return stops.status() ?? (broken === undefined ? 0 : 1);
}

async function recordingIn(file: string): Promise<Recording> {
	if (file === '-' && process.stdin.isTTY) throw new UsageError("'replay -' reads a recording from a pipe");
	return openRecording(file, process.stdin).catch(error => {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	});
}

async function play(shown: Replay, from: number, reporters: readonly Reporter[]): Promise<void> {
	if (from > 0) await shown.skip(from);
	for (const reporter of reporters) reporter.start(shown);
	await shown.run();
}
