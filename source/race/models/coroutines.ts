import {Engine} from '../../engine/engine.ts';
import type {EngineEvent} from '../../engine/events.ts';
import {systemClock} from '../../engine/seams.ts';
import {isRunning, type TaskId} from '../../engine/task.ts';
import {raceParts} from './parts.ts';
import type {OpenRunner, Runner, RunnerContext} from './runner.ts';

/** This program's own engine: one coroutine for each task that runs, all of them on one event loop. */
class Coroutines implements Runner {
	readonly #tasks;
	readonly #equipment;
	#engine: Engine | undefined;
	#limit: number;
	/** The queue's numbers, in the order in which the engine has taken them: it counts by itself. */
	readonly #numbers: number[] = [];
	readonly #killed = new Set<TaskId>();

	constructor({tasks, equipment, limit}: RunnerContext) {
		this.#tasks = tasks;
		this.#equipment = equipment;
		this.#limit = limit;
	}

	async open(): Promise<void> {
		const parts = await raceParts(this.#equipment);
		const settings = {connections: 1, duplicates: true, retries: 0, attended: false, courtesy: false} as const;
		this.#engine = new Engine(
			{...parts, clock: systemClock, random: Math.random},
			{...this.#equipment.options, ...settings, concurrency: this.#limit},
		);
		this.#engine.subscribe(event => this.#hear(event));
	}

	go(): void {
		this.#engine?.run(this.#input()).catch(error => this.#tasks.fail(error));
	}

	setLimit(value: number): void {
		this.#limit = value;
		this.#engine?.dispatch({type: 'set-concurrency', value});
	}

	/** From outside nobody can end a coroutine; what can be ended is what it waits for. */
	kill(): void {
		const running = [...(this.#engine?.store.live.values() ?? [])].filter(({state}) => isRunning(state));
		const task = running[Math.floor(Math.random() * running.length)];
		if (!task) return;
		this.#killed.add(task.id);
		this.#engine?.dispatch({type: 'cancel', id: task.id});
	}

	cpuElsewhere(): number {
		return 0;
	}

	pids(): number[] {
		return [];
	}

	usage(): ReturnType<Runner['usage']> {
		return {running: this.#engine?.store.running() ?? 0, workers: 0, messages: 0, copied: 0, full: 0};
	}

	async close(): Promise<void> {}

	*#input(): Generator<string> {
		for (let task = this.#tasks.next(); task; task = this.#tasks.next()) {
			this.#numbers.push(task.number);
			yield task.url;
		}
	}

	#hear(event: EngineEvent): void {
		if (!('result' in event)) return;
		const {id, result} = event;
		const number = this.#numbers[Number(id.slice(1)) - 1] ?? 0;
		if (event.type !== 'canceled' || !this.#killed.delete(id)) return this.#tasks.finish(number, result);
		this.#tasks.incident(`the coroutine of task ${number} was canceled: task ${number} begins again`);
		// Not out of the event itself: the engine is still at it.
		queueMicrotask(() => this.#engine?.dispatch({type: 'retry', id}));
	}
}

export const openCoroutines: OpenRunner = context => new Coroutines(context);
