import {decode} from '../format/coding.ts';

/** Undoes a content coding while the body arrives. zlib works in a thread of its own, so what comes out comes later. */
export class Decompression {
	readonly #waiting: Uint8Array[] = [];
	#isEnd = false;
	#wake: (() => void) | undefined;
	readonly #done: Promise<boolean>;

	/** @param take gets what comes out, which is its own only during the call, and returns whether it wants more */
	constructor(coding: string, take: (bytes: Uint8Array) => boolean) {
		this.#done = this.#run(coding, take);
	}

	/** Copies the bytes. */
	write(bytes: Uint8Array): void {
		this.#waiting.push(new Uint8Array(bytes));
		this.#wake?.();
	}

	/** That was all. Resolves when all of it has come out, with whether it was what the coding says. */
	end(): Promise<boolean> {
		this.#isEnd = true;
		this.#wake?.();
		return this.#done;
	}

	async #run(coding: string, take: (bytes: Uint8Array) => boolean): Promise<boolean> {
		try {
			for await (const bytes of decode(this.#encoded(), coding, 'start')) if (!take(bytes)) break;
			return true;
		} catch {
			// Damaged from here on; the title may have come before.
			return false;
		} finally {
			this.#waiting.length = 0;
		}
	}

	async *#encoded(): AsyncGenerator<Uint8Array, void> {
		for (;;) {
			for (let bytes = this.#waiting.shift(); bytes; bytes = this.#waiting.shift()) yield bytes;
			if (this.#isEnd) return;
			await new Promise<void>(resolve => {
				this.#wake = resolve;
			});
		}
	}
}
