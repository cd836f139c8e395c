import {writeSync} from 'node:fs';
import type {FileHandle} from 'node:fs/promises';
import {setImmediate} from 'node:timers/promises';

/** Bytes of lines that are not held back any longer. */
const batchSize = 1024 * 1024;
/** Bytes kept for a disk that takes none. After that lines are lost, which costs at most what they tell of. */
const mostKept = 16 * 1024 * 1024;
/** Milliseconds that a line waits for others, if nobody asks for it. */
const flushAfter = 10;
const syncEvery = 1_000;

/**
 * A file that grows by lines. They are collected until somebody has to know that they are in the file, and written
 * synchronously at the end of that turn of the loop: to hand a write to another thread takes ten times as long as the write.
 * Every write says where it goes, which a file opened for appending would not allow: one that failed half-way is
 * overwritten by the next.
 */
export class JournalLog {
	#handle: FileHandle;
	/** Bytes in the file, as far as they are whole lines. */
	#written: number;
	/** In its first `#length` bytes the lines that are not in the file yet. */
	#kept = Buffer.allocUnsafe(batchSize / 16);
	#length = 0;
	#failed = false;
	/** What those wait for who want to know that their lines are written. */
	#turn: Promise<void> | undefined;
	#flushing: NodeJS.Timeout | undefined;
	#syncing: NodeJS.Timeout | undefined;
	/** `between` is at work: nothing is written until it is over. */
	#resting: Promise<void> | undefined;
	readonly #onError: (error: unknown) => void;
	/** Called after a write; none begins before its promise has settled. Never rejects. */
	readonly #between: () => Promise<void> | undefined;

	constructor(
		handle: FileHandle,
		size: number,
		onError: (error: unknown) => void,
		between: () => Promise<void> | undefined,
	) {
		this.#handle = handle;
		this.#written = size;
		this.#onError = onError;
		this.#between = between;
	}

	get handle(): FileHandle {
		return this.#handle;
	}

	get size(): number {
		return this.#written;
	}

	/** Takes a line and returns where it will stand; undefined if there is no room for it in memory any more. */
	append(text: string): number | undefined {
		if (this.#failed && this.#length > mostKept) return undefined;
		const offset = this.#written + this.#length;
		// UTF-8 takes at most three bytes for a unit of UTF-16.
		if (this.#kept.length - this.#length <= 3 * text.length) this.#grow(3 * text.length + 1);
		this.#length += this.#kept.write(text, this.#length);
		this.#kept[this.#length++] = 10;
		if (this.#length >= batchSize && !this.#failed) this.#tryToFlush();
		this.#flushLater();
		return offset;
	}

	/**
	 * Resolves when all lines so far are in the file, at the end of this turn of the loop; undefined if they are. Rejects if they
	 * cannot be written for now.
	 */
	written(): Promise<void> | undefined {
		if (this.#length === 0) return undefined;
		this.#turn ??= this.#endOfTurn();
		return this.#turn;
	}

	/**
	 * All who ask in one turn get one write, and go on together. To write at once, for each of them, takes less code and a third
	 * more time: with fifty tasks at work, whatever one does is then done with cold caches, and for an answer or two a turn.
	 */
	async #endOfTurn(): Promise<void> {
		await setImmediate();
		this.#turn = undefined;
		while (this.#resting) await this.#resting;
		if (this.#length > 0) this.#flush();
	}

	/** A copy of the lines that are not in the file yet, each with its end. Only for `between`. */
	get pending(): Buffer {
		return Buffer.from(this.#kept.subarray(0, this.#length));
	}

	/**
	 * Goes on in another file that has the same lines in `size` bytes, and behind them the first ones of those that were
	 * pending; the one so far is closed. Only for `between`. Returns the shift of what comes behind `size`.
	 */
	moveTo({handle, size, pending}: {handle: FileHandle; size: number; pending: Uint8Array}): number {
		// A read that is under way in the old one is waited for.
		this.#handle.close().catch(this.#onError);
		const shift = size - this.#written;
		this.#kept.copyWithin(0, pending.length, this.#length);
		this.#length -= pending.length;
		this.#handle = handle;
		this.#written = size + pending.length;
		return shift;
	}

	/** Writes what is left, makes it safe from power loss and closes the file. Never rejects. */
	async close(): Promise<void> {
		await this.#resting;
		this.#tryToFlush();
		await this.#resting;
		clearTimeout(this.#flushing);
		clearTimeout(this.#syncing);
		await this.#sync();
		await this.#handle.close().catch(this.#onError);
	}

	#grow(room: number): void {
		const larger = Buffer.allocUnsafe(Math.max(2 * this.#kept.length, this.#length + room));
		this.#kept.copy(larger, 0, 0, this.#length);
		this.#kept = larger;
	}

	#flushLater(): void {
		this.#flushing ??= setTimeout(() => {
			this.#flushing = undefined;
			this.#tryToFlush();
		}, flushAfter);
	}

	/** Whoever asks will be told of an error; it is tried again with the next line. */
	#tryToFlush(): void {
		try {
			if (this.#length > 0 && !this.#resting) this.#flush();
		} catch {}
	}

	#flush(): void {
		try {
			this.#put();
		} catch (error) {
			this.#failed = true;
			this.#onError(error);
			throw error;
		}
		this.#resting = this.#between()?.then(() => {
			this.#resting = undefined;
			if (this.#length > 0) this.#flushLater();
		});
	}

	/** A write may take less than it was given (a full disk, a signal). */
	#put(): void {
		for (let done = 0; done < this.#length; )
			done += writeSync(this.#handle.fd, this.#kept, done, this.#length - done, this.#written + done);
		this.#failed = false;
		this.#written += this.#length;
		this.#length = 0;
		if (this.#kept.length > 4 * batchSize) this.#kept = Buffer.allocUnsafe(batchSize);
		this.#syncing ??= setTimeout(() => {
			this.#syncing = undefined;
			void this.#sync();
		}, syncEvery).unref();
	}

	async #sync(): Promise<void> {
		await this.#handle.datasync().catch(this.#onError);
	}
}
