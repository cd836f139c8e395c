import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {width} from '../source/format/width.ts';
import {type SummaryParts, summary} from '../source/reporters/summary.ts';
import {Tally} from '../source/reporters/tally.ts';
import {Story} from './helpers/store.ts';

const begun = () => new Story().limits(8).run('running');
const linesOf = ({store, now}: Story) => summary(store, now);
const failing = (story: Story, code: string, times: number): Story => {
	for (let task = 1; task <= times; task++) {
		const id = story.queue(`https://${code.toLowerCase()}.example/${task}`);
		story.connect(id).fail(id, code);
	}
	return story;
};

suite('the totals', () => {
	test('read as the design shows them', () => {
		const story = failing(begun(), 'HTTP_403', 3);
		for (let page = 0; page < 7; page++) story.fetched(`https://example.com/${page}`, 171_429, null, 0);
		story.later(2_320).run('ended');
		assert.equal(linesOf(story)[0], 'Elapsed time: 2.32 s · 10 tasks: 7 done, 3 failed · 1.2 MB');
	});

	const cases: ReadonlyArray<readonly [what: string, story: () => Story, line: string]> = [
		['nothing', begun, 'Elapsed time: 0.00 s · 0 tasks: 0 done · 0 B'],
		[
			'one task is no plural',
			() => {
				const story = begun();
				story.fetched('https://example.com/', 812, null, 500);
				return story.run('ended');
			},
			'Elapsed time: 0.50 s · 1 task: 1 done · 812 B',
		],
		[
			'every way to end',
			() => {
				const story = begun();
				for (const state of ['done', 'skipped', 'failed', 'canceled'] as const)
					story.become(story.queue('https://example.com/'), state);
				return story.run('ended');
			},
			'Elapsed time: 0.00 s · 4 tasks: 1 done, 1 skipped, 1 failed, 1 canceled · 400 B',
		],
		[
			'a stopped run tells what is left',
			() => {
				const story = begun();
				for (let page = 0; page < 1200; page++) story.queue(`https://example.com/${page}`);
				return story.become('t1', 'done').run('stopping').later(90_000).run('ended');
			},
			'Elapsed time: 1 min 30 s · 1,200 tasks: 1 done, 1,199 not finished · 400 B',
		],
		[
			'a list that was not read to its end tells that there is more',
			() => {
				const story = begun().input(true);
				story.queue('https://example.com/');
				return story.run('ended');
			},
			'Elapsed time: 0.00 s · 1 task: 0 done, 1 and more not finished · 0 B',
		],
	];
	for (const [what, story, line] of cases) test(what, () => assert.equal(linesOf(story())[0], line));

	test('the clock stops with the run', () => {
		const story = begun().later(1_000).run('ended').later(60_000);
		assert.match(linesOf(story)[0] ?? '', /1\.00 s/);
	});

	test('a minute never shows sixty seconds', () => {
		for (const elapsed of [59_996, 119_700, 3_599_990])
			assert.doesNotMatch(linesOf(begun().later(elapsed).run('ended'))[0] ?? '', /\b60(\.\d+)? s/);
	});
});

