import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {stripVTControlCharacters} from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {frame, rowsThatFit, withFooter} from '../source/dashboard/drawing/frame.ts';
import {Meter} from '../source/dashboard/measuring/meter.ts';
import {sortNames} from '../source/dashboard/rows/sort.ts';
import {follow, reduce, tabs, type View} from '../source/dashboard/rows/view.ts';
import {isFinal, type State, type TaskId, transitions} from '../source/engine/task.ts';
import {sanitize} from '../source/format/sanitize.ts';
import {fit} from '../source/format/width.ts';
import {stage} from './helpers/scene.ts';
import {failure, Story} from './helpers/store.ts';

/** Text that breaks layouts: wide, combining, joined, bidirectional, invisible, controlling, and whatever fast-check finds. */
const awkward = [
	...[
		'新浪首页',
		'ﾊﾝｶｸ',
		'한국어',
		'é́́',
		'\u0301',
		'👩‍👩‍👧‍👦',
		'🇨🇳',
		'☕️',
		'✂',
		'👍🏽',
		'שלום',
		'العربية',
		'\u202e',
		'\u2067',
		'\u200d',
		'\u200b',
	],
	...[
		'\u00ad',
		'\ufeff',
		'\u3000',
		'\t',
		'\n',
		'\u001b[31m',
		'\u009b',
		'\u0000',
		'\ud83d',
		'กำ',
		'ཀྵ',
		'️',
		'\u{e0041}',
		'ꪾ',
		'﷽',
		'…',
		' ',
		'x',
	],
];
const text = fc
	.array(
		fc.oneof(
			fc.constantFrom(...awkward),
			fc.string({unit: 'grapheme', maxLength: 8}),
			fc.string({unit: 'binary', maxLength: 8}),
		),
		{
			maxLength: 14,
		},
	)
	.map(parts => sanitize(parts.join('')));
const url = fc.tuple(fc.webUrl(), text).map(([base, path]) => sanitize(`${base}/${path}`));

