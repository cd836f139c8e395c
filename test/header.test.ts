import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {ratesLine, totalsLine} from '../source/dashboard/drawing/header.ts';
import {fitLine} from '../source/dashboard/drawing/segments.ts';
import {tabsLine} from '../source/dashboard/drawing/tabs.ts';
import {createTheme} from '../source/dashboard/drawing/theme.ts';
import {Meter} from '../source/dashboard/measuring/meter.ts';
import {initialView, type View} from '../source/dashboard/rows/view.ts';
import {httpFailure} from '../source/engine/failure.ts';
import {width} from '../source/format/width.ts';
import {keymap} from './helpers/scene.ts';
import {epoch, noLimits, Story} from './helpers/store.ts';

const theme = createTheme({ascii: false, color: false});
const contextOf = ({store, now}: Story, view: Partial<View> = {}) => {
	const meter = new Meter();
	meter.sample(store, now);
	return {store, now, meter, theme, keymap, rows: [], view: {...initialView, ...view}};
};
const running = (tasks: number, concurrency: number, perHost: number | null = null): Story => {
	const story = new Story().limits(concurrency, perHost).run('running');
	for (let task = 0; task < tasks; task++) story.connect(story.queue(`https://example.com/${task}`));
	return story;
};

suite('the totals', () => {
	const mixed = (): Story => {
		const story = running(0, 8);
		for (let page = 0; page < 1037; page++) story.fetched(`https://list.example/${page}`, 1000, null, 30);
		story.later(40_000);
		for (let task = 0; task < 8; task++) story.connect(story.queue(`https://example.com/${task}`));
		for (const state of ['failed', 'failed', 'failed', 'waiting', 'paused', 'canceled', 'skipped'] as const)
			story.become(story.queue('https://example.com/'), state);
		for (let page = 0; page < 412; page++) story.queue(`https://list.example/later/${page}`);
		return story.later(2_000);
	};

	test('say how many run, of how many, and count every state with the words of the rows', () => {
		const line = totalsLine(contextOf(mixed()), 200);
		for (const part of ['8 running / 8', '412 queued', '1,037 done', '3 failed', '1 waiting', '1 paused', '1 canceled'])
			assert.ok(line.includes(part), `${part} in ${line}`);
		assert.match(line, /^ fetchtop {3}8 running/);
		assert.match(line, /1:13 {3}ETA \d+:\d\d$/);
	});

	test('say that the list goes on', () => {
		assert.match(totalsLine(contextOf(mixed().input(true)), 200), /412\+ queued/);
	});

	test('leave out what is nought, but not what runs', () => {
		assert.match(totalsLine(contextOf(running(1, 8)), 80), /^ fetchtop {3}1 running \/ 8 +0:00$/);
		assert.match(totalsLine(contextOf(running(0, 8)), 80), /^ fetchtop {3}0 running \/ 8 +0:00$/);
	});

	for (const columns of [80, 100, 120])
		test(`keep the clock and the time that is left at ${columns} columns: rare states give way first`, () => {
			assert.match(totalsLine(contextOf(mixed()), columns), /1:13 {3}ETA \d+:\d\d$/);
		});

	test('keep what runs, what failed and the clock at 40 columns', () => {
		const line = totalsLine(contextOf(mixed()), 40);
		for (const part of ['8/8', '1,037 done', '3 failed', ' 1:13']) assert.ok(line.includes(part), `${part} in ${line}`);
		assert.match(totalsLine(contextOf(mixed()), 20), /^ 8\/8 {3}3 ✖ +1:13$/);
	});

	test('say of a paused run what it holds, since nothing of it runs', () => {
		assert.match(totalsLine(contextOf(running(8, 12).run('paused')), 80), /^ fetchtop {3}8 held \/ 12 /);
	});

	test('the clock stands still when the run has ended', () => {
		const story = running(1, 8).later(5000).end('t1', 'canceled').run('ended');
		assert.match(totalsLine(contextOf(story.later(60_000)), 80), / 0:05$/);
	});
});

