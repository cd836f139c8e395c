import {fork} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import type {Result} from '../../engine/task.ts';
import {scriptBeside} from '../../threads/script.ts';
import {startThread} from '../../threads/thread.ts';
import {childOptions, threadOptions} from '../child-options.ts';
import type {Equipment, RaceTask} from '../seams.ts';

export type ToWorker = {type: 'equip'; equipment: Equipment} | {type: 'task'; task: RaceTask};

/** `cpu`: microseconds that the worker has used so far, where they are not a part of what this process has used. */
export type FromWorker = {type: 'ready'; cpu: number} | {type: 'done'; number: number; result: Result; cpu: number};

/** One worker, as the pool sees it. */
export type Worker = {
	/** Undefined for a thread, which is a part of this process. */
	pid: number | undefined;
	post(message: ToWorker): void;
	/** At once, whatever it is at. */
	kill(): void;
};

export type WorkerHandlers = {
	message(message: FromWorker): void;
	/** Called once. */
	exit(why: string): void;
};

export type StartWorker = (equipment: Equipment, handlers: WorkerHandlers) => Worker;

/** A thread has a heap and an event loop of its own, and shares the process with the others. */
export const startThreadWorker: StartWorker = (equipment, {message, exit}) => {
	const thread = startThread(scriptBeside(import.meta.url, 'worker-thread'), threadOptions);
	let reason: string | undefined;
	thread.on('message', message);
	thread.on('error', error => {
		reason = error instanceof Error ? error.message : String(error);
	});
	thread.on('exit', code => exit(reason ?? `exit code ${code}`));
	thread.postMessage({type: 'equip', equipment} satisfies ToWorker);
	return {
		pid: undefined,
		post: sent => thread.postMessage(sent),
		kill: () => void thread.terminate(),
	};
};

/** A process shares nothing: whatever it is to know, or has found, is written to a pipe and read at the other end. */
export const startProcessWorker: StartWorker = (equipment, {message, exit}) => {
	const child = fork(fileURLToPath(scriptBeside(import.meta.url, 'worker-process')), childOptions);
	// What cannot be sent is noticed as its end. One for which there were no files left has not even a `send`.
	const post = (sent: ToWorker) => void (child.connected && child.send(sent, () => undefined));
	let isGone = false;
	const gone = (why: string) => {
		if (!isGone) exit(why);
		isGone = true;
	};
	child.on('message', message as (message: unknown) => void);
	child.on('error', error => gone(error.message));
	child.on('exit', (code, signal) => gone(signal ?? `exit code ${code}`));
	post({type: 'equip', equipment});
	return {
		get pid() {
			return isGone ? undefined : child.pid;
		},
		post,
		kill: () => void child.kill('SIGKILL'),
	};
};
