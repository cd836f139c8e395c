import assert from 'node:assert/strict';
import {readdir, readFile, writeFile} from 'node:fs/promises';
import {suite, test} from 'node:test';
import {stripVTControlCharacters} from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import type {Size} from '../source/dashboard/drawing/frame.ts';
import {shareOf} from '../source/dashboard/race/figures.ts';
import {raceContextOf, raceFrame} from '../source/dashboard/race/frame.ts';
import {type Lane, type LaneState, modelNames} from '../source/race/seams.ts';
import {raceScenes} from './helpers/race-scenes.ts';
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

const golden = new URL('golden/', import.meta.url);
const update = process.env.UPDATE === '1';

const sizes: readonly Size[] = [
	{columns: 40, rows: 10},
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
	{columns: 200, rows: 60},
];
const [, usual, normal, large] = sizes as [Size, Size, Size, Size];

const draw = (plot: RacePlot, size: Size): string[] => raceFrame(raceScene(plot, size)).lines;
const fileOf = (name: string, {columns, rows}: Size) => `race-screen-${name}-${columns}x${rows}.txt`;
const plotOf = (name: string): RacePlot => raceScenes[name] as RacePlot;
const lineOf = (lines: readonly string[], word: string): string => lines.find(line => line.includes(word)) ?? '';

suite('golden frames of a race', () => {
	for (const [name, plot] of Object.entries(raceScenes)) {
		test(`the race "${name}" looks as it did when a person last looked at it`, async () => {
			for (const size of sizes) {
				const file = new URL(fileOf(name, size), golden);
				const text = `${draw(plot, size)
					.map(line => line.trimEnd())
					.join('\n')}\n`;
				if (update) await writeFile(file, text);
				assert.equal(text, await readFile(file, 'utf8'), `${file.pathname} (UPDATE=1 rewrites it)`);
			}
		});
	}

	test('every golden file of a race belongs to a screen', async () => {
		const expected = Object.keys(raceScenes).flatMap(name => sizes.map(size => fileOf(name, size)));
		const found = (await readdir(golden)).filter(file => file.startsWith('race-screen-'));
		assert.deepEqual(found.toSorted(), expected.toSorted());
	});
});

