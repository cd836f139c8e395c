import type {ReadonlyStore} from '../../engine/store.ts';
import {isRunning, type Task} from '../../engine/task.ts';
import {bar, map} from '../../format/bar.ts';
import {bytes, bytesOf, rate} from '../../format/bytes.ts';
import {brief} from '../../format/duration.ts';
import {fit, width} from '../../format/width.ts';
import {waitingFor} from '../measuring/held.ts';
import type {Meter} from '../measuring/meter.ts';
import type {Theme} from './theme.ts';

export type RowContext = {meter: Meter; theme: Theme; now: number; store: ReadonlyStore};

type Column = {
	name: string;
	/** Cells; columns of one row are a space apart. */
	cells: number;
	/** Shown from this many terminal columns on: this is the order in which columns shrink away. */
	from: number;
	align?: 'right';
	/** Part of the area that a state without progress uses for a sentence. */
	progress?: true;
	/** Says nothing of a task that has not begun. */
	live?: true;
	colored?: true;
	text(task: Readonly<Task>, context: RowContext): string;
};

/** The columns left of the URL, which takes what remains. A narrower row is chosen by the terminal's width alone. */
const columns: readonly Column[] = [
	{name: 'number', cells: 6, from: 64, align: 'right', text: task => String(task.number)},
	{name: 'glyph', cells: 1, from: 0, colored: true, text: glyph},
	{name: 'state', cells: 10, from: 56, colored: true, text: task => task.state},
	{
		name: 'bar',
		cells: 8,
		from: 76,
		progress: true,
		live: true,
		colored: true,
		text: (task, {theme}) => progressBar(task, 8, theme),
	},
	{name: 'percent', cells: 4, from: 20, align: 'right', progress: true, live: true, text: percent},
	{name: 'bytes', cells: 14, from: 112, align: 'right', progress: true, live: true, text: amount},
	{
		name: 'speed',
		cells: 10,
		from: 32,
		align: 'right',
		progress: true,
		live: true,
		text: (task, {meter, store}) => (flows(task, store) ? rate(meter.speed(task)) : ''),
	},
	{name: 'eta', cells: 9, from: 100, align: 'right', progress: true, live: true, text: eta},
	{name: 'time', cells: 5, from: 48, align: 'right', live: true, text: (task, {now}) => elapsed(task, now)},
];

/** One row of exactly `cells - 1` cells, plain text but for the color of its state. */
export function row(task: Readonly<Task>, selected: boolean, cells: number, context: RowContext): string {
	const {theme} = context;
	// A queued task has neither progress nor time, and all of its view are queued: the URLs may begin further left.
	const shown = columns.filter(column => cells >= column.from && (task.state !== 'queued' || !column.live));
	const texts = [selected ? theme.signs.selected : ' '];
	let used = 1;
	const add = (text: string, room: number) => {
		texts.push(text);
		used += room + 1;
	};
	const area = shown.filter(column => column.progress);
	const room = area.reduce((sum, column) => sum + column.cells + 1, -1);
	const sentence = area.length > 0 ? sentenceOf(task, context, room) : undefined;
	for (const column of shown) {
		if (sentence !== undefined && column.progress) {
			if (column === area[0]) add(sentence, room);
			continue;
		}
		const text = fit(column.text(task, context), column.cells, column.align, theme.signs.ellipsis);
		add(column.colored ? theme.state[task.state](text) : text, column.cells);
	}
	texts.push(fit(coolingOf(task, context) + label(task, theme), cells - used - 2, 'left', theme.signs.ellipsis));
	const line = texts.join(' ');
	return selected ? theme.strong(line) : line;
}

/** What a state without progress has to say, exactly `room` wide: why it waits, what the answer was. */
function sentenceOf(task: Readonly<Task>, {now, theme}: RowContext, room: number): string | undefined {
	const {state, waiting, result, status, received, total} = task;
	const {dot, ellipsis} = theme.signs;
	const say = (text: string) => fit(text, room, 'left', ellipsis);
	if (state === 'receiving') return undefined;
	if (waiting) {
		const forms = waitingFor(task, now, dot);
		return say(forms.find(text => width(text) <= room) ?? forms.at(-1) ?? '');
	}
	if (state === 'failed') return say(result?.error?.message ?? 'failed');
	if (state === 'paused')
		return say(received === 0 ? '' : `at ${total === undefined ? bytes(received) : bytesOf(received, total)}`);
	if (state !== 'done') return say('');
	const size = bytes(received);
	return say(fit(String(status ?? ''), room - width(size)) + size);
}

function glyph(task: Readonly<Task>, {theme, now, store}: RowContext): string {
	if (!isRunning(task.state)) return theme.glyphs[task.state];
	if (store.run.state === 'paused') return theme.signs.paused;
	return theme.spinner[Math.floor(now / 100) % theme.spinner.length] ?? '';
}

function progressBar(task: Readonly<Task>, cells: number, theme: Theme): string {
	if (task.state !== 'receiving' || task.total === undefined) return '';
	// Over several connections it does not grow from one end.
	if (task.part?.preallocated) return map(task.part.ranges, task.total, cells, theme.ascii);
	return bar(share(task), cells, theme.ascii);
}

const share = ({received, total}: Readonly<Task>): number => (total ? received / total : 0);

/** Rounded down: 100 % means done. */
function percent(task: Readonly<Task>): string {
	return task.state === 'receiving' && task.total ? `${Math.floor(Math.min(1, share(task)) * 100)}%` : '';
}

function amount({state, received, total}: Readonly<Task>): string {
	if (state !== 'receiving') return '';
	return total === undefined ? bytes(received) : bytesOf(received, total);
}

/** Whether bytes may arrive now: a speed or a forecast beside a held transfer would be a lie. */
const flows = ({state}: Readonly<Task>, {run}: ReadonlyStore): boolean =>
	state === 'receiving' && run.state !== 'paused';

function eta(task: Readonly<Task>, {meter, now, store}: RowContext): string {
	const left = flows(task, store) ? meter.eta(task, now) : undefined;
	return left === undefined ? '' : `ETA ${brief(left)}`;
}

/** How long it took, or takes so far; a queued task has not begun. */
function elapsed({state, startedAt, since, result}: Readonly<Task>, now: number): string {
	if (result) return result.seconds < 9.95 ? `${result.seconds.toFixed(1)} s` : brief(result.seconds * 1000);
	if (startedAt === undefined) return '';
	return brief((state === 'paused' ? since : now) - startedAt);
}

/** `in 0:08 · 503 · ` before a queued task whose host has asked to be left in peace. */
function coolingOf({state, host}: Readonly<Task>, {store, now, theme}: RowContext): string {
	const asked = state === 'queued' ? store.hosts.get(host) : undefined;
	if (!asked || asked.until <= now) return '';
	const {dot} = theme.signs;
	return `in ${brief(asked.until - now + 999)} ${dot} ${asked.why.status ?? asked.why.code} ${dot} `;
}

/** Title, when known, and the URL without its scheme. */
export function label({title, url}: Readonly<Task>, theme: Theme): string {
	const address = url.replace(/^https?:\/\//i, '');
	return title ? `${title} ${theme.signs.dot} ${address}` : address;
}
