import assert from 'node:assert/strict';
import {suite} from 'node:test';
import fc from 'fast-check';
import {History} from '../source/dashboard/measuring/history.ts';
import {defaultSettings, limitsOf} from '../source/engine/settings.ts';
import type {TaskId} from '../source/engine/task.ts';
import {eventReporter} from '../source/reporters/ndjson.ts';
import {EventBatches} from '../source/threads/event-batches.ts';
import {Mirror} from '../source/threads/mirror.ts';
import {rig, TestClock, test} from './helpers/engine.ts';
import {contents, happen, step, Told} from './helpers/happenings.ts';
import {pass, recorded, replayOf} from './helpers/recorded.ts';
import {startServer} from './helpers/server.ts';

const parsed = (lines: readonly string[]) => lines.map(line => JSON.parse(line));
const samplesOf = (lines: readonly string[]) => parsed(lines).filter(({type}) => type === 'sample');

suite('what --events writes', () => {
	test('while bytes arrive, four samples a second say of which tasks, and only what is new', () => {
		const story = new Told().limits(8);
		const {clock, lines} = recorded(story);
		const [one, other] = [story.queue('http://h/1'), story.queue('http://h/2')];
		for (const id of [one, other]) story.connect(id).receive(id, {total: 10_000});
		for (let count = 0; count < 100; count++) {
			story.bytes(one, 10);
			if (count < 50) story.bytes(other, 1);
			pass(story, clock, 25);
		}
		assert.deepEqual(
			samplesOf(lines).map(({received, tasks}) => [received, tasks]),
			[
				...[0.5, 1.5, 2.5, 3.5, 4.5].map(count => [110 * count, {[one]: 100 * count, [other]: 10 * count}]),
				[600, {[one]: 550, [other]: 50}],
				...[6.5, 7.5, 8.5, 9.5].map(count => [50 + 100 * count, {[one]: 100 * count}]),
			],
		);
	});

	test('however late timers are, no second has a sample less than another', async () => {
		const story = new Told().limits(8);
		const {clock, lines, end} = recorded(story);
		story.run('running');
		const id = story.queue('http://h/');
		story.connect(id).receive(id, {total: 10_000_000});
		// Each timer is late by up to 7 ms.
		for (let count = 0; count < 60_000; count += 7) {
			story.bytes(id, 7 * 100);
			pass(story, clock, 7);
		}
		assert.ok(samplesOf(lines).length >= 239);
		const replay = await replayOf(end());
		const history = new History();
		replay.everyStep(at => {
			const {run, received: bytes, counts} = replay.store;
			const {state, concurrency, perHost, rate, bandwidth} = run;
			history.add(
				{at, state, bytes, done: counts.done, running: 1, queued: 0, concurrency, perHost, rate, bandwidth},
				() => undefined,
			);
		});
		await replay.run();
		const seconds = history.seconds.slice(2, -2).map(({bytes}) => bytes);
		assert.ok(seconds.length > 50);
		for (const bytes of seconds) assert.ok(Math.abs(bytes - 100_000) < 2_000, `${bytes} bytes in a second`);
	});

	test('nothing is written while nothing moves, and no timer waits when no task receives', () => {
		const story = new Told().limits(8);
		const {clock, lines} = recorded(story);
		const id = story.queue('http://h/');
		story.connect(id).receive(id).bytes(id, 5);
		pass(story, clock, 10_000);
		const before = lines.length;
		for (let count = 0; count < 50; count++) pass(story, clock, 1_000);
		assert.equal(lines.length, before);
		story.end(id, 'done');
		pass(story, clock, 1_000);
		assert.equal(clock.timers.size, 0);
	});

	test('a task that gets all its bytes between two samples has no line for them', () => {
		const story = new Told().limits(8);
		const {lines, end} = recorded(story);
		for (let count = 0; count < 1_000; count++) story.fetched(`http://h/${count}`, 200 + count, null, 0);
		end();
		assert.equal(samplesOf(lines).length, 0);
	});

	test('a task that stops receiving without a record is sampled before it does', () => {
		const story = new Told().limits(8);
		const {lines} = recorded(story);
		const id = story.queue('http://h/');
		story.connect(id).receive(id).bytes(id, 700).pause(id);
		const [sample, paused] = parsed(lines.slice(-2));
		assert.deepEqual([sample.type, sample.received, sample.tasks], ['sample', 700, {[id]: 700}]);
		assert.equal(paused.type, 'paused');
	});

	test('bytes of an attempt that began anew count in the total all the same', async () => {
		const story = new Told().limits(8);
		const {end} = recorded(story);
		const id = story.queue('http://h/');
		story.connect(id).receive(id).bytes(id, 1_000).receive(id).bytes(id, 400).end(id, 'done');
		const replay = await replayOf(end());
		await replay.run();
		assert.equal(replay.store.received, 1_400);
		assert.equal(replay.store.get(id)?.received, 400);
	});
});

