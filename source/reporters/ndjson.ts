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

/** `--events`: every event as it is, one JSON object a line. */
export function eventReporter(out: TextSink, close: () => Promise<void> = async () => {}): Reporter {
	let stop = () => {};
	return {
		start(engine) {
			stop = engine.subscribe(({at, ...event}) => {
				out.write(`${lineOf({at, ...event})}\n`);
			});
		},
		async finish() {
			stop();
			await close();
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
