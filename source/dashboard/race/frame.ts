import {sanitize} from '../../format/sanitize.ts';
import {fit, truncate} from '../../format/width.ts';
import {type Frame, type Size, within} from '../drawing/frame.ts';
import {hintsThatFit, keyTable} from '../drawing/help.ts';
import type {Theme} from '../drawing/theme.ts';
import type {RaceContext} from './acts.ts';
import {raceLine, steeringLine} from './header.ts';
import {laneLines, lanesAtRest} from './lanes.ts';
import {cellsOf} from './looks.ts';
import type {RaceScene} from './scene.ts';

/** Lines around the lanes; a very low terminal gives them up one by one, the least needed first. */
const chrome = {header: 2, steering: 8, footer: 6, rule: 13} as const;
type Chrome = keyof typeof chrome;

const has = (name: Chrome, {rows}: Size): boolean => rows >= chrome[name] + 1;

/** What is left for the lanes, of all lines but one. */
function heightOf(size: Size): number {
	const taken = (Object.keys(chrome) as Chrome[]).filter(name => has(name, size)).length;
	return Math.max(1, size.rows - 1 - taken);
}

/** The whole screen as text. Pure: the same scene gives the same lines. */
export function raceFrame(scene: RaceScene): Frame {
	const {size, theme, view} = scene;
	const cells = size.columns;
	const height = heightOf(size);
	const all = contents(scene, height);
	const most = Math.max(0, all.length - height);
	const from = Math.min(view.scroll, most);
	const lines = has('header', size) ? [theme.strong(raceLine(scene, cells))] : [];
	if (has('steering', size)) lines.push(steeringLine(scene, cells));
	const shown = all.slice(from, from + height);
	lines.push(...shown, ...Array.from({length: height - shown.length}, () => ''));
	if (has('rule', size)) lines.push(ruleLine(from, most - from, cells, theme));
	if (has('footer', size)) lines.push(footer(scene, contextOf(scene, height, most)));
	return {lines: lines.slice(0, Math.max(1, size.rows - 1)).map(line => within(line, cells))};
}

/** What a key has to know of the scene it is pressed in. */
export function raceContextOf(scene: RaceScene): RaceContext {
	const height = heightOf(scene.size);
	return contextOf(scene, height, Math.max(0, contents(scene, height).length - height));
}

/** The same, where it is known already how much there is. */
const contextOf = ({store, view}: RaceScene, height: number, most: number): RaceContext => ({
	store,
	view,
	height,
	most,
});

/** All that there is between header and footer: lanes fit themselves in, the help and the report are scrolled. */
function contents(scene: RaceScene, height: number): string[] {
	const {store, view, size, theme} = scene;
	if (view.hasHelp) return helpLines(scene);
	if (store.state === 'running') return laneLines(scene, size.columns, height);
	const room = Math.max(1, size.columns - 2);
	const report = scene.report(store, {columns: Math.max(1, size.columns - 1), ascii: theme.ascii});
	const lines = report.map(line => truncate(sanitize(line), room, theme.signs.ellipsis));
	return [...lanesAtRest(scene, size.columns), '', ...lines.map(line => ` ${line}`.trimEnd())];
}

const pictureCells = 11;

/** The keys, and what the signs mean. */
function helpLines({size, theme, keymap}: RaceScene): string[] {
	const {busy, idle, done, failed, left} = cellsOf(theme);
	const signs = [
		`${done} done  ${failed} failed  ${left} still to be done  ${busy} a slot with a task  ${idle} a free one`,
		`${fit(`[${busy}][${busy}][${idle}]`, pictureCells)}threads or processes, each with one task`,
		`${fit(`[${busy}${busy}${idle}]`, pictureCells)}one thread with all of the tasks`,
		`${fit(`${busy}${busy}${idle}`, pictureCells)}tasks that workers hand on to each other`,
	];
	const told = signs.map(line => ` ${truncate(line, Math.max(0, size.columns - 2), theme.signs.ellipsis)}`);
	return [...keyTable(size.columns, keymap, theme), '', ...told];
}

/** It says what is out of sight. */
function ruleLine(above: number, below: number, cells: number, theme: Theme): string {
	const {rule, up, down} = theme.signs;
	const hidden = [above > 0 ? `${up} ${above}` : '', below > 0 ? `${down} ${below} more` : ''].filter(Boolean);
	const told = hidden.length > 0 ? ` ${hidden.join('  ')} ` : '';
	const room = cells - 2 - told.length;
	if (told === '' || room < 4) return theme.faint(` ${rule.repeat(Math.max(0, cells - 2))}`);
	return ` ${theme.faint(rule.repeat(room - 2))}${told}${theme.faint(rule.repeat(2))}`;
}

/** What the last key had to say, or the keys that can do something now. */
function footer({view, size, theme, keymap}: RaceScene, context: RaceContext): string {
	const room = size.columns - 1;
	if (view.notice !== undefined) return theme.alert(` ${truncate(view.notice, room - 1, theme.signs.ellipsis)}`);
	const hints = keymap.bindings.flatMap(({name, hint, act}) => {
		const [first] = act(context, 0);
		return hint && typeof first === 'object' ? [{name, ...hint}] : [];
	});
	return hintsThatFit(room, hints, keymap, theme);
}
