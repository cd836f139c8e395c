import type {Storage} from '../engine/seams.ts';

/** `--no-save`: the bytes are counted by the engine and go nowhere. */
export const discardStorage: Storage = {
	open: async () => ({
		write() {},
		part: () => undefined,
		sync: async () => undefined,
		start: async () => new Uint8Array(),
		commit: async () => ({path: null}),
		abort: async () => undefined,
	}),
};
