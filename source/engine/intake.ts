import type {Header, TaskOptions} from './seams.ts';

/** One URL of an input, or a line that is none, with what this task wants otherwise than the rest. */
export type InputItem = TaskOptions & {
	url: string;
	/** The line it comes from: `list.txt:17`. */
	where?: string;
	/** Request headers; they may hold secrets, so no event carries them. */
	headers?: readonly Header[];
	/** Begins paused. */
	paused?: boolean;
	/** What is wrong with the line, if it cannot be run. */
	problem?: string;
};
/** A URL alone, mostly. */
export type Item = InputItem | string;

export type Input = (Iterable<Item> | AsyncIterable<Item>) & {
	/** Takes items that were read when it was too late to run them, so that somebody else can read on from there. */
	giveBack?(items: readonly Item[]): void;
};

/**
 * Pulls inputs lazily: one item at a time, and only while there is room, so that a list of ten million URLs costs as much
 * memory as one of a thousand. Several inputs may be open at once (a list on stdin, and a paste).
 */
export class Intake {
	#open = 0;
	#closed = false;
	#waiting: Array<() => void> = [];
	#hasRoom: () => boolean;
	#take: (item: InputItem) => void;

	constructor(hasRoom: () => boolean, take: (item: InputItem) => void) {
		this.#hasRoom = hasRoom;
		this.#take = take;
	}

	/** Inputs that are not at their end yet. */
	get open(): number {
		return this.#open;
	}

	/** Resolves when the input is at its end, or was left because of `close`. Rejects if it cannot be read any further. */
	async pull(input: Input): Promise<void> {
		this.#open++;
		try {
			for await (const item of input) {
				if (this.#closed) return input.giveBack?.([item]);
				while (!this.#closed && !this.#hasRoom()) await new Promise<void>(resolve => this.#waiting.push(resolve));
				// Also when there will be no room any more: it has been read, so nobody else will know of it.
				this.#take(typeof item === 'string' ? {url: item} : item);
			}
		} finally {
			this.#open--;
		}
	}

	/** To be called when there may be room again. */
	wake(): void {
		if (this.#waiting.length === 0 || !(this.#closed || this.#hasRoom())) return;
		for (const resolve of this.#waiting.splice(0)) resolve();
	}

	/** Reads no further. An input that is waiting for its next item (a terminal, a slow pipe) is left where it is. */
	close(): void {
		this.#closed = true;
		this.wake();
	}
}
