import {closeSync, futimesSync, linkSync, lstatSync, openSync, renameSync, unlinkSync, writevSync} from 'node:fs';
import {errorCode} from '../engine/failure.ts';

/**
 * Bodies up to this are written at once and synchronously: what Node takes to hand eight system calls to another thread, and
 * to hear of them again, is four times what the calls themselves take.
 */
export const smallSize = 256 * 1024;

/** A new file with all of this in it. What stands there is never written to; it is removed if it may be. */
export function writeSmall(
	file: string,
	chunks: readonly Uint8Array[],
	{owned, modified}: {owned: boolean; modified?: Date | undefined},
): void {
	const descriptor = openNew(file, owned);
	try {
		let rest = chunks;
		for (let left = chunks.reduce((sum, {length}) => sum + length, 0); left > 0; ) {
			// It may write less than it was given (a full disk, a signal).
			const written = writevSync(descriptor, rest);
			left -= written;
			if (left > 0) rest = [Buffer.concat(rest).subarray(written)];
		}
		if (modified) futimesSync(descriptor, modified, modified);
		closeSync(descriptor);
	} catch (error) {
		closeSync(descriptor);
		// A piece of so little is not worth going on from.
		unlinkSync(file);
		throw error;
	}
}

function openNew(file: string, owned: boolean): number {
	try {
		return openSync(file, 'wx');
	} catch (error) {
		if (errorCode(error) !== 'EEXIST' || !owned) throw error;
		unlinkSync(file);
		return openSync(file, 'wx');
	}
}

/** Gives a finished part its name. A link fails where a file stands, which a rename would silently replace. */
export function placeSmall(part: string, file: string, overwrite: boolean): void {
	if (overwrite) return renameSync(part, file);
	try {
		linkSync(part, file);
	} catch (error) {
		// No hard links here (FAT, some network folders): look first, and rename.
		if (errorCode(error) === 'EEXIST' || isThere(file)) throw error;
		return renameSync(part, file);
	}
	unlinkSync(part);
}

/** Links too, wherever they lead: what stands there is not ours. */
export function isThere(file: string): boolean {
	try {
		return lstatSync(file, {throwIfNoEntry: false}) !== undefined;
	} catch {
		// Whoever wants to write there will hear why not.
		return false;
	}
}
