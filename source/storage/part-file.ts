import type {Hash} from 'node:crypto';
import {constants} from 'node:fs';
import {type FileHandle, lstat, open} from 'node:fs/promises';

/** A part that is there. Never by a link. */
export const openPart = (file: string): Promise<FileHandle> =>
	open(file, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));

/** What a verification reads at once. */
const readSize = 1024 * 1024;

/** Hashes what is in a file from `position` on. */
export async function hashFrom(handle: FileHandle, hash: Hash, position: number): Promise<void> {
	const buffer = Buffer.alloc(readSize);
	for (let at = position; ; ) {
		const {bytesRead} = await handle.read(buffer, 0, readSize, at);
		if (bytesRead === 0) return;
		hash.update(buffer.subarray(0, bytesRead));
		at += bytesRead;
	}
}

/**
 * Gives the memory of a chunk back at once, if all of it is the chunk's. Left to the garbage collector, which counts it and
 * knows of little else, 2 GiB of body are 90 full collections: a quarter of the time.
 */
export function free({buffer, byteLength}: Uint8Array): void {
	if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength && byteLength > 0) buffer.transfer(0);
}

/** What tells a file from every other one, and from itself after somebody has written to it. `none` where none is. */
export async function versionOf(file: string): Promise<string> {
	const found = await lstat(file, {bigint: true}).catch(() => undefined);
	return found?.isFile() ? [found.dev, found.ino, found.size, found.mtimeNs].join() : 'none';
}
