import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import type {Key} from 'ink';
import {type Action, bindingOf, bindings, keysOf} from '../source/dashboard/keymap.ts';
import {initialView, type View} from '../source/dashboard/view.ts';
import type {RunState} from '../source/engine/events.ts';
import type {State, TaskId} from '../source/engine/task.ts';
import {noLimits, Story} from './helpers/store.ts';

const noKey = {} as Key;

/** The keys of DESIGN §6 that issue 2 asks for, as `keysOf` names them. */
const promised = [
	...[
		'+',
		'-',
		'=',
		'_',
		'{',
		'}',
		'<',
		'>',
		'p',
		'space',
		'x',
		'r',
		'R',
		'd',
		'tab',
		'1',
		'2',
		'3',
		'4',
		'up',
		'down',
		'j',
		'k',
	],
	...['g', 'G', 'pageup', 'pagedown', 'enter', 'escape', 'z', '?', 'h', 'q', 'ctrl-c', 'ctrl-z', 'ctrl-l'],
];

type Situation = {
	run?: RunState;
	concurrency?: number;
	bandwidth?: number;
	task?: State;
	view?: Partial<View>;
	failed?: boolean;
};

/** What a key does when the run and the selected task (always `t1`) are in these states. */
function press(
	key: string,
	{run = 'running', concurrency = 8, bandwidth, task, view, failed = false}: Situation = {},
): Action | string {
	const story = new Story()
		.emit({type: 'limits', ...noLimits, concurrency, ...(bandwidth && {bandwidth})})
		.run('running');
	if (task) story.become(story.queue('https://example.com/'), task);
	if (failed) story.become(story.queue('https://example.com/failing'), 'failed');
	if (run !== 'running') story.run(run);
	const selected = task && story.task('t1');
	const binding = bindingOf(key);
	assert.ok(binding, `${key} is not bound`);
	return binding.act({store: story.store, view: {...initialView, ...view}, selected, speed: 3e6});
}

const command = (type: string, more: object = {}): Action => ({command: {type, ...more}}) as unknown as Action;
const ofTask = (type: string): Action => command(type, {id: 't1' satisfies TaskId});
const view = (action: object): Action => ({view: action}) as Action;
const bandwidth = (value: number | null) => command('set-bandwidth', {value});
const concurrency = (value: number) => command('set-concurrency', {value});

type Case = readonly [key: string, situation: Situation, outcome: Action | RegExp];

const ofRun: readonly Case[] = [
	['+', {}, concurrency(9)],
	['=', {}, concurrency(9)],
	['-', {}, concurrency(7)],
	['_', {}, concurrency(7)],
	['}', {}, concurrency(13)],
	['{', {}, concurrency(3)],
	['-', {run: 'paused'}, concurrency(7)],
	['{', {concurrency: 4}, concurrency(1)],
	['<', {}, bandwidth(2 * 1024 ** 2)],
	['<', {bandwidth: 5 * 1024 ** 2}, bandwidth(2 * 1024 ** 2)],
	['<', {bandwidth: 1024 ** 2}, bandwidth(500 * 1024)],
	['<', {bandwidth: 1024}, /already at its lowest/],
	['>', {}, /not limited/],
	['>', {bandwidth: 1024 ** 2}, bandwidth(2 * 1024 ** 2)],
	['>', {bandwidth: 1_000_000}, bandwidth(1024 ** 2)],
	['>', {bandwidth: 500 * 1024 ** 3}, bandwidth(null)],
	['p', {run: 'running'}, command('pause')],
	['p', {run: 'paused'}, command('resume')],
	['p', {run: 'draining'}, command('resume')],
	['p', {run: 'stopping'}, /stopping|nothing to pause/],
	['p', {run: 'ended'}, /ended/],
	['R', {failed: true}, command('retry-failed')],
	['R', {}, /no task has failed/],
	['d', {run: 'running'}, command('stop', {mode: 'drain'})],
	['d', {run: 'paused'}, command('stop', {mode: 'drain'})],
	['d', {run: 'draining'}, /already draining/],
	['d', {run: 'stopping'}, /stopping|q leaves/],
	['d', {run: 'ended'}, /ended/],
	['q', {}, {program: 'leave'}],
	['q', {run: 'ended'}, {program: 'leave'}],
	['ctrl-c', {}, {program: 'leave'}],
	['ctrl-z', {}, {program: 'suspend'}],
	['ctrl-l', {}, {program: 'redraw'}],
];

