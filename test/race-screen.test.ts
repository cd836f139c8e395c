import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {raceContextOf} from '../source/dashboard/race/frame.ts';
import {raceKeymap} from '../source/dashboard/race/keymap.ts';
import type {RaceState} from '../source/race/seams.ts';
import {openRaceScreen} from '../source/watch.ts';
import {finished, fiveLanes, lane, raceStart, store, usage} from './helpers/race-store.ts';
import {FakeRace, openRace} from './helpers/race-terminal.ts';

/** Threads run, the serial lane is over. */
function threadsRun(state: RaceState = 'running'): FakeRace {
	const threads = lane('threads', {state: 'running', startedAt: raceStart, usage: usage({running: 2, workers: 10})});
	return new FakeRace(store(fiveLanes({serial: finished('serial', [900]), threads}), {state}));
}

type Opened = Awaited<ReturnType<typeof openRace>>;

const limit = (value: number) => ({type: 'set-limit', model: 'threads', value}) as const;
const told = (opened: Opened, ...commands: unknown[]) =>
	JSON.stringify(opened.race.commands) === JSON.stringify(commands);
const scroll = ({scene}: Opened) => scene.view.scroll;
const most = ({scene}: Opened) => raceContextOf(scene).most;
const height = ({scene}: Opened) => raceContextOf(scene).height;

/** Of each binding: when it can be seen, what comes first, and what there is after each of its keys. */
type Case = {over?: true; first?(key: string): string | undefined; holds(opened: Opened, key: string): boolean};
const effects: Readonly<Record<string, Case>> = {
	'limit-up': {holds: opened => told(opened, limit(11))},
	'limit-down': {holds: opened => told(opened, limit(9))},
	'limit-up-5': {holds: opened => told(opened, limit(15))},
	'limit-down-5': {holds: opened => told(opened, limit(5))},
	scope: {holds: ({scene, text}) => scene.view.scope === 'all' && text.includes('limit of: all lanes')},
	kill: {holds: opened => told(opened, {type: 'kill'})},
	skip: {holds: opened => told(opened, {type: 'skip'})},
	up: {over: true, first: () => 'G', holds: opened => scroll(opened) === most(opened) - 1},
	down: {over: true, holds: opened => scroll(opened) === 1},
	page: {
		over: true,
		first: key => (key === 'pageup' ? 'G' : undefined),
		holds: (opened, key) =>
			scroll(opened) === (key === 'pageup' ? most(opened) - height(opened) + 1 : height(opened) - 1),
	},
	first: {over: true, first: () => 'G', holds: opened => scroll(opened) === 0},
	last: {over: true, holds: opened => most(opened) > 0 && scroll(opened) === most(opened)},
	help: {holds: ({scene, text}) => scene.view.hasHelp && text.includes('suspend; fg comes back')},
	back: {first: () => '?', holds: ({scene}) => !scene.view.hasHelp},
	quit: {holds: opened => told(opened, {type: 'stop', mode: 'abort'})},
	suspend: {holds: opened => opened.suspended === 1},
	redraw: {holds: ({paper}) => paper.written.split('\u001b[2J').length > 2},
};

suite('every key of a race has its effect', () => {
	test('and every one of the table is tested', () => {
		assert.deepEqual(
			raceKeymap.bindings.map(({name}) => name),
			Object.keys(effects),
		);
		const keys = raceKeymap.bindings.flatMap(binding => binding.keys);
		assert.equal(new Set(keys).size, keys.length, 'no key is given twice');
	});

	for (const {name, keys, means} of raceKeymap.bindings) {
		for (const key of keys) {
			test(`${key}: ${means}`, async t => {
				const {over, first, holds} = effects[name] as Case;
				const opened = await openRace(t, threadsRun(over ? 'ended' : 'running'));
				const before = opened.scene;
				const prelude = first?.(key);
				if (prelude) await opened.press([prelude], () => opened.scene.view !== before.view);
				await opened.press([key], () => holds(opened, key));
			});
		}
	}
});

