import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {timestamp} from '../source/format/duration.ts';
import {Comparison, lasting} from '../source/race/agreement.ts';
import {type AnyRace, type Lane, type ModelName, modelNames, type RaceEvent} from '../source/race/seams.ts';
import {Store} from '../source/race/store.ts';
import {plainRaceReporter, type RaceReporter, recordRaceReporter} from '../source/reporters/race.ts';
import {TestClock} from './helpers/engine.ts';
import {measurement, raceStart, result, usage} from './helpers/race-store.ts';

const clock = () => new TestClock(() => raceStart);

function storeOf({
	models = modelNames as readonly ModelName[],
	tasks = 3,
	limit = 10,
	rounds = 2,
	at = clock(),
} = {}): Store {
	return new Store({
		...{models, limit, rounds, work: undefined, seed: 1, cores: 2, clock: at},
		tasks: Array.from({length: tasks}, (_, index) => ({number: index + 1, url: 'http://a.example/', attempt: 1})),
	});
}

const start = {workers: 2, wall: 100, cpu: 50, memory: 1_000};
const started = (model: ModelName, round = 1, limit = 10) => ({type: 'lane-started', model, round, limit}) as const;
const ready = (model: ModelName, round = 1) => ({type: 'lane-ready', model, round, start}) as const;
const recorded = (model: ModelName, number: number, ok = true, round = 1) =>
	({type: 'record', model, round, number, result: result({ok})}) as const;

suite('the store of a race', () => {
	const laneOf = (store: Store, model: ModelName): Lane => {
		const lane = store.lanes.find(each => each.model === model);
		assert.ok(lane);
		return lane;
	};

	test('has a lane that runs from its start signal on, with what it has done and failed', () => {
		const at = clock();
		const store = storeOf({at});
		const lane = laneOf(store, 'threads');
		store.apply(started('threads'));
		assert.deepEqual([lane.state, store.current], ['starting', lane]);
		at.advance(700);
		store.apply(ready('threads'));
		assert.deepEqual([lane.state, lane.startedAt, lane.start], ['running', raceStart + 700, start]);
		store.apply(recorded('threads', 1));
		store.apply(recorded('threads', 2, false));
		assert.deepEqual([lane.done, lane.failed], [1, 1]);
		store.apply({type: 'lane-finished', measurement: measurement('threads', 321)});
		assert.deepEqual([lane.state, lane.endedAt, store.current], ['finished', raceStart + 700 + 321, undefined]);
	});

	test('begins a lane anew in each round, and keeps what it has measured', () => {
		const store = storeOf();
		const lane = laneOf(store, 'processes');
		store.apply(started('processes'));
		store.apply(ready('processes'));
		store.apply({type: 'incident', model: 'processes', round: 1, text: 'process 1 died'});
		store.apply(recorded('processes', 1));
		store.sample(lane, {memory: 500});
		store.sample(lane, {memory: 300});
		assert.deepEqual([lane.memory, lane.peak, lane.incidents], [300, 500, 1]);
		const measured = measurement('processes', 10);
		store.apply({type: 'lane-finished', measurement: measured});
		store.apply(started('processes', 2));
		assert.deepEqual([lane.done, lane.peak, lane.incident, lane.incidents], [0, 0, undefined, 0]);
		assert.deepEqual([lane.start, lane.endedAt], [undefined, undefined]);
		assert.deepEqual([lane.measurements, store.round], [[measured], 2]);
	});

	test('calls a lane steered whose limit was changed in it or before it, until it begins with that of the race', () => {
		const store = storeOf();
		store.apply(started('threads'));
		assert.equal(store.isSteered('threads'), false);
		store.apply({type: 'limit', model: 'threads', limit: 12});
		store.apply({type: 'limit', model: 'threads', limit: 10});
		assert.equal(store.isSteered('threads'), true, 'it was another one for a while');
		store.apply(started('coroutines', 1, 12));
		assert.equal(store.isSteered('coroutines'), true);
		store.apply(started('threads', 2, 10));
		assert.equal(store.isSteered('threads'), false);
		store.apply(started('serial', 2, 1));
		assert.equal(store.isSteered('serial'), false, 'one at a time is what it is');
	});

	test('has a lane that was left as skipped, or as broken where there is a reason', () => {
		const store = storeOf();
		for (const [model, why] of [['threads', undefined] as const, ['messages', 'no thread can be started'] as const]) {
			store.apply(started(model));
			store.apply(ready(model));
			store.sample(laneOf(store, model), {usage: usage({running: 7})});
			store.apply({type: 'lane-left', model, round: 1, ...(why !== undefined && {why})});
		}
		const [skipped, broken] = [laneOf(store, 'threads'), laneOf(store, 'messages')];
		assert.deepEqual([skipped.state, skipped.incident, skipped.usage.running], ['skipped', undefined, 0]);
		assert.deepEqual([broken.state, broken.incident], ['broken', 'no thread can be started']);
	});

	/** What a lane may do between its start signal and its end. */
	const anyHappening = fc.oneof(
		fc.record({type: fc.constant('record' as const), ok: fc.boolean()}),
		fc.record({type: fc.constant('incident' as const)}),
		fc.record({
			type: fc.constant('limit' as const),
			model: fc.constantFrom(...modelNames),
			limit: fc.integer({min: 1, max: 512}),
		}),
		fc.record({type: fc.constant('sample' as const), running: fc.nat(20), memory: fc.nat(1e9)}),
	);
	const anyRun = fc.record({
		happenings: fc.array(anyHappening, {maxLength: 20}),
		end: fc.constantFrom('finished' as const, 'skipped' as const, 'broken' as const, 'before its start' as const),
	});

	test('adds up whatever happens in a race, in whatever order', () => {
		fc.assert(
			fc.property(
				fc.subarray([...modelNames], {minLength: 1}),
				fc.nat(12),
				fc.array(anyRun, {maxLength: 12}),
				(models, tasks, runs) => {
					const rounds = Math.max(1, Math.ceil(runs.length / models.length));
					const store = storeOf({models, tasks, rounds});
					let version = store.version;
					const assertWhole = () => {
						assert.ok(store.version > version);
						version = store.version;
						for (const lane of store.lanes) {
							assert.ok(lane.done >= 0 && lane.failed >= 0 && lane.done + lane.failed <= tasks);
							assert.ok(lane.peak >= lane.memory && lane.incidents >= 0);
							assert.ok(lane.measurements.length <= rounds);
							if (lane.state !== 'running') assert.equal(lane.usage.running, 0);
							if (lane.model === 'serial') assert.equal(lane.limit, 1);
						}
						const busy = store.lanes.filter(({state}) => state === 'starting' || state === 'running');
						assert.deepEqual(busy, store.current ? [store.current] : []);
						const {compared, differences, first} = store.agreement;
						assert.ok(differences <= compared && compared <= tasks);
						assert.equal(first !== undefined, differences > 0);
					};
					const apply = (event: RaceEvent) => {
						store.apply(event);
						assertWhole();
					};
					for (const [index, {happenings, end}] of runs.entries()) {
						const lane = store.lanes[index % models.length] as Lane;
						const {model} = lane;
						const round = 1 + Math.floor(index / models.length);
						apply({type: 'lane-started', model, round, limit: lane.limit});
						if (end === 'before its start') {
							apply({type: 'lane-left', model, round});
							continue;
						}
						apply({type: 'lane-ready', model, round, start});
						for (const happening of happenings) {
							const {done, failed} = lane;
							if (happening.type === 'incident') apply({type: 'incident', model, round, text: 'somebody died'});
							else if (happening.type === 'sample') {
								store.sample(lane, {usage: usage({running: happening.running}), memory: happening.memory});
								assertWhole();
							} else if (happening.type === 'limit') {
								// As the race does it: the serial lane has none.
								if (models.includes(happening.model) && happening.model !== 'serial') apply(happening);
							} else if (done + failed < tasks) {
								apply(recorded(model, done + failed + 1, happening.ok, round));
								assert.equal(lane.done + lane.failed, done + failed + 1);
							}
						}
						if (end === 'finished') apply({type: 'lane-finished', measurement: measurement(model, 5, {round})});
						else apply({type: 'lane-left', model, round, ...(end === 'broken' && {why: 'it broke'})});
					}
					apply({type: 'ended', state: 'ended'});
					assert.equal(store.current, undefined);
				},
			),
		);
	});
});

