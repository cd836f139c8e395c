import type {ReadonlyStore} from '../../engine/store.ts';
import {truncate, width} from '../../format/width.ts';
import type {KeyContext} from '../keys/actions.ts';
import type {Keymap} from '../keys/keymap.ts';
import type {Meter} from '../measuring/meter.ts';
import {isGroup, isTask, type Row} from '../rows/rows.ts';
import type {View} from '../rows/view.ts';
import {row} from './columns.ts';
import {detailLines} from './details.ts';
import {effectLines} from './effect-lines.ts';
import {graphLines} from './graphs.ts';
import {groupRow} from './group-row.ts';
import {type HeaderContext, ratesLine, totalsLine} from './header.ts';
import {helpLines, hintLine} from './help.ts';
import {hostHeading, hostRow} from './host-row.ts';
import {promptLine} from './prompt-line.ts';
import {tabsLine} from './tabs.ts';
import type {Theme} from './theme.ts';

export type Size = {columns: number; rows: number};

export type Scene = {
	store: ReadonlyStore;
	view: View;
	rows: readonly Row[];
	meter: Meter;
	theme: Theme;
	keymap: Keymap;
	size: Size;
	now: number;
	/** How a recorded run is shown, if it is one. */
	replay?: string | undefined;
};

/**
 * Finished lines, one fewer than the terminal is high, each narrower than it: the last column stays free, for a cursor behind a
 * character there stands differently from terminal to terminal.
 */
export type Frame = {lines: string[]};

/** Lines above and below the rows; a very low terminal gives them up one by one, the least needed first. */
const chrome = [
	{name: 'rates', from: 5},
	{name: 'tabs', from: 7},
	{name: 'footer', from: 6},
	{name: 'rule', from: 12},
	{name: 'graphs', from: 20, lines: 3, isCovered: true},
	{name: 'tall graphs', from: 32, lines: 1, isCovered: true},
] as const;

type Chrome = (typeof chrome)[number]['name'];

/** What the layout depends on: an overlay takes the place of the graphs, too. */
type Shape = Pick<View, 'overlay' | 'tab'>;

const linesOf = (name: Chrome, {rows}: Size, {overlay}: Shape): number => {
	const part = chrome.find(each => each.name === name);
	if (!part || rows < part.from || (overlay && 'isCovered' in part)) return 0;
	return 'lines' in part ? part.lines : 1;
};

/** How many rows fit: what the header, the tabs and the footer leave of all lines but one. Hosts have a heading. */
export function rowsThatFit(size: Size, shape: Shape): number {
	const taken = chrome.reduce((sum, {name}) => sum + linesOf(name, size, shape), headingLines(size, shape));
	return Math.max(1, size.rows - 2 - taken);
}

const headingLines = ({rows}: Size, {overlay, tab}: Shape): number =>
	tab === 'hosts' && !overlay && rows >= 8 ? 1 : 0;

/** The whole screen as text. Pure: the same scene gives the same lines, and all layout arithmetic is here and below. */
export function frame(scene: Scene): Frame {
	const {size, theme, view} = scene;
	const cells = size.columns;
	const header: HeaderContext = scene;
	const has = (name: Chrome) => linesOf(name, size, view);
	const lines = [theme.strong(totalsLine(header, cells))];
	const graphs = has('graphs') + has('tall graphs');
	if (has('rates')) lines.push(ratesLine(header, cells, graphs > 0));
	if (graphs > 0) lines.push(...graphLines(header, cells, graphs));
	if (has('tabs')) lines.push(tabsLine(scene, cells));
	if (headingLines(size, view) > 0) lines.push(hostHeading(cells, theme));
	lines.push(...middle(scene, rowsThatFit(size, view)));
	if (has('rule')) lines.push(theme.faint(` ${theme.signs.rule.repeat(Math.max(0, cells - 2))}`));
	if (has('footer')) lines.push(footer(scene));
	return {lines: lines.slice(0, Math.max(1, size.rows - 1)).map(line => within(line, cells))};
}

