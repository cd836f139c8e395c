import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test as nodeTest, type TestContext} from 'node:test';
import {Engine, type EngineParts} from '../../source/engine/engine.ts';
import type {EngineEvent} from '../../source/engine/events.ts';
import type {InputItem} from '../../source/engine/intake.ts';
import type {Clock, Extractor, Storage, Transport} from '../../source/engine/seams.ts';
import {defaultSettings, type Settings} from '../../source/engine/settings.ts';
import type {FinalState, Result, TaskId} from '../../source/engine/task.ts';
import {createExtractor} from '../../source/extract/extractor.ts';
import {discardStorage} from '../../source/storage/discard.ts';
import {FileStorage, type FileStorageOptions} from '../../source/storage/files.ts';
import type {Journal} from '../../source/storage/journal.ts';
import {createTransport, type TransportOptions} from '../../source/transport/transport.ts';

/**
 * Milliseconds after which what hangs is given up. No measure of anything: on a busy machine a test may take many times as
 * long as alone.
 */
export const patience = 60_000;

/** As of node:test, but a promise that is not kept fails instead of hanging. */
export function test(title: string, run: (t: TestContext) => void | Promise<void>): void {
	void nodeTest(title, {timeout: patience}, run);
}

const still = (): number => Date.UTC(2026, 10, 22, 20, 3, 42);

/** A clock that stands still until it is told to go on, unless another one is behind it. Its timers wait to be told in any case. */
export class TestClock implements Clock {
	readonly #behind: () => number;
	#advanced = 0;
	readonly timers = new Set<{at: number; callback: () => void}>();

	constructor(behind = still) {
		this.#behind = behind;
	}

	now(): number {
		return this.#behind() + this.#advanced;
	}

	timer(ms: number, callback: () => void): () => void {
		const timer = {at: this.now() + ms, callback};
		this.timers.add(timer);
		return () => this.timers.delete(timer);
	}

	advance(ms: number): void {
		this.#advanced += ms;
		const now = this.now();
		for (const timer of [...this.timers].toSorted((a, b) => a.at - b.at)) {
			if (timer.at > now || !this.timers.delete(timer)) continue;
			timer.callback();
		}
	}
}

export const transportDefaults: TransportOptions = {
	timeout: patience,
	connectTimeout: patience,
	maxRedirects: 10,
	userAgent: 'fetchtop/test',
	headers: [],
};

type Options = Partial<Settings & TransportOptions & FileStorageOptions> & {
	storage?: Storage;
	/** What earlier runs left; told of this one, as `main` does it. */
	journal?: Journal;
	transport?: Transport;
	extractor?: Extractor;
	random?: () => number;
	attempting?: EngineParts['attempting'];
};

type Type = EngineEvent['type'];
type Of<Wanted extends Type> = EngineEvent & {type: Wanted};

/** An engine with its events written down, and ways to wait for them. */
export class Rig {
	readonly events: EngineEvent[] = [];
	readonly clock: TestClock;
	readonly engine: Engine;
	#watchers: Array<() => void> = [];

	constructor(options: Options) {
		// A journal's times are compared with those of files, which no test can make stand still.
		this.clock = new TestClock(options.journal && Date.now);
		const {dir, journal, random = () => 0.5, attempting} = options;
		const recorded = () => journal?.written();
		const files = dir === undefined ? discardStorage : new FileStorage({recorded, ...options, dir});
		this.engine = new Engine(
			{
				transport: options.transport ?? createTransport({...transportDefaults, ...options}),
				storage: options.storage ?? files,
				extractor: options.extractor ?? createExtractor(),
				clock: this.clock,
				random,
				...(journal && {past: journal}),
				...(attempting && {attempting}),
			},
			{...defaultSettings, retries: 0, ...options},
		);
		if (journal) this.engine.subscribe(event => journal.record(event));
		this.engine.subscribe(event => {
			this.events.push(event);
			this.#look();
		});
	}

	get store(): Engine['store'] {
		return this.engine.store;
	}

	get dispatch(): Engine['dispatch'] {
		return command => this.engine.dispatch(command);
	}

	/** Events of one task. */
	of(id: TaskId): EngineEvent[] {
		return this.events.filter(event => 'id' in event && event.id === id);
	}

	/** The states a task went through. */
	path(id: TaskId): string {
		return this.of(id)
			.map(event => event.type)
			.join(' ');
	}

	/** The `count`-th event of this type (of this task); resolves at once if it is past. */
	async seen<Wanted extends Type>(type: Wanted, id?: TaskId, count = 1): Promise<Of<Wanted>> {
		for (;;) {
			const found = this.events.filter(event => event.type === type && (!id || ('id' in event && event.id === id)));
			if (found.length >= count) return found[count - 1] as Of<Wanted>;
			await this.changed();
		}
	}

	/** The next event. */
	changed(): Promise<void> {
		return new Promise(resolve => this.#watchers.push(resolve));
	}

	/** Records of finished tasks, by the number of the task. */
	results(): Result[] {
		const finals: readonly string[] = ['done', 'failed', 'canceled', 'skipped'] satisfies FinalState[];
		return this.events
			.filter(event => finals.includes(event.type))
			.toSorted((a, b) => number(a) - number(b))
			.map(event => (event as Of<FinalState>).result);
	}

	/** Runs these URLs to their end and returns their records. */
	async run(...items: Array<InputItem | string>): Promise<Result[]> {
		await this.engine.run(items);
		return this.results();
	}

	/** Runs one URL and returns its record. */
	async fetch(item: InputItem | string): Promise<Result> {
		const [result] = await this.run(item);
		if (!result) throw new Error('the run ended without a result');
		return result;
	}

	/** Resolves when at least so many body bytes of a task are here. Every look is a turn of the event loop, not a time. */
	async received(id: TaskId, bytes: number): Promise<void> {
		while ((this.store.get(id)?.received ?? 0) < bytes) await turn();
	}

	#look(): void {
		for (const resolve of this.#watchers.splice(0)) resolve();
	}
}

const number = (event: EngineEvent): number => ('id' in event ? Number(event.id.slice(1)) : 0);

export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** An engine that is closed after the test. */
export function rig(t: TestContext, options: Options = {}): Rig {
	const made = new Rig(options);
	t.after(() => made.engine.close());
	return made;
}

/** A folder that is removed after the test. */
export async function folder(t: TestContext): Promise<string> {
	const dir = await mkdtemp(path.join(tmpdir(), 'fetchtop-'));
	t.after(() => rm(dir, {recursive: true, force: true}));
	return dir;
}

export const list = async (dir: string): Promise<string[]> => (await readdir(dir)).toSorted();
