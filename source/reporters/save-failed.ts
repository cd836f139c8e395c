import {closeSync, createReadStream, ftruncateSync, openSync, writeSync} from 'node:fs';
import {open, realpath, rename, rm, stat} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import type {EngineEvent} from '../engine/events.ts';
import {coded, reasonOf} from '../engine/failure.ts';
import type {InputItem, Item} from '../engine/intake.ts';
import type {ReadonlyStore} from '../engine/store.ts';
import {parseTarget, withoutUserinfo} from '../engine/target.ts';
import type {Task, TaskId} from '../engine/task.ts';
import {sanitize} from '../format/sanitize.ts';
import type {Reporter} from './reporter.ts';

export type SaveFailed = {
	file: string;
	/** Told in one line that the file could not be written. */
	complain: (message: string) => void;
	/** What the run was stopped before it could read; written too, where that can be known. */
	rest?: () => AsyncIterable<Item> | undefined;
};

/**
 * `--save-failed`: at the end, everything that is not done, as a list in aria2's input format. Failures are written down as
 * they happen, for the store forgets the older ones. Rejects with the file system's error if there is no writing there.
 */
export async function saveFailedReporter({file, complain, rest}: SaveFailed): Promise<Reporter> {
	const draft = await Draft.create(file);
	const returns = new Returns();
	let store: ReadonlyStore | undefined;
	let stop = () => {};
	const told = (what: string, why: string) => complain(`${what} ${JSON.stringify(file)}: ${why}`);
	const writeRest = async () => {
		for await (const item of rest?.() ?? []) draft.write(itemEntry(item));
	};
	return {
		start(engine) {
			({store} = engine);
			stop = engine.subscribe(event => {
				returns.see(event);
				if (event.type !== 'failed' && event.type !== 'canceled') return;
				const latest = engine.store.failed.at(-1);
				const task = latest?.id === event.id ? latest : engine.store.get(event.id);
				if (task) draft.write(taskEntry(task));
			});
		},
		async finish() {
			stop();
			try {
				if (returns.any) await draft.keep(returns.lastFailures());
				for (const task of store?.live.values() ?? []) draft.write(taskEntry(task));
				await writeRest().catch(error => told('the list could not be read to its end for', String(error.message)));
				await draft.publish();
			} catch (error) {
				await draft.discard();
				told('cannot write what is unfinished to', reasonOf(error));
			}
		},
	};
}

/** Which tasks came back after they had failed: all that must be remembered to know which failures still hold. */
class Returns {
	readonly #live = new Set<TaskId>();
	readonly #counts = new Map<TaskId, number>();
	#highest = 0;

	get any(): boolean {
		return this.#counts.size > 0;
	}

