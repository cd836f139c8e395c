import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {Meter} from '../source/dashboard/measuring/meter.ts';
import type {TaskId} from '../source/engine/task.ts';
import {Story} from './helpers/store.ts';

const about = (actual: number | undefined, expected: number, tolerance = 0.02): void =>
	assert.ok(
		actual !== undefined && Math.abs(actual - expected) <= Math.abs(expected) * tolerance,
		`${actual} is not about ${expected}`,
	);

/** A run of one task that receives at a steady pace, sampled ten times a second. */
function receiving(total?: number): {
	story: Story;
	meter: Meter;
	id: TaskId;
	flow(seconds: number, perSecond: number): void;
} {
	const story = new Story().limits(8).run('running');
	const meter = new Meter();
	const id = story.queue('https://example.com/big');
	story.connect(id).receive(id, total === undefined ? {} : {total});
	meter.sample(story.store, story.now);
	const flow = (seconds: number, perSecond: number) => {
		for (let step = 0; step < seconds * 10; step++) {
			story.later(100).bytes(id, perSecond / 10);
			meter.sample(story.store, story.now);
		}
	};
	return {story, meter, id, flow};
}

suite('rates', () => {
	test('nothing is 0 per second', () => {
		const {story, meter, id} = receiving();
		assert.deepEqual([meter.bytesPerSecond, meter.pagesPerSecond, meter.speed(story.task(id))], [0, 0, 0]);
	});

	test('a steady transfer shows its true speed from the first moment', () => {
		const {story, meter, id, flow} = receiving();
		for (const seconds of [0.1, 1, 10]) {
			flow(seconds, 1_200_000);
			about(meter.bytesPerSecond, 1_200_000);
			about(meter.speed(story.task(id)), 1_200_000);
		}
	});

	test('a change of speed is seen within a few seconds and without a jump', () => {
		const {meter, flow} = receiving();
		flow(10, 100_000);
		flow(0.1, 1_000_000);
		assert.ok(meter.bytesPerSecond < 200_000, 'no jump');
		flow(8, 1_000_000);
		about(meter.bytesPerSecond, 1_000_000);
	});

	test('a stalled transfer falls to almost nothing', () => {
		const {meter, flow} = receiving();
		flow(5, 1_000_000);
		flow(12, 0);
		assert.ok(meter.bytesPerSecond < 10_000);
	});

	test('a speed does not linger: seconds after the last byte it is 0', () => {
		const {story, meter, id, flow} = receiving();
		flow(5, 13_000_000);
		flow(10, 0);
		assert.deepEqual([meter.bytesPerSecond, meter.speed(story.task(id))], [0, 0]);
		flow(3, 1_000);
		assert.ok(meter.bytesPerSecond > 500, 'and it goes on from there');
	});

	test('what comes in heaps is not taken to stand between them', () => {
		const {story, meter, id, flow} = receiving();
		for (let heap = 0; heap < 20; heap++) {
			flow(2, 0);
			story.bytes(id, 500_000);
			flow(0.1, 0);
			assert.ok(meter.bytesPerSecond > 0);
		}
	});

	test('finished pages are counted per second, failed ones too, but not those that were there already', () => {
		const story = new Story().limits(8).run('running');
		const meter = new Meter();
		meter.sample(story.store, story.now);
		for (let page = 0; page < 60; page++) {
			const id = story.queue(`https://example.com/${page}`);
			story.later(250).become(id, (['done', 'failed', 'skipped'] as const)[page % 3] ?? 'done');
			meter.sample(story.store, story.now);
		}
		about(meter.pagesPerSecond, 8 / 3, 0.2);
	});

	test('a task retried from its beginning never shows a negative speed', () => {
		const {story, meter, id, flow} = receiving();
		flow(3, 1_000_000);
		story.wait(id, {code: 'ECONNRESET', message: 'reset', retryable: true}).requeue(id).connect(id).receive(id);
		flow(0.2, 0);
		assert.ok(meter.speed(story.task(id)) >= 0 && meter.bytesPerSecond >= 0);
	});

	test('two samples at the same moment change nothing', () => {
		const {story, meter, flow} = receiving();
		flow(2, 1_000_000);
		const before = meter.bytesPerSecond;
		meter.sample(story.store, story.now);
		assert.equal(meter.bytesPerSecond, before);
	});

	test('a task that left is forgotten', () => {
		const {story, meter, id, flow} = receiving();
		flow(2, 1_000_000);
		const task = story.task(id);
		story.end(id, 'done');
		meter.sample(story.store, story.later(100).now);
		assert.equal(meter.speed(task), 0);
	});
});

