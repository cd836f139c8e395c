import {linkSync, lstatSync, renameSync, unlinkSync} from 'node:fs';
import {errorCode} from '../engine/failure.ts';
import {numbered} from './names.ts';

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

/** Gives the part of `name` a name that says it is bad: it is there to be looked at, and in nobody's way. Returns that name. */
export function setAside(root: string, name: string): string {
	for (let count = 0; ; count++) {
		const aside = `${numbered(name, count)}.bad`;
		try {
			place(`${root}${name}.part`, root + aside, false);
			return aside;
		} catch (error) {
			if (errorCode(error) !== 'EEXIST') throw error;
		}
	}
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
