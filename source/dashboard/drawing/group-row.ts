import {count} from '../../format/number.ts';
import {fit} from '../../format/width.ts';
import type {Group} from '../rows/rows.ts';
import type {Theme} from './theme.ts';

/** ` ▸ 31 × 403 Forbidden · cdn.example   look whether the site wants a login`, exactly `cells` wide. */
export function groupRow(
	{tasks, message, host, remedy}: Group,
	{selected, isOpen}: {selected: boolean; isOpen: boolean},
	cells: number,
	{signs, strong}: Theme,
): string {
	const what = host === undefined ? message : `${message} ${signs.dot} ${host}`;
	const sign = isOpen ? signs.open : signs.closed;
	const text = `${selected ? signs.selected : ' '} ${sign} ${count(tasks.length)} ${signs.times} ${what}`;
	const line = fit(remedy === '' ? text : `${text}   ${remedy}`, cells - 1, 'left', signs.ellipsis);
	return selected ? strong(line) : line;
}
