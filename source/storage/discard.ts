import type {Sink, Storage, Stored} from '../engine/seams.ts';

/** `--no-save`: the bytes are counted by the engine and go nowhere. */
export const discardStorage: Storage = {
	open: () => discard,
};

/** What a sink has to say from which nothing can be gone on with. */
export const keepsNothing = {
	part: () => undefined,
	sync: async () => undefined,
	start: async () => new Uint8Array(),
	abort: async () => undefined,
} satisfies Partial<Sink>;

const nowhere: Stored = {path: null};
const discard: Sink = {...keepsNothing, write() {}, commit: () => nowhere};
