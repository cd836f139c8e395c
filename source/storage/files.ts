import {constants} from 'node:fs';
import {access, type FileHandle, link, lstat, open, rename, unlink} from 'node:fs/promises';
import path from 'node:path';
import {coded, errorCode} from '../engine/failure.ts';
import type {Head, PartFile, Sink, Storage} from '../engine/seams.ts';
import {makeFolder} from './folder.ts';
import {fileName, numbered} from './names.ts';

export type FileStorageOptions = {
	/** Folder of all bodies; made when the first one needs it. */
	dir: string;
	/** A fixed name relative to `dir`, for a single URL. */
	output?: string;
	/** Replace files that are already there. */
	overwrite?: boolean;
};

/** Bytes collected before they go to the disk: small bodies are written once and at their end. */
const batchSize = 1024 * 1024;

/** Bodies as files: `NAME.part` while they arrive, `NAME` when they are whole. An existing file is never replaced unless asked. */
export class FileStorage implements Storage {
	readonly #options: FileStorageOptions;
	/** Names taken by bodies that are still arriving, or that left a part: they are not on the disk under that name yet. */
	readonly #taken = new Set<string>();
	/** With `overwrite`: names this run has given, which it must not replace itself. */
	readonly #placed = new Set<string>();
	#made: Promise<unknown> | undefined;

	constructor(options: FileStorageOptions) {
		this.#options = options;
	}

	async open(head: Head, part?: PartFile): Promise<Sink> {
		const {dir} = this.#options;
		this.#made ??= makeFolder(dir);
		await this.#made;
		const file = part?.path ?? (await this.#claim(this.#options.output ?? fileName(head)));
		const offset = part && head.status === 206 ? await continueAt(path.join(dir, file), part) : 0;
		const validator = strongValidator(head);
		return new FileSink({
			dir,
			file,
			offset,
			overwrite: this.#options.overwrite ?? false,
			...(validator && {validator}),
			rename: () => this.#claim(file),
			settled: placed => {
				this.#taken.delete(file);
				if (placed !== undefined && this.#options.overwrite) this.#placed.add(placed);
			},
		});
	}

	/** The first free name of `name`, `name.1`, `name.2` …: nobody else's in this run, and not on the disk. */
	async #claim(name: string): Promise<string> {
		for (let count = 0; ; count++) {
			const candidate = numbered(name, count);
			// Taken before the disk is asked: two bodies of one name must not both find it free.
			if (this.#taken.has(candidate) || this.#placed.has(candidate)) continue;
			this.#taken.add(candidate);
			if (this.#options.overwrite || !(await exists(path.join(this.#options.dir, candidate)))) return candidate;
			this.#taken.delete(candidate);
		}
	}
}

/** Checks that the part is what the last attempt left. The rest was asked for from there, so anything else cannot be used. */
async function continueAt(file: string, part: PartFile): Promise<number> {
	const size = await lstat(`${file}.part`).then(
		found => (found.isFile() ? found.size : 0),
		() => 0,
	);
	if (size !== part.bytes)
		throw coded('BAD_PART', `${part.path}.part has changed: ${size} bytes instead of ${part.bytes}`);
	return part.bytes;
}

type FileSinkOptions = {
	dir: string;
	file: string;
	offset: number;
	overwrite: boolean;
	validator?: string;
	/** Another name, for when the first one was taken meanwhile by a stranger. */
	rename(): Promise<string>;
	settled(placed?: string): void;
};

class FileSink implements Sink {
	readonly #options: FileSinkOptions;
	readonly #part: string;
	#handle: FileHandle | undefined;
	#batch: Uint8Array[] = [];
	#batched = 0;
	/** Bytes of the part file that are on the disk. */
	#written: number;

	constructor(options: FileSinkOptions) {
		this.#options = options;
		this.#part = path.join(options.dir, `${options.file}.part`);
		this.#written = options.offset;
	}

	write(chunk: Uint8Array): void | Promise<void> {
		this.#batch.push(chunk);
		this.#batched += chunk.length;
		if (this.#batched >= batchSize) return this.#flush();
	}

	async commit(): Promise<{path: string}> {
		const {overwrite, settled} = this.#options;
		this.#handle ??= await this.#openPart();
		await this.#flush();
		await this.#close();
		let {file} = this.#options;
		for (;;) {
			try {
				await place(this.#part, path.join(this.#options.dir, file), overwrite);
				settled(file);
				return {path: file};
			} catch (error) {
				if (errorCode(error) !== 'EEXIST') throw error;
				file = await this.#options.rename();
			}
		}
	}

	async abort(): Promise<PartFile | undefined> {
		const {file, validator, settled} = this.#options;
		try {
			await this.#flush();
		} catch {
			// The disk took what it could: what is on it counts, the rest is fetched again.
		}
		await this.#close().catch(() => undefined);
		if (this.#written === 0) {
			await unlink(this.#part).catch(() => undefined);
			settled();
			return undefined;
		}
		return {path: file, bytes: this.#written, ...(validator && {validator})};
	}

	async #flush(): Promise<void> {
		if (this.#batched === 0) return;
		this.#handle ??= await this.#openPart();
		const batch = this.#batch;
		this.#batch = [];
		const bytes = this.#batched;
		this.#batched = 0;
		await writeAll(this.#handle, batch, this.#written);
		this.#written += bytes;
	}

	#openPart(): Promise<FileHandle> {
		if (this.#written === 0) return beginPart(this.#part);
		return open(this.#part, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
	}

	async #close(): Promise<void> {
		const handle = this.#handle;
		this.#handle = undefined;
		await handle?.close();
	}
}

/**
 * A new part file. Whatever stands there is removed, not written to: nobody can vouch for what an earlier run left, a link
 * would lead out of the folder, and a pipe would wait for a reader.
 */
async function beginPart(file: string): Promise<FileHandle> {
	try {
		return await open(file, 'wx');
	} catch (error) {
		if (errorCode(error) !== 'EEXIST') throw error;
		await unlink(file);
		return open(file, 'wx');
	}
}

/** `writev` may write less than it was given (a full disk, a signal). */
async function writeAll(handle: FileHandle, chunks: Uint8Array[], position: number): Promise<void> {
	const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
	const {bytesWritten} = await handle.writev(chunks, position);
	if (bytesWritten === length) return;
	const rest = Buffer.concat(chunks).subarray(bytesWritten);
	await writeAll(handle, [rest], position + bytesWritten);
}

/** Gives a finished part its name. A link fails where a file stands, which a rename would silently replace. */
async function place(part: string, file: string, overwrite: boolean): Promise<void> {
	if (overwrite) return rename(part, file);
	try {
		await link(part, file);
	} catch (error) {
		// No hard links here (FAT, some network folders): look first, and rename.
		if (errorCode(error) === 'EEXIST' || (await exists(file))) throw error;
		return rename(part, file);
	}
	await unlink(part);
}

/** Only a strong ETag promises the same bytes (RFC 9110 §8.8.1). */
function strongValidator(head: Head): string | undefined {
	const {etag} = head.headers;
	return etag?.startsWith('"') ? etag : undefined;
}

async function exists(file: string): Promise<boolean> {
	try {
		await access(file);
		return true;
	} catch {
		return false;
	}
}
