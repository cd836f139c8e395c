import type {Clock} from '../engine/seams.ts';

/** Resolves with the effect, or after so many milliseconds without it: keys go on working when the engine does not answer. */
export async function atMost(ms: number, effect: Promise<void>, clock: Clock): Promise<void> {
	const late = Promise.withResolvers<void>();
	const cancel = clock.timer(ms, late.resolve);
	await Promise.race([effect, late.promise]);
	cancel();
}
