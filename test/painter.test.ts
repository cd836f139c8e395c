import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import xterm from '@xterm/headless';
import {Chalk} from 'chalk';
import fc from 'fast-check';
import type {Size} from '../source/dashboard/drawing/frame.ts';
import {createTheme} from '../source/dashboard/drawing/theme.ts';
import {Painter} from '../source/dashboard/terminal/painter.ts';
import {fit} from '../source/format/width.ts';

const usual: Size = {columns: 100, rows: 24};

/**
 * A terminal that is only written to, and what can be seen on it. It counts cells as in Unicode 6: one for most emoji, which we
 * take for two, and four for a family, which is two.
 */
function terminal({columns, rows}: Size) {
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
	const wraps = () => emulator.modes.wraparoundMode;
	return {write, seen, wraps};
}

/** What is written for each of the frames: nothing, or one piece, for one that comes in two is seen half done. */
function written(size: Size, ...frames: string[][]): string[] {
	let pieces: string[] = [];
	const painter = new Painter(text => pieces.push(text));
	return frames.map(lines => {
		pieces = [];
		painter.paint(lines, size);
		assert.ok(pieces.length <= 1);
		return pieces.join('');
	});
}

const {bold, dim, green, red, inverse} = new Chalk({level: 1});
const nested = (text: string) => bold(`a${red('b')}${dim(text)}`);
const plain = (text: string) => text;
const whole = fc.constantFrom(plain, bold, dim, green, bold.red, inverse);
const styled = fc.oneof(whole, fc.constant(nested));
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
const words = fc
	.array(
		fc.tuple(word, styled).map(([text, style]) => style(text)),
		{maxLength: 4},
	)
	.map(all => all.join(''));
/** A row of the screen as we draw them: cut, or filled up with blanks, to some width by our own measure. */
const row = (cells: number) =>
	fc
		.tuple(fc.array(word, {maxLength: 12}), fc.boolean(), whole)
		.map(([all, isFull, style]) => style(fit(all.join(isFull ? 'x' : ' '), cells)));
/** Frames for one terminal, with rows up to its last column, and one row too many at times. */
const shown = fc.record({columns: fc.integer({min: 1, max: 60}), rows: fc.integer({min: 1, max: 9})}).chain(size => {
	const some = [row(size.columns), row(size.columns - 1), ...(size.columns < 40 ? [] : [words])];
	const certain = fc.constantFrom('─', 'x', ' ').map(sign => sign.repeat(size.columns));
	const frame = fc.array(fc.oneof(...some, certain), {maxLength: size.rows + 1});
	return fc.record({size: fc.constant(size), frames: fc.array(frame, {minLength: 1, maxLength: 6})});
});

test('whatever was on the screen before, each row looks as if it alone had been written on an empty one', async () => {
	await fc.assert(
		fc.asyncProperty(shown, async ({size, frames}) => {
			const painted = terminal(size);
			for (const output of written(size, ...frames)) await painted.write(output);
			const seen = painted.seen();
			const last = frames.at(-1) ?? [];
			for (let index = 0; index < size.rows; index++) {
				const alone = terminal({...size, rows: 1});
				await alone.write(`\u001b[?7l${last[index] ?? ''}`);
				assert.deepEqual(seen[index], alone.seen()[0], `row ${index}`);
			}
			assert.ok(painted.wraps(), 'a shell would not like what is left');
		}),
		{numRuns: 300},
	);
});

