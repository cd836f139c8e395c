import PQueue from 'p-queue';
import {type AttemptParts, attempt, type Outcome} from './attempt.ts';
import {Bandwidth} from './bandwidth.ts';
import type {Command} from './commands.ts';
import {Courtesy} from './courtesy.ts';
import {Duplicates} from './duplicates.ts';
import type {EngineEvent, Limits, Listener, RunState, Untimed} from './events.ts';
import type {Failure} from './failure.ts';
import {HostQueue, type HostQueueOptions} from './host-queue.ts';
import {type Input, type InputItem, Intake} from './intake.ts';
import {nowhere, problemOf, readItem} from './item.ts';
import {goOnFrom, type Interruption, type Job, mirrorsAfter} from './job.ts';
import type {Known, Past} from './past.ts';
import {sizeOf} from './ranges.ts';
import {type Ending, finalOf, receivingOf, safe} from './result.ts';
import {retryDelay} from './retry.ts';
import {isFull, roomNeeded} from './room.ts';
import {maxConcurrency, type Settings} from './settings.ts';
import {StartRate} from './start-rate.ts';
import {type ReadonlyStore, Store} from './store.ts';
import {type FinalState, isRunning, type Result, type Task, type TaskId} from './task.ts';

/** Live tasks kept in memory: enough to keep 512 slots busy and to be fair to hosts, small beside a list of millions. */
const liveLimit = 2_048;

/** Bytes that a try has to bring to count as the first one again. */
const progress = 1024 * 1024;

/** How often a task may be refused because of the others before it counts: enough to get from 512 at once to one. */
const mostExcused = 10;

export type EngineParts = Omit<
	AttemptParts,
	'held' | 'bandwidth' | 'brief' | 'maxSize' | 'minSpeed' | 'connections'
> & {
	/** From 0 up to 1; spreads the retries. */
	random: () => number;
	/** What earlier runs left, if that is kept. */
	past?: Past;
};

export class Engine {
	readonly #parts: AttemptParts & EngineParts;
	readonly #settings: Settings;
	readonly #store = new Store();
	readonly #hosts: HostQueue;
	readonly #starts: StartRate;
	readonly #courtesy: Courtesy;
	readonly #duplicates = new Duplicates();
	readonly #queue: PQueue<HostQueue, HostQueueOptions>;
	readonly #intake: Intake;
	readonly #jobs = new Map<TaskId, Job>();
	/** Failed and canceled ones, for as long as the store knows them: they may be run again. */
	readonly #finished = new WeakMap<Readonly<Task>, Job>();
	readonly #listeners = new Set<Listener>();
	#lastNumber = 0;
	#hold: PromiseWithResolvers<void> | undefined;
	/** The run was stopped for good: nothing may start any more. */
	#stopped = false;
	#broken: unknown;
	#ended: PromiseWithResolvers<void> | undefined;

