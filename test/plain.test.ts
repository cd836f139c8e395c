import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {httpFailure} from '../source/engine/failure.ts';
import {plainLine, plainReporter} from '../source/reporters/plain.ts';
import {Story} from './helpers/store.ts';

/** Local time, as the lines show it. */
const moment = new Date(2026, 10, 22, 20, 3, 42, 397).getTime();

/** The line of the last event of a story about task 5. */
function lineOf(tell: (story: Story) => void): string | undefined {
	const story = new Story();
	for (let task = 1; task <= 5; task++) story.queue(`https://example.com/${task}`);
	tell(story);
	const event = story.events.at(-1);
	assert.ok(event);
	return plainLine({...event, at: moment});
}

const done = (result: object) => (story: Story) => {
	story.connect('t5').receive('t5').bytes('t5', 48_200).later(310).end('t5', 'done', result);
};
const failed = (code: string) => (story: Story) => {
	story.connect('t5').fail('t5', code);
};

const lines: ReadonlyArray<readonly [what: string, tell: (story: Story) => void, line: string]> = [
	['a page', done({title: 'Welcome to Python.org'}), 'Title: Welcome to Python.org  (200, 48.2 kB, 0.31 s)'],
	['a Chinese page', done({title: '新浪首页'}), 'Title: 新浪首页  (200, 48.2 kB, 0.31 s)'],
	['a page with a title that is saved', done({title: 'A', path: 'a.html'}), 'Title: A  (200, 48.2 kB, 0.31 s)'],
	['a file', done({path: 'big.iso'}), 'Saved: big.iso  (200, 48.2 kB, 0.31 s)'],
	['a body that is not saved', done({}), 'Fetched: https://example.com/5  (200, 48.2 kB, 0.31 s)'],
	['a refusal', failed('HTTP_403'), 'Status code: 403  (https://example.com/5)'],
	['a server error', failed('HTTP_503'), 'Status code: 503  (https://example.com/5)'],
	['a dead host', failed('ECONNREFUSED'), 'Error: ECONNREFUSED connection refused  (https://example.com/5)'],
	['a canceled task', story => void story.end('t5', 'canceled'), 'Canceled: https://example.com/5'],
];

suite('plain lines', () => {
	for (const [what, tell, line] of lines) {
		test(`${what} reads "${line}"`, () => assert.equal(lineOf(tell), `[2026-11-22 20:03:42.397] [Task 5] ${line}`));
	}

	test('a canceled task reads the same with the error the engine gives it', () => {
		const line = lineOf(story => void story.end('t5', 'canceled', {error: {code: 'CANCELED', message: 'canceled'}}));
		assert.match(line ?? '', /Canceled: https/);
	});

	test('a skipped task does not pretend to have an answer', () => {
		assert.doesNotMatch(lineOf(story => void story.end('t5', 'skipped')) ?? '', /null/);
	});

	test('what does not end a task has no line', () => {
		const story = new Story().limits(8).run('running').input(true);
		const id = story.queue('https://example.com/');
		story.connect(id).receive(id).extract(id);
		assert.deepEqual(story.events.map(plainLine).filter(Boolean), []);
	});

	test('a wait of five seconds or more is told, and a shorter one is not', () => {
		const story = new Story().limits(8).run('running');
		const id = story.queue('https://example.com/');
		story.connect(id);
		const waiting = {type: 'waiting', id, failure: httpFailure(503), retry: 1, retries: 4} as const;
		story.emit({...waiting, until: story.now + 61_000});
		story.requeue(id).connect(id);
		story.emit({...waiting, until: story.now + 4_999});
		const lines = story.events.map(plainLine).filter(Boolean);
		assert.equal(lines.length, 1);
		assert.match(lines[0] ?? '', /\[Task 1\] Waiting: 1:01, 503 Service Unavailable$/);
	});

	test('each line is written once, whole and in order, until the reporter finishes', async () => {
		const story = new Story().limits(8).run('running');
		story.fetched('https://example.com/1', 1000, 'One');
		story.fetched('https://example.com/2', 1000, 'Two');
		const written: string[] = [];
		let listening = false;
		const reporter = plainReporter({write: text => written.push(text)});
		const engine = {
			subscribe(listener: (event: unknown) => void) {
				listening = true;
				for (const event of story.events) listener(event);
				return () => {
					listening = false;
				};
			},
		};
		reporter.start(engine as never);
		assert.deepEqual(
			written.map(text => /Title: \w+|\n.+/.exec(text)?.[0]),
			['Title: One', 'Title: Two'],
		);
		assert.ok(written.every(text => text.endsWith('\n')));
		await reporter.finish();
		assert.ok(!listening);
	});
});
