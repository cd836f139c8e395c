import {failures, remedyOf} from '../../engine/failure.ts';
import type {ReadonlyStore} from '../../engine/store.ts';
import type {Task} from '../../engine/task.ts';
import {type HostRow, hostsOf} from '../measuring/hosts.ts';
import type {Meter} from '../measuring/meter.ts';
import {hostMatcher, type Matches, matcher} from './filter.ts';
import {sorted} from './sort.ts';
import type {Tab, View} from './view.ts';

/** Failures that have their cause in common, the newest first. */
export type Group = {
	readonly id: `cause ${string}`;
	readonly code: string;
	readonly message: string;
	/** Where one host is to blame: that of a status. */
	readonly host?: string;
	readonly remedy: string;
	readonly tasks: ReadonlyArray<Readonly<Task>>;
};

/** A host, with an id for the selection. */
export type Host = HostRow & {readonly id: `host ${string}`};

/** What a line of a view shows. */
export type Row = Readonly<Task> | Group | Host;

export const isTask = (row: Row | undefined): row is Readonly<Task> => row !== undefined && 'state' in row;
export const isGroup = (row: Row | undefined): row is Group => row !== undefined && 'tasks' in row;

/** What a view chooses its rows by. */
export type Choice = Pick<View, 'tab' | 'filter' | 'sort' | 'open'>;

/** What rows are made from. */
export type Source = {store: ReadonlyStore; meter: Meter; now: number};

/** The rows of a view, in the order they are shown. */
export function rowsOf(source: Source, choice: Choice): Row[] {
	if (choice.tab === 'hosts') return hostRows(source, choice.filter);
	const {store, meter} = source;
	const {tab, filter, sort, open} = choice;
	const order: Order = tasks => sorted(tasks, sort, task => meter.speed(task));
	return listings[tab]({store, order, matches: matcher(filter), open});
}

type Tasks = readonly Readonly<Task>[];
type Order = (tasks: Tasks) => Tasks;
type Listing = {store: ReadonlyStore; order: Order; matches: Matches; open: View['open']};

function hostRows({store, meter, now}: Source, filter: string): Host[] {
	const matches = hostMatcher(filter);
	return hostsOf(meter.hosts, store, now)
		.filter(({host}) => matches(host.toLowerCase()))
		.map(row => ({id: `host ${row.host}`, ...row}));
}

const listings: Readonly<Record<Exclude<Tab, 'hosts'>, (listing: Listing) => Row[]>> = {
	// What is live stays above what is over, however they are sorted.
	active: ({store, order, matches}) => [...order(live(store, false, matches)), ...order(recent(store, matches))],
	queued: ({store, order, matches}) => [...order(live(store, true, matches))],
	done: ({store, order, matches}) => [...order(newestFirst(store.done, matches))],
	failed: ({store, order, matches, open}) => grouped(newestFirst(store.failed, matches), open, order),
};

/** In the order of the input: rows that keep their places are easier to watch than rows sorted by what changes. */
function live(store: ReadonlyStore, queued: boolean, matches: Matches): Tasks {
	const tasks: Readonly<Task>[] = [];
	for (const task of store.live.values()) if ((task.state === 'queued') === queued && matches(task)) tasks.push(task);
	return tasks;
}

const newestFirst = (tasks: Iterable<Readonly<Task>>, matches: Matches): Tasks => [...tasks].filter(matches).reverse();

/** Recently finished tasks shown below the live ones, so that a page that took a blink can still be read. */
const recentLimit = 200;

/** Done and failed together, the newest first. */
function recent({done, failed}: ReadonlyStore, matches: Matches): Tasks {
	const tasks: Readonly<Task>[] = [];
	let [fromDone, fromFailed] = [-1, -1];
	while (tasks.length < recentLimit) {
		const [one, other] = [done.at(fromDone), failed.at(fromFailed)];
		const isDone = one !== undefined && (other === undefined || one.since >= other.since);
		const task = isDone ? one : other;
		if (!task) break;
		if (isDone) fromDone--;
		else fromFailed--;
		if (matches(task)) tasks.push(task);
	}
	return tasks;
}

/** Most failures first. A group of one is its task; the tasks of others show when it is open. */
function grouped(tasks: Tasks, open: View['open'], order: Order): Row[] {
	const groups = new Map<string, Readonly<Task>[]>();
	for (const task of tasks) {
		const key = causeOf(task);
		const group = groups.get(key);
		if (group) group.push(task);
		else groups.set(key, [task]);
	}
	return [...groups]
		.toSorted(([, one], [, other]) => other.length - one.length)
		.flatMap(([key, members]) => (members.length > 1 ? groupRows(key, members, open, order) : members));
}

function groupRows(key: string, members: Tasks, open: View['open'], order: Order): Row[] {
	const group = groupOf(key, members);
	return open.has(group.id) ? [group, ...order(members)] : [group];
}

/** A status is its host's own; what else goes wrong (no such host, a full disk) has one cause for all. */
function causeOf({state, result, host}: Readonly<Task>): string {
	const code = result?.error?.code ?? state;
	return code.startsWith('HTTP_') ? `${code} ${host}` : code;
}

function groupOf(key: string, tasks: Tasks): Group {
	const [code = key, host] = key.split(' ');
	// What all of them have in common: the message of one may name its own line or URL.
	const message = failures[code]?.means ?? tasks[0]?.result?.error?.message ?? code;
	return {id: `cause ${key}`, code, message, ...(host !== undefined && {host}), remedy: remedyOf(code) ?? '', tasks};
}
