import {span} from '../../format/duration.ts';
import {type Figures, isFaster, usedCores} from './figures.ts';
import type {Rule} from './rule.ts';
import {ratio, type Standing} from './standings.ts';
import {capital, cores, listed, percent, short, times} from './wording.ts';

/** Shares of the serial lane's wall time in which it computed: below the one it waited, from the other on it did not. */
export const [waiting, computing] = [0.4, 0.8] as const;
/** Cores, on the average, that say that there was more than one at work. */
export const severalCores = 1.3;
/** Speed-ups: up to the one there is none worth the name, from the other on it is one. */
export const [hardly, clearly] = [1.25, 1.2] as const;

const isWaiting = ({busy, work}: Figures): boolean => busy !== undefined && busy < waiting && work !== 'cpu';
const isComputing = ({busy}: Figures): boolean => busy !== undefined && busy >= computing;

/** `computed in 6 % of its 20.3 s`. What V8 and the system do beside a thread that is never idle makes more than all of it. */
const computed = (busy: number, {wall}: Standing): string =>
	`computed in ${percent(Math.min(1, busy))} of its ${span(wall)}`;

/**
 * L = λ · W: with so many at once that take so long each, no more than that end in a second, which is as many times the serial lane.
 * Undefined where a lane was faster than the law allows: then serial was slow for another reason, which nobody measured.
 */
function little({by, atOnce, concurrent}: Figures): string | undefined {
	const best = concurrent.toSorted((a, b) => a.wall - b.wall)[0];
	const each = by.serial && ratio(by.serial.wall, by.serial.perRound);
	if (!by.serial || !best?.speedUp || !each || atOnce < 2) return undefined;
	if (best.speedUp > atOnce || !isFaster(best, by.serial)) return undefined;
	return `${atOnce} at once of ${short(each)} each make ${atOnce}× at best (Little's law); ${best.model} made ${times(best.speedUp)}.`;
}

const waitingBound: Rule = figures => {
	const {busy = 0, by} = figures;
	if (!isWaiting(figures) || !by.serial) return undefined;
	const why = little(figures) ?? 'what waits for many at once need not be slow.';
	return {weight: 100, text: `The serial lane ${computed(busy, by.serial)}. Waiting costs no CPU: ${why}`};
};

/** Neither the one nor the other. */
const both: Rule = figures => {
	const {busy = 0, by} = figures;
	if (!by.serial || busy < waiting || isComputing(figures) || figures.work === 'cpu') return undefined;
	const most = `one thread can leave out the waiting, but not the computing: ${times(1 / busy)} at best`;
	return {weight: 100, text: `The serial lane ${computed(busy, by.serial)} and waited in the rest: ${most}.`};
};

/** Where both count, what could be had at most if the waiting were all. */
const bound: Rule = figures => {
	const {busy = 0} = figures;
	const text = busy < waiting || isComputing(figures) || figures.work === 'cpu' ? undefined : little(figures);
	return text === undefined ? undefined : {weight: 60, text};
};

/** Pages that make nobody wait, and yet a lane that computed for a part of its time only. */
const disturbed: Rule = figures => {
	const {busy, by, work} = figures;
	if (work !== 'cpu' || busy === undefined || !by.serial || isComputing(figures)) return undefined;
	const text = `The serial lane ${computed(busy, by.serial)}, and these pages make nobody wait: other programs had the rest.`;
	return {weight: 100, text};
};

const parseBound: Rule = figures => {
	const {busy = 0, by, cores: all} = figures;
	if (!isComputing(figures) || !by.serial) return undefined;
	const what = `The serial lane ${computed(busy, by.serial)}`;
	const loop = by.coroutines?.speedUp;
	if (all > 1 && loop !== undefined && loop < hardly && figures.atOnce > 1) {
		const text = `${what}, and one event loop has one core: ${figures.atOnce} coroutines, ${times(loop)}. Concurrency is not parallelism.`;
		return {weight: 100, text};
	}
	if (all > 1)
		return {weight: 100, text: `${what}: what counts is how many cores compute, not how many tasks are under way.`};
	const isFlat = figures.concurrent.every(({speedUp = 1}) => speedUp < hardly);
	const why = isFlat
		? ': it hardly waited, and there is one core, so doing more at once gains nothing'
		: ', and hardly waited';
	return {weight: 100, text: `${what}${why}.`};
};

