import {setImmediate as turn} from 'node:timers/promises';
import {type Attempting, type AttemptParts, attempt, type Outcome} from './attempt.ts';
import type {CommandHandlers} from './commands.ts';
import {Duplicates} from './duplicates.ts';
import type {EngineEvent, Untimed} from './events.ts';
import type {Failure} from './failure.ts';
import type {Place} from './host-queue.ts';
import type {InputItem} from './intake.ts';
import {nowhere, problemOf, readItem} from './item.ts';
import {goOnFrom, type Interruption, type Job, mirrorsAfter, newJob} from './job.ts';
import type {Known, Past} from './past.ts';
import {sizeOf} from './ranges.ts';
import {type Ending, finalOf, receivingOf, safe, untoldHead} from './result.ts';
import {retryDelay} from './retry.ts';
import {isFull, roomNeeded} from './room.ts';
import type {Scheduler} from './scheduler.ts';
import type {Settings} from './settings.ts';
import type {Store} from './store.ts';
import {type FinalState, isRunning, type Result, type Task, type TaskId} from './task.ts';

/** Bytes that a try has to bring to count as the first one again. */
const progress = 1024 * 1024;

/** How often a task may be refused because of the others before it counts: enough to get from 512 at once to one. */
const mostExcused = 10;

/** Tasks that are started over in one turn of the loop. It takes about 10 ms, and nothing is received meanwhile. */
const mostAtOnce = 1_000;

export type JobParts = AttemptParts & {
	random: () => number;
	/** What earlier runs left, if that is kept. */
	past?: Past;
	/** Who drives the attempts, if not all of them are to run here. */
	attempting?: (parts: AttemptParts) => Attempting;
};

/** The run that the jobs belong to, as they see it. */
export type Run = {
	/** For good: nothing may start any more. */
	readonly isStopped: boolean;
	pause(why: Failure): void;
	/** Work came in: if the run had ended, it goes on. */
	wakeUp(): void;
	endIfIdle(): void;
	/** A task has ended, and another may come in. */
	hasRoom(): void;
};

export type JobsContext = {
	parts: JobParts;
	settings: Settings;
	store: Store;
	scheduler: Scheduler;
	run: Run;
	emit(event: Untimed<EngineEvent>): void;
};

/** The life of every task, from its line of the input to its record. */
export class Jobs {
	readonly #parts: JobParts;
	readonly #settings: Settings;
	readonly #store: Store;
	readonly #scheduler: Scheduler;
	readonly #run: Run;
	readonly #emit: (event: Untimed<EngineEvent>) => void;
	readonly #attempt: Attempting;
	readonly #jobs = new Map<TaskId, Job>();
	/** Failed and canceled ones, for as long as the store knows them: they may be run again. */
	readonly #finished = new WeakMap<Readonly<Task>, Job>();
	readonly #duplicates = new Duplicates();
	#lastNumber = 0;
	/** Failed ones that are about to start over. */
	#returning = 0;

	constructor({parts, settings, store, scheduler, run, emit}: JobsContext) {
		this.#parts = parts;
		this.#settings = settings;
		this.#store = store;
		this.#scheduler = scheduler;
		this.#run = run;
		this.#emit = emit;
		this.#attempt = parts.attempting?.(parts) ?? ((job, observer, signal) => attempt(job, parts, observer, signal));
	}

	/** Jobs that are not final, or will not be for long. */
	get size(): number {
		return this.#jobs.size + this.#returning;
	}

