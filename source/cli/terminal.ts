import {closeSync, openSync} from 'node:fs';
import tty from 'node:tty';

/** Where the dashboard is drawn and where its keys come from. */
export type Terminal = {stdin: tty.ReadStream; stdout: tty.WriteStream; close(): void};

const path = process.platform === 'win32' ? {read: 'CONIN$', write: 'CONOUT$'} : {read: '/dev/tty', write: '/dev/tty'};

/**
 * The terminal a person sits at: stdin and stdout where they are one, else the controlling terminal, so that the list may
 * come from a pipe and the records may go into a file. Undefined when there is none.
 */
export function openTerminal(useStdout: boolean): Terminal | undefined {
	const closers: Array<() => void> = [];
	const close = () => {
		for (const closer of closers) closer();
	};
	try {
		const stdin = process.stdin.isTTY ? process.stdin : new tty.ReadStream(claim(path.read, 'r', closers));
		if (stdin !== process.stdin) closers.push(() => stdin.destroy());
		const stdout = useStdout ? process.stdout : new tty.WriteStream(claim(path.write, 'w', closers));
		if (stdout !== process.stdout) closers.push(followSize(stdout));
		return {stdin: stdin as tty.ReadStream, stdout: stdout as tty.WriteStream, close};
	} catch {
		close();
		return undefined;
	}
}

function claim(file: string, flags: string, closers: Array<() => void>): number {
	const descriptor = openSync(file, flags);
	if (tty.isatty(descriptor)) return descriptor;
	closers.push(() => closeSync(descriptor));
	throw new Error(`${file} is no terminal`);
}

/** Node tells only its own stdout and stderr of a new window size. */
function followSize(stream: tty.WriteStream): () => void {
	const refresh = () => {
		[stream.columns, stream.rows] = stream.getWindowSize();
		stream.emit('resize');
	};
	process.on('SIGWINCH', refresh);
	return () => {
		process.off('SIGWINCH', refresh);
		stream.destroy();
	};
}
