import {opendir} from 'node:fs/promises';
import path from 'node:path';
import {makeFolder} from './folder.ts';
import {NameFilter} from './name-filter.ts';
import {numbered} from './names.ts';
import {isThere} from './place.ts';

/** Who has which name in the folder. Where several threads save into it, one of them knows, and the others have to wait. */
export type Claims = {
	/** Looks at the folder, and makes it if need be. To be waited for before anything is claimed; undefined when that is done. */
	prepare(): Promise<void> | undefined;
	/** The next free name of `name`, `name.1`, `name.2` …, which is the task's from now on. */
	claim(name: string, number: number): string | Promise<string>;
	/** The name of a part that the task wants to go on with; false if another one has it. */
	take(name: string, number: number): boolean | Promise<boolean>;
	/** The name is nobody's any more, or stands on the disk now. */
	release(name: string, isPlaced: boolean): void;
};

/** @param dir the folder; @param overwrite files that are there give way */
export type FolderClaimsOptions = {dir: string; overwrite?: boolean};

/** All names of a folder that a run has to do with. */
export class FolderClaims implements Claims {
	readonly #options: FolderClaimsOptions;
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

	constructor(options: FolderClaimsOptions) {
		this.#options = options;
		this.#root = rootOf(options.dir);
	}

	prepare(): Promise<void> | undefined {
		if (this.#isReady) return undefined;
		this.#preparing ??= this.#look();
		return this.#preparing;
	}

	/** Nobody else's in this run, and on the disk neither file nor part. */
	claim(name: string, number: number): string {
		for (let count = this.#numbers.get(name) ?? 0; ; count++) {
			const candidate = numbered(name, count);
			if (this.#taken.has(candidate) || this.#placed.has(candidate) || this.#isThere(candidate)) continue;
			this.#taken.set(candidate, number);
			if (count > 0) this.#numbers.set(name, count + 1);
			return candidate;
		}
	}

	take(name: string, number: number): boolean {
		if ((this.#taken.get(name) ?? number) !== number) return false;
		this.#taken.set(name, number);
		this.#present?.add(name);
		return true;
	}

	release(name: string, isPlaced: boolean): void {
		this.#taken.delete(name);
		if (isPlaced && this.#options.overwrite) this.#placed.add(name);
	}

	async #look(): Promise<void> {
		const {dir, overwrite} = this.#options;
		await makeFolder(dir);
		if (!overwrite) this.#present = await namesIn(dir);
		this.#isReady = true;
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

/** A folder as the beginning of a path. */
export const rootOf = (dir: string): string => path.join(dir, 'x').slice(0, -1);

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
