import {columnChart} from '../../format/bar.ts';
import {rate} from '../../format/bytes.ts';
import {brief} from '../../format/duration.ts';
import {fit} from '../../format/width.ts';
import type {Second} from '../measuring/history.ts';
import type {Change} from '../measuring/verdict.ts';
import type {HeaderContext} from './header.ts';
import type {Theme} from './theme.ts';
import {changeText} from './verdict-text.ts';

/** Cells left of a graph, for what it goes up to. */
const labelCells = 10;
/** Seconds that a graph goes back at least, about: before a change and after it there have to be some. */
const shortest = 60;
/** A terminal this wide has room for two graphs. */
const wide = 60;
/** Changes so many columns apart are marked as one. */
const oneChange = 2;

/** One column: a second, or the mean of a few. */
type Column = {bytes: number; running: number; limit: number; dammed: boolean};
type Graph = {
	/** Beside the top, below that where there is room, and beside what is below the columns. */
	labels: readonly [string, string, string];
	columns: readonly Column[];
	value: (column: Column) => number;
	/** What the whole height is; a column above it has a sign on top. */
	most: number;
	/** A level that is drawn where no column reaches it. */
	level?: (column: Column) => number;
	/** What was changed at which column, newest last. */
	marks: ReadonlyArray<readonly [column: number, text: string]>;
};

/**
 * Throughput, and how many tasks ran under which limit, over the same seconds: columns over all lines but the last one, which says
 * where the concurrency was changed. One graph only where there is no room for two.
 */
export function graphLines({store, meter, theme}: HeaderContext, cells: number, height: number): string[] {
	const count = cells < wide ? 1 : 2;
	const room = Math.max(1, Math.floor((cells - 1) / count) - labelCells - 3);
	const {seconds, first} = meter.history;
	const step = Math.max(1, Math.round(shortest / room));
	const {columns, marks} = columnsOf(seconds, first, step, room, theme);
	const fastestOf = (some: readonly Column[]) => Math.max(0, ...some.map(({bytes}) => bytes));
	// What a pause has dammed up and lets go at once would flatten all the others.
	const fastest = fastestOf(columns.filter(({dammed}) => !dammed)) || fastestOf(columns);
	const fullest = Math.max(0, ...columns.map(({running, limit}) => Math.max(Math.round(running), limit)));
	const top = (text: string) => (columns.length > 0 ? text : theme.signs.none);
	const graphs: Graph[] = [
		{
			labels: [top(rate(fastest)), '', `last ${brief(Math.min(room * step, seconds.length) * 1000)}`],
			columns,
			value: ({bytes}) => bytes,
			most: fastest,
			marks,
		},
		{
			labels: [top(String(fullest)), 'running', `limit ${store.run.concurrency}`],
			columns,
			value: ({running}) => running,
			most: fullest,
			level: ({limit}) => limit,
			marks,
		},
	];
	const drawn = graphs.slice(0, count).map(graph => draw(graph, room, height, theme));
	return Array.from({length: height}, (_, line) => ` ${drawn.map(lines => lines[line]).join('  ')}`.trimEnd());
}

/** The last `room` columns of `step` seconds each. A second stays in its column, so that none changes while it moves to the left. */
function columnsOf(seconds: readonly Second[], first: number, step: number, room: number, theme: Theme) {
	const last = Math.floor((first + seconds.length - 1) / step);
	const from = Math.max(0, (last - room + 1) * step - first);
	const columns: Column[] = [];
	const changes: Array<Change & {column: number}> = [];
	const begin = Math.floor((first + from) / step);
	for (let index = from; index < seconds.length; ) {
		const end = Math.min(seconds.length, (begin + columns.length + 1) * step - first);
		const some = seconds.slice(index, end);
		const mean = (of: 'bytes' | 'running') => some.reduce((sum, second) => sum + second[of], 0) / some.length;
		const limit = some.at(-1)?.limits.concurrency ?? 0;
		const before = seconds[index - 1]?.limits.concurrency ?? limit;
		const column = columns.length;
		const last = changes.at(-1);
		// A key pressed several times is one change.
		if (before !== limit && last && column - last.column <= oneChange) last.to = limit;
		else if (before !== limit) changes.push({column, from: before, to: limit});
		const dammed = some.some(second => second.dammed);
		columns.push({bytes: mean('bytes'), running: mean('running'), limit, dammed});
		index = end;
	}
	const marks = changes.map(change => [change.column, changeText(change, theme).replaceAll(' ', '')] as const);
	return {columns, marks};
}

function draw(graph: Graph, room: number, height: number, theme: Theme): string[] {
	const {labels, columns, value, most, level, marks} = graph;
	const rows = height - 1;
	const blank = room - columns.length;
	const label = (text = '') => fit(text, labelCells, 'right', theme.signs.ellipsis);
	/** The row that the level of a column is in. */
	const rowOf = (column: Column) => (level ? rows - Math.ceil((level(column) / most) * rows - 1e-9) : -1);
	const lines = columnChart(columns.map(value), most, rows, theme.ascii).map((line, row) => {
		const cells = columns.map((column, index) => {
			if (row === 0 && value(column) > most) return theme.signs.above;
			return line[index] === ' ' && rowOf(column) === row ? theme.signs.level : line[index];
		});
		return `${label(labels[row < 2 ? row : 3])} ${' '.repeat(blank)}${theme.state.receiving(cells.join(''))}`;
	});
	return [...lines, `${label(labels[2])} ${caption(marks, blank, room, theme)}`];
}

/** `╰8→12` below the column of each change, the newest first; where that would stand in another's place, only the sign. */
function caption(marks: Graph['marks'], blank: number, room: number, {signs}: Theme): string {
	const cells = Array.from({length: room}, () => ' ');
	const put = (at: number, text: string): boolean => {
		const isFree =
			at >= 0 &&
			at + text.length <= room &&
			cells.slice(Math.max(0, at - 1), at + text.length + 1).every(cell => cell === ' ');
		if (isFree) cells.splice(at, text.length, ...text);
		return isFree;
	};
	const [right, left] = signs.mark;
	for (const [column, text] of marks.toReversed()) {
		const at = blank + column;
		if (!put(at, right + text) && !put(at - text.length, text + left)) put(at, right);
	}
	return cells.join('');
}
