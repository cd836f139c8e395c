import type {AnswerHead, EngineEvent, Limits, RunEvent, RunState, TaskEvent} from './events.ts';
import {type Failure, failures} from './failure.ts';
import {Ring} from './ring.ts';
import {assertTransition, type FinalState, isFinal, type State, type Task, type TaskId} from './task.ts';
import {remember} from './tried.ts';

/** How many finished tasks stay in memory to be looked at (and, if they failed, retried). Totals count all of them. */
const keep = {done: 1_000, failed: 10_000, hosts: 1_000};
/** Of so many failed ones all is kept; of the others no more than their rows and records show. */
const keepWhole = 1_000;
/** How many different causes of failure are told apart, and how many URLs are remembered for each. */
const causeLimit = 200;
const exampleLimit = 3;

export type Cause = {code: string; message: string; count: number; examples: string[]};

/** Not asked before `until` (epoch milliseconds), then by at most `window` tasks at once. */
export type Host = {until: number; window: number; why: Failure};

export type Run = Limits & {
	state: RunState;
	/** Some input still has URLs that were not read, so that `queued` is a lower bound. */
	inputOpen: boolean;
	startedAt?: number;
	endedAt?: number;
	/** Why it is paused, when nobody asked for it. */
	why?: Failure;
};

/** What the screen, the summary and the tests read. Everything in it comes from events, but for received bytes. */
export type ReadonlyStore = {
	/** Grows with every event: equal versions mean an equal store (but for received bytes). */
	readonly version: number;
	readonly run: Readonly<Run>;
	/** Live tasks, in the order they were queued; before them those that were promoted, the last one first. */
	readonly live: ReadonlyMap<TaskId, Readonly<Task>>;
	/** Done and skipped ones, oldest first, the last of them only. */
	readonly done: Ring<Readonly<Task>>;
	/** Failed and canceled ones, likewise. */
	readonly failed: Ring<Readonly<Task>>;
	/** Live states: how many now. Final ones: how many in all. */
	readonly counts: Readonly<Record<State, number>>;
	readonly causes: ReadonlyMap<string, Readonly<Cause>>;
	/** Those that have asked for less. */
	readonly hosts: ReadonlyMap<string, Readonly<Host>>;
	/** Body bytes received by all tasks in all attempts. */
	readonly received: number;
	get(id: TaskId): Readonly<Task> | undefined;
	running(): number;
};

const none = (): Record<State, number> => ({
	queued: 0,
	connecting: 0,
	receiving: 0,
	extracting: 0,
	waiting: 0,
	paused: 0,
	done: 0,
	failed: 0,
	canceled: 0,
	skipped: 0,
});

/** The one writer of tasks. A mirror of it elsewhere needs only the same events, and samples of `received`. */
export class Store implements ReadonlyStore {
	version = 0;
	readonly run: Run = {state: 'running', concurrency: 0, perHost: null, rate: null, bandwidth: null, inputOpen: false};
	readonly live = new Map<TaskId, Task>();
	readonly done = new Ring<Task>(keep.done);
	readonly failed = new Ring<Task>(keep.failed);
	readonly counts = none();
	readonly causes = new Map<string, Cause>();
	readonly hosts = new Map<string, Host>();
	received = 0;
	/** Numbers only grow, so a higher one cannot be a task that comes back: without this, every new one searches the ring. */
	#highest = 0;

	get(id: TaskId): Task | undefined {
		const is = (task: Task) => task.id === id;
		return this.live.get(id) ?? this.failed.find(is) ?? this.done.find(is);
	}

	running(): number {
		return this.counts.connecting + this.counts.receiving + this.counts.extracting;
	}

	apply(event: EngineEvent): void {
		this.version++;
		if ('id' in event) this.#applyToTask(event);
		else this.#applyToRun(event);
	}

	/** Bytes arrived: a sample, not an event. */
	sample(task: Task, bytes: number): void {
		task.received += bytes;
		this.received += bytes;
	}

