import type {Key} from 'ink';
import {sanitize} from '../../format/sanitize.ts';
import {tabs} from '../rows/view.ts';
import type {KeyContext, Outcome} from './actions.ts';
import * as acts from './acts.ts';

/** `Context`: what it may know; `Made`: what comes of it. */
export type Binding<Context = KeyContext, Made = Outcome> = {
	/** As the config file calls it. */
	name: string;
	/** As `keysOf` names them. */
	keys: readonly string[];
	means: string;
	/** For the footer: what it does, for the keys a newcomer needs first; lower ranks stay longer on narrow screens. */
	hint?: Hint;
	/** It is about a run that goes on: of one that is shown again it is not offered. */
	needsRun?: true;
	/** What it does now, or a sentence why it cannot. `which` of its keys was pressed, from 0. */
	act(context: Context, which: number): Made;
};

/** `with`: other bindings that the same hint is for; it stays while one of them can act. */
export type Hint = {does: string; rank: number; with?: readonly string[]};

const concurrencyHint: Hint = {does: 'concurrency', rank: 1, with: ['concurrency-up', 'concurrency-down']};

/** The one table of keys: it makes the resolver, the help, the footer and the README's table. */
export const standardBindings: readonly Binding[] = [
	{
		name: 'concurrency-up',
		needsRun: true,
		keys: ['+', '='],
		means: 'concurrency up by 1',
		hint: concurrencyHint,
		act: acts.concurrencyBy(1),
	},
	{
		name: 'concurrency-down',
		needsRun: true,
		keys: ['-', '_'],
		means: 'concurrency down by 1',
		hint: concurrencyHint,
		act: acts.concurrencyBy(-1),
	},
	{name: 'concurrency-up-5', needsRun: true, keys: ['}'], means: 'concurrency up by 5', act: acts.concurrencyBy(5)},
	{
		name: 'concurrency-down-5',
		needsRun: true,
		keys: ['{'],
		means: 'concurrency down by 5',
		act: acts.concurrencyBy(-5),
	},
	{name: 'effects', keys: ['e'], means: 'what + and - did so far', act: acts.toggle('effects')},
	{name: 'bandwidth-down', keys: ['<'], means: 'bandwidth limit down', act: acts.lowerBandwidth},
	{name: 'bandwidth-up', keys: ['>'], means: 'bandwidth limit up', act: acts.raiseBandwidth},
	{name: 'pause', keys: ['p'], means: 'pause or resume the run', hint: {does: 'pause', rank: 4}, act: acts.toggleRun},
	{
		name: 'pause-task',
		needsRun: true,
		keys: ['space'],
		means: 'pause or resume the task',
		hint: {does: 'pause task', rank: 8},
		act: acts.toggleTask,
	},
	{
		name: 'cancel',
		needsRun: true,
		keys: ['x'],
		means: 'cancel the task',
		hint: {does: 'cancel', rank: 6},
		act: acts.cancel,
	},
	{name: 'undo', needsRun: true, keys: ['u'], means: 'undo the last cancel', act: acts.undo},
	{
		name: 'retry',
		needsRun: true,
		keys: ['r'],
		means: 'retry the task or group',
		hint: {does: 'retry', rank: 9},
		act: acts.retry,
	},
	{name: 'retry-all', needsRun: true, keys: ['R'], means: 'retry all failed tasks', act: acts.retryFailed},
	{name: 'promote', needsRun: true, keys: ['t'], means: 'move the task to the front', act: acts.promote},
	{name: 'add', needsRun: true, keys: ['a'], means: 'add URLs (or paste them)', act: acts.askForUrls},
	{
		name: 'drain',
		needsRun: true,
		keys: ['d'],
		means: 'drain: finish, then leave',
		hint: {does: 'drain', rank: 10},
		act: acts.drain,
	},
	{
		name: 'filter',
		keys: ['/'],
		means: 'filter the rows',
		hint: {does: 'filter', rank: 11},
		act: ({view}) => acts.ask('filter', view.filter),
	},
	{name: 'sort', keys: ['s'], means: 'sort by the next column', act: acts.sort({type: 'next-sort'})},
	{name: 'reverse', keys: ['S'], means: 'reverse the order', act: acts.sort({type: 'reverse'})},
	{
		name: 'view',
		keys: tabs.map((_, index) => String(index + 1)),
		means: 'go to a view',
		act: (_, which) => acts.show(tabs[which] ?? 'active'),
	},
	{
		name: 'next-view',
		keys: ['tab'],
		means: 'next view',
		hint: {does: 'view', rank: 7},
		act: () => ({view: {type: 'next-tab'}}),
	},
	{
		name: 'up',
		keys: ['up', 'k'],
		means: 'select the row above',
		hint: {does: 'select', rank: 5, with: ['up', 'down']},
		act: acts.move(-1),
	},
	{name: 'down', keys: ['down', 'j'], means: 'select the row below', act: acts.move(1)},
	{
		name: 'page',
		keys: ['pageup', 'pagedown'],
		means: 'a page up or down',
		act: (_, which) => acts.page(which === 0 ? -1 : 1),
	},
	{name: 'first', keys: ['g', 'home'], means: 'first row', act: acts.move(Number.NEGATIVE_INFINITY)},
	{name: 'last', keys: ['G', 'end'], means: 'last row', act: acts.move(Number.POSITIVE_INFINITY)},
	{
		name: 'details',
		keys: ['enter'],
		means: 'look closer; open the group',
		hint: {does: 'details', rank: 12},
		act: acts.look,
	},
	{name: 'back', keys: ['escape'], means: 'back; ends the filter', act: acts.back},
	{name: 'open', needsRun: true, keys: ['o'], means: 'open the saved file', act: acts.open},
	{name: 'copy', keys: ['y'], means: 'copy the URL', act: acts.copy},
	{name: 'freeze', keys: ['z'], means: 'freeze the screen only', act: () => ({view: {type: 'freeze'}})},
	{name: 'command', keys: [':'], means: 'type a command', act: () => acts.ask('command')},
	{
		name: 'help',
		keys: ['?', 'h'],
		means: 'show or hide this help',
		hint: {does: 'help', rank: 3},
		act: acts.toggle('help'),
	},
	{
		name: 'quit',
		keys: ['q', 'ctrl-c'],
		means: 'stop, keep parts, leave',
		hint: {does: 'quit', rank: 2},
		act: () => ({program: {type: 'leave'}}),
	},
	{name: 'suspend', keys: ['ctrl-z'], means: 'suspend; fg comes back', act: () => ({program: {type: 'suspend'}})},
	{name: 'redraw', keys: ['ctrl-l'], means: 'draw the screen anew', act: () => ({program: {type: 'redraw'}})},
];

