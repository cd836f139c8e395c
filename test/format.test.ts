import assert from 'node:assert/strict';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {bar, map, sparkline, waterfall} from '../source/format/bar.ts';
import {bytes, bytesOf, rate} from '../source/format/bytes.ts';
import {brief, clock, span, timestamp} from '../source/format/duration.ts';
import {count, plural} from '../source/format/number.ts';
import {sanitize} from '../source/format/sanitize.ts';
import {fit, truncate, width, wrap} from '../source/format/width.ts';
import {test} from './helpers/engine.ts';

/** What may reach the screen: any text, made safe. */
const text = fc
	.array(
		fc.oneof(
			fc.string({unit: 'grapheme', maxLength: 6}),
			fc.constantFrom('新浪首页', '😀', 'e\u0301', '한국어', '👩‍👩‍👧', '🇩🇪', 'ｆｕｌｌ', 'ｱ', 'abc', ' '),
		),
		{maxLength: 10},
	)
	.map(parts => sanitize(parts.join('')));

test('a cell of the screen is filled exactly, whatever text it gets', () => {
	fc.assert(
		fc.property(
			text,
			fc.integer({min: 0, max: 60}),
			fc.constantFrom('left' as const, 'right' as const),
			fc.constantFrom('~', '…', undefined),
			(given, cells, align, ellipsis) => assert.equal(stringWidth(fit(given, cells, align, ellipsis)), cells),
		),
		{numRuns: 2_000},
	);
});

test('what is cut is never wider than its room, and what fits is not cut', () => {
	fc.assert(
		fc.property(text, fc.integer({min: 0, max: 60}), (given, cells) => {
			const cut = truncate(given, cells);
			assert.ok(stringWidth(cut) <= cells);
			if (stringWidth(given) <= cells) assert.equal(cut, given);
		}),
		{numRuns: 2_000},
	);
});

test('wide, combined and joined characters take the cells that a terminal gives them', () => {
	assert.deepEqual(['abc', '新浪', 'ｱ', 'e\u0301', '😀', ''].map(width), [3, 4, 1, 1, 2, 0]);
	assert.equal(fit('新浪首页', 5), '新浪…');
	assert.equal(fit('新浪', 6), '新浪  ');
	assert.equal(fit('7', 3, 'right'), '  7');
	assert.equal(fit('anything', 0), '');
	assert.equal(fit('新', 1).length, 1);
	assert.equal(fit('fetchtop', 5, 'left', '~'), 'fetc~');
	assert.equal(truncate('新浪首页', 5, '~'), '新浪~');
});

test('sizes are read at a glance: powers of 1000 with one decimal', () => {
	const cases: Array<[number, string]> = [
		[0, '0 B'],
		[999, '999 B'],
		[1_000, '1.0 kB'],
		[48_230, '48.2 kB'],
		[1_200_000, '1.2 MB'],
		[5e12, '5.0 TB'],
	];
	for (const [given, expected] of cases) assert.equal(bytes(given), expected);
	const rounded = [4_194_304, 999_949, 999_950, 999.6, 999_999_999].map(bytes);
	assert.deepEqual(rounded, ['4.2 MB', '999.9 kB', '1.0 MB', '1.0 kB', '1.0 GB']);
	assert.equal(bytesOf(3_100_000, 5_000_000), '3.1/5.0 MB');
	assert.equal(bytesOf(10, 812), '10/812 B');
	assert.equal(rate(1_200_000), '1.2 MB/s');
	assert.equal(rate(0.4), '0 B/s');
});

test('what is received never reads as the whole before it is', () => {
	assert.equal(bytesOf(4_999_999, 5_000_000), '4.9/5.0 MB');
	assert.equal(bytesOf(5_000_000, 5_000_000), '5.0/5.0 MB');
	assert.equal(bytesOf(2_480_000, 5_000_000), '2.5/5.0 MB');
	assert.equal(bytesOf(4_220_000, 4_240_000), '4.1/4.2 MB');
	fc.assert(
		fc.property(fc.nat(2 ** 31), fc.nat(2 ** 31), (one, other) => {
			const [less, more] = one < other ? [one, other] : [other, one + 1];
			const [shown = '', whole = ''] = bytesOf(less, more).split('/');
			assert.notEqual(shown, whole.split(' ')[0]);
			assert.ok(Number(shown) >= 0);
		}),
	);
});

