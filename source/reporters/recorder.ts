import type {AnyEngine} from '../engine/engine.ts';
import type {EngineEvent, TaskEvent} from '../engine/events.ts';
import type {Clock} from '../engine/seams.ts';
import type {Task, TaskId} from '../engine/task.ts';

/** Grows when somebody who knows only the older lines would misread the newer ones. */
export const recordingFormat = 1;

/** The first line of a recording. `program` is what made it, with its version. */
export type RecordingLine = {at: number; type: 'recording'; format: number; program: string};

/** Body bytes that are here: of all tasks in all attempts, and of those tasks of which that was not told yet. */
export type SampleLine = {at: number; type: 'sample'; received: number; tasks: Readonly<Record<TaskId, number>>};

/** All that is in a recording. */
export type Line = RecordingLine | SampleLine | EngineEvent;

/** Milliseconds between two samples. Frames come faster, but between two samples a bar can be believed to grow evenly. */
const interval = 250;

/**
 * Makes a recording of an engine's events: with what it said before anybody could listen, and samples of the bytes received, without
 * which no bar would grow. A task that got all its bytes between two samples costs no line: its record says how many they are.
 */
export class Recorder {
	readonly #engine: Pick<AnyEngine, 'store'>;
	readonly #clock: Clock;
	readonly #write: (line: Line) => void;
	/** Tasks whose bytes may grow, and how many of them a reader knows of. */
	readonly #receiving = new Map<TaskId, {task: Readonly<Task>; told: number}>();
	/** Of all tasks, as a reader has them by now. */
	#told = 0;
	#cancel: (() => void) | undefined;

	constructor(engine: Pick<AnyEngine, 'store'>, clock: Clock, write: (line: Line) => void) {
		this.#engine = engine;
		this.#clock = clock;
		this.#write = write;
	}

	/** @param program its name and version */
	open(program: string): void {
		const at = this.#clock.now();
		const {concurrency, perHost, rate, bandwidth} = this.#engine.store.run;
		this.#write({at, type: 'recording', format: recordingFormat, program});
		this.#write({at, type: 'limits', concurrency, perHost, rate, bandwidth});
	}

	/** A listener of the engine. */
	add(event: EngineEvent): void {
		if ('id' in event) this.#follow(event);
		this.#write(event);
	}

	close(): void {
		this.#cancel?.();
		this.#sample();
	}

	#follow(event: TaskEvent): void {
		const before = this.#receiving.get(event.id);
		if (event.type === 'receiving') {
			const task = this.#engine.store.live.get(event.id);
			// The event says how many there are.
			if (task) this.#receiving.set(event.id, {task, told: task.received});
			this.#schedule();
		} else if (before && before.task.state !== 'receiving' && before.task.state !== 'extracting') {
			this.#receiving.delete(event.id);
			this.#leave(event, before.task.received, before.told);
		}
	}

	/** Of the bytes of a task that receives no more, all are told before that: by its record, or else by a sample. */
	#leave(event: TaskEvent, received: number, told: number): void {
		const {id, at} = event;
		// Not the store's: that of an engine in another thread has it only when all events of a batch have been told.
		this.#told += Math.max(0, received - told);
		const recorded = 'result' in event ? event.result.bytes : told;
		if (received !== recorded) this.#write({at, type: 'sample', received: this.#told, tasks: {[id]: received}});
	}

	readonly #tick = (): void => {
		this.#cancel = undefined;
		this.#sample();
		if (this.#receiving.size > 0) this.#schedule();
	};

	/**
	 * In the middle of a quarter of a second of the clock, which is where a replay looks: timers are late by a little, and if that added
	 * up, a second now and then would have a sample less, and look like one in which it went slower.
	 */
	#schedule(): void {
		const left = interval - ((this.#clock.now() + interval / 2) % interval);
		this.#cancel ??= this.#clock.timer(left < interval / 2 ? left + interval : left, this.#tick);
	}

	/** What is new since the last one, if anything is. */
	#sample(): void {
		const tasks: Record<TaskId, number> = {};
		const {received} = this.#engine.store;
		let isNew = received !== this.#told;
		for (const [id, each] of this.#receiving) {
			if (each.task.received === each.told) continue;
			each.told = each.task.received;
			tasks[id] = each.told;
			isNew = true;
		}
		this.#told = received;
		if (isNew) this.#write({at: this.#clock.now(), type: 'sample', received, tasks});
	}
}