const ofSelected: readonly Case[] = [
	...['x', 'r', 'space', 'enter'].map(key => [key, {}, /no task is selected/] as const),
	...(['queued', 'connecting', 'receiving', 'extracting', 'waiting'] as const).flatMap(
		task =>
			[
				['space', {task}, ofTask('pause-task')],
				['x', {task}, ofTask('cancel')],
			] as const,
	),
	...(['done', 'failed', 'canceled', 'skipped'] as const).flatMap(
		task =>
			[
				['space', {task}, new RegExp(`task 1 is ${task}`)],
				['x', {task}, new RegExp(`task 1 is already ${task}`)],
			] as const,
	),
	['space', {task: 'paused'}, ofTask('resume-task')],
	['x', {task: 'paused'}, ofTask('cancel')],
	...(['failed', 'canceled', 'waiting'] as const).map(task => ['r', {task}, ofTask('retry')] as const),
	...(['queued', 'connecting', 'receiving', 'extracting', 'paused', 'done', 'skipped'] as const).map(
		task => ['r', {task}, new RegExp(`task 1 is ${task}: only`)] as const,
	),
	['enter', {task: 'done'}, view({type: 'overlay', overlay: 'details'})],
];

const ofView: readonly Case[] = [
	['tab', {}, view({type: 'next-tab'})],
	['1', {}, view({type: 'tab', tab: 'active'})],
	['2', {}, view({type: 'tab', tab: 'queued'})],
	['3', {}, view({type: 'tab', tab: 'done'})],
	['4', {}, view({type: 'tab', tab: 'failed'})],
	['up', {}, view({type: 'move', by: -1})],
	['k', {}, view({type: 'move', by: -1})],
	['down', {}, view({type: 'move', by: 1})],
	['j', {}, view({type: 'move', by: 1})],
	['pageup', {}, view({type: 'page', by: -1})],
	['pagedown', {}, view({type: 'page', by: 1})],
	['g', {}, view({type: 'move', by: Number.NEGATIVE_INFINITY})],
	['G', {}, view({type: 'move', by: Number.POSITIVE_INFINITY})],
	['z', {}, view({type: 'freeze'})],
	['?', {}, view({type: 'overlay', overlay: 'help'})],
	['h', {view: {overlay: 'help'}}, view({type: 'overlay', overlay: undefined})],
	['escape', {view: {overlay: 'details'}}, view({type: 'overlay', overlay: undefined})],
	['escape', {}, /q leaves/],
];

suite('keys', () => {
	test('no key is bound twice', () => {
		const keys = bindings.flatMap(binding => binding.keys);
		assert.deepEqual(keys.toSorted(), [...new Set(keys)].toSorted());
	});

	for (const key of promised) test(`${key} is bound`, () => assert.ok(bindingOf(key)));

	for (const [key, situation, outcome] of [...ofRun, ...ofSelected, ...ofView]) {
		const when = JSON.stringify(situation);
		const does = outcome instanceof RegExp ? 'says why it cannot act' : JSON.stringify(outcome);
		test(`${key} with ${when}: ${does}`, () => {
			const actual = press(key, situation);
			if (outcome instanceof RegExp) assert.match(String(actual), outcome);
			else assert.deepEqual(actual, outcome);
		});
	}

	test('a key at the end of its range says so instead of doing nothing', () => {
		assert.equal(typeof press('-', {concurrency: 1}), 'string');
		assert.equal(typeof press('+', {concurrency: 512}), 'string');
	});

	test('every binding has been tried by the tables above', () => {
		const tried = new Set([...ofRun, ...ofSelected, ...ofView].map(([key]) => bindingOf(key)));
		assert.deepEqual(
			bindings.filter(binding => !tried.has(binding)).map(({shown}) => shown),
			[],
		);
	});

	test('every binding says what it means, in words that differ', () => {
		assert.equal(new Set(bindings.map(({means}) => means)).size, bindings.length);
		for (const {means, shown} of bindings) assert.ok(means.length > 3 && shown.length > 0);
	});

	test('no two hints of the footer have the same rank', () => {
		const hints = new Set(bindings.flatMap(({hint}) => (hint ? [hint] : [])));
		assert.equal(new Set([...hints].map(({rank}) => rank)).size, hints.size);
	});
});

suite('what the terminal sends', () => {
	const cases: ReadonlyArray<readonly [input: string, key: Partial<Key>, keys: string[]]> = [
		['+', {}, ['+']],
		['+++', {}, ['+', '+', '+']],
		[' q', {}, ['space', 'q']],
		['\r', {return: true}, ['enter']],
		['\r', {}, ['enter']],
		['\t', {tab: true}, ['tab']],
		['', {escape: true}, ['escape']],
		['', {upArrow: true}, ['up']],
		['', {downArrow: true}, ['down']],
		['', {pageUp: true}, ['pageup']],
		['', {pageDown: true}, ['pagedown']],
		['', {home: true}, ['home']],
		['', {end: true}, ['end']],
		['c', {ctrl: true}, ['ctrl-c']],
		['z', {ctrl: true}, ['ctrl-z']],
		['R', {shift: true}, ['R']],
		['新é', {}, ['新', 'é']],
	];
	for (const [input, key, keys] of cases) {
		test(`${JSON.stringify(input)} with ${JSON.stringify(key)} is ${keys.join(', ')}`, () => {
			assert.deepEqual(keysOf(input, {...noKey, ...key}), keys);
		});
	}
});