test('durations read as a clock and as a phrase, and a negative one is none', () => {
	assert.deepEqual([0, 7_000, 754_000, 3_723_000, -5].map(clock), ['0:00', '0:07', '12:34', '1:02:03', '0:00']);
	assert.deepEqual([310, 12_400, 185_000, -5].map(span), ['0.31 s', '12.4 s', '3 min 5 s', '0.00 s']);
	assert.match(timestamp(Date.now()), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
});

test('what is wrapped is all there but for blanks where a line ends, in lines that fit', () => {
	fc.assert(
		fc.property(text, fc.integer({min: 10, max: 60}), (given, cells) => {
			const lines = wrap(given, cells);
			const letters = (part: string) => part.replaceAll(' ', '');
			assert.equal(letters(lines.join('')), letters(given));
			if (!given.includes(' ')) assert.equal(lines.join(''), given);
			assert.ok(lines.length > 0);
			for (const line of lines) assert.ok(stringWidth(line) <= cells, line);
		}),
		{numRuns: 1_000},
	);
	assert.deepEqual(wrap('abcdefg', 3), ['abc', 'def', 'g']);
	assert.deepEqual(wrap('新浪首页', 5), ['新浪', '首页']);
	assert.deepEqual(wrap('', 5), ['']);
	assert.deepEqual(wrap('where words end', 10), ['where', 'words end'], 'between words, where there are any');
	assert.deepEqual(wrap('a wordlongerthanaline', 8), ['a', 'wordlong', 'erthanal', 'ine']);
	assert.deepEqual(wrap('exactly so', 7), ['exactly', 'so']);
	assert.deepEqual(wrap('exactly\u1680', 7), ['exactly', '\u1680'], 'a blank of another script is a letter here');
});

test('the bars of a waterfall fill their cells, one behind the other, and none that took time is missing', () => {
	assert.deepEqual(waterfall([250, 250, 0, 500], 8, false), ['██      ', '  ██    ', '        ', '    ████']);
	assert.deepEqual(waterfall([1, 10_000], 8, true), ['#       ', '########']);
	assert.deepEqual(waterfall([10_000, 1], 8, true), ['########', '       #']);
	assert.deepEqual(waterfall([0, 0], 3, false), ['   ', '   ']);
	fc.assert(
		fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(1e9))), fc.integer({min: 1, max: 60}), (phases, cells) => {
			const bars = waterfall(phases, cells, true);
			assert.equal(bars.length, phases.length);
			let from = 0;
			for (const [index, drawn] of bars.entries()) {
				assert.equal(drawn.length, cells);
				assert.match(drawn, phases[index] === 0 ? /^ *$/ : /^ *#+ *$/);
				if (phases[index] === 0) continue;
				assert.ok(drawn.indexOf('#') >= from - 1, 'one behind the other, but for rounding');
				from = drawn.lastIndexOf('#');
			}
		}),
	);
});

test('a clock of a column stays in its five cells for years, and never looks like a shorter time', () => {
	const hour = 3_600_000;
	const cases: Array<[number, string]> = [
		[-5, '0:00'],
		[7_000, '0:07'],
		[hour - 1, '59:59'],
		[hour, '1h00'],
		[100 * hour - 1, '99h59'],
		[100 * hour, '4d'],
	];
	for (const [given, expected] of cases) assert.equal(brief(given), expected);
	fc.assert(fc.property(fc.integer({min: 0, max: 9_999 * 24 * hour}), given => assert.ok(brief(given).length <= 5)));
});

test('a phrase never says 60 seconds', () => {
	fc.assert(fc.property(fc.integer({min: 0, max: 1e9}), ms => assert.doesNotMatch(span(ms), /\b60(\.\d+)? s/)));
});

test('numbers have their thousands apart, and one page is no pages', () => {
	assert.equal(count(1_037), '1,037');
	assert.deepEqual([plural(0, 'page'), plural(1, 'page'), plural(2_000, 'page')], ['0 pages', '1 page', '2,000 pages']);
});

test('bars and sparklines are exactly as wide as asked, in Unicode and in ASCII', () => {
	const cells = fc.integer({min: 0, max: 40});
	fc.assert(
		fc.property(fc.double({noNaN: true, min: -1, max: 2}), cells, fc.boolean(), (share, size, ascii) =>
			assert.equal(stringWidth(bar(share, size, ascii)), size),
		),
	);
	fc.assert(
		fc.property(fc.array(fc.nat()), cells, fc.boolean(), (values, size, ascii) =>
			assert.equal(stringWidth(sparkline(values, size, ascii)), size),
		),
	);
	assert.equal(bar(1, 4, true), '####');
	assert.equal(
		map(
			[
				[0, 30],
				[50, 60],
			],
			80,
			8,
			false,
		),
		'███  █  ',
	);
	assert.equal(
		map(
			[
				[0, 12],
				[39, 41],
				[50, 57],
			],
			80,
			8,
			true,
		),
		'#-.--+..',
	);
	assert.equal(bar(0.5, 4, false), '██  ');
	assert.equal(sparkline([0, 7], 3, false), ' ▁█');
});
