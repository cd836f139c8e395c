/** Whose limit the keys change. */
export type Scope = 'lane' | 'all';

/** What a person looks at, of a race. */
export type RaceView = {
	scope: Scope;
	hasHelp: boolean;
	/** Lines that have gone out of sight above. */
	scroll: number;
	/** What the last key had to say. */
	notice: string | undefined;
};

export type RaceViewAction = {type: 'scope'} | {type: 'help'} | {type: 'scroll'; by: number};

export const initialRaceView: RaceView = {scope: 'lane', hasHelp: false, scroll: 0, notice: undefined};

/** @param most as far as there is anything to scroll to */
export function reduceRace(view: RaceView, action: RaceViewAction, most: number): RaceView {
	if (action.type === 'scope') return {...view, scope: view.scope === 'lane' ? 'all' : 'lane'};
	if (action.type === 'help') return {...view, hasHelp: !view.hasHelp, scroll: 0};
	return {...view, scroll: Math.max(0, Math.min(most, view.scroll + action.by))};
}
