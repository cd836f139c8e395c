import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {Meter} from '../source/dashboard/measuring/meter.ts';
import {rowsOf} from '../source/dashboard/rows/rows.ts';
import {
	follow,
	initialView,
	reduce,
	type Tab,
	tabs,
	type View,
	type ViewAction,
} from '../source/dashboard/rows/view.ts';
import type {TaskId} from '../source/engine/task.ts';
import {Story} from './helpers/store.ts';

const many = (count: number): Story => {
	const story = new Story().limits(8).run('running');
	for (let task = 0; task < count; task++) story.connect(story.queue(`https://example.com/${task}`));
	return story;
};
const listed = (story: Story, view: Partial<View> = {}) =>
	rowsOf({store: story.store, meter: new Meter(), now: story.now}, {...initialView, ...view});
const numbers = (story: Story, tab: Tab) => listed(story, {tab}).map(({id}) => Number(id.slice(1)));
const height = 10;
const act = (view: View, story: Story, ...actions: ViewAction[]): View => {
	const tasks = listed(story, view);
	return actions.reduce((now, action) => follow(reduce(now, action, tasks, height), tasks, height), view);
};
const move = (by: number): ViewAction => ({type: 'move', by});
const page = (by: number): ViewAction => ({type: 'page', by});
const after = (view: View, story: Story) => follow(view, listed(story, view), height);

suite('what the views list', () => {
	const story = new Story().limits(8).run('running');
	const states = [
		'connecting',
		'queued',
		'waiting',
		'paused',
		'done',
		'failed',
		'canceled',
		'skipped',
		'done',
	] as const;
	for (const [index, state] of states.entries())
		story.later(1000).become(story.queue(`https://example.com/${index}`), state);

	test('active lists the live tasks in the order of the input, then what finished, the newest first', () => {
		assert.deepEqual(numbers(story, 'active'), [1, 3, 4, 9, 8, 7, 6, 5]);
	});
	test('queued lists what has not begun', () => assert.deepEqual(numbers(story, 'queued'), [2]));
	test('done lists done and skipped tasks, the newest first', () =>
		assert.deepEqual(numbers(story, 'done'), [9, 8, 5]));
	test('failed lists failed and canceled tasks, the newest first', () => {
		assert.deepEqual(numbers(story, 'failed'), [7, 6]);
	});
});

suite('selection', () => {
	test('nothing is chosen at first: the first row is selected, whichever task that is', () => {
		const story = many(3);
		const view = after(initialView, story);
		assert.deepEqual([view.index, view.selected], [0, undefined]);
		story.end('t1', 'canceled');
		assert.equal(after(view, story).index, 0);
	});

	for (const action of [{type: 'overlay', overlay: 'details'}, {type: 'freeze'}] as const)
		test(`${action.type} chooses the first row's task if none was chosen, so that another cannot slip under it`, () => {
			const story = many(3);
			const view = act(initialView, story, action);
			story.end('t1', 'canceled');
			assert.equal(listed(story, {tab: 'active'})[after(view, story).index]?.id, 't1');
		});

	test('it stays with its task while rows above it leave', () => {
		const story = many(6);
		const view = act(initialView, story, move(4));
		assert.equal(view.selected, 't5');
		story.become('t2', 'canceled').end('t3', 'canceled');
		const moved = after(view, story);
		assert.deepEqual([moved.selected, moved.index], ['t5', 2]);
	});

	test('it follows its task to the finished ones below', () => {
		const story = many(3);
		const view = act(initialView, story, move(1));
		story.receive('t2').end('t2', 'done');
		assert.deepEqual([after(view, story).selected, after(view, story).index], ['t2', 2]);
	});

	test('it goes to the neighbor when its task leaves the view', () => {
		const story = new Story().limits(1).run('running');
		for (let task = 0; task < 4; task++) story.queue(`https://example.com/${task}`);
		const view = act({...initialView, tab: 'queued'}, story, move(1));
		story.connect('t2');
		const next = after(view, story);
		assert.deepEqual([next.selected, next.index], ['t3', 1]);
	});

	test('it goes to the last row when its task was the last and leaves', () => {
		const story = new Story().limits(1).run('running');
		for (let task = 0; task < 3; task++) story.queue(`https://example.com/${task}`);
		const view = act({...initialView, tab: 'queued'}, story, move(2));
		story.connect('t3');
		assert.deepEqual([after(view, story).selected, after(view, story).index], ['t2', 1]);
	});

	test('it is nothing when the view is empty', () => {
		const story = many(1);
		const view = act(initialView, story, move(1), {type: 'tab', tab: 'queued'});
		assert.deepEqual([after(view, story).selected, after(view, story).index], [undefined, 0]);
	});

	const steps: ReadonlyArray<readonly [string, ViewAction[], number, number]> = [
		['one down', [move(1)], 1, 0],
		['up from the first row stays there', [move(-1)], 0, 0],
		['the end', [move(Number.POSITIVE_INFINITY)], 24, 15],
		['the end and back to the beginning', [move(Number.POSITIVE_INFINITY), move(Number.NEGATIVE_INFINITY)], 0, 0],
		['a page down keeps one row in sight', [page(1)], 9, 0],
		['two pages down', [page(1), page(1)], 18, 9],
		['pages stop at the end', [page(1), page(1), page(1), page(1)], 24, 15],
		['a page down and up again', [page(1), page(1), page(-1)], 9, 9],
		['past the window scrolls by one', [move(9), move(1)], 10, 1],
		['up inside the window does not scroll', [move(12), move(-1)], 11, 3],
	];
	for (const [name, actions, index, top] of steps)
		test(`of 25 rows, 10 in sight: ${name}`, () => {
			const view = act(initialView, many(25), ...actions);
			assert.deepEqual([view.index, view.top], [index, top]);
		});
});

