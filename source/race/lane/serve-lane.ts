import {type Handlers, handle} from '../../engine/handlers.ts';
import type {Result} from '../../engine/task.ts';
import type {Runner} from '../models/runner.ts';
import {runners} from '../models/runners.ts';
import {TaskQueue} from '../models/task-queue.ts';
import type {FromLane, ToLane} from './lane-messages.ts';

/** Milliseconds between two updates: often enough for a screen, seldom enough to cost nothing. */
const interval = 50;

/** Milliseconds that workers have to end, when they are killed. */
const patience = 500;

/** Milliseconds of CPU of this process, all its threads together. */
function cpuHere(): number {
	const {user, system} = process.cpuUsage();
	return (user + system) / 1000;
}

/** One model in a process of its own, so that what the process uses is what the model uses. */
export function serveLane(
	send: (message: FromLane) => void,
	listen: (listener: (message: ToLane) => void) => void,
): void {
	let lane: LaneWork | undefined;
	const broken = (error: unknown) =>
		send({type: 'broken', why: error instanceof Error ? error.message : String(error)});
	const handlers: Handlers<ToLane> = {
		load: ({model, limit, tasks, equipment}) =>
			void LaneWork.load(model, send, {limit, tasks, equipment}).then(loaded => {
				lane = loaded;
				send({type: 'loaded'});
			}, broken),
		open: () => void lane?.open().catch(broken),
		go: () => void lane?.go().catch(broken),
		limit: ({value}) => lane?.runner.setLimit(value),
		kill: () => lane?.runner.kill(),
	};
	listen(message => handle(handlers, message));
	const leave = async (code: number) => {
		setTimeout(() => process.exit(code), patience);
		await lane?.runner.close().catch(() => undefined);
		process.exit(code);
	};
	// Whoever started it is through with it, or is gone.
	process.on('disconnect', () => void leave(0));
	process.on('uncaughtException', error => {
		broken(error);
		void leave(1);
	});
}

class LaneWork {
	readonly #send: (message: FromLane) => void;
	readonly #tasks: TaskQueue;
	readonly runner: Runner;
	#records: Array<readonly [number, Result]> = [];
	#incidents: string[] = [];
	#cpuBefore = 0;

	static async load(
		model: keyof typeof runners,
		send: (message: FromLane) => void,
		{limit, tasks, equipment}: Omit<Extract<ToLane, {type: 'load'}>, 'type' | 'model'>,
	): Promise<LaneWork> {
		const openRunner = await runners[model]();
		return new LaneWork(send, tasks, queue => openRunner({tasks: queue, equipment, limit}));
	}

	private constructor(
		send: (message: FromLane) => void,
		tasks: Extract<ToLane, {type: 'load'}>['tasks'],
		openRunner: (tasks: TaskQueue) => Runner,
	) {
		this.#send = send;
		this.#tasks = new TaskQueue(tasks, {
			record: (number, result) => this.#records.push([number, result]),
			incident: text => this.#incidents.push(text),
		});
		// Whoever looks at it only after the start signal.
		this.#tasks.finished.catch(() => undefined);
		this.runner = openRunner(this.#tasks);
	}

	async open(): Promise<void> {
		const [startedAt, cpuBefore] = [performance.now(), cpuHere()];
		await this.runner.open();
		const {workers} = this.runner.usage();
		const cpu = cpuHere() - cpuBefore + this.runner.cpuElsewhere() / 1000;
		this.#send({type: 'ready', workers, wall: performance.now() - startedAt, cpu, pids: this.runner.pids()});
	}

	async go(): Promise<void> {
		this.#cpuBefore = cpuHere();
		const startedAt = performance.now();
		const timer = setInterval(() => this.#update(), interval);
		this.runner.go();
		await this.#tasks.finished.finally(() => clearInterval(timer));
		const wall = performance.now() - startedAt;
		this.#update();
		this.#send({type: 'finished', wall});
	}

	#update(): void {
		const {runner} = this;
		const cpu = cpuHere() - this.#cpuBefore + runner.cpuElsewhere() / 1000;
		const [records, incidents] = [this.#records, this.#incidents];
		this.#records = [];
		this.#incidents = [];
		this.#send({type: 'update', usage: {...runner.usage(), cpu}, pids: runner.pids(), records, incidents});
	}
}
