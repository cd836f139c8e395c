import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {
	hasProgress,
	hasTitle,
	percentOf,
	progressOf,
	TerminalSignals,
	titleOf,
} from '../source/dashboard/terminal/terminal-signals.ts';
import {startServer} from './helpers/server.ts';
import {Story} from './helpers/store.ts';
import {fetchtop, noTerminal, openTerminal} from './helpers/terminal.ts';

const TERM = 'xterm-256color';

suite('who is told', () => {
	const titles: ReadonlyArray<readonly [Record<string, string>, boolean]> = [
		[{TERM}, true],
		[{TERM: 'tmux-256color', TMUX: '/tmp/tmux'}, true],
		[{WT_SESSION: '1'}, true],
		[{TERM: 'dumb'}, false],
		[{TERM: 'linux'}, false],
		[{TERM: 'dumb', WT_SESSION: '1'}, false],
		[{}, false],
	];
	for (const [env, expected] of titles)
		test(`${JSON.stringify(env)}: ${expected ? 'a' : 'no'} title`, () => assert.equal(hasTitle(env), expected));

	const iTerm = (TERM_PROGRAM_VERSION: string) => ({TERM, TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION});
	const bars: ReadonlyArray<readonly [Record<string, string>, boolean]> = [
		[{TERM}, false],
		[{WT_SESSION: '1'}, true],
		[{ConEmuANSI: 'ON'}, true],
		[{TERM, ConEmuANSI: 'OFF'}, false],
		[{TERM, TERM_PROGRAM: 'WezTerm'}, true],
		[{TERM, TERM_PROGRAM: 'ghostty'}, true],
		[{TERM: 'xterm-ghostty'}, true],
		[{TERM, VTE_VERSION: '8000'}, true],
		[{TERM, VTE_VERSION: '7800'}, false],
		[iTerm('3.6.6'), true],
		[iTerm('3.6.10'), true],
		[iTerm('4.0'), true],
		[iTerm('3.6.5'), false],
		[iTerm('3.5.14'), false],
		[iTerm(''), false],
		[{TERM: 'xterm-kitty'}, false],
		[{TERM, TERM_PROGRAM: 'Apple_Terminal'}, false],
		[{TERM: 'dumb', WT_SESSION: '1'}, false],
		[{TERM: 'tmux-256color', TMUX: '/tmp/tmux', TERM_PROGRAM: 'WezTerm'}, false],
		[{TERM: 'screen', STY: '1.pts', VTE_VERSION: '8000'}, false],
	];
	for (const [env, expected] of bars)
		test(`${JSON.stringify(env)}: ${expected ? 'a' : 'no'} progress bar`, () =>
			assert.equal(hasProgress(env), expected));
});

/** Two done, one failed, one half-way, one queued. */
function half(): Story {
	const story = new Story().limits(8).run('running');
	story.fetched('https://a.example/1', 1000);
	story.fetched('https://a.example/2', 1000);
	story.become(story.queue('https://a.example/3'), 'failed');
	const id = story.queue('https://a.example/4');
	story.connect(id).receive(id, {total: 1000}).bytes(id, 500);
	story.queue('https://a.example/5');
	return story;
}

suite('what is told', () => {
	test('a running task counts for as much as is here of it', () => {
		assert.equal(percentOf(half().store), 70);
	});

	test('is no percentage while nobody knows how much there is', () => {
		assert.equal(percentOf(half().input(true).store), undefined);
		assert.equal(percentOf(new Story().store), undefined);
	});

	const told: ReadonlyArray<readonly [what: string, story: () => Story, title: string, progress: string]> = [
		['a run', half, 'fetchtop 70 % · 1.5 MB/s', '1;70'],
		['a list that is still read', () => half().input(true), 'fetchtop 2 done · 1.5 MB/s', '3'],
		['a pause', () => half().run('paused'), 'fetchtop 70 % · paused', '4;70'],
		['a pause in the list', () => half().input(true).run('paused'), 'fetchtop 2 done · paused', '4'],
		['a drain', () => half().run('draining'), 'fetchtop 70 % · draining', '1;70'],
		['an end with failures', () => half().run('ended'), 'fetchtop ended · 1 failed', '2;100'],
		['a good end', () => new Story().run('running').run('ended'), 'fetchtop ended', '0'],
	];
	for (const [what, story, title, progress] of told) {
		test(`of ${what}: ${title}`, () => {
			const {store} = story();
			assert.deepEqual([titleOf(store, 1_500_000), progressOf(store)], [title, progress]);
		});
	}
});

