import type {Clock} from '../engine/seams.ts';
import {Recorder} from './recorder.ts';
import type {Reporter, TextSink} from './reporter.ts';

/** `--json`: the record of each finished task, one JSON object a line. */
export function recordReporter(out: TextSink): Reporter {
	let stop = () => {};
	return {
		start(engine) {
			stop = engine.subscribe(event => {
				if ('result' in event) out.write(`${lineOf(event.result)}\n`);
			});
		},
		async finish() {
			stop();
		},
	};
}

export type EventOptions = {
	clock: Clock;
	/** What makes the recording: name and version. */
	program: string;
	close?: () => Promise<void>;
};

/** `--events`: every event as it is, and what else it takes to show the run again; one JSON object a line. */
export function eventReporter(out: TextSink, {clock, program, close}: EventOptions): Reporter {
	let stop = () => {};
	return {
		start(engine) {
			const recorder = new Recorder(engine, clock, ({at, ...line}) => {
				out.write(`${lineOf({at, ...line})}\n`);
			});
			recorder.open(program);
			const unsubscribe = engine.subscribe(event => recorder.add(event));
			stop = () => {
				unsubscribe();
				recorder.close();
			};
		},
		async finish() {
			stop();
			await close?.();
		},
	};
}

/**
 * JSON leaves control characters beyond ASCII as they are, and some terminals obey them. What is for people has none; an ETag has
 * to stay what it is.
 */
const lineOf = (value: unknown): string =>
	JSON.stringify(value).replace(
		/[\u007f-\u009f]/g,
		character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
