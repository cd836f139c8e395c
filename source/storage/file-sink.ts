import {createHash, type Hash} from 'node:crypto';
import {constants} from 'node:fs';
import {type FileHandle, lstat, open, unlink} from 'node:fs/promises';
import path from 'node:path';
import {coded, errorCode} from '../engine/failure.ts';
import {prefixOf, type Ranges, withRange} from '../engine/ranges.ts';
import type {Digest, PartFile, Sink, Stored} from '../engine/seams.ts';
import {numbered} from './names.ts';
import {place} from './place.ts';
import {smallSize, writeSmall} from './small-file.ts';

export type FileSinkOptions = {
	dir: string;
	/** Where it goes, and what of it is there already. */
	part: PartFile;
	/** Whatever stands under the name gives way. */
	overwrite: boolean;
	/** This gives way if it still stands there: a finished file of ours, as of `versionOf`. */
	replaced?: string;
	/** A part file of that name is this task's own, or may give way too. */
	owned: boolean;
	digest?: Digest;
	/** The date the file gets. */
	modified?: Date;
	/** As of `FileStorageOptions`. */
	recorded(): Promise<void> | undefined;
	/** Another name, for when the first one was taken meanwhile by a stranger. */
	rename(): Promise<string>;
	settled(placed?: string): void;
};

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
/** What a verification reads at once. */
const readSize = 1024 * 1024;
/** Smaller files are not synced one by one, which would cost more than all the rest: the journal knows which may be lost. */
export const syncedFrom = 1024 * 1024;

export class FileSink implements Sink {
	readonly #options: FileSinkOptions;
	readonly #file: string;
	/** What was there when this sink was opened: compared, not written. */
	readonly #had: Ranges;
	readonly #hash: Hash | undefined;
	#hashed = 0;
	#handle: Promise<FileHandle> | undefined;
	#batches: Batch[] = [];
	#underWay = new Set<Promise<void>>();
	#bytesUnderWay = 0;
	/** What was sent last; it never rejects. */
	#last: Promise<void> = Promise.resolve();
	#broken: {error: unknown} | undefined;
	/** The part file is there, and is ours. */
	#made: boolean;
	#ranges: Ranges;
	#synced: Ranges;

	constructor(options: FileSinkOptions) {
		this.#options = options;
		this.#file = path.join(options.dir, `${options.part.path}.part`);
		this.#had = options.part.ranges;
		this.#ranges = options.part.ranges;
		this.#synced = options.part.synced ?? [];
		this.#made = this.#had.length > 0;
		this.#hash = options.digest && createHash(options.digest.algorithm);
	}

