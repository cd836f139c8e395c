import {lstat, opendir} from 'node:fs/promises';
import path from 'node:path';
import {totalOf, validatorsOf} from '../engine/answer.ts';
import {coded} from '../engine/failure.ts';
import {type Head, onlyName, type PartFile, type Saving, type Sink, type Storage} from '../engine/seams.ts';
import {FileSink} from './file-sink.ts';
import type {Claims} from './file-sink-options.ts';
import {makeFolder, makeFoldersOf} from './folder.ts';
import {NameFilter} from './name-filter.ts';
import {fileName, numbered} from './names.ts';
import {openPart, versionOf} from './part-file.ts';
import {isThere} from './place.ts';
import {expandTemplate} from './template.ts';
import type {Expected} from './verified.ts';

export type FileStorageOptions = {
	/** Folder of all bodies; made when the first one needs it. */
	dir: string;
	/** A name or a template of one, relative to `dir`, where a task has none of its own. */
	output?: string;
	/** Replace files that are already there. */
	overwrite?: boolean;
	/** Give files the date of `Last-Modified`. */
	remoteTime?: boolean;
	/** The checksum of what a list of them calls by this URL or name. */
	checksum?: Expected;
	/**
	 * Resolves when all that was told of the run can be found again after a crash. Awaited before a part file is made, so
	 * that each one is known to be ours.
	 */
	recorded?: () => Promise<void> | undefined;
};

/** Bodies as files: `NAME.part` while they arrive, `NAME` when they are whole. What is not ours is never replaced unless asked. */
export class FileStorage implements Storage, Claims {
	readonly #options: FileStorageOptions;
	/** The folder, as the beginning of a path. */
	readonly #root: string;
	/** Names taken by bodies that are still arriving, or that left a part, and by which task. */
	readonly #taken = new Map<string, number>();
	/** With `overwrite`: names this run has given, which it must not replace itself. */
	readonly #placed = new Set<string>();
	/** Where to look for the next free number of a name: ten thousand of one name must not try all that came before. */
	readonly #numbers = new Map<string, number>();
	#preparing: Promise<void> | undefined;
	#isReady = false;
	/**
	 * What was in the folder at the beginning, by its name without `.part`, and what this run has claimed there. For any other
	 * name the disk need not be asked: to ask it twice is a quarter of what it costs to save a small body, and should somebody
	 * else have taken the name since, it can be neither made nor placed.
	 */
	#present: NameFilter | undefined;

	constructor(options: FileStorageOptions) {
		this.#options = options;
		this.#root = path.join(options.dir, 'x').slice(0, -1);
	}

	open(head: Head, saving: Saving): Sink | Promise<Sink> {
		const wanted = this.#nameOf(head, saving);
		if (!this.#isReady || saving.part || wanted.includes('/')) return this.#openLooking(head, saving, wanted);
		return this.#sink(head, saving, wanted, this.claim(wanted, saving.number));
	}

	/** Where the disk has to be asked first. */
	async #openLooking(head: Head, saving: Saving, wanted: string): Promise<Sink> {
		this.#preparing ??= this.#prepare();
		await this.#preparing;
		const part = await this.#goOn(head, saving);
		if (part) {
			const replaced = part.replaces && (await versionOf(this.#root + part.path));
			return this.#sink(head, saving, wanted, part.path, part, replaced);
		}
		await makeFoldersOf(this.#options.dir, wanted);
		return this.#sink(head, saving, wanted, this.claim(wanted, saving.number));
	}

	async #prepare(): Promise<void> {
		const {dir, overwrite} = this.#options;
		await makeFolder(dir);
		if (!overwrite) this.#present = await namesIn(dir);
		this.#isReady = true;
	}

	#sink(head: Head, saving: Saving, wanted: string, file: string, part?: PartFile, replaced?: string): FileSink {
		const {overwrite = false, remoteTime, recorded = nothing, checksum} = this.#options;
		const {url, number, options, scattered, observer} = saving;
		const modified = remoteTime ? Date.parse(head.headers['last-modified'] ?? '') : Number.NaN;
		return new FileSink({
			root: this.#root,
			part: begin({path: file, ranges: [], ...part, ...(scattered && {preallocated: true})}, head),
			overwrite,
			replaced,
			owned: overwrite || part !== undefined,
			digest: options.checksum ?? checksum?.(url, wanted),
			modified: Number.isNaN(modified) ? undefined : new Date(modified),
			recorded,
			claims: this,
			wanted: part ? file : wanted,
			number,
			observer,
		});
	}

	#nameOf(head: Head, {number, options}: Saving): string {
		const output = options.output ?? this.#options.output;
		return output === undefined ? fileName(head) : expandTemplate(output, {head, number});
	}

