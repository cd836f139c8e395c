/**
 * Milliseconds that bodies keep the event loop for themselves. Left alone, 64 of them at full speed take turns of 17 ms of CPU, for libuv
 * reads up to 2 MiB of each; so long a key waits to be heard, and again for what it did to be told. From a key to its frame it was
 * 42 to 127 ms at p99 (two runs, in turns with the others), 35 to 49 with 8 here, and 32 with 4. That costs 5 % more CPU with 64
 * bodies, 3 % with 8, and nothing with one, whose turns are short: so it is done where there are keys.
 */
const longest = 4;

/** The turn of the event loop that this thread is in, as far as bodies take part in it. */
class Turn {
	#isShort = false;
	#endsAt: number | undefined;
	#waiting: Waiting[] = [];

	/** Somebody presses keys: from now on bodies leave room for them. */
	shorten(): void {
		this.#isShort = true;
	}

	/** Whether bodies have had enough of it. */
	get isOver(): boolean {
		if (!this.#isShort) return false;
		const now = performance.now();
		if (this.#endsAt === undefined) {
			this.#endsAt = now + longest;
			setImmediate(this.#next);
		}
		return now >= this.#endsAt;
	}

	/** It is told when the next one has begun. */
	wait(waiting: Waiting): void {
		this.#waiting.push(waiting);
	}

	readonly #next = (): void => {
		this.#endsAt = undefined;
		for (const waiting of this.#waiting.splice(0)) waiting.goOn();
	};
}

type Waiting = {goOn(): void};

export const turn = new Turn();
