import type {Input, Item} from '../engine/intake.ts';

/**
 * Items that are on their way or wait over there. With the tasks that the engine itself keeps it is more than the tenth of a second
 * that a frame may take, and short enough to be given back in the end.
 */
const window = 1_024;

type Post = {items(items: Item[]): void; end(broken?: {error: unknown}): void};

/** Reads an input for an engine in another thread, no further than it takes them, and keeps what that has not taken yet. */
export class ItemPump {
	readonly #input: Input;
	readonly #post: Post;
	/** Sent, and not known to have been taken; in the end those that are yet to be sent. */
	#kept: Item[] = [];
	#unsent = 0;
	#isStopped = false;
	#waiting: (() => void) | undefined;
	#flushing: NodeJS.Immediate | undefined;

	constructor(input: Input, post: Post) {
		this.#input = input;
		this.#post = post;
	}

	/** Never rejects: an input that breaks is told as its end. */
	async run(): Promise<void> {
		let broken: {error: unknown} | undefined;
		try {
			await this.#read();
		} catch (error) {
			broken = {error};
		}
		if (this.#isStopped) return;
		this.#flush();
		this.#post.end(broken);
	}

	/** The engine has taken so many more. */
	took(items: number): void {
		this.#kept.splice(0, items);
		this.#waiting?.();
		this.#waiting = undefined;
	}

	/** Reads no further, and gives the rest back to the input. */
	stop(): void {
		this.#isStopped = true;
		clearImmediate(this.#flushing);
		this.took(0);
		this.#input.giveBack?.(this.#kept.splice(0));
	}

	async #read(): Promise<void> {
		const input = this.#input;
		const iterator = Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
		for (;;) {
			while (this.#kept.length >= window && !this.#isStopped) {
				this.#flush();
				await new Promise<void>(resolve => {
					this.#waiting = resolve;
				});
			}
			if (this.#isStopped) return;
			const {done, value} = await iterator.next();
			if (done) return;
			if (this.#isStopped) return input.giveBack?.([value]);
			this.#kept.push(value);
			this.#unsent++;
			// What the input has at hand goes together; what it has to wait for does not hold the rest up.
			this.#flushing ??= setImmediate(() => this.#flush());
		}
	}

	#flush(): void {
		clearImmediate(this.#flushing);
		this.#flushing = undefined;
		if (this.#unsent > 0) this.#post.items(this.#kept.slice(-this.#unsent));
		this.#unsent = 0;
	}
}
