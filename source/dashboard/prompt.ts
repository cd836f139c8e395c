import {urlsIn} from '../engine/target.ts';
import {plural} from '../format/number.ts';
import {sanitize} from '../format/sanitize.ts';
import {width} from '../format/width.ts';
import {type Action, actionsOf, type KeyContext, type Outcome} from './actions.ts';
import {add} from './acts.ts';
import {runCommand} from './command-line.ts';
import {edit, insert, type Line, textOf} from './line.ts';
import type {Theme} from './theme.ts';
import type {Prompt} from './view.ts';

type Typed = Exclude<Prompt, {kind: 'confirm'}>;

type Kind = {
	label: string;
	hint: string;
	/** What happens while it is typed. */
	typed?(text: string): Action;
	entered(text: string, context: KeyContext): Outcome;
	left?(): Action;
};

const kinds: Readonly<Record<Typed['kind'], Kind>> = {
	filter: {
		label: '/',
		hint: 'words, host:… status:… state:… error:…, ! before one is not',
		typed: text => ({view: {type: 'filter', text}}),
		entered: () => [],
		left: () => ({view: {type: 'filter', text: ''}}),
	},
	command: {label: ':', hint: 'c 32, limit 2M, per-host 4, …; help lists all', entered: runCommand},
	add: {label: 'add: ', hint: 'http://… or https://…', entered: (text, context) => add(urlsIn(text), context, true)},
};

const closed: Action = {view: {type: 'prompt', prompt: undefined}};

/** What a key does while a line is asked for: it belongs to the line, and to nothing else. */
export function answer(prompt: Prompt, key: string, context: KeyContext): ReadonlyArray<Action | string> {
	if (prompt.kind === 'confirm')
		return key === 'y' ? [closed, ...actionsOf(add(prompt.urls, context, true))] : [closed, 'nothing added'];
	const {line} = prompt;
	const kind = kinds[prompt.kind];
	if (key === 'enter') return [closed, ...actionsOf(kind.entered(textOf(line), context))];
	// Backspace on an empty line leaves, as in vi and less.
	const isLeft = key === 'escape' || key === 'ctrl-c' || (key === 'backspace' && textOf(line) === '');
	if (isLeft) return kind.left ? [closed, kind.left()] : [closed];
	const next = edit(line, key);
	return next ? typed(prompt, next) : [];
}

/** Characters of a paste that go into a line; nobody reads a longer one. */
const mostPasted = 1_000;

/** What comes of pasted text: it belongs to the line that is being typed, or its URLs are added. */
export function paste(text: string, context: KeyContext): ReadonlyArray<Action | string> {
	const {prompt} = context.view;
	if (prompt?.kind === 'filter' || prompt?.kind === 'command')
		return typed(prompt, insert(prompt.line, sanitize(text.slice(0, mostPasted))));
	return [...(prompt ? [closed] : []), ...actionsOf(add(urlsIn(text), context))];
}

function typed(prompt: Typed, line: Line): Action[] {
	const action = kinds[prompt.kind].typed?.(textOf(line));
	return [{view: {type: 'prompt', prompt: {...prompt, line}}}, ...(action ? [action] : [])];
}

/** The line as it is typed, at most `cells` wide: where it is too long, the part around the cursor. */
export function promptLine(prompt: Prompt, cells: number, {signs, faint, spell}: Theme): string {
	if (prompt.kind === 'confirm')
		return clip(` add ${plural(prompt.urls.length, 'URL')}?  y adds them, any other key does not`, cells);
	const {label, hint} = kinds[prompt.kind];
	const {before, after} = prompt.line;
	const text = ` ${label}${before}${signs.cursor}${after}`;
	if (before + after !== '') return clip(text, cells, width(` ${label}${before}${signs.cursor}`));
	const room = cells - width(text) - 3;
	return width(hint) <= room ? `${text}  ${faint(spell(hint))}` : clip(text, cells);
}

/** The first cells of a text, or those up to the cursor. */
function clip(text: string, cells: number, cursor = 0): string {
	let shown = text;
	while (width(shown) > cells && cursor > cells) {
		const first = [...shown][0] ?? '';
		shown = shown.slice(first.length);
		cursor -= width(first);
	}
	while (width(shown) > cells) shown = [...shown].slice(0, -1).join('');
	return shown;
}
