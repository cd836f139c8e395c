import {linkSync, lstatSync, renameSync, unlinkSync} from 'node:fs';
import {errorCode} from '../engine/failure.ts';

/** Gives a finished part its name. A link fails where a file stands, which a rename would silently replace. */
export function place(part: string, file: string, overwrite: boolean): void {
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