suite('the time that is left', () => {
	test('of a task: what is missing at the present speed', () => {
		const {story, meter, id, flow} = receiving(10_000_000);
		flow(4, 1_000_000);
		about(meter.eta(story.task(id), story.now), 6_000);
	});

	const unknown: ReadonlyArray<readonly [string, number | undefined, number, number]> = [
		['when the size is unknown', undefined, 4, 1_000],
		['in the first moments', 10_000, 1, 1_000],
		['when nothing comes in', 10_000, 4, 0],
	];
	for (const [when, total, seconds, speed] of unknown)
		test(`of a task: nothing is said ${when}`, () => {
			const {story, meter, id, flow} = receiving(total);
			flow(seconds, speed);
			assert.equal(meter.eta(story.task(id), story.now), undefined);
		});

	function pages(finished: number, left: number) {
		const story = new Story().limits(8).run('running');
		const meter = new Meter();
		for (let page = 0; page < finished; page++) story.fetched(`https://example.com/${page}`, 1000, null, 1000);
		for (let page = 0; page < left; page++) story.queue(`https://example.com/left/${page}`);
		meter.sample(story.store, story.now);
		return {story, meter, eta: () => meter.etaOfRun(story.store, story.now)};
	}

	test('of the run: the tasks that are left at the pace so far', () => about(pages(10, 20).eta(), 20_000));
	test('of the run: nothing is said before three tasks have finished', () =>
		assert.equal(pages(2, 20).eta(), undefined));
	test('of the run: nothing is said while the list is not read to its end', () => {
		const {story, eta} = pages(10, 20);
		story.input(true);
		assert.equal(eta(), undefined);
	});
	for (const state of ['paused', 'draining', 'stopping', 'ended'] as const)
		test(`of the run: nothing is said while it is ${state}`, () => {
			const {story, eta} = pages(10, 20);
			story.run(state);
			assert.equal(eta(), undefined);
		});

	test('of the run: what was there already is no measure of the pace', () => {
		const {story, meter, eta} = pages(10, 20);
		for (let page = 0; page < 100; page++) story.become(story.queue(`https://example.com/there/${page}`), 'skipped');
		meter.sample(story.store, story.now);
		about(eta(), 20_000);
	});

	test('of the run: nothing is said when all that is left has hung for longer than it should take', () => {
		const {story, meter, eta} = pages(30, 1);
		story.connect('t31').receive('t31');
		meter.sample(story.later(60_000).store, story.now);
		assert.equal(eta(), undefined);
		story.wait('t31', {code: 'ETIMEDOUT', message: 'timeout', retryable: true}, {seconds: 1}).later(1_000);
		meter.sample(story.requeue('t31').connect('t31').store, story.later(1_000).now);
		assert.equal(eta(), undefined, 'nor when it has only just begun to hang again');
	});

	test('of the run: nothing is said when the last one stalls', () => {
		const {story, meter, flow} = receiving(100_000_000);
		for (let page = 0; page < 10; page++) story.fetched(`https://example.com/${page}`, 1000, null, 10);
		flow(20, 1_000_000);
		assert.ok(meter.etaOfRun(story.store, story.now));
		flow(20, 0);
		assert.equal(meter.etaOfRun(story.store, story.now), undefined);
	});

	test('of the run: a hanging task does not hide how long all the others take', () => {
		const {story, meter, eta} = pages(30, 60);
		story.connect('t31').receive('t31');
		meter.sample(story.later(10_000).store, story.now);
		about(eta(), 80_000, 0.02);
	});

	test('of the run: nothing is said when there is nothing left to do but what a person has paused', () => {
		const {story, eta} = pages(10, 1);
		story.pause('t11');
		assert.equal(eta(), undefined);
	});

	test('of the run: no sooner than the next try of what waits', () => {
		const {story, eta} = pages(10, 1);
		story.connect('t11').wait('t11', {code: 'ECONNRESET', message: 'reset', retryable: true}, {seconds: 45});
		about(eta(), 45_000);
	});

	/** Files of 42 MB, some at 300 kB/s each and the others queued, none of them finished. */
	const files = (running: number, queued: number, total?: number) => {
		const story = new Story().limits(running).run('running');
		const meter = new Meter();
		const ids = Array.from({length: running}, (_, file) => story.queue(`https://example.com/${file}`));
		for (const id of ids) story.connect(id).receive(id, total ? {total} : {});
		for (let file = 0; file < queued; file++) story.queue(`https://example.com/later/${file}`);
		for (let step = 0; step < 600; step++) {
			for (const id of ids) story.bytes(id, 30_000);
			meter.sample(story.later(100).store, story.now);
		}
		return meter.etaOfRun(story.store, story.now);
	};
	test('of the run: of large files from their bytes, before three of them have finished', () => {
		about(files(9, 3, 42e6), ((9 * (42e6 - 18e6) + 3 * 42e6) / (9 * 300_000)) * 1000);
		about(files(1, 0, 42e6), 80_000);
	});
	test('of the run: nothing is said of files when too few sizes are known to guess those of the others', () => {
		assert.equal(files(2, 3, 42e6), undefined);
		assert.equal(files(9, 3), undefined);
	});

	test('of the run: no sooner than its slowest running task', () => {
		const {story, meter, id, flow} = receiving(100_000_000);
		for (let page = 0; page < 10; page++) story.fetched(`https://example.com/${page}`, 1000, null, 10);
		flow(5, 1_000_000);
		about(meter.etaOfRun(story.store, story.now), 95_000, 0.1);
		assert.equal(meter.eta(story.task(id), story.now), meter.etaOfRun(story.store, story.now));
	});
});

