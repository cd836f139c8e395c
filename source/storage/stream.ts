import type {Writable} from 'node:stream';
import type {Storage} from '../engine/seams.ts';

/** `-o -`: the body goes to a stream, as it arrives. What was written cannot be taken back, so there is nothing to resume. */
export function streamStorage(stream: Writable): Storage {
	return {
		open: async () => ({
			write(chunk) {
				if (stream.write(chunk)) return undefined;
				return new Promise<void>(resolve => {
					stream.once('drain', resolve);
				});
			},
			commit: async () => ({path: null}),
			abort: async () => undefined,
		}),
	};
}
