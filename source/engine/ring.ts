/**
 * The last `capacity` items, oldest first. Pushing is O(1) amortized, and so is removing where many are removed in their order,
 * one after the other: gaps are closed when somebody looks.
 */
export class Ring<Item> implements Iterable<Item> {
	readonly capacity: number;
	#items: Array<Item | typeof gap> = [];
	/** Items before this index have been dropped; they are cut off once there are as many as are kept. */
	#start = 0;
	#gaps = 0;
	/** Where the last one was removed: whoever removes the next one finds it behind. */
	#removedAt = 0;

	constructor(capacity: number) {
		this.capacity = capacity;
	}

	get length(): number {
		return this.#items.length - this.#start - this.#gaps;
	}

	push(item: Item): void {
		this.#close();
		this.#items.push(item);
		if (this.length > this.capacity) this.#start++;
		if (this.#start > this.capacity) this.#cut(this.#items.slice(this.#start));
	}

	/** 0 is the oldest; negative counts from the newest, -1 being it. */
	at(index: number): Item | undefined {
		if (index >= this.length || index < -this.length) return undefined;
		this.#close();
		return this.#items[index < 0 ? this.#items.length + index : this.#start + index] as Item;
	}

	find(matches: (item: Item) => boolean): Item | undefined {
		for (const item of this) if (matches(item)) return item;
		return undefined;
	}

	/** One that matches: the first behind the one that was removed last, else the oldest. */
	remove(matches: (item: Item) => boolean): Item | undefined {
		const from = Math.max(this.#start, this.#removedAt);
		return this.#removeBetween(from, this.#items.length, matches) ?? this.#removeBetween(this.#start, from, matches);
	}

	*[Symbol.iterator](): Generator<Item> {
		this.#close();
		for (let index = this.#start; index < this.#items.length; index++) {
			const item = this.#items[index];
			// Removed while somebody goes through them.
			if (item !== gap) yield item as Item;
		}
	}

	#removeBetween(start: number, end: number, matches: (item: Item) => boolean): Item | undefined {
		for (let index = start; index < end; index++) {
			const item = this.#items[index];
			if (item === gap || !matches(item as Item)) continue;
			this.#items[index] = gap;
			this.#gaps++;
			this.#removedAt = index;
			return item as Item;
		}
		return undefined;
	}

	#close(): void {
		if (this.#gaps > 0) this.#cut(this.#items.slice(this.#start).filter(item => item !== gap));
	}

	#cut(items: Array<Item | typeof gap>): void {
		const before = this.#start + this.#gaps;
		this.#items = items;
		this.#start = 0;
		this.#gaps = 0;
		this.#removedAt = Math.max(0, this.#removedAt - before);
	}
}

/** Stands where an item was. To close up behind each of 10,000 took as long as all the rest of trying them again. */
const gap = Symbol('gap');
