import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {promptLine} from '../source/dashboard/drawing/prompt-line.ts';
import {createTheme} from '../source/dashboard/drawing/theme.ts';
import type {KeyContext} from '../source/dashboard/keys/actions.ts';
import {runCommand, words} from '../source/dashboard/keys/command-line.ts';
import {createKeymap} from '../source/dashboard/keys/keymap.ts';
import {answer, paste} from '../source/dashboard/keys/prompt.ts';
import {edit, lineOf, textOf} from '../source/dashboard/rows/line.ts';
import {initialView, type Prompt, reduce, type View} from '../source/dashboard/rows/view.ts';
import {width} from '../source/format/width.ts';
import {Story} from './helpers/store.ts';

const {keyOf} = createKeymap();
const theme = createTheme({ascii: false, color: false});
const contextOf = (view: Partial<View> = {}, story = new Story().limits(8).run('running')): KeyContext => ({
	store: story.store,
	view: {...initialView, ...view},
	selected: undefined,
	speed: 0,
	keyOf,
});

/** Types keys into a prompt: what it came to, all that was done but for changes of the view, and the view. */
function type(prompt: Prompt, ...keys: string[]) {
	const done: unknown[] = [];
	let view: View = {...initialView, prompt};
	for (const key of keys) {
		assert.ok(view.prompt, `${key} comes when nothing is asked any more`);
		for (const action of answer(view.prompt, key, contextOf(view))) {
			if (typeof action === 'object' && 'view' in action) view = reduce(view, action.view, [], 10);
			else done.push(typeof action === 'object' && 'command' in action ? action.command : action);
		}
	}
	return {view, done};
}
const open = (kind: 'filter' | 'command' | 'add', text = ''): Prompt => ({kind, line: lineOf(text)});

suite('a line being typed', () => {
	const cases: ReadonlyArray<readonly [keys: string[], line: string]> = [
		[['a', 'b', 'space', 'c'], 'ab c|'],
		[['a', 'b', 'backspace'], 'a|'],
		[['新', '浪', 'backspace'], '新|'],
		[['👩‍👩‍👧‍👦', 'backspace'].flatMap(key => (key === 'backspace' ? key : [...key])), '|'],
		[['a', 'b', 'left', 'x'], 'ax|b'],
		[['a', 'b', 'left', 'delete'], 'a|'],
		[['a', 'b', 'home', 'x', 'end', 'y'], 'xaby|'],
		[['a', 'b', 'ctrl-a', 'right', 'x'], 'ax|b'],
		[['a', 'b', 'ctrl-a', 'ctrl-k', 'ctrl-e'], '|'],
		[['a', 'space', 'b', 'c', 'ctrl-w'], 'a |'],
		[['a', 'b', 'left', 'ctrl-u'], '|b'],
		[['left', 'right', 'backspace', 'delete'], '|'],
	];
	for (const [keys, expected] of cases)
		test(`${keys.join(' ')} makes ${expected}`, () => {
			const {before, after} = keys.reduce((line, key) => edit(line, key) ?? line, lineOf(''));
			assert.equal(`${before}|${after}`, expected);
		});

	test('keys that type nothing change nothing', () => {
		for (const key of ['up', 'down', 'pageup', 'tab', 'ctrl-z', 'ctrl-q', 'constructor'])
			assert.equal(edit(lineOf('a'), key), undefined);
	});

	test('fits whatever the width, with the cursor in sight', () => {
		const text = fc.string({unit: 'grapheme', maxLength: 40}).filter(each => !/[\p{C}\p{Zl}\p{Zp}]/u.test(each));
		fc.assert(
			fc.property(
				fc.constantFrom('filter', 'command', 'add'),
				text,
				text,
				fc.integer({min: 8, max: 60}),
				(kind, before, after, cells) => {
					const line = promptLine({kind, line: {before, after}} as Prompt, cells, theme);
					assert.ok(width(line) <= cells, `${width(line)} of ${cells}: ${line}`);
					assert.ok(line.includes(theme.signs.cursor), line);
				},
			),
		);
	});
});

suite('a filter being typed', () => {
	test('is in force with every key, and stays when it is entered', () => {
		const {view} = type(open('filter'), 's', 'o', 'h', 'u', 'enter');
		assert.deepEqual([view.filter, view.prompt], ['sohu', undefined]);
		assert.equal(type(open('filter'), 's', 'o').view.filter, 'so');
	});
	test('is gone after Esc', () => {
		assert.deepEqual(type(open('filter'), 's', 'o', 'escape').view, initialView);
	});
	test('is gone when all of it is rubbed out and one more', () => {
		assert.deepEqual(type(open('filter'), 's', 'backspace', 'backspace').view, initialView);
	});
	test('takes keys that mean something elsewhere', () => {
		assert.equal(type(open('filter'), 'q', '+', '?', 'space', '1').view.filter, 'q+? 1');
	});
});