/** What the terminal's special keys are called, here and to people. */
const special = {
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	pageup: 'PgUp',
	pagedown: 'PgDn',
	home: 'Home',
	end: 'End',
	enter: 'Enter',
	escape: 'Esc',
	tab: 'Tab',
	space: 'space',
	backspace: 'Backspace',
	delete: 'Del',
} as const;

const isSpecial = (key: string): key is keyof typeof special => Object.hasOwn(special, key);

/** A key as people call it. */
const shownKey = (key: string): string => {
	if (isSpecial(key)) return special[key];
	return key.startsWith('ctrl-') ? `Ctrl-${key.slice(5).toUpperCase()}` : key;
};

/** Which key does what. */
export type Keymap<Context = KeyContext, Made = Outcome> = {
	bindings: readonly Binding<Context, Made>[];
	/** The binding of a key, and which of its keys that is. */
	find(key: string): {binding: Binding<Context, Made>; which: number} | undefined;
	/** All keys of a binding, for people: `+ =`. */
	shown(binding: {readonly keys: readonly string[]}): string;
	/** The first key of the binding of this name, for people; empty if it has none. */
	keyOf(name: string): string;
};

/** A table of keys, ready to be asked. */
export function keymapOf<Context, Made>(bindings: readonly Binding<Context, Made>[]): Keymap<Context, Made> {
	const byKey = new Map(
		bindings.flatMap(binding => binding.keys.map((key, which) => [key, {binding, which}] as const)),
	);
	const byName = new Map(bindings.map(binding => [binding.name, binding]));
	return {
		bindings,
		find: key => byKey.get(key),
		shown: ({keys}) => keys.map(shownKey).join(' '),
		keyOf: name => shownKey(byName.get(name)?.keys[0] ?? ''),
	};
}