	/** A line of the input becomes a task; one that cannot be run becomes a task that fails at once, and the rest goes on. */
	enter(item: InputItem): void {
		const id: TaskId = `t${++this.#lastNumber}`;
		const {targets, url, host, options} = readItem(item);
		this.#emit({type: 'queued', id, url, host, ...options});
		const task = this.#store.live.get(id) as Task;
		const {headers = [], paused = false} = item;
		const job = newJob(task, targets ?? nowhere, headers);
		this.#jobs.set(id, job);
		const failure = problemOf(item, url, targets !== undefined);
		if (failure) this.#finish(job, 'failed', {failure});
		else if (paused && this.#settings.attended) this.#shelve(job);
		else this.#add(job);
	}

	/** Breaks off what runs, and keeps all of it queued. */
	stop(): void {
		for (const job of this.#jobs.values()) {
			stopWaiting(job);
			this.#interrupt(job, 'stop');
		}
	}

	/** Takes back the timers of those that wait: nothing may start them any more. */
	leave(): void {
		for (const job of this.#jobs.values()) stopWaiting(job);
	}

	readonly commands: CommandHandlers<'pause-task' | 'resume-task' | 'cancel' | 'retry' | 'retry-failed' | 'promote'> = {
		'pause-task': ({id}) => {
			const job = this.#jobs.get(id);
			if (!job || job.task.state === 'paused') return;
			if (isRunning(job.task.state)) this.#interrupt(job, 'pause');
			else this.#shelve(job);
		},
		'resume-task': ({id}) => {
			const job = this.#jobs.get(id);
			if (job?.task.state === 'paused') this.#enqueue(job, {place: 'front'});
		},
		cancel: ({id}) => {
			const job = this.#jobs.get(id);
			if (!job) return;
			if (isRunning(job.task.state)) this.#interrupt(job, 'cancel');
			else this.#finish(job, 'canceled');
			this.#run.endIfIdle();
		},
		retry: ({id}) => {
			const job = this.#jobs.get(id);
			if (job?.task.state === 'waiting') {
				this.#scheduler.warm(hostOf(job));
				this.#enqueue(job, {place: 'front'});
			} else if (!job) this.#startOver(this.#store.failed.find(task => task.id === id));
		},
		'retry-failed': ({code, host}) => {
			const isWanted = ({state, host: of, result}: Readonly<Task>) =>
				state === 'failed' && (host ?? of) === of && (code === undefined || result?.error?.code === code);
			void this.#startOverAll([...this.#store.failed].filter(isWanted));
		},
		promote: ({id}) => {
			const job = this.#jobs.get(id);
			if (!job || isRunning(job.task.state)) return;
			// What it waits for is what has to be fetched first; unless a person holds that back.
			const leader = this.#duplicates.leaderOf(job);
			if (leader?.task.state === 'queued' || leader?.task.state === 'waiting') this.#promote(leader);
			this.#promote(job);
		},
	};

	/** Queues a job that was waiting, paused or final. */
	#enqueue(job: Job, options: {place: Place; retry?: boolean; failure?: Failure}): void {
		stopWaiting(job);
		job.queuedAt = this.#parts.clock.now();
		if (!options.retry) job.tries = 0;
		this.#emitQueued(job.task, options.failure);
		if (options.place === 'first') this.#emit({type: 'promoted', id: job.task.id});
		this.#add(job, options.place);
	}

	/** Where it stands in the queue now, it finds that its turn is over. */
	#promote(job: Job): void {
		const {state, id} = job.task;
		if (state === 'waiting') this.#scheduler.warm(hostOf(job));
		if (state !== 'queued') return this.#enqueue(job, {place: 'first'});
		this.#emit({type: 'promoted', id});
		this.#add(job, 'first');
	}

