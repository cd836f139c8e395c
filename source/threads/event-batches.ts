import type {AnyEngine} from '../engine/engine.ts';
import type {EngineEvent} from '../engine/events.ts';
import type {Clock} from '../engine/seams.ts';
import type {Task, TaskId} from '../engine/task.ts';
import type {Batch} from './messages.ts';

/** Milliseconds between two batches while much is going on: less than between two frames of a screen. */
const interval = 40;
/** Events after which a batch is sent at once, so that whoever applies it is free again within a few milliseconds. */
const mostEntries = 1_000;
/** Entries that are on their way; a screen that draws needs a tenth of it. It takes about 300 bytes for each. */
const mostUnheard = 20_000;

/**
 * Puts an engine's events together for another thread: all of them, in order, with samples of the bytes received. The first one
 * after a silence goes out at once.
 */
export class EventBatches {
	readonly #engine: Pick<AnyEngine, 'store'>;
	readonly #post: (batch: Batch) => void;
	readonly #clock: Clock;
	#entries: Batch['entries'] = [];
	/** Tasks whose bytes may grow, and how many the other side knows of. */
	readonly #receiving = new Map<TaskId, {task: Readonly<Task>; told: number}>();
	#told = 0;
	#sentAt = Number.NEGATIVE_INFINITY;
	#cancel: (() => void) | undefined;
	/** What is scheduled is a look whether bytes have come; an event does not wait for it. */
	#isLooking = false;
	#unheard = 0;
	#waiting: Array<() => void> = [];

	constructor(engine: Pick<AnyEngine, 'store'>, clock: Clock, post: (batch: Batch) => void) {
		this.#engine = engine;
		this.#clock = clock;
		this.#post = post;
	}

	/** A listener of the engine. */
	add(event: EngineEvent): void {
		if ('id' in event) this.#follow(event.id, event.type);
		this.#entries.push(event);
		if (this.#entries.length >= mostEntries) this.send();
		else if (!this.#cancel || this.#isLooking) this.#schedule(this.#sentAt + interval - this.#clock.now());
	}

	/** Sends what there is. */
	send(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		this.#sample();
		const {received} = this.#engine.store;
		const entries = this.#entries;
		const hasNews = entries.length > 0 || received !== this.#told;
		if (hasNews) {
			this.#entries = [];
			this.#told = received;
			this.#unheard += entries.length;
			this.#sentAt = this.#clock.now();
			this.#post({entries, received});
		}
		// What was under way when the run was paused has come by now.
		const isStill = !hasNews && this.#engine.store.run.state === 'paused';
		if (this.#receiving.size === 0 || isStill) return;
		this.#schedule(interval);
		this.#isLooking = true;
	}

	/** The other side has dealt with so many entries. */
	heard(entries: number): void {
		this.#unheard -= entries;
		if (this.#unheard < mostUnheard) for (const resolve of this.#waiting.splice(0)) resolve();
	}

	/**
	 * Resolves when the other side has room for more; undefined if it has. Nothing is ever dropped, so whoever makes work has to
	 * wait while nobody listens (a terminal that was told to stop by Ctrl-S): what is under way is bounded.
	 */
	room(): Promise<void> | undefined {
		return this.#unheard < mostUnheard ? undefined : new Promise(resolve => this.#waiting.push(resolve));
	}

	#follow(id: TaskId, type: EngineEvent['type']): void {
		if (type === 'saved' || type === 'titled' || type === 'promoted') return;
		const before = this.#receiving.get(id);
		if (type === 'receiving') {
			const task = this.#engine.store.live.get(id);
			// The event says how many there are.
			if (task) this.#receiving.set(id, {task, told: task.received});
		} else if (before && type !== 'extracting') {
			const {task, told} = before;
			if (task.received !== told) this.#entries.push([id, task.received]);
			this.#receiving.delete(id);
		}
	}

	#sample(): void {
		for (const [id, each] of this.#receiving) {
			const {received} = each.task;
			if (received === each.told) continue;
			each.told = received;
			this.#entries.push([id, received]);
		}
	}

	#schedule(wait: number): void {
		this.#cancel?.();
		this.#isLooking = false;
		// Even when it is time: what one turn of the loop brings belongs together.
		this.#cancel = this.#clock.timer(Math.max(0, wait), () => this.send());
	}
}
