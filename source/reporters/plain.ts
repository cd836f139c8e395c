import type {EngineEvent} from '../engine/events.ts';
import type {Result} from '../engine/task.ts';
import {bytes} from '../format/bytes.ts';
import {clock, span, timestamp} from '../format/duration.ts';
import type {Reporter, TextSink} from './reporter.ts';

/** One line per finished task, as the tutorial's program printed them. */
export function plainReporter(out: TextSink): Reporter {
	let stop = () => {};
	return {
		start(engine) {
			stop = engine.subscribe(event => {
				const line = plainLine(event);
				if (line !== undefined) out.write(`${line}\n`);
			});
		},
		async finish() {
			stop();
		},
	};
}

/** A wait that somebody who watches the lines would wonder about; milliseconds. */
const longWait = 5_000;

/**
 * `[2026-11-22 20:03:42.397] [Task 5] Title: Welcome  (200, 48.2 kB, 0.31 s)`, or undefined if the event neither ends a task
 * nor makes it wait for long.
 */
export function plainLine(event: EngineEvent): string | undefined {
	const text = 'result' in event ? describe(event.result) : describeWait(event);
	return text && 'id' in event ? `[${timestamp(event.at)}] [Task ${event.id.slice(1)}] ${text}` : undefined;
}

function describeWait(event: EngineEvent): string | undefined {
	if (event.type !== 'waiting' || event.until - event.at < longWait) return undefined;
	return `Waiting: ${clock(event.until - event.at)}, ${event.failure.message}`;
}

function describe(result: Result): string {
	const {state, status, error, title, path, bytes: size, seconds} = result;
	if (state === 'canceled') return `Canceled: ${result.url}`;
	if (state === 'skipped') return `Skipped: ${path ?? 'listed before'}  (${result.url})`;
	if (error?.code.startsWith('HTTP_')) return `Status code: ${status}  (${result.url})`;
	if (error) return `Error: ${error.code} ${error.message}  (${result.url})`;
	const what = title !== null ? `Title: ${title}` : path !== null ? `Saved: ${path}` : `Fetched: ${result.url}`;
	return `${what}  (${status}, ${bytes(size)}, ${span(seconds * 1000)})`;
}
