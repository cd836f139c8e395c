import {bytes} from '../../format/bytes.ts';
import {span} from '../../format/duration.ts';
import {count, plural} from '../../format/number.ts';
import type {Figures} from './figures.ts';
import type {Rule} from './rule.ts';
import {computing, waiting} from './speeds.ts';
import {ratio, type Standing} from './standings.ts';
import {capital, percent, short, workersOf} from './wording.ts';

/** From here on, one is said to cost more than another. */
export const dearer = 1.1;
/** Starting is told of from this share of the wall time on. */
export const slowStart = 0.25;
/** What waiting in threads and processes took, that one thread can do. */
const memory: Rule = ({busy, by, atOnce}) => {
	const {coroutines, threads, processes} = by;
	if (busy === undefined || busy >= waiting || !coroutines || atOnce < 2) return undefined;
	const others = [threads, processes].filter(
		pool => pool !== undefined && pool.workers > 1 && pool.memory >= coroutines.memory * dearer,
	) as Standing[];
	if (others.length === 0) return undefined;
	const theirs = others.map(
		({model, workers, memory}, index) =>
			`with ${workersOf(model, workers)} ${index === 0 ? 'it took ' : ''}${bytes(memory)}`,
	);
	const text = `Coroutines wait for ${atOnce} at once in one thread, with ${bytes(coroutines.memory)}. ${capital(theirs.join(', '))}.`;
	return {weight: 85, text};
};

const starting: Rule = ({concurrent, by}) => {
	const shares = concurrent.flatMap(({model, workers, start, wall}) => {
		const share = start === undefined ? undefined : ratio(start, wall);
		return share === undefined || start === undefined ? [] : [{model, workers, start, wall, share}];
	});
	const worst = shares.toSorted((a, b) => b.share - a.share)[0];
	if (!worst || worst.share < slowStart) return undefined;
	const {model, workers, start, wall, share} = worst;
	const [thread, process] = [by.threads?.worker, by.processes?.worker];
	const isDear = model === 'processes' && thread && process && process.wall >= thread.wall * dearer;
	const each = isDear ? ` (${short(process.wall)} each, a thread ${short(thread.wall)})` : '';
	const text = `Starting ${workersOf(model, workers)} took ${span(start)}${each}, the race itself ${span(wall)}: a pool pays only if it lives on.`;
	return {weight: share >= 1 ? 90 : 70, text};
};

/** Of a process and a thread: what they cost, and no more than that where a process does not cost more. */
const worker: Rule = ({by: {threads, processes}}) => {
	const [thread, process] = [threads?.worker, processes?.worker];
	if (!thread || !process) return undefined;
	const hasMemory = thread.memory !== undefined && process.memory !== undefined;
	const cost = ({wall, memory = 0}: typeof thread) => short(wall) + (hasMemory ? ` and ${bytes(memory)}` : '');
	const isSlower = process.wall >= thread.wall * dearer;
	const isLarger = hasMemory && (process.memory ?? 0) >= (thread.memory ?? 0) * dearer;
	const why = isLarger ? ': processes share no memory, so each has its own of everything' : '';
	const text = `A process took ${cost(process)} to start, a thread ${cost(thread)}${why}.`;
	return {weight: isSlower || isLarger ? 55 : 20, text};
};

/** More workers than cores, where there is nothing to wait for. */
const crowd: Rule = ({busy, cores, by}) => {
	const [pool, single] = [by.threads ?? by.processes, by.coroutines ?? by.serial];
	if (busy === undefined || busy < computing || !pool || !single || pool.workers <= cores) return undefined;
	const factor = ratio(pool.cpu, single.cpu);
	if (factor === undefined || factor < dearer) return undefined;
	const onCores = `${workersOf(pool.model, pool.workers)} on ${plural(cores, 'core')}`;
	const text = `${onCores} took ${percent(factor - 1)} more CPU than ${single.model} for the same pages: each has a heap and compiled code of its own.`;
	return {weight: 65, text};
};

const isolation: Rule = figures => {
	const {messages} = figures.by;
	if (!messages || messages.messages < 1) return undefined;
	const sent = `${count(Math.round(messages.messages))} messages`;
	const copied = messages.copied >= 1 ? `, ${bytes(messages.copied)} copied` : '';
	const cpu = moreCpu(figures, messages);
	const price = `${sent}${copied}${cpu === '' ? '' : `${copied === '' ? '' : ','} and ${cpu}`}`;
	const text = `${price}: the price of isolation. If a parser dies, only the pages in its mailbox are fetched again.`;
	return {weight: 60, text};
};

/** Than coroutines, for they are the same in one thread; or else than threads. */
function moreCpu({by}: Figures, messages: Standing): string {
	const other = by.coroutines ?? by.threads;
	const factor = other && ratio(messages.cpu, other.cpu);
	return factor !== undefined && factor >= dearer ? `${percent(factor - 1)} more CPU than ${other?.model}` : '';
}

/** What the speed took. */
export const priceRules = {memory, starting, worker, crowd, isolation};
