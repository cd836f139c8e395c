import {bytes} from '../../format/bytes.ts';
import {clock} from '../../format/duration.ts';
import {fit} from '../../format/width.ts';
import type {Standing} from '../../race/report/standings.ts';
import type {Lane, LaneState, ModelName, RaceStore} from '../../race/seams.ts';
import type {Theme} from '../drawing/theme.ts';
import {type Figures, figuresOf, stateOf} from './figures.ts';
import {cellsOf, glyphOf, paintOf} from './looks.ts';

/** What there is beside a lane's line: one with details (which also tell the best), nothing, or nothing that runs any more. */
export type Mode = 'detailed' | 'brief' | 'rest';

export type LaneContext = {
	theme: Theme;
	now: number;
	store: Pick<RaceStore, 'round' | 'state'>;
	standings: readonly Standing[];
	best: ModelName | undefined;
	mode: Mode;
};

/** What a column is told of a lane. */
type Told = LaneContext & {lane: Lane; state: LaneState; figures: Figures; tasks: number};

type Column = {
	heading: string;
	/** Cells; columns are a space apart. */
	cells: number;
	/** Shown from this many terminal columns on: this is the order in which columns shrink away. */
	from: number;
	align?: 'right';
	colored?: true;
	/** Where that differs. */
	fromIn?: Partial<Record<Mode, number>>;
	text(told: Told): string;
};

/** `9.99 s`, `59.9 s`, `812 s`, `16:40`: at most six cells for a day. */
export function seconds(milliseconds: number): string {
	const value = Math.max(0, milliseconds) / 1000;
	if (value >= 999.5) return clock(milliseconds);
	const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	return `${value.toFixed(digits)} s`;
}

const known = <Value>(value: Value | undefined, written: (value: Value) => string): string =>
	value === undefined ? '' : written(value);

/** What is told of times is of no use while they still run. */
const isBest = ({lane, state, best}: Told): boolean =>
	lane.model === best && state !== 'running' && state !== 'starting';

/** From so many terminal columns on, a column says how long it took until all workers were ready. */
export const readyFrom = 110;

/** Left of the bar, which takes what remains. */
const before: readonly Column[] = [
	{heading: '', cells: 1, from: 0, colored: true, text: ({state, theme, now}) => glyphOf(state, theme, now)},
	{heading: 'model', cells: 10, from: 0, text: ({lane}) => lane.model},
	{heading: 'state', cells: 8, from: 72, colored: true, text: ({state}) => state},
];

/** Right of the bar. */
const behind: readonly Column[] = [
	{heading: 'done', cells: 5, from: 48, align: 'right', text: ({figures}) => known(figures.done, String)},
	{heading: 'failed', cells: 6, from: 56, align: 'right', text: ({figures}) => known(figures.failed, String)},
	{
		heading: 'at once',
		cells: 7,
		from: 34,
		fromIn: {rest: Number.POSITIVE_INFINITY},
		align: 'right',
		text: ({lane: {limit}, figures: {running}}) => (running === undefined ? `${limit}` : `${running}/${limit}`),
	},
	{heading: 'time', cells: 6, from: 24, align: 'right', text: ({figures}) => known(figures.wall, seconds)},
	{heading: '', cells: 4, from: 46, fromIn: {detailed: 100, rest: 34}, text: told => (isBest(told) ? 'best' : '')},
	{heading: 'CPU', cells: 6, from: 80, align: 'right', text: ({figures}) => known(figures.cpu, seconds)},
	{heading: 'peak mem', cells: 8, from: 64, align: 'right', text: ({figures}) => known(figures.memory, bytes)},
	{
		heading: 'workers',
		cells: 7,
		from: 100,
		align: 'right',
		text: ({figures, theme}) => known(figures.workers, workers => (workers === 0 ? theme.signs.none : String(workers))),
	},
	{
		heading: 'ready in',
		cells: 8,
		from: readyFrom,
		align: 'right',
		text: ({lane}) => known(lane.start?.wall, seconds),
	},
];

/** Fewer cells show no progress, more do not show it better. */
const [leastBar, mostBar] = [4, 64];
/** From here on a column says what state a lane is in. */
const stateFrom = 72;

const sumOf = (columns: readonly Column[]): number => columns.reduce((sum, {cells}) => sum + cells + 1, 0);
type Shape = {columns: number; mode: Mode};

const shownAt = (columns: readonly Column[], shape: Shape) =>
	columns.filter(({from, fromIn}) => shape.columns >= (fromIn?.[shape.mode] ?? from));

/** Cells for the bar in so many columns, of which the first and the last stay free; none if there are too few. */
function barCells(shape: Shape): number {
	const taken = sumOf(shownAt(before, shape)) + sumOf(shownAt(behind, shape));
	const room = shape.columns - 2 - taken;
	return room < leastBar ? 0 : Math.min(mostBar, room);
}

export function laneHeading(columns: number, {mode}: LaneContext): string {
	const shape = {columns, mode};
	const heading = ({heading, cells, align}: Column) => fit(heading, cells, align);
	const room = barCells(shape);
	const middle = room > 0 ? [fit(room < 8 ? '' : 'progress', room)] : [];
	return ` ${[...shownAt(before, shape).map(heading), ...middle, ...shownAt(behind, shape).map(heading)].join(' ')}`.trimEnd();
}

/** A lane in numbers. */
export function laneLine(lane: Lane, columns: number, context: LaneContext): string {
	const {theme, now, store, mode} = context;
	const state = stateOf(lane, store);
	const shape = {columns, mode};
	const told: Told = {...context, lane, state, figures: figuresOf(lane, state, now), tasks: lane.tasks};
	const draw = (column: Column): string => {
		const text = fit(column.text(told), column.cells, column.align, theme.signs.ellipsis);
		return column.colored ? paintOf(state, theme)(text) : text;
	};
	const room = barCells(shape);
	const middle = room > 0 ? [progress(told, room, columns)] : [];
	return ` ${[...shownAt(before, shape).map(draw), ...middle, ...shownAt(behind, shape).map(draw)].join(' ')}`;
}

/** The bar, or where no column says it, why there is none. */
function progress({state, figures, tasks, theme}: Told, cells: number, columns: number): string {
	const {done, failed} = figures;
	const says = columns < stateFrom && state !== 'running' && state !== 'finished';
	if (says) return paintOf(state, theme)(fit(state, cells, 'left', theme.signs.ellipsis));
	if (done === undefined || failed === undefined) return ' '.repeat(cells);
	return laneBar({done, failed, tasks}, cells, theme);
}

/** Done, failed and what is left, of exactly `cells` cells. What has failed is seen however little it is, as what is left. */
function laneBar({done, failed, tasks}: {done: number; failed: number; tasks: number}, cells: number, theme: Theme) {
	const signs = cellsOf(theme);
	const all = Math.max(1, tasks, done + failed);
	const over = done + failed >= all ? cells : Math.min(cells - 1, Math.floor(((done + failed) / all) * cells));
	const lost = failed === 0 ? 0 : Math.min(over, Math.max(1, Math.round((failed / all) * cells)));
	return [
		signs.done.repeat(over - lost),
		lost > 0 ? theme.state.failed(signs.failed.repeat(lost)) : '',
		signs.left.repeat(cells - over),
	].join('');
}
