import type {Digest, PartFile, Saving} from '../engine/seams.ts';

/** Who has which name. */
export type Claims = {
	/** The next free name of `name`, `name.1`, `name.2` …, which is the task's from now on. */
	claim(name: string, number: number): string;
	/** The name is nobody's any more, or stands on the disk now. */
	release(name: string, isPlaced: boolean): void;
};

export type FileSinkOptions = {
	/** The folder, as the beginning of a path. */
	root: string;
	/** Where it goes, and what of it is there already. */
	part: PartFile;
	/** Whatever stands under the name gives way. */
	overwrite: boolean;
	/** This gives way if it still stands there: a finished file of ours, as of `versionOf`. */
	replaced: string | undefined;
	/** A part file of that name is this task's own, or may give way too. */
	owned: boolean;
	digest: Digest | undefined;
	/** The date the file gets. */
	modified: Date | undefined;
	/** As of `FileStorageOptions`. */
	recorded(): Promise<void> | undefined;
	claims: Claims;
	/** Another name is made of this one, for when a stranger has taken the first meanwhile. */
	wanted: string;
	/** Of the task. */
	number: number;
	/** As of `Saving`. */
	observer: Saving['observer'];
};