/** Of so few columns there are lines that need more. All others are measured only once, where they are laid out. */
const tiny = 20;

/** A line in what a tiny terminal has room for. */
export function within(line: string, columns: number): string {
	if (columns >= tiny) return line;
	let room = columns - 1;
	const pieces = line.split(/(\u001b\[\d+m)/).map((piece, index) => {
		if (index % 2 === 1) return piece;
		const kept = truncate(piece, room, '');
		room -= width(kept);
		return kept;
	});
	return pieces.join('');
}

/** What a key has to know of the scene it is pressed in. */
export const keyContextOf = ({store, view, rows, meter, keymap}: Scene): KeyContext => ({
	store,
	view,
	selected: rows[view.index],
	speed: meter.bytesPerSecond,
	keyOf: keymap.keyOf,
});

/** The footer alone: what a key that cannot act has to say is told even on a frozen screen. */
export function footer(scene: Scene): string {
	const {view, size, now, theme, keymap} = scene;
	const {notice, prompt} = view;
	const room = size.columns - 1;
	if (prompt) return promptLine(prompt, room, theme);
	if (notice && notice.until > now) return theme.alert(` ${truncate(notice.text, room - 1, theme.signs.ellipsis)}`);
	return hintLine(room, keyContextOf(scene), keymap, theme);
}

/** The lines of a frozen screen, with the footer of now. */
export function withFooter(frozen: Frame, scene: Scene): Frame {
	return linesOf('footer', scene.size, scene.view) > 0
		? {lines: [...frozen.lines.slice(0, -1), within(footer(scene), scene.size.columns)]}
		: frozen;
}

/** Exactly `height` lines: the rows of the view, or the overlay that covers them. */
function middle(scene: Scene, height: number): string[] {
	const lines = contents(scene, height).slice(0, height);
	return [...lines, ...Array.from({length: height - lines.length}, () => '')];
}

function contents(scene: Scene, height: number): string[] {
	const {view, rows, size, theme} = scene;
	const overlay = overlayLines(scene);
	if (overlay) return overlay.slice(limitScroll(view.scroll, overlay.length, height));
	if (rows.length === 0) return [emptyLine(scene)];
	return rows.slice(view.top, view.top + height).map((each, offset) => {
		const selected = view.top + offset === view.index;
		if (isTask(each)) return row(each, selected, size.columns, scene);
		if (isGroup(each)) return groupRow(each, {selected, isOpen: view.open.has(each.id)}, size.columns, theme);
		return hostRow(each, size.columns, theme, selected);
	});
}

/** All lines of the overlay, when one is open and has something to show. */
function overlayLines(scene: Scene): string[] | undefined {
	const {view, rows, size, theme, keymap} = scene;
	const selected = rows[view.index];
	if (view.overlay === 'help') return helpLines(size.columns, keymap, theme, scene.replay !== undefined);
	if (view.overlay === 'effects') return effectLines(scene, size.columns);
	return view.overlay === 'details' && isTask(selected) ? detailLines(selected, size.columns, scene) : undefined;
}

/** How far the overlay is scrolled: at most until its last line is in sight. */
export const scrollOf = (scene: Scene): number =>
	limitScroll(scene.view.scroll, overlayLines(scene)?.length ?? 0, rowsThatFit(scene.size, scene.view));

const limitScroll = (scroll: number, lines: number, height: number): number =>
	Math.max(0, Math.min(scroll, lines - height));

function emptyLine({view: {tab, filter}, store: {run}, size, theme}: Scene): string {
	const texts = {
		active: 'nothing is running',
		queued: 'nothing is queued',
		done: 'nothing is done yet',
		failed: 'nothing has failed',
		hosts: 'no host has been asked yet',
	};
	const waiting = run.inputOpen && tab === 'active' ? 'waiting for the first URL' : texts[tab];
	const what = filter === '' ? waiting : 'nothing here matches the filter';
	return truncate(`   ${what}`, size.columns - 1, theme.signs.ellipsis);
}