suite('on a terminal of 80 columns', () => {
	const size: Size = {columns: 80, rows: 3};
	const after = async (...frames: string[][]) => {
		const painted = terminal(size);
		for (const output of written(size, ...frames)) await painted.write(output);
		return painted.seen().map(cells =>
			cells
				.map(cell => cell.split(' ', 1)[0] || ' ')
				.join('')
				.trimEnd(),
		);
	};
	const full = `${'x'.repeat(79)}y`;

	test('a full row keeps its last column where a row of uncertain width has been', async () => {
		assert.deepEqual(await after(['新浪'], [full]), [full, '', '']);
	});

	test('a row that is wider than we think stays in its row, and what comes after it is all there', async () => {
		const wide = fit('👩‍👩‍👧‍👦'.repeat(30), 79);
		const [first = '', ...rest] = await after(['', 'below', ''], [wide, 'below', ''], [wide, 'below', 'x']);
		assert.ok(first.startsWith('👩'));
		assert.deepEqual(rest, ['below', 'x']);
		assert.deepEqual(await after([`${wide}`, 'a'], ['title', 'a']), ['title', 'a', '']);
	});

	test('what stands behind characters of uncertain width is written with them', async () => {
		const at = (speed: string) => [`▶ 👍🏽 title · url.example ${speed}`];
		assert.deepEqual(await after(at('100'), at('7')), await after(at('7')));
	});

	test('what is beyond its last column or its last row is not written', async () => {
		const [output = ''] = written(size, [`${full}zzz新`, '2', '3', '4']);
		assert.ok(output.includes(full));
		assert.doesNotMatch(output, /[z新4]/);
		assert.deepEqual(await after([`${full}zzz`, '2', '3', '4']), [full, '2', '3']);
	});
});

suite('what is written', () => {
	const task = (spinner: string, speed: string) =>
		`${'▶      1 '}${green(spinner)} ${green('receiving ')} █▋       2%   2.9/100.0 MB ${speed}  0:09 新浪首页 · sina.com.cn`;

	test('is nothing for a frame like the last one', () => {
		const lines = [bold('header'), '', task('⠙', '302.7 kB/s')];
		assert.deepEqual(written(usual, lines, lines, [...lines]).slice(1), ['', '']);
	});

	test('is a few bytes for a spinner and a speed that changed, and nothing for the rest', () => {
		const still = ['header', ...Array.from({length: 20}, () => task('⠙', '302.7 kB/s'))];
		const [, output = ''] = written(usual, still, still.with(7, task('⠹', '303.1 kB/s')));
		assert.equal(
			output,
			'\u001b[?2026h\u001b[?7l\u001b[8;10H\u001b[32m⠹\u001b[8;52H\u001b[m3.1\u001b[?7h\u001b[?2026l',
		);
	});

	test('is the end of a line that has become shorter, not blanks', () => {
		assert.equal(
			written(usual, ['abc   def   '], ['abc         '])[1],
			'\u001b[?2026h\u001b[?7l\u001b[1;4H\u001b[K\u001b[?7h\u001b[?2026l',
		);
	});

	test('is all of the frame, on an empty screen, after something else may have been written', () => {
		const pieces: string[] = [];
		const painter = new Painter(text => pieces.push(text));
		painter.paint(['one'], usual);
		painter.forget();
		painter.paint(['one'], usual);
		assert.equal(pieces.length, 2);
		assert.equal(pieces[1], pieces[0]);
		assert.match(
			pieces[1] ?? '',
			/^\u001b\[\?2026h\u001b\[\?7l\u001b\[m\u001b\[2J\u001b\[1;1Hone\u001b\[\?7h\u001b\[\?2026l$/,
		);
	});

	for (const ascii of [false, true]) {
		test(`is no more behind a sign of our own than behind a letter${ascii ? ', in ASCII' : ''}`, () => {
			const {glyphs, spinner, signs} = createTheme({ascii, color: true});
			for (const sign of [...Object.values(glyphs), ...spinner, ...Object.values(signs).flat()]) {
				const [, output = ''] = written(usual, [`${sign} some 1 more`], [`${sign} some 2 more`]);
				assert.match(output, /^\u001b\[\?2026h\u001b\[\?7l\u001b\[1;\d+H2\u001b\[\?7h\u001b\[\?2026l$/, sign);
			}
		});
	}
});