	constructor(parts: EngineParts, settings: Settings) {
		const {maxSize, minSpeed, connections, titlesOnly: brief, perHost, rate, limitRate} = settings;
		const {clock, random} = parts;
		const bandwidth = new Bandwidth(clock);
		const held = (signal: AbortSignal) => this.#held(signal);
		this.#parts = {...parts, maxSize, minSpeed, connections, brief, bandwidth, held};
		this.#settings = settings;
		this.#starts = new StartRate(clock, () => this.#look());
		const hosts = new HostQueue(perHost, this.#starts);
		this.#hosts = hosts;
		this.#courtesy = new Courtesy({
			clock,
			random,
			hosts,
			wake: () => this.#look(),
			changed: (host, until, window, why) => this.#emit({type: 'host', host, until, window, why}),
		});
		// p-queue makes its own instance; this one is needed here too, to give back a host's slot.
		const queueClass = function shared() {
			return hosts;
		} as unknown as new () => HostQueue;
		this.#queue = new PQueue<HostQueue, HostQueueOptions>({concurrency: settings.concurrency, queueClass});
		this.#intake = new Intake(
			() => this.#jobs.size < liveLimit,
			item => this.#enter(item),
		);
		this.#emitLimits({
			concurrency: settings.concurrency,
			perHost: finite(perHost),
			rate: finite(rate),
			bandwidth: finite(limitRate),
		});
		this.#starts.limit = rate;
		bandwidth.limit = limitRate;
	}

	get store(): ReadonlyStore {
		return this.#store;
	}

	/** Calls `listener` with every event from now on, in order and synchronously. Returns how to stop it. */
	subscribe(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/**
	 * Takes in an input (URLs, or items with the line they come from) and resolves when the run has ended. Rejects, with
	 * everything taken in so far run, if the input breaks.
	 */
	async run(input: Input): Promise<void> {
		if (this.#stopped && this.#store.run.state === 'ended') return;
		const ended = this.#settled();
		void this.#pull(input);
		await ended;
		if (this.#broken) throw this.#broken;
	}

	/** Asks for something. What came of it shows in the events. */
	dispatch(command: Command): void {
		const handle = this.#commands[command.type] as (command: Command) => void;
		handle(command);
	}

	/** Closes idle connections. Call it when the engine is no longer needed. */
	async close(): Promise<void> {
		await this.#parts.transport.close();
	}

	readonly #commands: {[Type in Command['type']]: (command: Command & {type: Type}) => void} = {
		'set-concurrency': ({value}) => {
			const concurrency = Math.min(maxConcurrency, Math.max(1, Math.round(value)));
			if (concurrency === this.#queue.concurrency || Number.isNaN(concurrency)) return;
			this.#emitLimits({concurrency});
			this.#queue.concurrency = concurrency;
		},
		'set-per-host': ({value}) => {
			const perHost = value === null ? null : Math.max(1, Math.round(value));
			if (perHost === this.#store.run.perHost || Number.isNaN(perHost)) return;
			this.#emitLimits({perHost});
			this.#hosts.limit = perHost ?? Number.POSITIVE_INFINITY;
			this.#look();
		},
		'set-rate': ({value: rate}) => {
			if (rate === this.#store.run.rate || !isLimit(rate)) return;
			this.#emitLimits({rate});
			this.#starts.limit = rate ?? Number.POSITIVE_INFINITY;
		},
		'set-bandwidth': ({value: bandwidth}) => {
			if (bandwidth === this.#store.run.bandwidth || !isLimit(bandwidth)) return;
			this.#emitLimits({bandwidth});
			this.#parts.bandwidth.limit = bandwidth ?? Number.POSITIVE_INFINITY;
		},
		pause: () => this.#pause(),
		resume: () => {
			const {state} = this.#store.run;
			if (state !== 'paused' && state !== 'draining') return;
			this.#emitRun('running');
			this.#letFlow();
			this.#queue.start();
		},
		'pause-task': ({id}) => {
			const job = this.#jobs.get(id);
			if (!job || job.task.state === 'paused') return;
			if (isRunning(job.task.state)) this.#interrupt(job, 'pause');
			else this.#shelve(job);
		},
		'resume-task': ({id}) => {
			const job = this.#jobs.get(id);
			if (job?.task.state === 'paused') this.#enqueue(job, {front: true});
		},
		cancel: ({id}) => {
			const job = this.#jobs.get(id);
			if (!job) return;
			if (isRunning(job.task.state)) this.#interrupt(job, 'cancel');
			else this.#finish(job, 'canceled');
			this.#endIfIdle();
		},
		retry: ({id}) => {
			const job = this.#jobs.get(id);
			if (job?.task.state === 'waiting') {
				// A person knows better than the host whether now is the time.
				this.#courtesy.warm(job.task.host);
				this.#enqueue(job, {front: true});
			} else if (!job) this.#startOver(this.#store.failed.find(task => task.id === id));
		},
		'retry-failed': () => {
			for (const task of [...this.#store.failed]) if (task.state === 'failed') this.#startOver(task);
		},
		add: ({urls}) => {
			if (this.#stopped || this.#store.run.state === 'draining') return;
			void this.#pull(urls);
		},
		stop: ({mode}) => {
			const {state} = this.#store.run;
			if (mode === 'abort') this.#abort();
			else if (state === 'running' || state === 'paused') {
				this.#queue.pause();
				this.#letFlow();
				this.#emitRun('draining');
				this.#endIfIdle();
			}
		},
	};

	/** Never rejects: an input that breaks ends there, and `run` reports it when everything before it has been dealt with. */
	async #pull(input: Input): Promise<void> {
		this.#wakeUp();
		const pulling = this.#intake.pull(input);
		if (!this.#store.run.inputOpen) this.#emit({type: 'input', open: true});
		try {
			await pulling;
		} catch (error) {
			this.#broken = error;
		}
		if (this.#intake.open === 0) this.#emit({type: 'input', open: false});
		this.#endIfIdle();
	}

	/** A line of the input becomes a task; one that cannot be run becomes a task that fails at once, and the rest goes on. */
	#enter(item: InputItem): void {
		const id: TaskId = `t${++this.#lastNumber}`;
		const {targets, url, host, options} = readItem(item);
		this.#emit({type: 'queued', id, url, host, ...options});
		const task = this.#store.live.get(id) as Task;
		const {headers = [], paused = false} = item;
		const mirrors = targets ?? nowhere;
		const job: Job = {
			task,
			targets: mirrors,
			mirrors,
			headers,
			tries: 0,
			queuedAt: task.since,
			ticket: 0,
			epoch: 0,
			excused: 0,
		};
		this.#jobs.set(id, job);
		const failure = problemOf(item, url, targets !== undefined);
		if (failure) this.#finish(job, 'failed', {failure});
		else if (paused && this.#settings.attended) this.#shelve(job);
		else this.#add(job);
	}

	/** Queues a job that was waiting, paused or final. */
	#enqueue(job: Job, options: {front: boolean; retry?: boolean}): void {
		stopWaiting(job);
		job.queuedAt = this.#parts.clock.now();
		if (!options.retry) job.tries = 0;
		this.#emitQueued(job.task);
		this.#add(job, options.front);
	}

	#add(job: Job, front = false): void {
		const before = this.#settings.duplicates ? undefined : this.#duplicates.join(job);
		if (before === 'waits') return;
		if (before) return this.#repeat(job, before);
		const ticket = ++job.ticket;
		const {host} = job.task;
		// The promise settles when `#drive` does, which never rejects.
		void this.#queue.add(
			async () => {
				// Without an await where there is nothing to wait for: what has a slot starts in the same turn.
				const recalling = ticket === job.ticket ? this.#recall(job) : undefined;
				if (recalling) await this.#takeUp(job, recalling);
				else if (ticket === job.ticket) await this.#drive(job);
				else this.#starts.giveBack();
				this.#hosts.release(host);
			},
			{host, front},
		);
	}

	/** What earlier runs left of it is looked up once, when its turn comes for the first time. */
	#recall(job: Job): Promise<Known | undefined> | undefined {
		if (job.recalled) return undefined;
		const recalling = job.recalling ?? this.#parts.past?.recall(job.task.url, job.task.options);
		if (recalling) job.recalling = recalling;
		else job.recalled = true;
		return recalling;
	}

	/** Skips a task that is done, or drives it from where it is. Much may have happened while the disk was asked. */
	async #takeUp(job: Job, recalling: Promise<Known | undefined>): Promise<void> {
		const {ticket} = job;
		const known = await recalling;
		// Whoever takes it up then gets the same answer: a part is given to one task only, and only once.
		if (ticket !== job.ticket || this.#stopped) return this.#starts.giveBack();
		if (known?.kind === 'done' && !this.#settings.update) {
			this.#starts.giveBack();
			this.#finish(job, 'skipped', {known: known.result});
			return this.#endIfIdle();
		}
		if (this.#store.run.state !== 'running') return this.#add(job, true);
		if (known) goOnFrom(job, known, this.#settings.update);
		job.recalled = true;
		return this.#drive(job);
	}

	/** The coroutine of one task in one slot: attempt, then whatever its outcome asks for. */
	async #drive(job: Job): Promise<void> {
		const {task} = job;
		const controller = new AbortController();
		job.controller = controller;
		job.tries++;
		job.epoch = this.#courtesy.epoch(task.host);
		this.#emit({type: 'connecting', id: task.id, attempt: task.attempts + 1});
		const outcome = await attempt(
			job,
			this.#parts,
			{
				receiving: (head, offset, part) => this.#emit({id: task.id, ...receivingOf(head, offset, part)}),
				received: bytes => this.#store.sample(task, bytes),
				saved: part => this.#emit({type: 'saved', id: task.id, part}),
				titled: title => this.#emitTitle(task, title),
				extracting: () => this.#emit({type: 'extracting', id: task.id}),
			},
			controller.signal,
		);
		delete job.controller;
		this.#settle(job, outcome);
	}

	#settle(job: Job, outcome: Outcome): void {
		const why = job.interruption;
		delete job.interruption;
		const answered = outcome.kind === 'done' || outcome.kind === 'unchanged';
		if (answered) this.#courtesy.served(job.task.host, job.epoch);
		if (outcome.kind === 'done') this.#finish(job, 'done', outcome);
		else if (outcome.kind === 'unchanged') this.#finish(job, 'skipped', job.known && {known: job.known});
		else if (outcome.kind === 'failed') this.#retryOrFail(job, outcome.failure);
		else if (why === 'cancel') this.#finish(job, 'canceled');
		else if (why === 'pause') this.#emit({type: 'paused', id: job.task.id});
		else this.#emitQueued(job.task);
		this.#endIfIdle();
	}

	/** A task that waits for its next try holds no slot. */
	#retryOrFail(job: Job, failure: Failure): void {
		if (this.#stopped) return this.#finish(job, 'failed', {failure});
		if (isFull(failure) && this.#settings.attended) return this.#awaitRoom(job, failure);
		const {retries} = this.#settings;
		const kept = sizeOf(job.part?.ranges ?? []);
		// A server that breaks off again and again is worth asking for as long as it gets on.
		if (kept >= (job.kept ?? 0) + progress) job.tries = 1;
		job.kept = kept;
		const peace = this.#giveWay(job, failure);
		const mirrors = mirrorsAfter(job.targets, failure);
		if (mirrors) job.targets = mirrors;
		// Another place may have what this one has not, and there is no reason to wait before each has been asked once.
		if (mirrors && (!failure.retryable || job.tries < mirrors.length))
			return this.#enqueue(job, {front: true, retry: true});
		if (!failure.retryable || job.tries > retries) return this.#finish(job, 'failed', {failure});
		const {clock, random} = this.#parts;
		const now = clock.now();
		const until = Math.max(peace, now + retryDelay(Math.max(1, job.tries), failure, random));
		this.#emit({type: 'waiting', id: job.task.id, until, failure, retry: job.tries, retries});
		job.stopWaiting = clock.timer(until - now, () => this.#enqueue(job, {front: true, retry: true}));
	}

	/** A host that says it is too much is left in peace, with all its tasks. @returns until when; epoch milliseconds */
	#giveWay(job: Job, failure: Failure): number {
		const {host} = job.task;
		// A mirror's answer says nothing of the host that the queue knows the task by.
		if (job.targets[0].host !== host) return 0;
		if (failure.status !== 429 && failure.status !== 503) {
			if (failure.status !== undefined) this.#courtesy.served(host, job.epoch);
			return 0;
		}
		// Too many at once were we, not this task.
		if (failure.status === 429 && this.#hosts.running(host) > 1 && job.excused < mostExcused) {
			job.excused++;
			job.tries--;
		}
		return this.#courtesy.refused(host, job.epoch, failure);
	}

	/** The disk is full: nothing more can be saved until a person has made room, and then all of it goes on. */
	#awaitRoom(job: Job, failure: Failure): void {
		// Paused before it is queued, or it would start at once.
		this.#pause({...failure, message: `${failure.message}: ${roomNeeded(this.#store)}`});
		this.#enqueue(job, {front: true});
	}

	#pause(why?: Failure): void {
		if (this.#store.run.state !== 'running') return;
		this.#queue.pause();
		this.#hold = Promise.withResolvers();
		this.#emit({type: 'run', state: 'paused', ...(why && {why})});
	}

	#finish(job: Job, state: FinalState, how: Ending = {}): void {
		stopWaiting(job);
		job.ticket++;
		const {task} = job;
		this.#jobs.delete(task.id);
		if (state === 'failed' || state === 'canceled') this.#finished.set(task, job);
		const event = finalOf(job, state, how, this.#parts.clock.now());
		this.#emit(event);
		for (const follower of this.#duplicates.end(job, event.result)) {
			if (state === 'canceled') this.#add(follower);
			else this.#repeat(follower, event.result);
		}
		this.#intake.wake();
	}

	/** Listed before: what came of it then is what comes of it now. */
	#repeat(job: Job, known: Result): void {
		this.#finish(job, known.ok ? 'skipped' : 'failed', {known});
	}

	#startOver(task: Readonly<Task> | undefined): void {
		const job = task && this.#finished.get(task);
		if (!job || this.#stopped || job.targets === nowhere) return;
		this.#wakeUp();
		delete job.trace;
		job.excused = 0;
		this.#duplicates.forget(job);
		job.targets = job.mirrors;
		this.#jobs.set(job.task.id, job);
		this.#enqueue(job, {front: false});
	}

	/** Pauses a task that holds no slot. */
	#shelve(job: Job): void {
		stopWaiting(job);
		job.ticket++;
		this.#emit({type: 'paused', id: job.task.id});
	}

	#interrupt(job: Job, why: Interruption): void {
		if (job.interruption !== 'cancel') job.interruption = why;
		job.controller?.abort();
	}

	#abort(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		this.#queue.pause();
		this.#intake.close();
		// After the end too: whoever shows the run has to hear that it was told to stop.
		this.#emitRun('stopping');
		for (const job of this.#jobs.values()) {
			stopWaiting(job);
			this.#interrupt(job, 'stop');
		}
		this.#letFlow();
		this.#endIfIdle();
	}

	#letFlow(): void {
		this.#hold?.resolve();
		this.#hold = undefined;
	}

	#held(signal: AbortSignal): Promise<void> | undefined {
		if (!this.#hold || signal.aborted) return undefined;
		const {promise, resolve} = Promise.withResolvers<void>();
		signal.addEventListener('abort', () => resolve(), {once: true});
		return Promise.race([this.#hold.promise, promise]);
	}

	/** Work came in: if the run had ended, it goes on. */
	#wakeUp(): void {
		const {state, startedAt} = this.#store.run;
		if (startedAt !== undefined && state !== 'ended') return;
		this.#emitRun('running');
		this.#letFlow();
		this.#queue.start();
	}

	/** The run ends when nothing is left, or when it is draining or stopping and nothing runs any more. */
	#endIfIdle(): void {
		const {state} = this.#store.run;
		const leaving = state === 'draining' || state === 'stopping';
		const idle = leaving ? this.#store.running() === 0 : this.#jobs.size === 0 && this.#intake.open === 0;
		if (!idle || state === 'ended') return;
		if (leaving) this.#leave();
		this.#courtesy.rest();
		this.#starts.stop();
		this.#emitRun('ended');
		this.#ended?.resolve();
		this.#ended = undefined;
	}

	/** What was left undone stays undone: nothing may start it behind the user's back. */
	#leave(): void {
		this.#stopped = true;
		this.#intake.close();
		for (const job of this.#jobs.values()) stopWaiting(job);
	}

	#settled(): Promise<void> {
		this.#ended ??= Promise.withResolvers();
		return this.#ended.promise;
	}

	#emitQueued({id, url, host, options}: Task): void {
		this.#emit({type: 'queued', id, url, host, ...options});
	}

	/** A title may come late, when the attempt that it was read in is over. */
	#emitTitle({id, state}: Task, title: string): void {
		if (state === 'receiving') this.#emit({type: 'titled', id, title: safe(title)});
	}

	#emitRun(state: RunState): void {
		this.#emit({type: 'run', state});
	}

	#emitLimits(changed: Partial<Limits>): void {
		const {concurrency, perHost, rate, bandwidth} = this.#store.run;
		this.#emit({type: 'limits', concurrency, perHost, rate, bandwidth, ...changed});
	}

	/** Something else than the end of a task made room. */
	#look(): void {
		this.#queue.concurrency = this.#store.run.concurrency;
	}

	#emit(event: Untimed<EngineEvent>): void {
		const timed = {at: this.#parts.clock.now(), ...event} as EngineEvent;
		this.#store.apply(timed);
		for (const listener of this.#listeners) listener(timed);
	}
}

const finite = (limit: number): number | null => (Number.isFinite(limit) ? limit : null);

const isLimit = (value: number | null): boolean => value === null || value > 0;

/** Takes back the timer of a task that waits for its next try. */
function stopWaiting(job: Job): void {
	job.stopWaiting?.();
	delete job.stopWaiting;
}
