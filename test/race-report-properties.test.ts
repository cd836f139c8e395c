import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {figuresOf, type Outcome} from '../source/race/report/figures.ts';
import {reasonsOf} from '../source/race/report/reasons.ts';
import {reportData, reportLines} from '../source/race/report/report.ts';
import {type Measurement, type ModelName, modelNames} from '../source/race/seams.ts';
import {computingRace, waitingRace} from './helpers/race.ts';

const amount = fc.oneof(
	fc.constantFrom(0, 1, 0.004, 999.5, 59_950, 1e12),
	fc.nat(50_000),
	fc.double({min: 0, max: 1e10, noNaN: true}),
);
const whole = fc.oneof(fc.constantFrom(0, 1, 2), fc.nat(100_000));
const anyMeasurement: fc.Arbitrary<Measurement> = fc.record({
	model: fc.constantFrom(...modelNames),
	round: fc.integer({min: 1, max: 9}),
	limit: fc.constantFrom(1, 2, 20, 200),
	isSteered: fc.boolean(),
	isHalted: fc.boolean(),
	tasks: whole,
	done: whole,
	failed: whole,
	wall: amount,
	cpu: amount,
	memory: amount,
	start: fc.record({workers: fc.nat(200), wall: amount, cpu: amount, memory: amount}),
	messages: whole,
	copied: amount,
	full: whole,
	incidents: fc.nat(3),
});
const anyOutcome: fc.Arbitrary<Outcome> = fc.record({
	measurements: fc.array(anyMeasurement, {maxLength: 12}),
	cores: fc.integer({min: 1, max: 256}),
	agreement: fc.record({
		compared: whole,
		differences: fc.nat(3),
		first: fc.option(
			fc.record({
				number: fc.nat(1_000),
				url: fc.constant('http://a.example/'),
				field: fc.constantFrom('title', 'extracted'),
				models: fc.constant(['serial', 'threads'] as const),
				values: fc.tuple(fc.string({unit: 'binary', maxLength: 90}), fc.jsonValue()),
			}),
			{nil: undefined},
		),
	}),
	left: fc.array(
		fc.record({
			model: fc.constantFrom(...modelNames),
			round: fc.nat(9),
			why: fc.option(fc.string({unit: 'grapheme'}), {nil: undefined}),
		}),
		{maxLength: 3},
	),
});

/** Without what strangers say, in which every word may stand. */
const ours = (outcome: Outcome): Outcome => ({
	...outcome,
	agreement: {...outcome.agreement, first: undefined},
	left: [],
});

suite('whatever is measured', () => {
	test('every line fits, and in ASCII is ASCII', () => {
		const columns = fc.integer({min: 40, max: 200});
		fc.assert(
			fc.property(anyOutcome, columns, fc.boolean(), (outcome, columns, ascii) => {
				for (const line of reportLines(outcome, {columns, ascii})) {
					assert.ok(stringWidth(line) < columns, line);
					assert.equal(line, line.trimEnd());
					if (ascii) assert.match(line, /^[\x20-\x7e]*$/);
				}
			}),
			{numRuns: 500},
		);
	});

	test('no text has a number that is none', () => {
		fc.assert(
			fc.property(anyOutcome, outcome => {
				const lines = reportLines(ours(outcome), {columns: 200, ascii: false}).join('\n');
				assert.doesNotMatch(lines, /NaN|Infinity|undefined|null|\de[+-]\d/);
				JSON.stringify(reportData(outcome), (key, value) => {
					assert.ok(typeof value !== 'number' || Number.isFinite(value), key);
					return value;
				});
			}),
			{numRuns: 500},
		);
	});

	test('without a serial lane nothing is said of speed-ups, and on one core nothing of parallel work', () => {
		fc.assert(
			fc.property(anyOutcome, outcome => {
				const without = outcome.measurements.filter(({model}) => model !== 'serial');
				const unknown = reportLines(ours({...outcome, measurements: without}), {columns: 200, ascii: false});
				assert.doesNotMatch(unknown.join('\n'), /×|speed|serial/);
				const reasons = reasonsOf(figuresOf({...outcome, cores: 1})).join('\n');
				assert.doesNotMatch(reasons, /cores busy|parallel|of them busy/);
			}),
			{numRuns: 500},
		);
	});

	test('any of the models may be missing', () => {
		for (const race of [waitingRace(), computingRace()])
			for (let chosen = 0; chosen < 32; chosen++) {
				const models = modelNames.filter((_, index) => chosen & (1 << index));
				const measurements = race.measurements.filter(({model}) => models.includes(model));
				const lines = reportLines({...race, measurements}, {columns: 120, ascii: false});
				const named = modelNames.filter(model => lines.some(line => line.startsWith(`${model} `)));
				assert.deepEqual(named, models);
				const text = lines.slice(lines.indexOf('Why:')).join('\n').toLowerCase();
				for (const model of ['threads', 'coroutines'].filter(name => !models.includes(name as ModelName)))
					assert.ok(!text.includes(model), `${model} in: ${text}`);
			}
	});
});
