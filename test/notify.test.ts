import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {notification, notifyReporter} from '../source/reporters/notify.ts';
import {startServer} from './helpers/server.ts';
import {Story} from './helpers/store.ts';
import {fetchtop, noTerminal, openTerminal} from './helpers/terminal.ts';

const terminals: ReadonlyArray<readonly [Record<string, string>, string]> = [
	[{TERM: 'xterm-256color'}, 'BEL'],
	[{}, 'BEL'],
	[{TERM: 'xterm-kitty'}, 'BELESC]99;;fetchtop: endedESC\\'],
	[{TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app'}, 'BELESC]9;fetchtop: endedESC\\'],
	[{TERM: 'foot'}, 'BELESC]777;notify;fetchtop;endedESC\\'],
	[{TERM: 'xterm-ghostty'}, 'BELESC]777;notify;fetchtop;endedESC\\'],
	[{TERM: 'xterm-256color', TERM_PROGRAM: 'WezTerm'}, 'BELESC]777;notify;fetchtop;endedESC\\'],
	[{TERM: 'tmux-256color', TMUX: '/tmp/tmux', KITTY_WINDOW_ID: '1'}, 'BEL'],
	[{TERM: 'screen', STY: '1.pts', VTE_VERSION: '8000'}, 'BEL'],
];

const readable = (text: string) => text.replaceAll('\u001b', 'ESC').replaceAll('\u0007', 'BEL');

/** What is written while a story goes on. */
function told(tell: (story: Story, emit: () => void) => void): string[] {
	const written: string[] = [];
	const story = new Story().limits(8);
	let heard = 0;
	let hear: (event: unknown) => void = () => {};
	const engine = {
		store: story.store,
		subscribe(listener: typeof hear) {
			hear = listener;
			return () => {};
		},
	};
	notifyReporter({write: text => written.push(readable(text))}, {TERM: 'foot'}).start(engine as never);
	tell(story, () => {
		for (; heard < story.events.length; heard++) hear(story.events[heard]);
	});
	return written;
}

suite('a notification', () => {
	for (const [env, text] of terminals)
		test(`in ${JSON.stringify(env)}`, () => assert.equal(readable(notification('ended', env)), text));

	test('tells how the run has ended, each time that it does', () => {
		const text = (counts: string) => `BELESC]777;notify;fetchtop;${counts}ESC\\`;
		const written = told((story, emit) => {
			story.run('running');
			story.fetched('https://a.example/', 1);
			story.become(story.queue('https://b.example/'), 'failed').run('ended');
			emit();
			story.run('running').requeue('t2').become('t2', 'done').run('ended');
			emit();
		});
		assert.deepEqual(written, [text('2 tasks: 1 done, 1 failed'), text('2 tasks: 2 done')]);
	});

	test('is not for somebody who has stopped the run', () => {
		const written = told((story, emit) => {
			story.run('running').run('stopping').run('ended');
			emit();
		});
		assert.deepEqual(written, []);
	});
});

for (const [where, options] of [
	['dashboard', ''],
	['plain lines', '--plain'],
	['records', '--json'],
] as const) {
	test(`--notify rings at the end, over the ${where}`, {skip: noTerminal}, async t => {
		const server = await startServer(t);
		server.page('/1', '1');
		const redirection = options === '--json' ? '> records' : '';
		const command = fetchtop(`--no-save --notify ${options} ${server.url('/1')}`);
		const terminal = openTerminal(t, `${command} ${redirection}`, 100, 24, {TERM_PROGRAM: 'iTerm.app'});
		await terminal.until(() => terminal.bells === 1, 'the bell');
		await terminal.until(() => terminal.osc9.includes('fetchtop: 1 task: 1 done'), 'the notification');
		if (options === '') terminal.type('q');
		assert.equal(await terminal.exited, 0);
		assert.equal(terminal.bells, 1);
		if (redirection !== '') assert.match(terminal.read('records'), /^\{[^\u0007\u001b]*\}\n$/);
	});
}
