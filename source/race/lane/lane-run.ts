import {type ChildProcess, fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {type Handlers, handle} from '../../engine/handlers.ts';
import type {Result} from '../../engine/task.ts';
import {scriptBeside} from '../../threads/script.ts';
import {childOptions} from '../child-options.ts';
import type {Equipment, ModelName, RaceTask, Start, Usage} from '../seams.ts';
import type {FromLane, ToLane} from './lane-messages.ts';
import {memoryOf} from './memory.ts';

/** Milliseconds between two looks at how much memory it has. */
const lookTime = 50;
/** Milliseconds that it has to end, when it is told to. */
const patience = 1_000;
/** Times that its process may die before it counts as broken. */
const mostDeaths = 3;
/**
 * Milliseconds until its workers are ready, many times what they take. Where the system has no more threads to give, Node waits
 * for its own ones forever.
 */
const startTime = (limit: number): number => 30_000 + limit * 1_000;
/** Nobody has asked for anything so far. */
const nothing: Usage = {running: 0, workers: 0, cpu: 0, messages: 0, copied: 0, full: 0};

export type LaneOptions = {
	model: ModelName;
	limit: number;
	tasks: readonly RaceTask[];
	equipment: Equipment;
	/** Milliseconds that its workers have to be ready. */
	startTime?: number;
};

export type LaneObserver = {
	ready(start: Start): void;
	usage(usage: Usage): void;
	memory(bytes: number): void;
	record(number: number, result: Result): void;
	incident(text: string): void;
};

/** One model in one round, in a process of its own, from this side. */
export class LaneRun {
	readonly #options: LaneOptions;
	readonly #observer: LaneObserver;
	/** Without a record so far. */
	readonly #left: Map<number, RaceTask>;
	readonly #finished = Promise.withResolvers<number>();
	#child: ChildProcess | undefined;
	#limit: number;
	#deaths = 0;
	#isClosed = false;
	/** Of processes that its own has started. */
	#pids: readonly number[] = [];
	#memoryBefore = 0;
	#startTimer: NodeJS.Timeout | undefined;
	/** All in all; and what its processes had used that have died. */
	#usage = nothing;
	#usageOfGone = nothing;
	/** `performance.now()` of the start signal; the first one, where its process had to be started again. */
	#startedAt: number | undefined;

	constructor(options: LaneOptions, observer: LaneObserver) {
		this.#options = options;
		this.#observer = observer;
		this.#limit = options.limit;
		this.#left = new Map(options.tasks.map(task => [task.number, task]));
	}

	/** Resolves with the milliseconds from the start signal to the last record. Rejects when the lane cannot go on, or is closed. */
	async run(): Promise<number> {
		process.on('exit', this.#slay);
		this.#start();
		const timer = setInterval(() => void this.#look(), lookTime);
		try {
			return await this.#finished.promise;
		} finally {
			clearInterval(timer);
		}
	}

	setLimit(value: number): void {
		this.#limit = value;
		this.#send({type: 'limit', value});
	}

	kill(): void {
		this.#send({type: 'kill'});
	}

	/** Ends its process, which ends its own. */
	async close(): Promise<void> {
		this.#isClosed = true;
		clearTimeout(this.#startTimer);
		this.#finished.reject(new Error('the lane was closed'));
		const child = this.#child;
		if (child && child.exitCode === null && child.signalCode === null) {
			const timer = setTimeout(this.#slay, patience);
			const exited = once(child, 'exit');
			if (child.connected) child.disconnect();
			await exited;
			clearTimeout(timer);
		}
		process.off('exit', this.#slay);
	}

	/** Whoever computes hears nothing, and would go on for as long as that takes, for nobody. */
	readonly #slay = (): void => {
		this.#child?.kill('SIGKILL');
		for (const pid of this.#pids) slay(pid);
	};

	#start(): void {
		const {model, equipment, limit, startTime: time = startTime(limit)} = this.#options;
		const child = fork(fileURLToPath(scriptBeside(import.meta.url, 'lane-process')), childOptions);
		this.#child = child;
		this.#pids = [];
		this.#startTimer = setTimeout(() => {
			this.#finished.reject(new Error(`its workers were not ready after ${time / 1_000} s`));
		}, time);
		let isGone = false;
		const gone = (why: string) => {
			if (!isGone) this.#gone(why);
			isGone = true;
		};
		child.on('message', message => handle(this.#handlers, message as FromLane));
		child.on('error', error => gone(error.message));
		child.on('exit', (code, signal) => {
			// It could not do so itself.
			if (code !== 0) for (const pid of this.#pids) slay(pid);
			gone(signal ?? `exit code ${code}`);
		});
		this.#send({type: 'load', model, limit: this.#limit, tasks: [...this.#left.values()], equipment});
	}

	readonly #handlers: Handlers<FromLane> = {
		loaded: async () => {
			this.#memoryBefore = await this.#look();
			this.#send({type: 'open'});
		},
		ready: async ({workers, wall, cpu, pids}) => {
			clearTimeout(this.#startTimer);
			this.#pids = pids;
			const memory = Math.max(0, (await this.#look()) - this.#memoryBefore);
			if (this.#startedAt === undefined) this.#observer.ready({workers, wall, cpu, memory});
			this.#startedAt ??= performance.now();
			this.#send({type: 'go'});
		},
		update: ({usage, pids, records, incidents}) => {
			this.#pids = pids;
			for (const [number, result] of records) if (this.#left.delete(number)) this.#observer.record(number, result);
			for (const text of incidents) this.#observer.incident(text);
			this.#usage = together(this.#usageOfGone, usage);
			this.#observer.usage(this.#usage);
		},
		finished: async ({wall}) => {
			await this.#look();
			this.#finished.resolve(this.#deaths === 0 ? wall : performance.now() - (this.#startedAt ?? 0));
		},
		broken: ({why}) => this.#finished.reject(new Error(why)),
	};

	/** Its tasks are known here, so that they can be given to another one. */
	#gone(why: string): void {
		clearTimeout(this.#startTimer);
		if (this.#isClosed) return;
		this.#usageOfGone = this.#usage;
		const what = `the process of the lane died (${why})`;
		if (++this.#deaths >= mostDeaths) return this.#finished.reject(new Error(`${what}, ${mostDeaths} times`));
		this.#observer.incident(`${what}: its ${this.#left.size} unfinished tasks begin again`);
		this.#start();
	}

	#send(message: ToLane): void {
		// What cannot be sent is noticed as its end.
		if (this.#child?.connected) this.#child.send(message, () => undefined);
	}

	async #look(): Promise<number> {
		const {pid} = this.#child ?? {};
		const memory = pid === undefined ? 0 : await memoryOf([pid, ...this.#pids]);
		if (!this.#isClosed) this.#observer.memory(memory);
		return memory;
	}
}

function slay(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// It is gone.
	}
}

/** Those who are gone run nothing; what they have used was used. */
const together = (gone: Usage, {running, workers, cpu, messages, copied, full}: Usage): Usage => ({
	...{running, workers, cpu: gone.cpu + cpu, messages: gone.messages + messages},
	...{copied: gone.copied + copied, full: gone.full + full},
});
