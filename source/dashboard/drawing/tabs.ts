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

/** ` ─ 1 Active ──[3 Done (37)]── 4 Failed ─────── /sohu: 3 ─ by size ▾ ─`: what is shown, and how it was chosen. */
export function tabsLine(context: TabsContext, cells: number): string {
	const {view, rows, theme} = context;
	const {rule} = theme.signs;
	const text = (tab: Tab, index: number): string => {
		const size = sizes[tab](context);
		if (cells < 60 && (cells < 30 || tab !== view.tab)) return String(index + 1);
		return `${index + 1} ${names[tab]}${cells >= 80 && size > 0 ? ` (${count(size)})` : ''}`;
	};
	const between = cells < 30 ? '' : rule;
	let line = ` ${theme.faint(between)}`;
	let used = 1 + between.length;
	tabs.forEach((tab, index) => {
		const label = text(tab, index);
		line += `${tab === view.tab ? theme.strong(`[${label}]`) : ` ${label} `}${theme.faint(between)}`;
		used += width(label) + 2 + between.length;
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