suite('behind the colon', () => {
	const run = (line: string, story?: Story) => runCommand(line, contextOf({}, story));
	const command = (type: string, more: object = {}) => ({command: {type, ...more}});
	const failed = new Story().limits(8).run('running');
	failed.connect(failed.queue('https://example.com/')).fail('t1', 'HTTP_503');

	const cases: ReadonlyArray<readonly [line: string, outcome: unknown]> = [
		['c 32', command('set-concurrency', {value: 32})],
		['concurrency 1', command('set-concurrency', {value: 1})],
		['limit 2M', [command('set-bandwidth', {value: 2 * 1024 ** 2}), 'bandwidth: 2M']],
		['limit none', [command('set-bandwidth', {value: null}), 'bandwidth: no limit']],
		['per-host 4', [command('set-per-host', {value: 4}), 'tasks at once per host: 4']],
		['per-host none', [command('set-per-host', {value: null}), 'tasks at once per host: no limit']],
		['rate 100/m', [command('set-rate', {value: 100 / 60}), 'task starts: 100/m']],
		['rate none', [command('set-rate', {value: null}), 'task starts: no limit']],
		[
			'add https://a.example/ https://b.example/',
			[command('add', {urls: ['https://a.example/', 'https://b.example/']}), 'added 2 URLs'],
		],
		['filter status:4 !cdn', {view: {type: 'filter', text: 'status:4 !cdn'}}],
		['sort speed', {view: {type: 'sort', by: 'speed'}}],
		['sort pro', {view: {type: 'sort', by: 'progress'}}],
		['view failed', {view: {type: 'tab', tab: 'failed'}}],
		['retry', 'no task has failed'],
		['pause', command('pause')],
		['resume', command('resume')],
		['drain', command('stop', {mode: 'drain'})],
		['help', {view: {type: 'overlay', overlay: 'help'}}],
		['quit', {program: {type: 'leave'}}],
		['q', {program: {type: 'leave'}}],
		['  :c   5  ', command('set-concurrency', {value: 5})],
		['', []],
	];
	for (const [line, outcome] of cases)
		test(`:${line} does ${JSON.stringify(outcome)}`, () => assert.deepEqual(run(line), outcome));

	test(':retry alone retries all that failed, if anything has', () => {
		assert.deepEqual(run('retry', failed), command('retry-failed'));
		assert.match(String(run('retry')), /no task has failed/);
	});

	test(':retry with a code retries what has failed with it, or says that nothing has', () => {
		assert.deepEqual(run('retry http_503', failed), command('retry-failed', {code: 'HTTP_503'}));
		for (const code of ['HTTP_999', '__PROTO__', 'HTTP_50'])
			assert.equal(run(`retry ${code.toLowerCase()}`, failed), `no task has failed with ${code}`);
	});

	test(':retry with a code knows a canceled task for what it is', () => {
		const story = new Story().limits(8).run('running');
		story.become(story.queue('https://example.com/'), 'canceled');
		assert.equal(run('retry http_503', story), 'no task has failed with HTTP_503');
	});

	const wrong: ReadonlyArray<readonly [line: string, sentence: RegExp]> = [
		['frobnicate', /no command :frobnicate/],
		['c', /:c needs N/],
		['c 0', /':c 0' is invalid: it must be a whole number from 1 to 512/],
		['c 513', /from 1 to 512/],
		['c many', /whole number/],
		['limit fast', /it must be a size/],
		['limit', /:limit needs SIZE/],
		['rate 0', /above 0/],
		['sort colour', /it must be one of start, /],
		['view nothing', /active, queued/],
		['add nothing', /no http\(s\) URL/],
		['quit now', /:quit takes nothing/],
	];
	for (const [line, sentence] of wrong)
		test(`:${line} says what is wrong and does nothing`, () => assert.match(String(run(line)), sentence));

	test('every word has been tried', () => {
		const tried = new Set(cases.map(([line]) => line.trim().replace(/^:/, '').split(' ')[0]));
		assert.deepEqual(
			words.filter(({names}) => !names.some(name => tried.has(name))).map(({names}) => names[0]),
			[],
		);
	});

	test('no name is given twice', () => {
		const names = words.flatMap(({names}) => names);
		assert.equal(new Set(names).size, names.length);
	});

	test('what was typed is done when it is entered, and not before', () => {
		assert.deepEqual(type(open('command'), 'c', 'space', '9').done, []);
		const {view, done} = type(open('command'), 'c', 'space', '9', 'enter');
		assert.deepEqual([view.prompt, done], [undefined, [{type: 'set-concurrency', value: 9}]]);
		assert.deepEqual(type(open('command'), 'q', 'escape'), {view: initialView, done: []});
		assert.deepEqual(type(open('command'), 'q', 'ctrl-c'), {view: initialView, done: []});
	});
});

