import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {compare, student} from '../source/dashboard/compare.ts';
import {Effects} from '../source/dashboard/effect.ts';
import type {Second} from '../source/dashboard/history.ts';
import {createTheme} from '../source/dashboard/theme.ts';
import {judge, type Measured, type Verdict} from '../source/dashboard/verdict.ts';
import {verdictForms} from '../source/dashboard/verdict-text.ts';
import {noLimits} from './helpers/store.ts';

const theme = createTheme({ascii: false, color: false});

const secondOf = (concurrency: number, given: Partial<Second> = {}): Second => ({
	bytes: 0,
	done: 0,
	running: concurrency,
	queued: 100,
	limits: {...noLimits, concurrency},
	state: 'running',
	watched: true,
	firstByte: undefined,
	troubles: 0,
	refusal: undefined,
	held: undefined,
	...given,
});

/** Mulberry32: the same noise in every run of the tests. */
function random(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Normal noise, each second of which is like the one before by `likeness`. */
function noiseOf(seed: number, likeness: number): () => number {
	const next = random(seed * 7919 + 13);
	const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
	let last = normal();
	return () => {
		last = likeness * last + Math.sqrt(1 - likeness ** 2) * normal();
		return last;
	};
}

/** A run whose seconds are told one by one. */
class Run {
	readonly effects = new Effects();
	#time = 0;

	seconds(count: number, concurrency: number, given: Partial<Second> | (() => Partial<Second>) = {}): this {
		for (let second = 0; second < count; second++) {
			this.#time += 1000;
			this.effects.next(secondOf(concurrency, typeof given === 'function' ? given() : given), this.#time);
		}
		return this;
	}

	get told(): string[] {
		return this.effects.told.map(verdict => verdictForms(verdict, theme)[0]);
	}
}

type Noisy = {from: number; to: number; change: number; noise: number; likeness: number; before: number};

/** The verdict on a change in a run that is noisy. */
function verdictOf(seed: number, {from, to, change, noise, likeness, before}: Noisy): Verdict {
	const next = noiseOf(seed, likeness);
	const level = (mean: number) => () => ({bytes: Math.max(0, mean * (1 + noise * next()))});
	const run = new Run().seconds(before + 2, from, level(50e6)).seconds(33, to, level(50e6 * (1 + change)));
	const [verdict] = run.effects.told;
	assert.ok(verdict && run.effects.told.length === 1, `${run.effects.told.length} verdicts`);
	return verdict;
}

const meaning = (verdict: Verdict): string => (verdict.kind === 'void' ? verdict.why : verdict.means);
const steady = (bytes: number): Partial<Second> => ({bytes});

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
		['only 9 run: held by --per-host', {running: 9, held: 'held by --per-host'}],
		['only 1 runs: a.test takes 1 at once', {running: 1, held: 'a.test takes 1 at once'}],
		['only 10 have work', {running: 10, queued: 0}],
		['only 1 has work', {running: 1, queued: 0}],
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
		assert.deepEqual(run.told, ['8 → 10: too early to compare']);
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

suite('noise', () => {
	const share = (seeds: number, given: Noisy, holds: (verdict: Verdict) => boolean): number => {
		let count = 0;
		for (let seed = 0; seed < seeds; seed++) if (holds(verdictOf(seed, given))) count++;
		return count / seeds;
	};
	const grounds = [0.02, 0.05, 0.1, 0.2, 0.4].flatMap(noise =>
		[0, 0.5].flatMap(likeness => [5, 12, 30].map(before => ({noise, likeness, before}))),
	);

	test('of any strength is taken for a gain or a loss in fewer than one run of twenty', () => {
		for (const [from, to] of [
			[8, 12],
			[12, 8],
		] as const)
			for (const ground of grounds) {
				const wrong = share(300, {from, to, change: 0, ...ground}, each => ['more', 'less'].includes(meaning(each)));
				assert.ok(wrong < 0.05, `${wrong} of ${JSON.stringify(ground)}`);
			}
	});

	test('does not make a gain of a tenth look like none, nor a loss of a tenth like nothing lost', () => {
		for (const [from, to, change] of [
			[8, 12, 0.1],
			[12, 8, -0.1],
		] as const)
			for (const ground of grounds.filter(({noise}) => noise <= 0.2)) {
				const wrong = share(300, {from, to, change, ...ground}, each => meaning(each) === 'same');
				assert.ok(wrong < 0.08, `${wrong} of ${JSON.stringify(ground)}`);
			}
	});

	test('does not hide that a run has become twice as fast', () => {
		for (const noise of [0.02, 0.05, 0.1, 0.2]) {
			const given = {from: 8, to: 12, change: 1, noise, likeness: 0, before: 30};
			const seen = share(
				200,
				given,
				each => each.kind === 'measured' && Math.abs(each.change - 1) < Math.max(0.1, 3 * noise),
			);
			assert.ok(seen > 0.97, `${seen} with ${noise}`);
		}
	});

	test('that is little shows that nothing was gained', () => {
		for (const noise of [0, 0.02, 0.05])
			assert.ok(
				share(200, {from: 8, to: 12, change: 0, noise, likeness: 0, before: 30}, each => meaning(each) === 'same') >
					0.85,
			);
	});

	test('that is too much is told as that, or as how much it can be at most', () => {
		const given = {from: 8, to: 12, change: 0, noise: 0.1, likeness: 0.5, before: 30};
		const forms = Array.from({length: 100}, (_, seed) => verdictForms(verdictOf(seed, given), theme)[0]);
		assert.ok(forms.some(text => /^8 → 12: at most \+\d+ %$/.test(text)));
		assert.ok(forms.some(text => text === '8 → 12: too noisy to say'));
	});

	test('the interval around what is told holds the truth', () => {
		const given = {from: 8, to: 12, change: 0.31, noise: 0.1, likeness: 0, before: 30};
		const off = (each: Verdict) => each.kind === 'measured' && Math.abs(each.change - 0.31) > each.margin;
		assert.ok(share(300, given, off) < 0.03);
	});
});

suite('whatever the seconds are', () => {
	const amount = fc.oneof(fc.constant(0), fc.nat(1e9), fc.double({min: 0, max: 1e9, noNaN: true}));
	const second = fc.record({
		bytes: amount,
		done: fc.oneof(fc.constant(0), fc.nat(5000)),
		firstByte: fc.option(fc.nat(10_000), {nil: undefined}),
		troubles: fc.nat(50),
	});
	const seconds = fc.array(second, {minLength: 5, maxLength: 30});
	const judged = (
		before: readonly Partial<Second>[],
		after: readonly Partial<Second>[],
		[from, to]: readonly [number, number],
	) =>
		judge(
			{from, to},
			before.map(each => secondOf(from, each)),
			after.map(each => secondOf(to, each)),
			true,
		);

	test('there is a verdict in the end, and its numbers can be printed', () => {
		fc.assert(
			fc.property(seconds, seconds, fc.constantFrom([8, 12], [12, 8] as const), (before, after, change) => {
				const verdict = judged(before, after, change as [number, number]);
				assert.ok(verdict);
				for (const form of verdictForms(verdict, theme)) assert.doesNotMatch(form, /NaN|Infinity|undefined/);
			}),
		);
	});

	test('a throughput that stays as it is never yields a gain, one that doubles always does', () => {
		fc.assert(
			fc.property(
				fc.integer({min: 1, max: 1e9}),
				fc.integer({min: 8, max: 30}),
				fc.integer({min: 8, max: 27}),
				(bytes, n, m) => {
					const of = (count: number, factor: number) => Array.from({length: count}, () => ({bytes: bytes * factor}));
					assert.equal((judged(of(n, 1), of(m, 1), [8, 12]) as Measured).means, 'same');
					const doubled = judged(of(n, 1), of(m, 2), [8, 12]) as Measured;
					assert.ok(doubled.means === 'more' && Math.abs(doubled.change - 1) < 1e-9);
					const halved = judged(of(n, 2), of(m, 1), [12, 8]) as Measured;
					assert.ok(halved.means === 'less' && Math.abs(halved.change + 0.5) < 1e-9);
				},
			),
		);
	});

	test('it does not matter in which unit they are counted', () => {
		fc.assert(
			fc.property(seconds, seconds, fc.integer({min: 2, max: 1000}), (before, after, factor) => {
				const plain = (list: typeof before, by: number) => list.map(({bytes}) => ({bytes: bytes * by}));
				const [one, other] = [1, factor].map(by => judged(plain(before, by), plain(after, by), [8, 12]) as Verdict);
				assert.ok(one && other && meaning(one) === meaning(other));
			}),
		);
	});
});

suite('the comparison', () => {
	test('knows the quantiles of Student', () => {
		// From the tables, for 99 % two-sided.
		for (const [freedom, expected] of [
			[4, 4.604],
			[8, 3.355],
			[20, 2.845],
			[1000, 2.581],
		] as const)
			assert.ok(
				Math.abs(student(2.576, freedom) / expected - 1) < 0.02,
				`${student(2.576, freedom)} is not ${expected}`,
			);
	});

	test('is that of Welch where seconds do not follow each other', () => {
		const [before, after] = [
			[10, 12, 9, 11, 10, 9, 12, 11],
			[20, 18, 22, 19, 21, 20, 18, 22],
		];
		const {change = 0, error = 0, freedom = 0} = compare(before, after) ?? {};
		assert.ok(Math.abs(change - 160 / 84 + 1) < 1e-12);
		assert.ok(error > 0.05 && error < 0.12 && freedom > 8 && freedom < 14, `${error} ${freedom}`);
	});

	test('trusts seconds less that are like their neighbors', () => {
		const mixed = [10, 12, 10, 12, 10, 12, 10, 12, 10, 12];
		const sorted = [10, 10, 10, 10, 10, 12, 12, 12, 12, 12];
		assert.ok((compare(sorted, sorted)?.error ?? 0) > 2 * (compare(mixed, mixed)?.error ?? 1));
	});

	test('does not divide by nothing', () => {
		assert.equal(compare([0, 0, 0], [1, 2, 3]), undefined);
		assert.equal(compare([1], [1, 2, 3]), undefined);
	});
});
