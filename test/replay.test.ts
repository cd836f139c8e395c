import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {Readable} from 'node:stream';
import {suite} from 'node:test';
import fc from 'fast-check';
import {frame} from '../source/dashboard/drawing/frame.ts';
import {Meter} from '../source/dashboard/measuring/meter.ts';
import {rowsOf} from '../source/dashboard/rows/rows.ts';
import {initialView, tabs} from '../source/dashboard/rows/view.ts';
import type {EngineEvent} from '../source/engine/events.ts';
import type {TaskId} from '../source/engine/task.ts';
import {openRecording, RecordingError} from '../source/replay/recording.ts';
import {Replay} from '../source/replay/replay.ts';
import {TestClock, test, turn} from './helpers/engine.ts';
import {contents, happen, step, Told} from './helpers/happenings.ts';
import {file, pass, recorded, replayOf} from './helpers/recorded.ts';
import {stage} from './helpers/scene.ts';
import {epoch} from './helpers/store.ts';

const demoRun = new URL('fixtures/demo-run.ndjson', import.meta.url).pathname;
const demoText = readFileSync(demoRun, 'utf8');

/** Ten seconds of a run: a task that gets 100 bytes each quarter of a second, and another one that is done after five. */
function tenSeconds() {
	const story = new Told().limits(8);
	const {clock, end} = recorded(story);
	story.run('running');
	const [slow, quick] = [story.queue('http://h/slow'), story.queue('http://h/quick')];
	story.connect(slow).receive(slow, {total: 10_000});
	story.connect(quick).receive(quick, {total: 500});
	for (let count = 1; count <= 40; count++) {
		story.bytes(slow, 100);
		pass(story, clock, 250);
		if (count === 20) story.bytes(quick, 500).end(quick, 'done');
	}
	story.end(slow, 'done').run('ended');
	return {story, text: end(), slow, quick};
}

/** A replay that goes on only as its clock is told to, and what it has come to. */
async function played(text: string, speed = 1) {
	const clock = new TestClock();
	const replay = await replayOf(text, {speed, clock});
	const running = replay.run();
	running.catch(() => undefined);
	/** Everything that can be done without the time going on is done. */
	const settle = async () => {
		for (let count = 0; count < 200; count++) await turn();
	};
	await settle();
	const advance = async (ms: number) => {
		for (let rest = ms; rest > 0; rest -= 50) {
			clock.advance(Math.min(50, rest));
			await settle();
		}
	};
	return {replay, running, advance, clock, elapsed: () => Math.round(replay.now() - epoch)};
}

