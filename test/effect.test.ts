import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import type {Second} from '../source/dashboard/measuring/history.ts';
import {noiseOf, Run, steady} from './helpers/seconds.ts';
import {noLimits} from './helpers/store.ts';

suite('what a change did', () => {
	const plain: ReadonlyArray<readonly [from: number, to: number, before: number, after: number, string]> = [
		[8, 12, 48.2e6, 63.1e6, '8 → 12: +31 % (48.2 → 63.1 MB/s)'],
		[12, 16, 63e6, 63.4e6, '12 → 16: no gain (63.0 → 63.4 MB/s)'],
		[12, 16, 63e6, 45e6, '12 → 16: −29 % (63.0 → 45.0 MB/s)'],
		[12, 8, 63e6, 51.6e6, '12 → 8: −18 % (63.0 → 51.6 MB/s)'],
		[16, 12, 63e6, 62.5e6, '16 → 12: nothing lost (63.0 → 62.5 MB/s)'],
		[16, 12, 40e6, 80e6, '16 → 12: +100 % (40.0 → 80.0 MB/s)'],
		[1, 2, 600, 1100, '1 → 2: +83 % (0.6 → 1.1 kB/s)'],
		[2, 1, 600, 0, '2 → 1: −100 % (600 → 0 B/s)'],
	];
	for (const [from, to, before, after, expected] of plain)
		test(`is told as ${expected}`, () => {
			const run = new Run().seconds(20, from, steady(before)).seconds(11, to, steady(after));
			assert.deepEqual(run.told, [expected]);
		});

	test('is too noisy to say where it may be a third less, which would be a poor "no gain"', () => {
		let second = 0;
		const waves = (mean: number) => () => ({bytes: mean * (1 + 0.9 * Math.sin(second++))});
		const run = new Run().seconds(20, 8, waves(62e6)).seconds(33, 12, waves(41e6));
		assert.equal(run.told.length, 1);
		assert.doesNotMatch(run.told.join(), /no gain/);
	});

	test('is nothing when it was taken back before anything could be told of it', () => {
		assert.deepEqual(new Run().seconds(2, 8).seconds(2, 12).seconds(1, 8).told, []);
	});

	test('is counted in pages where these are small, and never in what failed', () => {
		const pages = (done: number, failed: number) => ({done, bytes: done * 20_000, troubles: failed});
		const run = new Run().seconds(20, 8, pages(120, 0)).seconds(11, 12, pages(157, 9));
		assert.deepEqual(run.told, ['8 → 12: +31 % (120 → 157 pages/s), 45 attempts failed']);
		const few = new Run().seconds(20, 8, pages(12, 1)).seconds(11, 12, pages(12.1, 1));
		assert.deepEqual(few.told, ['8 → 12: no gain (12.0 → 12.1 pages/s)']);
	});

	test('is counted in bytes where bodies are large, however few are done', () => {
		const run = new Run().seconds(20, 8, {bytes: 40e6, done: 6}).seconds(11, 12, {bytes: 60e6, done: 3});
		assert.deepEqual(run.told, ['8 → 12: +50 % (40.0 → 60.0 MB/s)']);
	});

	test('comes with what it did to the first byte', () => {
		const after = (firstByte: number) =>
			new Run().seconds(20, 8, {bytes: 4e6, firstByte: 120}).seconds(11, 12, {bytes: 6e6, firstByte}).told[0];
		assert.equal(after(180), '8 → 12: +50 % (4.0 → 6.0 MB/s), first byte +50 %');
		assert.equal(after(120), '8 → 12: +50 % (4.0 → 6.0 MB/s), first byte 0 %');
		const quick = new Run().seconds(20, 8, {bytes: 4e6, firstByte: 1}).seconds(11, 12, {bytes: 6e6, firstByte: 2});
		assert.doesNotMatch(quick.told[0] ?? '', /first byte/, 'milliseconds cannot be told apart');
	});

	test('is told with no more digits than are known', () => {
		const told = [0.31, 0.34, 0.62].map(change => {
			const next = noiseOf(3, 0);
			const level = (mean: number) => () => ({bytes: mean * (1 + 0.12 * next())});
			return new Run().seconds(32, 8, level(40e6)).seconds(33, 12, level(40e6 * (1 + change))).told[0] ?? '';
		});
		for (const text of told) assert.match(text, /^8 → 12: about \+\d*[05] %/);
	});

	test('is measured when what runs beyond the lowered limit has finished, and not before', () => {
		const run = new Run().seconds(20, 12, steady(60e6)).seconds(40, 8, {bytes: 60e6, running: 11});
		assert.deepEqual([run.told, run.effects.measuring(8)], [[], {from: 12, to: 8}]);
		run.seconds(9, 8, steady(42e6));
		assert.deepEqual(run.told, ['12 → 8: −30 % (60.0 → 42.0 MB/s)']);
	});

	test('leaves out the seconds in which connections are made', () => {
		const run = new Run().seconds(20, 8, steady(40e6)).seconds(1, 12, steady(20e6)).seconds(2, 12, steady(1e6));
		assert.deepEqual(run.seconds(8, 12, steady(60e6)).told, ['8 → 12: +50 % (40.0 → 60.0 MB/s)']);
	});

	test('of keys pressed one after the other is that of all of them', () => {
		const run = new Run().seconds(20, 8, steady(40e6));
		for (const limit of [9, 10, 11, 12]) {
			run.seconds(1, limit, steady(44e6));
			assert.deepEqual(run.effects.measuring(limit), {from: 8, to: limit});
		}
		assert.deepEqual(run.seconds(10, 12, steady(60e6)).told, ['8 → 12: +50 % (40.0 → 60.0 MB/s)']);
	});

	test('and back at once is none', () => {
		const run = new Run().seconds(20, 8, steady(40e6)).seconds(2, 12, steady(44e6)).seconds(40, 8, steady(40e6));
		assert.deepEqual([run.told, run.effects.measuring(8)], [[], undefined]);
	});

	test('may be measured against what the change before it led to', () => {
		const run = new Run().seconds(20, 8, steady(40e6)).seconds(20, 12, steady(60e6)).seconds(20, 16, steady(60e6));
		assert.deepEqual(run.told, ['8 → 12: +50 % (40.0 → 60.0 MB/s)', '12 → 16: no gain (60.0 → 60.0 MB/s)']);
	});

	test('is being measured from the moment the limit is another, before its second is over', () => {
		const run = new Run().seconds(20, 8, steady(40e6));
		assert.deepEqual([run.effects.measuring(8), run.effects.measuring(12)], [undefined, {from: 8, to: 12}]);
	});

	test('is remembered for the last twenty changes', () => {
		const run = new Run();
		for (let limit = 1; limit < 40; limit++) run.seconds(20, limit, steady(limit * 1e6));
		assert.equal(run.told.length, 20);
		assert.match(run.told.at(-1) ?? '', /^38 → 39: no gain \(38\.0 → 39\.0 MB\/s\)/);
	});
});

