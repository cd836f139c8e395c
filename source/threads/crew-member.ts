import type {Worker} from 'node:worker_threads';
import type {Attempted, AttemptObserver, Outcome} from '../engine/attempt.ts';
import type {Allowance} from '../engine/bandwidth.ts';
import {errorCode} from '../engine/failure.ts';
import {type Handlers, handle} from '../engine/handlers.ts';
import type {Head} from '../engine/seams.ts';
import type {Folder} from '../parts.ts';
import type {CrewBoot, FromMember, ToMember} from './crew-messages.ts';
import {Outbox} from './outbox.ts';
import {scriptBeside} from './script.ts';
import {startThread} from './thread.ts';

type Running = {
	job: Attempted;
	observer: AttemptObserver;
	signal: AbortSignal;
	/** As `receiving` told it last. */
	head: Head | undefined;
	end(outcome: Outcome): void;
};

/** One thread of the crew, as the engine's thread sees it. */
export class CrewMember {
	readonly #worker: Worker;
	/** Where it asks for what there is only one of. */
	readonly #folder: Folder;
	readonly #outbox = new Outbox<ToMember>(messages => this.#worker.postMessage(messages));
	readonly #attempts = new Map<number, Running>();
	#last = 0;
	readonly #ready = Promise.withResolvers<void>();
	#isClosed = false;
	bandwidth: Allowance | undefined;

	constructor(boot: CrewBoot, folder: Folder) {
		this.#folder = folder;
		// Nothing is written there. As it comes, it would be piped, and Node warns of the eleventh pipe into one stream.
		this.#worker = startThread(scriptBeside(import.meta.url, 'crew-thread'), {
			workerData: boot,
			stdout: true,
			stderr: true,
		});
		this.#worker.on('message', (messages: FromMember[]) => {
			for (const message of messages) handle(this.#handlers, message);
		});
		let broken: unknown;
		this.#worker.on('error', error => {
			broken = error;
		});
		// A bug over there is a bug over here, and ends the run: what it would have come to, nobody can say. What is on the disk by then
		// is gone on from, as after a crash. Thrown only here: what is thrown while a thread's last messages are read gets lost.
		this.#worker.on('exit', code => {
			if (!this.#isClosed) throw broken ?? new Error(`a thread has ended by itself (exit code ${code})`);
		});
	}

	/** It has loaded what it takes. */
	get ready(): Promise<void> {
		return this.#ready.promise;
	}

	get running(): number {
		return this.#attempts.size;
	}

	attempt(job: Attempted, observer: AttemptObserver, signal: AbortSignal): Promise<Outcome> {
		const attempt = ++this.#last;
		const {task, targets, headers, part, unless} = job;
		const {url, number, options} = task;
		const hrefs = targets.map(({href}) => href);
		this.#outbox.add({type: 'begin', attempt, task: {url, number, options}, targets: hrefs, headers, part, unless});
		const abort = () => this.#outbox.add({type: 'abort', attempt});
		signal.addEventListener('abort', abort);
		return new Promise(resolve => {
			const end = (outcome: Outcome) => {
				signal.removeEventListener('abort', abort);
				this.#attempts.delete(attempt);
				resolve(outcome);
			};
			this.#attempts.set(attempt, {job, observer, signal, head: undefined, end});
		});
	}

	flow(): void {
		this.#outbox.add({type: 'flow'});
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await this.#worker.terminate();
	}

	readonly #handlers: Handlers<FromMember> = {
		ready: () => this.#ready.resolve(),
		receiving: ({attempt, head, offset, part}) => {
			const running = this.#attempts.get(attempt);
			if (!running) return;
			running.head = head;
			running.observer.receiving(head, offset, part);
		},
		received: ({attempt, bytes}) => this.#attempts.get(attempt)?.observer.received(bytes),
		saved: ({attempt, part}) => this.#attempts.get(attempt)?.observer.saved(part),
		titled: ({attempt, title}) => this.#attempts.get(attempt)?.observer.titled(title),
		extracting: ({attempt}) => this.#attempts.get(attempt)?.observer.extracting(),
		ended: ({attempt, outcome, part, trace, isHeadTold}) => {
			const running = this.#attempts.get(attempt);
			if (!running) return;
			const {job, head, end} = running;
			job.part = part;
			job.trace = trace && isHeadTold ? {...trace, head} : trace;
			end(outcome);
		},
		prepare: ({question}) => this.#answer(question, () => this.#folder.claims.prepare()),
		claim: ({question, name, number}) => this.#answer(question, () => this.#folder.claims.claim(name, number)),
		take: ({question, name, number}) => this.#answer(question, () => this.#folder.claims.take(name, number)),
		release: ({name, isPlaced}) => this.#folder.claims.release(name, isPlaced),
		checksum: ({question, url, name}) => this.#answer(question, () => this.#folder.checksum(url, name)),
		recorded: ({question}) => this.#answer(question, () => this.#folder.recorded()),
		share: ({question, attempt, bytes}) =>
			this.#answer(question, () => {
				const running = this.#attempts.get(attempt);
				return running && this.bandwidth ? this.bandwidth.take(running, bytes, running.signal) : bytes;
			}),
	};

	async #answer(question: number, ask: () => unknown): Promise<void> {
		try {
			this.#outbox.add({type: 'answer', question, value: await ask()});
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			const refusal = {code: errorCode(error) ?? 'UNKNOWN', message};
			this.#outbox.add({type: 'answer', question, refusal});
		}
	}
}
