import type {Reading} from './seams.ts';

/** Shows a body to its reader as far as it comes in order, until that has seen enough. */
export class Showing {
	readonly #reading: Reading | undefined;
	/** The position up to which it has been shown. */
	next = 0;
	isEnough: boolean;

	constructor(reading: Reading | undefined) {
		this.#reading = reading;
		this.isEnough = reading === undefined;
	}

	add(chunk: Uint8Array, position: number): void {
		if (!this.#reading || this.isEnough || position !== this.next) return;
		const wanted = chunk.subarray(0, this.#reading.limit - this.next);
		this.next += wanted.length;
		this.isEnough = this.#reading.write(wanted) || this.next >= this.#reading.limit;
	}
}
