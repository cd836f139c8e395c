import type {RaceStore} from '../../race/seams.ts';
import type {Size} from '../drawing/frame.ts';
import type {Theme} from '../drawing/theme.ts';
import type {RaceKeymap} from './keymap.ts';
import type {RaceView} from './view.ts';

/** Makes the lines of the report: narrower than `columns`. */
export type RaceReport = (store: Readonly<RaceStore>, size: {columns: number; ascii: boolean}) => string[];

export type RaceScene = {
	store: Readonly<RaceStore>;
	view: RaceView;
	theme: Theme;
	keymap: RaceKeymap;
	report: RaceReport;
	size: Size;
	/** How many lanes have come to their end, in all rounds. */
	over: number;
	/** Epoch milliseconds, as when the race began and ended. */
	now: number;
	begunAt: number;
	endedAt: number | undefined;
};
