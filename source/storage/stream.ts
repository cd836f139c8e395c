import {once} from 'node:events';
import type {Writable} from 'node:stream';
import type {Storage} from '../engine/seams.ts';
import {keepsNothing} from './discard.ts';

/** `-o -`: the body goes to a stream, as it arrives. What was written cannot be taken back, so there is nothing to resume. */
export function streamStorage(stream: Writable): Storage {
	return {
		open: async () => ({
			...keepsNothing,
			write(chunk) {
				if (stream.write(chunk)) return undefined;
				// Rejects when the stream breaks while we wait: a reader that has gone will never drain it.
				return once(stream, 'drain').then(() => undefined);
			},
			async commit() {
				await new Promise<void>((resolve, reject) => stream.write('', error => (error ? reject(error) : resolve())));
				return {path: null};
			},
		}),
	};
}
