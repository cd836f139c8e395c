/** What all files that are being sent share, evenly: who needs less than an even share leaves the rest to the others. */
export class Uplink {
	/** Bytes a second. */
	readonly #total: number;
	/** What each would take, in bytes a second. One per transfer: two of them may want the same. */
	readonly #transfers = new Set<{most: number}>();

	constructor(total: number) {
		this.#total = total;
	}

	/**
	 * Asks for room from the first step on until the last one, or until it is given up.
	 * @param most bytes a second
	 * @param steps made with what there is for it at the time, in bytes a second
	 */
	*share<Step>(most: number, steps: (speed: () => number) => Iterable<Step>): Generator<Step> {
		const transfer = {most};
		this.#transfers.add(transfer);
		try {
			yield* steps(() => Math.min(most, this.#even()));
		} finally {
			this.#transfers.delete(transfer);
		}
	}

	/** Max-min fair: what nobody gets more than, so that as much as possible is used. */
	#even(): number {
		let left = this.#total;
		let rest = this.#transfers.size;
		for (const {most} of [...this.#transfers].sort((a, b) => a.most - b.most)) {
			if (most >= left / rest) return left / rest;
			left -= most;
			rest--;
		}
		return Number.POSITIVE_INFINITY;
	}
}