suite('the failures', () => {
	test('there is no such heading when nothing failed', () => {
		const story = begun();
		story.fetched('https://example.com/', 1);
		assert.equal(linesOf(story).length, 1);
	});

	test('are grouped by cause, the most frequent first, each with an example and what can be done', () => {
		const story = failing(failing(failing(begun(), 'ENOTFOUND', 1), 'HTTP_403', 11), 'HTTP_404', 2);
		assert.deepEqual(linesOf(story).slice(1), [
			'Failures by cause:',
			'  11 × 403 Forbidden   https://http_403.example/1 …',
			'       → look whether the site wants a login or another --user-agent',
			'   2 × 404 Not Found   https://http_404.example/1 …',
			'       → check the URL',
			'   1 × ENOTFOUND no such host   https://enotfound.example/1',
			'       → check the spelling of the host',
		]);
	});

	test('a task that was retried with success is no failure any more', () => {
		const story = failing(begun(), 'HTTP_503', 2).requeue('t1').connect('t1').receive('t1').end('t1', 'done');
		assert.deepEqual(linesOf(story).slice(1), [
			'Failures by cause:',
			'  1 × 503 Service Unavailable   https://http_503.example/2',
			'      → lower --per-host',
		]);
	});

	test('fewer tasks at once are not advised where there never was more than one at the host', () => {
		const alone = failing(failing(begun(), 'HTTP_503', 1), 'HTTP_429', 1);
		assert.deepEqual(linesOf(alone).slice(2), [
			'  1 × 503 Service Unavailable   https://http_503.example/1',
			'  1 × 429 Too Many Requests   https://http_429.example/1',
		]);
		for (const [concurrency, perHost] of [
			[8, 1],
			[1, null],
		] as const) {
			const story = failing(new Story().limits(concurrency, perHost).run('running'), 'HTTP_503', 2);
			assert.equal(linesOf(story).length, 3, `-c ${concurrency}, --per-host ${perHost}`);
		}
		alone.queue('https://http_429.example/left');
		assert.equal(linesOf(alone).at(-1), '      → lower --per-host');
	});

	test('canceled tasks are no failures', () => {
		const story = begun();
		story.become(story.queue('https://example.com/'), 'canceled');
		assert.equal(linesOf(story).length, 1);
	});

	test('a long list of causes is cut, and says so', () => {
		const story = begun();
		// Nothing can be done about these, so each is one line.
		for (let status = 437; status <= 450; status++) failing(story, `HTTP_${status}`, 454 - status);
		const lines = linesOf(story);
		assert.equal(lines.length, 1 + 1 + 12 + 1);
		assert.equal(lines.at(-1), '  … and 2 more causes');
	});
});

function tallyOf(story: Story): Tally {
	const tally = new Tally();
	for (const event of story.events) tally.see(event);
	return tally;
}

/** The lines below the totals of a run that was tallied. */
const told = (story: Story, parts: SummaryParts = {}): string[] =>
	summary(story.store, story.now, {tally: tallyOf(story), dir: 'out', ...parts}).slice(1);

/** Tasks that took so many seconds, of a megabyte each. */
const lasting = (...seconds: number[]): Story => {
	const story = begun();
	for (const [page, time] of seconds.entries())
		story.fetched(`https://example.com/${page}`, 1_000_000, null, time * 1000);
	return story;
};

const saving = (story: Story, url: string, path: string, size?: number): Story => {
	const id = story.queue(url);
	story.connect(id).receive(id).bytes(id, 1_500);
	return story.emit({
		type: 'done',
		id,
		result: story.result(id, 'done', {path}),
		...(size !== undefined && {size}),
	});
};

suite('where the files are', () => {
	test('one file is named', () => {
		const story = saving(begun(), 'https://example.com/a', 'deep/a.iso');
		assert.deepEqual(told(story), ['Saved: out/deep/a.iso, 1.5 kB']);
		assert.deepEqual(told(story, {dir: '.'}), ['Saved: deep/a.iso, 1.5 kB']);
	});

	test('several are counted, with what they take on the disk', () => {
		const story = saving(saving(begun(), 'https://example.com/a', 'a'), 'https://example.com/b', 'b', 4_000);
		assert.deepEqual(told(story), ['Saved: 2 files, 5.5 kB, in out/']);
	});

	test('is not told of a run that saved none, nor of files that are gone by now', () => {
		assert.deepEqual(told(lasting(0)), []);
		const tally = new Tally();
		const story = saving(begun(), 'https://example.com/a', 'a');
		for (const event of story.events) tally.see(event);
		assert.equal(summary(story.store, story.now, {tally}).length, 1);
	});
});

