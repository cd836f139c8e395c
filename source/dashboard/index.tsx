import {sanitize} from '../format/sanitize.ts';
import type {Reporter} from '../reporters/reporter.ts';
import {createKeymap} from './keys/keymap.ts';
import {playbackKeymap} from './keys/playback.ts';
import {Screen, type ScreenOptions} from './screen.tsx';

export type DashboardOptions = Omit<ScreenOptions, 'keymap'> & {
	/** Names of bindings, each with the keys that it gets instead of the standard ones. */
	keys?: Readonly<Record<string, readonly string[]>>;
	/** Calls `tell` with what goes wrong elsewhere. Returns how to stop it. */
	complaints?: (tell: (message: string) => void) => () => void;
};

/**
 * The screen as a reporter: it is handed the engine, samples it at its own pace, and turns keys into commands. Throws, with a
 * sentence, when the keys cannot be what is wanted.
 */
export function dashboardReporter(options: DashboardOptions): Reporter {
	const {promise: left, resolve, reject} = Promise.withResolvers<void>();
	// Whoever starts the screen may look at `left` only after the run; until then nobody handles a rejection.
	left.catch(() => undefined);
	const keys = createKeymap(options.keys);
	const keymap = options.playback ? playbackKeymap(keys) : keys;
	let screen: Screen | undefined;
	let deafen = () => {};
	return {
		left,
		start(engine) {
			const opened = new Screen(engine, {...options, keymap}, resolve, reject);
			opened.open();
			deafen = options.complaints?.(message => opened.notice(sanitize(message))) ?? deafen;
			screen = opened;
		},
		async finish() {
			deafen();
			await screen?.close();
		},
	};
}
