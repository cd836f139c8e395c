import {constants} from 'node:fs';
import {type FileHandle, open, readFile, realpath, rm} from 'node:fs/promises';
import path from 'node:path';
import type {EngineEvent} from '../engine/events.ts';
import {coded} from '../engine/failure.ts';
import type {Known, Past} from '../engine/past.ts';
import type {TaskOptions} from '../engine/seams.ts';
import type {TaskId} from '../engine/task.ts';
import {compact, scratchOf} from './journal-compact.ts';
import {hashOf, indexOf, type JournalIndex, readLine} from './journal-index.ts';
import {type JournalLine, type Key, keyText, lineOf, parseLine, type Remembered, type RunLine} from './journal-line.ts';
import {JournalLog} from './journal-log.ts';
import {recallLine} from './journal-past.ts';

export const journalName = '.fetchtop.ndjson';

export type JournalOptions = {
	/** Gives back no more of the past than names: everything is to be fetched anew. */
	fresh?: boolean;
	/** The name or template that tasks without one of their own have: under another one they are other tasks. */
	output?: string;
	/** Which boot of the machine this is; `''` where nobody can say. */
	bootId?: string;
	/** Epoch milliseconds. */
	now?: () => number;
	/** Bytes from which on the journal is rewritten without its superseded lines, once those are most of it. */
	compactAt?: number;
	/** Called once, with the first error of a write or a sync. Whoever waits for `written` is told of each. */
	onError?: (error: unknown) => void;
};

/**
 * Opens the journal of a folder that is there, and reads it once. To be held by one process at a time (see `lockFolder`).
 * Rejects with the file system's error, also if something else than a file stands there.
 */
export async function openJournal(dir: string, options: JournalOptions = {}): Promise<Journal> {
	const root = await realpath(dir);
	const file = path.join(root, journalName);
	const handle = await openFile(file);
	try {
		const boot = options.bootId ?? (await currentBoot());
		await rm(scratchOf(file), {force: true}).catch(() => undefined);
		const {size: length} = await handle.stat();
		const {index, size} = await indexOf(handle, length);
		// What follows the last newline was torn off by a crash.
		if (size < length) await handle.truncate(size);
		const {now = Date.now} = options;
		const run: RunLine = {type: 'run', at: now(), state: 'running', boot, pid: process.pid};
		return new Journal({...options, file, handle, index, size, run});
	} catch (error) {
		await handle.close();
		throw error;
	}
}

/** The process that wrote the newest `run` line, if that is near the end: for a message, not for a decision. */
export async function lastPid(dir: string): Promise<number | undefined> {
	// A pipe would have us wait for somebody who writes into it.
	const flags = constants.O_RDONLY | noLinks | (constants.O_NONBLOCK ?? 0);
	const handle = await open(path.join(dir, journalName), flags).catch(() => undefined);
	if (!handle) return undefined;
	try {
		const {size} = await handle.stat();
		const tail = Buffer.alloc(Math.min(size, 64 * 1024));
		await handle.read(tail, 0, tail.length, size - tail.length);
		const runs = tail.toString().split('\n').map(parseLine);
		return runs.findLast(line => line?.type === 'run')?.pid;
	} catch {
		return undefined;
	} finally {
		await handle.close();
	}
}

type Opened = JournalOptions & {file: string; handle: FileHandle; index: JournalIndex; size: number; run: RunLine};

/** What this run does, for the next one, and what earlier ones did. It is in the folder of the bodies, as NDJSON. */
export class Journal implements Past {
	readonly #file: string;
	readonly #fresh: boolean;
	readonly #output: string | undefined;
	readonly #log: JournalLog;
	#index: JournalIndex;
	/** Tasks that are not at their end: later events name them by their ids only. */
	readonly #tasks = new Map<TaskId, Remembered>();
	/** Hashes of keys whose part was given to a task: two tasks of one URL must not write into one file. */
	readonly #given = new Set<number>();
	#compactAt: number;
	#closed = false;
	/** It was made by this run, and has heard of no task. */
	#isUnused: boolean;