suite('the time of a replay', () => {
	test('events come when they came, with the bytes in between', async () => {
		const {text, slow, quick} = tenSeconds();
		const {replay, advance, elapsed} = await played(text);
		assert.equal(replay.store.get(slow)?.state, 'receiving');
		await advance(4_900);
		assert.equal(elapsed(), 4_900);
		assert.equal(replay.store.get(quick)?.state, 'receiving');
		assert.equal(replay.store.get(slow)?.received, 1_900);
		await advance(200);
		assert.equal(replay.store.get(quick)?.state, 'done');
		assert.equal(replay.store.received, 2_000 + 500);
	});

	for (const speed of [8, 0.5]) {
		test(`at speed ${speed} it goes ${speed} times as fast`, async () => {
			const {text} = tenSeconds();
			const {advance, elapsed} = await played(text, speed);
			await advance(1_000);
			assert.equal(elapsed(), 1_000 * speed);
		});
	}

	test('it never goes past what is still to come, and stands still in the end', async () => {
		const {text, story} = tenSeconds();
		const {replay, running, advance, elapsed} = await played(text, 100);
		await advance(2_000);
		await running;
		assert.equal(elapsed(), 10_000);
		assert.equal(replay.status, 'at its end');
		assert.deepEqual(contents(replay.store), contents(story.store));
		assert.match(replay.pause() ?? '', /at its end/);
	});

	test('it stands still while it is paused, and goes on from there', async () => {
		const {text} = tenSeconds();
		const {replay, advance, clock, elapsed} = await played(text);
		await advance(1_000);
		assert.equal(replay.pause(), undefined);
		assert.equal(replay.status, 'paused');
		await advance(3_000);
		assert.equal(elapsed(), 1_000);
		assert.equal(clock.timers.size, 0, 'nothing wakes up meanwhile');
		replay.pause();
		await advance(1_000);
		assert.equal(elapsed(), 2_000);
	});

	test('its speed can be doubled and halved on the way, within limits', async () => {
		const {text} = tenSeconds();
		const {replay, advance, elapsed} = await played(text);
		await advance(1_000);
		replay.accelerate(2);
		assert.equal(replay.status, '×2');
		await advance(1_000);
		assert.equal(elapsed(), 3_000);
		for (let count = 0; count < 3; count++) replay.accelerate(0.5);
		assert.equal(replay.status, '×0.25');
		await advance(1_000);
		assert.equal(elapsed(), 3_250);
		const refusals = Array.from({length: 20}, () => replay.accelerate(0.5)).filter(Boolean);
		assert.match(refusals.at(-1) ?? '', /slowest/);
	});

	test('what passed while the program was stopped does not count', async () => {
		const {text} = tenSeconds();
		const {advance, clock, elapsed} = await played(text);
		await advance(1_000);
		clock.advance(3_600_000);
		await advance(50);
		assert.ok(elapsed() <= 2_100, `${elapsed()} ms`);
	});

	test('it can be told to stop, and then run resolves', async () => {
		const {text} = tenSeconds();
		const {replay, running, advance} = await played(text);
		await advance(1_000);
		replay.dispatch({type: 'stop', mode: 'abort'});
		await running;
		assert.equal(replay.store.run.state, 'running');
		assert.equal(replay.lack, undefined);
	});
});

suite('--from', () => {
	test('what was before is there at once, and it goes on from that moment of the clock of the run', async () => {
		const {text, slow, quick} = tenSeconds();
		const replay = await replayOf(text, {speed: 1});
		await replay.skip(6_000);
		assert.equal(replay.now() - epoch, 6_000);
		assert.equal(replay.store.get(quick)?.state, 'done');
		assert.equal(replay.store.get(slow)?.received, 2_400);
		assert.equal(replay.status, '×1');
	});

	test('behind the end there is the end', async () => {
		const {text, story} = tenSeconds();
		const replay = await replayOf(text, {speed: 1});
		await replay.skip(3_600_000);
		await replay.run();
		assert.deepEqual(contents(replay.store), contents(story.store));
	});

	test('each quarter of a second on the way is told, so that rates and graphs are what they were', async () => {
		const {text} = tenSeconds();
		const replay = await replayOf(text, {speed: 1});
		const steps: Array<readonly [number, number]> = [];
		replay.everyStep(now => steps.push([now - epoch, replay.store.received]));
		await replay.skip(4_000);
		assert.deepEqual(
			steps,
			Array.from({length: 16}, (_, index) => [250 * (index + 1), 100 * index]),
		);
	});

	test('a rest between two parts of a run does not count', async () => {
		const story = new Told().limits(8);
		const {end} = recorded(story);
		story.run('running').later(1_000).run('ended').later(60_000);
		const id = story.run('running').queue('http://h/');
		story.connect(id).later(2_000).receive(id).later(2_000).end(id, 'done').run('ended');
		const replay = await replayOf(end(), {speed: 1});
		await replay.skip(2_000);
		assert.equal(replay.store.get(id)?.state, 'connecting');
		assert.equal(replay.now() - (replay.store.run.startedAt ?? 0), 2_000);
	});
});

