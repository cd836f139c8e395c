import type {ReadonlyStore} from '../../engine/store.ts';
import {rates} from '../../format/bytes.ts';
import {plural} from '../../format/number.ts';
import {heldBy} from '../measuring/held.ts';
import type {Change, Measured, Verdict} from '../measuring/verdict.ts';
import type {Theme} from './theme.ts';

/** `8 → 12` */
export const changeText = ({from, to}: Change, {signs}: Theme): string => `${from} ${signs.arrow} ${to}`;

/** `8 → 12: measuring…` */
export const measuringText = (change: Change, theme: Theme): string =>
	`${changeText(change, theme)}: measuring${theme.signs.ellipsis}`;

/** What `latest` has to say now of slots that are free: how many run by now, and why. Undefined while none are. */
export function idleForms(change: Change, store: ReadonlyStore, now: number, theme: Theme): string[] | undefined {
	const running = store.running();
	const what = changeText(change, theme);
	if (running >= store.run.concurrency) return undefined;
	if (store.counts.queued === 0) {
		const full = `${what}: only ${running} ${running === 1 ? 'has' : 'have'} work`;
		return [full, full, `${what}: not measured`];
	}
	const hold = heldBy(store, now);
	if (!hold) return undefined;
	const [long = '', short = long] = hold;
	return [`${what}: only ${running} ${running === 1 ? 'runs' : 'run'}: ${long}`, `${what}: ${long}`, short];
}

/** `8 → 12: +31 % (48.2 → 63.1 MB/s), first byte +4 %` in its forms, the fullest first. */
export function verdictForms(verdict: Verdict, theme: Theme): [string, string, string] {
	const change = changeText(verdict, theme);
	if (verdict.kind === 'void') {
		const why = `${change}: ${verdict.why}`;
		return [why, why, `${change}: not measured`];
	}
	const {firstByte, troubles, isLimited} = verdict;
	const what = `${change}: ${meaningText(verdict, theme)}`;
	const both = verdict.means === 'bound' || verdict.means === 'noisy' ? '' : ` (${amounts(verdict, theme)})`;
	const limit = isLimited ? ', the bandwidth limit holds it' : '';
	const first = firstByte ? `, first byte ${percent(firstByte, theme)}` : '';
	return [
		`${what}${both}${limit}${first}${troubles > 0 ? `, ${plural(troubles, 'attempt')} failed` : ''}`,
		`${what}${both}${troubles > 0 ? `, ${troubles} failed` : ''}`,
		`${what}${troubles > 0 ? `, ${troubles} failed` : ''}`,
	];
}

function meaningText(verdict: Verdict & Measured, theme: Theme): string {
	const {means, from, to} = verdict;
	if (means === 'noisy') return 'too noisy to say';
	if (means === 'same') return to > from ? 'no gain' : 'nothing lost';
	return means === 'bound' ? `at most ${signed(verdict.change, 1, theme)}` : percent(verdict, theme);
}

function amounts({measure, before, after}: Measured, {signs}: Theme): string {
	if (measure === 'bytes') return rates(before, after, signs.arrow);
	const digits = Math.max(before, after) < 100 ? 1 : 0;
	return `${before.toFixed(digits)} ${signs.arrow} ${after.toFixed(digits)} pages/s`;
}

/** With no more digits than are known: what may be off by more than five in a hundred is told in steps of five. */
function percent({change, margin}: {change: number; margin: number}, theme: Theme): string {
	const isRough = margin > 0.05;
	return `${isRough ? 'about ' : ''}${signed(change, isRough ? 5 : 1, theme)}`;
}

function signed(change: number, step: number, {signs}: Theme): string {
	const rounded = Math.round((change * 100) / step) * step;
	return `${rounded === 0 ? '' : rounded > 0 ? '+' : signs.minus}${Math.abs(rounded)} %`;
}