	#add(job: Job, place: Place = 'back'): void {
		const before = this.#settings.duplicates ? undefined : this.#duplicates.join(job);
		if (before === 'waits') return;
		if (before) {
			this.#repeat(job, before);
			this.#run.endIfIdle();
			return;
		}
		const ticket = ++job.ticket;
		const run = () => {
			if (ticket !== job.ticket) return undefined;
			const recalling = this.#recall(job);
			return recalling ? this.#takeUp(job, recalling) : this.#drive(job);
		};
		this.#scheduler.add({host: hostOf(job), run}, place);
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
	async #takeUp(job: Job, recalling: Promise<Known | undefined>): Promise<'asked' | 'idle'> {
		const {ticket} = job;
		const known = await recalling;
		// Whoever takes it up then gets the same answer: a part is given to one task only, and only once.
		if (ticket !== job.ticket || this.#run.isStopped) return 'idle';
		if (known?.kind === 'done' && !this.#settings.update) {
			this.#finish(job, 'skipped', {known: known.result});
			this.#run.endIfIdle();
			return 'idle';
		}
		if (this.#store.run.state !== 'running') {
			this.#add(job, 'front');
			return 'idle';
		}
		if (known) goOnFrom(job, known, this.#settings.update);
		job.recalled = true;
		return this.#drive(job);
	}

	/** The coroutine of one task in one slot: attempt, then whatever its outcome asks for. */
	async #drive(job: Job): Promise<'asked'> {
		const {task} = job;
		const controller = new AbortController();
		job.controller = controller;
		job.tries++;
		job.epoch = this.#scheduler.epoch(hostOf(job));
		this.#emit({type: 'connecting', id: task.id, attempt: task.attempts + 1});
		const outcome = await this.#attempt(
			job,
			{
				receiving: (head, offset, part) => this.#emit(receivingOf(task.id, head, offset, part)),
				received: bytes => this.#store.sample(task, bytes),
				saved: part => this.#emit({type: 'saved', id: task.id, part}),
				titled: title => this.#emitTitle(task, title),
				extracting: () => this.#emit({type: 'extracting', id: task.id}),
			},
			controller.signal,
		);
		job.controller = undefined;
		this.#settle(job, outcome);
		return 'asked';
	}

	#settle(job: Job, outcome: Outcome): void {
		const why = job.interruption;
		job.interruption = undefined;
		const answered = outcome.kind === 'done' || outcome.kind === 'unchanged';
		// A person's word counts for more than a failure that came at the same time: that would be tried again.
		const isOver = outcome.kind === 'failed' && why !== 'cancel' && why !== 'pause';
		if (answered) this.#scheduler.served(hostOf(job), job.epoch);
		if (outcome.kind === 'done') this.#finish(job, 'done', outcome);
		else if (outcome.kind === 'unchanged') this.#finish(job, 'skipped', job.known && {known: job.known});
		else if (isOver) this.#retryOrFail(job, outcome.failure);
		else if (why === 'cancel') this.#finish(job, 'canceled');
		else if (why === 'pause') this.#emit({type: 'paused', id: job.task.id});
		else this.#emitQueued(job.task);
		this.#run.endIfIdle();
	}

	/** A task that waits for its next try holds no slot. */
	#retryOrFail(job: Job, failure: Failure): void {
		const head = untoldHead(job);
		if (this.#run.isStopped) return this.#finish(job, 'failed', {failure, head});
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
			return this.#enqueue(job, {place: 'front', retry: true, failure});
		const isLast = job.tries > retries || peace === Number.POSITIVE_INFINITY;
		if (!failure.retryable || isLast) return this.#finish(job, 'failed', {failure, head});
		const {clock, random} = this.#parts;
		const now = clock.now();
		const until = Math.max(peace, now + retryDelay(Math.max(1, job.tries), failure, random));
		const {tries: retry, task} = job;
		this.#emit({type: 'waiting', id: task.id, until, failure, retry, retries, ...(head && {head})});
		// Whoever was refused does not come first again: if it were refused for its own sake, nothing else would ever be asked.
		const place = job.refused ? 'back' : 'front';
		job.stopWaiting = clock.timer(until - now, () => this.#enqueue(job, {place, retry: true}));
	}

	/** A host that says it is too much is left in peace, with all its tasks. @returns until when, in epoch milliseconds; `Infinity` to give up */
	#giveWay(job: Job, failure: Failure): number {
		const host = hostOf(job);
		if (failure.status !== 429 && failure.status !== 503) {
			job.refused = false;
			if (failure.status !== undefined) this.#scheduler.served(host, job.epoch);
			return 0;
		}
		const {until, crowded, isHopeless} = this.#scheduler.refused(host, job.epoch, failure, job.refused);
		job.refused = true;
		if (isHopeless) this.#giveUp(host, failure);
		if (isHopeless && job.targets.length === 1) return Number.POSITIVE_INFINITY;
		// Too many at once were we, not this task.
		if (failure.status === 429 && crowded && job.excused < mostExcused) {
			job.excused++;
			job.tries--;
		}
		return until;
	}

	/**
	 * The host refuses all there is, and asks for ever more time: one task after the other, through all its retries, a list of
	 * thousands would take days to find that out. Those that have no other place fail together; what still runs is heard out.
	 */
	#giveUp(host: string, failure: Failure): void {
		const why = {...failure, message: `${failure.message}: the host refused everything, again and again`};
		for (const job of [...this.#jobs.values()]) {
			const {state} = job.task;
			const isIdle = state === 'queued' || state === 'waiting';
			if (isIdle && job.targets.length === 1 && hostOf(job) === host) this.#finish(job, 'failed', {failure: why});
		}
	}

	/** The disk is full: nothing more can be saved until a person has made room, and then all of it goes on. */
	#awaitRoom(job: Job, failure: Failure): void {
		// Paused before it is queued, or it would start at once.
		this.#run.pause({...failure, message: `${failure.message}: ${roomNeeded(this.#store)}`});
		this.#enqueue(job, {place: 'front', failure});
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
		this.#run.hasRoom();
	}

	/** Listed before: what came of it then is what comes of it now. */
	#repeat(job: Job, known: Result): void {
		this.#finish(job, known.ok ? 'skipped' : 'failed', {known});
	}

	#startOver(task: Readonly<Task> | undefined): void {
		const job = task && this.#finished.get(task);
		if (!job || this.#run.isStopped || job.targets === nowhere) return;
		this.#run.wakeUp();
		job.trace = undefined;
		job.excused = 0;
		this.#duplicates.forget(job);
		job.targets = job.mirrors;
		this.#jobs.set(job.task.id, job);
		this.#enqueue(job, {place: task.state === 'canceled' ? 'first' : 'back'});
	}

	/** The first ones at once, so that something is queued when the command has been obeyed. */
	async #startOverAll(tasks: ReadonlyArray<Readonly<Task>>): Promise<void> {
		this.#returning += tasks.length;
		for (const [index, task] of tasks.entries()) {
			if (index > 0 && index % mostAtOnce === 0) await turn();
			this.#returning--;
			// A person may have been quicker.
			if (task.state === 'failed') this.#startOver(task);
		}
		this.#run.endIfIdle();
	}

	/** Pauses a task that holds no slot. */
	#shelve(job: Job): void {
		stopWaiting(job);
		this.#duplicates.leave(job);
		job.ticket++;
		this.#emit({type: 'paused', id: job.task.id});
	}

	#interrupt(job: Job, why: Interruption): void {
		if (job.interruption !== 'cancel') job.interruption = why;
		// There is nothing to go on with later, so what is left of it is not thrown away.
		if (why !== 'pause' || job.task.state !== 'extracting') job.controller?.abort();
	}

	/** @param failure why the attempt that ends with this came to nothing */
	#emitQueued({id, url, host, options}: Task, failure?: Failure): void {
		this.#emit({type: 'queued', id, url, host, ...options, ...(failure && {failure})});
	}

	/** A title may come late, when the attempt that it was read in is over. */
	#emitTitle({id, state}: Task, title: string): void {
		if (state === 'receiving') this.#emit({type: 'titled', id, title: safe(title)});
	}
}

/**
 * The host that is asked next. Not `task.host`, which names the task: a mirror has its own manners, and nobody waits for it
 * while the first place cools down.
 */
const hostOf = ({targets: [{host}]}: Job): string => host;

/** Takes back the timer of a task that waits for its next try. */
function stopWaiting(job: Job): void {
	job.stopWaiting?.();
	job.stopWaiting = undefined;
}
