import type {View} from '../rows/view.ts';
import {type Action, actionsOf} from './actions.ts';
import type {Binding, Keymap} from './keymap.ts';

/** A recorded run that is shown again, as far as the dashboard has a say in it. */
export type Playback = {
	/** The time in the recording, in whose terms everything on the screen is; epoch milliseconds. */
	now(): number;
	/** Calls back several times in each second of it, however fast they go by between two frames. */
	everyStep(listener: (now: number) => void): void;
	/** How fast it goes, or why it does not: `×8`, `paused`. */
	readonly status: string;
	/** Stops the time, or lets it go on. @returns why it cannot */
	pause(): string | undefined;
	/** @returns why it cannot go faster, or slower */
	accelerate(by: number): string | undefined;
};

/** Bindings that are about the run elsewhere, and here about how it is shown. */
const replaced: Readonly<Record<string, Pick<Binding, 'means' | 'hint' | 'act'>>> = {
	pause: {
		means: 'pause or resume the replay',
		hint: {does: 'pause, go on', rank: 4},
		act: () => ({program: {type: 'pause-replay'}}),
	},
	'bandwidth-down': {
		means: 'replay at half the speed',
		hint: {does: 'speed', rank: 1, with: ['bandwidth-down', 'bandwidth-up']},
		act: () => ({program: {type: 'accelerate', by: 0.5}}),
	},
	'bandwidth-up': {means: 'replay at double the speed', act: () => ({program: {type: 'accelerate', by: 2}})},
	quit: {means: 'leave', hint: {does: 'quit', rank: 2}, act: () => ({program: {type: 'leave'}})},
};

/** The same keys for the same things, as far as they can be done to a run that is over. */
export function playbackKeymap(keymap: Keymap): Keymap {
	const played = (binding: Binding): Binding => ({
		...binding,
		...(Object.hasOwn(replaced, binding.name)
			? replaced[binding.name]
			: {act: (context, which) => inReplay(actionsOf(binding.act(context, which)))}),
	});
	return {
		...keymap,
		bindings: keymap.bindings.filter(({needsRun}) => !needsRun).map(played),
		find(key) {
			const found = keymap.find(key);
			return found && {...found, binding: played(found.binding)};
		},
	};
}

const refusal = 'this is a replay: nothing can be changed';

/** What may be done: actions as they are, or instead of all of them a sentence, if one of them would change what is over. */
export function inReplay(actions: ReadonlyArray<Action | string>): ReadonlyArray<Action | string> {
	if (actions.every(action => typeof action === 'string' || isHarmless(action))) return actions;
	// The line that was asked for is closed all the same.
	return [...actions.filter(action => typeof action === 'object' && closesPrompt(action)), refusal];
}

const asks: ReadonlyArray<NonNullable<View['prompt']>['kind']> = ['add', 'confirm'];
const harmless: readonly string[] = ['leave', 'suspend', 'redraw', 'copy', 'pause-replay', 'accelerate'];

function isHarmless(action: Action): boolean {
	if ('command' in action) return false;
	if ('program' in action) return harmless.includes(action.program.type);
	return !(action.view.type === 'prompt' && action.view.prompt && asks.includes(action.view.prompt.kind));
}

const closesPrompt = (action: Action): boolean =>
	'view' in action && action.view.type === 'prompt' && action.view.prompt === undefined;
