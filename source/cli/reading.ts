import {setImmediate as turn} from 'node:timers/promises';
import type {Input, Item} from '../engine/intake.ts';

/** An input that can be read on from where the engine left it. */
export class Reading implements AsyncIterable<Item> {
	readonly #iterator: AsyncIterator<Item, unknown> | Iterator<Item, unknown>;
	#next: unknown;
	readonly #returned: Item[] = [];

	constructor(input: Input) {
		this.#iterator = Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
	}

	/** Without a `return`, so that whoever stops in the middle does not close it. */
	[Symbol.asyncIterator](): AsyncIterator<Item, unknown> {
		return {
			next: () => {
				const next = Promise.resolve(this.#iterator.next());
				this.#next = next;
				return next;
			},
		};
	}

	/** Takes items back that were read too late. */
	giveBack(items: readonly Item[]): void {
		this.#returned.push(...items);
	}

	/** What nobody has taken. */
	async *rest(): AsyncGenerator<Item> {
		// Somebody may still be reading, and gives that back in its turn.
		await Promise.resolve(this.#next).catch(() => undefined);
		await turn();
		yield* this.#returned.splice(0);
		yield* {[Symbol.asyncIterator]: () => this[Symbol.asyncIterator]()};
	}
}
