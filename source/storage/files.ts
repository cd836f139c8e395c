import {lstat} from 'node:fs/promises';
import path from 'node:path';
import {totalOf, validatorsOf} from '../engine/answer.ts';
import {coded} from '../engine/failure.ts';
import {type Head, onlyName, type PartFile, type Saving, type Sink, type Storage} from '../engine/seams.ts';
import {FileSink, openPart, versionOf} from './file-sink.ts';
import {makeFolder, makeFoldersOf} from './folder.ts';
import {fileName, numbered} from './names.ts';
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
export class FileStorage implements Storage {
	readonly #options: FileStorageOptions;
	/** Names taken by bodies that are still arriving, or that left a part, and by which task. */
	readonly #taken = new Map<string, number>();
	/** With `overwrite`: names this run has given, which it must not replace itself. */
	readonly #placed = new Set<string>();
	/** Where to look for the next free number of a name: ten thousand of one name must not try all that came before. */
	readonly #numbers = new Map<string, number>();
	#made: Promise<unknown> | undefined;

	constructor(options: FileStorageOptions) {
		this.#options = options;
	}

	async open(head: Head, saving: Saving): Promise<Sink> {
		const {dir, overwrite = false, remoteTime, recorded = () => undefined} = this.#options;
		this.#made ??= makeFolder(dir);
		await this.#made;
		const wanted = this.#nameOf(head, saving);
		const part = await this.#goOn(head, saving);
		const file = part?.path ?? (await this.#claim(wanted, saving.number));
		const digest = saving.options.checksum ?? this.#options.checksum?.(saving.url, wanted);
		const modified = Date.parse(head.headers['last-modified'] ?? '');
		return new FileSink({
			dir,
			part: {
				path: file,
				ranges: [],
				...part,
				...begin(head),
				...(saving.scattered && {preallocated: true}),
			},
			overwrite,
			...(part?.replaces && {replaced: await versionOf(path.join(dir, file))}),
			owned: overwrite || part !== undefined,
			recorded,
			...(digest && {digest}),
			...(remoteTime && !Number.isNaN(modified) && {modified: new Date(modified)}),
			rename: () => this.#claim(file, saving.number),
			settled: placed => {
				this.#taken.delete(file);
				if (placed !== undefined && overwrite) this.#placed.add(placed);
			},
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
		await makeFoldersOf(dir, file);
		if (isRest) await check(`${path.join(dir, file)}.part`, part);
		return isRest ? part : onlyName(part);
	}

	/** The first free name of `name`, `name.1`, `name.2` …: nobody else's in this run, and on the disk neither file nor part. */
	async #claim(name: string, number: number): Promise<string> {
		const {dir, overwrite} = this.#options;
		await makeFoldersOf(dir, name);
		for (let count = this.#numbers.get(name) ?? 0; ; count++) {
			const candidate = numbered(name, count);
			if (this.#taken.has(candidate) || this.#placed.has(candidate)) continue;
			// Taken before the disk is asked: two bodies of one name must not both find it free.
			this.#taken.set(candidate, number);
			const file = path.join(dir, candidate);
			if (overwrite || !(isThere(file) || isThere(`${file}.part`))) {
				if (count > 0) this.#numbers.set(name, count + 1);
				return candidate;
			}
			this.#taken.delete(candidate);
		}
	}
}

/** What is known of the body from its head. */
function begin(head: Head): Pick<PartFile, 'total' | 'validators'> {
	const total = totalOf(head);
	const validators = validatorsOf(head);
	return {...(total !== undefined && {total}), ...(Object.keys(validators).length > 0 && {validators})};
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
