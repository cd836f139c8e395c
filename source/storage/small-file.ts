import {closeSync, constants, futimesSync, openSync, unlinkSync, writeSync, writevSync} from 'node:fs';
import {errorCode} from '../engine/failure.ts';

/**
 * Bodies up to this are written at once and synchronously: what Node takes to hand eight system calls to another thread, and
 * to hear of them again, is four times what the calls themselves take.
 */
export const smallSize = 256 * 1024;

/**
 * A new file with all of this in it. What stands there is never written to; it is removed if it may be (`owned`).
 * @param modified the date it gets
 */
export function writeSmall(
	file: string,
	chunks: readonly Uint8Array[],
	owned: boolean,
	modified: Date | undefined,
): void {
	const descriptor = openNew(file, owned);
	try {
		try {
			writeAll(descriptor, chunks);
			if (modified) futimesSync(descriptor, modified, modified);
		} finally {
			closeSync(descriptor);
		}
	} catch (error) {
		// A piece of so little is not worth going on from.
		unlinkSync(file);
		throw error;
	}
}

/** A write may take less than it was given (a full disk, a signal). */
function writeAll(descriptor: number, chunks: readonly Uint8Array[]): void {
	let rest = chunks;
	for (let left = chunks.reduce((sum, {length}) => sum + length, 0); left > 0; ) {
		const [first] = rest;
		const written = rest.length === 1 && first ? writeSync(descriptor, first) : writevSync(descriptor, rest);
		left -= written;
		if (left > 0) rest = [Buffer.concat(rest).subarray(written)];
	}
}

const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

function openNew(file: string, owned: boolean): number {
	try {
		return openSync(file, newFile, 0o666);
	} catch (error) {
		if (errorCode(error) !== 'EEXIST' || !owned) throw error;
		unlinkSync(file);
		return openSync(file, newFile, 0o666);
	}
}
