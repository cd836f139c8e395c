import type {LaneState} from '../../race/seams.ts';
import type {Theme} from '../drawing/theme.ts';

/** What the states of lanes look like: as those of tasks that they are most like. */
const likeTasks = {
	waiting: 'queued',
	starting: 'connecting',
	running: 'receiving',
	finished: 'done',
	skipped: 'skipped',
	broken: 'failed',
} as const;

/** Milliseconds for each picture of the spinner. */
const spinTime = 100;

export function glyphOf(state: LaneState, {glyphs, spinner}: Theme, now: number): string {
	if (state !== 'starting' && state !== 'running') return glyphs[likeTasks[state]];
	return spinner[Math.floor(now / spinTime) % spinner.length] ?? '';
}

export const paintOf = (state: LaneState, theme: Theme) => theme.state[likeTasks[state]];

/** What there is one cell of for each slot, and for each part of a lane's progress. */
export const cellsOf = ({ascii}: Theme) =>
	ascii
		? {busy: '#', idle: '.', done: '#', failed: 'x', left: '.'}
		: {busy: '●', idle: '○', done: '█', failed: '╳', left: '░'};
