import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {verdictForms} from '../source/dashboard/drawing/verdict-text.ts';
import {compare, student} from '../source/dashboard/measuring/compare.ts';
import type {Second} from '../source/dashboard/measuring/history.ts';
import {judge, type Measured, type Verdict} from '../source/dashboard/measuring/verdict.ts';
import {meaning, noiseOf, Run, secondOf, theme} from './helpers/seconds.ts';

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
