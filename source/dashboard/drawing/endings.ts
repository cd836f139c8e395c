import type {ReadonlyStore} from '../../engine/store.ts';
import type {Task} from '../../engine/task.ts';

type Kind = 'done' | 'failed' | 'canceled';
type Ended = Readonly<Task>;

/**
 * Milliseconds between two tellings: as long as a sentence or two take to be listened to, and none for what a key has done. Of many
 * that are done, the sentence about the run tells the number; of others it has to be said that they are many.
 */
const kinds: Readonly<Record<Kind, {time: number; isCounted: boolean}>> = {
	done: {time: 2_500, isCounted: false},
	failed: {time: 1_000, isCounted: true},
	canceled: {time: 0, isCounted: true},
};
/** So many are told one by one: a thousand of them are one sentence, not a thousand. */
const few = 2;

/** What was not told yet: how many, and the last ones of them. */
type Heap = {count: number; tasks: Ended[]; toldAt: number};
const heap = (): Heap => ({count: 0, tasks: [], toldAt: Number.NEGATIVE_INFINITY});

/** Tasks to be told one by one, and of how many others one is to be told. */
export type Told = {one: Ended} | {count: number; kind: Kind; last: Ended};

/** What has come to its end since it was told last: nothing is lost between two tellings, however soon one follows the other. */
export class Endings {
	/** When each was over that was looked at: a task may come back, and end again. */
	readonly #seen = new WeakMap<Ended, number>();
	readonly #heaps: Readonly<Record<Kind, Heap>> = {done: heap(), failed: heap(), canceled: heap()};

	/** What has ended so far is not told. */
	skip({done, failed}: ReadonlyStore): void {
		for (const ring of [done, failed]) this.#fresh(ring);
	}

	/**
	 * Takes what is to be told now.
	 * @param isSilent nothing but what keys have done
	 * @param isOver there is nothing to wait for
	 */
	take({done, failed}: ReadonlyStore, now: number, {isSilent, isOver}: {isSilent: boolean; isOver: boolean}): Told[] {
		for (const ring of [done, failed]) for (const task of this.#fresh(ring)) this.#add(task);
		const told = (Object.keys(kinds) as Kind[])
			.filter(kind => !isSilent || kind === 'canceled')
			.flatMap(kind => this.#takeOf(kind, now, isOver));
		return told.toSorted((a, b) => timeOf(a) - timeOf(b));
	}

	#takeOf(kind: Kind, now: number, isOver: boolean): Told[] {
		const {count, tasks, toldAt} = this.#heaps[kind];
		if (count === 0 || (!isOver && now - toldAt < kinds[kind].time)) return [];
		this.#heaps[kind].count = 0;
		this.#heaps[kind].tasks = [];
		this.#heaps[kind].toldAt = now;
		// Some may have been taken up again.
		const still = tasks.filter(task => kindOf(task) === kind);
		const last = still.at(-1);
		if (count <= few) return still.map(one => ({one}));
		return last && kinds[kind].isCounted ? [{count, kind, last}] : [];
	}

	#add(task: Ended): void {
		const kind = kindOf(task);
		if (!kind) return;
		const {tasks} = this.#heaps[kind];
		this.#heaps[kind].count++;
		tasks.push(task);
		if (tasks.length > few) tasks.shift();
	}

	/** Those at the end of a ring that were not looked at, oldest first. */
	#fresh(ring: ReadonlyStore['done']): Ended[] {
		const found: Ended[] = [];
		for (let index = -1; ; index--) {
			const task = ring.at(index);
			if (!task || this.#seen.get(task) === task.since) return found.reverse();
			this.#seen.set(task, task.since);
			found.push(task);
		}
	}
}

const timeOf = (told: Told): number => ('one' in told ? told.one : told.last).since;

function kindOf({state}: Ended): Kind | undefined {
	if (state === 'skipped') return 'done';
	return state === 'done' || state === 'failed' || state === 'canceled' ? state : undefined;
}
