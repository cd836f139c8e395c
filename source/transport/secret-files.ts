import {randomBytes} from 'node:crypto';
import {
	closeSync,
	constants,
	fsyncSync,
	openSync,
	realpathSync,
	renameSync,
	statSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import {open} from 'node:fs/promises';
import {reasonOf} from '../engine/failure.ts';
import {type NetrcEntry, parseNetrc} from './netrc.ts';
import {type FiledCookie, formatCookies, parseCookies} from './netscape.ts';

/** No cookie file and no netrc is longer, in bytes; a file that is was given by mistake. */
const longest = 16 * 1024 * 1024;

/** Cookies of a Netscape file. Throws with one line that names the file. @param ifThere a file that is not there is an empty one */
export async function readCookies(file: string, ifThere?: 'ifThere'): Promise<FiledCookie[]> {
	const text = await read('cookie file', file, 'latin1', ifThere);
	return parse('cookie file', file, () => parseCookies(text));
}

/** Logins of a netrc. Throws with one line that names the file; also when others may read it, for then it is no secret any more. */
export async function readNetrc(file: string): Promise<NetrcEntry[]> {
	const text = await read('netrc', file, 'utf8', undefined, mode => {
		if (process.platform === 'win32' || (mode & 0o077) === 0) return;
		throw new Error(`the netrc ${JSON.stringify(file)} can be read by others; run: chmod 600 ${JSON.stringify(file)}`);
	});
	return parse('netrc', file, () => parseNetrc(text));
}

async function read(
	what: string,
	file: string,
	encoding: 'latin1' | 'utf8',
	ifThere?: 'ifThere',
	check: (mode: number) => void = () => {},
): Promise<string> {
	let problem: unknown;
	try {
		// A pipe nobody writes to would hold us right here.
		await using handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
		const stats = await handle.stat();
		if (stats.isFile() && stats.size <= longest) {
			check(stats.mode);
			return await handle.readFile(encoding);
		}
		problem = stats.isFile() ? 'it is too long to be one' : 'it is no regular file';
	} catch (error) {
		if (!(error instanceof Error) || !('syscall' in error)) throw error;
		if (ifThere && 'code' in error && error.code === 'ENOENT') return '';
		problem = reasonOf(error);
	}
	throw new Error(`cannot read the ${what} ${JSON.stringify(file)}: ${problem}`);
}

function parse<Parsed>(what: string, file: string, read: () => Parsed): Parsed {
	try {
		return read();
	} catch (error) {
		const problem = error instanceof Error ? error.message : String(error);
		throw new Error(`cannot read the ${what} ${JSON.stringify(file)}: ${problem}`);
	}
}

/**
 * Writes a cookie file in one go: the old one stays until the new one is on the disk, and nobody else may read it. Synchronous, for
 * it happens at the very end of the process, however that comes. Throws with one line that names the file.
 */
export function saveCookies(file: string, cookies: readonly FiledCookie[]): void {
	let temporary: string | undefined;
	try {
		// A link stays a link: what it points to is what is written.
		const target = statSync(file, {throwIfNoEntry: false}) ? realpathSync(file) : file;
		temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
		const descriptor = openSync(temporary, 'wx', 0o600);
		try {
			writeFileSync(descriptor, formatCookies(cookies), 'latin1');
			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}
		renameSync(temporary, target);
	} catch (error) {
		if (temporary !== undefined) discard(temporary);
		throw new Error(`cannot save the cookies to ${JSON.stringify(file)}: ${reasonOf(error)}`);
	}
}

function discard(file: string): void {
	try {
		unlinkSync(file);
	} catch {
		// It was not made.
	}
}