suite('the frames of a replay', () => {
	test('at any moment are those of the run, whatever happened', async () => {
		const sizes = [
			{columns: 120, rows: 40},
			{columns: 60, rows: 12},
		];
		await fc.assert(
			fc.asyncProperty(fc.array(step, {maxLength: 60, size: 'max'}), fc.nat(), async (steps, at) => {
				const story = new Told().limits(4);
				const {clock, lines} = recorded(story);
				story.run('running');
				const ids: TaskId[] = [];
				for (const each of steps.slice(0, at % (steps.length + 1))) {
					happen(story, ids, each);
					// Samples are taken four times a second: at such a moment, everything has been told.
					pass(story, clock, 250);
				}
				const replay = await replayOf(lines.join(''));
				await replay.run();
				const seen = {store: replay.store, now: story.now} as unknown as Told;
				for (const size of sizes)
					for (const tab of tabs) {
						const drawn = (told: Told) => frame(stage({story: told, meter: metered(told), view: {tab}}, size)).lines;
						assert.deepEqual(drawn(seen), drawn(story));
					}
			}),
			{numRuns: 30},
		);
	});
});

function metered({store, now}: Told): Meter {
	const meter = new Meter();
	meter.sample(store, now - 1_000);
	meter.sample(store, now);
	return meter;
}

suite('a recording that', () => {
	test('is of a real run adds up, with all of its transitions', async () => {
		const replay = await replayOf(demoText);
		const states = new Set<string>();
		replay.subscribe(({type}) => states.add(type));
		await replay.run();
		const {counts, run, live, received} = replay.store;
		assert.equal(run.state, 'ended');
		assert.equal(live.size, 0);
		assert.ok(counts.done > 30 && counts.failed > 0 && received > 1e7);
		for (const type of ['limits', 'waiting', 'paused', 'canceled', 'saved', 'titled'])
			assert.ok(states.has(type), type);
	});

	test('breaks off, wherever, is shown up to there', async () => {
		const {text} = tenSeconds();
		const head = text.indexOf('\n') + 1;
		for (let end = head; end < text.length; end += 37) {
			const replay = await replayOf(text.slice(0, end));
			const seen: EngineEvent[] = [];
			replay.subscribe(event => seen.push(event));
			await replay.run();
			const whole = text.slice(0, end).split('\n');
			const isTorn = !isJson(whole.at(-1) ?? '');
			const events = whole
				.slice(1, isTorn ? -1 : undefined)
				.filter(line => !line.includes('"type":"sample"') && !line.includes('"type":"recording"'));
			assert.equal(seen.length, events.length);
			assert.match(replay.lack ?? '', /^stdin breaks off (in|behind) line \d+: how the run went on/);
		}
	});

	test('was stopped in the middle says so in its last event, and lacks nothing', async () => {
		const story = new Told().limits(8);
		const {end} = recorded(story);
		story.run('running').queue('http://h/');
		story.run('stopping').run('ended');
		const replay = await replayOf(end());
		await replay.run();
		assert.equal(replay.lack, undefined);
	});

	test('is larger than memory is read as it is needed', async () => {
		const {text} = tenSeconds();
		const [head, ...lines] = text.split('\n');
		let pieces = 0;
		function* endless() {
			yield `${head}\n${lines.slice(0, 6).join('\n')}\n`;
			for (;;) {
				pieces++;
				yield `${JSON.stringify({at: epoch + pieces * 1_000, type: 'input', open: true})}\n`.repeat(1_000);
			}
		}
		const stream = Readable.from(endless(), {objectMode: false, highWaterMark: 1});
		const clock = new TestClock();
		const replay = new Replay(await openRecording('-', stream), clock, 1);
		const running = replay.run();
		for (let count = 0; count < 500; count++) await turn();
		assert.ok(pieces < 5, `${pieces} pieces were read before they were due`);
		replay.dispatch({type: 'stop', mode: 'abort'});
		await running;
		stream.destroy();
	});
});

const isJson = (text: string): boolean => {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
};

