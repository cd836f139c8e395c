import {createHash, type Hash} from 'node:crypto';
import {type FileHandle, open, unlink} from 'node:fs/promises';
import {coded, errorCode} from '../engine/failure.ts';
import {prefixOf, type Ranges, withRange} from '../engine/ranges.ts';
import type {PartFile, Sink, Stored} from '../engine/seams.ts';
import type {FileSinkOptions} from './file-sink-options.ts';
import {free, hashFrom, openPart, versionOf} from './part-file.ts';
import {place, setAside} from './place.ts';
import {smallSize, writeSmall} from './small-file.ts';

/** Bytes of one connection that follow each other and are not on the disk yet. */
type Batch = {start: number; chunks: Uint8Array[]; size: number; since: number};

/**
 * A batch goes to the disk when it is this large, or this many milliseconds old: small bodies are written once, at their end,
 * and of what has begun a crash costs hardly more than was on its way.
 */
const batchSize = 512 * 1024;
const batchAge = {first: 100, next: 10};
/** Bytes under way to the disk beyond which the network waits. */
const mostUnderWay = 2 * batchSize;
/** Smaller files are not synced one by one, which would cost more than all the rest: the journal knows which may be lost. */
export const syncedFrom = 1024 * 1024;

export class FileSink implements Sink {
	readonly #options: FileSinkOptions;
	/** Where it goes, by now, and what was there when this sink was opened. */
	#part: PartFile;
	/** What was there when this sink was opened: compared, not written. */
	readonly #had: Ranges;
	readonly #hash: Hash | undefined;
	#hashed = 0;
	#handle: Promise<FileHandle> | undefined;
	#batches: Batch[] = [];
	/** Made when the first is sent: most bodies are never sent anywhere before their end. */
	#underWay: Set<Promise<void>> | undefined;
	#bytesUnderWay = 0;
	/** What was sent last; it never rejects. */
	#last: Promise<void> | undefined;
	#broken: {error: unknown} | undefined;
	/** The part file is there, and is ours. */
	#made: boolean;
	#ranges: Ranges;
	#synced: Ranges;

	constructor(options: FileSinkOptions) {
		const {part, digest} = options;
		this.#options = options;
		this.#part = part;
		this.#had = part.ranges;
		this.#ranges = part.ranges;
		this.#synced = part.synced ?? [];
		this.#made = this.#had.length > 0;
		this.#hash = digest && createHash(digest.algorithm);
	}

