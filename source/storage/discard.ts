import type {Sink, Storage} from '../engine/seams.ts';

/** `--no-save`: the bytes are counted by the engine and go nowhere. */
export const discardStorage: Storage = {
	open: async () => ({...keepsNothing, write() {}, commit: async () => ({path: null})}),
};

/** What a sink has to say from which nothing can be gone on with. */
export const keepsNothing = {
	part: () => undefined,
	sync: async () => undefined,
	start: async () => new Uint8Array(),
	abort: async () => undefined,
} satisfies Partial<Sink>;
