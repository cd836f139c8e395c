import {spawn} from 'node:child_process';
import {errorCode, reasonOf} from '../../engine/failure.ts';

/** Run as it is, by no shell: a file name is a stranger's text. */
export type Program = {command: string; args: readonly string[]};

/**
 * Starts a program that has nothing to do with the terminal, and outlives us. Resolves when it has ended: with a sentence if it failed,
 * and undefined if it did not. Never rejects.
 */
export function launch({command, args}: Program, input = ''): Promise<string | undefined> {
	const {promise, resolve} = Promise.withResolvers<string | undefined>();
	const child = spawn(command, args, {detached: true, stdio: ['pipe', 'ignore', 'ignore'], windowsHide: true});
	child.once('error', error =>
		resolve(errorCode(error) === 'ENOENT' ? `there is no ${command} here` : `${command}: ${reasonOf(error)}`),
	);
	child.once('exit', (status, signal) => {
		resolve(status === 0 ? undefined : `${command} failed (${signal ?? `exit status ${status}`})`);
	});
	// Who ends without reading it says so by its status.
	child.stdin.on('error', () => {});
	child.stdin.end(input);
	child.unref();
	return promise;
}
