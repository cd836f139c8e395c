import type {Lane} from '../../race/seams.ts';
import type {Theme} from '../drawing/theme.ts';
import {workersOf} from './figures.ts';
import {cellsOf} from './looks.ts';

/** The most cells that an eye still takes for single ones. */
const mostCells = 120;

/**
 * The slots of a lane in pictures, the fullest first, none if there are too many: a cell for each, and brackets around those that
 * share a thread. So it is seen what the models differ in: `[●][●][○]` are threads that each wait for one task, `[●●○]` is one
 * thread that waits for all of them. Where that is too wide, gaps hold threads apart.
 */
export function slotPictures(lane: Lane, theme: Theme): string[] {
	const {model, limit, usage} = lane;
	const {busy, idle} = cellsOf(theme);
	const {running} = usage;
	const isPool = model === 'threads' || model === 'processes';
	// A limit that was lowered has more under way for a while; and a pool may be larger than its limit.
	const count = isPool ? Math.max(running, workersOf(lane)) : Math.max(running, limit);
	if (count === 0 || count > mostCells) return [];
	const cells = Array.from({length: count}, (_, index) => (index < running ? busy : idle));
	const together = cells.join('');
	if (model === 'messages') return [together];
	return isPool ? [cells.map(cell => `[${cell}]`).join(''), cells.join(' ')] : [`[${together}]`];
}