	constructor({file, handle, index, size, run, fresh = false, output, compactAt = 4 * 1024 * 1024, onError}: Opened) {
		this.#file = file;
		this.#fresh = fresh;
		this.#output = output;
		this.#index = index;
		this.#compactAt = compactAt;
		let told = false;
		const tell = (error: unknown) => {
			if (!told) onError?.(error);
			told = true;
		};
		this.#log = new JournalLog(handle, size, tell, () => this.#compactIfDue());
		index.start = size;
		this.#isUnused = size === 0;
		this.#append(run);
	}

	/** A listener of the engine. */
	record(event: EngineEvent): void {
		if (!('id' in event) || this.#closed) return;
		this.#isUnused = false;
		if (event.type === 'queued') {
			const {id, url, output = this.#output} = event;
			this.#tasks.set(id, {url, output, total: undefined});
			return;
		}
		const task = this.#tasks.get(event.id);
		if (!task) return;
		if ('part' in event && event.part) task.total = event.part.total;
		const line = lineOf(event, task);
		if (line) this.#append(line);
		if ('result' in event) this.#tasks.delete(event.id);
	}

	/** Undefined at once for a task of which earlier runs left nothing. Never rejects. */
	recall(url: string, {output = this.#output}: TaskOptions): Promise<Known | undefined> | undefined {
		const key: Key = {url, ...(output !== undefined && {output})};
		const hash = hashOf(key);
		if (this.#index.past(hash) === undefined || this.#given.has(hash)) return undefined;
		return this.#recall(key, hash);
	}

	/**
	 * Resolves when everything recorded so far is in the file (written, not yet safe from power loss); undefined if it is.
	 * Rejects with the file system's error; what could not be written is tried again with the next write.
	 */
	written(): Promise<void> | undefined {
		return this.#log.written();
	}

	/** Closes it, and leaves no file behind that was made for no task at all. Never rejects. */
	async leave(): Promise<void> {
		await this.close();
		if (this.#isUnused) await rm(this.#file, {force: true}).catch(() => undefined);
	}

	/** Writes what is left and makes it safe from power loss. Never rejects. */
	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		await this.#log.close();
	}

	#append(line: JournalLine): void {
		const offset = this.#log.append(JSON.stringify(line));
		if (offset !== undefined) this.#index.note(line, offset);
	}

	async #recall(key: Key, hash: number): Promise<Known | undefined> {
		for (;;) {
			const index = this.#index;
			const offset = index.past(hash);
			if (offset === undefined) return undefined;
			const age = {...index.bootOf(offset), fresh: this.#fresh};
			const line = await readLine(this.#log.handle, offset).catch(() => undefined);
			// Compacted meanwhile: it stands somewhere else now.
			if (index !== this.#index) continue;
			if (!line || line.type === 'run' || keyText(line) !== keyText(key)) return undefined;
			const known = await recallLine(path.dirname(this.#file), line, age);
			if (known?.kind !== 'part') return known;
			if (this.#given.has(hash)) return undefined;
			this.#given.add(hash);
			return known;
		}
	}

	/** Between two writes, when it is time for it. */
	#compactIfDue(): Promise<void> | undefined {
		return this.#log.size < this.#compactAt || !this.#index.mostlyStale ? undefined : this.#compact();
	}

	/** A journal that cannot be compacted (the disk is full) goes on as it is. */
	async #compact(): Promise<void> {
		const {size, handle} = this.#log;
		try {
			const compacted = await compact(this.#file, handle, size, this.#index, () => this.#log.pending);
			const shift = this.#log.moveTo(compacted);
			compacted.index.adopt(this.#index, size, shift);
			this.#index = compacted.index;
		} catch {
			this.#compactAt = 2 * size;
		}
	}
}

/** Neither Windows nor every system has it; there, the flag is none. */
const noLinks = constants.O_NOFOLLOW ?? 0;

/** A link is not followed: it would have us write outside of the folder. */
async function openFile(file: string): Promise<FileHandle> {
	const handle = await open(file, constants.O_RDWR | constants.O_CREAT | noLinks, 0o666);
	if ((await handle.stat()).isFile()) return handle;
	await handle.close();
	throw coded('EISDIR', `${file} is not a file`);
}

/** Linux only: elsewhere a restart of the machine cannot be told from a restart of the program. */
async function currentBoot(): Promise<string> {
	return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
		id => id.trim(),
		() => '',
	);
}
