import {type Handlers, handle} from '../../engine/handlers.ts';
import type {TaskId} from '../../engine/task.ts';
import type {Line} from './line.ts';
import {type Sort, type SortName, sortNames, unsorted} from './sort.ts';

export const tabs = ['active', 'queued', 'done', 'failed', 'hosts'] as const;
export type Tab = (typeof tabs)[number];

/** A line that is being typed, or a question that is being asked. */
export type Prompt =
	/** `problem`: why what was entered could not be done. */
	{kind: 'filter' | 'command' | 'add'; line: Line; problem?: string} | {kind: 'confirm'; urls: readonly string[]};

/** What the person looks at. Nothing of it concerns the engine. */
export type View = {
	tab: Tab;
	/** Selected by id, so that the selection stays with its row while rows move. */
	selected: string | undefined;
	/** Where the selection was in the list: what is there now takes over when its row has left. */
	index: number;
	/** First row shown. */
	top: number;
	/** As typed; see `matcher`. */
	filter: string;
	sort: Sort;
	/** The groups of failures whose tasks are shown. */
	open: ReadonlySet<string>;
	overlay: 'help' | 'details' | 'effects' | undefined;
	/** First line shown of the overlay. */
	scroll: number;
	frozen: boolean;
	/** It stands in the place of the footer, and takes all keys. */
	prompt: Prompt | undefined;
	/** A sentence for the footer: what a key did, or why it could not. */
	notice: {text: string; until: number} | undefined;
	/** Tasks that were canceled by a key, the last one last. */
	canceled: readonly TaskId[];
};

export type ViewAction =
	| {type: 'tab'; tab: Tab}
	| {type: 'next-tab'}
	| {type: 'move'; by: number}
	| {type: 'page'; by: number}
	| {type: 'overlay'; overlay: View['overlay']}
	| {type: 'freeze'}
	| {type: 'filter'; text: string}
	| {type: 'sort'; by: SortName}
	| {type: 'next-sort'}
	| {type: 'reverse'}
	/** Shows or hides the tasks of a group. */
	| {type: 'toggle'; id: string}
	| {type: 'prompt'; prompt: Prompt | undefined}
	/** A task was canceled, or its cancellation was undone. */
	| {type: 'canceled' | 'brought-back'; id: TaskId};

export const initialView: View = {
	tab: 'active',
	selected: undefined,
	index: 0,
	top: 0,
	filter: '',
	sort: unsorted,
	open: new Set(),
	overlay: undefined,
	scroll: 0,
	frozen: false,
	prompt: undefined,
	notice: undefined,
	canceled: [],
};

/** What a view lists. */
type Rows = ReadonlyArray<{readonly id: string}>;

/** As many cancellations can be undone. */
const mostUndone = 100;

/** The view after an action. `rows` is what it lists now, `height` how many of them fit. */
export function reduce(view: View, action: ViewAction, rows: Rows, height: number): View {
	let next = view;
	const to = (changed: Partial<View>) => {
		next = {...view, ...changed};
	};
	const atTop = {selected: undefined, index: 0, top: 0};
	const reducers: Handlers<ViewAction> = {
		tab: ({tab}) => to({...atTop, tab, overlay: undefined}),
		'next-tab': () =>
			to({...atTop, tab: tabs[(tabs.indexOf(view.tab) + 1) % tabs.length] ?? 'active', overlay: undefined}),
		move: ({by}) => to(moved(view, rows, by)),
		page: ({by}) => to(moved(view, rows, by * Math.max(1, height - 1))),
		overlay: ({overlay}) => to({...chosen(view, rows), overlay, scroll: 0}),
		freeze: () => to({...chosen(view, rows), frozen: !view.frozen}),
		filter: ({text}) => to({filter: text, index: 0, top: 0}),
		sort: ({by}) => to({sort: {by, reversed: false}, top: 0}),
		'next-sort': () => to({sort: {by: nextOf(view.sort.by), reversed: false}, top: 0}),
		reverse: () => to({sort: {...view.sort, reversed: !view.sort.reversed}}),
		toggle: ({id}) => to({...chosen(view, rows), open: toggled(view.open, id)}),
		prompt: ({prompt}) => to({prompt}),
		canceled: ({id}) => to({canceled: [...view.canceled, id].slice(-mostUndone)}),
		'brought-back': ({id}) => to({canceled: view.canceled.filter(other => other !== id)}),
	};
	handle(reducers, action);
	return next;
}

const nextOf = (by: SortName): SortName => sortNames[(sortNames.indexOf(by) + 1) % sortNames.length] ?? 'start';

function toggled(open: View['open'], id: string): View['open'] {
	const next = new Set(open);
	if (!next.delete(id)) next.add(id);
	return next;
}

/** An overlay takes the keys that move: its lines scroll instead of the selection. */
function moved(view: View, rows: Rows, by: number): Partial<View> {
	if (view.overlay) return {scroll: Math.max(0, Math.min(1000, view.scroll + by))};
	const index = Math.max(0, Math.min(rows.length - 1, view.index + by));
	return {index, selected: rows[index]?.id};
}

/** Looking closer is choosing: the row that was merely the first one stays the one looked at. */
const chosen = ({selected, index}: View, rows: Rows): Partial<View> => ({selected: selected ?? rows[index]?.id});

/** Brings the view up to what is listed now: the selection follows its row, and stays inside the window of rows. */
export function follow(view: View, rows: Rows, height: number): View {
	const found = rows.findIndex(({id}) => id === view.selected);
	// Until a person selects something, the first row is selected, whichever that is.
	const index = Math.max(0, Math.min(found >= 0 ? found : view.index, rows.length - 1));
	const selected = view.selected === undefined ? undefined : rows[index]?.id;
	const lowest = Math.max(0, Math.min(index, rows.length - height));
	const top = Math.max(index - height + 1, Math.min(view.top, lowest), 0);
	return {...view, selected, index, top};
}
