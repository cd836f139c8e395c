import type {FileHandle} from 'node:fs/promises';
import {setImmediate} from 'node:timers/promises';

/** UTF-16 units of lines that go into one write. */
const batchSize = 1024 * 1024;
/** Bytes kept for a disk that takes none. After that lines are lost, which costs at most what they tell of. */
const mostKept = 16 * 1024 * 1024;
const syncEvery = 1_000;

type Waiter = {until: number; resolve(): void; reject(error: unknown): void};

/**
 * A file that grows by lines. They are collected while a write is under way, so that 100,000 events are a few dozen writes.
 * Every write says where it goes, which a file opened for appending would not allow: one that failed half-way is
 * overwritten by the next.
 */
export class JournalLog {
	#handle: FileHandle;
	/** Bytes in the file, as far as they are whole lines. */
	#written: number;
	/** Where the next line will begin. */
	#end: number;
	#batches: string[] = [];
	#waiters: Waiter[] = [];
	#writing: Promise<void> | undefined;
	#failed = false;
	#syncing: NodeJS.Timeout | undefined;
	readonly #onError: (error: unknown) => void;
	/** Runs after a write, while none is under way and none begins. Never rejects. */
	readonly #between: () => Promise<void>;

	constructor(handle: FileHandle, size: number, onError: (error: unknown) => void, between: () => Promise<void>) {
		this.#handle = handle;
		this.#written = size;
		this.#end = size;
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
		if (this.#failed && this.#end - this.#written > mostKept) return undefined;
		const offset = this.#end;
		const line = `${text}\n`;
		const last = this.#batches.length - 1;
		const batch = this.#batches[last];
		if (batch !== undefined && batch.length < batchSize) this.#batches[last] = batch + line;
		else this.#batches.push(line);
		this.#end += Buffer.byteLength(line);
		this.#writing ??= this.#write();
		return offset;
	}

	/** Resolves when all lines so far are in the file; undefined if they are. Rejects if they cannot be written for now. */
	written(): Promise<void> | undefined {
		if (this.#written === this.#end) return undefined;
		const {promise, resolve, reject} = Promise.withResolvers<void>();
		this.#waiters.push({until: this.#end, resolve, reject});
		this.#writing ??= this.#write();
		return promise;
	}

	/** Lines that are not in the file yet, each with its end. Only for `between`: otherwise some may be on their way. */
	get pending(): string {
		return this.#batches.join('');
	}

	/**
	 * Goes on in another file that has the same lines in `size` bytes, and behind them the first ones of those that were
	 * pending; the one so far is closed. Only for `between`. Returns the shift of what comes behind `size`.
	 */
	moveTo({handle, size, pending}: {handle: FileHandle; size: number; pending: string}): number {
		// A read that is under way in the old one is waited for.
		this.#handle.close().catch(this.#onError);
		const shift = size - this.#written;
		const rest = this.pending.slice(pending.length);
		this.#batches = rest === '' ? [] : [rest];
		this.#handle = handle;
		this.#written = size + Buffer.byteLength(pending);
		this.#end += shift;
		for (const waiter of this.#waiters) waiter.until += shift;
		return shift;
	}

	/** Writes what is left, makes it safe from power loss and closes the file. Never rejects. */
	async close(): Promise<void> {
		await this.#writing;
		if (this.#batches.length > 0) await this.#write();
		clearTimeout(this.#syncing);
		await this.#sync();
		await this.#handle.close().catch(this.#onError);
	}

	/** One at a time. Never rejects: those who wait are told. */
	async #write(): Promise<void> {
		await setImmediate();
		try {
			for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
				await this.#put(batch);
				this.#settle();
				await this.#between();
				this.#settle();
			}
		} catch (error) {
			this.#failed = true;
			this.#onError(error);
			for (const {reject} of this.#waiters.splice(0)) reject(error);
		}
		this.#writing = undefined;
	}

	/** Tells those whose lines are in the file by now. */
	#settle(): void {
		const settled = this.#waiters.filter(({until}) => until <= this.#written);
		this.#waiters = this.#waiters.filter(({until}) => until > this.#written);
		for (const {resolve} of settled) resolve();
	}

	async #put(batch: string): Promise<void> {
		const bytes = Buffer.from(batch);
		try {
			await writeAll(this.#handle, bytes, this.#written);
		} catch (error) {
			this.#batches.unshift(batch);
			throw error;
		}
		this.#failed = false;
		this.#written += bytes.length;
		this.#syncing ??= setTimeout(() => {
			this.#syncing = undefined;
			void this.#sync();
		}, syncEvery).unref();
	}

	async #sync(): Promise<void> {
		await this.#handle.datasync().catch(this.#onError);
	}
}

/** A write may take less than it was given (a full disk, a signal). */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
	for (let done = 0; done < bytes.length; ) {
		const {bytesWritten} = await handle.write(bytes, done, bytes.length - done, position + done);
		done += bytesWritten;
	}
}
