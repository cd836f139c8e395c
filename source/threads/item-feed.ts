import type {Item} from '../engine/intake.ts';

/** Items that are told to have been taken at once. */
const tellAfter = 128;

type Next = IteratorResult<Item, undefined>;

const over: Next = {done: true, value: undefined};

/** An input of the engine that comes from another thread, which sends further items as it hears that earlier ones were taken. */
export class ItemFeed implements AsyncIterable<Item> {
	readonly #took: (items: number) => void;
	readonly #room: () => Promise<void> | undefined;
	#items: Item[] = [];
	/** Those before it were given away. */
	#start = 0;
	/** Given away, and not yet told. */
	#untold = 0;
	#isOver = false;
	#error: {error: unknown} | undefined;
	#waiting: (() => void) | undefined;

	/** @param room what an item has to wait for, if there is anything */
	constructor(took: (items: number) => void, room: () => Promise<void> | undefined) {
		this.#took = took;
		this.#room = room;
	}

	add(items: readonly Item[]): void {
		if (this.#isOver) return;
		this.#items = [...this.#items.slice(this.#start), ...items];
		this.#start = 0;
		this.#wake();
	}

	/** After those that are here come no more. */
	end(broken?: {error: unknown}): void {
		this.#isOver = true;
		this.#error = broken;
		this.#wake();
	}

	/** Gives nothing more away. @returns how many were given away since that was told last */
	close(): number {
		this.end();
		this.#items = [];
		this.#start = 0;
		return this.#untold;
	}

	/** The last ones were read in vain. */
	giveBack(items: readonly Item[]): void {
		this.#untold -= items.length;
	}

	[Symbol.asyncIterator](): AsyncIterator<Item, undefined> {
		// Without a `return`: there is nothing to close on this side.
		return {next: () => this.#next()};
	}

	async #next(): Promise<Next> {
		for (let room = this.#room(); room; room = this.#room()) await room;
		while (this.#start === this.#items.length) {
			if (this.#error) throw this.#error.error;
			if (this.#isOver) return over;
			await new Promise<void>(resolve => {
				this.#waiting = resolve;
			});
		}
		const value = this.#items[this.#start++] as Item;
		if (this.#untold++ >= tellAfter) {
			// The last one may still come back.
			this.#took(tellAfter);
			this.#untold -= tellAfter;
		}
		return {done: false, value};
	}

	#wake(): void {
		this.#waiting?.();
		this.#waiting = undefined;
	}
}
