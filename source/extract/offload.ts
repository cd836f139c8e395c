import {type ChildProcess, fork} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {scriptBeside} from '../threads/script.ts';
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
 * Searches pages in a process of its own, one after the other: the main one is rarely idle, and more of them would take the
 * machine from it. It is started with the first page, and again if a page has killed it. No thread, although that would not
 * copy the page: a thread that runs out of memory takes the whole program with it about every other time (V8 ends the
 * process when there is no room left for what it was about to allocate).
 */
export class Offload {
	readonly #limits: OffloadLimits;
	readonly #queue: Job[] = [];
	#process: ChildProcess | undefined;
	#job: Job | undefined;
	#timeout: NodeJS.Timeout | undefined;

	constructor(limits: OffloadLimits = defaultLimits) {
		this.#limits = limits;
	}

	/** The process's number, while there is one. */
	get pid(): number | undefined {
		return this.#process?.pid;
	}

	/** Undefined when the page took too long or too much. */
	search(search: Search): Promise<Found | undefined> {
		const {promise, resolve} = Promise.withResolvers<Found | undefined>();
		this.#queue.push({search, resolve});
		this.#next();
		return promise;
	}

	/** Ends the process. What is under way, or waits, gets nothing. */
	close(): void {
		for (const job of this.#queue.splice(0)) job.resolve(undefined);
		this.#stop();
	}

	#next(): void {
		if (this.#job) return;
		this.#job = this.#queue.shift();
		if (!this.#job) return this.#keepAlive(false);
		this.#process ??= this.#start();
		this.#keepAlive(true);
		this.#timeout = setTimeout(() => this.#stop(), this.#limits.time);
		// What cannot be sent is noticed as its end.
		this.#process.send(this.#job.search, () => undefined);
	}

	/** While nobody waits for it, it must not keep this process from ending. */
	#keepAlive(isBusy: boolean): void {
		const change = isBusy ? 'ref' : 'unref';
		this.#process?.[change]();
		this.#process?.channel?.[change]();
	}

	#start(): ChildProcess {
		const started = fork(fileURLToPath(scriptBeside(import.meta.url, 'search-process')), {
			// Options of the command line may be about the main script (`--input-type`), and Node reads TypeScript without any.
			execArgv: [`--max-old-space-size=${this.#limits.memory}`, '--disable-sigusr1'],
			serialization: 'advanced',
			// What it has to say is for nobody's screen.
			stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
		});
		started.on('message', (found: Found | string) => {
			if (this.#process === started) this.#finish(typeof found === 'string' ? undefined : found);
		});
		const gone = () => {
			if (this.#process !== started) return;
			this.#process = undefined;
			this.#finish(undefined);
		};
		started.on('error', gone);
		started.on('exit', gone);
		return started;
	}

	#stop(): void {
		const running = this.#process;
		this.#process = undefined;
		running?.kill('SIGKILL');
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
