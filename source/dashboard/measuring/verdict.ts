import {type Comparison, compare, student} from './compare.ts';
import type {Second} from './history.ts';

export type Change = {from: number; to: number};

/** What a change of the concurrency did, as far as it could be measured. */
export type Measured = {
	kind: 'measured';
	/**
	 * `same`: nothing was gained by more, or lost by less, but for what would not be worth it. `bound`: nobody can tell whether it did
	 * anything, but not more than `change` (with its sign). `noisy`: not even that.
	 */
	means: 'more' | 'less' | 'same' | 'bound' | 'noisy';
	/** What was compared, a second. */
	measure: 'bytes' | 'pages';
	before: number;
	after: number;
	/** 0.31 for 31 % more, give or take `margin`. */
	change: number;
	margin: number;
	/** The same for the time to the first byte, when that can be said. */
	firstByte: {change: number; margin: number} | undefined;
	/** Attempts that failed afterwards, if they are more than there were before. */
	troubles: number;
	/** It goes as fast as the bandwidth limit lets it. */
	isLimited: boolean;
};
/** What a statement about the present depends on: it is no longer so when that has ended. */
export type Present = 'idle' | 'bandwidth' | 'draining';
export type Reason = {why: string; now?: Present};
/** It was not measured, and why: as a fact of the past, that is true for ever, and `now` if it is one of the present, too. */
export type Void = {kind: 'void'} & Reason;
export type Verdict = Change & (Measured | Void);

/** Bodies below so many bytes on average are pages; of these so many a second have to be done to be counted. */
const page = {bytes: 1_000_000, perSecond: 5};
/** Less than this is no gain and no loss: as much comes and goes by itself. */
const least = 0.03;
/** A gain above this is one that somebody would want. */
const worthIt = 0.05;
/** Nothing more than this is a limit worth telling of what a change can have done. */
const tellable = 0.2;
/** Normal quantiles: of 99 %, two-sided, because it is looked at several times; and of 97.5 %, one-sided. */
const [sure, fairlySure] = [2.576, 1.96];
/** Seconds on both sides without which nothing is said to be the same: five are alike too easily. */
const longEnough = 8;
/** Of a window, in which it must be as fast as the bandwidth limit lets it, and how nearly. */
const limited = {share: 0.8, near: 0.9};
/** First bytes that take less than so many milliseconds cannot be told apart. */
const shortestFirstByte = 5;
const fewestFirstBytes = 5;

/**
 * What a change did, from the seconds before and those after it. Undefined while that is not clear.
 * @param isLast there will be no more seconds
 */
export function judge(
	change: Change,
	before: readonly Second[],
	after: readonly Second[],
	isLast: boolean,
): Verdict | undefined {
	const isLimited = isAtLimit(after);
	const {from, to} = change;
	if (isLimited && isAtLimit(before))
		return {from, to, kind: 'void', why: 'held by the bandwidth limit, not by concurrency', now: 'bandwidth'};
	const measure = measureOf(before, after);
	const of = ({bytes, done}: Second) => (measure === 'bytes' ? bytes : done);
	const comparison = compare(before.map(of), after.map(of));
	if (!comparison) return isLast ? {from, to, kind: 'void', why: 'nothing came in before'} : undefined;
	const isLong = Math.min(before.length, after.length) >= longEnough;
	const means = meaningOf(to > from, comparison, isLong, isLast);
	if (!means) return undefined;
	const margin = marginOf(comparison);
	const bound = comparison.change + (to > from ? margin : -margin);
	return {
		...{from, to, kind: 'measured', means, measure, margin, isLimited},
		before: comparison.before,
		after: comparison.after,
		change: means === 'bound' ? bound : comparison.change,
		firstByte: firstByteOf(before, after),
		troubles: troublesOf(before, after),
	};
}

const marginOf = ({error, freedom}: Comparison): number => student(sure, freedom) * error;

function meaningOf(
	isMore: boolean,
	comparison: Comparison,
	isLong: boolean,
	isLast: boolean,
): Measured['means'] | undefined {
	const {change, error, freedom} = comparison;
	const margin = marginOf(comparison);
	const isClear = Math.abs(change) >= least && Math.abs(change) > margin;
	const direction = change > 0 ? 'more' : 'less';
	if (isClear && margin <= Math.max(worthIt, Math.abs(change) / 2)) return direction;
	// By more concurrency nothing is gained, or by less nothing lost: the other way round would be worth telling.
	const towards = isMore ? change : -change;
	// A third less, in much noise, is no `no gain`.
	const isNear = towards > -2 * worthIt;
	if (isLong && isNear && !(isClear && towards < 0) && towards + student(fairlySure, freedom) * error < worthIt)
		return 'same';
	if (!isLast) return undefined;
	if (isClear) return direction;
	if (!isNear) return 'noisy';
	if (towards + margin < worthIt) return 'same';
	return towards + margin < tellable ? 'bound' : 'noisy';
}

/**
 * Runs that print titles are counted in pages: their sizes differ, so that bytes are noisier, and no one asks for these bytes. Large
 * bodies are counted in bytes: of them only a few are done in any second, but they flow all the time.
 */
export function measureOf(before: readonly Second[], after: readonly Second[]): Measured['measure'] {
	const sum = (seconds: readonly Second[], of: 'bytes' | 'done') =>
		seconds.reduce((total, second) => total + second[of], 0);
	const both = [...before, ...after];
	const fastest = Math.max(...[before, after].map(seconds => sum(seconds, 'done') / Math.max(1, seconds.length)));
	return fastest >= page.perSecond && sum(both, 'bytes') < page.bytes * sum(both, 'done') ? 'pages' : 'bytes';
}

/** Whether the bandwidth limit is what holds. @param share of the seconds that have to be as fast as it lets them */
export function isAtLimit(seconds: readonly Second[], share = limited.share): boolean {
	const at = seconds.filter(({bytes, limits: {bandwidth}}) => bandwidth !== null && bytes >= limited.near * bandwidth);
	return seconds.length > 0 && at.length >= share * seconds.length;
}

function firstByteOf(before: readonly Second[], after: readonly Second[]): Measured['firstByte'] {
	const [b, a] = [before, after].map(seconds => seconds.flatMap(({firstByte}) => firstByte ?? []));
	if (!b || !a || b.length < fewestFirstBytes || a.length < fewestFirstBytes) return undefined;
	const comparison = compare(b, a);
	if (!comparison || Math.min(comparison.before, comparison.after) < shortestFirstByte) return undefined;
	const {change} = comparison;
	const margin = marginOf(comparison);
	return margin <= Math.max(2 * worthIt, Math.abs(change) / 2) ? {change, margin} : undefined;
}

/** More concurrency that makes a server fail is no gain, so it is told beside it. */
function troublesOf(before: readonly Second[], after: readonly Second[]): number {
	const rate = (seconds: readonly Second[]) => seconds.reduce((sum, {troubles}) => sum + troubles, 0) / seconds.length;
	const [b, a] = [rate(before), rate(after)];
	const done = after.reduce((sum, second) => sum + second.done, 0) / after.length;
	const isMore = a * after.length >= 3 && a > 2 * b && a > 0.05 * (a + done);
	return isMore ? Math.round(a * after.length) : 0;
}