	/** The part as it can be gone on from: with its ranges if `head` is the rest of it, else with its name alone. */
	async #goOn(head: Head, {part, number}: Saving): Promise<PartFile | undefined> {
		if (!part) return undefined;
		const {dir} = this.#options;
		const {path: file, ranges} = part;
		const isRest = head.status === 206 && ranges.length > 0;
		if ((this.#taken.get(file) ?? number) !== number) {
			if (isRest) throw coded('BAD_PART');
			return undefined;
		}
		this.#taken.set(file, number);
		this.#present?.add(file);
		await makeFoldersOf(dir, file);
		if (isRest) await check(`${this.#root}${file}.part`, part);
		return isRest ? part : onlyName(part);
	}

	/** The first free name of `name`, `name.1`, `name.2` …: nobody else's in this run, and on the disk neither file nor part. */
	claim(name: string, number: number): string {
		for (let count = this.#numbers.get(name) ?? 0; ; count++) {
			const candidate = numbered(name, count);
			if (this.#taken.has(candidate) || this.#placed.has(candidate) || this.#isThere(candidate)) continue;
			this.#taken.set(candidate, number);
			if (count > 0) this.#numbers.set(name, count + 1);
			return candidate;
		}
	}

	release(name: string, isPlaced: boolean): void {
		this.#taken.delete(name);
		if (isPlaced && this.#options.overwrite) this.#placed.add(name);
	}

	#isThere(name: string): boolean {
		if (this.#options.overwrite) return false;
		const present = this.#present;
		if (present && !name.includes('/') && !present.has(name)) {
			present.add(name);
			return false;
		}
		return isThere(this.#root + name) || isThere(`${this.#root}${name}.part`);
	}
}

const nothing = () => undefined;

/** Undefined if nobody may read the folder. */
async function namesIn(dir: string): Promise<NameFilter | undefined> {
	const names = new NameFilter();
	try {
		for await (const {name} of await opendir(dir, {bufferSize: 1024})) names.add(name.replace(/\.part$/i, ''));
		return names;
	} catch {
		return undefined;
	}
}

/** With what is known of the body from its head. */
function begin(part: PartFile, head: Head): PartFile {
	const total = totalOf(head);
	const validators = validatorsOf(head);
	if (total !== undefined) part.total = total;
	if (validators.etag !== undefined || validators.lastModified !== undefined) part.validators = validators;
	return part;
}

/**
 * That the part still is what was left. The rest was asked for from there, so anything else cannot be used. What stands
 * behind it (the power failed before it was safe) is cut off, and now: as soon as this run has told of the part, the size of
 * the file counts.
 */
async function check(file: string, {path: name, ranges, preallocated}: PartFile): Promise<void> {
	const end = ranges.at(-1)?.[1] ?? 0;
	// A file with another name as well may be somebody's whose name that is.
	const size = await lstat(file).then(
		found => (found.isFile() && found.nlink === 1 ? found.size : 0),
		() => 0,
	);
	if (size < end) throw coded('BAD_PART', `${name}.part has changed: ${size} bytes instead of ${end}`);
	if (size === end || preallocated) return;
	const handle = await openPart(file);
	await handle.truncate(end).finally(() => handle.close());
}