suite('nothing is said of a change', () => {
	const before = () => new Run().seconds(20, 8, steady(40e6)).seconds(5, 12, steady(44e6));
	const spoiled: ReadonlyArray<readonly [string, Partial<Second>]> = [
		['paused meanwhile', {state: 'paused'}],
		['the run was ending', {state: 'draining'}],
		['the run was ending', {state: 'ended'}],
		['nobody watched', {watched: false}],
		['a.test asked for less (429)', {refusal: 'a.test asked for less (429)'}],
		['another limit was changed', {limits: {...noLimits, concurrency: 12, bandwidth: 5e6}}],
		['another limit was changed', {limits: {...noLimits, concurrency: 12, perHost: 2}}],
		['another limit was changed', {limits: {...noLimits, concurrency: 12, rate: 2}}],
	];
	for (const [why, given] of spoiled)
		test(`when it cannot be measured: ${why} (${Object.keys(given)})`, () => {
			assert.deepEqual(before().seconds(1, 12, given).seconds(30, 12, steady(60e6)).told, [`8 → 12: ${why}`]);
		});

	const idle: ReadonlyArray<readonly [string, Partial<Second>]> = [
		['only 9 ran: held by --per-host', {running: 9, held: 'held by --per-host'}],
		['only 1 ran: a.test takes 1 at once', {running: 1, held: 'a.test takes 1 at once'}],
		['only 10 had work', {running: 10, queued: 0}],
		['only 1 had work', {running: 1, queued: 0}],
	];
	for (const [why, given] of idle) {
		test(`when the slots never filled: ${why}`, () => {
			const run = new Run().seconds(20, 8, steady(40e6)).seconds(20, 12, {bytes: 60e6, ...given});
			assert.deepEqual(run.told, [`8 → 12: ${why}`]);
		});
		test(`when they were not full before: ${why}`, () => {
			const run = new Run().seconds(20, 12, {bytes: 60e6, ...given}).seconds(1, 16, steady(60e6));
			assert.deepEqual(run.told, [`12 → 16: ${why}`]);
		});
		test(`when they emptied meanwhile: ${why}`, () => {
			const run = new Run()
				.seconds(20, 8, steady(40e6))
				.seconds(6, 12, steady(60e6))
				.seconds(5, 12, {bytes: 60e6, ...given});
			assert.deepEqual(run.told, [`8 → 12: ${why}`]);
		});
	}

	test('but a slot that is free for a moment, for no reason, does not matter', () => {
		const run = new Run().seconds(20, 8, steady(40e6)).seconds(11, 12, {bytes: 60e6, running: 10.2});
		assert.match(run.told[0] ?? '', /\+50 %/);
	});

	test('when the bandwidth limit holds before and after', () => {
		const limited = (concurrency: number, bytes: number) => ({
			bytes,
			limits: {...noLimits, concurrency, bandwidth: 5e6},
		});
		const run = new Run().seconds(20, 8, limited(8, 4.9e6)).seconds(11, 12, limited(12, 5e6));
		assert.deepEqual(run.told, ['8 → 12: held by the bandwidth limit, not by concurrency']);
		const reached = new Run().seconds(20, 8, limited(8, 4e6)).seconds(11, 12, limited(12, 5e6));
		assert.deepEqual(reached.told, ['8 → 12: +25 % (4.0 → 5.0 MB/s), the bandwidth limit holds it']);
	});

	test('in the first seconds of a run, however many keys are pressed', () => {
		const run = new Run().seconds(3, 8, steady(40e6)).seconds(2, 9, steady(40e6)).seconds(30, 10, steady(40e6));
		assert.deepEqual(run.told, ['8 → 10: too soon after the start: not compared']);
	});

	test('when something else is changed before it can be told', () => {
		const next = noiseOf(1, 0);
		const noisy = () => ({bytes: 40e6 * (1 + 0.3 * next())});
		const run = new Run().seconds(20, 8, noisy).seconds(9, 9, noisy).seconds(9, 10, noisy);
		assert.deepEqual(run.told, ['8 → 9: changed again too soon']);
	});

	test('when it takes minutes to drain', () => {
		const run = new Run().seconds(20, 12, steady(60e6)).seconds(130, 8, {bytes: 60e6, running: 10});
		assert.deepEqual(run.told, ['12 → 8: it took too long to drain']);
	});

	test('when nothing came in before', () => {
		assert.deepEqual(new Run().seconds(20, 8).seconds(31, 12, steady(60e6)).told, ['8 → 12: nothing came in before']);
	});
});