/** One thing that happens: to the task picked by `which`, the transition picked by `next`. */
const step = fc.record({
	which: fc.nat(),
	next: fc.nat(),
	text,
	url,
	bytes: fc.oneof(fc.nat(2000), fc.nat(1e13)),
	pass: fc.nat(4000),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

function happen(story: Story, ids: TaskId[], {which, next, text: words, url: address, bytes, pass}: Step): void {
	story.later(pass);
	if (which % 11 === 5) {
		story.limits(1 + (next % 64));
		return;
	}
	if (ids.length === 0 || which % 3 === 0) {
		ids.push(story.queue(address));
		return;
	}
	const id = ids[which % ids.length] as TaskId;
	const possible = transitions[story.task(id).state];
	const state = possible[next % Math.max(1, possible.length)];
	if (state) enter(story, id, state, words, bytes);
}

function enter(story: Story, id: TaskId, state: State, words: string, bytes: number): void {
	if (state === 'queued') story.requeue(id);
	else if (state === 'connecting') story.connect(id);
	else if (state === 'receiving') {
		const headers = {[`strict-transport-security-${bytes % 9}`]: words.repeat(9)};
		const total = bytes % 2 ? {total: bytes} : {};
		story.receive(id, {...total, headers, finalUrl: `https://${words}/`, redirects: [words, words]});
		story.bytes(id, Math.floor(bytes * 0.7));
	} else if (state === 'waiting') {
		const why = {...failure('HTTP_503'), code: words || 'X', ...(bytes % 3 === 0 && {retryAfter: 1000})};
		if (bytes % 2) delete why.status;
		story.wait(id, why, {seconds: bytes % 9999, retry: bytes % 50, retries: 50});
	} else if (state === 'extracting') story.extract(id);
	else if (state === 'paused') story.pause(id);
	else if (isFinal(state)) {
		const error = state === 'failed' ? {code: words || 'X', message: words} : null;
		story.end(id, state, {title: words || null, error, path: words || null, charset: words || null});
	}
}

const scenes = fc.record({
	steps: fc.array(step, {maxLength: 60}),
	run: fc.constantFrom('running', 'paused', 'draining', 'stopping', 'ended'),
	concurrency: fc.constantFrom(1, 2, 8, 512),
	perHost: fc.constantFrom(null, 1, 512),
	inputOpen: fc.boolean(),
	tab: fc.constantFrom(...tabs),
	overlay: fc.constantFrom(undefined, 'help', 'details', 'effects'),
	frozen: fc.boolean(),
	scroll: fc.oneof(fc.nat(40), fc.constant(1000)),
	notice: fc.option(text, {nil: undefined}),
	moves: fc.array(fc.oneof(fc.integer({min: -70, max: 70}), fc.constant(Number.POSITIVE_INFINITY)), {maxLength: 4}),
	ascii: fc.boolean(),
	color: fc.boolean(),
	filter: fc.oneof({weight: 4, arbitrary: fc.constant('')}, fc.constantFrom('!state:done', 'http', 'status:2'), text),
	by: fc.constantFrom(...sortNames),
	reversed: fc.boolean(),
	open: fc.subarray(['CANCELED', 'canceled', 'X', 'ECONNRESET']),
	prompt: fc.option(
		fc.oneof(
			fc.record({
				kind: fc.constantFrom('filter' as const, 'command' as const, 'add' as const),
				line: fc.record({before: text, after: text}),
			}),
			fc.record({kind: fc.constant('confirm' as const), urls: fc.array(url, {maxLength: 3})}),
		),
		{nil: undefined},
	),
	columns: fc.oneof(fc.integer({min: 1, max: 40}), fc.integer({min: 20, max: 300})),
	rows: fc.oneof(fc.integer({min: 1, max: 8}), fc.integer({min: 3, max: 100})),
});
type Given = typeof scenes extends fc.Arbitrary<infer One> ? One : never;

function draw(given: Given) {
	const {
		steps,
		run,
		concurrency,
		perHost,
		inputOpen,
		tab,
		overlay,
		frozen,
		scroll,
		notice,
		moves,
		ascii,
		color,
		filter,
		by,
		reversed,
		open,
		prompt,
		...size
	} = given;
	const story = new Story();
	const meter = new Meter();
	story
		.listen(event => meter.hear(event))
		.limits(concurrency, perHost)
		.run('running')
		.input(inputOpen);
	const ids: TaskId[] = [];
	for (const each of steps) {
		happen(story, ids, each);
		meter.sample(story.store, story.now);
	}
	if (run !== 'running') story.run(run);
	const plot = {story, meter, ascii, color};
	const chosen: Partial<View> = {
		tab,
		filter,
		sort: {by, reversed},
		open: new Set(open.map(code => `cause ${code}` as const)),
	};
	const height = rowsThatFit(size, {tab, overlay: undefined});
	let {view, rows} = stage({...plot, view: chosen}, size);
	for (const by of moves) view = follow(reduce(view, {type: 'move', by}, rows, height), rows, height);
	view = {
		...view,
		overlay,
		frozen,
		scroll,
		prompt,
		notice: notice === undefined ? undefined : {text: notice, until: story.now + 1},
	};
	const scene = stage({...plot, view}, size);
	const {lines} = frame(scene);
	return {theme: scene.theme, rows, view: scene.view, lines, thawed: withFooter({lines}, scene).lines};
}

/** The property runs over the same scenes for each promise; a failure prints the smallest scene that breaks it. */
const always = (promise: (drawn: ReturnType<typeof draw>, given: Given) => void): void =>
	fc.assert(
		fc.property(scenes, given => promise(draw(given), given)),
		{numRuns: 400},
	);

suite('whatever runs, on whatever terminal', () => {
	test('no line has anything in the last column', () => {
		always(({lines}, {columns}) => {
			for (const line of lines) {
				const plain = stripVTControlCharacters(line);
				assert.ok(stringWidth(plain) < columns, `${stringWidth(plain)} of ${columns}: ${JSON.stringify(plain)}`);
			}
		});
	});

	test('the frame leaves the last line of the terminal free', () => {
		always(({lines}, {rows}) => assert.ok(lines.length <= Math.max(1, rows - 1), `${lines.length} lines`));
	});

	test('no control or bidi character gets onto the screen, and only colors are escape sequences', () => {
		always(({lines}, {color}) => {
			for (const line of lines) {
				const plain = color ? line.replace(/\u001b\[\d+(;\d+)*m/g, '') : line;
				assert.doesNotMatch(plain, /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
			}
		});
	});

	test('the footer of the same moment changes nothing', () => {
		always(({lines, thawed}) => assert.deepEqual(thawed, lines));
	});

	test('the selected row is on the screen and is the only one marked', () => {
		always(({lines, rows, view, theme}, size) => {
			if (view.overlay || rows.length === 0 || size.rows < 3 || size.columns < 2) return;
			const marked = lines.filter(line => stripVTControlCharacters(line).startsWith(theme.signs.selected));
			assert.equal(marked.length, 1);
			assert.ok(rows[view.index]);
		});
	});
});

suite('a field is exactly as wide as it was asked to be', () => {
	/** Found by the properties above: texts whose parts are not as wide, taken one by one, as together. */
	const found = ['กำ · a', 'กำกำกำ', '🇨🇳️新浪首页', '新浪首页🇦 ', '🇦࿇𖿰', '🇨🇳ꪾ', '𑂽  '];
	for (const content of found)
		test(`with ${JSON.stringify(content)} in it`, () => {
			for (let cells = 1; cells < 20; cells++) assert.equal(stringWidth(fit(content, cells)), cells, `${cells} cells`);
		});
});
