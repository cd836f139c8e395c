import type {ReadonlyStore} from '../../engine/store.ts';
import {count} from '../../format/number.ts';
import {truncate, width} from '../../format/width.ts';
import type {Meter} from '../measuring/meter.ts';
import type {Row} from '../rows/rows.ts';
import {type Tab, tabs, type View} from '../rows/view.ts';
import type {Theme} from './theme.ts';

export type TabsContext = {store: ReadonlyStore; view: View; rows: readonly Row[]; meter: Meter; theme: Theme};

const names: Readonly<Record<Tab, string>> = {
	active: 'Active',
	queued: 'Queued',
	done: 'Done',
	failed: 'Failed',
	hosts: 'Hosts',
};

/** How much there is to see in each view. */
const sizes: Readonly<Record<Tab, (context: TabsContext) => number>> = {
	active: ({store: {live, counts}}) => live.size - counts.queued,
	queued: ({store: {counts}}) => counts.queued,
	done: ({store: {counts}}) => counts.done + counts.skipped,
	failed: ({store: {counts}}) => counts.failed + counts.canceled,
	hosts: ({meter}) => meter.hosts.count,
};

/** How much is said of a tab: the fullest form that the width and what stands beside them have room for. */
const forms: ReadonlyArray<{
	from: number;
	label(index: number, name: string, size: number, isCurrent: boolean): string;
}> = [
	{from: 80, label: (index, name, size) => `${index} ${name}${size > 0 ? ` (${count(size)})` : ''}`},
	{from: 60, label: (index, name) => `${index} ${name}`},
	{from: 30, label: (index, name, _size, isCurrent) => (isCurrent ? `${index} ${name}` : String(index))},
	{from: 0, label: index => String(index)},
];

/** ` ─ 1 Active ──[3 Done (37)]── 4 Failed ─────── /sohu: 3 ─ by size ▾ ─`: what is shown, and how it was chosen. */
export function tabsLine(context: TabsContext, cells: number): string {
	const {view, rows, theme} = context;
	const between = cells < 30 ? '' : theme.signs.rule;
	const chosen = chosenBy(view, rows, theme);
	const possible = forms.filter(({from}) => cells >= from);
	const drawn = possible.map(({label}) =>
		tabs.map((tab, index) => label(index + 1, names[tab], sizes[tab](context), tab === view.tab)),
	);
	const cellsOf = (labels: readonly string[]) =>
		labels.reduce((sum, label) => sum + width(label) + 2 + between.length, 1 + between.length);
	const beside = chosen === '' ? 0 : width(chosen) + 2;
	const labels = drawn.find(each => cellsOf(each) + beside < cells) ?? drawn.at(-1) ?? [];
	const drawTab = (label: string, index: number) =>
		(tabs[index] === view.tab ? theme.strong(`[${label}]`) : ` ${label} `) + theme.faint(between);
	const line = ` ${theme.faint(between)}${labels.map(drawTab).join('')}`;
	const room = cells - cellsOf(labels) - 1;
	const text = room < 6 ? '' : truncate(chosen, room - 3, theme.signs.ellipsis);
	if (text === '') return line + theme.faint(theme.signs.rule.repeat(Math.max(0, room)));
	const rule = theme.signs.rule.repeat(Math.max(0, room - width(text) - 3));
	return `${line}${theme.faint(rule)} ${theme.alert(text)} ${theme.faint(theme.signs.rule)}`;
}

/** The filter and the order, when they are not the usual ones. */
function chosenBy({filter, sort}: View, rows: readonly Row[], {signs}: Theme): string {
	const parts: string[] = [];
	if (filter !== '') parts.push(`/${filter}: ${count(rows.length)}`);
	if (sort.by !== 'start' || sort.reversed) parts.push(`by ${sort.by} ${sort.reversed ? signs.up : signs.down}`);
	return parts.join(` ${signs.dot} `);
}