suite('the screen of a race', () => {
	const runs = (t: TestContext, given = {}) => openRace(t, threadsRun(), given);

	test('each press of + counts from what the one before has done', async t => {
		const opened = await runs(t);
		opened.keys.type('+++');
		await opened.until(() => opened.race.commands.length === 3, 'three commands');
		assert.deepEqual(opened.race.commands, [limit(11), limit(12), limit(13)]);
	});

	test('after a the limit keys are about all lanes, those to come too, and after another a about this one', async t => {
		const opened = await runs(t);
		await opened.press(['a', '+'], () => opened.race.commands.length === 1);
		assert.deepEqual(opened.race.commands, [{type: 'set-limit', model: 'all', value: 11}]);
		await opened.press(['a', '-'], () => opened.race.commands.length === 2);
		assert.deepEqual(opened.race.commands[1], limit(10));
	});

	test('in the serial lane + says why it does nothing, unless it is about all lanes', async t => {
		const opened = await runs(t);
		const serial = opened.race.store.lanes[0];
		assert.ok(serial);
		serial.state = 'running';
		await opened.race.run(serial);
		await opened.press(['+'], () => opened.footer === ' the serial lane runs one task at a time');
		assert.deepEqual(opened.race.commands, []);
		await opened.press(['a', '+'], () => opened.race.commands.length === 1);
		assert.deepEqual(opened.race.commands, [{type: 'set-limit', model: 'all', value: 11}]);
	});

	test('at its least and at its most the limit stays, and that is said', async t => {
		const opened = await runs(t);
		const threads = opened.race.store.lanes[1];
		assert.ok(threads);
		threads.limit = 1;
		await opened.press(['-'], () => opened.footer === ' the limit is already 1, the least');
		threads.limit = 512;
		await opened.press(['}'], () => opened.footer === ' the limit is already 512, the most');
		assert.deepEqual(opened.race.commands, []);
	});

	test('a worker is killed only when there are some', async t => {
		const opened = await runs(t);
		const threads = opened.race.store.lanes[1];
		assert.ok(threads);
		threads.state = 'starting';
		await opened.press(['K'], () => opened.footer === ' the threads lane is still starting');
		await opened.race.run(undefined);
		await opened.press(['x'], () => opened.footer === ' no lane runs at this moment');
		assert.deepEqual(opened.race.commands, []);
	});

	for (const key of ['+', '{', 'a', 'K', 'x'])
		test(`after the end ${key} does nothing but say so`, async t => {
			const opened = await openRace(t, threadsRun('ended'));
			await opened.press([key], () => opened.footer === ' the race is over: nothing runs');
			assert.deepEqual(opened.race.commands, []);
		});

	test('a key without a meaning says where the keys are', async t => {
		const opened = await runs(t);
		await opened.press(['w'], () => opened.footer === ' w does nothing here; ? shows all keys');
	});

	test('q stops the race, and the screen is left when that is done', async t => {
		const opened = await runs(t);
		await opened.press(['q'], () => opened.race.commands.length === 1);
		assert.equal(opened.footer, ' stopping: q leaves at once');
		opened.race.end('stopped');
		await opened.screen.left;
	});

	test('asked twice, the screen is left at once, and the race is told once', async t => {
		const opened = await runs(t);
		await opened.press(['q', 'ctrl-c'], () => opened.race.commands.length === 1);
		await opened.screen.left;
		assert.deepEqual(opened.race.commands, [{type: 'stop', mode: 'abort'}]);
	});

	test('when the race has ended the report is there, and q leaves', async t => {
		const opened = await runs(t);
		let isLeft = false;
		void opened.screen.left.then(() => {
			isLeft = true;
		});
		await opened.press(['?'], () => opened.scene.view.hasHelp);
		opened.race.end('ended');
		await opened.until(() => opened.text.includes('line 1 of the report'), 'the report is shown');
		assert.match(opened.text, /ended: q leaves/);
		assert.equal(isLeft, false);
		await opened.press(['q'], () => isLeft);
		assert.deepEqual(opened.race.commands, []);
	});

	test('with --exit the end of the race is the end of the screen', async t => {
		const opened = await runs(t, {exit: true});
		opened.race.end('ended');
		await opened.screen.left;
	});

	test('what happens in the race is drawn without a key', async t => {
		const opened = await runs(t);
		const threads = opened.race.store.lanes[1];
		assert.ok(threads);
		threads.incident = 'worker 3 died';
		opened.race.store.version++;
		await opened.until(() => opened.text.includes('worker 3 died'), 'the incident is seen');
	});

	test('a window of another size has lines of that size', async t => {
		const opened = await runs(t);
		opened.paper.columns = 44;
		opened.paper.rows = 9;
		opened.paper.emit('resize');
		await opened.until(() => opened.text.split('\n').length === 8, 'it is drawn for the new size');
		assert.ok(opened.text.split('\n').every(line => line.length < 44));
	});

	test('what goes wrong elsewhere is said in the footer, until the screen is left', async t => {
		let tell: ((message: string) => void) | undefined;
		const complaints = (teller: typeof tell) => {
			tell = teller;
			return () => {
				tell = undefined;
			};
		};
		const opened = await runs(t, {complaints});
		tell?.('the list is \u001b[31mbroken');
		assert.equal(opened.footer, ' the list is broken');
		await opened.screen.finish();
		assert.equal(tell, undefined);
	});

	test('the terminal is given back as it was, and nobody listens any more', async t => {
		const opened = await runs(t);
		assert.equal(opened.keys.isRaw, true);
		assert.ok(opened.paper.written.includes('\u001b[?1049h'));
		await opened.screen.finish();
		await opened.screen.finish();
		assert.equal(opened.keys.isRaw, false);
		assert.ok(opened.paper.written.lastIndexOf('\u001b[?1049l') > opened.paper.written.lastIndexOf('\u001b[?1049h'));
		assert.equal(opened.race.listeners, 0);
	});

	test('a screen that breaks gives the terminal back and says why', async t => {
		const draw = () => {
			throw new Error('broken on purpose');
		};
		const opened = await runs(t, {draw});
		await assert.rejects(opened.screen.left, /broken on purpose/);
		await opened.until(() => opened.paper.written.includes('\u001b[?1049l'), 'the normal screen is back');
		assert.equal(opened.race.listeners, 0);
	});

	test('for a screen reader there are lines below each other, on the normal screen', async t => {
		const opened = await runs(t, {spoken: true});
		await opened.until(() => opened.paper.written.includes('tells all keys'), 'it is greeted');
		opened.keys.type('+');
		await opened.until(() => opened.paper.written.includes('threads: limit 11'), 'the new limit is told');
		opened.race.end('ended');
		await opened.until(() => opened.paper.written.includes('q leaves and tells the rest'), 'the end is told');
		assert.ok(!opened.paper.written.includes('\u001b[?1049h'));
	});

	test('without a terminal there is none', async () => {
		const options = {ascii: false, color: false, exit: false, screenReader: false};
		const choice = {screen: 'plain', on: 'stdout', why: ''} as const;
		assert.equal(await openRaceScreen({choice, terminal: undefined}, options, {report: () => []}), undefined);
	});
});
