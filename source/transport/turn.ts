/**
 * Milliseconds that bodies keep the event loop for themselves. With 64 of them at full speed a turn took 30 ms of CPU, for libuv
 * reads up to 2 MiB from each connection that has so much: so long a key that was pressed waited to be heard, and then again for what
 * it did to be told. One body alone never takes so long: it is read as ever.
 */
const longest = 8;

/** The turn of the event loop that this thread is in, as far as bodies take part in it. */
class Turn {
	#endsAt: number | undefined;
	#waiting: Waiting[] = [];

	/** Whether bodies have had enough of it. */
	get isOver(): boolean {
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
