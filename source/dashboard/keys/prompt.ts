import {urlsIn} from '../../engine/target.ts';
import {sanitize} from '../../format/sanitize.ts';
import {edit, insert, type Line, textOf} from '../rows/line.ts';
import type {Prompt} from '../rows/view.ts';
import {type Action, actionsOf, type KeyContext, type Outcome} from './actions.ts';
import {add} from './acts.ts';
import {runCommand} from './command-line.ts';

type Typed = Exclude<Prompt, {kind: 'confirm'}>;

type Kind = {
	label: string;
	hint: string;
	/** What happens while it is typed. */
	typed?(text: string): Action;
	entered(text: string, context: KeyContext): Outcome;
	left?(): Action;
};

/** What is asked for, and what comes of the answer. */
export const kinds: Readonly<Record<Typed['kind'], Kind>> = {
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
		return key === 'y' || key === 'enter'
			? [closed, ...actionsOf(add(prompt.urls, context, true))]
			: [closed, 'nothing added'];
	const {line} = prompt;
	const kind = kinds[prompt.kind];
	if (key === 'enter') return entered(prompt, kind.entered(textOf(line), context));
	// Backspace on an empty line leaves, as in vi and less.
	const isLeft = key === 'escape' || key === 'ctrl-c' || (key === 'backspace' && textOf(line) === '');
	if (isLeft) return kind.left ? [closed, kind.left()] : [closed];
	const next = edit(line, key);
	return next ? typed(prompt, next) : [];
}

/** What cannot be done can be corrected: typed anew, it would be taken for keys. */
const entered = (prompt: Typed, outcome: Outcome): ReadonlyArray<Action | string> =>
	typeof outcome === 'string'
		? [{view: {type: 'prompt', prompt: {...prompt, problem: outcome}}}]
		: [closed, ...actionsOf(outcome)];

/** Characters of a line; nobody reads a longer one. */
const longest = 1_000;

/** What comes of pasted text: it belongs to the line that is being typed, or its URLs are added. */
export function paste(text: string, context: KeyContext): ReadonlyArray<Action | string> {
	const {prompt} = context.view;
	if (prompt?.kind === 'filter' || prompt?.kind === 'command')
		return typed(prompt, insert(prompt.line, sanitize(text.slice(0, longest - textOf(prompt.line).length))));
	return [...(prompt ? [closed] : []), ...actionsOf(add(urlsIn(text), context))];
}

function typed(prompt: Typed, line: Line): Action[] {
	const action = kinds[prompt.kind].typed?.(textOf(line));
	return [{view: {type: 'prompt', prompt: {kind: prompt.kind, line}}}, ...(action ? [action] : [])];
}
