import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import xterm from '@xterm/headless';
import {Chalk} from 'chalk';
import fc from 'fast-check';
import {createTheme} from '../source/dashboard/drawing/theme.ts';
import {Painter} from '../source/dashboard/terminal/painter.ts';

const [columns, rows] = [40, 8];

/** A terminal that is only written to, and what can be seen on it. */
function terminal() {
	const emulator = new xterm.Terminal({cols: columns, rows, allowProposedApi: true});
	const write = (text: string) => new Promise<void>(resolve => emulator.write(text, resolve));
	const cellAt = (row: number, column: number): string => {
		const cell = emulator.buffer.active.getLine(row)?.getCell(column);
		const character = cell?.getChars() || (cell?.getWidth() === 0 ? '' : ' ');
		// Of a blank it cannot be seen how bold it is.
		const looks = character === ' ' ? [] : [cell?.isBold(), cell?.isDim(), cell?.getFgColor()];
		return `${character} ${cell?.isInverse()} ${looks}`;
	};
	const seen = () =>
		Array.from({length: rows}, (_, row) => Array.from({length: columns}, (_, column) => cellAt(row, column)));
	return {write, seen};
}

/** What is written for each of the frames: nothing, or one piece, for one that comes in two is seen half done. */
function written(...frames: string[][]): string[] {
	let pieces: string[] = [];
	const painter = new Painter(text => pieces.push(text));
	return frames.map(lines => {
		pieces = [];
		painter.paint(lines);
		assert.ok(pieces.length <= 1);
		return pieces.join('');
	});
}

const {bold, dim, green, red, inverse} = new Chalk({level: 1});
const nested = (text: string) => bold(`a${red('b')}${dim(text)}`);
const styled = fc.constantFrom((text: string) => text, bold, dim, green, bold.red, inverse, nested);
const word = fc.oneof(
	fc.constantFrom(
		'▶',
		'⠙',
		'✔ done',
		'   ',
		'新浪首页',
		'👨‍👩‍👧',
		'é',
		'e\u0301',
		'\u0301',
		'❄',
		'❄\ufe0f',
		'█▋',
		'لوحة',
		'ไทย',
	),
	fc.string({unit: fc.constantFrom(...'ab 12'), maxLength: 8}),
);
/** Four words never take more than 40 cells, however a terminal measures them. */
const line = fc
	.array(
		fc.tuple(word, styled).map(([text, style]) => style(text)),
		{maxLength: 4},
	)
	.map(words => words.join(''));
const frames = fc.array(fc.array(line, {maxLength: rows}), {minLength: 1, maxLength: 6});

test('whatever was on the screen before, a frame looks as if it had been written on an empty one', async () => {
	await fc.assert(
		fc.asyncProperty(frames, async all => {
			const [painted, empty] = [terminal(), terminal()];
			for (const output of written(...all)) await painted.write(output);
			await empty.write(all.at(-1)?.join('\r\n') ?? '');
			assert.deepEqual(painted.seen(), empty.seen());
		}),
	);
});

suite('what is written', () => {
	const row = (spinner: string, speed: string) =>
		`${'▶      1 '}${green(spinner)} ${green('receiving ')} █▋       2%   2.9/100.0 MB ${speed}  0:09 新浪首页 · sina.com.cn`;

	test('is nothing for a frame like the last one', () => {
		const lines = [bold('header'), '', row('⠙', '302.7 kB/s')];
		assert.deepEqual(written(lines, lines, [...lines]).slice(1), ['', '']);
	});

	test('is a few bytes for a spinner and a speed that changed, and nothing for the rest', () => {
		const still = ['header', ...Array.from({length: 20}, () => row('⠙', '302.7 kB/s'))];
		const [, output = ''] = written(still, still.with(7, row('⠹', '303.1 kB/s')));
		assert.equal(output, '\u001b[?2026h\u001b[8;10H\u001b[32m⠹\u001b[8;52H\u001b[m3.1\u001b[?2026l');
	});

	test('is the end of a line that has become shorter, not blanks', () => {
		assert.equal(written(['abc   def   '], ['abc         '])[1], '\u001b[?2026h\u001b[1;4H\u001b[K\u001b[?2026l');
	});

	test('is all of the frame, on an empty screen, after something else may have been written', () => {
		const pieces: string[] = [];
		const painter = new Painter(text => pieces.push(text));
		painter.paint(['one']);
		painter.forget();
		painter.paint(['one']);
		assert.equal(pieces.length, 2);
		assert.equal(pieces[1], pieces[0]);
		assert.match(pieces[1] ?? '', /^\u001b\[\?2026h\u001b\[m\u001b\[2J\u001b\[1;1Hone\u001b\[\?2026l$/);
	});

	for (const ascii of [false, true]) {
		test(`is no more behind a sign of our own than behind a letter${ascii ? ', in ASCII' : ''}`, () => {
			const {glyphs, spinner, signs} = createTheme({ascii, color: true});
			for (const sign of [...Object.values(glyphs), ...spinner, ...Object.values(signs).flat()]) {
				const [, output = ''] = written([`${sign} some 1 more`], [`${sign} some 2 more`]);
				assert.match(output, /^\u001b\[\?2026h\u001b\[1;\d+H2\u001b\[\?2026l$/, sign);
			}
		});
	}
});
