import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {render} from 'ink-testing-library';
import {keysOf} from '../source/dashboard/keys/keymap.ts';
import {Keyboard} from '../source/dashboard/terminal/keyboard.tsx';
import {patience} from './helpers/engine.ts';

/** Waits until something holds; ink reads, renders and (for a lone Escape) waits in its own time. */
async function until(holds: () => boolean, what: string): Promise<void> {
	const deadline = performance.now() + patience;
	while (!holds()) {
		assert.ok(performance.now() < deadline, `waited in vain until ${what}`);
		await turn();
	}
}

function open() {
	const keys: string[] = [];
	const pastes: string[] = [];
	let ready = 0;
	const handlers = {
		onKey: (input: string, key: Parameters<typeof keysOf>[1]) => void keys.push(...keysOf(input, key)),
		onPaste: (text: string) => void pastes.push(text),
		onReady: () => void ready++,
	};
	const {lastFrame, stdin, rerender, unmount} = render(<Keyboard {...handlers} />);
	return {
		keys,
		pastes,
		lastFrame,
		stdin,
		unmount,
		again: () => rerender(<Keyboard {...handlers} />),
		ready: () => ready,
	};
}

suite('the keyboard', () => {
	test('it shows nothing', t => {
		const keyboard = open();
		t.after(keyboard.unmount);
		assert.equal(keyboard.lastFrame(), '');
	});

	test('it hands over how to suspend, once', async t => {
		const keyboard = open();
		t.after(keyboard.unmount);
		await until(() => keyboard.ready() > 0, 'it listens');
		keyboard.again();
		assert.equal(keyboard.ready(), 1);
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
			const keyboard = open();
			t.after(keyboard.unmount);
			await until(() => keyboard.ready() > 0, 'it listens');
			keyboard.stdin.write(bytes);
			await until(() => keyboard.keys.length >= keys.length, `${keys} arrived`);
			assert.deepEqual(keyboard.keys, keys);
		});
	}

	test('a bracketed paste arrives whole and presses no key', async t => {
		const keyboard = open();
		t.after(keyboard.unmount);
		await until(() => keyboard.ready() > 0, 'it listens');
		keyboard.stdin.write('\u001b[200~https://example.com/q\nhttps://example.com/x\u001b[201~');
		await until(() => keyboard.pastes.length > 0, 'the paste arrived');
		assert.deepEqual(keyboard.pastes, ['https://example.com/q\nhttps://example.com/x']);
		assert.deepEqual(keyboard.keys, []);
	});
});