suite('what a frame of a race says', () => {
	const running = (given: Partial<Lane>): Lane =>
		lane('threads', {
			state: 'running',
			startedAt: raceStart,
			usage: usage({running: 2, workers: 3}),
			limit: 3,
			...given,
		});
	const one = (given: Partial<Lane>, more: Partial<RacePlot> = {}): RacePlot => ({
		store: store([running(given)]),
		at: 1_000,
		...more,
	});

	test('the five models stand in their order at every usual size', () => {
		for (const size of sizes) {
			const lines = draw(plotOf('coroutines'), size);
			const places = modelNames.map(model => lines.findIndex(line => new RegExp(`^ \\S ${model} `).test(line)));
			assert.deepEqual(
				places.toSorted((a, b) => a - b),
				places,
			);
			assert.ok(
				places.every(place => place > 0),
				String(places),
			);
		}
	});

	test('the slots are seen: of threads a bracket for each, of an event loop one around all', () => {
		assert.match(draw(one({}), usual).join('\n'), /\[●\]\[●\]\[○\] /);
		const low = {incident: 'worker 3 died (SIGKILL): its task begins again', incidents: 1};
		const among = {store: store(fiveLanes({threads: running(low)})), at: 0};
		assert.match(draw(among, {columns: 60, rows: 24}).join('\n'), / ● ● ○ {3}worker 3 died/);
		assert.match(draw(one({model: 'coroutines'}), usual).join('\n'), /\[●●○\] /);
		assert.match(draw(one({model: 'messages'}), usual).join('\n'), / ●●○ /);
		assert.match(draw(one({}, {ascii: true}), usual).join('\n'), /\[#\]\[#\]\[\.\] /);
	});

	test('what runs beyond a lowered limit is seen', () => {
		const lines = draw(one({model: 'coroutines', limit: 2, usage: usage({running: 5})}), usual);
		assert.match(lineOf(lines, 'running'), / 5\/2 /);
		assert.match(lines.join('\n'), /\[●●●●●\]/);
	});

	test('too many slots to be told apart are not drawn as cells', () => {
		const lines = draw(one({model: 'coroutines', limit: 512, usage: usage({running: 500})}), large);
		assert.match(lineOf(lines, 'running'), / 500\/512 /);
		assert.doesNotMatch(lines.join('\n'), /●/);
	});

	test('one failure among many is seen in the bar, and so is one task that is left', () => {
		const bar = (given: Partial<Lane>) => /[█╳░]+/.exec(lineOf(draw(one(given), usual), 'running'))?.[0] ?? '';
		assert.match(bar({tasks: 10_000, done: 5_000, failed: 1}), /^█+╳░+$/);
		assert.match(bar({tasks: 10_000, done: 9_999}), /^█+░$/);
		assert.match(bar({tasks: 10_000, done: 10_000}), /^█+$/);
		assert.match(bar({tasks: 3, failed: 3}), /^╳+$/);
		assert.match(bar({tasks: 40}), /^░+$/);
	});

	test('what went wrong is told at every usual size, and how often, where there is room', () => {
		const incident = {incident: 'worker 3 died (SIGKILL): its task begins again', incidents: 4};
		for (const size of sizes) assert.match(draw(one(incident), size).join('\n'), /worker 3 died/);
		assert.match(draw(one(incident), normal).join('\n'), /4 incidents, the last: worker 3 died/);
	});

	test('the fastest lane is named as soon as there are two to compare, by the median of its rounds', () => {
		const first = finished('serial', [4_000]);
		const told = (lanes: Lane[], size: Size) => draw({store: store(lanes, {state: 'ended'}), at: 9_000}, size);
		for (const size of sizes) {
			assert.doesNotMatch(told([first], size).join('\n'), /best/);
			const lines = told([finished('serial', [4_000, 4_000, 4_000]), finished('threads', [900, 1_000, 9_000])], size);
			assert.match(lineOf(lines, 'threads'), /best/);
			assert.doesNotMatch(lineOf(lines, 'serial'), /best/);
		}
	});

	test('a lane whose limit was changed by key is not compared, as in the report', () => {
		const steered = {measurements: [measurement('threads', 100, {isSteered: true})]};
		const lanes = [finished('serial', [4_000]), finished('threads', [100], steered), finished('messages', [500])];
		const lines = draw({store: store(lanes), at: 9_000}, usual);
		const [, threads = '', , , , messages = ''] = lines.slice(lines.findIndex(line => line.includes(' threads ')));
		assert.equal(threads.trim(), 'its limit was changed by key: not compared   ready in 0.21 s');
		assert.match(messages, /the best so far {3}8\.0× as fast as serial/);
	});

	test('before the first figures of a lane its workers are those that were ready', () => {
		const start = {workers: 3, wall: 90, cpu: 80, memory: 1};
		const lines = draw(one({usage: usage({}), start}), usual);
		assert.match(lines.join('\n'), /\[○\]\[○\]\[○\] {3}3 threads, 0 with a task/);
	});

	test('a lane that is starting says for how long, and shows nothing of the round before as its own', () => {
		const again = {...finished('threads', [500]), state: 'starting' as const, startedAt: raceStart + 5_000};
		const lines = draw({store: store([again], {round: 2}), at: 5_300}, usual);
		assert.match(lineOf(lines, 'starting'), /threads +starting +10 0\.30 s *$/);
	});

	test('a lane whose turn has not come in this round is waiting, with the time of the round before', () => {
		const lines = draw(plotOf('coroutines'), usual);
		assert.match(lineOf(lines, 'serial'), /waiting +1 4\.21 s/);
		assert.match(lineOf(lines, 'processes'), /finished █+╳ /);
		const {store: race, ...plot} = plotOf('coroutines');
		const over = draw({...plot, store: {...race, state: 'stopped', current: undefined}}, usual);
		assert.match(lineOf(over, 'serial'), /finished █+╳ /, 'in the end there is no round to wait for');
	});

	test('a waiting lane shows the limit it will have', () => {
		assert.match(lineOf(draw({store: store([lane('threads', {limit: 17})]), at: 0}, usual), 'waiting'), / 17/);
	});

	test('records that differ are told, and so is that none does', () => {
		const told = (differences: number) =>
			draw(
				{store: store(fiveLanes({}), {agreement: {compared: 120, differences, first: undefined}}), at: 0},
				normal,
			)[1];
		assert.match(told(0) ?? '', /120 records compared: all alike/);
		assert.match(told(2) ?? '', /2 of 120 records differ/);
	});

	test('the report is scrolled from its first line to its last, and the frame tells how much is out of sight', () => {
		const plot = plotOf('ended');
		const {most} = raceContextOf(raceScene(plot, usual));
		assert.ok(most > 0);
		const at = (scroll: number) => draw({...plot, view: {scroll}}, usual);
		assert.match(at(0).at(-2) ?? '', new RegExp(`↓ ${most} more ─`));
		assert.match(at(most).at(-2) ?? '', new RegExp(`↑ ${most} ─`));
		assert.equal(at(most).at(-3), ' sentence 24 of why it came out as it did');
		assert.deepEqual(at(most + 9), at(most));
		assert.equal(at(1)[2], at(0)[3]);
	});

	test('the keys of the help are those of the table, each with what it does', () => {
		const plot: RacePlot = {...plotOf('help')};
		const lines = draw(plot, large).join('\n');
		const {keymap} = raceScene(plot, large);
		for (const binding of keymap.bindings) assert.ok(lines.includes(`${binding.means}`), binding.name);
	});

	test('with ASCII drawing all is ASCII', () => {
		for (const plot of Object.values(raceScenes))
			for (const size of [...sizes, {columns: 20, rows: 6}, {columns: 61, rows: 30}])
				for (const line of draw({...plot, ascii: true}, size)) assert.match(line, /^[\x20-\x7e]*$/);
	});

	test('without color there is no escape sequence, with color there is, and the text is the same', () => {
		for (const plot of Object.values(raceScenes)) {
			const plain = draw(plot, normal);
			const colored = draw({...plot, color: true}, normal);
			assert.ok(!plain.join('').includes('\u001b'));
			assert.ok(colored.join('').includes('\u001b'));
			const bare = colored.map(line => stripVTControlCharacters(line).trimEnd());
			assert.deepEqual(
				bare,
				plain.map(line => line.trimEnd()),
			);
		}
	});
});

suite('figures of a race', () => {
	test('how much of a race is over goes from nothing to all of it, lane by lane and round by round', () => {
		assert.equal(shareOf(store(fiveLanes({})), 0), 0);
		assert.equal(shareOf(store(fiveLanes({}), {rounds: 1}), 1), 0.2);
		assert.equal(shareOf(store(fiveLanes({}), {round: 2, rounds: 2}), 5), 0.5);
		const half = lane('serial', {state: 'running', done: 15, failed: 5});
		assert.equal(shareOf(store([half], {rounds: 1}), 0), 0.5);
		assert.equal(shareOf(store(fiveLanes({}), {state: 'ended'}), 3), 1);
	});
});

const states: readonly LaneState[] = ['waiting', 'starting', 'running', 'finished', 'skipped', 'broken'];
const text = fc.oneof(
	fc.string({unit: 'grapheme', maxLength: 60}),
	fc.constantFrom('新浪首页'.repeat(20), '\u001b[31mred', '\u202eright\tto\nleft', '👩‍👩‍👧‍👦', ''),
);
const time = fc.oneof(fc.nat(5_000), fc.nat(1e9));
const bytes = fc.oneof(fc.nat(1e6), fc.nat(1e13));
const anyUsage = fc.record({
	running: fc.oneof(fc.nat(12), fc.nat(512)),
	workers: fc.oneof(fc.nat(12), fc.nat(512)),
	cpu: time,
	messages: fc.nat(1e7),
	copied: bytes,
	full: fc.nat(1e5),
});
const anyLane = fc
	.record({
		state: fc.constantFrom(...states),
		limit: fc.integer({min: 1, max: 512}),
		tasks: fc.oneof(fc.nat(50), fc.nat(1e7)),
		done: fc.oneof(fc.nat(50), fc.nat(1e7)),
		failed: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(1e7)),
		usage: anyUsage,
		peak: bytes,
		hasStart: fc.boolean(),
		startedAt: fc.option(time, {nil: undefined}),
		endedAt: fc.option(time, {nil: undefined}),
		incident: fc.option(text, {nil: undefined}),
		incidents: fc.nat(20),
		walls: fc.array(time, {maxLength: 4}),
	})
	.map(({hasStart, walls, startedAt, endedAt, ...given}) => (model: Lane['model']) => {
		const measurements = walls.map((wall, index) => measurement(model, wall, {round: index + 1, memory: given.peak}));
		const start = hasStart ? measurement(model, 1).start : undefined;
		const dated = (value: number | undefined) => (value === undefined ? undefined : raceStart + value);
		return lane(model, {...given, start, startedAt: dated(startedAt), endedAt: dated(endedAt), measurements});
	});

const anyRace = fc.record({
	models: fc.subarray([...modelNames], {minLength: 1}),
	lanes: fc.array(anyLane, {minLength: 5, maxLength: 5}),
	current: fc.option(fc.nat(4), {nil: undefined}),
	state: fc.constantFrom('running' as const, 'running' as const, 'ended' as const, 'stopped' as const),
	round: fc.integer({min: 1, max: 99}),
	work: fc.constantFrom(undefined, 'io' as const, 'mixed' as const),
	compared: fc.nat(1e6),
	differences: fc.nat(3),
	at: time,
	over: fc.nat(500),
	scope: fc.constantFrom('lane' as const, 'all' as const),
	hasHelp: fc.boolean(),
	scroll: fc.oneof(fc.nat(40), fc.constant(1_000)),
	notice: fc.option(
		text.map(each => stripVTControlCharacters(each).replace(/[\t\n\u202e]/g, '')),
		{nil: undefined},
	),
	report: fc.array(text, {maxLength: 40}),
	ascii: fc.boolean(),
	color: fc.boolean(),
	columns: fc.oneof(fc.integer({min: 1, max: 40}), fc.integer({min: 20, max: 300})),
	rows: fc.oneof(fc.integer({min: 1, max: 12}), fc.integer({min: 3, max: 100})),
});
type Given = typeof anyRace extends fc.Arbitrary<infer One> ? One : never;

function drawAny(given: Given): string[] {
	const {models, lanes: made, current, scope, hasHelp, scroll, notice, columns, rows} = given;
	const {compared, differences, state, round, work, ...plot} = given;
	const lanes = models.map((model, index) => (made[index] as (model: Lane['model']) => Lane)(model));
	const agreement = {compared, differences, first: undefined};
	const race = store(lanes, {
		state,
		round,
		rounds: round + 1,
		work,
		agreement,
		current: current === undefined ? undefined : lanes[current],
	});
	return draw({...plot, store: race, view: {scope, hasHelp, scroll, notice}}, {columns, rows});
}

/** Each promise holds for the same scenes; a failure prints the smallest scene that breaks it. */
const always = (promise: (lines: string[], given: Given) => void): void =>
	fc.assert(
		fc.property(anyRace, given => promise(drawAny(given), given)),
		{numRuns: 400},
	);

suite('whatever is raced, on whatever terminal', () => {
	test('no line has anything in the last column, and the last line stays free', () => {
		always((lines, {columns, rows}) => {
			assert.ok(lines.length <= Math.max(1, rows - 1), `${lines.length} lines of ${rows}`);
			for (const line of lines) {
				const plain = stripVTControlCharacters(line);
				assert.ok(stringWidth(plain) < columns, `${stringWidth(plain)} of ${columns}: ${JSON.stringify(plain)}`);
			}
		});
	});

	test('no control or bidi character gets onto the screen, and nothing that is no figure', () => {
		always((lines, {color, report, notice, lanes}) => {
			const isOurs = !/NaN|undefined|Infinity/.test(
				JSON.stringify([report, notice, lanes.map(make => make('serial').incident)]),
			);
			for (const line of lines) {
				const plain = color ? line.replace(/\u001b\[\d+(;\d+)*m/g, '') : line;
				assert.doesNotMatch(plain, /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
				if (isOurs) assert.doesNotMatch(plain, /NaN|undefined|Infinity/);
			}
		});
	});

	test('the lane that runs is on the screen', () => {
		always((lines, {models, current, state, hasHelp, columns, rows}) => {
			const model = current === undefined ? undefined : models[current];
			if (!model || state !== 'running' || hasHelp || columns < 16 || rows < 2) return;
			assert.ok(
				lines.some(line => new RegExp(`^ \\S+ ${model}`).test(stripVTControlCharacters(line))),
				lines.join('\n'),
			);
		});
	});
});