suite('what is no recording is told in one line:', () => {
	const head = '{"at":1,"type":"recording","format":1,"program":"fetchtop/9.9.9"}\n';
	const limits = '{"at":1,"type":"limits","concurrency":8,"perHost":null,"rate":null,"bandwidth":null}\n';
	const queued = '{"at":2,"type":"queued","id":"t1","url":"http://h/","host":"h"}\n';
	const cases: ReadonlyArray<readonly [string, text: string, message: RegExp]> = [
		['an empty file', '', /is no recording: record a run by --events FILE$/],
		['a page', '<!doctype html>\n<title>x</title>\n', /is no recording/],
		['events without their first line', limits + queued, /is no recording/],
		['the records of --json', '{"url":"http://h/","finalUrl":null}\n', /has the records of --json, not the events/],
		[
			'a newer format',
			head.replace(':1,"program', ':2,"program'),
			/in format 2, by "fetchtop\/9.9.9"; this version reads format 1/,
		],
		['a format that is none', head.replace('"format":1', '"format":"x"'), /line 1: format is not a whole number/],
		['a line that is no JSON', `${head}${limits}nonsense\n${queued}`, /line 3 is no JSON/],
		['a line that is no event', `${head}${limits}[1]\n`, /line 3 is no event/],
		[
			'an unknown event',
			`${head}{"at":1,"type":"\\u001b[31mexploded"}\n`,
			/line 2 is of an unknown type, "\[31mexploded"$|"exploded"$|\\u001b/,
		],
		['a field of another type', `${head}${limits.replace('8', '"8"')}`, /line 2: concurrency is not a whole number/],
		[
			'a field that is missing',
			`${head}${limits}${queued.replace('"host":"h"', '"x":1')}`,
			/line 3: host is not a text/,
		],
		[
			'a field within a field',
			`${head}${limits}${queued}{"at":3,"type":"saved","id":"t1","part":{"path":"a","ranges":[[5,1]]}}\n`,
			/line 4: part.ranges is not a range/,
		],
		['a time that is none', `${head}${limits.replace('"at":1', '"at":1e300')}`, /line 2: at is not a time/],
		[
			'a task that was never queued',
			`${head}${limits}{"at":3,"type":"paused","id":"t7"}\n`,
			/line 3: t7 is paused but was never queued/,
		],
		[
			'a step that cannot be',
			`${head}${limits}${queued}{"at":3,"type":"extracting","id":"t1"}\n`,
			/line 4: a task cannot go from queued to extracting/,
		],
		['a second recording behind it', `${head}${limits}${head}`, /line 3 is of an unknown type, "recording"/],
	];
	for (const [name, text, message] of cases) {
		test(name, async t => {
			const path = file(t, text);
			await assert.rejects(
				async () =>
					new Replay(await openRecording(path, Readable.from([])), new TestClock(), Number.POSITIVE_INFINITY).run(),
				(error: Error) => {
					assert.ok(error instanceof RecordingError, error.stack);
					assert.match(error.message, message);
					assert.ok(error.message.includes(JSON.stringify(path)));
					assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f]/);
					return true;
				},
			);
		});
	}

	test('a file that is not there, and a folder', async () => {
		const open = (name: string) => openRecording(name, Readable.from([]));
		await assert.rejects(
			open('/nowhere/run.ndjson'),
			/^Error: cannot read the recording "\/nowhere\/run.ndjson": no such file/,
		);
		await assert.rejects(open('/'), /^Error: cannot read the recording "\/"/);
	});

	test('a line without an end does not fill the memory', async () => {
		function* endless() {
			yield head;
			for (;;) yield 'x'.repeat(1 << 20);
		}
		const replay = new Replay(
			await openRecording('-', Readable.from(endless(), {objectMode: false})),
			new TestClock(),
			1,
		);
		await assert.rejects(replay.run(), /line 2 is too long/);
	});
});

