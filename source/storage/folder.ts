import {mkdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {errorCode} from '../engine/failure.ts';

/**
 * Makes a folder and those above it. Not `mkdir` with `recursive`: where the file system answers ENOENT although the
 * parent is there (as /proc does), that one never comes back.
 */
export async function makeFolder(dir: string): Promise<void> {
	try {
		await mkdir(dir);
	} catch (error) {
		const code = errorCode(error);
		if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return;
		const parent = path.dirname(dir);
		if (code !== 'ENOENT' || parent === dir) throw error;
		await makeFolder(parent);
		await mkdir(dir);
	}
}
