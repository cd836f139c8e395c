import {constants} from 'node:fs';
import {type FileHandle, open, realpath, stat} from 'node:fs/promises';
import {createServer} from 'node:net';
import {errorCode} from '../engine/failure.ts';

/** Gives the folder up again. */
export type Unlock = () => Promise<void>;

/**
 * Makes this process the only one that saves into a folder. Undefined while another one holds it; rejects if the folder
 * cannot be looked at. It is the same lock by whatever path.
 *
 * The kernel gives it up together with the process, however that ends. A lock file was refused: after a crash nobody knows
 * whether it still means something, and a process id in it may be somebody else's by then.
 *
 * What it does not see: processes on other machines that share the folder over a network; on Linux also those in a
 * container with a network of its own; and on systems other than Linux, Windows, macOS and the BSDs, anybody.
 */
export async function lockFolder(dir: string): Promise<Unlock | undefined> {
	const folder = await realpath(dir);
	const {dev, ino} = await stat(folder, {bigint: true});
	const name = `fetchtop-${dev}-${ino}`;
	switch (process.platform) {
		case 'linux':
		case 'android':
			return listenOn(`\0${name}`);
		case 'win32':
			return listenOn(`\\\\.\\pipe\\${name}`);
		case 'darwin':
		case 'freebsd':
		case 'netbsd':
		case 'openbsd':
			return openExclusively(folder);
		default:
			return async () => {};
	}
}

/** A name without a file: in Linux's abstract socket namespace, or among the pipes of Windows. Only one can listen there. */
function listenOn(name: string): Promise<Unlock | undefined> {
	const {promise, resolve, reject} = Promise.withResolvers<Unlock | undefined>();
	// There is nothing to talk about.
	const server = createServer(socket => socket.destroy());
	server.on('error', error => (errorCode(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
	server.listen({path: name, exclusive: true}, () => {
		// To hold a folder is no reason to live on.
		server.unref();
		resolve(() => new Promise(closed => server.close(() => closed())));
	});
	return promise;
}

/** Of <fcntl.h> on macOS and the BSDs; Node does not name it. */
const O_EXLOCK = 0x20;

/** A handle that nobody refers to is closed by the garbage collector, and the lock would be gone. */
const held = new Set<FileHandle>();

/** Opens the folder itself, which takes its lock as `flock` does; the handle is kept open for as long. */
async function openExclusively(folder: string): Promise<Unlock | undefined> {
	try {
		const handle = await open(folder, constants.O_RDONLY | O_EXLOCK | constants.O_NONBLOCK);
		held.add(handle);
		return async () => {
			held.delete(handle);
			await handle.close();
		};
	} catch (error) {
		const code = errorCode(error) ?? '';
		if (['EAGAIN', 'EWOULDBLOCK'].includes(code)) return undefined;
		// Some network file systems have no locks: better without than not at all.
		if (['ENOTSUP', 'EOPNOTSUPP'].includes(code)) return async () => {};
		throw error;
	}
}
