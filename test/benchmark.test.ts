import assert from 'node:assert/strict';
import path from 'node:path';
import {suite, test} from 'node:test';
import {cases} from '../benchmark/cases.ts';
import type {Bench, Case, Outcome, Requirement} from '../benchmark/contestants.ts';
import {commandLine} from '../benchmark/machine.ts';
import {type Sample, timesOf} from '../benchmark/measure.ts';
import {parseOptions} from '../benchmark/options.ts';
import {blocksOf, pageOf} from '../benchmark/pages.ts';
import {measuredOf, requirementTable, verdictOf} from '../benchmark/report.ts';
import {median, quantile, ratio, seeded} from '../benchmark/statistics.ts';

const root = path.resolve(import.meta.dirname, '..');

suite('what samples come to', () => {
	test('a median is the middle one, or the mean of the two there, in whatever order they came', () => {
		assert.equal(median([9, 1, 2]), 2);
		assert.equal(median([4, 10, 1, 2]), 3);
		assert.equal(median([7]), 7);
		assert.ok(Number.isNaN(median([])));
	});

	test('a quantile is one of the values, the smallest that so many do not exceed', () => {
		const values = Array.from({length: 200}, (_, index) => 200 - index);
		assert.equal(quantile(values, 0.99), 198);
		assert.equal(quantile(values, 1), 200);
		assert.equal(quantile(values, 0), 1);
		assert.equal(quantile([3, 5], 0.99), 5);
		assert.ok(Number.isNaN(quantile([], 0.5)));
	});

	test('there is no ratio to what was not measured', () => {
		assert.equal(ratio(3, 2), 1.5);
		assert.ok(Number.isNaN(ratio(3, Number.NaN)));
		assert.ok(Number.isNaN(ratio(3, 0)));
	});
});

const sample = (wall: number, memory = Number.NaN): Sample => ({wall, cpu: wall / 2, memory});

const outcomeOf = (requirement: Requirement, rows: Readonly<Record<string, Sample[]>>): Outcome => ({
	case: {name: 'some', title: () => 'some', data: [], contestants: [], requirements: [requirement]} satisfies Case,
	rows: Object.entries(rows).map(([name, samples]) => ({name, command: name, samples})),
	left: [],
	hasFailed: false,
});

suite('requirements', () => {
	const faster: Requirement = {
		...{work: 'work', of: 'fetchtop', against: 'peer', metric: 'wall', relation: 'times', atMost: 0.8},
	};
	const flat: Requirement = {
		...{work: 'work', of: 'many', against: 'few', metric: 'memory', relation: 'more', atMost: 20e6},
	};

	test('a ratio is one of medians', () => {
		const outcome = outcomeOf(faster, {fetchtop: [sample(1), sample(50), sample(2)], peer: [sample(4), sample(4)]});
		assert.equal(measuredOf(faster, outcome), 0.5);
		assert.match(requirementTable([outcome]), /work .*0\.80 × .*0\.50 × .* met \|$/);
	});

	test('growth is a difference', () => {
		const outcome = outcomeOf(flat, {many: [sample(1, 130e6)], few: [sample(1, 100e6)]});
		assert.equal(measuredOf(flat, outcome), 30e6);
		assert.match(requirementTable([outcome]), /20\.0 MB .*30\.0 MB .*not met \(1\.50 × the limit\)/);
	});

	test('what a missing peer was to be compared with is not measured, and neither met nor not', () => {
		assert.match(requirementTable([outcomeOf(faster, {fetchtop: [sample(1)]})]), /– .*not measured/);
		assert.equal(verdictOf(0.8, 0.8), 'met');
	});

	test('every requirement is about contestants of its case', () => {
		for (const {name, contestants, requirements} of cases) {
			const names = contestants.map(contestant => contestant.name);
			for (const {of, against = of} of requirements) {
				assert.ok(names.includes(of), `${name}: ${of}`);
				assert.ok(names.includes(against), `${name}: ${against}`);
			}
		}
	});
});

suite('pages', () => {
	const blocks = blocksOf(root);

	test('a page is the same one each time, and no other', () => {
		assert.equal(pageOf(blocks, 3, 10_000), pageOf(blocks, 3, 10_000));
		assert.notEqual(pageOf(blocks, 3, 10_000), pageOf(blocks, 4, 10_000));
		const [random, again] = [seeded(5), seeded(5)];
		assert.deepEqual([random(), random()], [again(), again()]);
	});

	test('a page is about as long as it was asked to be', () => {
		for (const bytes of [10_000, 100_000, 300_000]) {
			const size = Buffer.byteLength(pageOf(blocks, bytes, bytes));
			assert.ok(size > bytes * 0.9 && size < bytes * 1.2, `${size} for ${bytes}`);
		}
	});
});

test('options are those of its help, and what is wrong is told', () => {
	assert.deepEqual(parseOptions(['--quick', '--case', 'a'], ['a', 'b']), {
		...{quick: true, rounds: 1, cases: ['a'], profile: false, note: ''},
	});
	const plain = parseOptions([], []);
	assert.ok(plain !== 'help' && plain.rounds === 5);
	assert.throws(() => parseOptions(['--case', 'c'], ['a', 'b']), /no case c; there are a, b/);
	assert.throws(() => parseOptions(['--rounds', '0'], []), /--rounds takes a whole number from 1, not 0/);
});

test('commands are shown as anybody would type them, without folders of the machine', () => {
	const bench = {
		...{root: '/home/me/checkout', folder: '/somewhere/data', origin: 'http://127.0.0.1:12345', node: '/opt/node'},
		peers: {curl: {file: '/usr/bin/curl', version: 'curl 1'}},
	} as unknown as Bench;
	const shown = (...command: string[]) => commandLine(command, bench);
	assert.equal(
		shown(
			'/opt/node',
			'/home/me/checkout/dist/cli.js',
			'-i',
			'/somewhere/data/lists/a.txt',
			'-d',
			'/somewhere/data/out',
		),
		'fetchtop -i a.txt -d out',
	);
	assert.equal(shown('/usr/bin/curl', '-K', '/somewhere/data/lists/a.curl'), 'curl -K a.curl');
	assert.equal(shown('/opt/node', '/somewhere/data/ceiling.mjs', '10'), 'node ceiling.mjs 10');
});

test('what bash tells of a run is understood, with a decimal comma too', () => {
	assert.deepEqual(timesOf('1.250 0.500 0.250\n'), {wall: 1.25, cpu: 0.75});
	assert.deepEqual(timesOf('1,250 0,500 0,250\n'), {wall: 1.25, cpu: 0.75});
});
