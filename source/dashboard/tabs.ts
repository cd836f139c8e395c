import type {ReadonlyStore} from '../engine/store.ts';
import {count} from '../format/number.ts';
import {truncate, width} from '../format/width.ts';
import type {Row} from './rows.ts';
import type {Theme} from './theme.ts';
import {type Tab, tabs, type View} from './view.ts';

export type TabsContext = {store: ReadonlyStore; view: View; rows: readonly Row[]; theme: Theme};

const names: Readonly<Record<Tab, string>> = {active: 'Active', queued: 'Queued', done: 'Done', failed: 'Failed'};

/** How much there is to see in each view. */
const sizes: Readonly<Record<Tab, (store: ReadonlyStore) => number>> = {
	active: ({live, counts}) => live.size - counts.queued,
	queued: ({counts}) => counts.queued,
	done: ({counts}) => counts.done + counts.skipped,
	failed: ({counts}) => counts.failed + counts.canceled,
};

/** ` ─ 1 Active ──[3 Done (37)]── 4 Failed ─────── /sohu: 3 ─ by size ▾ ─`: what is shown, and how it was chosen. */
export function tabsLine({store, view, rows, theme}: TabsContext, cells: number): string {
	const {rule} = theme.signs;
	const text = (tab: Tab, index: number): string => {
		const size = sizes[tab](store);
		if (cells < 60 && (cells < 30 || tab !== view.tab)) return String(index + 1);
		return `${index + 1} ${names[tab]}${cells >= 80 && size > 0 ? ` (${count(size)})` : ''}`;
	};
	let line = ` ${theme.faint(rule)}`;
	let used = 2;
	tabs.forEach((tab, index) => {
		const label = text(tab, index);
		line += `${tab === view.tab ? theme.strong(`[${label}]`) : ` ${label} `}${theme.faint(rule)}`;
		used += width(label) + 3;
	});
	const chosen = chosenBy(view, rows, Math.max(0, cells - used - 4), theme);
	const rest = Math.max(0, cells - used - 1 - width(chosen) - (chosen === '' ? 0 : 1));
	return line + theme.faint(rule.repeat(rest)) + (chosen === '' ? '' : theme.alert(chosen) + theme.faint(rule));
}

/** The filter and the order, when they are not the usual ones. */
function chosenBy({filter, sort}: View, rows: readonly Row[], room: number, {signs}: Theme): string {
	const parts: string[] = [];
	if (filter !== '') parts.push(`/${filter}: ${count(rows.length)}`);
	if (sort.by !== 'start' || sort.reversed) parts.push(`by ${sort.by} ${sort.reversed ? signs.up : signs.down}`);
	return parts.length === 0 || room < 4 ? '' : ` ${truncate(parts.join(` ${signs.dot} `), room - 2, signs.ellipsis)} `;
}