suite('the speeds of a task', () => {
	test('there is one a second', () => {
		const {meter, id, flow} = receiving();
		flow(3, 1000);
		flow(2, 5000);
		assert.deepEqual(meter.speedHistory(id), [1000, 1000, 1000, 5000, 5000]);
	});

	test('what is left of a second counts when it was long enough to be measured', () => {
		for (const [seconds, expected] of [
			[2.2, [1000, 1000]],
			[2.5, [1000, 1000, 1000]],
			[0.2, [1000]],
		] as const) {
			const {story, meter, id, flow} = receiving();
			flow(seconds, 1000);
			meter.sample(story.end(id, 'done').store, story.now);
			assert.deepEqual(meter.speedHistory(id), expected);
		}
	});

	test('frames that come late make no speed higher or lower', () => {
		const {story, meter, id} = receiving();
		for (let frame = 0; frame < 5; frame++) {
			story.later(1300).bytes(id, 13_000);
			meter.sample(story.store, story.now);
		}
		assert.deepEqual(meter.speedHistory(id), [10_000, 10_000, 10_000, 10_000, 10_000]);
	});

	test('it goes on when the task comes back, also from the beginning', () => {
		const {story, meter, id, flow} = receiving();
		flow(2, 1000);
		story.wait(id, {code: 'ECONNRESET', message: 'reset', retryable: true});
		meter.sample(story.store, story.now);
		story.later(8000).requeue(id).connect(id).receive(id);
		meter.sample(story.store, story.now);
		flow(1, 400);
		assert.deepEqual(meter.speedHistory(id), [1000, 1000, 400]);
	});

	test('a minute of it is kept', () => {
		const {meter, id, flow} = receiving();
		flow(10, 1000);
		flow(60, 5000);
		assert.deepEqual(meter.speedHistory(id), Array(60).fill(5000));
	});

	test('the last hundred tasks that have finished are remembered, those before are not', () => {
		const story = new Story().limits(200).run('running');
		const meter = new Meter();
		const ids = Array.from({length: 150}, (_, page) => {
			const id = story.queue(`https://example.com/${page}`);
			story.connect(id).receive(id);
			return id;
		});
		meter.sample(story.store, story.now);
		story.later(1000);
		for (const id of ids) story.bytes(id, 500).end(id, 'done');
		meter.sample(story.store, story.now);
		assert.deepEqual(
			[ids.slice(0, 50), ids.slice(50)].map(some => some.flatMap(id => meter.speedHistory(id)).length),
			[0, 100],
		);
		assert.deepEqual(meter.speedHistory(ids[149] as TaskId), [500]);
	});

	test('a task that was too quick to be seen has none', () => {
		const {story, meter} = receiving();
		const id = story.fetched('https://example.com/quick', 1000, null, 10);
		meter.sample(story.store, story.now);
		assert.deepEqual(meter.speedHistory(id), []);
	});
});
