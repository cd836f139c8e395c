import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {suite, test} from 'node:test';
import {stripVTControlCharacters} from 'node:util';
import stringWidth from 'string-width';
import {dim, palettes, picture} from '../scripts/picture.ts';
import {frame} from '../source/dashboard/drawing/frame.ts';
import {createTheme} from '../source/dashboard/drawing/theme.ts';
import {contrast, over} from './helpers/contrast.ts';
import {stage} from './helpers/scene.ts';
import {steered} from './helpers/scenes.ts';

const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, 'docs/dashboard.svg');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');
const lines = frame(stage({...steered(), color: true}, {columns: 120, rows: 40})).lines.filter(
	line => line.trim() !== '',
);

/** The texts of a picture, each with the cell in which it begins; what is two cells wide stands in their middle. */
function placesOf(made: string): Array<{text: string; row: number; column: number; name: string}> {
	const texts = made.matchAll(/<text(?: class="([^"]*)")? x="(\d+)" y="(\d+)"([^>]*)>([^<]*)</g);
	return [...texts].map(([, name = '', x, y, rest = '', text = '']) => ({
		text: text.replaceAll('&lt;', '<').replaceAll('&amp;', '&'),
		row: (Number(y) - 48) / 19,
		column: (Number(x) - 12) / 9 - (rest.includes('middle') ? 1 : 0),
		name,
	}));
}

const stylesOf = (line: string) => placesOf(picture([line])).map(({text, name}) => [text, name]);

suite('the picture in the README', () => {
	test('is the golden frame of a steered run, with its colors', () => {
		const golden = read('test/golden/steered-120x40.txt').split('\n');
		assert.deepEqual(
			lines.map(line => stripVTControlCharacters(line).trimEnd()),
			golden.filter(line => line !== ''),
		);
		const made = picture(lines);
		if (process.env.UPDATE) writeFileSync(file, made);
		else assert.equal(readFileSync(file, 'utf8'), made, 'run `UPDATE=1 npm run unit`');
	});

	test('is there, is told to who cannot see it, and is small', () => {
		assert.match(read('README.md'), /!\[[^\]]{100,}\]\(docs\/dashboard\.svg\)/);
		assert.ok(readFileSync(file).length < 60_000);
	});

	test('has each text in the row and the column in which it is on the screen', () => {
		const places = placesOf(picture(lines));
		assert.ok(places.length > 50);
		for (const {text, row, column} of places) {
			const line = stripVTControlCharacters(lines[row] ?? '');
			const before = [...line].map((_, index) => [...line].slice(0, index).join(''));
			const found = before.some(part => line.startsWith(text, part.length) && stringWidth(part) === column);
			assert.ok(found, `${text} at ${column} of ${line}`);
		}
	});
});

suite('a picture', () => {
	test('shows what is bold, dim, underlined, inverse and colored', () => {
		const theme = createTheme({ascii: false, color: true});
		assert.deepEqual(stylesOf(theme.strong(`a  ${theme.faint('b')}  c`)), [
			['a', 'bold'],
			['b', 'bold dim'],
			['c', 'bold'],
		]);
		assert.deepEqual(stylesOf(theme.state.failed('no')), [['no', 'bold c91']]);
		assert.deepEqual(stylesOf('\u001b[1;4;92;44ma\u001b[0mb'), [
			['a', 'bold underlined c92'],
			['b', ''],
		]);
		assert.deepEqual(stylesOf(theme.selected('chosen')), [['chosen', 'window']]);
		assert.match(picture([theme.selected('chosen')]), /<rect class="front" x="12" y="34" width="54" height="19"\/>/);
		assert.match(picture(['\u001b[44mon blue']), /<rect class="c34" /);
	});

	test('takes a style for on until it is off, over the ends of lines too', () => {
		const places = placesOf(picture(['\u001b[2mfirst', 'second\u001b[0m third']));
		assert.deepEqual(
			places.map(({text, name}) => [text, name]),
			[
				['first', 'dim'],
				['second', 'dim'],
				['third', ''],
			],
		);
	});

	test('draws bars, sparklines and rules itself, as long as they are', () => {
		const made = picture(['  ███▌──']);
		assert.deepEqual(placesOf(made), []);
		assert.match(
			made,
			/<rect x="30" y="34" width="27" height="19"\/><rect x="57" y="34" width="4.5" height="19"\/><rect x="66" .* width="18"/,
		);
		assert.match(picture(['▁']), /<rect x="12" y="50.63" width="9" height="2.38"\/>/);
	});

	test('takes what looks like markup for what it is: text', () => {
		assert.deepEqual(stylesOf('<a href="&lt;">'), [['<a href="&lt;">', '']]);
		assert.match(picture(['<b>&']), />&lt;b>&amp;</);
	});

	test('is refused of lines with sequences that no picture has', () => {
		for (const line of ['\u001b[38;5;196mred', '\u001b[2Jgone', '\u001b]0;title\u0007', 'a\tb', '\u001b[3mslanted'])
			assert.throws(() => picture([line]), /no picture has|not a line/, JSON.stringify(line));
	});

	test('can be read by day and by night: a contrast of 4.5 for all that the dashboard writes', () => {
		for (const [name, {text, window, ansi}] of Object.entries(palettes))
			for (const color of [text, over(window, text, dim), ansi[32], ansi[91], ansi[95]])
				assert.ok(contrast(color ?? '', window) >= 4.5, `${name}: ${color} has ${contrast(color ?? '', window)}`);
	});
});