suite('views and overlays', () => {
	test('the next view comes after the last again', () => {
		const story = many(2);
		const seen = [1, 2, 3, 4, 5].map(times =>
			act(initialView, story, ...Array.from({length: times}, (): ViewAction => ({type: 'next-tab'}))),
		);
		assert.deepEqual(
			seen.map(({tab}) => tab),
			['queued', 'done', 'failed', 'hosts', 'active'],
		);
	});

	test('another view begins at its first row, without an overlay', () => {
		const story = many(25);
		const view = act(initialView, story, move(20), {type: 'overlay', overlay: 'details'}, {type: 'tab', tab: 'done'});
		assert.deepEqual(view, {...initialView, tab: 'done'});
	});

	for (const overlay of ['help', 'details'] as const) {
		const open: ViewAction = {type: 'overlay', overlay};
		const steps: ReadonlyArray<readonly [string, ViewAction[], number]> = [
			['it opens at its first line', [], 0],
			['down and down', [move(1), move(1)], 2],
			['up from the first line stays there', [move(-1)], 0],
			['a page down keeps one line in sight', [page(1)], 9],
			['a page down and up again', [page(1), page(-1)], 0],
			['to the beginning', [move(7), move(Number.NEGATIVE_INFINITY)], 0],
			['opened again it begins at its first line', [move(7), {type: 'overlay', overlay: undefined}, open], 0],
		];
		for (const [name, actions, scroll] of steps)
			test(`keys that move scroll the ${overlay}, and leave the selection alone: ${name}`, () => {
				const view = act(initialView, many(25), move(3), open, ...actions);
				assert.deepEqual([view.scroll, view.index, view.selected, view.overlay], [scroll, 3, 't4', overlay]);
			});
	}

	test('without an overlay nothing scrolls but the rows', () => {
		assert.equal(act(initialView, many(25), move(20), page(-1)).scroll, 0);
	});

	test('freezing twice is not freezing', () => {
		const story = many(1);
		assert.ok(act(initialView, story, {type: 'freeze'}).frozen);
		assert.ok(!act(initialView, story, {type: 'freeze'}, {type: 'freeze'}).frozen);
	});
});

test('whatever happens, the selection is a row of the view and inside the window', () => {
	const action: fc.Arbitrary<ViewAction | number> = fc.oneof(
		fc.nat(30),
		fc.record({
			type: fc.constant('move' as const),
			by: fc.oneof(fc.integer({min: -40, max: 40}), fc.constant(Infinity)),
		}),
		fc.record({type: fc.constant('page' as const), by: fc.constantFrom(-1, 1)}),
		fc.record({type: fc.constant('tab' as const), tab: fc.constantFrom(...tabs)}),
	);
	fc.assert(
		fc.property(
			fc.nat(30),
			fc.array(action, {maxLength: 30}),
			fc.integer({min: 1, max: 20}),
			(count, actions, rows) => {
				const story = many(count);
				let view = initialView;
				for (const each of actions) {
					const id: TaskId = `t${typeof each === 'number' ? each : 0}`;
					// A number ends that task, if it still runs.
					if (typeof each !== 'number') view = reduce(view, each, listed(story, view), rows);
					else if (story.store.live.has(id)) story.end(id, each % 2 ? 'canceled' : 'failed');
					const tasks = listed(story, view);
					view = follow(view, tasks, rows);
					assert.ok(view.index >= 0 && view.index < Math.max(1, tasks.length));
					assert.ok(view.top <= view.index && view.index < view.top + rows);
					assert.ok(view.top === 0 || view.top + rows <= tasks.length, 'no empty lines while rows are out of sight');
					if (view.selected) assert.equal(tasks[view.index]?.id, view.selected);
				}
			},
		),
		{numRuns: 500},
	);
});
