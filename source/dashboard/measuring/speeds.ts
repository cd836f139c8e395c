import type {Task, TaskId} from '../../engine/task.ts';

/** Seconds of a task's speed that are kept. */
const longest = 60;
/** Tasks that receive no more whose speeds are still there to be looked at. */
const mostGone = 100;
/** A rest of a second shorter than this, in milliseconds, is no measure of a speed. */
const shortest = 250;

/** The speed of one task, second by second. Each is measured over the time it really took: frames do not come on the dot. */
class Trace {
	readonly task: Readonly<Task>;
	readonly values: number[];
	#received: number;
	#since: number;

	constructor(task: Readonly<Task>, now: number, before: readonly number[]) {
		this.task = task;
		this.values = [...before];
		this.#received = task.received;
		this.#since = now;
	}

	sample(now: number): void {
		if (now - this.#since >= 1000) this.#close(now);
	}

	/** It receives no more; what is left of the last second counts if it is long enough, or all there is. */
	stop(): void {
		// The state after it began when the last byte was there: not when a frame came by to see it.
		const end = this.task.since;
		if (end - this.#since >= (this.values.length > 0 ? shortest : 1)) this.#close(end);
	}

	#close(now: number): void {
		const {received} = this.task;
		// Begun anew, it has fewer than before.
		const perSecond = (Math.max(0, received - this.#received) * 1000) / (now - this.#since);
		// After a suspension many seconds are over at once.
		const seconds = Math.min(longest, Math.max(1, Math.floor((now - this.#since) / 1000)));
		for (let second = 0; second < seconds; second++) this.values.push(perSecond);
		if (this.values.length > longest) this.values.splice(0, this.values.length - longest);
		this.#received = received;
		this.#since = now;
	}
}

/** How fast tasks were in the last minute of theirs: those that are receiving, and the last hundred that were. */
export class Speeds {
	readonly #live = new Map<TaskId, Trace>();
	readonly #gone = new Map<TaskId, readonly number[]>();

	/** To be called from time to time while it is receiving. */
	sample(task: Readonly<Task>, now: number): void {
		const trace = this.#live.get(task.id);
		if (trace) return trace.sample(now);
		// Received over several attempts, it has one history.
		this.#live.set(task.id, new Trace(task, now, this.#gone.get(task.id) ?? []));
		this.#gone.delete(task.id);
	}

	/** It is not receiving any more. */
	leave(id: TaskId): void {
		const trace = this.#live.get(id);
		if (!trace) return;
		this.#live.delete(id);
		trace.stop();
		if (trace.values.length > 0) this.#gone.set(id, trace.values);
		const [oldest] = this.#gone.keys();
		if (this.#gone.size > mostGone && oldest !== undefined) this.#gone.delete(oldest);
	}

	/** Bytes a second, oldest first, at most 60; none of a task that was too quick to be seen, or that is long gone. */
	of(id: TaskId): readonly number[] {
		return this.#live.get(id)?.values ?? this.#gone.get(id) ?? [];
	}
}
