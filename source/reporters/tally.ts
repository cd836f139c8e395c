import type {AnyEngine} from '../engine/engine.ts';
import type {EngineEvent} from '../engine/events.ts';
import type {Reporter} from './reporter.ts';

/** How many of the slowest tasks are remembered. */
const slowestKept = 5;

export type Slow = {url: string; seconds: number; bytes: number};

/**
 * What the summary tells of all tasks, and the store only knows of the last ones. It takes the same memory for ten tasks and for
 * ten million: sorting all of them in the end was refused.
 */
export class Tally implements Reporter {
	files = 0;
	/** Of the files that were saved. */
	bytes = 0;
	/** The file saved last, relative to the folder. */
	last: string | undefined;
	/** Of the tasks that are done, the slowest first. */
	slowest: readonly Slow[] = [];
	#stop = () => {};

	start(engine: Pick<AnyEngine, 'subscribe'>): void {
		this.#stop = engine.subscribe(event => this.see(event));
	}

	async finish(): Promise<void> {
		this.#stop();
	}

	see(event: EngineEvent): void {
		if (event.type !== 'done') return;
		const {path, bytes, seconds, url} = event.result;
		if (path !== null) {
			this.files++;
			this.bytes += event.size ?? bytes;
			this.last = path;
		}
		const least = this.slowest.length < slowestKept ? 0 : (this.slowest.at(-1)?.seconds ?? 0);
		if (seconds <= least) return;
		this.slowest = [...this.slowest, {url, seconds, bytes}]
			.toSorted((a, b) => b.seconds - a.seconds)
			.slice(0, slowestKept);
	}
}
