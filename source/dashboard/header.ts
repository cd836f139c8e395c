import type {RunState} from '../engine/events.ts';
import type {ReadonlyStore} from '../engine/store.ts';
import type {State} from '../engine/task.ts';
import {sparkline} from '../format/bar.ts';
import {limit as limitOf, rate} from '../format/bytes.ts';
import {clock} from '../format/duration.ts';
import {count} from '../format/number.ts';
import {truncate, width} from '../format/width.ts';
import {heldBy} from './held.ts';
import {finishedOf, type Meter} from './meter.ts';
import type {Theme} from './theme.ts';
import type {View} from './view.ts';

/** What the header is made from. */
export type HeaderContext = {store: ReadonlyStore; view: View; meter: Meter; theme: Theme; now: number};

/** A piece of a line in its forms, the fullest first. When room is short, the one that `keeps` least shrinks first. */
type Segment = {forms: readonly string[]; keeps: number; right?: true};

const segment = (keeps: number, ...forms: string[]): Segment => ({keeps, forms});

/** All segments that fit, each as full as possible; those marked `right` stand at the right margin. */
export function fitLine(segments: readonly Segment[], cells: number, ellipsis: string): string {
	const forms = segments.map(() => 0);
	const join = (right: boolean) =>
		segments
			.map((each, index) => (Boolean(each.right) === right ? (each.forms[forms[index] ?? 0] ?? '') : ''))
			.filter(text => text !== '')
			.join('   ');
	for (;;) {
		const [start, end] = [` ${join(false)}`, join(true)];
		const gap = cells - width(start) - width(end) - 1;
		if (gap >= (end === '' ? -1 : 2)) return end === '' ? start : `${start}${' '.repeat(gap)}${end}`;
		const next = weakest(segments, forms);
		if (next === undefined) return truncate(start, cells, ellipsis);
		forms[next] = (forms[next] ?? 0) + 1;
	}
}

/** The index of the segment that gives way next, if one still can. */
function weakest(segments: readonly Segment[], forms: readonly number[]): number | undefined {
	let found: number | undefined;
	segments.forEach((each, index) => {
		const canShrink = (forms[index] ?? 0) < each.forms.length;
		if (canShrink && each.keeps < (found === undefined ? Number.POSITIVE_INFINITY : (segments[found]?.keeps ?? 0)))
			found = index;
	});
	return found;
}

/** ` fetchtop   8 running / 8   412 queued   1,037 done   3 failed                          0:42   ETA 0:31` */
export function totalsLine({store, meter, theme, now}: HeaderContext, cells: number): string {
	const {counts, run} = store;
	const running = store.running();
	const elapsed = run.startedAt === undefined ? 0 : (run.endedAt ?? now) - run.startedAt;
	const eta = meter.etaOfRun(store, now);
	const some = (keeps: number, state: State, suffix = ''): Segment =>
		counts[state] > 0
			? segment(
					keeps,
					`${count(counts[state])}${suffix} ${state}`,
					`${count(counts[state])}${suffix} ${theme.glyphs[state]}`,
				)
			: segment(0);
	const segments: Segment[] = [
		segment(1, 'fetchtop'),
		segment(20, `${running} running / ${run.concurrency}`, `${running}/${run.concurrency}`),
		run.inputOpen && counts.queued === 0
			? segment(6, 'reading the list')
			: some(12, 'queued', run.inputOpen ? '+' : ''),
		some(14, 'done'),
		some(16, 'failed'),
		some(5, 'waiting'),
		some(4, 'paused'),
		some(3, 'canceled'),
		some(2, 'skipped'),
		{...segment(10, clock(elapsed)), right: true},
		{...(eta === undefined ? segment(0) : segment(8, `ETA ${clock(eta)}`)), right: true},
	];
	return fitLine(segments, cells, theme.signs.ellipsis);
}

/** ` ↓ 48.2 MB/s   concurrency 8 [- +]   ▸ running [p]   limit 5M/s [< >]   12.4 pages/s   ▁▂▃▅▇▇▆▅` */
export function ratesLine({store, meter, theme, view, now}: HeaderContext, cells: number): string {
	const {signs} = theme;
	const {state, concurrency, bandwidth} = store.run;
	const {bytesPerSecond, pagesPerSecond} = paceOf(store, meter);
	const speed = `${state === 'ended' ? 'average' : signs.down} ${rate(bytesPerSecond).padEnd(10)}`;
	const running = store.running();
	const lowered = running > concurrency;
	const limit = lowered ? `${running} ${signs.arrow} ${concurrency}` : String(concurrency);
	// What runs beyond a lowered limit finishes.
	const draining = lowered ? `, draining ${running - concurrency}` : '';
	const going = state === 'running' || state === 'draining' ? `${signs.running} ` : '';
	const sign = state === 'paused' ? `${signs.paused} ` : going;
	const segments: Segment[] = [
		segment(20, speed),
		segment(
			16,
			`concurrency ${limit}${draining} [- +]`,
			`concurrency ${limit}${draining}`,
			`concurrency ${limit}`,
			`c ${limit}`,
		),
		view.frozen ? segment(19, `${signs.frozen} frozen [z]`, `${signs.frozen} frozen`) : segment(0),
		segment(state === 'running' ? 6 : 18, ...wordsOf(store.run).map(text => `${sign}${text}`)),
		segment(5, ...(heldBy(store, now) ?? [])),
		segment(bandwidth === null ? 1 : 15, ...limitWords(bandwidth)),
		segment(4, `${pagesPerSecond.toFixed(1)} pages/s`),
		{...segment(2, ...[60, 40, 24, 12].map(length => sparkline(meter.history, length, theme.ascii))), right: true},
	];
	return fitLine(segments, cells, signs.ellipsis);
}

/** What the run is doing, with the key that changes it, and without. */
const runWords: Readonly<Record<RunState, readonly string[]>> = {
	running: ['running [p]'],
	paused: ['paused [p]', 'paused'],
	draining: ['draining [p]', 'draining'],
	stopping: ['stopping'],
	ended: ['ended: q leaves', 'ended'],
};

const wordsOf = ({state, why}: ReadonlyStore['run']): readonly string[] => {
	const words = runWords[state];
	return state === 'paused' && why ? [`paused: ${why.message} [p]`, `paused: ${why.message}`, ...words] : words;
};

const limitWords = (bandwidth: number | null): readonly string[] => {
	const limit = `limit ${bandwidth === null ? 'none' : limitOf(bandwidth)}`;
	return bandwidth === null ? [`${limit} [< >]`] : [`${limit} [< >]`, limit];
};

/** How fast it goes, and when it is over how fast it went. */
function paceOf(store: ReadonlyStore, meter: Meter): {bytesPerSecond: number; pagesPerSecond: number} {
	const {state, startedAt, endedAt} = store.run;
	if (state === 'paused') return {bytesPerSecond: 0, pagesPerSecond: 0};
	if (state !== 'ended' || startedAt === undefined || endedAt === undefined) return meter;
	const seconds = Math.max(0.001, (endedAt - startedAt) / 1000);
	return {bytesPerSecond: store.received / seconds, pagesPerSecond: finishedOf(store.counts) / seconds};
}
