import {rowsThatFit, type Scene, type Size} from '../../source/dashboard/drawing/frame.ts';
import {createTheme} from '../../source/dashboard/drawing/theme.ts';
import {createKeymap} from '../../source/dashboard/keys/keymap.ts';
import type {Meter} from '../../source/dashboard/measuring/meter.ts';
import {rowsOf} from '../../source/dashboard/rows/rows.ts';
import {follow, initialView, type View} from '../../source/dashboard/rows/view.ts';
import type {ReadonlyStore} from '../../source/engine/store.ts';

export const keymap = createKeymap();

export type Plot = {
	story: {store: ReadonlyStore; now: number};
	meter: Meter;
	view?: Partial<View>;
	ascii?: boolean;
	color?: boolean;
};

/** What there is to draw of a story, with the view brought up to it. */
export function stage({story, meter, view: given, ascii = false, color = false}: Plot, size: Size): Scene {
	const {store, now} = story;
	const wanted = {...initialView, ...given};
	const rows = rowsOf({store, meter, now}, wanted);
	const view = follow(wanted, rows, rowsThatFit(size, wanted));
	return {store, meter, now, size, rows, view, keymap, theme: createTheme({ascii, color})};
}
