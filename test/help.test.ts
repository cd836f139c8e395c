import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {helpLines, hintLine} from '../source/dashboard/drawing/help.ts';
import {createTheme} from '../source/dashboard/drawing/theme.ts';
import type {KeyContext} from '../source/dashboard/keys/actions.ts';
import {words} from '../source/dashboard/keys/command-line.ts';
import {initialView, type View} from '../source/dashboard/rows/view.ts';
import type {State} from '../source/engine/task.ts';
import {fit, width} from '../source/format/width.ts';
import {keymap} from './helpers/scene.ts';
import {Story} from './helpers/store.ts';

const {bindings, keyOf, shown} = keymap;
const unicode = createTheme({ascii: false, color: false});
const ascii = createTheme({ascii: true, color: false});

suite('the help', () => {
	for (const [columns, rows] of [
		[80, 18],
		[120, 34],
		[200, 54],
	] as const) {
		test(`names every key at ${columns} columns and ${rows} rows`, () => {
			const lines = helpLines(columns, keymap, unicode);
			assert.ok(lines.indexOf('') <= rows, `${lines.indexOf('')} lines of keys`);
			const widest = Math.max(...bindings.map(binding => width(shown(binding))));
			for (const binding of bindings) {
				const {means} = binding;
				const start = `${fit(shown(binding), widest)}  ${means.slice(0, 8)}`;
				assert.ok(
					lines.some(line => line.includes(start)),
					`${start} is missing`,
				);
			}
		});

		test(`tells the whole meaning of every key at ${columns} columns and ${rows} rows`, () => {
			const text = helpLines(columns, keymap, unicode).join('\n');
			for (const {means} of [...bindings, ...words]) assert.ok(text.includes(means), `"${means}" is cut off`);
		});
	}

	test('at 40 columns and 10 rows what is shown of a key can be understood', () => {
		for (const line of helpLines(40, keymap, unicode))
			assert.doesNotMatch(line, /\S {2,}…/, `nothing can be read in "${line}"`);
	});

	test('has lines no wider than the screen, whatever its width', () => {
		for (let columns = 20; columns < 200; columns++)
			for (const theme of [unicode, ascii])
				for (const line of helpLines(columns, keymap, theme)) assert.ok(width(line) <= columns, `${columns}: ${line}`);
	});

	test('tells every key and its whole meaning at 40 columns too, in more lines than one screen', () => {
		const lines = helpLines(40, keymap, unicode);
		assert.equal(lines.length, bindings.length + 1 + words.length);
		for (const [index, binding] of bindings.entries()) {
			assert.ok(lines[index]?.startsWith(` ${shown(binding)}`), lines[index]);
			assert.ok(lines[index]?.endsWith(`  ${binding.means}`), lines[index]);
		}
	});

	test('leaves out of a replay the commands that would change the run', () => {
		const text = helpLines(80, keymap, unicode, true).join('\n');
		assert.match(text, /:filter WORDS/);
		assert.doesNotMatch(text, /:c N|:limit|:add|:pause|:retry/);
	});

	test('is spelled in ASCII when it has to be', () => {
		for (let columns = 20; columns < 200; columns++)
			for (const line of helpLines(columns, keymap, ascii)) assert.match(line, /^[\x20-\x7e]*$/);
		assert.match(helpLines(80, keymap, ascii).join('\n'), /Up k .*Down j /s);
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
		return {store: told.store, view: {...initialView, ...view}, selected: state && told.task('t1'), speed: 0, keyOf};
	};
	const states = ['queued', 'receiving', 'waiting', 'paused', 'done', 'failed'] as const;

	test('all appear on a wide screen, each when its key can act', () => {
		const lines = states.map(state => hintLine(200, context(story(), state), keymap, unicode)).join('\n');
		for (const {hint} of bindings) assert.ok(!hint || lines.includes(` ${hint.does}`), hint?.does);
	});

	test('keep the most needed ones on a narrow screen', () => {
		for (const state of states)
			for (const text of ['+ - concurrency', '? help', 'q quit'])
				assert.ok(hintLine(40, context(story(), state), keymap, unicode).includes(text), text);
	});

	test('are never cut in the middle, and fit', () => {
		const whole = new Set(
			states.flatMap(state => hintLine(400, context(story(), state), keymap, unicode).trim().split('  ')),
		);
		for (const state of states)
			for (let columns = 1; columns < 200; columns++) {
				const line = hintLine(columns, context(story(), state), keymap, unicode);
				assert.ok(width(line) <= Math.max(1, columns), `${columns}: ${line}`);
				for (const text of line.trim().split('  ')) assert.ok(text === '' || whole.has(text), text);
			}
	});

	type Case = readonly [when: string, context: KeyContext, shown: readonly string[], hidden: readonly string[]];
	const cases: readonly Case[] = [
		['nothing is selected', context(story()), ['p pause', 'd drain'], ['space', 'x cancel', 'r retry', 'details']],
		['a task runs', context(story(), 'receiving'), ['space pause task', 'x cancel', 'Enter details'], ['r retry']],
		['a task waits', context(story(), 'waiting'), ['space pause task', 'x cancel', 'r retry'], []],
		['a task is done', context(story(), 'done'), ['Enter details'], ['space', 'x cancel', 'r retry']],
		['a task has failed', context(story(), 'failed'), ['r retry', 'Enter details'], ['space', 'x cancel']],
		['a task is paused', context(story(), 'paused'), ['p pause', 'space resume', 'x cancel'], ['space pause']],
		[
			'the run is paused',
			context(story('paused'), 'receiving'),
			['p resume', 'space pause task', 'd drain'],
			['p pause '],
		],
		['the run drains', context(story('draining'), 'receiving'), ['p resume'], ['d drain']],
		['the run has ended', context(story('ended'), 'done'), ['q quit', 'Enter details'], ['p pause', 'd drain']],
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
			const line = `${hintLine(200, given, keymap, unicode)} `;
			for (const text of shown)
				assert.ok(line.includes(`  ${text} `) || line.startsWith(` ${text} `), `${text} in ${line}`);
			for (const text of hidden) assert.ok(!line.includes(text), `${text} in ${line}`);
		});

	for (const overlay of ['help', 'details'] as const)
		test(`say how to scroll and leave the ${overlay}`, () => {
			const line = hintLine(80, context(story(), 'receiving', {overlay}), keymap, unicode);
			assert.equal(line, ' Esc back  ↑ ↓ scroll  q quit');
		});

	test('are spelled in ASCII when they have to be', () => {
		assert.match(hintLine(200, context(story(), 'receiving'), keymap, ascii), / Up Down select {2}Enter details /);
		assert.equal(
			hintLine(80, context(story(), 'done', {overlay: 'help'}), keymap, ascii),
			' Esc back  Up Down scroll  q quit',
		);
		for (let columns = 1; columns < 120; columns++)
			for (const overlay of [undefined, 'help', 'details'] as const)
				assert.match(hintLine(columns, context(story(), 'receiving', {overlay}), keymap, ascii), /^[\x20-\x7e]*$/);
	});
});
