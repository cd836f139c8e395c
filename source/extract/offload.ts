import {Worker} from 'node:worker_threads';
import type {Found, Search} from './search.ts';

/** What a search may take, before its page counts as one that cannot be searched. */
export type OffloadLimits = {
	/** Milliseconds for one page. The longest that is taken needs about two seconds. */
	time: number;
	/** MiB for what a page is turned into. A page of 8 MiB that is all tags would take more, and gets nothing. */
	memory: number;
};

const defaultLimits: OffloadLimits = {time: 10_000, memory: 512};

type Job = {search: Search; resolve(found: Found | undefined): void};

/**
 * Searches pages in a thread of its own, one after the other. One thread: the main one is rarely idle, and more of them would
 * take the machine from it. It is started with the first page, and again if a page has killed it.
 */
export class Offload {
	readonly #limits: OffloadLimits;
	readonly #queue: Job[] = [];
	#worker: Worker | undefined;
	#job: Job | undefined;
	#timeout: NodeJS.Timeout | undefined;

	constructor(limits: OffloadLimits = defaultLimits) {
		this.#limits = limits;
	}

	/** The thread's number, while there is one. */
	get threadId(): number | undefined {
		return this.#worker?.threadId;
	}

	/** Takes the memory of `bytes` with it. Undefined when the page took too long or too much. */
	search(search: Search): Promise<Found | undefined> {
		const {promise, resolve} = Promise.withResolvers<Found | undefined>();
		this.#queue.push({search, resolve});
		this.#next();
		return promise;
	}

	/** Ends the thread. What is under way, or waits, gets nothing. */
	async close(): Promise<void> {
		const worker = this.#worker;
		this.#worker = undefined;
		for (const job of this.#queue.splice(0)) job.resolve(undefined);
		this.#finish(undefined);
		await worker?.terminate();
	}

	#next(): void {
		if (this.#job) return;
		this.#job = this.#queue.shift();
		if (!this.#job) {
			// Nobody waits for it, so it must not keep the process alive.
			this.#worker?.unref();
			return;
		}
		this.#worker ??= this.#start();
		this.#worker.ref();
		this.#timeout = setTimeout(() => this.#stop(), this.#limits.time);
		const {search} = this.#job;
		this.#worker.postMessage(search, [search.bytes.buffer as ArrayBuffer]);
	}

	#start(): Worker {
		// Beside this file there is a script of the same extension, in the source and in the bundle.
		const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
		const worker = new Worker(new URL(`./search-worker${extension}`, import.meta.url), {
			// Options of the command line may be about the main script (`--input-type`), and Node reads TypeScript without any.
			execArgv: [],
			resourceLimits: {maxOldGenerationSizeMb: this.#limits.memory},
			// What it has to say is for nobody's screen.
			stdout: true,
			stderr: true,
		});
		worker.on('message', (found: Found | string) => this.#finish(typeof found === 'string' ? undefined : found));
		const gone = () => {
			if (this.#worker !== worker) return;
			this.#worker = undefined;
			this.#finish(undefined);
		};
		worker.on('error', gone);
		worker.on('exit', gone);
		return worker;
	}

	#stop(): void {
		const worker = this.#worker;
		this.#worker = undefined;
		void worker?.terminate();
		this.#finish(undefined);
	}

	#finish(found: Found | undefined): void {
		clearTimeout(this.#timeout);
		const job = this.#job;
		this.#job = undefined;
		job?.resolve(found);
		this.#next();
	}
}
