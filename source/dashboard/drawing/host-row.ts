import {bytes} from '../../format/bytes.ts';
import {brief, span} from '../../format/duration.ts';
import {count} from '../../format/number.ts';
import {fit} from '../../format/width.ts';
import {firstByteOf, type HostRow} from '../measuring/hosts.ts';
import type {Theme} from './theme.ts';

type Column = {
	/** What stands above it. */
	name: string;
	/** Cells; columns of one row are a space apart. */
	cells: number;
	/** Shown from this many terminal columns on: this is the order in which columns shrink away. */
	from: number;
	text(row: HostRow, theme: Theme): string;
};

/** The columns left of the host, which takes what remains. */
const columns: readonly Column[] = [
	{
		name: 'running',
		cells: 7,
		from: 0,
		text: ({running, limit}) => (limit === null ? `${running}` : `${running}/${limit}`),
	},
	{name: 'queued', cells: 7, from: 56, text: ({queued}) => some(queued)},
	{name: 'done', cells: 9, from: 44, text: ({done}) => some(done)},
	{name: 'failed', cells: 7, from: 36, text: ({failed}) => some(failed)},
	{name: 'bytes', cells: 8, from: 76, text: row => (row.bytes > 0 ? bytes(row.bytes) : '')},
	{name: 'first byte', cells: 10, from: 66, text: row => milliseconds(firstByteOf(row))},
	{
		name: 'cooldown',
		cells: 12,
		from: 90,
		text: ({cooldown}) => (cooldown ? `${brief(cooldown.left + 999)} (${cooldown.why})` : ''),
	},
];

/** Nothing where there is nothing: what there is stands out. */
const some = (value: number): string => (value > 0 ? count(value) : '');

const milliseconds = (value: number | undefined): string => {
	if (value === undefined) return '';
	return value < 999.5 ? `${Math.round(value)} ms` : span(value);
};

/** One host in exactly `cells - 1` cells, in the columns that this width has room for. */
export function hostRow(row: HostRow, cells: number, theme: Theme, isSelected = false): string {
	const {selected, paused, ellipsis} = theme.signs;
	const shown = columns.filter(({from}) => cells >= from);
	const texts = shown.map(column => fit(column.text(row, theme), column.cells, 'right', ellipsis));
	// Where there is no room for the cooldown, a sign says that there is one.
	const sign = row.cooldown
		? theme.glyphs.waiting
		: row.running > 0
			? theme.signs.running
			: row.queued > 0
				? paused
				: ' ';
	const state = row.cooldown ? 'waiting' : row.running > 0 ? 'receiving' : 'queued';
	const line = [
		isSelected ? selected : ' ',
		theme.state[state](sign),
		...texts,
		hostText(row.host, cells, shown, ellipsis),
	].join(' ');
	return isSelected ? theme.strong(line) : line;
}

/** The names of the columns, as wide as the rows. */
export function hostHeading(cells: number, theme: Theme): string {
	const {ellipsis} = theme.signs;
	const shown = columns.filter(({from}) => cells >= from);
	return theme.strong(
		[
			' ',
			' ',
			...shown.map(({name, cells}) => fit(name, cells, 'right', ellipsis)),
			hostText('host', cells, shown, ellipsis),
		].join(' '),
	);
}

const hostText = (host: string, cells: number, shown: readonly Column[], ellipsis: string): string =>
	fit(host, cells - shown.reduce((sum, column) => sum + column.cells + 1, 0) - 5, 'left', ellipsis);