suite('what was entered and cannot be done', () => {
	const cases = [
		['add', 'nonsense', /no http\(s\) URL/],
		['command', 'limit 2X', /it must be a size/],
		['command', 'frobnicate', /no command/],
	] as const;
	for (const [kind, text, problem] of cases)
		test(`as ${kind} ${text}, stays to be corrected, with what is wrong beside it until a key is typed`, () => {
			const {view, done} = type(open(kind, text), 'enter');
			assert.deepEqual(done, []);
			assert.ok(view.prompt && view.prompt.kind === kind);
			assert.equal(textOf(view.prompt.line), text);
			assert.match(promptLine(view.prompt, 120, theme), problem);
			assert.ok(promptLine(view.prompt, 30, theme).startsWith(` ${view.prompt.problem?.slice(0, 20)}`));
			const next = type(view.prompt, 'x').view.prompt;
			assert.doesNotMatch(next ? promptLine(next, 120, theme) : '', problem);
		});

	test('is left by Esc', () => assert.deepEqual(type(open('add', 'nonsense'), 'enter', 'escape').view, initialView));
});

test('a line of any length is drawn at once', () => {
	const before = '漢'.repeat(1_000);
	assert.ok(width(promptLine({kind: 'filter', line: {before, after: before}}, 80, theme)) <= 80);
	const pasted = paste('漢'.repeat(5_000), contextOf({prompt: open('filter', 'x')}));
	const [typed] = pasted;
	assert.ok(typeof typed === 'object' && 'view' in typed && typed.view.type === 'prompt');
	assert.ok(typed.view.prompt?.kind === 'filter' && textOf(typed.view.prompt.line).length === 1_000);
});

suite('URLs that are added', () => {
	const urls = ['https://a.example/', 'https://b.example/'];
	const list = urls.join('\n');

	test('by hand are added when they are entered', () => {
		assert.deepEqual(type(open('add', urls[0]), 'enter').done, [{type: 'add', urls: [urls[0]]}, 'added 1 URL']);
	});

	test('by a paste of one are added at once', () => {
		assert.deepEqual(paste(urls[0] ?? '', contextOf()), [{command: {type: 'add', urls: [urls[0]]}}, 'added 1 URL']);
	});

	test('by a paste of several are asked about once: y or Enter adds them, any other key does not', () => {
		const [asked] = paste(list, contextOf());
		assert.deepEqual(asked, {view: {type: 'prompt', prompt: {kind: 'confirm', urls}}});
		assert.deepEqual(type({kind: 'confirm', urls}, 'y').done, [{type: 'add', urls}, 'added 2 URLs']);
		assert.deepEqual(type({kind: 'confirm', urls}, 'enter').done, [{type: 'add', urls}, 'added 2 URLs']);
		for (const key of ['n', 'escape', 'q', 'Y'])
			assert.deepEqual(type({kind: 'confirm', urls}, key), {view: initialView, done: ['nothing added']});
		assert.match(promptLine({kind: 'confirm', urls}, 80, theme), /^ add 2 URLs\? {2}y or Enter adds them/);
	});

	test('by a paste into a filter or a command are text like any other', () => {
		const view = {prompt: open('filter', 'host:')};
		const [typed, filtered] = paste('sohu.com\n\u001b[31m', contextOf(view));
		assert.deepEqual(typed, {view: {type: 'prompt', prompt: open('filter', 'host:sohu.com ')}});
		assert.deepEqual(filtered, {view: {type: 'filter', text: 'host:sohu.com '}});
		assert.equal(textOf(lineOf('x')), 'x');
	});

	test('by a paste while they are asked for take its place', () => {
		const actions = paste(urls[0] ?? '', contextOf({prompt: open('add')}));
		assert.deepEqual(actions[0], {view: {type: 'prompt', prompt: undefined}});
		assert.deepEqual(actions[1], {command: {type: 'add', urls: [urls[0]]}});
	});

	test('of which there is none, or when the run is ending, are told to be none', () => {
		assert.match(String(paste('no url', contextOf())), /nothing added/);
		assert.match(String(paste(list, contextOf({}, new Story().limits(8).run('draining')))), /the run is ending/);
	});
});
