import type {Key} from 'ink';
import type {Command} from '../engine/commands.ts';
import {maxConcurrency} from '../engine/settings.ts';
import type {ReadonlyStore} from '../engine/store.ts';
import {isFinal, type Task} from '../engine/task.ts';
import type {View, ViewAction} from './view.ts';

/** What a key asks for: a command to the engine, a change of the view, or something of the program itself. */
export type Action = {command: Command} | {view: ViewAction} | {program: 'leave' | 'suspend' | 'redraw'};

export type KeyContext = {
	store: ReadonlyStore;
	view: View;
	selected: Readonly<Task> | undefined;
	/** Bytes a second, as measured. */
	speed: number;
};

export type Binding = {
	/** As `keysOf` names them. */
	keys: readonly string[];
	/** As shown to people. */
	shown: string;
	means: string;
	/** A few words for the footer, for the keys a newcomer needs first; lower numbers stay longer on narrow screens. */
	hint?: {text: string; rank: number};
	/** What it does now, or a sentence why it cannot. */
	act(context: KeyContext): Action | string;
};

const concurrencyBy =
	(step: number) =>
	({store}: KeyContext): Action | string => {
		const {concurrency} = store.run;
		const value = Math.max(1, Math.min(maxConcurrency, concurrency + step));
		if (value !== concurrency) return {command: {type: 'set-concurrency', value}};
		return `concurrency is already ${value}, the ${step > 0 ? 'most' : 'least'}`;
	};
/** Bytes a second: 1, 2, 5, 10, 20, 50 … of the units that `--limit-rate` takes. */
const bandwidths = ['K', 'M', 'G'].flatMap((_, power) =>
	[1, 2, 5, 10, 20, 50, 100, 200, 500].map(count => count * 1024 ** (power + 1)),
);

/** Down from what flows now, if nothing limits it yet; up to no limit at all. */
const lowerBandwidth = ({store, speed}: KeyContext): Action | string => {
	const {bandwidth} = store.run;
	const from = bandwidth ?? (speed > 0 ? speed : Number.POSITIVE_INFINITY);
	const value = bandwidths.findLast(step => step < from) ?? bandwidths[0] ?? null;
	if (value === bandwidth) return 'the bandwidth limit is already at its lowest';
	return {command: {type: 'set-bandwidth', value}};
};

const raiseBandwidth = ({store}: KeyContext): Action | string => {
	const {bandwidth} = store.run;
	if (bandwidth === null) return 'the bandwidth is not limited';
	return {command: {type: 'set-bandwidth', value: bandwidths.find(step => step > bandwidth) ?? null}};
};

/** One hint for both keys: it stays while one of them can act. */
const concurrencyHint = {text: '+ - concurrency', rank: 1};
const show = (tab: View['tab']) => (): Action => ({view: {type: 'tab', tab}});
const move = (by: number) => (): Action => ({view: {type: 'move', by}});

/** Acts on the selected task, or says why there is none. */
const onTask =
	(act: (task: Readonly<Task>) => Action | string) =>
	({selected}: KeyContext): Action | string =>
		selected ? act(selected) : 'no task is selected here';

const toggleRun = ({store}: KeyContext): Action | string => {
	const {state} = store.run;
	if (state === 'running') return {command: {type: 'pause'}};
	if (state === 'paused' || state === 'draining') return {command: {type: 'resume'}};
	return 'the run has ended: there is nothing to pause';
};

const toggleTask = onTask(({id, number, state}) => {
	if (state === 'paused') return {command: {type: 'resume-task', id}};
	return isFinal(state) ? `task ${number} is ${state}: it cannot be paused` : {command: {type: 'pause-task', id}};
});

const cancel = onTask(({id, number, state}) =>
	isFinal(state) ? `task ${number} is already ${state}` : {command: {type: 'cancel', id}},
);

const retry = onTask(({id, number, state}) => {
	if (state === 'failed' || state === 'canceled' || state === 'waiting') return {command: {type: 'retry', id}};
	return `task ${number} is ${state}: only a failed, canceled or waiting task can be retried`;
});

const retryFailed = ({store}: KeyContext): Action | string =>
	store.counts.failed > 0 ? {command: {type: 'retry-failed'}} : 'no task has failed';

const drain = ({store}: KeyContext): Action | string => {
	const {state} = store.run;
	if (state === 'running' || state === 'paused') return {command: {type: 'stop', mode: 'drain'}};
	return state === 'draining' ? 'already draining; p goes on with the run' : 'the run has ended: q leaves';
};

const back = ({view}: KeyContext): Action | string =>
	view.overlay ? {view: {type: 'overlay', overlay: undefined}} : 'q leaves, ? shows all keys';

