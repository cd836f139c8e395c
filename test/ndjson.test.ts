import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {resultOf} from '../source/engine/result.ts';
import {eventReporter, recordReporter} from '../source/reporters/ndjson.ts';
import {recordingFormat} from '../source/reporters/recorder.ts';
import type {Reporter, TextSink} from '../source/reporters/reporter.ts';
import {TestClock} from './helpers/engine.ts';
import {Story} from './helpers/store.ts';

const program = 'fetchtop/test';

/** DESIGN §5: a promise to users, so in its order. */
const recordKeys = [
	...[
		'url',
		'finalUrl',
		'status',
		'ok',
		'state',
		'title',
		'contentType',
		'charset',
		'bytes',
		'path',
		'sha256',
		'extracted',
		'truncated',
	],
	...['attempts', 'startedAt', 'seconds', 'timings', 'error'],
];

function story(): Story {
	const told = new Story().limits(8).run('running').input(true).input(false);
	told.fetched('https://example.com/', 1200, '新浪\u2028首页 "quoted"');
	const refused = told.queue('https://example.com/private');
	told.connect(refused).fail(refused, 'HTTP_403');
	told.become(told.queue('https://example.com/dropped'), 'canceled');
	told.become(told.queue('https://example.com/runs'), 'receiving');
	return told;
}

/** What a reporter writes of a story, line by line. */
function written(make: (out: TextSink) => Reporter, {events, store}: Story): string[] {
	const texts: string[] = [];
	const engine = {
		store,
		subscribe(listener: (event: unknown) => void) {
			for (const event of events) listener(event);
			return () => {};
		},
	};
	make({write: text => texts.push(text)}).start(engine as never);
	const all = texts.join('');
	assert.ok(all.endsWith('\n'));
	return all.slice(0, -1).split('\n');
}

suite('--json', () => {
	test('one record per finished task, in the order in which they finished, and none for what still runs', () => {
		const records = written(recordReporter, story()).map(line => JSON.parse(line));
		assert.deepEqual(
			records.map(({url, state}) => [url, state]),
			[
				['https://example.com/', 'done'],
				['https://example.com/private', 'failed'],
				['https://example.com/dropped', 'canceled'],
			],
		);
	});

	test('a record is the result as it is', () => {
		const told = story();
		const [first] = written(recordReporter, told);
		assert.deepEqual(JSON.parse(first ?? ''), told.task('t1').result);
	});

	test('the record the engine makes has exactly the promised keys, in their order', () => {
		const task = story().task('t1');
		for (const state of ['done', 'failed', 'canceled', 'skipped'] as const) {
			const record = JSON.parse(JSON.stringify(resultOf({task, queuedAt: 0}, state, {}, 100)));
			assert.deepEqual(Object.keys(record), recordKeys);
			assert.deepEqual(Object.keys(record.timings), ['wait', 'connect', 'firstByte', 'transfer']);
		}
	});

	test('a title of a stranger stays on its line', () => {
		const task = story().task('t1');
		const record = resultOf({task, queuedAt: 0}, 'done', {extracted: {title: 'a\n\u001b[31mb\u202ec'}}, 1);
		assert.equal(record.title, 'a bc');
	});
});

suite('--events', () => {
	test('it begins with what it is and with the limits, and has every event, as it is, one a line', () => {
		const told = story();
		const clock = new TestClock();
		const lines = written(out => eventReporter(out, {clock, program}), told).map(line => JSON.parse(line));
		const {type: _, at: __, ...limits} = lines[1];
		assert.deepEqual(lines[0], {at: clock.now(), type: 'recording', format: recordingFormat, program});
		assert.deepEqual(limits, {concurrency: 8, perHost: null, rate: null, bandwidth: null});
		assert.deepEqual(lines.slice(2), JSON.parse(JSON.stringify(told.events)));
		assert.ok(lines.length > 10);
	});

	test('finishing stops listening before the file is closed', async () => {
		const order: string[] = [];
		const close = async () => {
			order.push('closed');
		};
		const reporter = eventReporter({write() {}}, {clock: new TestClock(), program, close});
		reporter.start({subscribe: () => () => order.push('stopped'), store: story().store} as never);
		await reporter.finish();
		assert.deepEqual(order, ['stopped', 'closed']);
	});
});

test('a line has no control characters, not even those that JSON leaves as they are', async () => {
	const lines: string[] = [];
	const reporter = eventReporter({write: text => lines.push(text) > 0}, {clock: new TestClock(), program});
	const told = story();
	const part = {path: 'a', ranges: [], validators: {etag: '"\u009b2J\u007f"'}};
	reporter.start({
		subscribe: (listener: (event: unknown) => void) => {
			listener({type: 'saved', id: 't4', part});
			return () => {};
		},
		store: told.store,
	} as never);
	const line = lines.at(-1) ?? '';
	assert.doesNotMatch(line.trimEnd(), /[\u0000-\u001f\u007f-\u009f]/);
	assert.deepEqual(JSON.parse(line).part, part);
});
