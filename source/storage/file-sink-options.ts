import type {Digest, PartFile, Saving} from '../engine/seams.ts';
import type {Claims} from './claims.ts';

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
	claims: Pick<Claims, 'claim' | 'release'>;
	/** Another name is made of this one, for when a stranger has taken the first meanwhile. */
	wanted: string;
	/** Of the task. */
	number: number;
	/** As of `Saving`. */
	observer: Saving['observer'];
};