suite('whatever happens,', () => {
	test('the recording of a run adds up to its store', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(step, {maxLength: 120, size: 'max'}), async steps => {
				const story = new Told().limits(8);
				const {clock, end} = recorded(story);
				const ids: TaskId[] = [];
				for (const each of steps) {
					happen(story, ids, each);
					pass(story, clock, each.pass);
				}
				const replay = await replayOf(end());
				await replay.run();
				assert.deepEqual(contents(replay.store), contents(story.store));
			}),
		);
	});

	test('a recording of an engine in another thread adds up to the same', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(step, {maxLength: 120, size: 'max'}), async steps => {
				const story = new Told().limits(8);
				const mirror = new Mirror({...limitsOf(defaultSettings), concurrency: 8});
				const clock = new TestClock(() => story.now);
				const sender = new EventBatches(story, clock, batch => mirror.apply(structuredClone(batch)));
				story.listener = event => sender.add(event);
				const lines: string[] = [];
				const reporter = eventReporter({write: text => lines.push(text) > 0}, {clock, program: 'fetchtop/test'});
				reporter.start(mirror as never);
				const ids: TaskId[] = [];
				for (const each of steps) {
					happen(story, ids, each);
					pass(story, clock, each.pass);
				}
				sender.send();
				await reporter.finish();
				const replay = await replayOf(lines.join(''));
				await replay.run();
				assert.deepEqual(contents(replay.store), contents(story.store));
			}),
		);
	});

	test('the recording of a real run, with failures, retries and commands, adds up to its store', async t => {
		const server = await startServer(t);
		server.page('/page', '<title>A page</title>');
		server.page('/big', Buffer.alloc(300_000, 'x'));
		server.on('/broken', (_request, response) => response.writeHead(500).end());
		server.on('/short', (_request, response) => {
			response.writeHead(200, {'content-length': 1_000}).write('x'.repeat(400));
			setImmediate(() => response.destroy());
		});
		const r = rig(t, {concurrency: 2, retries: 1});
		const lines: string[] = [];
		const reporter = eventReporter({write: text => lines.push(text) > 0}, {clock: r.clock, program: 'fetchtop/test'});
		reporter.start(r.engine);
		const running = r.run(...['/page', '/big', '/broken', '/short', '/missing', '/page'].map(path => server.url(path)));
		for (const id of ['t3', 't4'] as const) {
			await r.seen('waiting', id);
			r.dispatch({type: 'retry', id});
		}
		// A retry that was asked for is none of those that are counted: they wait once more.
		for (const id of ['t3', 't4'] as const) await r.seen('waiting', id, 2);
		r.clock.advance(10_000);
		await running;
		await reporter.finish();
		assert.ok(samplesOf(lines).length > 0);
		const replay = await replayOf(lines.join(''));
		await replay.run();
		assert.deepEqual(contents(replay.store), contents(r.store));
		assert.ok(r.store.received > 300_000);
	});
});