	write(chunk: Uint8Array, position: number): void | Promise<void> {
		if (this.#broken) throw this.#broken.error;
		const had = this.#had.length > 0 && this.#had.find(([start, end]) => position >= start && position < end);
		if (had) return this.#compare(chunk, position, had[1]);
		const batch = this.#batchAt(position);
		batch.chunks.push(chunk);
		batch.size += chunk.length;
		const age = this.#ranges.length > 0 ? batchAge.next : batchAge.first;
		if (batch.size < batchSize && performance.now() - batch.since < age) return;
		this.#send(batch);
		if (this.#bytesUnderWay >= mostUnderWay) return this.#room();
	}

	part(): PartFile {
		if (this.#ranges === this.#part.ranges && this.#synced.length === 0) return this.#part;
		const {synced: _, ...part} = this.#part;
		return {...part, ranges: this.#ranges, ...(this.#synced.length > 0 && {synced: this.#synced})};
	}

	async sync(): Promise<PartFile> {
		const ranges = this.#ranges;
		if (ranges.length > 0) {
			await (await this.#handle)?.datasync();
			this.#synced = ranges;
		}
		return this.part();
	}

	async start(bytes: number): Promise<Uint8Array> {
		await this.#flush();
		const {buffer, bytesRead} = await (await this.#open()).read(Buffer.alloc(bytes), 0, bytes, 0);
		return buffer.subarray(0, bytesRead);
	}

	commit(): Stored | Promise<Stored> {
		if (!this.#isSmall()) return this.#commitLarge();
		const waiting = this.#options.recorded();
		return waiting ? waiting.then(() => this.#commitSmall()) : this.#commitSmall();
	}

	/** Nothing of it has gone to the disk, and all of it can go at once. */
	#isSmall(): boolean {
		const isNew = !this.#handle && this.#had.length === 0 && !this.#part.preallocated;
		if (!isNew || this.#hash || this.#options.replaced !== undefined) return false;
		return this.#batches.length <= 1 && (this.#batches[0]?.size ?? 0) <= smallSize;
	}

	#commitSmall(): Stored | Promise<Stored> {
		const {owned, modified} = this.#options;
		const {chunks = [], size = 0} = this.#batches[0] ?? {};
		try {
			writeSmall(this.#file, chunks, owned, modified);
		} catch (error) {
			if (errorCode(error) === 'EEXIST' && !owned) return this.#moveOn().then(() => this.#commitSmall());
			this.#batches = [];
			throw error;
		}
		this.#batches = [];
		this.#made = true;
		this.#ranges = withRange([], [0, size]);
		const waiting = this.#tellSize();
		return waiting ? waiting.then(() => this.#place(false)) : this.#place(false);
	}

	async #commitLarge(): Promise<Stored> {
		const {replaced} = this.#options;
		const sha256 = await this.#writeRest();
		await this.#tellSize();
		const isOurs = replaced !== undefined && (await versionOf(this.#options.root + this.#part.path)) === replaced;
		const stored = await this.#place(isOurs);
		return sha256 === undefined ? stored : {...stored, sha256};
	}

	/** Where nobody knew how long it would be: after a crash from here on, its size is what tells this file from another one. */
	#tellSize(): Promise<void> | undefined {
		if (this.#part.total !== undefined) return undefined;
		this.#options.observer?.saved({...this.part(), total: prefixOf(this.#ranges)});
		return this.#options.recorded();
	}

	/** Resolves with the SHA-256, if that was asked for. */
	async #writeRest(): Promise<string | undefined> {
		const {modified} = this.#options;
		const handle = await this.#open();
		await this.#flush();
		const sha256 = await this.#verify(handle);
		if (prefixOf(this.#ranges) >= syncedFrom) await handle.datasync();
		if (modified) await handle.utimes(modified, modified);
		await this.#close();
		return sha256;
	}

	async abort(useless?: 'useless'): Promise<PartFile> {
		// The disk took what it could: what is on it counts, the rest is fetched again.
		await this.#flush().catch(() => undefined);
		await this.#close().catch(() => undefined);
		if (useless) this.#ranges = [];
		if (this.#ranges.length === 0 && this.#made) await unlink(this.#file).catch(() => undefined);
		return this.part();
	}

	get #file(): string {
		return `${this.#options.root}${this.#part.path}.part`;
	}

	#batchAt(position: number): Batch {
		for (const batch of this.#batches) if (batch.start + batch.size === position) return batch;
		const batch = {start: position, chunks: [], size: 0, since: performance.now()};
		this.#batches.push(batch);
		return batch;
	}

	/** On its way to the disk, while the next bytes arrive. */
	#send(batch: Batch): void {
		this.#batches = this.#batches.filter(each => each !== batch);
		this.#bytesUnderWay += batch.size;
		if (this.#hash && this.#hashed === batch.start) {
			for (const chunk of batch.chunks) this.#hash.update(chunk);
			this.#hashed += batch.size;
		}
		this.#underWay ??= new Set();
		const underWay = this.#underWay;
		// One after the other where the file's size tells how far it is: a crash must not leave a hole.
		const before = this.#part.preallocated ? undefined : this.#last;
		const sent = (before ? before.then(() => this.#put(batch)) : this.#put(batch))
			.catch(error => {
				this.#broken ??= {error};
			})
			.finally(() => {
				this.#bytesUnderWay -= batch.size;
				underWay.delete(sent);
			});
		underWay.add(sent);
		this.#last = sent;
	}

	async #put({start, chunks, size}: Batch): Promise<void> {
		if (this.#broken) return;
		const handle = await this.#open();
		let rest = chunks;
		// `writev` may write less than it was given (a full disk, a signal), and that counts too.
		for (let at = start; at < start + size; ) {
			const {bytesWritten} = await handle.writev(rest, at);
			this.#ranges = withRange(this.#ranges, [at, at + bytesWritten]);
			at += bytesWritten;
			if (at < start + size) rest = [Buffer.concat(rest).subarray(bytesWritten)];
		}
		for (const chunk of chunks) free(chunk);
	}

	async #room(): Promise<void> {
		while (this.#bytesUnderWay >= mostUnderWay) await Promise.race(this.#underWay ?? []);
		if (this.#broken) throw this.#broken.error;
	}

	async #flush(): Promise<void> {
		for (const batch of this.#batches) this.#send(batch);
		while (this.#underWay && this.#underWay.size > 0) await Promise.all(this.#underWay);
		if (this.#broken) throw this.#broken.error;
	}

	/** Bytes that came again must be the ones at hand; what follows them is new. */
	async #compare(chunk: Uint8Array, position: number, end: number): Promise<void> {
		const length = Math.min(chunk.length, end - position);
		const {buffer, bytesRead} = await (await this.#open()).read(Buffer.alloc(length), 0, length, position);
		if (bytesRead < length || !buffer.equals(chunk.subarray(0, length))) throw coded('CHANGED');
		if (length < chunk.length) await this.write(chunk.subarray(length), end);
	}

	#open(): Promise<FileHandle> {
		this.#handle ??= this.#begin();
		return this.#handle;
	}

	async #begin(): Promise<FileHandle> {
		await this.#options.recorded();
		if (this.#had.length > 0) return openPart(this.#file);
		const handle = await this.#beginPart();
		this.#made = true;
		const {preallocated, total} = this.#part;
		if (preallocated && total !== undefined) await handle.truncate(total);
		return handle;
	}

	/**
	 * A new part file. What stands there is never written to: a link would lead out of the folder, and a pipe would wait for a
	 * reader. It is removed if it may be.
	 */
	async #beginPart(): Promise<FileHandle> {
		for (let owned = this.#options.owned; ; ) {
			try {
				return await open(this.#file, 'wx+');
			} catch (error) {
				if (errorCode(error) !== 'EEXIST') throw error;
			}
			if (owned) await unlink(this.#file);
			else await this.#moveOn();
			owned = false;
		}
	}

	/** Somebody else's part stands there: another name is claimed, and told before there is a part of that name. */
	async #moveOn(): Promise<void> {
		const {claims, wanted, number, observer, recorded} = this.#options;
		const before = this.#part.path;
		this.#part = {...this.#part, path: await claims.claim(wanted, number)};
		claims.release(before, false);
		observer?.saved(this.part());
		await recorded();
	}

	async #close(): Promise<void> {
		const handle = await this.#handle;
		this.#handle = undefined;
		await handle?.close();
	}

	/** Hashed as it was written, as far as it came in order; the rest is read again. Resolves with the SHA-256, if that was asked for. */
	async #verify(handle: FileHandle): Promise<string | undefined> {
		const {digest} = this.#options;
		if (!digest || !this.#hash) return undefined;
		await hashFrom(handle, this.#hash, this.#hashed);
		const hex = this.#hash.digest('hex');
		if (hex === digest.hex) return digest.algorithm === 'sha256' ? hex : undefined;
		await this.#close();
		const aside = setAside(this.#options.root, this.#part.path);
		this.#ranges = [];
		this.#made = false;
		const {algorithm} = digest;
		throw coded(
			'CHECKSUM_MISMATCH',
			`not what its checksum says: the ${algorithm} of ${this.#part.path} is ${hex}, not ${digest.hex}; kept as ${aside}`,
		);
	}

	#place(isOurs: boolean): Stored | Promise<Stored> {
		const {path: name} = this.#part;
		return this.#placeAs(name, isOurs) ?? this.#placeElsewhere(name);
	}

	async #placeElsewhere(first: string): Promise<Stored> {
		const {claims, wanted, number} = this.#options;
		for (let before: string | undefined; ; ) {
			const name = await claims.claim(wanted, number);
			if (before !== undefined) claims.release(before, false);
			const stored = this.#placeAs(name, false);
			if (stored) {
				claims.release(first, false);
				return stored;
			}
			before = name;
		}
	}

	/** Undefined where somebody else has taken the name. */
	#placeAs(name: string, isOurs: boolean): Stored | undefined {
		const {root, overwrite, claims} = this.#options;
		try {
			place(this.#file, root + name, overwrite || isOurs);
		} catch (error) {
			if (errorCode(error) !== 'EEXIST') throw error;
			return undefined;
		}
		claims.release(name, true);
		return {path: name, size: prefixOf(this.#ranges)};
	}
}
