import {type ChildProcess, fork} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {type Handlers, handle} from '../engine/handlers.ts';
import type {Result} from '../engine/task.ts';
import {scriptBeside} from '../threads/script.ts';
import {childOptions} from './child-options.ts';
import type {FromLane, ToLane} from './lane-messages.ts';
import {memoryOf} from './memory.ts';
import type {Equipment, ModelName, RaceTask, Start, Usage} from './seams.ts';

/** Milliseconds between two looks at how much memory it has. */
const lookTime = 50;
/** Milliseconds that it has to end, when it is told to. */
const patience = 1_000;
/** Times that its process may die before it counts as broken. */
const mostDeaths = 3;

export type LaneOptions = {
	model: ModelName;
	limit: number;
	tasks: readonly RaceTask[];
	equipment: Equipment;
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
		this.#finished.reject(new Error('the lane was closed'));
		const child = this.#child;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const timer = setTimeout(() => child.kill('SIGKILL'), patience);
		const exited = once(child, 'exit');
		if (child.connected) child.disconnect();
		await exited;
		clearTimeout(timer);
	}

	#start(): void {
		const {model, equipment} = this.#options;
		const child = fork(fileURLToPath(scriptBeside(import.meta.url, 'lane-process')), childOptions);
		this.#child = child;
		this.#pids = [];
		let isGone = false;
		const gone = (why: string) => {
			if (!isGone) this.#gone(why);
			isGone = true;
		};
		child.on('message', message => handle(this.#handlers, message as FromLane));
		child.on('error', error => gone(error.message));
		child.on('exit', (code, signal) => gone(signal ?? `exit code ${code}`));
		this.#send({type: 'load', model, limit: this.#limit, tasks: [...this.#left.values()], equipment});
	}

	readonly #handlers: Handlers<FromLane> = {
		loaded: async () => {
			this.#memoryBefore = await this.#look();
			this.#send({type: 'open'});
		},
		ready: async ({workers, wall, cpu, pids}) => {
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
			this.#observer.usage(usage);
		},
		finished: async ({wall}) => {
			await this.#look();
			this.#finished.resolve(this.#deaths === 0 ? wall : performance.now() - (this.#startedAt ?? 0));
		},
		broken: ({why}) => this.#finished.reject(new Error(why)),
	};

	/** Its tasks are known here, so that they can be given to another one. */
	#gone(why: string): void {
		if (this.#isClosed) return;
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
