import {span} from '../../format/duration.ts';
import {count} from '../../format/number.ts';
import type {ModelName} from '../seams.ts';

const threeDigits = (number: number): string =>
	number < 9.995 ? number.toFixed(2) : number < 99.95 ? number.toFixed(1) : count(Math.round(number));

/** `1.86×`, `18.4×`, `240×`: three digits, for more are never the same twice. */
export const times = (factor: number): string => `${threeDigits(factor)}×`;

/** `0.03`, `1.9`: cores that were busy, on the average. */
export const cores = (number: number): string => number.toFixed(number < 0.995 ? 2 : 1);

/** `3 %`, and less than a half of one is not none. */
export const percent = (share: number): string =>
	share > 0 && share < 0.005 ? '<1 %' : `${count(Math.round(share * 100))} %`;

/** `0.4 ms`, `95 ms`, `12.0 s`: short times, of which seconds with two decimals would say little. */
export function short(milliseconds: number): string {
	if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
	return milliseconds < 9_999.5 ? `${count(Math.round(milliseconds))} ms` : span(milliseconds);
}

/** `threads`, `threads and processes`, `threads, processes and messages` */
export const listed = (words: readonly string[]): string =>
	words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** One worker, and several. Whoever speaks by messages is called an actor, whatever it runs on. */
export const workerNames: Readonly<Partial<Record<ModelName, readonly [string, string]>>> = {
	threads: ['thread', 'threads'],
	processes: ['process', 'processes'],
	messages: ['actor', 'actors'],
};

export const workersOf = (model: ModelName, number: number): string => {
	const [one, many] = workerNames[model] ?? ['worker', 'workers'];
	return `${count(number)} ${number === 1 ? one : many}`;
};

const spelled: Readonly<Record<string, string>> = {'×': 'x', '░': '-', '█': '#', '…': '...'};

/** For terminals without Unicode. A stranger's text is escaped, as JSON has it. */
export const inAscii = (line: string): string =>
	line.replace(/[^\x20-\x7e]/g, sign => spelled[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
