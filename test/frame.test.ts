import assert from 'node:assert/strict';
import {readdir, readFile, writeFile} from 'node:fs/promises';
import {suite, test} from 'node:test';
import {footer, frame, rowsThatFit, type Size, withFooter} from '../source/dashboard/drawing/frame.ts';
import {initialView, tabs, type View} from '../source/dashboard/rows/view.ts';
import {recordedScenes} from './helpers/recorded-scenes.ts';
import {type Plot as Scene, stage} from './helpers/scene.ts';
import {busy, drained, flow, measured, plot, scenes} from './helpers/scenes.ts';
import {failure} from './helpers/store.ts';

// Details name times of the day.
process.env.TZ = 'UTC';

const golden = new URL('golden/', import.meta.url);
const update = process.env.UPDATE === '1';

const sizes: readonly Size[] = [
	{columns: 40, rows: 10},
	{columns: 80, rows: 24},
	{columns: 120, rows: 40},
	{columns: 200, rows: 60},
];

const draw = (scene: Scene, size: Size): string[] => frame(stage(scene, size)).lines;

const fileOf = (name: string, {columns, rows}: Size) => `${name}-${columns}x${rows}.txt`;

suite('golden frames', () => {
	const all: Readonly<Record<string, () => Scene | Promise<Scene>>> = {...scenes, ...recordedScenes};
	for (const [name, build] of Object.entries(all)) {
		test(`the screen "${name}" looks as it did when a person last looked at it`, async () => {
			const scene = await build();
			for (const size of sizes) {
				const file = new URL(fileOf(name, size), golden);
				// Without the blanks at the ends of lines, which editors would strip.
				const text = `${draw(scene, size)
					.map(line => line.trimEnd())
					.join('\n')}\n`;
				if (update) await writeFile(file, text);
				assert.equal(text, await readFile(file, 'utf8'), `${file.pathname} (UPDATE=1 rewrites it)`);
			}
		});
	}

	test('every golden file belongs to a screen', async () => {
		const expected = Object.keys(all).flatMap(name => sizes.map(size => fileOf(name, size)));
		const found = (await readdir(golden)).filter(name => !name.startsWith('race-'));
		assert.deepEqual(found.toSorted(), expected.toSorted());
	});
});