suite('whether models agree', () => {
	test('is asked of all of a record but when it was, how long it took and how often it began', () => {
		const comparison = new Comparison();
		comparison.add('serial', 1, result());
		comparison.add(
			'threads',
			1,
			result({startedAt: null, seconds: 9, timings: {wait: 1, connect: 1, firstByte: 1, transfer: 1}, attempts: 3}),
		);
		assert.deepEqual(comparison.agreement, {compared: 1, differences: 0, first: undefined});
		const left = Object.keys(result()).filter(name => !(name in lasting(result())));
		assert.deepEqual(left.toSorted(), ['attempts', 'seconds', 'startedAt', 'timings']);
	});

	test('is told with the first field that differs, of which models, and what stands in it', () => {
		const comparison = new Comparison();
		comparison.add('serial', 1, result());
		comparison.add('serial', 2, result({title: 'Näher'}));
		comparison.add('threads', 1, result());
		comparison.add('threads', 2, result({title: null, bytes: 0}));
		assert.deepEqual(comparison.agreement, {
			compared: 2,
			differences: 1,
			first: {
				number: 2,
				url: 'http://a.example/',
				field: 'title',
				models: ['serial', 'threads'],
				values: ['Näher', null],
			},
		});
	});

	test('is counted by tasks, however many lanes and rounds differ in one, and the first stays the first', () => {
		const comparison = new Comparison();
		for (const number of [1, 2]) comparison.add('serial', number, result());
		for (const model of ['threads', 'processes', 'messages'] as const)
			for (const number of [2, 1]) comparison.add(model, number, result({status: 500}));
		const {compared, differences, first} = comparison.agreement;
		assert.deepEqual([compared, differences, first?.number, first?.models], [2, 2, 2, ['serial', 'threads']]);
	});

	test('sees any field that differs, found fields too', () => {
		const others = {
			...{url: 'http://b.example/', finalUrl: null, status: 404, ok: false, state: 'failed', title: null},
			...{contentType: null, charset: 'gbk', bytes: 1, path: 'a', sha256: 'b', extracted: {last: '400'}},
			...{truncated: true, error: {code: 'HTTP_404', message: 'no'}},
		} as const;
		assert.deepEqual(Object.keys(others).toSorted(), Object.keys(lasting(result())).toSorted());
		for (const [name, value] of Object.entries(others)) {
			const comparison = new Comparison();
			comparison.add('serial', 1, result());
			comparison.add('threads', 1, result({[name]: value}));
			assert.equal(comparison.agreement.first?.field, name);
		}
	});
});