type Used = Standing & {used: number; factor: number};

/** The lanes with workers, and how many cores they kept busy. */
const pools = ({concurrent, cores: all}: Figures): Used[] =>
	all < 2
		? []
		: concurrent.flatMap(standing => {
				const [used, factor] = [usedCores(standing), standing.speedUp];
				return standing.workers > 1 && used !== undefined && factor !== undefined ? [{...standing, used, factor}] : [];
			});

const parallel: Rule = figures => {
	const {by, cores: all} = figures;
	const {serial} = by;
	if (!isComputing(figures) || !serial) return undefined;
	const fast = pools(figures).filter(
		pool => pool.used >= severalCores && pool.factor >= clearly && isFaster(pool, serial),
	);
	const [first, ...others] = fast;
	if (!first) return undefined;
	const used = [
		`${first.model} kept ${cores(first.used)} of ${all} cores busy`,
		...others.map(pool => `${pool.model} ${cores(pool.used)}`),
	];
	const factors = listed(fast.map(({factor}) => times(factor)));
	return {weight: 98, text: `${capital(listed(used))}: hence ${factors} the speed of the serial lane.`};
};

/** Threads and processes that should have been faster than the serial lane, and why they were not. */
const noGain: Rule = figures => {
	const {by, cores: all} = figures;
	if (!isComputing(figures) || !by.serial) return undefined;
	const slow = pools(figures).find(({model, factor}) => model !== 'messages' && factor < clearly);
	if (!slow) return undefined;
	const {model, used, factor} = slow;
	const more = ratio(slow.cpu, by.serial.cpu) ?? 0;
	if (used >= severalCores && more >= clearly) {
		const text = `${capital(model)} kept ${cores(used)} cores busy, but with ${times(more)} the CPU of the serial lane: ${times(factor)} its speed.`;
		return {weight: 97, text};
	}
	if (used >= severalCores) return undefined;
	const text = `${capital(model)} had ${all} cores and kept ${cores(used)} of them busy: ${times(factor)} the speed of the serial lane. Other programs may have had the rest.`;
	return {weight: 97, text};
};

/** The serial lane waited, but the loop that does all of its waiting at once has come to where it computes. */
const saturated: Rule = figures => {
	const {by, atOnce} = figures;
	const {coroutines, serial} = by;
	const used = coroutines && usedCores(coroutines);
	if (!serial || !coroutines?.speedUp || used === undefined || used < computing || isComputing(figures))
		return undefined;
	if (coroutines.speedUp >= computing * atOnce || atOnce < 2) return undefined;
	const what = `The coroutines' thread ${computed(used, coroutines)}`;
	return {
		weight: 90,
		text: `${what}: now its one core is the limit, no longer the waiting, nor that there are ${atOnce}.`,
	};
};

/** Workers that are faster than a loop that has no core left. */
const beyond: Rule = figures => {
	const {coroutines} = figures.by;
	if (!coroutines || !saturated(figures)) return undefined;
	const best = pools(figures)
		.filter(pool => pool.used >= severalCores && isFaster(pool, coroutines))
		.toSorted((a, b) => a.wall - b.wall)[0];
	const factor = best && ratio(coroutines.wall, best.wall);
	if (!factor || factor < clearly) return undefined;
	const text = `${capital(best.model)} kept ${cores(best.used)} of ${figures.cores} cores busy, which one event loop cannot: ${times(factor)} the speed of coroutines.`;
	return {weight: 92, text};
};

/** What made lanes fast or slow. */
export const speedRules = {waitingBound, both, disturbed, parseBound, parallel, noGain, beyond, saturated, bound};
