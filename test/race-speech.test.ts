import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {RaceSpeech} from '../source/dashboard/race/speech.ts';
import {
	finished,
	fiveLanes,
	lane,
	measurement,
	type RacePlot,
	raceScene,
	raceStart,
	store,
	usage,
} from './helpers/race-store.ts';

/** A race that is listened to: each call tells what was said since the last. */
function listen() {
	const speech = new RaceSpeech();
	const race = store(fiveLanes({}));
	let heard = 0;
	const hear = (at: number, view: RacePlot['view'] = {}): string[] => {
		const {lines} = speech.follow(raceScene({store: race, at, view}, {columns: 80, rows: 24}));
		const fresh = lines.slice(heard);
		heard = lines.length;
		return fresh;
	};
	const [serial, threads] = race.lanes;
	assert.ok(serial && threads);
	return {speech, race, hear, serial, threads, greeting: hear(0)};
}

suite('a race for those who listen', () => {
	test('it begins with what is raced, and how to ask', () => {
		assert.deepEqual(listen().greeting, [
			'fetchtop race: serial, threads, processes, coroutines, messages, 40 tasks each, 3 rounds',
			'? tells all keys, Ctrl-L how far it is, q leaves',
		]);
	});

	test('a lane is told of when it starts, runs and is over, and nothing twice', () => {
		const {race, threads, hear} = listen();
		race.current = threads;
		threads.state = 'starting';
		assert.deepEqual(hear(100), ['round 1, threads is starting']);
		assert.deepEqual(hear(200), []);
		threads.state = 'running';
		threads.start = {workers: 10, wall: 310, cpu: 1, memory: 1};
		assert.deepEqual(hear(300), ['threads runs, ready in 0.31 s']);
		threads.state = 'finished';
		threads.measurements.push(measurement('threads', 620, {memory: 1e8}));
		assert.deepEqual(hear(400), ['round 1, threads finished in 0.62 s: 39 done, 1 failed, CPU 0.15 s, 100.0 MB']);
		assert.deepEqual(hear(500), []);
	});

	test('a round that is over between two looks is told of all the same', () => {
		const {serial, hear} = listen();
		serial.state = 'waiting';
		serial.measurements.push(measurement('serial', 50));
		assert.match(hear(100).join(), /^round 1, serial finished in 0\.05 s/);
	});

	test('what goes wrong is told, each time, without its control characters', () => {
		const {threads, hear} = listen();
		Object.assign(threads, {incident: 'worker 3 died\u0007', incidents: 1});
		assert.deepEqual(hear(100), ['threads: worker 3 died']);
		assert.deepEqual(hear(200), []);
		threads.incidents = 2;
		assert.deepEqual(hear(300), ['threads: worker 3 died']);
		threads.state = 'broken';
		assert.deepEqual(hear(400), ['threads was given up']);
	});

	test('a limit is told by its lane, and once where it is that of all', () => {
		const {race, threads, hear} = listen();
		threads.limit = 11;
		assert.deepEqual(hear(100), ['threads: limit 11']);
		for (const each of race.lanes) if (each.model !== 'serial') each.limit = 14;
		assert.deepEqual(hear(200), ['limit 14 in all lanes']);
	});

	test('how far it is comes every five seconds if it has changed, and at once when asked', () => {
		const {race, threads, hear, speech} = listen();
		race.current = threads;
		Object.assign(threads, {state: 'running', startedAt: raceStart, usage: usage({running: 9})});
		hear(100);
		Object.assign(threads, {done: 17, failed: 1});
		assert.deepEqual(hear(4_000), []);
		assert.deepEqual(hear(5_000), ['round 1, threads: 17 of 40 done, 1 failed, 9 at once']);
		assert.deepEqual(hear(10_000), []);
		speech.repeat();
		assert.equal(speech.isWaiting, true);
		assert.deepEqual(hear(10_100), ['round 1, threads: 17 of 40 done, 1 failed, 9 at once']);
		assert.equal(speech.isWaiting, false);
	});

	test('what keys have to say is told, and the help key for key', () => {
		const {hear} = listen();
		assert.deepEqual(hear(100, {notice: 'the race is over: nothing runs'}), ['the race is over: nothing runs']);
		const help = hear(200, {hasHelp: true});
		assert.ok(help.includes('K: kill a worker: what becomes of its task?'));
		assert.deepEqual(hear(300), ['back']);
	});

	test('the end is told once, with the fastest', () => {
		const {race, hear} = listen();
		Object.assign(race, {
			state: 'ended',
			lanes: [finished('serial', [900]), finished('threads', [100]), lane('messages')],
			agreement: {compared: 40, differences: 0, first: undefined},
		});
		const end = 'ended, threads was the fastest, 40 records compared: all alike; q leaves and tells the rest';
		assert.ok(hear(100).includes(end));
		assert.deepEqual(hear(200), []);
	});
});
