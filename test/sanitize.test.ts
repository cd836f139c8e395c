import assert from 'node:assert/strict';
import fc from 'fast-check';
import {sanitize} from '../source/format/sanitize.ts';
import {test} from './helpers/engine.ts';

/** Code units of every kind, the dangerous ones often. */
export const nasty = fc
	.array(
		fc.oneof(
			fc.string({unit: 'binary', maxLength: 4}),
			fc.constantFrom(
				'\u001b[31m',
				'\u001b]0;title\u0007',
				'\u001b]8;;x\u001b\\',
				'\u009b2J',
				'\u001b',
				'\r\n',
				'\t',
				'\u0000',
			),
			fc.constantFrom(
				'\u202e',
				'\u2066',
				'\u200f',
				'\u061c',
				'\u2028',
				'\ud83d',
				'\ude00',
				'\u{e0041}',
				'\u009d',
				'\u0085',
			),
			fc.constantFrom('新浪首页', '😀', 'e\u0301', '한국어', 'שלום', '👩‍👩‍👧', '🇩🇪', 'ｆｕｌｌ'),
		),
		{maxLength: 12},
	)
	.map(parts => parts.join(''));

const controls = /[\u0000-\u001f\u007f-\u009f]/;
const bidi = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const separators = /[\u2028\u2029]/;

test('no control, bidi or line-breaking character gets through, and no half of a pair', () => {
	fc.assert(
		fc.property(nasty, text => {
			const safe = sanitize(text);
			assert.doesNotMatch(safe, controls);
			assert.doesNotMatch(safe, bidi);
			assert.doesNotMatch(safe, separators);
			assert.ok(safe.isWellFormed());
		}),
		{numRuns: 2_000},
	);
});

test('sanitizing twice is sanitizing once', () => {
	fc.assert(
		fc.property(nasty, text => assert.equal(sanitize(sanitize(text)), sanitize(text))),
		{numRuns: 2_000},
	);
});

test('text without anything dangerous stays as it is, in any script', () => {
	for (const text of ['', 'plain', 'a b', '新浪首页 ・ ﾆｭｰｽ', 'Größe: 5 µm', 'שלום', 'مرحبا', '👩‍👩‍👧 🇩🇪', 'e\u0301'])
		assert.equal(sanitize(text), text);
});

test('an ANSI sequence goes as a whole, so that nothing of it is left to read', () => {
	const cases: Array<[string, string]> = [
		['\u001b[31mred\u001b[0m', 'red'],
		['\u001b[38;2;255;0;0mred', 'red'],
		['\u009b2Jcleared', 'cleared'],
		['\u001b]0;new title\u0007text', 'text'],
		['\u001b]8;;http://evil.example/\u001b\\link\u001b]8;;\u001b\\', 'link'],
		['\u001bcreset', 'reset'],
		['\u001b(0line', 'line'],
	];
	for (const [text, expected] of cases) assert.equal(sanitize(text), expected, JSON.stringify(text));
});

test('line breaks and tabs become one space, so that words stay apart', () => {
	assert.equal(sanitize('one\r\ntwo\tthree\n\n\nfour'), 'one two three four');
});

test('a file name cannot hide its real ending behind a right-to-left override', () => {
	assert.equal(sanitize('invoice\u202efdp.exe'), 'invoicefdp.exe');
});