suite('the rates', () => {
	test('show a lowered limit, and what still runs beyond it', () => {
		assert.match(ratesLine(contextOf(running(12, 12).limits(8)), 80), /concurrency 12 → 8, draining 4/);
		assert.match(ratesLine(contextOf(running(8, 8)), 80), /concurrency 8 \[- \+\]/);
	});

	const words = [
		['running', /running/],
		['paused', /paused/],
		['draining', /draining/],
		['stopping', /stopping/],
		['ended', /ended/],
	] as const;
	for (const [state, word] of words)
		for (const columns of state === 'running' ? [80, 120] : [40, 80, 120])
			test(`say at ${columns} columns that the run is ${state}`, () => {
				assert.match(ratesLine(contextOf(running(2, 8).run(state)), columns), word);
			});

	for (const columns of [40, 80, 120])
		test(`say at ${columns} columns that the screen is frozen`, () => {
			assert.match(ratesLine(contextOf(running(2, 8), {frozen: true}), columns), /frozen/);
		});

	for (const columns of [80, 120])
		test(`say at ${columns} columns that it is the limit per host that holds tasks back`, () => {
			const story = running(2, 8, 2);
			story.queue('https://example.com/later');
			assert.match(ratesLine(contextOf(story), columns), /held by --per-host/);
		});

	const otherwise: ReadonlyArray<readonly [string, Story]> = [
		['when there is no such limit', running(2, 8)],
		['when all slots are taken', running(8, 8, 8)],
		['while the run is paused', running(2, 8, 2).run('paused')],
	];
	for (const [when, story] of otherwise)
		test(`say nothing of a limit per host ${when}`, () => {
			story.queue('https://example.com/later');
			assert.doesNotMatch(ratesLine(contextOf(story), 200), /per-host/);
		});

	const later = (story: Story): Story => {
		story.queue('https://example.com/later');
		return story;
	};
	const narrowed = (story: Story, host = 'example.com'): Story =>
		later(story).emit({type: 'host', host, until: epoch + 8_000, window: 4, why: httpFailure(503)});
	const cooling = () => narrowed(running(2, 8));
	const twin = () => {
		const story = running(1, 8);
		story.queue('https://example.com/0#again');
		return story;
	};
	const reasons: ReadonlyArray<readonly [string, Story, RegExp]> = [
		['a host that has asked for less', cooling(), /example\.com cools down 0:08 \(503\)/],
		['a host that bears only so much', narrowed(running(4, 8)).later(8_000), /example\.com takes 4 at once/],
		['another host, not the one that has asked for less', narrowed(running(2, 8, 2), 'a.test'), /held by --per-host/],
		['a twin that is being fetched', twin(), /listed twice: fetched once/],
		['the rate', later(running(2, 8)).emit({type: 'limits', ...noLimits, concurrency: 8, rate: 1}), /held by --rate/],
	];
	for (const [what, story, expected] of reasons)
		test(`say that it is ${what} that holds tasks back`, () => {
			assert.match(ratesLine(contextOf(story), 160), expected);
		});

	const idle: ReadonlyArray<readonly [string, Story]> = [
		['cools down', narrowed(running(2, 8), 'a.test')],
		['bears only so much', narrowed(running(2, 8)).later(8_000)],
	];
	for (const [what, story] of idle)
		test(`do not blame a host that ${what} for what it does not hold back`, () => {
			assert.doesNotMatch(ratesLine(contextOf(story), 160), /cools down|bears/);
		});

	test('say what the bandwidth is limited to', () => {
		const story = running(8, 8).emit({type: 'limits', ...noLimits, concurrency: 8, bandwidth: 5 * 1024 ** 2});
		assert.match(ratesLine(contextOf(story), 80), /limit 5M\/s/);
		assert.match(ratesLine(contextOf(running(8, 8)), 160), /limit none \[< >\]/);
	});

	for (const state of ['stopping', 'ended'] as const)
		test(`do not show the sign of what goes on when the run is ${state}`, () => {
			assert.ok(!ratesLine(contextOf(running(2, 8).run(state)), 120).includes(theme.signs.running));
		});

	test('end in the latest throughput at the right margin', () => {
		const story = running(2, 8);
		const context = contextOf(story);
		for (const bytes of [1000, 4000, 8000]) context.meter.sample(story.later(1000).bytes('t1', bytes).store, story.now);
		for (const columns of [80, 120, 200]) {
			const line = ratesLine(context, columns);
			assert.ok(line.endsWith(' ▁▄█'), line);
			assert.equal(width(line), columns - 1);
			assert.doesNotMatch(ratesLine(context, columns, true), /▁▄█/, 'not above the graphs');
		}
	});

	test('have no number before there is one', () => {
		const story = running(2, 8);
		const context = contextOf(story);
		assert.match(ratesLine(context, 120), /^ ↓ – .* – pages\/s/);
		context.meter.sample(story.later(100).store, story.now);
		assert.match(ratesLine(context, 120), /^ ↓ 0 B\/s .* 0\.0 pages\/s/);
	});

	test('leave out the pages when so few are done that it would read 0.0, but not at the beginning', () => {
		const story = running(2, 8);
		const context = contextOf(story);
		const lineAt = (now: number) => ratesLine({...context, now}, 120);
		context.meter.sample(story.later(1000).store, story.now);
		assert.match(lineAt(story.now), / 0\.0 pages\/s/);
		context.meter.sample(story.later(20_000).store, story.now);
		assert.doesNotMatch(lineAt(story.now), /pages/);
		for (let page = 0; page < 60; page++) {
			story.fetched(`https://example.com/${page}`, 1000, null, 100);
			context.meter.sample(story.store, story.now);
		}
		assert.match(lineAt(story.now), /\d pages\/s/);
	});

	test('count as pages neither what was there already nor what was canceled', () => {
		const story = new Story().limits(8).run('running');
		for (const state of ['skipped', 'canceled', 'done', 'failed'] as const)
			story.become(story.queue('https://example.com/'), state);
		assert.match(ratesLine(contextOf(story.later(1000).run('ended')), 120), / 2\.0 pages\/s/);
	});

	test('after the end they are averages over the run', () => {
		const story = new Story().limits(8).run('running');
		for (let page = 0; page < 10; page++) story.fetched(`https://example.com/${page}`, 100_000, null, 500);
		const line = ratesLine(contextOf(story.run('ended').later(60_000)), 120);
		assert.match(line, /average 200\.0 kB\/s/);
		assert.match(line, /2\.0 pages\/s/);
	});
});

