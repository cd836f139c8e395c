import {lstat} from 'node:fs/promises';
import {totalOf, validatorsOf} from '../engine/answer.ts';
import {coded} from '../engine/failure.ts';
import {
	type Digest,
	type Head,
	onlyName,
	type PartFile,
	type Saving,
	type Sink,
	type Storage,
} from '../engine/seams.ts';
import {type Claims, FolderClaims, rootOf} from './claims.ts';
import {FileSink} from './file-sink.ts';
import {makeFoldersOf} from './folder.ts';
import {fileName} from './names.ts';
import {openPart, versionOf} from './part-file.ts';
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
	checksum?: (...args: Parameters<Expected>) => Digest | undefined | Promise<Digest | undefined>;
	/** Who has which name, where others save into the same folder too. */
	claims?: Claims;
	/**
	 * Resolves when all that was told of the run can be found again after a crash. Awaited before a part file is made, so
	 * that each one is known to be ours.
	 */
	recorded?: () => Promise<void> | undefined;
};

/** Bodies as files: `NAME.part` while they arrive, `NAME` when they are whole. What is not ours is never replaced unless asked. */
export class FileStorage implements Storage {
	readonly #options: FileStorageOptions;
	/** The folder, as the beginning of a path. */
	readonly #root: string;
	readonly #claims: Claims;

	constructor(options: FileStorageOptions) {
		this.#options = options;
		this.#root = rootOf(options.dir);
		this.#claims = options.claims ?? new FolderClaims(options);
	}

	open(head: Head, saving: Saving): Sink | Promise<Sink> {
		const wanted = this.#nameOf(head, saving);
		const preparing = this.#claims.prepare();
		if (preparing || saving.part || wanted.includes('/')) return this.#openLooking(head, saving, wanted, preparing);
		const name = this.#claims.claim(wanted, saving.number);
		const digest = this.#digestOf(saving, wanted);
		if (name instanceof Promise || digest instanceof Promise)
			return Promise.all([name, digest]).then(told => this.#sink(head, saving, wanted, ...told));
		return this.#sink(head, saving, wanted, name, digest);
	}

	/** Where the disk has to be asked first. */
	async #openLooking(head: Head, saving: Saving, wanted: string, preparing?: Promise<void>): Promise<Sink> {
		await preparing;
		const part = await this.#goOn(head, saving);
		const digest = await this.#digestOf(saving, wanted);
		if (part) {
			const replaced = part.replaces && (await versionOf(this.#root + part.path));
			return this.#sink(head, saving, wanted, part.path, digest, part, replaced);
		}
		await makeFoldersOf(this.#options.dir, wanted);
		return this.#sink(head, saving, wanted, await this.#claims.claim(wanted, saving.number), digest);
	}

	#digestOf({url, options}: Saving, wanted: string): Digest | undefined | Promise<Digest | undefined> {
		return options.checksum ?? this.#options.checksum?.(url, wanted);
	}

	#sink(
		head: Head,
		saving: Saving,
		wanted: string,
		file: string,
		digest?: Digest,
		part?: PartFile,
		replaced?: string,
	): FileSink {
		const {overwrite = false, remoteTime, recorded = nothing} = this.#options;
		const {number, scattered, observer} = saving;
		const modified = remoteTime ? Date.parse(head.headers['last-modified'] ?? '') : Number.NaN;
		return new FileSink({
			root: this.#root,
			part: begin({path: file, ranges: [], ...part, ...(scattered && {preallocated: true})}, head),
			overwrite,
			replaced,
			owned: overwrite || part !== undefined,
			digest,
			modified: Number.isNaN(modified) ? undefined : new Date(modified),
			recorded,
			claims: this.#claims,
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
		if (!(await this.#claims.take(file, number))) {
			if (isRest) throw coded('BAD_PART');
			return undefined;
		}
		await makeFoldersOf(dir, file);
		if (isRest) await check(`${this.#root}${file}.part`, part);
		return isRest ? part : onlyName(part);
	}
}

const nothing = () => undefined;

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
