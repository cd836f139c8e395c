import {type Binding, type Hint, type Keymap, keymapOf} from '../keys/keymap.ts';
import * as acts from './acts.ts';

export type RaceBinding = Binding<acts.RaceContext, acts.RaceOutcome>;
export type RaceKeymap = Keymap<acts.RaceContext, acts.RaceOutcome>;

const limitHint: Hint = {does: 'limit', rank: 1, with: ['limit-up', 'limit-down']};

/** The one table of keys of a race: it makes the resolver, the help, the footer and the table in the manual. */
const bindings: readonly RaceBinding[] = [
	{name: 'limit-up', keys: ['+', '='], means: 'tasks at once up by 1', hint: limitHint, act: acts.limitBy(1)},
	{name: 'limit-down', keys: ['-', '_'], means: 'tasks at once down by 1', hint: limitHint, act: acts.limitBy(-1)},
	{name: 'limit-up-5', keys: ['}'], means: 'tasks at once up by 5', act: acts.limitBy(5)},
	{name: 'limit-down-5', keys: ['{'], means: 'tasks at once down by 5', act: acts.limitBy(-5)},
	{
		name: 'scope',
		keys: ['a'],
		means: 'limit of this lane, or of all',
		hint: {does: 'whose limit', rank: 5},
		act: acts.changeScope,
	},
	{
		name: 'kill',
		keys: ['K'],
		means: 'kill a worker: what becomes of its task?',
		hint: {does: 'kill a worker', rank: 4},
		act: acts.kill,
	},
	{name: 'skip', keys: ['x'], means: 'skip the lane that runs', hint: {does: 'skip', rank: 6}, act: acts.skip},
	{
		name: 'up',
		keys: ['up', 'k'],
		means: 'scroll up',
		hint: {does: 'scroll', rank: 7, with: ['up', 'down']},
		act: acts.scrollBy(-1),
	},
	{name: 'down', keys: ['down', 'j'], means: 'scroll down', act: acts.scrollBy(1)},
	{
		name: 'page',
		keys: ['pageup', 'pagedown'],
		means: 'a page up or down',
		act: (context, which) => acts.page(which === 0 ? -1 : 1)(context),
	},
	{name: 'first', keys: ['g', 'home'], means: 'to the first line', act: acts.scrollBy(Number.NEGATIVE_INFINITY)},
	{name: 'last', keys: ['G', 'end'], means: 'to the last line', act: acts.scrollBy(Number.POSITIVE_INFINITY)},
	{
		name: 'help',
		keys: ['?', 'h'],
		means: 'show or hide this help',
		hint: {does: 'help', rank: 3},
		act: () => [{view: {type: 'help'}}],
	},
	{name: 'back', keys: ['escape'], means: 'back from the help', act: acts.back},
	{
		name: 'quit',
		keys: ['q', 'ctrl-c'],
		means: 'stop the race and leave',
		hint: {does: 'quit', rank: 2},
		act: () => [{program: {type: 'leave'}}],
	},
	{name: 'suspend', keys: ['ctrl-z'], means: 'suspend; fg comes back', act: () => [{program: {type: 'suspend'}}]},
	{name: 'redraw', keys: ['ctrl-l'], means: 'draw the screen anew', act: () => [{program: {type: 'redraw'}}]},
];

export const raceKeymap: RaceKeymap = keymapOf(bindings);
