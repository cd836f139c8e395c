import type {Clock} from '../engine/seams.ts';

/** Milliseconds of ours that count at once. Whoever stopped the program in the middle (Ctrl-Z) wants to go on from there. */
const longestStep = 1_000;
/** Milliseconds of the recording between two looks of whoever measures how fast it went: as many as between its samples. */
const step = 250;
/** Steps after which nobody remembers what was before: five minutes. */
const memory = 1_200;

/** The time of a recording: it goes from one line to the next, faster than ours or slower, and never past what is not applied yet. */
export class VirtualTime {
	readonly #clock: Clock;
	/** Both at the same moment: the recording's time and ours. */
	#from: {virtual: number; real: number};
	/** How far it has come for sure, and how far it may go without another line. */
	#position: number;
	#limit: number;
	#lookedAt: number;
	#speed: number;
	#isPaused = false;
	#onStep: (now: number) => void = () => {};

	constructor(clock: Clock, start: number, speed: number) {
		this.#clock = clock;
		this.#from = {virtual: start, real: clock.now()};
		this.#lookedAt = this.#from.real;
		this.#position = start;
		this.#limit = start;
		this.#speed = speed;
	}

	/** Epoch milliseconds; never goes back. */
	now(): number {
		return this.#isPaused ? this.#position : Math.max(this.#position, Math.min(this.#flow(), this.#limit));
	}

	get speed(): number {
		return this.#speed;
	}

	set speed(value: number) {
		this.settle();
		this.#speed = value;
	}

	get isPaused(): boolean {
		return this.#isPaused;
	}

	set isPaused(value: boolean) {
		this.settle();
		this.#isPaused = value;
	}

	/** Milliseconds of ours until it is so late; not above 0 when it is. Until then, it does not get any later. */
	until(at: number): number {
		this.#limit = at;
		if (this.#isPaused) return Number.POSITIVE_INFINITY;
		return this.#speed === Number.POSITIVE_INFINITY ? 0 : (at - this.#flow()) / this.#speed;
	}

	/** What happened then is applied. Times that go back a little, as those of two threads do, leave it where it is. */
	pass(at: number): void {
		const before = Math.floor(this.#position / step);
		const after = Math.floor(at / step);
		for (let next = Math.max(before, after - memory) + 1; next <= after; next++) this.#onStep(next * step);
		this.#position = Math.max(this.#position, at);
		this.#limit = this.#position;
	}

	everyStep(listener: (now: number) => void): void {
		this.#onStep = listener;
	}

	/** Where it would be by now, if every line were applied. */
	#flow(): number {
		const now = this.#clock.now();
		this.#from.real += Math.max(0, now - this.#lookedAt - longestStep);
		this.#lookedAt = now;
		const passed = now - this.#from.real;
		return this.#from.virtual + (passed > 0 ? passed * this.#speed : 0);
	}

	/** Goes on from here; what has passed meanwhile does not count. */
	settle(): void {
		this.#position = this.now();
		this.#from = {virtual: this.#position, real: this.#clock.now()};
		this.#lookedAt = this.#from.real;
	}
}
