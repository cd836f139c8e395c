import {createTheme} from '../../source/dashboard/drawing/theme.ts';
import {verdictForms} from '../../source/dashboard/drawing/verdict-text.ts';
import {Effects} from '../../source/dashboard/measuring/effect.ts';
import type {Second} from '../../source/dashboard/measuring/history.ts';
import type {Verdict} from '../../source/dashboard/measuring/verdict.ts';
import {randomOf} from './random.ts';
import {noLimits} from './store.ts';

export const theme = createTheme({ascii: false, color: false});

export const secondOf = (concurrency: number, given: Partial<Second> = {}): Second => ({
	bytes: 0,
	done: 0,
	running: concurrency,
	queued: 100,
	limits: {...noLimits, concurrency},
	state: 'running',
	watched: true,
	firstByte: undefined,
	troubles: 0,
	refusal: undefined,
	dammed: false,
	held: undefined,
	...given,
});

/** Normal noise, each second of which is like the one before by `likeness`. */
export function noiseOf(seed: number, likeness: number): () => number {
	const next = randomOf(seed * 7919 + 13);
	const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
	let last = normal();
	return () => {
		last = likeness * last + Math.sqrt(1 - likeness ** 2) * normal();
		return last;
	};
}

/** A run whose seconds are told one by one. */
export class Run {
	readonly effects = new Effects();
	#time = 0;

	seconds(count: number, concurrency: number, given: Partial<Second> | (() => Partial<Second>) = {}): this {
		for (let second = 0; second < count; second++) {
			this.#time += 1000;
			this.effects.next(secondOf(concurrency, typeof given === 'function' ? given() : given), this.#time);
		}
		return this;
	}

	get told(): string[] {
		return this.effects.told.map(verdict => verdictForms(verdict, theme)[0]);
	}
}

export const meaning = (verdict: Verdict): string => (verdict.kind === 'void' ? verdict.why : verdict.means);
export const steady = (bytes: number): Partial<Second> => ({bytes});
