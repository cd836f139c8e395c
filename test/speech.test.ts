import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import type {Scene} from '../source/dashboard/drawing/frame.ts';
import {runSentence} from '../source/dashboard/drawing/sentences.ts';
import {Speech} from '../source/dashboard/drawing/speech.ts';
import {createTheme} from '../source/dashboard/drawing/theme.ts';
import {createKeymap} from '../source/dashboard/keys/keymap.ts';
import {Meter} from '../source/dashboard/measuring/meter.ts';
import {rowsOf} from '../source/dashboard/rows/rows.ts';
import {follow, initialView, reduce, type View, type ViewAction} from '../source/dashboard/rows/view.ts';
import {startServer} from './helpers/server.ts';
import {Story} from './helpers/store.ts';
import {fetchtop, noTerminal, openTerminal} from './helpers/terminal.ts';

/** A story that is listened to: each call tells what was said since the last. */
class Listener {
	readonly story: Story;
	readonly meter = new Meter();
	readonly #speech = new Speech();
	view: View = initialView;
	#heard = 0;

	constructor(story: Story) {
		this.story = story;
		this.hear();
	}

	hear(): readonly string[] {
		const {lines} = this.#speech.follow(this.scene());
		const fresh = lines.slice(this.#heard);
		this.#heard = lines.length;
		return fresh;
	}

	look(...actions: ViewAction[]): readonly string[] {
		for (const action of actions) this.view = reduce(this.view, action, this.scene().rows, 10);
		return this.hear();
	}

	/** A key is pressed while something is asked for, and the prompt is gone. */
	leave(key: string, then: Partial<View> = {}): readonly string[] {
		if (this.view.prompt) this.#speech.answer(this.view.prompt, key);
		this.view = {...this.view, prompt: undefined, ...then};
		return this.hear();
	}

	get isWaiting(): boolean {
		return this.#speech.isWaiting;
	}

	say(text: string): readonly string[] {
		this.view = {...this.view, notice: {text, until: this.story.now + 4_000}};
		return this.hear();
	}

	ask(): readonly string[] {
		this.#speech.repeat();
		return this.hear();
	}

	scene(): Scene {
		const {store, now} = this.story;
		this.meter.sample(store, now);
		const rows = rowsOf({store, meter: this.meter, now}, this.view);
		this.view = follow(this.view, rows, 10);
		return {
			store,
			now,
			rows,
			meter: this.meter,
			view: this.view,
			theme: createTheme({ascii: false, color: false}),
			keymap: createKeymap(),
			size: {columns: 80, rows: 24},
		};
	}
}

function listen(): Listener {
	const story = new Story().limits(8).run('running');
	for (let page = 1; page <= 4; page++) story.queue(`https://a.example/${page}`);
	story.connect('t1').receive('t1', {total: 1000}).bytes('t1', 250);
	return new Listener(story);
}

const failing = (listener: Listener, times: number) => {
	for (let page = 1; page <= times; page++) {
		const id = listener.story.queue(`https://b.example/${page}`);
		listener.story.connect(id).fail(id, 'HTTP_404');
	}
};

suite('the run in a sentence', () => {
	const sentence = (story: Story) => runSentence(new Listener(story).scene());

	test('is how many of all are done, and what else there is', () => {
		const {story} = listen();
		story.become('t2', 'failed').become('t3', 'waiting').become('t4', 'done');
		assert.equal(sentence(story), '1 of 4 done, 1 failed, 1 running, 1 waiting, 0 B/s');
	});

	test('says that there may be more while the list is read, and no speed while nothing runs', () => {
		const story = new Story().limits(8).run('running').input(true);
		story.become(story.queue('https://a.example/'), 'done');
		assert.equal(sentence(story), '1 of 1 or more done');
		assert.equal(sentence(story.input(false).run('ended')), '1 done');
	});

	test('says roughly when it will be over', () => {
		const listener = listen();
		const {story, meter} = listener;
		for (let page = 0; page < 20; page++) {
			story.fetched('https://a.example/', 1000, null, 3_000);
			meter.sample(story.store, story.now);
		}
		assert.doesNotMatch(runSentence(listener.scene()), /left/, 'one hangs');
		story.end('t1', 'canceled');
		assert.match(runSentence(listener.scene()), /, about 10 seconds left$/);
		for (let page = 0; page < 40; page++) story.queue('https://a.example/');
		assert.match(runSentence(listener.scene()), /, about 2 minutes left$/);
	});
});

suite('of the run is said', () => {
	test('how far it is, every five seconds and only if that has changed', () => {
		const listener = listen();
		assert.deepEqual(listener.hear(), []);
		listener.story.later(4_900);
		assert.deepEqual(listener.hear(), []);
		listener.story.later(100);
		assert.deepEqual(listener.hear(), ['0 of 4 done, 1 running, 0 B/s']);
		listener.story.later(60_000);
		assert.deepEqual(listener.hear(), []);
		listener.story.become('t2', 'done');
		assert.deepEqual(listener.hear(), ['task 2, done, 400 B, a.example/2', '1 of 4 done, 1 running, 0 B/s']);
	});

	test('what is done, but not of many: how many they are is said of the run', () => {
		const listener = listen();
		const {story} = listener;
		const done = (times: number) => {
			for (let page = 0; page < times; page++) story.become(story.queue(`https://b.example/${page}`), 'done');
		};
		done(1);
		assert.deepEqual(listener.hear(), ['task 5, done, 400 B, b.example/0']);
		done(2);
		assert.deepEqual(listener.hear(), [], 'not while the last one is listened to');
		story.later(2_500);
		assert.deepEqual(listener.hear(), ['task 6, done, 400 B, b.example/0', 'task 7, done, 400 B, b.example/1']);
		done(3);
		story.later(2_500);
		assert.deepEqual(listener.hear(), ['6 of 10 done, 1 running, 480 B/s, about 10 seconds left']);
		story.later(4_000);
		assert.deepEqual(listener.hear(), []);
	});

	test('one after the other what ends at nearly the same time, whatever comes of it', () => {
		const listener = listen();
		const {story} = listener;
		story.connect('t3').fail('t3', 'HTTP_404').later(20);
		assert.deepEqual(listener.hear(), ['task 3, failed, 404 Not Found, a.example/3']);
		story.become('t2', 'done').later(20).become('t4', 'failed');
		assert.deepEqual(listener.hear(), ['task 2, done, 400 B, a.example/2']);
		story.later(20).end('t1', 'done').run('ended');
		assert.deepEqual(listener.hear(), [
			'task 4, failed, connection reset by the server, a.example/4',
			'task 1, done, 250 B, a.example/1',
			'ended: 2 done, 2 failed; q leaves',
		]);
	});

	test('which tasks were canceled, at once, even where it is silent', () => {
		const listener = listen();
		const {story} = listener;
		story.end('t2', 'canceled');
		assert.deepEqual(listener.hear(), ['task 2, canceled, a.example/2']);
		listener.look({type: 'freeze'});
		story.end('t3', 'canceled');
		assert.deepEqual(listener.hear(), ['task 3, canceled, a.example/3']);
		listener.view = {...listener.view, canceled: ['t4']};
		story.end('t4', 'canceled');
		assert.deepEqual(listener.say('task 4 is canceled; u takes that back'), ['task 4 is canceled; u takes that back']);
	});

	test('what a change of the concurrency did, as soon as it is known', () => {
		const listener = listen();
		const {story} = listener;
		const flow = (seconds: number, bytes: number) => {
			const heard: string[] = [];
			for (let second = 0; second < seconds; second++) {
				story.bytes('t1', bytes).later(1_000);
				heard.push(...listener.hear());
			}
			return heard.filter(line => /^concurrency .* to /.test(line));
		};
		assert.deepEqual(flow(12, 1e6), []);
		story.limits(12);
		assert.deepEqual(flow(30, 1.5e6), ['concurrency 8 to 12: +50 % (1.0 to 1.5 MB/s)']);
		story.limits(11, 2);
		assert.deepEqual(flow(10, 1e6), ['concurrency 12 to 11: another limit was changed']);
		const told = listener.look({type: 'overlay', overlay: 'effects'});
		assert.ok(
			told.some(line => line.endsWith('  8 to 12: +50 % (1.0 to 1.5 MB/s)')),
			told.join('\n'),
		);
	});

	test('each failure, but a thousand of them in one sentence', () => {
		const listener = listen();
		failing(listener, 2);
		assert.deepEqual(listener.hear(), [
			'task 5, failed, 404 Not Found, b.example/1',
			'task 6, failed, 404 Not Found, b.example/2',
		]);
		failing(listener, 1_000);
		assert.deepEqual(listener.hear(), [], 'not twice in a second');
		listener.story.later(1_000);
		assert.deepEqual(listener.hear(), [
			'1,000 more failed; the last one is task 1006, failed, 404 Not Found, b.example/1000',
		]);
	});

	test('nothing of a failure that was taken up again', () => {
		const listener = listen();
		failing(listener, 1);
		listener.hear();
		listener.story.later(2_000).requeue('t5');
		assert.deepEqual(listener.hear(), []);
		listener.story.connect('t5').fail('t5', 'HTTP_404');
		assert.deepEqual(listener.hear(), ['task 5, failed, 404 Not Found, b.example/1']);
	});

	test('its end, once', () => {
		const listener = listen();
		for (const id of ['t2', 't3', 't4'] as const) listener.story.become(id, 'done');
		listener.story.end('t1', 'done').run('ended');
		assert.deepEqual(listener.hear(), ['ended: 4 done; q leaves']);
		listener.story.later(60_000);
		assert.deepEqual(listener.hear(), []);
	});
});

suite('of keys is said', () => {
	test('which limit they have changed, and what the run does now', () => {
		const listener = listen();
		listener.story.limits(9);
		assert.deepEqual(listener.hear(), ['concurrency 9']);
		listener.story.limits(9, 2);
		assert.deepEqual(listener.hear(), ['2 per host']);
		listener.story.run('paused');
		assert.deepEqual(listener.hear(), ['paused']);
	});

	test('why they cannot act, each time', () => {
		const listener = listen();
		assert.deepEqual(listener.say('no task has failed'), ['no task has failed']);
		assert.deepEqual(listener.hear(), []);
		assert.deepEqual(listener.say('no task has failed'), ['no task has failed']);
	});

	test('which row is selected, and which view is shown', () => {
		const listener = listen();
		assert.deepEqual(listener.look({type: 'tab', tab: 'queued'}), ['queued: 3', 'task 2, queued, a.example/2']);
		assert.deepEqual(listener.look({type: 'move', by: 1}), ['task 3, queued, a.example/3']);
		assert.deepEqual(listener.look({type: 'filter', text: '4'}), ['queued: 1 with 4', 'task 4, queued, a.example/4']);
		assert.deepEqual(listener.look({type: 'tab', tab: 'done'}), ['done: 0 with 4', 'nothing here']);
		assert.deepEqual(listener.look({type: 'filter', text: ''}, {type: 'tab', tab: 'active'}), [
			'active: 1',
			'task 1, receiving, 25 percent of 1.0 kB, 0 B/s, a.example/1',
		]);
	});

	test('the causes of failures, with what can be done', () => {
		const listener = listen();
		failing(listener, 3);
		listener.hear();
		assert.deepEqual(listener.look({type: 'tab', tab: 'failed'}), [
			'failed: 1',
			'3 tasks: 404 Not Found, b.example, check the URL',
		]);
	});

	test('what each host is at', () => {
		const listener = listen();
		failing(listener, 1);
		for (const event of listener.story.events) listener.meter.hear(event);
		listener.hear();
		const told = listener.look({type: 'tab', tab: 'hosts'}, {type: 'move', by: 0});
		assert.deepEqual(told, ['hosts: 2', 'a.example, 1 running, 3 queued']);
		assert.deepEqual(listener.look({type: 'move', by: 1}), ['b.example, 1 failed']);
	});

	test('the details and the help, line by line and without signs', () => {
		const listener = listen();
		const details = listener.look({type: 'overlay', overlay: 'details'});
		assert.ok(
			details.includes('URL: https://a.example/1') && details.includes('state: receiving for 0:00'),
			details.join('\n'),
		);
		assert.deepEqual(listener.look({type: 'overlay', overlay: undefined}), ['back']);
		const help = listener.look({type: 'overlay', overlay: 'help'});
		assert.ok(help.includes('+ =: concurrency up by 1'), help.join('\n'));
	});

	test('what is to be typed', () => {
		const listener = listen();
		const line = {before: '', after: ''};
		assert.deepEqual(listener.look({type: 'prompt', prompt: {kind: 'add', line}}), ['type a URL to add, then Enter']);
		assert.deepEqual(listener.look({type: 'prompt', prompt: {kind: 'confirm', urls: ['a', 'b']}}), [
			'add 2 URLs? y or Enter adds them, any other key does not',
		]);
		assert.deepEqual(listener.leave('n'), []);
	});

	test('what was typed, when it is left alone, and when it is entered', () => {
		const listener = listen();
		const type = (text: string, problem?: string) => {
			const prompt = {kind: 'command', line: {before: text, after: ''}, ...(problem && {problem})} as const;
			return listener.look({type: 'prompt', prompt});
		};
		assert.deepEqual(type(''), ['type a command, then Enter']);
		assert.deepEqual(type('c'), []);
		assert.deepEqual(type('c 3'), []);
		assert.equal(listener.isWaiting, true);
		listener.story.later(1_000);
		assert.deepEqual(listener.hear(), ['c 3']);
		assert.equal(listener.isWaiting, false);
		assert.deepEqual(type('c 32'), []);
		assert.deepEqual(listener.leave('enter'), ['c 32']);
		type('');
		assert.deepEqual(type('d'), []);
		assert.deepEqual(type('d', 'there is no command d'), ['there is no command d']);
		assert.deepEqual(type('', 'there is no command d'), []);
		listener.story.later(1_000);
		assert.deepEqual(listener.hear(), ['nothing typed']);
		assert.deepEqual(listener.leave('escape'), ['back']);
	});

	test('what a filter leaves, not for each character of it', () => {
		const listener = listen();
		const type = (text: string) =>
			listener.look(
				{type: 'prompt', prompt: {kind: 'filter', line: {before: text, after: ''}}},
				{type: 'filter', text},
			);
		listener.look({type: 'tab', tab: 'queued'});
		assert.deepEqual(type(''), ['type what to filter the rows by, then Enter']);
		assert.deepEqual([...type('a.example'), ...type('a.example/4')], []);
		listener.story.later(1_000);
		assert.deepEqual(listener.hear(), ['queued: 1 with a.example/4', 'task 4, queued, a.example/4']);
		assert.deepEqual(type('a.example/3'), []);
		assert.deepEqual(listener.leave('enter'), ['queued: 1 with a.example/3', 'task 3, queued, a.example/3']);
		type('a.example/2');
		assert.deepEqual(listener.leave('escape', {filter: ''}), ['queued: 3', 'task 2, queued, a.example/2']);
	});

	test('by what the rows are sorted', () => {
		const listener = listen();
		const order = (action: ViewAction) => listener.look(action)[0];
		assert.equal(order({type: 'sort', by: 'size'}), 'active: 1 by size');
		assert.equal(order({type: 'reverse'}), 'active: 1 by size, reversed');
		assert.equal(order({type: 'filter', text: 'a'}), 'active: 1 with a, by size, reversed');
		assert.equal(order({type: 'tab', tab: 'hosts'}), 'hosts: 0 with a');
		assert.equal(order({type: 'tab', tab: 'queued'}), 'queued: 3 with a, by size, reversed');
		assert.equal(order({type: 'sort', by: 'start'}), 'queued: 3 with a, by start');
	});

	test('nothing by itself after z, but what is asked for', () => {
		const listener = listen();
		assert.equal(listener.look({type: 'freeze'}).at(-1), 'silent until z');
		listener.story.later(10_000);
		failing(listener, 3);
		assert.deepEqual(listener.hear(), []);
		assert.deepEqual(listener.ask(), ['0 of 7 done, 3 failed, 1 running, 0 B/s, about 20 seconds left']);
		assert.equal(listener.look({type: 'freeze'})[0], 'no longer silent');
	});
});

for (const [how, option, env] of [
	['--screen-reader', '--screen-reader', {}],
	['INK_SCREEN_READER', '', {INK_SCREEN_READER: 'true'}],
] as const) {
	test(`${how}: the keys work, and all of it stays on the normal screen`, {skip: noTerminal}, async t => {
		const server = await startServer(t);
		const gates = ['/1', '/2', '/3'].map(path => server.hold(path));
		server.on('/4', (_request, response) => response.writeHead(404).end());
		const urls = ['/4', '/1', '/2', '/3'].map(path => server.url(path)).join(' ');
		const terminal = openTerminal(t, fetchtop(`--no-save -c 1 ${option} ${urls}`), 100, 40, env);
		await terminal.shows(/^task 1, failed, 404 Not Found, /m);
		terminal.type('+');
		await terminal.shows(/^concurrency 2$/m);
		await server.until(() => server.active === 2);
		terminal.type('\u000c');
		await terminal.shows(/^0 of 4 done, 1 failed, 2 running/m);
		terminal.type('jx');
		await terminal.shows(/^task \d is canceled; u takes that back$/m);
		terminal.type('u');
		await terminal.shows(/is back in the queue$/m);
		terminal.type(':x');
		await terminal.shows(/^x$/m);
		terminal.type('\u001b');
		await terminal.shows(/^back$/m);
		terminal.resize(90, 40);
		for (const gate of gates) gate.open();
		await terminal.shows(/^ended: 3 done, 1 failed; q leaves$/m);
		assert.equal(terminal.onAlternateScreen, false);
		assert.match(terminal.text, /^fetchtop, concurrency 1$/m);
		assert.deepEqual(terminal.titles, []);
		terminal.type('q');
		assert.equal(await terminal.exited, 1);
		assert.match(terminal.text, /^fetchtop, concurrency 1$.*^Elapsed time: [^\n]* 3 done, 1 failed/ms);
		assert.match(terminal.settings, / icanon/);
	});
}
