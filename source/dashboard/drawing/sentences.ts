import type {ReadonlyStore} from '../../engine/store.ts';
import type {Task} from '../../engine/task.ts';
import {bytes, limit, rate} from '../../format/bytes.ts';
import {count, plural} from '../../format/number.ts';
import type {Keymap} from '../keys/keymap.ts';
import {type Group, type Host, isGroup, isTask, type Row} from '../rows/rows.ts';
import {unsorted} from '../rows/sort.ts';
import type {Prompt, View} from '../rows/view.ts';
import {label} from './columns.ts';
import {detailLines} from './details.ts';
import type {Scene} from './frame.ts';
import type {Theme} from './theme.ts';

/** `12 of 40 done, 2 failed, 8 running, 3.1 MB/s, about 1 minute left`: what the header says, to be listened to. */
export function runSentence({store, meter, now}: Pick<Scene, 'store' | 'meter' | 'now'>): string {
	const {counts, run} = store;
	const over = counts.done + counts.skipped + counts.failed + counts.canceled;
	const isEnded = run.state === 'ended';
	const all =
		isEnded && store.live.size === 0 ? '' : ` of ${count(over + store.live.size)}${run.inputOpen ? ' or more' : ''}`;
	const eta = meter.etaOfRun(store, now);
	const parts = [
		`${count(counts.done)}${all} done`,
		counts.skipped > 0 && `${count(counts.skipped)} skipped`,
		counts.failed > 0 && `${count(counts.failed)} failed`,
		counts.canceled > 0 && `${count(counts.canceled)} canceled`,
		store.running() > 0 && `${count(store.running())} running`,
		counts.waiting > 0 && `${count(counts.waiting)} waiting`,
		run.state === 'running' && store.running() > 0 && rate(meter.bytesPerSecond),
		eta !== undefined && `about ${inWords(eta)} left`,
	].filter(part => typeof part === 'string');
	return parts.join(', ');
}

/** No more exact than a guess about the future can be. */
function inWords(milliseconds: number): string {
	const seconds = milliseconds / 1000;
	if (seconds < 50) return plural(Math.max(10, Math.ceil(seconds / 10) * 10), 'second');
	const minutes = Math.round(seconds / 60);
	return minutes < 90 ? plural(minutes, 'minute') : plural(Math.round(minutes / 60), 'hour');
}

/** The limits and the state that keys change, each as a sentence. */
export const settingsOf = ({run}: ReadonlyStore): Readonly<Record<string, string>> => ({
	state: run.state === 'paused' && run.why ? `paused: ${run.why.message}` : run.state,
	concurrency: `concurrency ${run.concurrency}`,
	bandwidth: run.bandwidth === null ? 'bandwidth not limited' : `bandwidth limit ${limit(run.bandwidth)}`,
	perHost: run.perHost === null ? 'per host not limited' : `${run.perHost} per host`,
	rate: run.rate === null ? 'starts not limited' : `${run.rate} starts a second`,
});

/** `active: 12 with host:a, by size, reversed`: how many rows there are, and how they were chosen. */
export function listingSentence({tab, filter, sort}: View, rows: readonly Row[], isSorted: boolean): string {
	const isUsual = sort.by === unsorted.by && sort.reversed === unsorted.reversed;
	// Hosts have an order of their own.
	const order = tab !== 'hosts' && (isSorted || !isUsual) && `by ${sort.by}${sort.reversed ? ', reversed' : ''}`;
	const chosen = [filter !== '' && `with ${filter}`, order].filter(Boolean).join(', ');
	return `${tab}: ${count(rows.length)}${chosen === '' ? '' : ` ${chosen}`}`;
}

/** Signs as words, where they would be read out by their names or not at all. */
export const forEars = (theme: Theme): Theme => ({...theme, signs: {...theme.signs, arrow: 'to', minus: 'minus '}});

export function rowSentence(row: Row | undefined, scene: Pick<Scene, 'theme' | 'meter'>): string {
	if (row === undefined) return 'nothing here';
	if (isTask(row)) return taskSentence(row, scene);
	return isGroup(row) ? groupSentence(row) : hostSentence(row);
}

/** `task 17, receiving, 62 percent of 5.0 MB, 1.2 MB/s, mirror.example/big.iso` */
function taskSentence(task: Readonly<Task>, {theme, meter}: Pick<Scene, 'theme' | 'meter'>): string {
	const {number, state, received, total, result, waiting} = task;
	const isReceiving = state === 'receiving';
	const known = isReceiving && total ? `${Math.floor((received / total) * 100)} percent of ${bytes(total)}` : undefined;
	const parts = [
		`task ${number}`,
		state,
		known ?? (received > 0 && bytes(received)),
		isReceiving && rate(meter.speed(task)),
		(state === 'failed' && result?.error?.message) || waiting?.failure.message,
		label(task, theme),
	];
	return parts.filter(Boolean).join(', ');
}

const groupSentence = ({tasks, message, host, remedy}: Group): string =>
	[`${plural(tasks.length, 'task')}: ${message}`, host, remedy].filter(Boolean).join(', ');

/** `a.example, 2 running, 10 done, asked again in 8 seconds (429)` */
function hostSentence({host, running, queued, done, failed, cooldown}: Host): string {
	const counted = Object.entries({running, queued, done, failed}).filter(([, number]) => number > 0);
	const rest = cooldown && `asked again in ${plural(Math.ceil(cooldown.left / 1000), 'second')} (${cooldown.why})`;
	return [host, ...counted.map(([state, number]) => `${count(number)} ${state}`), rest].filter(Boolean).join(', ');
}

/** All keys, one a line. */
export const keySentences = ({
	keymap,
	theme,
}: {
	keymap: Pick<Keymap<never, unknown>, 'bindings' | 'shown'>;
	theme: Theme;
}): string[] => keymap.bindings.map(binding => theme.spell(`${keymap.shown(binding)}: ${binding.means}`));

/** As wide as details are in one column. */
const detailCells = 119;

/** Lines, blocks and braille: what is drawn. */
const drawn = /[\u2500-\u259f\u2800-\u28ff]+ */g;

/** The details, without the signs that a screen reader would spell out. */
export const detailSentences = (task: Readonly<Task>, scene: Scene): string[] =>
	detailLines(task, detailCells, scene)
		.map(line => line.trim().replace(/ {2,}/, ': '))
		.map(line => line.replace(`${scene.theme.glyphs[task.state]} `, '').replace(drawn, '').trim())
		.filter(line => line !== '');

const questions: Readonly<Record<Exclude<Prompt['kind'], 'confirm'>, string>> = {
	filter: 'type what to filter the rows by, then Enter',
	command: 'type a command, then Enter',
	add: 'type a URL to add, then Enter',
};

export const questionOf = (prompt: Prompt): string =>
	prompt.kind === 'confirm'
		? `add ${plural(prompt.urls.length, 'URL')}? y or Enter adds them, any other key does not`
		: questions[prompt.kind];
