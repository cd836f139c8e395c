import {maxConcurrency} from '../../engine/settings.ts';
import type {Lane, RaceCommand, RaceStore} from '../../race/seams.ts';
import type {ProgramAction} from '../keys/actions.ts';
import type {RaceView, RaceViewAction} from './view.ts';

/** What a key asks for: a command to the race, a change of the view, or something of the program itself. */
export type RaceAction =
	| {command: RaceCommand}
	| {view: RaceViewAction}
	| {program: Extract<ProgramAction, {type: 'leave' | 'suspend' | 'redraw'}>};

/** What comes of a key: actions, and sentences, which say why it cannot act or what it has done. */
export type RaceOutcome = ReadonlyArray<RaceAction | string>;

export type RaceContext = {
	store: Readonly<RaceStore>;
	view: RaceView;
	/** Lines that fit, and how far they can be scrolled. */
	height: number;
	most: number;
};

type Act = (context: RaceContext) => RaceOutcome;

const isSteerable = ({model}: Lane): boolean => model !== 'serial';

/** The limit that the keys start from: of the lane they are about, or, for all of them, of one that has more than one slot. */
function limitOf({store: {lanes, current}, view: {scope}}: Pick<RaceContext, 'store' | 'view'>) {
	if (scope === 'lane') return current?.limit;
	return (current && isSteerable(current) ? current : lanes.find(isSteerable))?.limit;
}

export const limitBy =
	(step: number): Act =>
	context => {
		const {lanes, current, state} = context.store;
		if (state !== 'running') return ['the race is over: nothing runs'];
		const isForAll = context.view.scope === 'all';
		const meant = isForAll ? lanes.filter(isSteerable) : current ? [current] : [];
		const before = limitOf(context);
		if (!isForAll && !current) return ['no lane runs at this moment'];
		if (before === undefined || !meant.some(isSteerable)) return ['the serial lane runs one task at a time'];
		const value = Math.max(1, Math.min(maxConcurrency, before + step));
		if (meant.every(({limit}) => limit === value))
			return [`the limit is already ${value}, the ${step > 0 ? 'most' : 'least'}`];
		return [{command: {type: 'set-limit', model: isForAll ? 'all' : (current?.model ?? 'all'), value}}];
	};

export const changeScope: Act = ({store, view}) => {
	if (store.state !== 'running') return ['the race is over: nothing runs'];
	const told =
		view.scope === 'lane'
			? 'the limit keys are about all lanes now, and those to come'
			: 'the limit keys are about this lane now';
	return [{view: {type: 'scope'}}, told];
};

export const kill: Act = ({store: {state, current}}) => {
	if (state !== 'running') return ['the race is over: nothing runs'];
	if (!current) return ['no lane runs at this moment'];
	if (current.state !== 'running') return [`the ${current.model} lane is still starting`];
	return [{command: {type: 'kill'}}, 'killing one that is at work'];
};

export const skip: Act = ({store: {state, current}}) => {
	if (state !== 'running') return ['the race is over: nothing runs'];
	return current ? [{command: {type: 'skip'}}] : ['no lane runs at this moment'];
};

const scroll =
	(by: (context: RaceContext) => number): Act =>
	context =>
		context.most > 0 ? [{view: {type: 'scroll', by: by(context)}}] : ['all there is is in sight'];

export const scrollBy = (lines: number): Act => scroll(() => lines);
/** A line of the page before stays, so that the eye finds its way. */
export const page = (pages: number): Act => scroll(({height}) => pages * Math.max(1, height - 1));

export const back: Act = ({view}) => (view.hasHelp ? [{view: {type: 'help'}}] : ['there is nothing to go back from']);
