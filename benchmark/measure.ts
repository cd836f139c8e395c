import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {closeSync, openSync, readFileSync} from 'node:fs';
import path from 'node:path';

/** Seconds, seconds of user and system time of the program and its children, and bytes; NaN: not measured. */
export type Sample = {wall: number; cpu: number; memory: number} & ScreenSample;

/** What a program does with a terminal. */
export type ScreenSample = {
	/** User and system time of all its threads over the time that passed: 1 is a whole core. */
	core?: number;
	frames?: number;
	/** Bytes written for each frame, and in all. */
	frameBytes?: number;
	bytes?: number;
	/** Seconds from a key to the frame that shows what it did: half of the keys took no longer, and 99 of 100. */
	p50?: number;
	p99?: number;
};

export type Metric = keyof Sample;

export const unmeasured: Sample = {wall: Number.NaN, cpu: Number.NaN, memory: Number.NaN};

/** All that runs now, to be ended with us. Each leads a process group of its own. */
const running = new Set<ChildProcess>();

/** Variables that would make one contestant do other work than the next. */
const env: NodeJS.ProcessEnv = {
	...Object.fromEntries(
		Object.entries(process.env).filter(([name]) => !/^CI$|^NO_COLOR$|^NODE_OPTIONS$|^npm_|_proxy$/i.test(name)),
	),
	TERM: 'xterm-256color',
	SHELL: '/bin/sh',
};

/** A program in a process group of its own, so that ending it ends its children too. */
export function start(command: readonly string[], stdio: Array<number | 'pipe' | 'ignore'>): ChildProcess {
	const [file = '', ...args] = command;
	const child = spawn(file, args, {stdio, env, detached: true});
	running.add(child);
	child.once('close', () => running.delete(child));
	child.on('error', () => running.delete(child));
	return child;
}

export function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
	if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
	try {
		process.kill(-child.pid, signal);
	} catch {
		// It was faster.
	}
}

export function endAll(): void {
	for (const child of running) end(child);
}

export const exited = (child: ChildProcess): Promise<number> =>
	new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (status, signal) => resolve(status ?? (signal ? 128 : -1)));
	});

/** Debian's package `time`. What bash has of that name knows nothing of memory. */
const gnuTime = spawnSync('/usr/bin/time', ['--version'], {encoding: 'utf8'}).error ? undefined : '/usr/bin/time';

export const method = [
	'Wall and CPU time are those of bash’s `time` (milliseconds; user + system of the program and all children it waited for),',
	'memory is the largest resident set as GNU time tells it (`wait4`, the largest single process).',
	gnuTime ? '' : 'GNU time is not installed here (Debian: `time`), so memory was not measured.',
]
	.filter(Boolean)
	.join(' ');

/** $0 is the file for the peak in KiB, '' for none. What bash says comes by descriptor 3, for the program's stderr is its own. */
const script = `exec 4>&2; TIMEFORMAT='%3R %3U %3S'
if [ -n "$0" ]; then set -- ${gnuTime} -q -f %M -o "$0" "$@"; fi
{ time "$@" 2>&4 3>&- 4>&-; } 2>&3`;

/**
 * Runs a program to its end. Node has no `wait4`, and what /proc tells is gone with the process: hence bash and GNU time.
 * @param folder where its stdout, stderr and peak memory are kept, as `stdout`, `stderr` and `peak`
 * @param inTerminal in a pseudo-terminal of 120 × 40, kept open
 */
export async function measure(command: readonly string[], folder: string, inTerminal = false): Promise<Sample> {
	const file = (name: string) => path.join(folder, name);
	const [stdout, stderr] = [openSync(file('stdout'), 'w'), openSync(file('stderr'), 'w')];
	const wrapped = inTerminal ? terminal(command) : command;
	const child = start(
		['bash', '-c', script, gnuTime ? file('peak') : '', ...wrapped],
		[inTerminal ? 'pipe' : 'ignore', stdout, stderr, 'pipe'],
	);
	closeSync(stdout);
	closeSync(stderr);
	let said = '';
	child.stdio[3]?.on('data', chunk => {
		said += chunk;
	});
	const status = await exited(child);
	if (status !== 0) {
		const words = readFileSync(file('stderr'), 'utf8') || readFileSync(file('stdout'), 'utf8');
		throw new Error(`${path.basename(command[0] ?? '')} ended with ${status}: ${words.slice(-1_000)}`);
	}
	return {...timesOf(said), memory: gnuTime ? Number(readFileSync(file('peak'), 'utf8').trim()) * 1024 : Number.NaN};
}

/** What bash was told to say: wall, user and system seconds. */
export function timesOf(line: string): {wall: number; cpu: number} {
	const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = line
		.trim()
		.replaceAll(',', '.')
		.split(' ')
		.map(Number);
	return {wall, cpu: user + system};
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** util-linux's `script` gives the program a terminal. */
export const terminal = (command: readonly string[]): string[] => [
	'script',
	'-qfec',
	`stty cols 120 rows 40; exec ${command.map(quoted).join(' ')}`,
	'/dev/null',
];
