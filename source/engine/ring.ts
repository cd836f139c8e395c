/** The last `capacity` items, oldest first. Pushing is O(1) amortized; removing from the middle is O(n) and rare. */
export class Ring<Item> implements Iterable<Item> {
	readonly capacity: number;
	#items: Item[] = [];
	/** Items before this index have been dropped; they are cut off once there are as many as are kept. */
	#start = 0;

	constructor(capacity: number) {
		this.capacity = capacity;
	}

	get length(): number {
		return this.#items.length - this.#start;
	}

	push(item: Item): void {
		this.#items.push(item);
		if (this.length > this.capacity) this.#start++;
		if (this.#start > this.capacity) {
			this.#items = this.#items.slice(this.#start);
			this.#start = 0;
		}
	}

	/** 0 is the oldest; negative counts from the newest, -1 being it. */
	at(index: number): Item | undefined {
		if (index >= this.length || index < -this.length) return undefined;
		return this.#items[index < 0 ? this.#items.length + index : this.#start + index];
	}

	find(matches: (item: Item) => boolean): Item | undefined {
		for (const item of this) if (matches(item)) return item;
		return undefined;
	}

	remove(matches: (item: Item) => boolean): Item | undefined {
		for (let index = this.#start; index < this.#items.length; index++) {
			const item = this.#items[index] as Item;
			if (matches(item)) {
				this.#items.splice(index, 1);
				return item;
			}
		}
		return undefined;
	}

	*[Symbol.iterator](): Generator<Item> {
		for (let index = this.#start; index < this.#items.length; index++) yield this.#items[index] as Item;
	}
}
