import type {ReadonlyStore} from '../engine/store.ts';
import {isFinal, type Task} from '../engine/task.ts';
import {bar} from '../format/bar.ts';
import {bytes, bytesOf, rate} from '../format/bytes.ts';
import {clock} from '../format/duration.ts';
import {fit} from '../format/width.ts';
import type {Meter} from './meter.ts';
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
	text(task: Readonly<Task>, context: RowContext): string;
};

/** The columns left of the URL, which takes what remains. A narrower row is chosen by the terminal's width alone. */
const columns: readonly Column[] = [
	{name: 'number', cells: 6, from: 64, align: 'right', text: task => String(task.number)},
	{name: 'glyph', cells: 1, from: 0, text: glyph},
	{name: 'state', cells: 10, from: 56, text: task => task.state},
	{name: 'bar', cells: 8, from: 76, progress: true, text: (task, {theme}) => progressBar(task, 8, theme)},
	{name: 'percent', cells: 4, from: 0, align: 'right', progress: true, text: percent},
	{name: 'bytes', cells: 14, from: 100, align: 'right', progress: true, text: amount},
	{
		name: 'speed',
		cells: 10,
		from: 0,
		align: 'right',
		progress: true,
		text: (task, {meter}) => (task.state === 'receiving' ? rate(meter.speed(task)) : ''),
	},
	{name: 'eta', cells: 9, from: 120, align: 'right', progress: true, text: eta},
	{name: 'time', cells: 5, from: 48, align: 'right', text: (task, {now}) => elapsed(task, now)},
];

/** One row of exactly `cells` cells, plain text but for the color of its state. */
export function row(task: Readonly<Task>, selected: boolean, cells: number, context: RowContext): string {
	const {theme} = context;
	const shown = columns.filter(column => cells >= column.from);
	const sentence = sentenceOf(task, context);
	const parts: string[] = [selected ? theme.signs.selected : ' '];
	let used = 1;
	let sentenceDone = false;
	for (const column of shown) {
		if (column.progress && sentence !== undefined) {
			if (sentenceDone) continue;
			sentenceDone = true;
			const area = shown.filter(({progress}) => progress);
			const room = area.reduce((sum, {cells: each}) => sum + each + 1, -1);
			parts.push(fit(sentence, room));
			used += room + 1;
			continue;
		}
		const text = fit(column.text(task, context), column.cells, column.align);
		parts.push(column.name === 'glyph' || column.name === 'state' ? theme.state[task.state](text) : text);
		used += column.cells + 1;
	}
	parts.push(fit(label(task, theme), cells - used - 1));
	const line = parts.join(' ');
	return selected ? theme.strong(line) : line;
}

/** What a state without progress has to say: why it waits, what the answer was. */
function sentenceOf(task: Readonly<Task>, {now}: RowContext): string | undefined {
	const {state, waiting, result, status, received} = task;
	if (waiting) {
		const seconds = Math.max(0, Math.ceil((waiting.until - now) / 1000));
		const asked = waiting.failure.retryAfter === undefined ? '' : ', Retry-After';
		const {status: refused, code} = waiting.failure;
		return `retry ${waiting.retry}/${waiting.retries} in ${seconds} s · ${refused ?? code}${asked}`;
	}
	if (state === 'failed') return result?.error?.message ?? 'failed';
	if (isFinal(state)) return state === 'done' ? `${status ?? ''}  ${bytes(received)}` : '';
	if (state === 'paused') return received > 0 ? `at ${bytes(received)}` : '';
	return state === 'receiving' ? undefined : '';
}

function glyph(task: Readonly<Task>, {theme, now, store}: RowContext): string {
	const busy = task.state === 'connecting' || task.state === 'receiving' || task.state === 'extracting';
	if (!busy || store.run.state === 'paused') return busy ? theme.signs.paused : theme.glyphs[task.state];
	return theme.spinner[Math.floor(now / 100) % theme.spinner.length] ?? '';
}

function progressBar(task: Readonly<Task>, cells: number, theme: Theme): string {
	if (task.state !== 'receiving' || task.total === undefined) return '';
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

function eta(task: Readonly<Task>, {meter, now}: RowContext): string {
	const left = task.state === 'receiving' ? meter.eta(task, now) : undefined;
	return left === undefined ? '' : `ETA ${clock(left)}`;
}

/** How long it took, or takes so far; a queued task has not begun. */
function elapsed({state, startedAt, since, result}: Readonly<Task>, now: number): string {
	if (result) return clock(result.seconds * 1000);
	if (startedAt === undefined) return '';
	return clock((state === 'paused' ? since : now) - startedAt);
}

/** Title, when known, and the URL without its scheme. */
export function label({title, url}: Readonly<Task>, theme: Theme): string {
	const address = url.replace(/^https?:\/\//i, '');
	return title ? `${title} ${theme.signs.dot} ${address}` : address;
}