	#applyToRun(event: RunEvent): void {
		const {run} = this;
		if (event.type === 'limits') {
			const {concurrency, perHost, rate, bandwidth} = event;
			Object.assign(run, {concurrency, perHost, rate, bandwidth});
		} else if (event.type === 'host') {
			this.#setHost(event);
		} else if (event.type === 'input') {
			run.inputOpen = event.open;
		} else {
			// Taken up again after its end, a run is as long as its work was; the rest in between does not count.
			if (run.startedAt !== undefined && run.endedAt !== undefined) run.startedAt += event.at - run.endedAt;
			run.state = event.state;
			if (event.why) run.why = event.why;
			else delete run.why;
			run.startedAt ??= event.at;
			if (event.state === 'ended') run.endedAt = event.at;
			else delete run.endedAt;
		}
	}

	#setHost({host, until, window, why}: Extract<RunEvent, {type: 'host'}>): void {
		// The one that changed last stands last.
		this.hosts.delete(host);
		if (window !== null) this.hosts.set(host, {until, window, why});
		const [oldest] = this.hosts.keys();
		if (this.hosts.size > keep.hosts && oldest !== undefined) this.hosts.delete(oldest);
	}

	#applyToTask(event: TaskEvent): void {
		const task = this.live.get(event.id) ?? this.#revive(event) ?? this.#create(event);
		if (event.type === 'saved') {
			task.part = event.part;
			return;
		}
		if (event.type === 'titled') {
			task.title = event.title;
			return;
		}
		if (event.type === 'promoted') {
			this.#promote(task);
			return;
		}
		remember(task, event);
		if (task.state !== event.type) {
			assertTransition(task.state, event.type);
			if (!isFinal(task.state)) this.counts[task.state]--;
			this.counts[event.type]++;
		}
		task.state = event.type;
		task.since = event.at;
		if (task.waiting) delete task.waiting;
		this.#detail(task, event);
	}

	#detail(task: Task, event: TaskEvent): void {
		switch (event.type) {
			case 'connecting':
				task.attempts = event.attempt;
				task.startedAt ??= event.at;
				task.attemptAt = event.at;
				// What the attempt before it was told says nothing of this one.
				if (task.status !== undefined) forgetAnswer(task);
				return;
			case 'receiving': {
				const {status, finalUrl, redirects, headers, contentType, offset, total, part} = event;
				task.received = offset;
				task.headAt = event.at;
				if (task.total !== undefined) delete task.total;
				task.status = status;
				task.finalUrl = finalUrl;
				task.redirects = redirects;
				task.headers = headers;
				if (contentType !== undefined) task.contentType = contentType;
				if (total !== undefined) task.total = total;
				if (part) task.part = part;
				return;
			}
			case 'waiting': {
				const {until, failure, retry, retries} = event;
				task.waiting = {until, failure, retry, retries};
				if (failure.status !== undefined) task.status = failure.status;
				if (event.head) takeAnswer(task, event.head);
				return;
			}
			case 'done':
			case 'failed':
			case 'canceled':
			case 'skipped':
				if (event.head) takeAnswer(task, event.head);
				this.#finish(task, event.type, event.result);
		}
	}

	#create(event: TaskEvent): Task {
		if (event.type !== 'queued') throw new Error(`${event.id} is ${event.type} but was never queued`);
		const {id, url, host, at, type: _, ...options} = event;
		const task: Task = {
			id,
			number: Number(id.slice(1)),
			url,
			host,
			options,
			state: 'queued',
			since: at,
			attempts: 0,
			received: 0,
		};
		this.#highest = Math.max(this.#highest, task.number);
		this.live.set(id, task);
		this.counts.queued++;
		return task;
	}

	#promote(task: Task): void {
		const tasks = [...this.live];
		this.live.clear();
		this.live.set(task.id, task);
		for (const [id, other] of tasks) this.live.set(id, other);
	}

	/** A failed or canceled task that is queued again leaves its ring and its cause. */
	#revive(event: TaskEvent): Task | undefined {
		if (event.type !== 'queued' || Number(event.id.slice(1)) > this.#highest) return undefined;
		const task = this.failed.remove(candidate => candidate.id === event.id);
		if (!task) return undefined;
		this.counts[task.state]--;
		const cause = this.causes.get(task.result?.error?.code ?? '');
		if (cause && task.state === 'failed') {
			cause.count--;
			cause.examples = cause.examples.filter(url => url !== task.url);
			if (cause.count === 0) this.causes.delete(cause.code);
		}
		delete task.result;
		delete task.startedAt;
		this.live.set(task.id, task);
		return task;
	}

	#finish(task: Task, state: FinalState, result: Task['result']): void {
		if (result) {
			task.result = result;
			if (result.title !== null) task.title = result.title;
			if (result.status !== null) task.status = result.status;
		}
		this.live.delete(task.id);
		if (state === 'done' || state === 'skipped') this.done.push(task);
		else this.#keepFailed(task);
		if (state === 'failed' && result?.error) this.#count(result.error, task.url);
	}

	#keepFailed(task: Task): void {
		this.failed.push(task);
		const older = this.failed.at(-1 - keepWhole);
		if (!older) return;
		older.headers = undefined;
		older.tried = older.tried?.slice(-1);
	}

	#count({code, message}: {code: string; message: string}, url: string): void {
		let cause = this.causes.get(code);
		if (!cause) {
			if (this.causes.size >= causeLimit) return;
			// What all of them have in common: the message of one may name its own line or URL.
			cause = {code, message: failures[code]?.means ?? message, count: 0, examples: []};
			this.causes.set(code, cause);
		}
		cause.count++;
		if (cause.examples.length < exampleLimit) cause.examples.push(url);
	}
}

function takeAnswer(task: Task, {status, finalUrl, redirects, headers}: AnswerHead): void {
	task.status = status;
	task.finalUrl = finalUrl;
	task.redirects = redirects;
	task.headers = headers;
}

function forgetAnswer(task: Task): void {
	task.headAt = undefined;
	task.status = undefined;
	task.finalUrl = undefined;
	task.contentType = undefined;
	task.redirects = undefined;
	task.headers = undefined;
}