suite('what a frame says', () => {
	const [narrow, , normal, large] = sizes as [Size, Size, Size, Size];
	const text = (name: string, size: Size) => draw((scenes[name] as () => Scene)(), size).join('\n');

	test('a lowered limit shows what still runs beyond it', () => {
		assert.match(text('drained', normal), /12 → 8, draining 4/);
		assert.match(text('drained', narrow), /12 → 8/);
	});

	test('what a change of the concurrency did is told, at any width', () => {
		for (const size of sizes) assert.match(text('measured', size), /12 → 16: no gain/);
		assert.match(text('measured', normal), /12 → 16: no gain \(52\.0 → 52\.0 MB\/s\)/);
	});

	test('the graphs mark where the concurrency was changed, and a low terminal has none', () => {
		const lines = draw(measured(), normal);
		const at = lines.findIndex(line => line.includes('╰8→12'));
		assert.match(lines[at] ?? '', /last 0:46 +╰8→12 +╰12→16 +limit 16 +╰8→12 +╰12→16/);
		assert.equal(
			rowsThatFit({columns: 80, rows: 19}, initialView) + 1,
			rowsThatFit({columns: 80, rows: 20}, initialView) + 3,
		);
		assert.doesNotMatch(draw(measured(), {columns: 80, rows: 19}).join('\n'), /last 0:|╰/);
	});

	test('the limit per host is named when it is what holds tasks back', () => {
		assert.match(text('per-host', normal), /per-host/);
		assert.doesNotMatch(text('drained', normal), /per-host/);
	});

	test('with ASCII drawing, all that is not ASCII comes from the pages', () => {
		const {story, meter} = drained();
		for (const state of ['waiting', 'paused', 'queued', 'extracting', 'done', 'failed', 'canceled', 'skipped'] as const)
			story.become(story.queue(`https://${state}.example/${'long/'.repeat(30)}`), state).later(100);
		const start = plot();
		const ascii = (scene: Scene, view: Partial<View>) => {
			for (const size of [...sizes, {columns: 20, rows: 6}, {columns: 25, rows: 12}, {columns: 61, rows: 30}])
				for (const line of draw({...scene, ascii: true, view}, size)) assert.match(line, /^[\x20-\x7e]*$/);
		};
		for (const tab of tabs)
			for (const frozen of [false, true])
				for (const overlay of [undefined, 'help', 'details'] as const) {
					ascii({story, meter}, {tab, overlay, frozen});
					ascii(start, {tab, overlay, frozen});
				}
		ascii({story, meter}, {notice: {text: 'a long notice '.repeat(20), until: Number.POSITIVE_INFINITY}});
		for (const state of ['paused', 'draining', 'stopping', 'ended'] as const) {
			story.run(state);
			ascii({story, meter}, {});
		}
	});

	test('with ASCII drawing, the pages keep their own letters', () => {
		assert.match(text('busy-ascii', normal), /新浪首页 - www/);
	});

	test('a queued row, which has neither progress nor time, begins its URL further left than others', () => {
		for (const size of sizes) {
			const column = (name: string, url: string) => {
				const line = draw((scenes[name] as () => Scene)(), size).find(each => each.includes(url)) ?? '';
				return line.indexOf(url);
			};
			const queued = column('queued', 'list.example/page/1');
			const active = column('busy', 'mirror.example');
			assert.ok(queued > 0 && queued <= active - 10, `${queued} and ${active} at ${size.columns} columns`);
		}
	});

	test('a key that was pressed several times has one mark in the graphs', () => {
		const scene = plot();
		scene.story.listen(event => scene.meter.hear(event));
		scene.story.limits(8).run('running');
		flow(scene, 10);
		for (const limit of [9, 10, 11, 12]) {
			scene.story.limits(limit);
			flow(scene, 0.6);
		}
		flow(scene, 5);
		scene.story.limits(10);
		flow(scene, 3);
		const lines = draw(scene, normal).join('\n');
		assert.match(lines, /8→12╯? *╰?12→10/);
		assert.doesNotMatch(lines, /11→12/);
	});

	test('a queued task whose host is left in peace says until when, and why', () => {
		const {story, meter} = busy();
		const why = failure('HTTP_503');
		story.emit({type: 'host', host: 'list.example', until: story.now + 8_000, window: 2, why});
		const lines = draw({story, meter, view: {tab: 'queued'}}, normal);
		assert.match(
			lines.find(line => line.includes('list.example/page/1')) ?? '',
			/queued +in 0:08 · 503 · list\.example/,
		);
		story.later(8_000);
		assert.doesNotMatch(draw({story, meter, view: {tab: 'queued'}}, normal).join('\n'), /503 ·/);
	});

	test('a paused run shows neither speeds nor forecasts beside the transfers it holds', () => {
		for (const size of sizes) {
			const rows = (name: string) => text(name, size).replace(/^[\s\S]*1 Active.*/, '');
			assert.match(rows('busy'), /MB\/s/);
			assert.doesNotMatch(rows('paused'), /B\/s|ETA/);
			assert.match(rows('paused'), / 72%/);
		}
		assert.doesNotMatch(text('paused', normal), /ETA/);
	});

	test('the sizes of what is done stand one below the other, at the right of their area', () => {
		for (const size of sizes) {
			const lines = draw(scenes.done?.() as Scene, size).filter(line => line.includes('✔'));
			const ends = lines.map(line => line.indexOf(' kB'));
			assert.equal(lines.length, 4);
			assert.deepEqual([...new Set(ends)].length, 1, `${size.columns} columns: ${ends}`);
			const speed = draw(busy(), size).find(line => line.includes('mirror.example')) ?? '';
			const wider = size.columns < 120 ? 'MB/s' : 'ETA 0:01';
			assert.equal((ends[0] ?? 0) + 3, speed.indexOf(wider) + wider.length, `${size.columns} columns`);
		}
	});

	test('a transfer of hours shows hours, not a clock cut in half', () => {
		const {story, meter} = plot();
		story.limits(8).run('running');
		const id = story.queue('https://slow.example/');
		story.connect(id).receive(id, {total: 1e9});
		flow({story, meter}, 4, {[id]: 10_000});
		story.later(2 * 3_600_000 + 3 * 60_000);
		const line = draw({story, meter}, normal).find(each => each.includes('slow.example')) ?? '';
		assert.match(line, /ETA 27h\d\d +2h03 slow/);
	});

	test('a row tells how long it takes from 100 columns on', () => {
		const {story, meter} = plot();
		story.limits(8).run('running');
		const id = story.queue('https://example.com/big');
		story.connect(id).receive(id, {total: 41_900_000});
		flow({story, meter}, 4, {[id]: 1_000_000});
		const at = (columns: number) =>
			draw({story, meter}, {columns, rows: 24}).find(line => line.includes('example.com/big')) ?? '';
		assert.doesNotMatch(at(99), /ETA/);
		assert.match(at(100), / 1\.0 MB\/s {2}ETA 0:37 .* example\.com\/big/);
		assert.match(at(112), / 4\.0\/41\.9 MB .*ETA 0:37/);
	});

	test('what came in heaps after a pause does not flatten the graph: it has a sign', () => {
		const {story, meter} = plot();
		story.limits(8).run('running');
		const id = story.queue('https://example.com/big');
		story.connect(id).receive(id);
		flow({story, meter}, 5, {[id]: 100_000});
		story.run('paused');
		flow({story, meter}, 5);
		story.run('running');
		flow({story, meter}, 1, {[id]: 13_000_000});
		flow({story, meter}, 5, {[id]: 100_000});
		const lines = draw({story, meter}, normal).slice(2, 4);
		assert.match(lines[0] ?? '', /^ 100\.0 kB\/s +█+▆? +↑+█{4} /);
		const ascii = draw({story, meter, ascii: true}, normal);
		assert.match(ascii[2] ?? '', / #+\+? +\^+#+/);
	});

	test('an overlay scrolls line by line to its last line, and no further', () => {
		for (const overlay of ['help', 'details'] as const) {
			const shown = (scroll: number) =>
				draw({...busy(), view: {tab: 'done', selected: 't3', overlay, scroll}}, narrow).slice(3, -1);
			const [first, second, last] = [shown(0), shown(1), shown(1000)];
			assert.deepEqual(second.slice(0, -1), first.slice(1));
			assert.notDeepEqual(second, first);
			assert.match(last.at(-1) ?? '', overlay === 'help' ? /:quit/ : /server {2}nginx/);
			assert.ok(last.every(line => line !== ''));
		}
	});

	test('an overlay that fits does not scroll', () => {
		for (const overlay of ['help', 'details'] as const) {
			const shown = (scroll: number) => draw({...busy(), view: {tab: 'done', selected: 't3', overlay, scroll}}, large);
			assert.deepEqual(shown(5), shown(0));
		}
	});

	test('the details show all of a long URL, on as many lines as it takes', () => {
		const {story, meter} = plot();
		story.limits(8).run('running');
		const url = `https://long.example/${'path/'.repeat(40)}end`;
		story.connect(story.queue(url));
		const lines = draw({story, meter, view: {overlay: 'details'}}, {columns: 60, rows: 40});
		assert.ok(
			lines
				.map(line => line.trim().replace(/^URL +/, ''))
				.join('')
				.includes(url),
			lines.join('\n'),
		);
	});

	test('the details list what selectors found, a match a line, and that there may be more', () => {
		const {story, meter} = plot();
		story.limits(8).run('running');
		const id = story.queue('https://shop.example/');
		story
			.connect(id)
			.receive(id)
			.end(id, 'done', {
				extracted: {price: '5 €', links: Array.from({length: 11}, (_, index) => `/${index}`)},
				truncated: true,
			});
		const view = {tab: 'done', selected: id, overlay: 'details'} as const;
		const lines = draw({story, meter, view}, {columns: 90, rows: 40});
		const from = lines.findIndex(line => line.includes('price'));
		assert.deepEqual(
			lines.slice(from, from + 11).map(line => line.trim().replace(/ +/g, ' ')),
			['price 5 €', 'links /0', '/1', '/2', '/3', '/4', '/5', '/6', '/7', 'and 3 more'].concat(
				'truncated only the first 8 MiB were searched, or only the first matches are kept',
			),
		);
	});

	test('a frozen screen stands still but for its footer, where a key that cannot act says so', () => {
		const scene = {...busy(), view: {frozen: true}};
		const before = frame(stage(scene, normal));
		scene.story.fetched('https://later.example/', 1000);
		const notice = {text: 'the screen is frozen: z lets it go on', until: scene.story.now + 1};
		const after = stage({...scene, view: {frozen: true, notice}}, normal);
		const {lines} = withFooter(before, after);
		assert.deepEqual(lines.slice(0, -1), before.lines.slice(0, -1));
		assert.equal(lines.at(-1), ` ${notice.text}`);
		assert.equal(lines.at(-1), footer(after));
		assert.doesNotMatch(before.lines.at(-1) ?? '', /select|details|help/);
	});

	test('a frozen screen too low for a footer keeps all its lines', () => {
		const low = stage({...busy(), view: {frozen: true}}, {columns: 80, rows: 5});
		const shown = frame(low);
		assert.deepEqual(withFooter(shown, low), shown);
	});

	test('a notice goes when its time is over', () => {
		const scene = {...busy(), view: {notice: {text: 'done already', until: 0}}};
		scene.view.notice.until = scene.story.now + 100;
		assert.equal(draw(scene, normal).at(-1), ' done already');
		scene.story.later(100);
		assert.match(draw(scene, normal).at(-1) ?? '', /q quit$/);
	});

	test('no more bytes are shown than there are in all, whatever they are rounded to', () => {
		for (const total of [19_280, 999_960, 1_999_999, 48_299, 5_049_999]) {
			const {story, meter} = plot();
			story.limits(8).run('running');
			const id = story.queue('https://example.com/');
			story.connect(id).receive(id, {total}).bytes(id, total);
			const [, some, all] = /([\d.]+)\/([\d.]+) [kM]B/.exec(draw({story, meter}, normal).join('\n')) ?? [];
			assert.ok(Number(some) <= Number(all), `${some}/${all} of ${total} bytes`);
		}
	});

	test('without color there is no escape sequence, with color there is', () => {
		const scene = busy();
		const colored = (color: boolean) => frame(stage({...scene, color}, normal)).lines.join('');
		assert.ok(colored(true).includes('\u001b['));
		assert.ok(!colored(false).includes('\u001b'));
	});

	test('a paused run stands still: its clocks say how long tasks took, its spinner is a pause sign', () => {
		const scene = busy();
		scene.story.run('paused');
		const before = draw(scene, normal).slice(3);
		scene.story.later(200);
		assert.deepEqual(draw(scene, normal).slice(3), before);
	});
});
