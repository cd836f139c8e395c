import {MessageChannel, receiveMessageOnPort} from 'node:worker_threads';
import type {Options} from '../cli/options.ts';
import {UsageError} from '../cli/usage-error.ts';
import type {Command} from '../engine/commands.ts';
import type {AnyEngine} from '../engine/engine.ts';
import {type Handlers, handle} from '../engine/handlers.ts';
import type {Input} from '../engine/intake.ts';
import {limitsOf} from '../engine/settings.ts';
import type {Work} from '../work.ts';
import {ItemPump} from './item-pump.ts';
import {type Boot, endedAt, type FromEngine, type ToEngine} from './messages.ts';
import {Mirror} from './mirror.ts';
import {scriptBeside} from './script.ts';
import {startThread} from './thread.ts';

/** Milliseconds that the end of the process waits for the engine's thread. It needs one or two, unless it hangs. */
const patience = 1_000;

type Run = PromiseWithResolvers<void> & {pump: ItemPump};

/**
 * Opens the same work in a thread of its own, so that neither a busy network makes a key lag nor a busy screen slows the network.
 * What is asked of it before it is open waits.
 */
export function openRemoteWork(options: Options, attended: boolean, complain: (message: string) => void): Work {
	const mirror = new Mirror(limitsOf({...options, attended}));
	const thread = new EngineThread({options, attended}, mirror, complain);
	const engine: AnyEngine = {
		store: mirror.store,
		subscribe: listener => mirror.subscribe(listener),
		dispatch: command => thread.dispatch(command),
		run: input => thread.run(input),
	};
	return {engine, opened: thread.opened, close: () => thread.close()};
}

/** The thread and what is said to it and by it. */
class EngineThread {
	readonly #port;
	readonly #ended = new Int32Array(new SharedArrayBuffer(8));
	readonly #mirror: Mirror;
	readonly #complain: (message: string) => void;
	readonly #opened = Promise.withResolvers<void>();
	readonly #closed = Promise.withResolvers<string[]>();
	readonly #runs = new Map<number, Run>();
	readonly #dispatched: Array<() => void> = [];
	#lastRun = 0;
	#isOpen = false;

	constructor(work: Pick<Boot, 'options' | 'attended'>, mirror: Mirror, complain: (message: string) => void) {
		const {port1, port2} = new MessageChannel();
		this.#port = port1;
		this.#mirror = mirror;
		this.#complain = complain;
		// Whoever looks at it only later.
		this.opened.catch(() => undefined);
		const boot: Boot = {port: port2, ...work, ended: this.#ended.buffer};
		const worker = startThread(scriptBeside(import.meta.url, 'engine-thread'), {
			workerData: boot,
			transferList: [port2],
		});
		worker.on('error', error => {
			// A bug over there is a bug over here: whoever ends the process for it does so. Not thrown at once, which may be while the
			// thread's last messages are read, and then it gets lost.
			if (this.#isOpen)
				process.nextTick(() => {
					throw error;
				});
			else {
				// There is nobody left to be waited for.
				this.#dismiss();
				this.#opened.reject(error);
			}
		});
		port1.on('message', (message: FromEngine) => handle(this.#handlers, message));
		process.once('exit', this.#leave);
	}

	get opened(): Promise<void> {
		return this.#opened.promise;
	}

	dispatch(command: Command): Promise<void> {
		this.#post({type: 'dispatch', command});
		return new Promise(resolve => this.#dispatched.push(resolve));
	}

	run(input: Input): Promise<void> {
		const run = ++this.#lastRun;
		const pump = new ItemPump(input, {
			items: items => this.#post({type: 'items', run, items}),
			end: broken => this.#post({type: 'end', run, ...broken}),
		});
		const running = {...Promise.withResolvers<void>(), pump};
		this.#runs.set(run, running);
		this.#post({type: 'run', run});
		void pump.run();
		return running.promise;
	}

	close(): Promise<string[]> {
		this.#post({type: 'close'});
		return this.#closed.promise;
	}

	#post(message: ToEngine): void {
		this.#port.postMessage(message);
	}

	readonly #handlers: Handlers<FromEngine> = {
		opened: () => {
			this.#isOpen = true;
			this.#opened.resolve();
		},
		refused: ({error, isUsage}) => {
			this.#dismiss();
			this.#opened.reject(isUsage && error instanceof Error ? new UsageError(error.message) : error);
		},
		batch: batch => {
			this.#mirror.apply(batch);
			this.#post({type: 'heard', entries: batch.entries.length});
		},
		dispatched: () => this.#dispatched.shift()?.(),
		took: ({run, items}) => this.#runs.get(run)?.pump.took(items),
		ran: ({run, items, broken, error}) => {
			const ended = this.#runs.get(run);
			this.#runs.delete(run);
			ended?.pump.took(items);
			ended?.pump.stop();
			if (broken) ended?.reject(error);
			else ended?.resolve();
		},
		complain: ({message}) => this.#complain(message),
		closed: ({warnings}) => {
			this.#dismiss();
			this.#closed.resolve(warnings);
		},
	};

	/** Nothing more is to be heard. */
	#dismiss(): void {
		process.off('exit', this.#leave);
		this.#port.close();
		this.#adoptCode();
	}

	/**
	 * The process ends in the middle of it all, and its threads with it, just like that. What has to be done in the end (a cookie jar is
	 * to be saved) is waited for, with the loop standing still: nothing else is possible by now.
	 */
	readonly #leave = (): void => {
		this.#post({type: 'leave'});
		Atomics.wait(this.#ended, endedAt.flag, 0, patience);
		for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port))
			if (next.message.type === 'complain') this.#complain(next.message.message);
		this.#adoptCode();
	};

	#adoptCode(): void {
		process.exitCode ||= Atomics.load(this.#ended, endedAt.code);
	}
}