/** A run of the screen itself, frame by frame: `only` so many of the tasks of a host run. */
function steered(concurrency: number, perHost: number | null) {
	const story = new Story();
	const meter = new Meter();
	story
		.listen(event => meter.hear(event))
		.limits(concurrency, perHost)
		.run('running');
	const line = (columns = 200) =>
		ratesLine({store: story.store, now: story.now, meter, theme, keymap, view: initialView}, columns);
	const start = (tasks: number) => {
		for (let task = 0; task < tasks; task++) {
			const id = story.queue('https://example.com/');
			story.connect(id).receive(id);
		}
	};
	const later = (seconds: number) => {
		for (let step = 0; step < seconds * 10; step++) {
			for (const {id, state} of story.store.live.values()) if (state !== 'queued') story.bytes(id, 1000);
			meter.sample(story.later(100).store, story.now);
		}
	};
	const wait = (tasks: number) => {
		for (let task = 0; task < tasks; task++) story.queue('https://example.com/later');
	};
	return {story, meter, line, start, later, wait};
}

suite('what is said of a change in the present tense', () => {
	/** Three run of three, then eight may, but a host takes four. */
	const held = (seconds = 10) => {
		const run = steered(3, 4);
		run.start(3);
		run.wait(20);
		run.later(seconds);
		run.story.limits(8, 4);
		run.start(1);
		run.later(8);
		return run;
	};

	for (const columns of [80, 120, 200])
		test(`is told once, at ${columns} columns too`, () => {
			const line = held().line(columns);
			assert.equal(line.match(/held by --per-host/g)?.length, 1, line);
		});

	test('is the reason, and not that it was too soon', () => {
		assert.match(held().line(), / 3 → 8: only 4 run: held by --per-host/);
		assert.match(held(2).line(), / 3 → 8: only 4 run: held by --per-host/);
	});

	test('leaves at once when another limit is changed', () => {
		const {story, line, later} = held();
		story.limits(8, null);
		assert.doesNotMatch(line(), /3 → 8|held/);
		later(2);
		assert.doesNotMatch(line(), /3 → 8|held/);
	});

	test('leaves when slots have filled, and does not come back', () => {
		const {story, line, start, later} = held();
		start(4);
		assert.doesNotMatch(line(), /3 → 8/);
		later(2);
		for (const id of ['t1', 't2', 't3', 't24'] as const) story.end(id, 'done');
		later(2);
		assert.doesNotMatch(line(), /3 → 8/);
	});

	test('tells how many run now', () => {
		const {story, line} = held();
		story.end('t1', 'done').end('t2', 'done');
		for (const task of story.store.live.values()) if (task.state === 'queued') story.end(task.id, 'canceled');
		assert.match(line(), / 3 → 8: only 2 have work/);
		assert.doesNotMatch(line(), /only 4/);
		story.end('t3', 'done');
		assert.match(line(), / 3 → 8: only 1 has work/);
	});

	test('leaves when the run is paused', () => {
		const {story, line} = held();
		story.run('paused');
		assert.doesNotMatch(line(), /3 → 8/);
	});

	test('leaves when the bandwidth limit is changed, or is not reached any more', () => {
		const limited = () => {
			const run = steered(8, null);
			const limits = {...noLimits, bandwidth: 80_000};
			run.story.emit({type: 'limits', ...limits, concurrency: 8});
			run.start(8);
			run.wait(20);
			run.later(20);
			run.story.emit({type: 'limits', ...limits, concurrency: 9});
			run.start(1);
			run.later(8);
			assert.match(run.line(), / 8 → 9: held by the bandwidth limit, not by concurrency/);
			return run;
		};
		const changed = limited();
		changed.story.emit({type: 'limits', ...noLimits, bandwidth: 500_000, concurrency: 9});
		assert.doesNotMatch(changed.line(), /8 → 9/);
		const slower = limited();
		for (const id of ['t1', 't2', 't3', 't4', 't5'] as const) slower.story.end(id, 'done');
		slower.start(4);
		for (const [id] of slower.story.store.live) if (Number(id.slice(1)) > 8) slower.story.end(id, 'canceled');
		slower.later(4);
		assert.doesNotMatch(slower.line(), /8 → 9/);
	});

	test('is not that it is being measured, while it drains', () => {
		const {story, line, start, wait, later} = steered(9, null);
		start(9);
		wait(20);
		later(10);
		story.limits(8);
		assert.match(line(), /draining 1/);
		assert.doesNotMatch(line(), /measuring/);
		story.end('t1', 'done');
		assert.match(line(), /9 → 8: measuring…/);
	});

	test('is that it has no effect while the run drains, and only as long', () => {
		const {story, line, start, wait, later} = steered(3, null);
		start(3);
		wait(20);
		later(10);
		story.run('draining');
		later(2);
		story.limits(4);
		later(1);
		assert.match(line(), / 3 → 4: no effect while the run drains/);
		story.run('running');
		assert.doesNotMatch(line(), /no effect/);
	});
});

