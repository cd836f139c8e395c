import type {EngineEvent, Listener, RunState, Untimed} from '../../source/engine/events.ts';
import {type Failure, failures, httpFailure} from '../../source/engine/failure.ts';
import {Store} from '../../source/engine/store.ts';
import {type FinalState, isFinal, type Result, type State, type Task, type TaskId} from '../../source/engine/task.ts';

/** When every story begins: nothing in a test depends on the day it runs. */
export const epoch = Date.UTC(2026, 10, 22, 20, 3, 40);

export const failure = (code: string): Failure => {
	if (code.startsWith('HTTP_')) return httpFailure(Number(code.slice(5)));
	return {code, message: failures[code]?.means ?? 'something unexpected happened', retryable: true};
};

type Head = {
	total?: number;
	status?: number;
	redirects?: string[];
	finalUrl?: string;
	headers?: Record<string, string>;
};

/** Of all limits but the concurrency. */
export const noLimits = {perHost: null, rate: null, bandwidth: null};

/** A store told event by event, with a clock that moves only when it is told to. Tasks are named by their ids. */
export class Story {
	readonly store = new Store();
	readonly events: EngineEvent[] = [];
	now = epoch;
	#last = 0;
	readonly #listeners: Listener[] = [];

	/** Told of every event from now on, as the screen is. */
	listen(listener: Listener): this {
		this.#listeners.push(listener);
		return this;
	}

	emit(event: Untimed<EngineEvent>): this {
		const timed = {at: this.now, ...event} as EngineEvent;
		this.store.apply(timed);
		this.events.push(timed);
		for (const listener of this.#listeners) listener(timed);
		return this;
	}

	later(milliseconds: number): this {
		this.now += milliseconds;
		return this;
	}

	run(state: RunState): this {
		return this.emit({type: 'run', state});
	}

	limits(concurrency: number, perHost: number | null = null): this {
		return this.emit({type: 'limits', ...noLimits, concurrency, perHost});
	}

	input(open: boolean): this {
		return this.emit({type: 'input', open});
	}

	queue(url: string): TaskId {
		const id: TaskId = `t${++this.#last}`;
		this.emit({type: 'queued', id, url, host: URL.parse(url)?.host ?? ''});
		return id;
	}

	requeue(id: TaskId): this {
		const {url, host} = this.task(id);
		return this.emit({type: 'queued', id, url, host});
	}

	connect(id: TaskId): this {
		return this.emit({type: 'connecting', id, attempt: this.task(id).attempts + 1});
	}

	receive(id: TaskId, head: Head = {}): this {
		const {status = 200, redirects = [], finalUrl = this.task(id).url, total, headers = {}} = head;
		return this.emit({
			type: 'receiving',
			id,
			status,
			finalUrl,
			redirects,
			headers: {'content-type': 'text/html', server: 'nginx', ...headers},
			contentType: 'text/html',
			offset: 0,
			...(total !== undefined && {total}),
		});
	}

	bytes(id: TaskId, count: number): this {
		this.store.sample(this.task(id), count);
		return this;
	}

	extract(id: TaskId): this {
		return this.emit({type: 'extracting', id});
	}

	wait(id: TaskId, why: Failure, {seconds = 8, retry = 1, retries = 4} = {}): this {
		return this.emit({type: 'waiting', id, until: this.now + seconds * 1000, failure: why, retry, retries});
	}

	pause(id: TaskId): this {
		return this.emit({type: 'paused', id});
	}

	end(id: TaskId, state: FinalState, result: Partial<Result> = {}): this {
		return this.emit({type: state, id, result: this.result(id, state, result)});
	}

	fail(id: TaskId, code: string, result: Partial<Result> = {}): this {
		const {message, status = null} = failure(code);
		return this.end(id, 'failed', {status, error: {code, message}, ...result});
	}

	/** From queued to done in `milliseconds`. */
	fetched(url: string, bytes: number, title: string | null = null, milliseconds = 310): TaskId {
		const id = this.queue(url);
		this.connect(id).receive(id, {total: bytes}).bytes(id, bytes).later(milliseconds).end(id, 'done', {title});
		return id;
	}

	task(id: TaskId): Task {
		const task = this.store.get(id);
		if (!task) throw new Error(`${id} is not in the story`);
		return task;
	}

	/** The shortest legal way from `queued` to a state, for tables over all states. */
	become(id: TaskId, state: State): this {
		if (state === 'queued') return this;
		if (state === 'paused') return this.pause(id);
		if (state === 'canceled' || state === 'skipped') return this.end(id, state);
		this.connect(id);
		if (state === 'connecting') return this;
		if (state === 'waiting') return this.wait(id, httpFailure(503));
		if (state === 'failed') return this.fail(id, 'ECONNRESET');
		this.receive(id, {total: 1000}).bytes(id, 400);
		if (state === 'extracting') return this.extract(id);
		return isFinal(state) ? this.end(id, state) : this;
	}

	result(id: TaskId, state: FinalState, given: Partial<Result> = {}): Result {
		const {url, status, finalUrl, contentType, received, attempts, startedAt} = this.task(id);
		return {
			url,
			finalUrl: finalUrl ?? null,
			status: status ?? null,
			ok: state === 'done' || state === 'skipped',
			state,
			title: null,
			contentType: contentType ?? null,
			charset: null,
			bytes: received,
			path: null,
			sha256: null,
			extracted: {},
			truncated: false,
			attempts,
			startedAt: startedAt === undefined ? null : new Date(startedAt).toISOString(),
			seconds: startedAt === undefined ? 0 : (this.now - startedAt) / 1000,
			timings: {wait: 0, connect: 20, firstByte: 40, transfer: 250},
			error: null,
			...given,
		};
	}
}