suite('the slowest', () => {
	test('are five, with their times, sizes and speeds', () => {
		assert.deepEqual(told(lasting(1, 2, 90, 3, 4, 12.5, 5)), [
			'Slowest:',
			'  1 min 30 s    1.0 MB   11.1 kB/s   https://example.com/2',
			'      12.5 s    1.0 MB   80.0 kB/s   https://example.com/5',
			'      5.00 s    1.0 MB  200.0 kB/s   https://example.com/6',
			'      4.00 s    1.0 MB  250.0 kB/s   https://example.com/4',
			'      3.00 s    1.0 MB  333.3 kB/s   https://example.com/3',
		]);
	});

	test('are not told of five tasks, nor where all are fast', () => {
		assert.deepEqual(told(lasting(10, 20, 30, 40, 50)), []);
		assert.deepEqual(told(lasting(0.9, 0.1, 0.2, 0.3, 0.4, 0.5)), []);
	});

	test('are of all tasks, not of the last thousand', () => {
		const story = lasting(60, ...Array.from({length: 1_200}, () => 0.01));
		assert.deepEqual(told(story).length, 2);
		assert.match(told(story)[1] ?? '', /1 min 0 s .*example\.com\/0$/);
	});
});

suite('what is kept of what was not finished', () => {
	const leaving = (...sizes: number[]): Story => {
		const story = begun();
		for (const [page, size] of sizes.entries()) {
			const id = story.queue(`https://example.com/${page}`);
			story.connect(id).receive(id);
			story.emit({type: 'saved', id, part: {path: `${page}`, ranges: size > 0 ? [[0, size]] : []}});
		}
		story.queue('https://example.com/left');
		return story.run('stopping').run('ended');
	};

	test('is told with its size and where it is', () => {
		assert.deepEqual(told(leaving(1_000, 3_000, 0)), ['Kept: the parts of 2 unfinished files, 4.0 kB, in out/']);
		assert.deepEqual(told(leaving(1_000), {dir: '.'}), ['Kept: the part of 1 unfinished file, 1.0 kB, in ./']);
	});

	test('is not told where nothing is saved, or nothing has come', () => {
		assert.deepEqual(told(leaving(0)), []);
		assert.equal(linesOf(leaving(1_000)).length, 1);
	});
});

suite('on a terminal', () => {
	const story = failing(lasting(1, 2, 3, 4, 5, 6), 'HTTP_403', 2);
	const next = ['To try the 2 failed again:', `  fetchtop ${'https://example.com/'.repeat(9)}`];

	test('nothing is cut, however narrow it is, and no URL is torn apart that fits into a line', () => {
		const words = (lines: string[]) => lines.join(' ').split(/\s+/);
		const whole = summary(story.store, story.now, {next, tally: tallyOf(story), dir: 'out'});
		assert.ok(whole.some(line => line.endsWith('/1 …')));
		for (const columns of [20, 40, 80]) {
			const lines = summary(story.store, story.now, {
				next,
				tally: tallyOf(story),
				dir: 'out',
				fits: line => width(line) <= columns,
			});
			assert.deepEqual(words(lines), words(whole));
			assert.deepEqual(lines.slice(-2), next);
			const torn = lines.slice(0, -2).filter(line => width(line) > columns && /\S +https?:/.test(line));
			assert.deepEqual(torn, []);
		}
	});

	test('a URL that does not fit behind what is said of it stands below', () => {
		const lines = summary(story.store, story.now, {fits: line => width(line) <= 40});
		assert.deepEqual(lines.slice(2), [
			'  2 × 403 Forbidden',
			'    https://http_403.example/1 …',
			'      → look whether the site wants a login or another --user-agent',
		]);
	});

	test('of ASCII only there is no other character in it', () => {
		for (const line of told(story, {ascii: true})) assert.match(line, /^[\x20-\x7e]*$/);
	});
});