suite('reporters of a race', () => {
	/** What a reporter writes of these events. */
	async function written(
		open: (out: {write(text: string): void}) => RaceReporter,
		events: readonly RaceEvent[],
		rounds = 1,
	): Promise<string> {
		let text = '';
		let listener: ((event: RaceEvent) => void) | undefined;
		const race = {
			store: storeOf({rounds}),
			subscribe(heard: (event: RaceEvent) => void) {
				listener = heard;
				return () => {
					listener = undefined;
				};
			},
		};
		const reporter = open({
			write(more) {
				text += more;
			},
		});
		reporter.start(race as unknown as AnyRace);
		for (const event of events) listener?.(event);
		await reporter.finish();
		assert.equal(listener, undefined, 'it no longer listens');
		return text;
	}
	const plain = (events: readonly RaceEvent[], rounds?: number) =>
		written(out => plainRaceReporter(out, clock()), events, rounds);
	const json = async (events: readonly RaceEvent[]) =>
		(await written(recordRaceReporter, events))
			.split('\n')
			.filter(Boolean)
			.map(line => JSON.parse(line));

	const everything: readonly RaceEvent[] = [
		started('serial'),
		{type: 'lane-ready', model: 'serial', round: 1, start: {...start, workers: 0}},
		recorded('serial', 1),
		{type: 'lane-finished', measurement: measurement('serial', 1_234)},
		started('threads'),
		{type: 'lane-ready', model: 'threads', round: 1, start: {workers: 4, wall: 210, cpu: 1, memory: 2_500_000}},
		{type: 'limit', model: 'threads', limit: 11},
		{type: 'incident', model: 'threads', round: 1, text: 'thread 2 died (\u001b[31mred\nand long)'},
		{type: 'lane-left', model: 'threads', round: 1},
		{type: 'lane-left', model: 'messages', round: 1, why: 'no thread\ncan be started'},
		{type: 'ended', state: 'ended'},
	];

	test('write a line for what a person wants to know of a lane, and nothing else', async () => {
		const at = `[${timestamp(raceStart)}]`;
		assert.deepEqual((await plain(everything)).split('\n'), [
			`${at} [serial] 40 pages in 1.23 s: 39 done, 1 failed`,
			`${at} [threads] 4 workers ready in 0.21 s, 2.5 MB more`,
			`${at} [threads] thread 2 died (red and long)`,
			`${at} [threads] left before its end`,
			`${at} [messages] broke off: no thread can be started`,
			'',
		]);
	});

	test('say which round it is of where there are several', async () => {
		const text = await plain(
			[
				{type: 'lane-finished', measurement: measurement('threads', 1, {round: 2})},
				{type: 'lane-left', model: 'serial', round: 3},
			],
			3,
		);
		assert.match(text, /\] \[threads 2\/3\] 40 pages .*\n.*\] \[serial 3\/3\] left before its end\n$/);
	});

	test('write the records, incidents and lanes as JSON, with the units in the names', async () => {
		const [record, lane, incident, ...rest] = await json(everything);
		assert.deepEqual(rest, []);
		assert.deepEqual(record, {type: 'record', model: 'serial', round: 1, number: 1, ...result()});
		const {text} = everything[7] as {text: string};
		assert.deepEqual(incident, {type: 'incident', model: 'threads', round: 1, text});
		assert.deepEqual(lane, {
			...{
				type: 'lane',
				model: 'serial',
				round: 1,
				limit: 1,
				steered: false,
				halted: false,
				tasks: 40,
				done: 39,
				failed: 1,
			},
			...{wallSeconds: 1.234, cpuSeconds: 0.3085, memoryBytes: 96 * 1024 ** 2, incidents: 0},
			...{workers: 0, startSeconds: 0.21, startCpuSeconds: 0.18, startMemoryBytes: 60 * 1024 ** 2},
			...{messages: 80, copiedBytes: 240_000, fullMailboxes: 0},
		});
	});
});