suite('the views', () => {
	test('are numbered as their keys, with the current one in brackets', () => {
		assert.match(tabsLine(contextOf(running(1, 8), {tab: 'done'}), 80), /1 Active .* 2 Queued .*\[3 Done\].* 4 Failed/);
	});

	test('fill the line', () => {
		for (let columns = 30; columns < 200; columns++)
			assert.equal(width(tabsLine(contextOf(running(3, 8)), columns)), columns - 1, `${columns} columns`);
	});
});

suite('a line', () => {
	const word = fc.string({unit: 'grapheme-ascii', maxLength: 12}).map(text => text.replaceAll(' ', '_'));
	const segments = fc.array(
		fc.record({
			forms: fc.array(word, {minLength: 1, maxLength: 3}).map(forms => forms.toSorted((a, b) => b.length - a.length)),
			keeps: fc.nat(9),
			right: fc.constantFrom(true as const, undefined),
		}),
		{maxLength: 8},
	);
	const given = segments.map(all => all.map(({right, ...rest}) => (right ? {...rest, right} : rest)));

	test('takes as much as fits, and never the last column', () => {
		fc.assert(
			fc.property(given, fc.integer({min: 3, max: 120}), (all, cells) => {
				const line = fitLine(all, cells, '…');
				assert.ok(width(line) < cells, `${width(line)} of ${cells}: ${line}`);
				const fullest = all.map(({forms: [first = '']}) => first).filter(text => text !== '');
				// Three blanks between all of them, margins included.
				const wanted = fullest.reduce((sum, text) => sum + text.length + 3, 4);
				if (wanted <= cells) for (const text of fullest) assert.ok(line.includes(text), `${text} in ${line}`);
			}),
			{numRuns: 1000},
		);
	});

	test('ends at the right margin when something stands there', () => {
		// Nothing on the left has this sign, so a line that ends with it has something at its right.
		const marked = given.map(all =>
			all.map(each => ('right' in each ? {...each, forms: each.forms.map(text => `${text}»`)} : each)),
		);
		fc.assert(
			fc.property(marked, fc.integer({min: 3, max: 120}), (all, cells) => {
				const line = fitLine(all, cells, '…');
				if (line.endsWith('»')) assert.equal(width(line), cells - 1);
			}),
			{numRuns: 1000},
		);
	});

	test('gives up first what keeps least', () => {
		const all = [
			{forms: ['least'], keeps: 1},
			{forms: ['longest', 'short'], keeps: 3},
			{forms: ['middle', 'mid'], keeps: 2, right: true as const},
		];
		const at = (cells: number) => fitLine(all, cells, '…');
		assert.equal(at(27), ' least   longest    middle');
		assert.equal(at(22), ' longest       middle');
		assert.equal(at(16), ' longest    mid');
		assert.equal(at(12), ' longest');
		assert.equal(at(7), ' short');
	});
});
