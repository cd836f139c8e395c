import assert from 'node:assert/strict';
import {readdir, readFile, writeFile} from 'node:fs/promises';
import {suite, test} from 'node:test';
import {reportData, reportLines} from '../source/race/report/report.ts';
import {standingsOf} from '../source/race/report/standings.ts';
import {tableLines} from '../source/race/report/table.ts';
import {modelNames} from '../source/race/seams.ts';
import {computingRace, measurement, race, races, twenty} from './helpers/race.ts';

const golden = new URL('golden/', import.meta.url);
const update = process.env.UPDATE === '1';

const widths = [40, 80, 120, 200];
const fileOf = (name: string, ascii: boolean, columns: number) =>
	`race-report-${name}${ascii ? '-ascii' : ''}-${columns}.txt`;

suite('golden reports', () => {
	for (const [name, race] of Object.entries(races)) {
		test(`the report of the race "${name}" reads as it did when a person last read it`, async () => {
			for (const ascii of [false, true])
				for (const columns of widths) {
					const file = new URL(fileOf(name, ascii, columns), golden);
					const text = `${reportLines(race(), {columns, ascii}).join('\n')}\n`;
					if (update) await writeFile(file, text);
					assert.equal(text, await readFile(file, 'utf8'), `${file.pathname} (UPDATE=1 rewrites it)`);
				}
		});
	}

	test('every golden file belongs to a race', async () => {
		const found = (await readdir(golden)).filter(name => name.startsWith('race-report-'));
		const expected = Object.keys(races).flatMap(name =>
			[false, true].flatMap(ascii => widths.map(columns => fileOf(name, ascii, columns))),
		);
		assert.deepEqual(found.toSorted(), expected.toSorted());
	});
});

suite('standings', () => {
	test('are medians of the rounds, with their spread and the speed-up over serial', () => {
		const rounds = [900, 1_000, 1_300].map((wall, index) =>
			measurement('threads', {round: index + 1, wall, start: twenty}),
		);
		const [serial, threads] = standingsOf([measurement('serial', {wall: 5_000}), ...rounds]);
		assert.equal(serial?.speedUp, 1);
		assert.equal(serial?.spread, undefined);
		assert.equal(serial?.worker, undefined);
		assert.equal(threads?.wall, 1_000);
		assert.equal(threads?.speedUp, 5);
		assert.equal(threads?.spread, 0.4);
		assert.deepEqual(threads?.worker, {wall: 5, memory: 1e6});
		assert.deepEqual([threads?.tasks, threads?.done, threads?.failed], [120, 114, 6]);
	});

	test('have no speed-up where serial did not run', () => {
		assert.deepEqual(
			standingsOf([measurement('threads'), measurement('messages')]).map(({speedUp}) => speedUp),
			[undefined, undefined],
		);
	});

	test('leave out rounds whose limit a key changed, and say so when these are all there are', () => {
		const steered = measurement('threads', {wall: 10, isSteered: true});
		const [both] = standingsOf([steered, measurement('threads', {wall: 1_000})]);
		assert.deepEqual([both?.wall, both?.steered, both?.counted, both?.isComparable], [1_000, 1, 1, true]);
		const [alone] = standingsOf([steered]);
		assert.deepEqual([alone?.wall, alone?.isComparable], [10, false]);
	});

	test('take a limit that was changed before a round for another race too', () => {
		const standings = standingsOf([
			measurement('serial'),
			measurement('threads'),
			measurement('coroutines'),
			measurement('messages', {limit: 40}),
		]);
		assert.deepEqual(
			standings.map(({isComparable}) => isComparable),
			[true, true, true, false],
		);
	});
});

suite('the table', () => {
	const standings = standingsOf(computingRace().measurements);

	test('has the more columns the wider it is, and first of all wall, speed-up, CPU and memory', () => {
		const heads = [40, 80, 120, 200].map(columns => tableLines(standings, {columns, ascii: false})[0] ?? '');
		assert.match(heads[0] ?? '', /wall +speed-up +CPU$/);
		assert.match(heads[1] ?? '', /wall +speed-up +CPU +cores +memory +start each +spread/);
		assert.match(heads[3] ?? '', /cores.*memory each +workers.*messages +copied +full +incidents/);
		assert.deepEqual(
			heads.map(head => head.length),
			heads.map(head => head.length).toSorted((a, b) => a - b),
		);
	});

	test('marks the best of a column by a sign, all that read the same, and none where all do', () => {
		const lines = (walls: readonly number[]) =>
			tableLines(standingsOf(walls.map((wall, index) => measurement(modelNames[index] ?? 'serial', {wall}))), {
				columns: 80,
				ascii: false,
			});
		assert.deepEqual(
			lines([5_000, 1_001, 1_002]).map(line => / s\*/.test(line)),
			[false, false, true, true, false],
		);
		assert.doesNotMatch(lines([1_000, 1_000]).join('\n'), /\*/);
	});

	test('never marks a lane as the best whose limit was changed by key', () => {
		const rows = [measurement('serial', {wall: 5_000}), measurement('threads', {wall: 3_000})];
		const steered = measurement('coroutines', {wall: 10, isSteered: true});
		const lines = tableLines(standingsOf([...rows, steered]), {columns: 80, ascii: true});
		assert.match(lines.find(line => line.startsWith('threads')) ?? '', /3\.00 s\*/);
		assert.match(lines.find(line => line.startsWith('coroutines')) ?? '', /^coroutines~ [^*]*$/);
	});
});

suite('data for programs', () => {
	test('have units in their names, and null for what was not measured', () => {
		const {models, ...rest} = reportData(race({threads: {wall: 1_234.5678, start: twenty}}));
		assert.deepEqual([rest.cores, rest.tasks, rest.limit, rest.work], [2, 40, 20, null]);
		assert.deepEqual(models, [
			{
				...{model: 'threads', rounds: 1, steeredRounds: 0, haltedRounds: 0, comparable: true, limit: 20, workers: 20},
				...{wallSeconds: 1.235, speedUp: null, cpuSeconds: 0.5, memoryBytes: 80e6, spread: null},
				...{startSeconds: 0.1, workerStartSeconds: 0.005, workerMemoryBytes: 1e6},
				...{tasks: 40, done: 38, failed: 2, incidents: 0, messages: 0, copiedBytes: 0, fullMailboxes: 0},
			},
		]);
	});

	test('are the same as JSON', () => {
		for (const race of Object.values(races)) {
			const data = reportData(race());
			assert.deepEqual(JSON.parse(JSON.stringify(data)), data);
		}
	});
});