suite('a recording from a stranger', () => {
	const hostile = fc.oneof(
		fc.constantFrom<unknown>(
			...[
				'\u001b[2J',
				'\u009b31m',
				'\u202e',
				'x\ny',
				'\ud800',
				'../../etc/passwd',
				'__proto__',
				'constructor',
				'é'.repeat(70_000),
			],
			...[
				-1,
				0,
				1e308,
				1e15,
				0.5,
				2 ** 53,
				null,
				true,
				[],
				{},
				[[0, 1]],
				[[1, 0]],
				['\u001b]0;x\u0007'],
				{t1: 5, t999999: 1},
			],
			...['t1', 't2', 't0', 'queued', 'done', 'receiving', 'ended', 'good', {__proto__: null, a: '\u001b[31m'}],
		),
		fc.string({unit: 'binary', maxLength: 20}),
		fc.jsonValue(),
	);
	/** Where, of all values in the line, and whether it is replaced, or taken away, or the line is. */
	const change = fc.record({line: fc.nat(), place: fc.nat(), value: hostile, how: fc.nat(9)});
	const original = demoText.trimEnd().split('\n').slice(0, 260);

	function changed(
		{line, place, value, how}: typeof change extends fc.Arbitrary<infer One> ? One : never,
		lines: string[],
	) {
		const index = 1 + (line % (lines.length - 1));
		if (how === 0) return void lines.splice(index, 1);
		if (how === 1) return void lines.splice(index, 0, lines[1 + (place % (lines.length - 1))] ?? '');
		const parsed = JSON.parse(lines[index] ?? '{}');
		const places = placesIn(parsed);
		const [holder, key] = places[place % places.length] as (typeof places)[number];
		if (how === 2) delete holder[key];
		else if (how === 3) holder[`${key}\u001b[1m`] = value;
		else holder[key] = value;
		lines[index] = JSON.stringify(parsed);
	}

	test('never breaks the screen: it is shown, as clean text, or refused in a clean line', async () => {
		let refused = 0;
		let shown = 0;
		await fc.assert(
			fc.asyncProperty(fc.array(change, {minLength: 1, maxLength: 3}), async changes => {
				const lines = [...original];
				for (const each of changes) changed(each, lines);
				const replay = await replayOf(lines.join('\n'));
				const meter = new Meter();
				let steps = 0;
				replay.subscribe(event => meter.hear(event));
				replay.everyStep(now => {
					meter.sample(replay.store, now);
					if (steps++ % 12 === 0) assertClean(replay, meter);
				});
				try {
					await replay.run();
					shown++;
				} catch (error) {
					assert.ok(error instanceof RecordingError, (error as Error).stack);
					assert.doesNotMatch(error.message, unclean);
					assert.ok(error.message.length < 400);
					refused++;
				}
				assertClean(replay, meter);
			}),
			{numRuns: Number(process.env.FETCHTOP_FUZZ) || 80},
		);
		assert.ok(refused > 0 && shown > 0);
	});
});

type Place = readonly [holder: Record<string, unknown>, key: string];

function placesIn(value: unknown): Place[] {
	if (typeof value !== 'object' || value === null) return [];
	const holder = value as Record<string, unknown>;
	return Object.keys(holder).flatMap(key => [[holder, key] as const, ...placesIn(holder[key])]);
}

const unclean = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function assertClean(replay: Replay, meter: Meter): void {
	const size = {columns: 120, rows: 40};
	const story = {store: replay.store, now: replay.now()} as unknown as Told;
	for (const tab of tabs)
		for (const overlay of [undefined, 'details'] as const) {
			const rows = rowsOf({store: replay.store, meter, now: replay.now()}, {...initialView, tab});
			if (overlay && rows.length === 0) continue;
			const scene = {...stage({story, meter, view: {tab, overlay}}, size), replay: replay.status};
			for (const line of frame(scene).lines) assert.doesNotMatch(line, unclean);
		}
}

test('the header says that it is a replay, at any width, and shows no key that has no effect', () => {
	const story = new Told().limits(8).run('running');
	const meter = metered(story);
	for (const columns of [24, 40, 80, 120]) {
		const drawn = frame({...stage({story, meter}, {columns, rows: 24}), replay: '×8'}).lines;
		assert.match(drawn[0] ?? '', /replay ×8/);
		assert.doesNotMatch(drawn.slice(0, 2).join(), /\[(- \+|< >|p)\]/);
		const ascii = frame({...stage({story, meter, ascii: true}, {columns, rows: 24}), replay: '×8'}).lines;
		assert.match(ascii[0] ?? '', /replay x8/);
	}
});
