import type {PartFile, TaskOptions, Validators} from './seams.ts';
import type {Result} from './task.ts';

/** What earlier runs left of a task. */
export type Known =
	/** `edited`: somebody has written to it since, so it is not to be replaced. */
	| {kind: 'done'; result: Result; validators: Validators; edited?: true}
	/** Also for a file that is to be fetched anew: a part without ranges that `replaces` it. */
	| {kind: 'part'; part: PartFile};

export type Past = {
	/** Undefined at once, without any waiting, for a task that was never seen; else once the disk has been looked at. */
	recall(url: string, options: TaskOptions): Promise<Known | undefined> | undefined;
};