suite('what is written', () => {
	const open = (env: Record<string, string>) => {
		const written: string[] = [];
		const signals = new TerminalSignals(text => written.push(text), env, true);
		signals.open();
		return {signals, written, taken: () => written.splice(0).join('').replaceAll('\u001b', 'ESC')};
	};
	const ghostty = {TERM: 'xterm-ghostty'};

	test('is the title and the progress, and in the end both are as before', () => {
		const {signals, taken} = open(ghostty);
		const story = half();
		signals.follow(story.store, story.now);
		assert.equal(taken(), 'ESC[22;2tESC]2;fetchtop 70 % - 0 B/sESC\\ESC]9;4;1;70ESC\\');
		signals.close();
		assert.equal(taken(), 'ESC]9;4;0ESC\\ESC[23;2t');
		signals.close();
		signals.follow(story.store, story.later(9_000).now);
		assert.equal(taken(), '');
	});

	test('is no more than one title a second, and only what has changed', () => {
		const {signals, written} = open({TERM});
		const story = half();
		for (let step = 0; step < 30; step++) signals.follow(story.bytes('t4', 10).store, story.later(100).now);
		assert.equal(written.length, 1 + 3);
		story.run('paused');
		for (let step = 0; step < 300; step++) signals.follow(story.store, story.later(100).now);
		assert.equal(written.length, 1 + 3 + 1);
	});

	test('is renewed for those who take away what nobody renews', () => {
		const {signals, taken} = open(ghostty);
		const story = half();
		signals.follow(story.store, story.now);
		taken();
		for (let second = 0; second < 15; second++) signals.follow(story.store, story.later(1000).now);
		assert.equal(taken(), 'ESC]9;4;1;70ESC\\'.repeat(3));
	});

	test('is taken back while something else has the terminal', async () => {
		const {signals, taken} = open(ghostty);
		const story = half();
		signals.follow(story.store, story.now);
		taken();
		await signals.aside(async () => assert.equal(taken(), 'ESC]9;4;0ESC\\ESC[23;2t'));
		signals.follow(story.store, story.now);
		assert.equal(taken(), 'ESC[22;2tESC]2;fetchtop 70 % - 0 B/sESC\\ESC]9;4;1;70ESC\\');
		signals.close();
	});

	test('is nothing where there is no title', () => {
		const {signals, written} = open({TERM: 'linux'});
		signals.follow(half().store, half().now);
		signals.close();
		assert.deepEqual(written, []);
	});
});

test('the title of the window tells how far it is, and is as before in the end', {skip: noTerminal}, async t => {
	const server = await startServer(t);
	server.page('/1', '1');
	const gate = server.hold('/2', '2');
	const terminal = openTerminal(
		t,
		`printf '\\033]2;my shell\\007'; ${fetchtop(`--no-save ${server.url('/1')} ${server.url('/2')}`)}`,
		100,
		24,
		{TERM_PROGRAM: 'WezTerm'},
	);
	await terminal.until(() => terminal.titles.some(title => title.startsWith('fetchtop 50 % ·')), 'the title');
	await terminal.until(() => terminal.osc9.includes('4;1;50'), 'the progress');
	gate.open();
	await terminal.until(() => terminal.titles.at(-1) === 'fetchtop ended', 'the title at the end');
	terminal.type('q');
	assert.equal(await terminal.exited, 0);
	assert.equal(terminal.titles.at(-1), 'my shell');
	assert.equal(terminal.osc9.at(-1), '4;0');
});

test('a second signal, which waits for nobody, leaves no title behind', {skip: noTerminal}, async t => {
	const server = await startServer(t);
	server.hold('/1');
	const terminal = openTerminal(
		t,
		`printf '\\033]2;my shell\\007'; ${fetchtop(`--no-save ${server.url('/1')}`)}`,
		100,
		24,
		{TERM_PROGRAM: 'WezTerm'},
	);
	await terminal.until(() => terminal.osc9.includes('4;1;0'), 'the progress');
	terminal.signal('SIGTERM');
	terminal.signal('SIGINT');
	await terminal.exited;
	assert.equal(terminal.titles.at(-1), 'my shell');
	assert.equal(terminal.osc9.at(-1), '4;0');
});
