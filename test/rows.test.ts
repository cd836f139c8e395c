import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {Meter} from '../source/dashboard/measuring/meter.ts';
import {isGroup, isTask, rowsOf} from '../source/dashboard/rows/rows.ts';
import {type SortName, sortNames} from '../source/dashboard/rows/sort.ts';
import {initialView, type View} from '../source/dashboard/rows/view.ts';
import {Story} from './helpers/store.ts';

const listed = (story: Story, view: Partial<View>, meter = new Meter()) =>
	rowsOf({store: story.store, meter, now: story.now}, {...initialView, ...view});
const ids = (story: Story, view: Partial<View>, meter?: Meter) => listed(story, view, meter).map(({id}) => id);

suite('failures', () => {
	const story = new Story().limits(8).run('running');
	const fail = (url: string, code: string) => {
		const id = story.queue(url);
		story.connect(id).later(10).fail(id, code);
		return id;
	};
	for (let page = 0; page < 3; page++) fail(`https://cdn.example/${page}`, 'HTTP_403');
	fail('https://other.example/', 'HTTP_403');
	fail('https://one.example/', 'ENOTFOUND');
	fail('https://two.example/', 'ENOTFOUND');
	const groups = ['cause HTTP_403 cdn.example', 'cause ENOTFOUND'];

	test('of one status at one host, and of one other cause wherever it was, are one row each, the most first; one alone is itself', () => {
		assert.deepEqual(ids(story, {tab: 'failed'}), [...groups, 't4']);
		const [first, second] = listed(story, {tab: 'failed'}).filter(isGroup);
		assert.deepEqual([first?.tasks.length, first?.host, first?.message], [3, 'cdn.example', '403 Forbidden']);
		assert.deepEqual([second?.tasks.length, second?.host, second?.message], [2, undefined, 'no such host']);
	});

	test('of an open group are listed below it, the newest first', () => {
		const open = new Set(['cause HTTP_403 cdn.example']);
		assert.deepEqual(ids(story, {tab: 'failed', open}), [groups[0], 't3', 't2', 't1', groups[1], 't4']);
	});

	test('are grouped again when a filter leaves fewer of them', () => {
		assert.deepEqual(ids(story, {tab: 'failed', filter: 'one.example'}), ['t5']);
		assert.deepEqual(ids(story, {tab: 'failed', filter: 'nowhere'}), []);
	});

	test('that are of one cause are called by what they have in common, not by one of them', () => {
		const told = new Story().limits(8).run('running');
		for (const line of [1, 2]) {
			const id = told.queue(`nonsense ${line}`);
			told.end(id, 'failed', {error: {code: 'INVALID_URL', message: `list.txt:${line}: not an http(s) URL`}});
		}
		const [group] = listed(told, {tab: 'failed'});
		assert.ok(isGroup(group));
		assert.equal(group.message, 'not an http(s) URL');
	});

	test('that were canceled are a group of their own, and cannot be told from others by accident', () => {
		const told = new Story().limits(8).run('running');
		for (const page of [1, 2]) told.end(told.queue(`https://example.com/${page}`), 'canceled');
		const [group] = listed(told, {tab: 'failed'});
		assert.ok(isGroup(group) && group.tasks.every(({state}) => state === 'canceled'));
	});
});

suite('a sorted view', () => {
	const story = new Story().limits(8).run('running');
	const meter = new Meter();
	const receiving = (url: string, total: number | undefined, received: number) => {
		const id = story.later(1000).queue(url);
		story
			.connect(id)
			.receive(id, total === undefined ? {} : {total})
			.bytes(id, received);
		return id;
	};
	receiving('https://b.example/', 1000, 900);
	receiving('https://c.example/', 4000, 400);
	receiving('https://a.example/', undefined, 10_000);
	story.connect(story.later(1000).queue('https://d.example/'));
	meter.sample(story.store, story.now);
	story.later(1000).bytes('t2', 3000).bytes('t1', 50);
	meter.sample(story.store, story.now);

	const cases: ReadonlyArray<readonly [SortName, ids: readonly string[]]> = [
		['start', ['t1', 't2', 't3', 't4']],
		['state', ['t4', 't1', 't2', 't3']],
		['progress', ['t1', 't2', 't3', 't4']],
		['speed', ['t2', 't1', 't3', 't4']],
		['size', ['t3', 't2', 't1', 't4']],
		['time', ['t1', 't2', 't3', 't4']],
		['host', ['t3', 't1', 't2', 't4']],
		['title', ['t3', 't1', 't2', 't4']],
	];
	for (const [by, expected] of cases)
		test(`by ${by} lists ${expected.join(', ')}`, () => {
			assert.deepEqual(ids(story, {sort: {by, reversed: false}}, meter), expected);
		});

	test('by every name there is has been tried', () => {
		assert.deepEqual(
			sortNames.filter(name => !cases.some(([by]) => by === name)),
			[],
		);
	});

	test('is the other way round when reversed, and rows that are equal keep their order', () => {
		assert.deepEqual(ids(story, {sort: {by: 'start', reversed: true}}, meter), ['t4', 't3', 't2', 't1']);
		assert.deepEqual(ids(story, {sort: {by: 'size', reversed: true}}, meter), ['t4', 't1', 't2', 't3']);
		assert.deepEqual(ids(story, {sort: {by: 'state', reversed: true}}, meter), ['t1', 't2', 't3', 't4']);
	});

	test('by speed puts what is over in the order of how fast it was on the whole', () => {
		const told = new Story().limits(8).run('running');
		const [slow, quick] = [
			told.fetched('https://a.example/', 9_000, null, 3_000),
			told.fetched('https://b.example/', 9_000, null, 100),
		];
		assert.deepEqual(ids(told, {tab: 'done', sort: {by: 'speed', reversed: false}}), [quick, slow]);
		assert.deepEqual(ids(told, {tab: 'done', sort: {by: 'speed', reversed: true}}), [slow, quick]);
	});

	test('keeps what is live above what is over', () => {
		const told = new Story().limits(8).run('running');
		told.fetched('https://a.example/', 9e9);
		told.connect(told.queue('https://z.example/'));
		for (const by of sortNames)
			for (const reversed of [false, true]) {
				const [first] = listed(told, {sort: {by, reversed}});
				assert.ok(isTask(first) && first.state === 'connecting', by);
			}
	});
});
