import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import xterm from '@xterm/headless';
import {copying} from '../source/dashboard/terminal/clipboard.ts';

const written = (text: string, env: Record<string, string> = {}): string => {
	const copied = copying(text, env);
	assert.ok(typeof copied === 'object' && 'write' in copied);
	return copied.write;
};

/** What a terminal would put into its clipboard. */
async function clipboardOf(sequence: string): Promise<string | undefined> {
	const emulator = new xterm.Terminal({allowProposedApi: true});
	let found: string | undefined;
	emulator.parser.registerOscHandler(52, data => {
		found = Buffer.from(data.replace(/^c;/, ''), 'base64').toString();
		return true;
	});
	await new Promise<void>(resolve => emulator.write(sequence, resolve));
	const shown = emulator.buffer.active.getLine(0)?.translateToString(true);
	emulator.dispose();
	assert.equal(shown, '', 'nothing of it is shown');
	return found;
}

suite('copying', () => {
	test('takes any text there as it is', async () => {
		for (const text of ['https://a.example/?q=1;2', '新浪', '\u001b]52;c;x\u0007', ''])
			assert.equal(await clipboardOf(written(text)), text);
	});

	test('takes no more than terminals do', () => {
		assert.ok(written('x'.repeat(74_991)).length < 100_000);
		assert.equal(copying('x'.repeat(74_992), {}), 'too long to be copied: terminals take 74,991 bytes');
	});

	test('is done by tmux, inside of it', () => {
		assert.deepEqual(copying('text', {TMUX: '/tmp/tmux-0/default,1,0'}), {
			run: {command: 'tmux', args: ['load-buffer', '-w', '-']},
			input: 'text',
		});
	});

	test('goes through screen in pieces that it takes', async () => {
		const text = 'x'.repeat(2_000);
		const pieces = written(text, {STY: '1.pts'})
			.split('\u001b\\')
			.filter(piece => piece !== '');
		for (const piece of pieces) assert.match(piece, /^\u001bP.{1,512}$/s);
		assert.equal(await clipboardOf(pieces.map(piece => piece.slice(2)).join('')), text);
	});
});
