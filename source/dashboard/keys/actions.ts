import type {Command} from '../../engine/commands.ts';
import type {ReadonlyStore} from '../../engine/store.ts';
import type {Row} from '../rows/rows.ts';
import type {View, ViewAction} from '../rows/view.ts';

/** What only the program around the screen can do. */
export type ProgramAction =
	| {type: 'leave'}
	| {type: 'suspend'}
	| {type: 'redraw'}
	/** `what`: how it is called when it has been copied. */
	| {type: 'copy'; text: string; what: string}
	/** A path in the folder of the run. */
	| {type: 'open'; path: string}
	/** Of a replay: stop its time or let it go on, and let it go so many times as fast. */
	| {type: 'pause-replay'}
	| {type: 'accelerate'; by: number};

/** What a key asks for: a command to the engine, a change of the view, or something of the program itself. */
export type Action = {command: Command} | {view: ViewAction} | {program: ProgramAction};

/** What comes of a key: an action, several, or a sentence, which says why it cannot act or what it has done. */
export type Outcome = Action | string | ReadonlyArray<Action | string>;

export type KeyContext = {
	store: ReadonlyStore;
	view: View;
	selected: Row | undefined;
	/** Bytes a second, as measured. */
	speed: number;
	/** The key of a binding, for people. */
	keyOf(name: string): string;
};

export const actionsOf = (outcome: Outcome): ReadonlyArray<Action | string> =>
	Array.isArray(outcome) ? outcome : [outcome as Action | string];
