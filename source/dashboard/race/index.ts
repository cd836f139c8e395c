import {sanitize} from '../../format/sanitize.ts';
import type {AnyRace} from '../../race/seams.ts';
import {RaceScreen, type RaceScreenOptions} from './screen.ts';

export type RaceOptions = RaceScreenOptions & {
	/** Calls `tell` with what goes wrong elsewhere. Returns how to stop it. */
	complaints?: (tell: (message: string) => void) => () => void;
};

/** Something that shows a race. `start` may draw; `finish` restores what it changed. Both always run. */
export type RaceReporter = {
	start(race: AnyRace): void;
	finish(): Promise<void>;
	/** Resolves when the person is done with it, and rejects if the screen broke. */
	left: Promise<void>;
};

/** The screen of a race: it is handed the race, looks at it at its own pace, and turns keys into commands. */
export function raceScreen({complaints, ...options}: RaceOptions): RaceReporter {
	const {promise: left, resolve, reject} = Promise.withResolvers<void>();
	// Whoever starts the screen may look at `left` only after the race; until then nobody handles a rejection.
	left.catch(() => undefined);
	let screen: RaceScreen | undefined;
	let deafen = () => {};
	return {
		left,
		start(race) {
			const opened = new RaceScreen(race, options, resolve, reject);
			opened.open();
			deafen = complaints?.(message => opened.notice(sanitize(message))) ?? deafen;
			screen = opened;
		},
		async finish() {
			deafen();
			await screen?.close();
		},
	};
}
