import type {ForkOptions} from 'node:child_process';
import type {WorkerOptions} from 'node:worker_threads';
import {youngMegabytes} from '../threads/young-objects.ts';

/**
 * KiB of stack for JavaScript, as the main thread of a process has it. Threads have four times as much if nobody says otherwise, and
 * would find in a page that is nested thousands deep what the others cannot.
 */
const stackSize = 984;
/** KiB of a thread's stack that Node keeps for what is no JavaScript. */
const stackReserve = 192;

/** How all threads of a race are started. */
export const threadOptions: WorkerOptions = {
	// Nothing is written there. As it comes, it would be piped, and Node warns of the eleventh pipe into one stream.
	stdout: true,
	stderr: true,
	resourceLimits: {stackSizeMb: (stackSize + stackReserve) / 1024},
};

/** How all processes of a race are started: alike, so that their figures can be compared. */
export const childOptions: ForkOptions = {
	// Options of the command line may be about the main script (`--input-type`), and Node reads TypeScript without any.
	execArgv: [`--max-semi-space-size=${youngMegabytes}`, `--stack-size=${stackSize}`, '--disable-sigusr1'],
	// Else what has no JSON (`Infinity`, a `URL` that is missing) would arrive as something else.
	serialization: 'advanced',
	// What they have to say is for nobody's screen.
	stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
};

/** For the script of such a process: Ctrl-C in a terminal goes to every process there, and when this one ends is for the one that started it to say. */
export function ignoreKeys(): void {
	for (const signal of ['SIGINT', 'SIGHUP', 'SIGTSTP'] as const) process.on(signal, () => {});
}
