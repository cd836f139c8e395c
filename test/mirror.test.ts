import assert from 'node:assert/strict';
import fc from 'fast-check';
import type {EngineEvent} from '../source/engine/events.ts';
import {defaultSettings, limitsOf} from '../source/engine/settings.ts';
import type {TaskId} from '../source/engine/task.ts';
import {EventBatches} from '../source/threads/event-batches.ts';
import type {Batch} from '../source/threads/messages.ts';
import {Mirror} from '../source/threads/mirror.ts';
import {TestClock, test} from './helpers/engine.ts';
import {contents, happen, step, Told} from './helpers/happenings.ts';

/** A story, and its mirror as it is behind a port. */
function mirrored() {
	const story = new Told().limits(8);
	const mirror = new Mirror(limitsOf(defaultSettings));
	const clock = new TestClock();
	const batches: Batch[] = [];
	const sender = new EventBatches(story, clock, batch => {
		batches.push(structuredClone(batch));
		mirror.apply(structuredClone(batch));
	});
	story.listener = event => sender.add(event);
	return {story, mirror, clock, batches, sender};
}

test('a mirror that was sent the batches equals the store, bytes received included, whatever happens', () => {
	fc.assert(
		fc.property(fc.array(step, {maxLength: 120}), steps => {
			const {story, mirror, clock, sender} = mirrored();
			const ids: TaskId[] = [];
			for (const each of steps) {
				happen(story, ids, each);
				clock.advance(each.pass);
				if (!each.sends) continue;
				sender.send();
				assert.deepEqual(contents(mirror.store), contents(story.store));
			}
			sender.send();
			assert.deepEqual(contents(mirror.store), contents(story.store));
		}),
	);
});

test('whoever listens to a mirror hears every event, in order, with the store as it was then', () => {
	fc.assert(
		fc.property(fc.array(step, {maxLength: 60}), steps => {
			const {story, mirror, sender} = mirrored();
			const heard: Array<readonly [EngineEvent, version: number, live: number]> = [];
			const told: typeof heard = [];
			mirror.subscribe(event => heard.push([event, mirror.store.version, mirror.store.live.size]));
			const before = story.listener;
			story.listener = event => {
				before(event);
				told.push([event, story.store.version, story.store.live.size]);
			};
			const ids: TaskId[] = [];
			for (const each of steps) happen(story, ids, each);
			sender.send();
			assert.deepEqual(heard, told);
		}),
	);
});

test('the first event goes out at once, and those after it together', () => {
	const {story, clock, batches} = mirrored();
	story.run('running');
	clock.advance(0);
	assert.equal(batches.length, 1);
	for (let count = 0; count < 50; count++) story.queue(`http://h/${count}`);
	clock.advance(1);
	assert.equal(batches.length, 1);
	clock.advance(1_000);
	assert.deepEqual(
		batches.map(({entries}) => entries.length),
		[1, 50],
	);
});

test('while bytes arrive they are told without any event, and when nothing moves nothing is sent', () => {
	const {story, mirror, clock, batches} = mirrored();
	const id = story.queue('http://h/');
	story.connect(id).receive(id, {total: 1_000}).bytes(id, 1);
	clock.advance(1_000);
	const sent = batches.length;
	clock.advance(1_000);
	assert.equal(batches.length, sent);
	story.bytes(id, 500);
	clock.advance(1_000);
	assert.equal(mirror.store.get(id)?.received, 501);
	assert.equal(mirror.store.received, 501);
	story.end(id, 'done');
	clock.advance(1_000);
	assert.equal(clock.timers.size, 0);
});

test('while nothing comes it is looked for 25 times a second, and an event goes out at once all the same', () => {
	const {story, clock, batches} = mirrored();
	const id = story.queue('http://h/');
	story.connect(id).receive(id, {total: 1_000});
	clock.advance(1_000);
	const sent = batches.length;
	for (let look = 0; look < 10; look++) {
		clock.advance(39);
		assert.deepEqual(
			[...clock.timers].map(({at}) => at - clock.now()),
			[1],
		);
		clock.advance(1);
	}
	assert.equal(batches.length, sent);
	story.run('paused');
	clock.advance(0);
	assert.equal(batches.length, sent + 1);
});

test('while the run is paused nothing is looked for, once what was under way has come', () => {
	const {story, mirror, clock, batches} = mirrored();
	const id = story.queue('http://h/');
	story.connect(id).receive(id, {total: 1_000}).bytes(id, 1).run('paused');
	clock.advance(0);
	story.bytes(id, 2);
	clock.advance(40);
	assert.equal(mirror.store.get(id)?.received, 3);
	clock.advance(40);
	assert.equal(clock.timers.size, 0);
	const sent = batches.length;
	story.run('running');
	clock.advance(0);
	assert.equal(batches.length, sent + 1);
	story.bytes(id, 10);
	clock.advance(40);
	assert.equal(mirror.store.get(id)?.received, 13);
});

test('many events do not wait for each other, and who makes them waits until they were heard', async () => {
	const {story, batches, sender} = mirrored();
	for (let count = 0; sender.room() === undefined; count++) {
		assert.ok(count < 100_000, 'however few are heard, there is room');
		story.queue(`http://h/${count}`);
	}
	assert.ok(batches.every(({entries}) => entries.length <= 1_000));
	const sent = batches.flatMap(({entries}) => entries).length;
	const room = sender.room();
	assert.ok(room);
	sender.heard(sent);
	await room;
	assert.equal(sender.room(), undefined);
});
