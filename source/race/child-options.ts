import type {ForkOptions} from 'node:child_process';
import {youngMegabytes} from '../threads/young-objects.ts';

/** How all processes of a race are started: alike, so that their figures can be compared. */
export const childOptions: ForkOptions = {
	// Options of the command line may be about the main script (`--input-type`), and Node reads TypeScript without any.
	execArgv: [`--max-semi-space-size=${youngMegabytes}`, '--disable-sigusr1'],
	// Else what has no JSON (`Infinity`, a `URL` that is missing) would arrive as something else.
	serialization: 'advanced',
	// What they have to say is for nobody's screen.
	stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
};

/** For the script of such a process: Ctrl-C in a terminal goes to every process there, and when this one ends is for the one that started it to say. */
export function ignoreKeys(): void {
	for (const signal of ['SIGINT', 'SIGHUP', 'SIGTSTP'] as const) process.on(signal, () => {});
}