/** The one table of keys: it makes the resolver, the help, the footer and the README's table. */
export const bindings: readonly Binding[] = [
	{
		keys: ['+', '='],
		shown: '+ =',
		means: 'concurrency up by 1',
		hint: concurrencyHint,
		act: concurrencyBy(1),
	},
	{keys: ['-', '_'], shown: '- _', means: 'concurrency down by 1', hint: concurrencyHint, act: concurrencyBy(-1)},
	{keys: ['}'], shown: '}', means: 'concurrency up by 5', act: concurrencyBy(5)},
	{keys: ['{'], shown: '{', means: 'concurrency down by 5', act: concurrencyBy(-5)},
	{keys: ['<'], shown: '<', means: 'bandwidth limit down', act: lowerBandwidth},
	{keys: ['>'], shown: '>', means: 'bandwidth limit up', act: raiseBandwidth},
	{keys: ['p'], shown: 'p', means: 'pause or resume the run', hint: {text: 'p pause', rank: 4}, act: toggleRun},
	{
		keys: ['space'],
		shown: 'space',
		means: 'pause or resume the task',
		hint: {text: 'space pause task', rank: 7},
		act: toggleTask,
	},
	{keys: ['x'], shown: 'x', means: 'cancel the task', hint: {text: 'x cancel', rank: 6}, act: cancel},
	{
		keys: ['r'],
		shown: 'r',
		means: 'retry the task now',
		hint: {text: 'r retry', rank: 8},
		act: retry,
	},
	{keys: ['R'], shown: 'R', means: 'retry all failed tasks', act: retryFailed},
	{
		keys: ['d'],
		shown: 'd',
		means: 'drain: finish, then leave',
		hint: {text: 'd drain', rank: 9},
		act: drain,
	},
	{keys: ['tab'], shown: 'Tab', means: 'next view', act: () => ({view: {type: 'next-tab'}})},
	{keys: ['1'], shown: '1', means: 'view: active tasks', act: show('active')},
	{keys: ['2'], shown: '2', means: 'view: queued tasks', act: show('queued')},
	{keys: ['3'], shown: '3', means: 'view: done tasks', act: show('done')},
	{keys: ['4'], shown: '4', means: 'view: failed tasks', act: show('failed')},
	{keys: ['up', 'k'], shown: '↑ k', means: 'select the row above', hint: {text: '↑↓ select', rank: 5}, act: move(-1)},
	{keys: ['down', 'j'], shown: '↓ j', means: 'select the row below', act: move(1)},
	{keys: ['pageup'], shown: 'PgUp', means: 'a page up', act: () => ({view: {type: 'page', by: -1}})},
	{keys: ['pagedown'], shown: 'PgDn', means: 'a page down', act: () => ({view: {type: 'page', by: 1}})},
	{keys: ['g', 'home'], shown: 'g Home', means: 'first row', act: move(Number.NEGATIVE_INFINITY)},
	{keys: ['G', 'end'], shown: 'G End', means: 'last row', act: move(Number.POSITIVE_INFINITY)},
	{
		keys: ['enter'],
		shown: 'Enter',
		means: 'details of the task',
		hint: {text: '⏎ details', rank: 10},
		act: onTask(() => ({view: {type: 'overlay', overlay: 'details'}})),
	},
	{keys: ['escape'], shown: 'Esc', means: 'back', act: back},
	{keys: ['z'], shown: 'z', means: 'freeze the screen only', act: () => ({view: {type: 'freeze'}})},
	{
		keys: ['?', 'h'],
		shown: '? h',
		means: 'show or hide this help',
		hint: {text: '? help', rank: 3},
		act: ({view}) => ({view: {type: 'overlay', overlay: view.overlay === 'help' ? undefined : 'help'}}),
	},
	{
		keys: ['q', 'ctrl-c'],
		shown: 'q Ctrl-C',
		means: 'stop, keep parts, leave',
		hint: {text: 'q quit', rank: 2},
		act: () => ({program: 'leave'}),
	},
	{
		keys: ['ctrl-z'],
		shown: 'Ctrl-Z',
		means: 'suspend; fg comes back',
		act: () => ({program: 'suspend'}),
	},
	{keys: ['ctrl-l'], shown: 'Ctrl-L', means: 'draw the screen anew', act: () => ({program: 'redraw'})},
];

const byKey = new Map(bindings.flatMap(binding => binding.keys.map(key => [key, binding] as const)));

export const bindingOf = (key: string): Binding | undefined => byKey.get(key);

const named = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['pageUp', 'pageup'],
	['pageDown', 'pagedown'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'escape'],
	['tab', 'tab'],
] as const satisfies ReadonlyArray<readonly [keyof Key, string]>;

const characters: Readonly<Record<string, string>> = {' ': 'space', '\r': 'enter', '\n': 'enter', '\t': 'tab'};

/** The keys in one input event: usually one, but keys that arrive together come as one string. */
export function keysOf(input: string, key: Key): string[] {
	const special = named.find(([flag]) => key[flag]);
	if (special) return [special[1]];
	if (key.ctrl) return [`ctrl-${input}`];
	return [...input].map(character => characters[character] ?? character);
}
