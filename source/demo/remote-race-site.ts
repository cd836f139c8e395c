import {scriptBeside} from '../threads/script.ts';
import {startThread} from '../threads/thread.ts';
import type {RaceSiteOptions} from './race-pages.ts';
import type {RaceSite} from './race-site.ts';

/** Starts the race's site in a thread of its own, so that neither the screen nor what it is about delays its answers. */
export function openRaceSite(options: RaceSiteOptions): Promise<RaceSite> {
	// Nothing is written there, and nobody is to wait for it.
	const worker = startThread(scriptBeside(import.meta.url, 'race-site-thread'), {
		workerData: options,
		stdout: true,
		stderr: true,
	});
	const {promise, resolve, reject} = Promise.withResolvers<RaceSite>();
	let isOpen = false;
	let isClosed = false;
	let broken: unknown;
	worker.once('message', ({urls, origin}: Pick<RaceSite, 'urls' | 'origin'>) => {
		isOpen = true;
		// Whoever fetches from it keeps the process.
		worker.unref();
		const close = async () => {
			isClosed = true;
			await worker.terminate();
		};
		resolve({urls, origin, close});
	});
	worker.on('error', error => {
		broken = error;
	});
	// Once it is open, nobody waits for it who could be told; see `CrewMember`.
	worker.on('exit', code => {
		if (isClosed) return;
		const error = broken ?? new Error(`the thread of the race's site has ended by itself (exit code ${code})`);
		if (isOpen) throw error;
		reject(error);
	});
	return promise;
}
