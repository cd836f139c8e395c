import type {ReadonlyStore} from '../../engine/store.ts';
import type {State} from '../../engine/task.ts';
import {sparkline} from '../../format/bar.ts';
import {limit as limitOf, rate} from '../../format/bytes.ts';
import {clock} from '../../format/duration.ts';
import {count} from '../../format/number.ts';
import type {Keymap} from '../keys/keymap.ts';
import {heldBy} from '../measuring/held.ts';
import {type Meter, pagesOf} from '../measuring/meter.ts';
import type {View} from '../rows/view.ts';
import {fitLine, keyed, type Segment, segment} from './segments.ts';
import type {Theme} from './theme.ts';
import {idleForms, measuringText, verdictForms} from './verdict-text.ts';

/** What the header is made from. */
export type HeaderContext = {
	store: ReadonlyStore;
	view: View;
	meter: Meter;
	theme: Theme;
	keymap: Keymap;
	now: number;
	replay?: string | undefined;
};

/** Milliseconds for which it is told what a change did. */
const newsTime = 25_000;
/** Milliseconds from the beginning of a run for which it is told that no page has been done. */
const youth = 10_000;
/** Pages a second, below which it reads 0.0. */
const fewestPages = 0.05;

/** Nothing else is as important as that none of it happens now. */
function nameOf({ascii}: Theme, replay: string | undefined): Segment {
	if (replay === undefined) return segment(1, 'fetchtop');
	const what = `replay ${ascii ? replay.replace('×', 'x') : replay}`;
	return segment(30, `fetchtop ${what}`, what);
}

/** ` fetchtop   8 running / 8   412 queued   1,037 done   3 failed                          0:42   ETA 0:31` */
export function totalsLine({store, meter, theme, now, replay}: HeaderContext, cells: number): string {
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
	// What a paused run has begun holds its slots, but nothing of it moves.
	const word = run.state === 'paused' ? 'held' : 'running';
	const segments: Segment[] = [
		nameOf(theme, replay),
		segment([13, 20], `${running} ${word} / ${run.concurrency}`, `${running}/${run.concurrency}`),
		run.inputOpen && counts.queued === 0
			? segment(6, 'reading the list')
			: some(12, 'queued', run.inputOpen ? '+' : ''),
		some(14, 'done'),
		some(16, 'failed'),
		some(5, 'waiting'),
		some(4, 'paused'),
		some(3, 'canceled'),
		some(2, 'skipped'),
		{...segment(18, clock(elapsed)), right: true},
		{...(eta === undefined ? segment(0) : segment(8, `ETA ${clock(eta)}`)), right: true},
	];
	return fitLine(segments, cells, theme.signs.ellipsis);
}

/**
 * ` ↓ 48.2 MB/s   concurrency 8 [- +]   8 → 12: +31 %   ▸ running [p]   limit 5M/s [< >]   12.4 pages/s   ▁▂▃▅▇▇▆▅`
 * @param hasGraphs the throughput is drawn below
 */
export function ratesLine(context: HeaderContext, cells: number, hasGraphs = false): string {
	const {store, meter, theme, view, now} = context;
	const {signs} = theme;
	const {state, bandwidth} = store.run;
	const [speed, pages] = paceOf(context);
	const going = state === 'running' || state === 'draining' ? `${signs.running} ` : '';
	const sign = state === 'paused' ? `${signs.paused} ` : going;
	const effect = effectOf(context);
	const hold = heldBy(store, now);
	// Once is enough.
	const isTold = hold?.some(text => effect.forms[0]?.endsWith(text));
	const segments: Segment[] = [
		segment(20, `${state === 'ended' ? 'average' : signs.down} ${speed.padEnd(10)}`),
		concurrencyOf(context),
		effect,
		view.frozen ? keyed(segment(19, `${signs.frozen} frozen`), context, ['freeze']) : segment(0),
		stateOf(context, sign),
		segment(5, ...((!isTold && hold) || [])),
		keyed(segment(bandwidth === null ? 1 : 15, `limit ${bandwidth === null ? 'none' : limitOf(bandwidth)}`), context, [
			'bandwidth-down',
			'bandwidth-up',
		]),
		segment(4, ...(pages === undefined ? [] : [`${pages} pages/s`])),
		{
			...segment(
				2,
				...(hasGraphs
					? []
					: [60, 40, 24, 12].map(length => sparkline(meter.history.pace(length), length, theme.ascii))),
			),
			right: true,
		},
	];
	return fitLine(segments, cells, signs.ellipsis);
}

/** `concurrency 12 → 8, draining 4 [- +]` in its forms: what runs beyond a lowered limit finishes. */
function concurrencyOf(context: HeaderContext): Segment {
	const {store, theme} = context;
	const {concurrency} = store.run;
	const running = store.running();
	const lowered = running > concurrency;
	const limit = lowered ? `${running} ${theme.signs.arrow} ${concurrency}` : String(concurrency);
	const draining = lowered ? `, draining ${running - concurrency}` : '';
	const full = `concurrency ${limit}${draining}`;
	const forms = segment(16, full, `concurrency ${limit}`, `c ${limit}`);
	return keyed(forms, context, ['concurrency-down', 'concurrency-up'], 8);
}

/** What the last change of the concurrency did, while that is news, and what of it is about the present is still so. */
function effectOf({store, meter: {effects}, theme, now}: HeaderContext): Segment {
	const {run} = store;
	if (run.state === 'ended') return segment(0);
	const measuring = effects.measuring(run.concurrency);
	// While it drains nothing is measured, and it is told that it drains.
	if (measuring) return store.running() > run.concurrency ? segment(0) : segment(9, measuringText(measuring, theme));
	// The one before the last is no news once there is another.
	const last = effects.latest(run);
	if (!last || now - last.at >= newsTime) return segment(0);
	const isIdle = last.kind === 'void' && last.now === 'idle';
	const forms = isIdle ? idleForms(last, store, now, theme) : verdictForms(last, theme);
	return segment([7, 9, 17], ...(forms ?? []));
}

/** What the run is doing, and why it does not, if it stopped by itself. */
function stateOf(context: HeaderContext, sign: string): Segment {
	const {store, keymap} = context;
	const {state, why} = store.run;
	if (state === 'ended') return segment(18, `${sign}ended: ${keymap.keyOf('quit')} leaves`, `${sign}ended`);
	const words = segment(
		state === 'running' ? 6 : 18,
		...(why ? [`${sign}${state}: ${why.message}`] : []),
		`${sign}${state}`,
	);
	return state === 'stopping' ? words : keyed(words, context, ['pause']);
}

/** How fast it goes, in bytes and in pages, and when it is over how fast it went. Large bodies are no pages: few are done in a minute. */
function paceOf({store, meter, theme, now}: HeaderContext): [speed: string, pages: string | undefined] {
	const {state, startedAt = now, endedAt = now} = store.run;
	const isYoung = endedAt - startedAt < youth;
	const inWords = (bytes: number, pages: number): [string, string | undefined] => [
		rate(bytes),
		isYoung || pages >= fewestPages ? pages.toFixed(1) : undefined,
	];
	if (state === 'paused') return inWords(0, 0);
	if (state === 'ended') {
		const seconds = Math.max(0.001, (endedAt - startedAt) / 1000);
		return inWords(store.received / seconds, pagesOf(store.counts) / seconds);
	}
	const {none} = theme.signs;
	return meter.isKnown ? inWords(meter.bytesPerSecond, meter.pagesPerSecond) : [none, none];
}