	see(event: EngineEvent): void {
		if (!('id' in event)) return;
		const {id} = event;
		if ('result' in event) this.#live.delete(id);
		else if (event.type === 'queued' && !this.#live.has(id)) {
			const number = Number(id.slice(1));
			// Numbers only grow: one that is neither live nor new had come to its end.
			if (number <= this.#highest) this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
			this.#highest = Math.max(this.#highest, number);
			this.#live.add(id);
		}
	}

	/** To be asked for each failure in order: a task that came back twice has none that holds but a third. */
	lastFailures(): (id: TaskId) => boolean {
		const left = new Map(this.#counts);
		return id => {
			const count = left.get(id) ?? 0;
			if (count > 0) left.set(id, count - 1);
			return count === 0;
		};
	}
}

/** The first line of such a list: what does not begin with it is somebody's work, and not to be replaced. */
const heading = '# What fetchtop did not finish. Read by: fetchtop -i, aria2c -i';

async function isOurs(file: string): Promise<boolean> {
	const handle = await open(file);
	try {
		const {buffer, bytesRead} = await handle.read(Buffer.alloc(heading.length), 0, heading.length, 0);
		return buffer.subarray(0, bytesRead).toString() === heading;
	} finally {
		await handle.close();
	}
}

/** Text that is kept in memory before it is written. */
const batchSize = 64 * 1024;

/**
 * The file while it is being made: beside its own name, because that may be the very list that is still being read, and
 * yesterday's is worth more than half of today's.
 */
class Draft {
	readonly #file: string;
	readonly #path: string;
	readonly #descriptor: number;
	#open = true;
	#batch: string[] = [];
	#batched = 0;
	#written = 0;
	/** The first error ends the writing, not the run. */
	#error: unknown;

	private constructor(file: string, path: string, mode: number | undefined) {
		this.#file = file;
		this.#path = path;
		this.#descriptor = openSync(path, 'wx+', mode);
	}

	static async create(file: string): Promise<Draft> {
		const found = await stat(file).catch(() => undefined);
		if (found?.isDirectory()) throw coded('EISDIR');
		// What is no file (a pipe, /dev/null) would be replaced by one.
		if (found && !found.isFile()) throw coded('EEXIST', 'it is no regular file');
		if (found && found.size > 0 && !(await isOurs(file)))
			throw coded('EEXIST', 'it is there already, and not a list that --save-failed has written');
		const target = found ? await realpath(file) : file;
		const path = `${target}.new`;
		const left = await stat(path).catch(() => undefined);
		if (left && left.size > 0 && !(await isOurs(path)))
			throw coded('EEXIST', `a file ${path} is in the way, and it is not one that --save-failed has left`);
		await rm(path, {force: true});
		return new Draft(target, path, found && found.mode & 0o777);
	}

	write(text: string): void {
		if (this.#error !== undefined) return;
		if (this.#written === 0 && this.#batched === 0) text = `${heading}\n${text}`;
		this.#batch.push(text);
		this.#batched += text.length;
		if (this.#batched < batchSize) return;
		try {
			this.#flush();
		} catch (error) {
			this.#error = error;
		}
	}

	/** Leaves out the entries of tasks that are not wanted. In place: what is kept is never longer than what was read. */
	async keep(isWanted: (id: TaskId) => boolean): Promise<void> {
		this.#flush();
		this.#written = 0;
		let wanted = true;
		for await (const line of createInterface({
			input: createReadStream(this.#path),
			crlfDelay: Number.POSITIVE_INFINITY,
		})) {
			const [, id] = /^# (t\d+) /.exec(line) ?? [];
			if (id !== undefined) wanted = isWanted(id as TaskId);
			if (wanted && line !== heading) this.write(`${line}\n`);
		}
		this.#flush();
		ftruncateSync(this.#descriptor, this.#written);
	}

	/** Puts the file in its place. */
	async publish(): Promise<void> {
		this.#flush();
		this.#close();
		await rename(this.#path, this.#file);
	}

	async discard(): Promise<void> {
		this.#close();
		await rm(this.#path, {force: true}).catch(() => undefined);
	}

	#close(): void {
		if (this.#open) closeSync(this.#descriptor);
		this.#open = false;
	}

	#flush(): void {
		if (this.#error !== undefined) throw this.#error;
		const bytes = Buffer.from(this.#batch.join(''));
		this.#batch = [];
		this.#batched = 0;
		for (let done = 0; done < bytes.length; ) {
			const count = writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#written);
			done += count;
			this.#written += count;
		}
	}
}

/** `# t17 HTTP_404 404 Not Found`, the URLs, and the options of the task. */
function taskEntry({id, url, state, waiting, result, options}: Readonly<Task>): string {
	const failure = result?.error ?? waiting?.failure;
	const why = failure ? `${failure.code} ${failure.message}` : state;
	return entry({url, ...options}, `${id} ${why}`, failure?.code !== 'INVALID_OPTION');
}

function itemEntry(item: Item): string {
	if (typeof item === 'string') return entry({url: item}, undefined, true);
	return entry(item, item.where, item.problem === undefined);
}

/** What cannot be run as it is written stays a comment: without its bad option it would be another task. */
function entry(item: InputItem, comment: string | undefined, runnable: boolean): string {
	const lines = comment === undefined ? [] : [`# ${sanitize(comment)}`];
	const urls = [item.url, ...(item.mirrors ?? [])].map(addressOf);
	if (runnable && urls[0] !== undefined)
		lines.push(urls.filter(url => url !== undefined).join('\t'), ...optionLines(item));
	else lines.push(`#   ${sanitize(withoutUserinfo(item.url))}`);
	return `${lines.join('\n')}\n`;
}

/** Without credentials, as everything that is shown. A blank would be the end of the URL. */
function addressOf(text: string): string | undefined {
	const display = parseTarget(text)?.display;
	return display !== undefined && /\s/.test(display) ? parseTarget(display)?.url.href : display;
}

/** Headers are left out: they may hold secrets. */
function optionLines({output, checksum, connections, paused}: InputItem): string[] {
	const options = [
		...(output === undefined ? [] : placeOptions(output)),
		checksum && ['checksum', `${checksum.algorithm.replace(/^sha/, 'sha-')}=${checksum.hex}`],
		// aria2 takes no more than one for a server unless it is told both.
		connections && ['split', connections],
		connections && ['max-connection-per-server', connections],
		paused && ['pause', 'true'],
	];
	return options.flatMap(option => (option ? [` ${option[0]}=${option[1]}`] : []));
}

/** What `out` and `dir` became as a template, back again. A template of one's own has no words in aria2's format. */
function placeOptions(output: string): Array<[string, string]> {
	const place = /^(?<text>(?:[^{}]|\{\{|\}\})+?)(?<template>\/\{name\}\{ext\})?$/.exec(output)?.groups;
	const text = place?.text?.replace(/\{\{|\}\}/g, braces => braces.charAt(0));
	if (text === undefined || sanitize(text) !== text) return [];
	// Blanks at the ends of a value do not count: something has to stand before the first one, and behind the last.
	const value = text.replace(/^(?=\s)/, './');
	if (place?.template) return [['dir', value.replace(/(?<=\s)$/, '/')]];
	return /\s$/.test(value) ? [] : [['out', value]];
}