/**
 * The standard keys, but for those that somebody wants otherwise: names of bindings, each with all its keys. A key that is given to
 * one is taken from the others. Throws with a sentence about what cannot be.
 */
export function createKeymap(wanted: Readonly<Record<string, readonly string[]>> = {}): Keymap {
	const problem = problemOf(wanted);
	if (problem !== undefined) throw new Error(problem);
	const taken = new Set(Object.values(wanted).flat());
	return keymapOf(
		standardBindings.map(binding => {
			const own = Object.hasOwn(wanted, binding.name) ? wanted[binding.name] : undefined;
			const keys = own ?? binding.keys.filter(key => !taken.has(key));
			const isLocked = binding.name === 'quit' && !keys.includes(reserved);
			return {...binding, keys: isLocked ? [...keys, reserved] : keys};
		}),
	);
}

/** Ctrl-C always leaves: whoever loses the key for it must not be locked in. */
const reserved = 'ctrl-c';

function problemOf(wanted: Readonly<Record<string, readonly string[]>>): string | undefined {
	const names = standardBindings.map(({name}) => name);
	const seen = new Map<string, string>();
	for (const [name, keys] of Object.entries(wanted)) {
		if (!names.includes(name)) return `there is no key for '${name}'; there are ${names.join(', ')}`;
		for (const key of keys) {
			const other = seen.get(key);
			if (!isKey(key))
				return `'${key}' is no key; a key is a character, ctrl- and a letter, or one of ${Object.keys(special).join(', ')}`;
			if (other !== undefined) return `the key '${key}' is wanted for '${other}' and for '${name}'`;
			if (key === reserved && name !== 'quit') return `the key '${reserved}' always leaves`;
			seen.set(key, name);
		}
	}
	return undefined;
}

const isKey = (key: string): boolean =>
	isSpecial(key) || /^ctrl-[a-z]$/.test(key) || ([...key].length === 1 && key !== ' ');

const named = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['leftArrow', 'left'],
	['rightArrow', 'right'],
	['pageUp', 'pageup'],
	['pageDown', 'pagedown'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'escape'],
	['tab', 'tab'],
	['backspace', 'backspace'],
	['delete', 'delete'],
] as const satisfies ReadonlyArray<readonly [keyof Key, keyof typeof special]>;

const characters: Readonly<Record<string, string>> = {
	' ': 'space',
	'\r': 'enter',
	'\n': 'enter',
	'\t': 'tab',
	'\u007f': 'backspace',
};

/** Typed fast, or over a slow line, a control character comes with others in one piece. */
function controlKey(character: string): string | undefined {
	const code = character.charCodeAt(0);
	return code >= 1 && code <= 26 ? `ctrl-${String.fromCharCode(code + 96)}` : undefined;
}

/** The keys in one input event: usually one, but keys that arrive together come as one string. */
export function keysOf(input: string, key: Key): string[] {
	const found = named.find(([flag]) => key[flag]);
	if (found) return [found[1]];
	const keys = key.ctrl
		? [`ctrl-${input}`]
		: [...input].map(character => characters[character] ?? controlKey(character) ?? character);
	// What is no character has no key, and would do harm where a key is named that does nothing.
	return keys.filter(each => sanitize(each) === each);
}
