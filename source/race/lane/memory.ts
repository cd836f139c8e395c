import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {promisify} from 'node:util';

/** Bytes of a page of memory, on all machines with a `/proc` that Node runs on but for a few; those with larger ones tell less. */
const pageBytes = 4096;

/**
 * Bytes of memory that processes have together. What they map from the same files (the program of Node itself, 50 MB) is in memory once
 * and counted once. What is gone by now counts nothing.
 */
export async function memoryOf(pids: readonly number[]): Promise<number> {
	const all = await Promise.all(pids.map(residentOf));
	const found = all.filter(each => each !== undefined);
	if (found.length === 0 && process.platform !== 'linux') return memoryByPs(pids);
	return found.reduce((sum, {own}) => sum + own, Math.max(0, ...found.map(({shared}) => shared)));
}

/** `/proc/<pid>/statm` (proc(5)): pages in all, resident ones, and those of them that are mapped from files. */
async function residentOf(pid: number): Promise<{own: number; shared: number} | undefined> {
	const text = await readFile(`/proc/${pid}/statm`, 'latin1').catch(() => '');
	const [, resident, shared] = text.split(' ').map(Number);
	if (resident === undefined || shared === undefined) return undefined;
	return {own: (resident - shared) * pageBytes, shared: shared * pageBytes};
}

/** As POSIX has it everywhere: kilobytes of each process, what they share among them. */
async function memoryByPs(pids: readonly number[]): Promise<number> {
	const {stdout} = await promisify(execFile)('ps', ['-o', 'rss=', '-p', pids.join(',')]).catch(() => ({stdout: ''}));
	return stdout
		.trim()
		.split(/\s+/)
		.reduce((sum, kilobytes) => sum + Number(kilobytes) * 1024, 0);
}
