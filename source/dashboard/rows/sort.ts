import type {Task} from '../../engine/task.ts';

/** By what rows are sorted; `start` leaves them as they came. */
export const sortNames = ['start', 'state', 'progress', 'speed', 'size', 'time', 'host', 'title'] as const;
export type SortName = (typeof sortNames)[number];
export type Sort = {by: SortName; reversed: boolean};

export const unsorted: Sort = {by: 'start', reversed: false};

/** Numbers: the largest first. Texts: in the order of their characters. */
const keys: Readonly<Record<Exclude<SortName, 'start'>, (task: Readonly<Task>, speed: Speed) => number | string>> = {
	state: ({state}) => state,
	progress: ({received, total}) => (total ? received / total : -1),
	// Of what is over, how fast it was on the whole.
	speed: (task, speed) => (task.result ? task.result.bytes / Math.max(0.001, task.result.seconds) : speed(task)),
	size: ({received, total}) => total ?? received,
	// Of two that run, the one that began earlier has run for longer.
	time: ({startedAt, result}) => result?.seconds ?? -(startedAt ?? Number.POSITIVE_INFINITY),
	host: ({host}) => host,
	title: ({title, url}) => title ?? url,
};

/** Bytes a second, as measured. */
export type Speed = (task: Readonly<Task>) => number;

/** A new list. Rows that compare as equal keep their places. */
export function sorted(tasks: readonly Readonly<Task>[], {by, reversed}: Sort, speed: Speed): Readonly<Task>[] {
	if (by === 'start') return reversed ? tasks.toReversed() : [...tasks];
	const key = keys[by];
	const sign = reversed ? -1 : 1;
	return tasks
		.map(task => ({task, value: key(task, speed)}))
		.toSorted((one, other) => sign * compare(one.value, other.value))
		.map(({task}) => task);
}

/** By code units: the same everywhere, and `localeCompare` takes a hundred times as long. */
function compare(one: number | string, other: number | string): number {
	const order = one < other ? -1 : one > other ? 1 : 0;
	return typeof one === 'number' ? -order : order;
}
