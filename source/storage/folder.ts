import {lstat, mkdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {coded, errorCode} from '../engine/failure.ts';

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

/**
 * Makes the folders of `file` (a relative path with `/`) inside `dir`. A symbolic link among them would lead out of `dir`,
 * wherever it points, so it is refused (ELOOP).
 */
export async function makeFoldersOf(dir: string, file: string): Promise<void> {
	let folder = dir;
	for (const segment of file.split('/').slice(0, -1)) {
		folder = path.join(folder, segment);
		await mkdir(folder).catch(error => {
			if (errorCode(error) !== 'EEXIST') throw error;
		});
		const found = await lstat(folder);
		if (found.isSymbolicLink()) throw coded('ELOOP', `${folder} is a symbolic link and might lead out of ${dir}`);
		if (!found.isDirectory()) throw coded('ENOTDIR', `${folder} is a file where a folder is needed`);
	}
}
