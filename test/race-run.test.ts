import assert from 'node:assert/strict';
import {readdir, readFile, writeFile} from 'node:fs/promises';
import {suite, test} from 'node:test';
import type {Size} from '../source/dashboard/drawing/frame.ts';
import {raceFrame} from '../source/dashboard/race/frame.ts';
import type {RaceView} from '../source/dashboard/race/view.ts';
import {systemClock} from '../source/engine/seams.ts';
import {reportLines} from '../source/race/report/report.ts';
import {modelNames} from '../source/race/seams.ts';
import {Store} from '../source/race/store.ts';
import {moments, outcomeAt, sceneAt, storeAt} from './helpers/recorded-race.ts';

const golden = new URL('golden/', import.meta.url);
const update = process.env.UPDATE === '1';

const sizes: readonly Size[] = [
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
	{columns: 200, rows: 60},
];

type Look = {moment: string; view?: Partial<RaceView>};

/** Every moment of one real race, and its end scrolled to the last line. */
const looks: Readonly<Record<string, Look>> = {
	...Object.fromEntries(moments.map(moment => [moment, {moment}])),
	'ended-last': {moment: 'ended', view: {scroll: 1_000}},
};

const fileOf = (name: string, {columns, rows}: Size) => `race-run-${name}-${columns}x${rows}.txt`;
const reportOf = ({columns}: Size) => `race-run-report-${columns}.txt`;

async function assertGolden(name: string, lines: readonly string[]): Promise<void> {
	const file = new URL(name, golden);
	const text = `${lines.map(line => line.trimEnd()).join('\n')}\n`;
	if (update) await writeFile(file, text);
	assert.equal(text, await readFile(file, 'utf8'), `${file.pathname} (UPDATE=1 rewrites it)`);
}

suite('a real race', () => {
	for (const [name, {moment, view}] of Object.entries(looks))
		test(`looks as it did when a person last looked at it: ${name}`, async () => {
			for (const size of sizes) await assertGolden(fileOf(name, size), raceFrame(sceneAt(moment, size, view)).lines);
		});

	test('has the report that a person last read', async () => {
		for (const size of sizes)
			await assertGolden(reportOf(size), reportLines(outcomeAt('ended'), {columns: size.columns, ascii: false}));
	});

	test('has a golden file for each of these, and each golden file of a race belongs to some test', async () => {
		const expected = sizes.flatMap(size => [reportOf(size), ...Object.keys(looks).map(name => fileOf(name, size))]);
		const found = (await readdir(golden)).filter(file => file.startsWith('race-'));
		assert.deepEqual(found.filter(file => file.startsWith('race-run-')).toSorted(), expected.toSorted());
		assert.deepEqual(
			found.filter(file => !/^race-(run|screen|report)-/.test(file)),
			[],
		);
	});

	test('was recorded with all that a store has today', () => {
		const store = new Store({
			...{models: modelNames, tasks: [], limit: 1, rounds: 1, work: undefined, seed: 1, cores: 1, clock: systemClock},
		});
		// What only the race itself looks at is behind `#`.
		for (const name of moments) {
			assert.deepEqual(new Set(Object.keys(storeAt(name))), new Set(Object.keys(store)), name);
			for (const lane of storeAt(name).lanes)
				assert.deepEqual(new Set(Object.keys(lane)), new Set(Object.keys(store.lanes[0] ?? {})), name);
		}
	});

	test('shows what makes a race worth looking at: a pool on its way, a worker that died, a limit that was raised', () => {
		const laneOf = (name: string) => {
			const {current} = storeAt(name);
			assert.ok(current, name);
			return current;
		};
		assert.equal(laneOf('threads-start').state, 'starting');
		assert.match(laneOf('processes').incident ?? '', /^process \d+ died \(SIGKILL\): task \d+ begins again$/);
		assert.equal(laneOf('coroutines').limit, 13);
		assert.ok(laneOf('coroutines').usage.running > 10);
		const {lanes, agreement, tasks, state} = storeAt('ended');
		assert.equal(state, 'ended');
		for (const {model, done, failed, measurements} of lanes) {
			assert.equal(done + failed, tasks, model);
			assert.equal(measurements.length, 1, model);
		}
		assert.deepEqual(agreement, {compared: tasks, differences: 0, first: undefined});
	});
});
