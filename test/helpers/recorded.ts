import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Readable} from 'node:stream';
import type {TestContext} from 'node:test';
import type {AnyEngine} from '../../source/engine/engine.ts';
import {openRecording} from '../../source/replay/recording.ts';
import {Replay} from '../../source/replay/replay.ts';
import {eventReporter} from '../../source/reporters/ndjson.ts';
import {TestClock} from './engine.ts';
import type {Told} from './happenings.ts';

/** The clock of a story, with timers that wait to be told. */
class StoryClock extends TestClock {
	constructor(story: Told) {
		super(() => story.now);
	}
}

/** What `--events` writes of a story from here on. `end` is when the program ends. */
export function recorded(story: Told): {clock: StoryClock; lines: string[]; end(): string} {
	const clock = new StoryClock(story);
	const lines: string[] = [];
	const reporter = eventReporter({write: text => lines.push(text) > 0}, {clock, program: 'fetchtop/test'});
	const engine = {
		store: story.store,
		subscribe(listener: Told['listener']) {
			story.listener = listener;
			return () => {};
		},
	};
	reporter.start(engine as unknown as AnyEngine);
	return {
		clock,
		lines,
		end() {
			// Has nothing to wait for: no file is closed.
			void reporter.finish();
			return lines.join('');
		},
	};
}

/** Time passes, for the story and for whoever waits in it. */
export function pass(story: Told, clock: TestClock, ms: number): void {
	story.now += ms;
	clock.advance(0);
}

/** A replay of a recording that comes in pieces of a few hundred bytes. */
export async function replayOf(text: string, {speed = Number.POSITIVE_INFINITY, clock = new TestClock()} = {}) {
	const pieces = text.match(/.{1,700}/gs) ?? [];
	const recording = await openRecording('-', Readable.from(pieces, {objectMode: false}));
	return new Replay(recording, clock, speed);
}

/** A file that is gone after the test. */
export function file(t: TestContext, text: string): string {
	const dir = mkdtempSync(path.join(tmpdir(), 'fetchtop-'));
	t.after(() => rmSync(dir, {recursive: true, force: true}));
	const name = path.join(dir, 'run.ndjson');
	writeFileSync(name, text);
	return name;
}
