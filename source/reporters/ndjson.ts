import type {Reporter, TextSink} from './reporter.ts';

/** `--json`: the record of each finished task, one JSON object a line. */
export function recordReporter(out: TextSink): Reporter {
	let stop = () => {};
	return {
		start(engine) {
			stop = engine.subscribe(event => {
				if ('result' in event) out.write(`${JSON.stringify(event.result)}\n`);
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
			stop = engine.subscribe(event => {
				out.write(`${JSON.stringify(event)}\n`);
			});
		},
		async finish() {
			stop();
			await close();
		},
	};
}
