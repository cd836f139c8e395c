import type {Input, Item} from '../engine/intake.ts';
import {drawn, seeded, seeds} from '../engine/random.ts';
import type {Options} from './options.ts';

/** Any that there is. Shorter ones would be nicer to type, but of a long list they would never reach some of the lines. */
export const newSeed = (): number => Math.floor(Math.random() * seeds);

/** An input of so many tasks, each a random item of another one, which has to be read to its end before. */
export class Drawing implements AsyncIterable<Item> {
	readonly #input: Input;
	readonly #count: number;
	readonly #seed: number;
	#isRead = false;

	constructor(input: Input, {count, seed}: {count: number; seed: number}) {
		this.#input = input;
		this.#count = count;
		this.#seed = seed;
	}

	/** From then on it does not wait for anybody. */
	get isRead(): boolean {
		return this.#isRead;
	}

	/** Rejects if the input breaks: half of a list would not be drawn from as the whole is, and no seed could repeat it. */
	async *[Symbol.asyncIterator](): AsyncGenerator<Item, undefined> {
		const items: Item[] = [];
		for await (const item of this.#input) items.push(item);
		this.#isRead = true;
		yield* drawn(items, this.#count, seeded(this.#seed));
	}
}

/** An input as `--random` has it, where that is given. The options must have a seed then. */
export function drawingOf(input: Input, {random, seed = 0}: Options): Drawing | undefined {
	return random === undefined ? undefined : new Drawing(input, {count: random, seed});
}
