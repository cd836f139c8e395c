import type {ReadonlyStore} from '../engine/store.ts';
import type {Task, TaskId} from '../engine/task.ts';

export const tabs = ['active', 'queued', 'done', 'failed'] as const;
export type Tab = (typeof tabs)[number];

/** What the person looks at. Nothing of it concerns the engine. */
export type View = {
	tab: Tab;
	/** Selected by id, so that the selection stays with its task while rows move. */
	selected: TaskId | undefined;
	/** Where the selection was in the list: what is there now takes over when its task has left. */
	index: number;
	/** First row shown. */
	top: number;
	overlay: 'help' | 'details' | undefined;
	/** First line shown of the overlay. */
	scroll: number;
	frozen: boolean;
	/** A sentence for the footer: what a key did, or why it could not. */
	notice: {text: string; until: number} | undefined;
};

export type ViewAction =
	| {type: 'tab'; tab: Tab}
	| {type: 'next-tab'}
	| {type: 'move'; by: number}
	| {type: 'page'; by: number}
	| {type: 'overlay'; overlay: View['overlay']}
	| {type: 'freeze'};

export const initialView: View = {
	tab: 'active',
	selected: undefined,
	index: 0,
	top: 0,
	overlay: undefined,
	scroll: 0,
	frozen: false,
	notice: undefined,
};

/** Recently finished tasks shown below the live ones, so that a page that took a blink can still be read. */
const recentLimit = 200;

/** The tasks of a view, in the order they are shown. */
export function tasksOf(store: ReadonlyStore, tab: Tab): Readonly<Task>[] {
	return listings[tab](store);
}

const listings: Readonly<Record<Tab, (store: ReadonlyStore) => Readonly<Task>[]>> = {
	active: store => [...live(store, false), ...recent(store)],
	queued: store => live(store, true),
	done: store => [...store.done].reverse(),
	failed: store => [...store.failed].reverse(),
};

/** In the order of the input: rows that keep their places are easier to watch than rows sorted by what changes. */
function live(store: ReadonlyStore, queued: boolean): Readonly<Task>[] {
	const tasks: Readonly<Task>[] = [];
	for (const task of store.live.values()) if ((task.state === 'queued') === queued) tasks.push(task);
	return tasks;
}

/** Done and failed together, the newest first. */
function recent({done, failed}: ReadonlyStore): Readonly<Task>[] {
	const tasks: Readonly<Task>[] = [];
	let [fromDone, fromFailed] = [-1, -1];
	while (tasks.length < recentLimit) {
		const [one, other] = [done.at(fromDone), failed.at(fromFailed)];
		if (!one && !other) break;
		if (!other || (one && one.since >= other.since)) {
			tasks.push(one as Readonly<Task>);
			fromDone--;
		} else {
			tasks.push(other);
			fromFailed--;
		}
	}
	return tasks;
}

/** The view after an action. `tasks` is what its tab lists now, `height` how many rows fit. */
export function reduce(view: View, action: ViewAction, tasks: readonly Readonly<Task>[], height: number): View {
	switch (action.type) {
		case 'tab':
			return {...view, tab: action.tab, selected: undefined, index: 0, top: 0, overlay: undefined};
		case 'next-tab':
			return reduce(
				view,
				{type: 'tab', tab: tabs[(tabs.indexOf(view.tab) + 1) % tabs.length] ?? 'active'},
				tasks,
				height,
			);
		case 'move':
			return move(view, tasks, action.by);
		case 'page':
			return move(view, tasks, action.by * Math.max(1, height - 1));
		case 'overlay':
			return {...choose(view, tasks), overlay: action.overlay, scroll: 0};
		case 'freeze':
			return {...choose(view, tasks), frozen: !view.frozen};
	}
}

/** An overlay takes the keys that move: its lines scroll instead of the selection. */
function move(view: View, tasks: readonly Readonly<Task>[], by: number): View {
	if (view.overlay) return {...view, scroll: Math.max(0, Math.min(1000, view.scroll + by))};
	return select(view, tasks, view.index + by);
}

/** Looking closer is choosing: the task that was merely the first one stays the one looked at. */
const choose = (view: View, tasks: readonly Readonly<Task>[]): View => ({
	...view,
	selected: view.selected ?? tasks[view.index]?.id,
});

function select(view: View, tasks: readonly Readonly<Task>[], wanted: number): View {
	const index = Math.max(0, Math.min(tasks.length - 1, wanted));
	return {...view, index, selected: tasks[index]?.id};
}

/** Brings the view up to what is listed now: the selection follows its task, and stays inside the window of rows. */
export function follow(view: View, tasks: readonly Readonly<Task>[], height: number): View {
	const found = tasks.findIndex(task => task.id === view.selected);
	// Until a person selects something, the first row is selected, whichever task that is.
	const index = Math.max(0, Math.min(found >= 0 ? found : view.index, tasks.length - 1));
	const selected = view.selected === undefined ? undefined : tasks[index]?.id;
	const lowest = Math.max(0, Math.min(index, tasks.length - height));
	const top = Math.max(index - height + 1, Math.min(view.top, lowest), 0);
	return {...view, selected, index, top};
}
