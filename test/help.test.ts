import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {helpLines, hintLine} from '../source/dashboard/help.ts';
import {bindings} from '../source/dashboard/keymap.ts';
import {fit, width} from '../source/format/width.ts';

suite('the help', () => {
	for (const [columns, rows] of [
		[80, 18],
		[120, 34],
		[200, 54],
	] as const) {
		test(`names every key at ${columns} columns and ${rows} rows`, () => {
			const lines = helpLines(columns, rows);
			assert.ok(lines.length <= rows, `${lines.length} lines`);
			const widest = Math.max(...bindings.map(({shown}) => width(shown)));
			for (const {shown, means} of bindings) {
				const start = `${fit(shown, widest)}  ${means.slice(0, 8)}`;
				assert.ok(
					lines.some(line => line.includes(start)),
					`${start} is missing`,
				);
			}
		});

		test(`tells the whole meaning of every key at ${columns} columns and ${rows} rows`, () => {
			const text = helpLines(columns, rows).join('\n');
			for (const {means} of bindings) assert.ok(text.includes(means), `"${means}" is cut off`);
		});
	}

	test('at 40 columns and 10 rows what is shown of a key can be understood', () => {
		for (const line of helpLines(40, 5)) assert.doesNotMatch(line, /\S {2,}…/, `nothing can be read in "${line}"`);
	});

	test('has lines no wider than the screen, whatever its size', () => {
		for (let columns = 20; columns < 200; columns += 3)
			for (let height = 1; height < 60; height += 4)
				for (const line of helpLines(columns, height))
					assert.ok(width(line) <= columns, `${columns}x${height}: ${line}`);
	});
});

suite('the hints in the footer', () => {
	test('are complete on a wide screen', () => {
		for (const {hint} of bindings) assert.ok(!hint || hintLine(200).includes(hint.text), hint?.text);
	});

	test('keep the most needed ones on a narrow screen', () => {
		for (const text of ['+ - concurrency', '? help', 'q quit']) assert.ok(hintLine(40).includes(text), text);
	});

	test('are never cut in the middle, and fit', () => {
		const whole = new Set(bindings.flatMap(({hint}) => (hint ? [hint.text] : [])));
		for (let columns = 1; columns < 200; columns++) {
			const line = hintLine(columns);
			assert.ok(width(line) <= Math.max(1, columns), `${columns}: ${line}`);
			for (const text of line.trim().split('  ')) assert.ok(text === '' || whole.has(text), text);
		}
	});
});
