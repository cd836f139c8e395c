import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {History, type Second} from '../source/dashboard/measuring/history.ts';
import {Meter} from '../source/dashboard/measuring/meter.ts';
import {httpFailure} from '../source/engine/failure.ts';
import {medianOf} from '../source/format/median.ts';
import {epoch, noLimits, Story} from './helpers/store.ts';

/** One task that receives, watched as the screen does it. */
function watched() {
	const meter = new Meter();
	const story = new Story()
		.listen(event => meter.hear(event))
		.limits(8)
		.run('running');
	const id = story.queue('https://example.com/big');
	story.connect(id).later(20).receive(id);
	meter.sample(story.store, story.now);
	const flow = (seconds: number, perSecond: number, frame = 100) => {
		for (let passed = 0; passed < seconds * 1000; passed += frame) {
			story.later(frame).bytes(id, (perSecond * frame) / 1000);
			meter.sample(story.store, story.now);
		}
	};
	const all = <Name extends keyof Second>(name: Name) => meter.history.seconds.map(second => second[name]);
	return {meter, story, id, flow, all};
}

suite('the history', () => {
	test('has one entry a second, in bytes', () => {
		const {flow, meter} = watched();
		flow(3, 1000);
		flow(2, 5000);
		assert.deepEqual(meter.history.bytes(60), [1000, 1000, 1000, 5000, 5000]);
		assert.deepEqual(meter.history.bytes(2), [5000, 5000]);
	});

	test('shows a steady transfer as steady, however the frames fall', () => {
		for (const frame of [70, 130, 330, 700, 990]) {
			const {flow, meter} = watched();
			flow(20, 1000, frame);
			for (const bytes of meter.history.bytes(60))
				assert.ok(Math.abs(bytes - 1000) < 1e-6, `${bytes} with ${frame} ms`);
		}
	});

	test('spreads what came in during a suspension over its seconds, and says that nobody watched', () => {
		const {story, meter, id, all} = watched();
		meter.sample(story.later(4000).bytes(id, 8000).store, story.now);
		assert.deepEqual(all('bytes'), [2000, 2000, 2000, 2000]);
		assert.deepEqual(all('watched'), [false, false, false, false]);
	});

	test('does not grow without end', () => {
		const {story, meter} = watched();
		for (let second = 0; second < 1000; second++) meter.sample(story.store, story.later(1000).now);
		assert.deepEqual([meter.history.seconds.length, meter.history.first], [300, 700]);
		meter.sample(story.store, story.later(86_400_000).now);
		assert.deepEqual([meter.history.seconds.length, meter.history.first], [300, 87_100]);
	});

	test('counts what was done, not what failed or was there already', () => {
		const {story, flow, all} = watched();
		for (const state of ['done', 'done', 'failed', 'skipped', 'canceled'] as const)
			story.become(story.queue('https://example.com/'), state);
		flow(1, 0);
		assert.deepEqual([all('done'), all('troubles')], [[2], [1]]);
	});

	test('tells how many ran on average, and the limits as they were at the end of the second', () => {
		const {story, flow, all} = watched();
		flow(0.5, 0);
		for (let task = 0; task < 3; task++) story.connect(story.queue(`https://example.com/${task}`));
		story.limits(12, 4);
		flow(1.5, 0);
		assert.deepEqual(all('running'), [2.35, 4]);
		assert.deepEqual(all('limits')[0], {...noLimits, concurrency: 12, perHost: 4});
	});

	test('has the median of the first bytes, counted from connecting', () => {
		const {story, flow, all} = watched();
		for (const milliseconds of [40, 60, 900]) {
			const id = story.queue(`https://example.com/${milliseconds}`);
			story.connect(id).later(milliseconds).receive(id);
		}
		flow(1, 0);
		// The first one took 20; and none began in the second after it.
		assert.deepEqual(all('firstByte'), [50, undefined]);
	});

	test('a retry begins a new first byte', () => {
		const {story, id, flow, all} = watched();
		flow(1, 0);
		story.wait(id, httpFailure(503)).later(800).requeue(id).connect(id).later(30).receive(id);
		flow(1, 0);
		assert.deepEqual(all('firstByte'), [20, 30]);
	});

	test('stands still while the run has ended', () => {
		const {story, meter, id, flow} = watched();
		flow(2, 1000);
		meter.sample(story.end(id, 'done').run('ended').store, story.later(100).now);
		meter.sample(story.store, story.later(60_000).now);
		story.run('running');
		meter.sample(story.store, story.later(60_000).now);
		meter.sample(story.store, story.later(900).now);
		assert.deepEqual(meter.history.bytes(60), [1000, 1000, 0]);
	});

	test('remembers that a second was not one of running, and that a host has asked for less', () => {
		const {story, flow, all} = watched();
		flow(0.5, 1000);
		story.run('paused');
		flow(0.2, 0);
		story
			.run('running')
			.emit({type: 'host', host: 'a.test', until: story.now + 5000, window: 4, why: httpFailure(429)});
		flow(1.3, 1000);
		assert.deepEqual(all('state'), ['paused', 'running']);
		assert.deepEqual(all('refusal'), ['a.test asked for less (429)', undefined]);
	});

	test('knows what a pause may have dammed up, and does not let it stand above all others', () => {
		const {story, flow, all, meter} = watched();
		flow(2, 1000);
		story.run('paused');
		flow(1.5, 0);
		story.run('running');
		flow(0.1, 60_000);
		flow(2.4, 1500);
		assert.deepEqual(all('dammed'), [false, false, true, true, true, false]);
		assert.deepEqual(meter.history.pace(60), [1000, 1000, 0, 1500, 1500, 1500]);
		assert.ok((meter.history.bytes(60)[3] ?? 0) > 5000);
	});

	test('asks why slots are free only when they are, and once a second at most', () => {
		const history = new History();
		let asked = 0;
		const moment = {...noLimits, concurrency: 8, state: 'running', bytes: 0, done: 0, queued: 10} as const;
		const look = (at: number, running: number) =>
			history.add({...moment, at: epoch + at, running}, () => {
				asked++;
				return 'held';
			});
		for (let at = 0; at <= 2000; at += 100) look(at, 8);
		assert.equal(asked, 0);
		for (let at = 2100; at <= 4000; at += 100) look(at, 5);
		assert.deepEqual([asked, history.seconds.at(-1)?.held], [2, 'held']);
	});
});

test('the median is the one in the middle, or between the two', () => {
	assert.deepEqual([[], [3], [9, 1], [5, 100, 1]].map(medianOf), [undefined, 3, 5, 5]);
});
