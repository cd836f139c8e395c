import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {helpLines, hintLine} from '../source/dashboard/help.ts';
import {bindings, type KeyContext} from '../source/dashboard/keymap.ts';
import {createTheme} from '../source/dashboard/theme.ts';
import {initialView, type View} from '../source/dashboard/view.ts';
import type {State} from '../source/engine/task.ts';
import {fit, width} from '../source/format/width.ts';
import {Story} from './helpers/store.ts';

const unicode = createTheme({ascii: false, color: false});
const ascii = createTheme({ascii: true, color: false});

suite('the help', () => {
	for (const [columns, rows] of [
		[80, 18],
		[120, 34],
		[200, 54],
	] as const) {
		test(`names every key at ${columns} columns and ${rows} rows`, () => {
			const lines = helpLines(columns, unicode);
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
			const text = helpLines(columns, unicode).join('\n');
			for (const {means} of bindings) assert.ok(text.includes(means), `"${means}" is cut off`);
		});
	}

	test('at 40 columns and 10 rows what is shown of a key can be understood', () => {
		for (const line of helpLines(40, unicode))
			assert.doesNotMatch(line, /\S {2,}…/, `nothing can be read in "${line}"`);
	});

	test('has lines no wider than the screen, whatever its width', () => {
		for (let columns = 20; columns < 200; columns++)
			for (const theme of [unicode, ascii])
				for (const line of helpLines(columns, theme)) assert.ok(width(line) <= columns, `${columns}: ${line}`);
	});

	test('tells every key and its whole meaning at 40 columns too, in more lines than one screen', () => {
		const lines = helpLines(40, unicode);
		assert.equal(lines.length, bindings.length);
		for (const [index, {shown, means}] of bindings.entries()) {
			assert.ok(lines[index]?.startsWith(` ${shown}`), lines[index]);
			assert.ok(lines[index]?.endsWith(`  ${means}`), lines[index]);
		}
	});

	test('is spelled in ASCII when it has to be', () => {
		for (let columns = 20; columns < 200; columns++)
			for (const line of helpLines(columns, ascii)) assert.match(line, /^[\x20-\x7e]*$/);
		assert.match(helpLines(80, ascii).join('\n'), /Up k .*Down j /s);
	});
});

suite('the hints in the footer', () => {
	const story = (run: 'running' | 'paused' | 'draining' | 'ended' = 'running', concurrency = 8) => {
		const told = new Story().limits(concurrency).run('running');
		return run === 'running' ? told : told.run(run);
	};
	/** With `t1` selected, in this state. */
	const context = (told: Story, state?: State, view: Partial<View> = {}): KeyContext => {
		if (state) told.become(told.queue('https://example.com/'), state);
		return {store: told.store, view: {...initialView, ...view}, selected: state && told.task('t1'), speed: 0};
	};
	const states = ['queued', 'receiving', 'waiting', 'paused', 'done', 'failed'] as const;

	test('all appear on a wide screen, each when its key can act', () => {
		const lines = states.map(state => hintLine(200, context(story(), state), unicode)).join('\n');
		for (const {hint} of bindings) assert.ok(!hint || lines.includes(hint.text), hint?.text);
	});

	test('keep the most needed ones on a narrow screen', () => {
		for (const state of states)
			for (const text of ['+ - concurrency', '? help', 'q quit'])
				assert.ok(hintLine(40, context(story(), state), unicode).includes(text), text);
	});

	test('are never cut in the middle, and fit', () => {
		const whole = new Set(
			bindings.flatMap(({hint}) => (hint ? [hint.text, hint.text.replace(/pause( task)?/, 'resume')] : [])),
		);
		for (const state of states)
			for (let columns = 1; columns < 200; columns++) {
				const line = hintLine(columns, context(story(), state), unicode);
				assert.ok(width(line) <= Math.max(1, columns), `${columns}: ${line}`);
				for (const text of line.trim().split('  ')) assert.ok(text === '' || whole.has(text), text);
			}
	});

	type Case = readonly [when: string, context: KeyContext, shown: readonly string[], hidden: readonly string[]];
	const cases: readonly Case[] = [
		['nothing is selected', context(story()), ['p pause', 'd drain'], ['space', 'x cancel', 'r retry', 'details']],
		['a task runs', context(story(), 'receiving'), ['space pause task', 'x cancel', '⏎ details'], ['r retry']],
		['a task waits', context(story(), 'waiting'), ['space pause task', 'x cancel', 'r retry'], []],
		['a task is done', context(story(), 'done'), ['⏎ details'], ['space', 'x cancel', 'r retry']],
		['a task has failed', context(story(), 'failed'), ['r retry', '⏎ details'], ['space', 'x cancel']],
		['a task is paused', context(story(), 'paused'), ['p pause', 'space resume', 'x cancel'], ['space pause']],
		[
			'the run is paused',
			context(story('paused'), 'receiving'),
			['p resume', 'space pause task', 'd drain'],
			['p pause '],
		],
		['the run drains', context(story('draining'), 'receiving'), ['p resume'], ['d drain']],
		['the run has ended', context(story('ended'), 'done'), ['q quit', '⏎ details'], ['p pause', 'd drain']],
		['the limit is the lowest', context(story('running', 1)), ['+ - concurrency'], []],
		['the limit is the highest', context(story('running', 512)), ['+ - concurrency'], []],
		[
			'the screen is frozen, where no view but the one that stands can be shown',
			context(story(), 'receiving', {frozen: true}),
			['p pause', 'x cancel', 'q quit'],
			['select', 'details', 'help'],
		],
	];
	for (const [when, given, shown, hidden] of cases)
		test(`name the keys that can act when ${when}, and no other`, () => {
			const line = `${hintLine(200, given, unicode)} `;
			for (const text of shown)
				assert.ok(line.includes(`  ${text} `) || line.startsWith(` ${text} `), `${text} in ${line}`);
			for (const text of hidden) assert.ok(!line.includes(text), `${text} in ${line}`);
		});

	for (const overlay of ['help', 'details'] as const)
		test(`say how to scroll and leave the ${overlay}`, () => {
			const line = hintLine(80, context(story(), 'receiving', {overlay}), unicode);
			assert.equal(line, ' Esc back  ↑↓ scroll  q quit');
		});

	test('are spelled in ASCII when they have to be', () => {
		assert.match(hintLine(200, context(story(), 'receiving'), ascii), / Up\/Down select {2}Enter details /);
		assert.equal(hintLine(80, context(story(), 'done', {overlay: 'help'}), ascii), ' Esc back  Up/Down scroll  q quit');
		for (let columns = 1; columns < 120; columns++)
			for (const overlay of [undefined, 'help', 'details'] as const)
				assert.match(hintLine(columns, context(story(), 'receiving', {overlay}), ascii), /^[\x20-\x7e]*$/);
	});
});
