import type {ReadonlyStore} from '../engine/store.ts';
import {sparkline} from '../format/bar.ts';
import {rate} from '../format/bytes.ts';
import {clock} from '../format/duration.ts';
import {count} from '../format/number.ts';
import {truncate, width} from '../format/width.ts';
import type {Meter} from './meter.ts';
import type {Theme} from './theme.ts';
import {type Tab, tabs, type View} from './view.ts';

/** What the header is made from. */
export type HeaderContext = {store: ReadonlyStore; view: View; meter: Meter; theme: Theme; now: number};

/** A piece of a line in its forms, the fullest first; an empty one leaves it out. */
type Segment = readonly string[];

/**
 * As many segments as fit, each as full as possible: from the last to the first they shrink by one form until the line
 * fits. `right` goes to the right margin and shrinks before anything else.
 */
export function fitLine(left: readonly Segment[], right: readonly Segment[], cells: number): string {
	const segments = [...left, ...right];
	const forms = segments.map(() => 0);
	const textOf = (index: number) => segments[index]?.[forms[index] ?? 0] ?? '';
	const join = (from: number, to: number) =>
		Array.from({length: to - from}, (_, offset) => textOf(from + offset))
			.filter(text => text !== '')
			.join('   ');
	for (;;) {
		const [start, end] = [` ${join(0, left.length)}`, join(left.length, segments.length)];
		const gap = cells - width(start) - width(end) - 1;
		if (gap >= (end === '' ? -1 : 2)) return end === '' ? start : `${start}${' '.repeat(gap)}${end}`;
		const shrinkable = forms.findLastIndex((form, index) => form < (segments[index]?.length ?? 1) - 1);
		if (shrinkable < 0) return truncate(start, cells);
		forms[shrinkable] = (forms[shrinkable] ?? 0) + 1;
	}
}

/** ` fetchtop   8 running / 8   412 queued   1,037 done   3 failed                          0:42   ETA 0:31` */
export function totalsLine({store, meter, now}: HeaderContext, cells: number): string {
	const {counts, run} = store;
	const running = store.running();
	const elapsed = run.startedAt === undefined ? 0 : (run.endedAt ?? now) - run.startedAt;
	const eta = meter.etaOfRun(store, now);
	const more = run.inputOpen ? '+' : '';
	const some = (value: number, word: string): Segment => (value > 0 ? [`${count(value)} ${word}`, ''] : ['']);
	const left: Segment[] = [
		['fetchtop', ''],
		[`${running} running / ${run.concurrency}`, `${running}/${run.concurrency}`],
		counts.queued > 0 || more ? [`${count(counts.queued)}${more} queued`] : [''],
		[`${count(counts.done)} done`],
		counts.failed > 0 ? [`${count(counts.failed)} failed`] : [''],
		some(counts.waiting, 'waiting'),
		some(counts.paused, 'paused'),
		some(counts.canceled, 'canceled'),
		some(counts.skipped, 'skipped'),
	];
	return fitLine(left, [[clock(elapsed), ''], eta === undefined ? [''] : [`ETA ${clock(eta)}`, '']], cells);
}

/** ` ↓ 48.2 MB/s   concurrency 8 [- +]   ▸ running [p]   12.4 pages/s   ▁▂▃▅▇▇▆▅` */
export function ratesLine({store, meter, theme, view}: HeaderContext, cells: number): string {
	const {signs} = theme;
	const {bytesPerSecond, pagesPerSecond} = paceOf(store, meter);
	const ended = store.run.state === 'ended';
	const speed = `${ended ? 'average' : signs.down} ${rate(bytesPerSecond).padEnd(9)}`;
	const graph = (length: number) => sparkline(meter.history, length, theme.ascii);
	const {text, short} = runWord(store, signs);
	const frozen: Segment = view.frozen ? [`${signs.frozen} frozen [z]`] : [''];
	const concurrency = concurrencyText(store, signs);
	// In the order in which they matter, because the last one shrinks first.
	const left: Segment[] = [
		[speed],
		[`concurrency ${concurrency} [- +]`, `concurrency ${concurrency}`],
		frozen,
		[text, short],
		heldByHosts(store) ? ['held by --per-host', ''] : [''],
		[`${pagesPerSecond.toFixed(1)} pages/s`, ''],
		[60, 40, 24, 12].map(graph).concat(''),
	];
	return fitLine(left, [], cells);
}

/** How fast it goes, and when it is over how fast it went. */
function paceOf(store: ReadonlyStore, meter: Meter): {bytesPerSecond: number; pagesPerSecond: number} {
	const {state, startedAt, endedAt} = store.run;
	if (state !== 'ended' || startedAt === undefined || endedAt === undefined) return meter;
	const seconds = Math.max(0.001, (endedAt - startedAt) / 1000);
	const {done, failed, skipped} = store.counts;
	return {bytesPerSecond: store.received / seconds, pagesPerSecond: (done + failed + skipped) / seconds};
}

/** `12 → 8, draining 4`: what runs beyond a lowered limit finishes. */
function concurrencyText(store: ReadonlyStore, signs: Theme['signs']): string {
	const {concurrency} = store.run;
	const running = store.running();
	return running > concurrency
		? `${running} ${signs.arrow} ${concurrency}, draining ${running - concurrency}`
		: String(concurrency);
}

/** Slots are free and tasks are queued, yet none starts: only the limit per host can be the reason. */
const heldByHosts = (store: ReadonlyStore): boolean =>
	store.run.perHost !== null &&
	store.run.state === 'running' &&
	store.counts.queued > 0 &&
	store.running() < store.run.concurrency;

function runWord({run}: ReadonlyStore, signs: Theme['signs']): {text: string; short: string} {
	const words = {
		running: {text: `${signs.running} running [p]`, short: ''},
		paused: {text: `${signs.paused} paused [p]`, short: `${signs.paused} paused`},
		draining: {text: `${signs.running} draining [p]`, short: 'draining'},
		stopping: {text: 'stopping', short: 'stopping'},
		ended: {text: 'ended: q leaves', short: 'ended'},
	};
	return words[run.state];
}

/** ` ─ 1 Active ── 2 Queued ── 3 Done ── 4 Failed ─────` with the current one standing out. */
export function tabsLine({store, view, theme}: HeaderContext, cells: number): string {
	const {rule} = theme.signs;
	const {counts} = store;
	const sizes: Readonly<Record<Tab, number>> = {
		active: store.live.size - counts.queued,
		queued: counts.queued,
		done: counts.done + counts.skipped,
		failed: counts.failed + counts.canceled,
	};
	const names: Readonly<Record<Tab, string>> = {active: 'Active', queued: 'Queued', done: 'Done', failed: 'Failed'};
	const plain = (tab: Tab, index: number) =>
		`${index + 1} ${names[tab]}${cells >= 100 && sizes[tab] > 0 ? ` (${count(sizes[tab])})` : ''}`;
	let line = ` ${rule}`;
	let used = 2;
	tabs.forEach((tab, index) => {
		const text = cells >= 60 || tab === view.tab ? plain(tab, index) : String(index + 1);
		const current = tab === view.tab;
		line += `${current ? theme.strong(`[${text}]`) : ` ${text} `}${theme.faint(rule)}`;
		used += width(text) + 3;
	});
	return line + theme.faint(rule.repeat(Math.max(0, cells - used - 1)));
}
