import type {Clock} from './seams.ts';

/** Milliseconds by which late timers may be made up for: without it, a thousand starts a second would be eight hundred. */
const slack = 50;

/** Lets tasks start at most so often, spread evenly. */
export class StartRate {
	readonly #clock: Clock;
	readonly #wake: () => void;
	/** Milliseconds between two starts; 0 for no limit. */
	#interval = 0;
	#next = 0;
	#stopTimer: (() => void) | undefined;

	/** @param wake called when the next one may start, if one was refused before */
	constructor(clock: Clock, wake: () => void) {
		this.#clock = clock;
		this.#wake = wake;
	}

	/** Starts a second; `Infinity` for no limit. */
	set limit(perSecond: number) {
		this.#interval = Number.isFinite(perSecond) ? 1000 / perSecond : 0;
		this.#next = Math.min(this.#next, this.#clock.now() + this.#interval);
		this.stop();
		this.#wake();
	}

	/** Whether one may start now. If not, `wake` will be called. */
	allows(): boolean {
		if (this.#interval === 0) return true;
		const left = this.#next - this.#clock.now();
		if (left <= 0) return true;
		this.#stopTimer ??= this.#clock.timer(left, () => {
			this.#stopTimer = undefined;
			this.#wake();
		});
		return false;
	}

	/** One has started. */
	take(): void {
		this.#next = Math.max(this.#next, this.#clock.now() - slack) + this.#interval;
	}

	/** It turned out that it had nothing to ask for. */
	giveBack(): void {
		this.#next -= this.#interval;
		this.stop();
	}

	/** Wakes nobody any more. */
	stop(): void {
		this.#stopTimer?.();
		this.#stopTimer = undefined;
	}
}
