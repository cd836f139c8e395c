import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {render} from 'ink-testing-library';
import {Dashboard} from '../source/dashboard/dashboard.tsx';
import {keysOf} from '../source/dashboard/keymap.ts';
import {patience} from './helpers/engine.ts';

/** Waits until something holds; ink reads, renders and (for a lone Escape) waits in its own time. */
async function until(holds: () => boolean, what: string): Promise<void> {
	const deadline = performance.now() + patience;
	while (!holds()) {
		assert.ok(performance.now() < deadline, `waited in vain until ${what}`);
		await turn();
	}
}

function open(lines: string[]) {
	const keys: string[] = [];
	const pastes: string[] = [];
	let ready = 0;
	const handlers = {
		onKey: (input: string, key: Parameters<typeof keysOf>[1]) => void keys.push(...keysOf(input, key)),
		onPaste: (text: string) => void pastes.push(text),
		onReady: () => void ready++,
	};
	const element = (shown: string[]) => <Dashboard frame={{lines: shown}} {...handlers} />;
	const {lastFrame, stdin, rerender, unmount} = render(element(lines));
	return {
		keys,
		pastes,
		lastFrame,
		stdin,
		unmount,
		show: (shown: string[]) => rerender(element(shown)),
		ready: () => ready,
	};
}

suite('the dashboard as a component', () => {
	test('the lines of the frame come out as they are, blank ones too', t => {
		const screen = open([' fetchtop   1 running / 8', '', '▶ ⠋ 新浪首页 · www.sina.com.cn/', ' q quit']);
		t.after(screen.unmount);
		assert.equal(screen.lastFrame(), ' fetchtop   1 running / 8\n\n▶ ⠋ 新浪首页 · www.sina.com.cn/\n q quit');
	});

	test('another frame replaces the first, shorter or longer', async t => {
		const screen = open(['one', 'two', 'three']);
		t.after(screen.unmount);
		for (const shown of [['four'], ['five', 'six', 'seven', 'eight']]) {
			screen.show(shown);
			await until(() => screen.lastFrame() === shown.join('\n'), `${shown} is shown`);
		}
	});

	test('a line that is too wide never makes a second one', t => {
		const screen = open(['x'.repeat(300), 'last']);
		t.after(screen.unmount);
		assert.equal(screen.lastFrame()?.split('\n').length, 2);
	});

	test('it hands over how to suspend, once', async t => {
		const screen = open(['one']);
		t.after(screen.unmount);
		screen.show(['two']);
		await until(() => screen.lastFrame() === 'two', 'the second frame is shown');
		assert.equal(screen.ready(), 1);
	});

	const typed: ReadonlyArray<readonly [string, keys: string[]]> = [
		['+', ['+']],
		['+++', ['+', '+', '+']],
		[' ', ['space']],
		['R', ['R']],
		['\r', ['enter']],
		['\t', ['tab']],
		['\u001b[A', ['up']],
		['\u001b[B', ['down']],
		['\u001b[5~', ['pageup']],
		['\u001b[6~', ['pagedown']],
		['\u001b[H', ['home']],
		['\u001b[F', ['end']],
		['\u001b', ['escape']],
		['\u0003', ['ctrl-c']],
		['\u001a', ['ctrl-z']],
		['\u000c', ['ctrl-l']],
	];
	for (const [bytes, keys] of typed) {
		test(`${JSON.stringify(bytes)} from the terminal is the key ${keys.join(', ')}`, async t => {
			const screen = open(['one']);
			t.after(screen.unmount);
			await until(() => screen.ready() > 0, 'it listens');
			screen.stdin.write(bytes);
			await until(() => screen.keys.length >= keys.length, `${keys} arrived`);
			assert.deepEqual(screen.keys, keys);
		});
	}

	test('a bracketed paste arrives whole and presses no key', async t => {
		const screen = open(['one']);
		t.after(screen.unmount);
		await until(() => screen.ready() > 0, 'it listens');
		screen.stdin.write('\u001b[200~https://example.com/q\nhttps://example.com/x\u001b[201~');
		await until(() => screen.pastes.length > 0, 'the paste arrived');
		assert.deepEqual(screen.pastes, ['https://example.com/q\nhttps://example.com/x']);
		assert.deepEqual(screen.keys, []);
	});
});
