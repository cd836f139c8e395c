import {limit} from '../format/bytes.ts';
import {coded} from './failure.ts';

/** Milliseconds of waiting for the network after which its speed is judged. */
const judgedAfter = 10_000;

/** Notices a connection that is alive, but too slow to be worth keeping. Time in which nobody wanted its bytes does not count. */
export class LowSpeed {
	/** Bytes a second; 0 to take any. */
	readonly #least: number;
	#since: number;
	#waited = 0;
	#received = 0;

	constructor(least: number, now: number) {
		this.#least = least;
		this.#since = now;
	}

	/** So many bytes have come. Throws `TOO_SLOW`. */
	heard(length: number, now: number): void {
		if (this.#least === 0) return;
		this.#waited += now - this.#since;
		this.#received += length;
		if (this.#waited < judgedAfter) return;
		if ((this.#received / this.#waited) * 1000 < this.#least)
			throw coded('TOO_SLOW', `slower than ${limit(this.#least)} for ${judgedAfter / 1000} s`);
		this.#waited = 0;
		this.#received = 0;
	}

	/** The next bytes are waited for from now on. */
	listen(now: number): void {
		this.#since = now;
	}
}
