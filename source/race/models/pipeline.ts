import os from 'node:os';
import {MessageChannel, type Worker} from 'node:worker_threads';
import {type Handlers, handle} from '../../engine/handlers.ts';
import {scriptBeside} from '../../threads/script.ts';
import {startThread} from '../../threads/thread.ts';
import {threadOptions} from '../child-options.ts';
import type {FromFetcher, FromParser, ToFetcher, ToParser} from './pipeline-messages.ts';
import {mostStillborn, type OpenRunner, type Runner, type RunnerContext} from './runner.ts';

/** A thread with an actor in it, or with all fetchers. */
type Actor = {kind: 'fetchers' | 'parser'; number: number; thread: Worker; isReady: boolean};

/** What a thread says, and what has come of it. */
type FromActor = FromFetcher | FromParser;

/**
 * Actors that share nothing: fetchers hand pages to parsers, parsers hand records to this thread, which is the collector, hands out the
 * tasks, and starts whoever has died again. Whatever one of them knows of another came in a message.
 */
class Pipeline implements Runner {
	readonly #context: RunnerContext;
	readonly #actors = new Set<Actor>();
	readonly #ready = Promise.withResolvers<void>();
	/** Tasks that the fetchers have not passed on yet. */
	readonly #fetching = new Set<number>();
	/** Tasks whose page is in the mailbox of a parser, or before it; by the parser's number. */
	readonly #passed = new Map<number, number>();
	#limit: number;
	#last = 0;
	#stillborn = 0;
	#isGoing = false;
	#isClosed = false;
	#messages = 0;
	#copied = 0;
	#full = 0;

	constructor(context: RunnerContext) {
		this.#context = context;
		this.#limit = context.limit;
	}

	open(): Promise<void> {
		this.#start('fetchers');
		// What they do is CPU alone, so more of them than cores would only take turns.
		for (let parsers = Math.min(this.#limit, os.availableParallelism()); parsers > 0; parsers--) this.#start('parser');
		return this.#ready.promise;
	}

	go(): void {
		this.#isGoing = true;
		this.#feed();
	}

	setLimit(value: number): void {
		this.#limit = value;
		this.#feed();
	}

	kill(): void {
		// As in a pool: not those who are still starting.
		const actors = [...this.#actors].filter(({isReady}) => isReady);
		void actors[Math.floor(Math.random() * actors.length)]?.thread.terminate();
	}

	cpuElsewhere(): number {
		return 0;
	}

	pids(): number[] {
		return [];
	}

	usage(): ReturnType<Runner['usage']> {
		const [running, workers] = [this.#fetching.size, this.#actors.size];
		return {running, workers, messages: this.#messages, copied: this.#copied, full: this.#full};
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await Promise.all([...this.#actors].map(({thread}) => thread.terminate()));
	}

	#actorsOf(kind: Actor['kind']): Actor[] {
		return [...this.#actors].filter(actor => actor.kind === kind);
	}

	#start(kind: Actor['kind']): void {
		const script = kind === 'parser' ? 'parser-thread' : 'fetcher-thread';
		const thread = startThread(scriptBeside(import.meta.url, script), threadOptions);
		const actor: Actor = {kind, number: ++this.#last, thread, isReady: false};
		let reason: string | undefined;
		thread.on('message', (message: FromActor) => this.#hear(actor, message));
		thread.on('error', error => {
			reason = error instanceof Error ? error.message : String(error);
		});
		thread.on('exit', code => this.#gone(actor, reason ?? `exit code ${code}`));
		thread.postMessage({type: 'equip', equipment: this.#context.equipment} satisfies ToFetcher & ToParser);
		for (const other of this.#actors) if (other.kind !== kind) this.#connect(...this.#ordered(actor, other));
		this.#actors.add(actor);
	}

	readonly #ordered = (one: Actor, other: Actor): [fetchers: Actor, parser: Actor] =>
		one.kind === 'fetchers' ? [one, other] : [other, one];

	#connect(fetchers: Actor, parser: Actor): void {
		const {port1, port2} = new MessageChannel();
		fetchers.thread.postMessage({type: 'parser', parser: parser.number, port: port1} satisfies ToFetcher, [port1]);
		parser.thread.postMessage({type: 'fetcher', port: port2} satisfies ToParser, [port2]);
	}

	#hear(actor: Actor, message: FromActor): void {
		this.#messages++;
		const handlers: Handlers<FromActor> = {
			ready: () => this.#isReady(actor),
			passed: ({number, parser, bytes}) => this.#isPassed(number, parser, bytes),
			full: () => {
				this.#full++;
			},
			record: ({number, result}) => {
				if (actor.kind === 'fetchers') this.#fetching.delete(number);
				this.#passed.delete(number);
				this.#context.tasks.finish(number, result);
			},
		};
		handle(handlers, message);
		this.#feed();
	}

	#isReady(actor: Actor): void {
		actor.isReady = true;
		this.#stillborn = 0;
		if ([...this.#actors].every(({isReady}) => isReady)) this.#ready.resolve();
	}

	#isPassed(number: number, parser: number, bytes: number): void {
		// There and back: the page, and that the parser is through with it.
		this.#messages += 2;
		this.#copied += bytes;
		this.#fetching.delete(number);
		const isAlive = this.#actorsOf('parser').some(actor => actor.number === parser);
		if (isAlive) this.#passed.set(number, parser);
		else this.#context.tasks.lost(number, `parser ${parser} is gone`);
	}

	#feed(): void {
		const [fetchers] = this.#actorsOf('fetchers');
		if (!this.#isGoing || !fetchers?.isReady) return;
		while (this.#fetching.size < this.#limit) {
			const task = this.#context.tasks.next();
			if (!task) return;
			this.#messages++;
			this.#fetching.add(task.number);
			fetchers.thread.postMessage({type: 'task', task} satisfies ToFetcher);
		}
	}

	#gone(actor: Actor, why: string): void {
		this.#actors.delete(actor);
		if (this.#isClosed) return;
		const {tasks} = this.#context;
		const what = actor.kind === 'parser' ? `parser ${actor.number} died (${why})` : `the fetchers died (${why})`;
		const lost = this.#lostWith(actor);
		if (lost.length === 0) tasks.incident(what);
		if (!actor.isReady && ++this.#stillborn >= mostStillborn)
			return this.#fail(new Error(`no thread can be started: ${why}`));
		for (const fetchers of actor.kind === 'parser' ? this.#actorsOf('fetchers') : [])
			fetchers.thread.postMessage({type: 'parser-gone', parser: actor.number} satisfies ToFetcher);
		this.#start(actor.kind);
		for (const number of lost) tasks.lost(number, what);
		this.#feed();
	}

	/** What was in its hands: all that is being fetched, or the page that it was at and its mailbox. */
	#lostWith({kind, number: parser}: Actor): number[] {
		if (kind === 'fetchers') {
			const lost = [...this.#fetching];
			this.#fetching.clear();
			return lost;
		}
		const lost = [...this.#passed].filter(([, at]) => at === parser).map(([number]) => number);
		for (const number of lost) this.#passed.delete(number);
		return lost;
	}

	#fail(error: Error): void {
		this.#ready.reject(error);
		this.#context.tasks.fail(error);
	}
}

export const openPipeline: OpenRunner = context => new Pipeline(context);