	write(chunk: Uint8Array, position: number): void | Promise<void> {
		if (this.#broken) throw this.#broken.error;
		const had = this.#had.find(([start, end]) => position >= start && position < end);
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
		const {synced: _, ...part} = this.#options.part;
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

	async commit(saved?: (part: PartFile) => void): Promise<Stored> {
		const {part, recorded} = this.#options;
		const sha256 = this.#isSmall() ? await this.#writeAtOnce() : await this.#writeRest();
		const size = prefixOf(this.#ranges);
		if (part.total === undefined) {
			// After a crash from here on, its size is what tells this file from another one.
			saved?.({...this.part(), total: size});
			await recorded();
		}
		return {path: await this.#place(part.path), size, ...(sha256 !== undefined && {sha256})};
	}

	/** Nothing of it has gone to the disk, and all of it can go at once. */
	#isSmall(): boolean {
		const {part, replaced} = this.#options;
		const isNew = !this.#handle && this.#had.length === 0 && !part.preallocated && replaced === undefined;
		return isNew && !this.#hash && this.#batches.length <= 1 && (this.#batches[0]?.size ?? 0) <= smallSize;
	}

	async #writeAtOnce(): Promise<undefined> {
		const {recorded, owned, modified} = this.#options;
		const {chunks = [], size = 0} = this.#batches.pop() ?? {};
		await recorded();
		writeSmall(this.#file, chunks, {owned, modified});
		this.#made = true;
		this.#ranges = withRange([], [0, size]);
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

	#batchAt(position: number): Batch {
		const found = this.#batches.find(({start, size}) => start + size === position);
		if (found) return found;
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
		// One after the other where the file's size tells how far it is: a crash must not leave a hole.
		const before = this.#options.part.preallocated ? undefined : this.#last;
		const sent = (before ? before.then(() => this.#put(batch)) : this.#put(batch))
			.catch(error => {
				this.#broken ??= {error};
			})
			.finally(() => {
				this.#bytesUnderWay -= batch.size;
				this.#underWay.delete(sent);
			});
		this.#underWay.add(sent);
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
		while (this.#bytesUnderWay >= mostUnderWay) await Promise.race(this.#underWay);
		if (this.#broken) throw this.#broken.error;
	}

	async #flush(): Promise<void> {
		for (const batch of this.#batches) this.#send(batch);
		while (this.#underWay.size > 0) await Promise.all(this.#underWay);
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
		const {recorded, owned, part} = this.#options;
		await recorded();
		if (this.#had.length > 0) return openPart(this.#file);
		const handle = await beginPart(this.#file, owned);
		this.#made = true;
		if (part.preallocated && part.total !== undefined) await handle.truncate(part.total);
		return handle;
	}

	async #close(): Promise<void> {
		const handle = await this.#handle;
		this.#handle = undefined;
		await handle?.close();
	}

	/** Hashed as it was written, as far as it came in order; the rest is read again. Resolves with the SHA-256, if that was asked for. */
	async #verify(handle: FileHandle): Promise<string | undefined> {
		const {digest, part} = this.#options;
		if (!digest || !this.#hash) return undefined;
		const buffer = Buffer.alloc(readSize);
		for (;;) {
			const {bytesRead} = await handle.read(buffer, 0, readSize, this.#hashed);
			if (bytesRead === 0) break;
			this.#hash.update(buffer.subarray(0, bytesRead));
			this.#hashed += bytesRead;
		}
		const hex = this.#hash.digest('hex');
		if (hex === digest.hex) return digest.algorithm === 'sha256' ? hex : undefined;
		const aside = await this.#setAside();
		this.#ranges = [];
		this.#made = false;
		const {algorithm} = digest;
		throw coded(
			'CHECKSUM_MISMATCH',
			`not what its checksum says: the ${algorithm} of ${part.path} is ${hex}, not ${digest.hex}; kept as ${aside}`,
		);
	}

	/** The bad file is there to be looked at, and in nobody's way. */
	async #setAside(): Promise<string> {
		await this.#close();
		for (let count = 0; ; count++) {
			const aside = `${numbered(this.#options.part.path, count)}.bad`;
			try {
				place(this.#file, path.join(this.#options.dir, aside), false);
				return aside;
			} catch (error) {
				if (errorCode(error) !== 'EEXIST') throw error;
			}
		}
	}

	async #place(name: string): Promise<string> {
		const {dir, overwrite, replaced, rename: another, settled} = this.#options;
		const file = path.join(dir, name);
		try {
			const isOurs = replaced !== undefined && name === this.#options.part.path && (await versionOf(file)) === replaced;
			place(this.#file, file, overwrite || isOurs);
			settled(name);
			return name;
		} catch (error) {
			if (errorCode(error) !== 'EEXIST') throw error;
			return this.#place(await another());
		}
	}
}

/**
 * A new part file. What stands there is never written to: a link would lead out of the folder, and a pipe would wait for a
 * reader. It is removed if it may be.
 */
async function beginPart(file: string, owned: boolean): Promise<FileHandle> {
	try {
		return await open(file, 'wx+');
	} catch (error) {
		if (errorCode(error) !== 'EEXIST' || !owned) throw error;
		await unlink(file);
		return open(file, 'wx+');
	}
}

/** A part that is there. Never by a link. */
export const openPart = (file: string): Promise<FileHandle> =>
	open(file, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));

/**
 * Gives the memory of a chunk back at once, if all of it is the chunk's. Left to the garbage collector, which counts it and
 * knows of little else, 2 GiB of body are 90 full collections: a quarter of the time.
 */
function free({buffer, byteLength}: Uint8Array): void {
	if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength && byteLength > 0) buffer.transfer(0);
}

/** What tells a file from every other one, and from itself after somebody has written to it. `none` where none is. */
export async function versionOf(file: string): Promise<string> {
	const found = await lstat(file, {bigint: true}).catch(() => undefined);
	return found?.isFile() ? [found.dev, found.ino, found.size, found.mtimeNs].join() : 'none';
}
