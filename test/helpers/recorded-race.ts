import {readFileSync} from 'node:fs';
import type {Size} from '../../source/dashboard/drawing/frame.ts';
import {createTheme} from '../../source/dashboard/drawing/theme.ts';
import {raceKeymap} from '../../source/dashboard/race/keymap.ts';
import type {RaceScene} from '../../source/dashboard/race/scene.ts';
import {initialRaceView, type RaceView} from '../../source/dashboard/race/view.ts';
import {type Left, type Outcome, reportLines} from '../../source/race/report/report.ts';
import type {ModelName, RaceStore} from '../../source/race/seams.ts';

/** As `scripts/record-race.ts` has written it. */
type Moment = {
	now: number;
	begunAt: number;
	over: number;
	left: readonly Left[];
	store: Omit<RaceStore, 'current'> & {current?: ModelName};
};

const file = new URL('../fixtures/race-run.json', import.meta.url);
const recording: {about: string; moments: Record<string, Moment>} = JSON.parse(readFileSync(file, 'utf8'));

/** What JSON has no word for. */
const absent = {start: undefined, startedAt: undefined, endedAt: undefined, incident: undefined};

export const moments: readonly string[] = Object.keys(recording.moments);

const momentOf = (name: string): Moment => recording.moments[name] as Moment;

/** The store as it was then. */
export function storeAt(name: string): RaceStore {
	const {store} = momentOf(name);
	const lanes = store.lanes.map(lane => ({...absent, ...lane}));
	const {agreement} = store;
	const current = lanes.find(({model}) => model === store.current);
	return {...store, lanes, current, agreement: {...agreement, first: agreement.first}};
}

export function outcomeAt(name: string): Outcome {
	const {lanes, cores, agreement, work} = storeAt(name);
	const {left} = momentOf(name);
	return {measurements: lanes.flatMap(({measurements}) => measurements), cores, agreement, left, work};
}

/** What was on the screen then, in a terminal of this size. */
export function sceneAt(name: string, size: Size, view: Partial<RaceView> = {}): RaceScene {
	const {now, begunAt, over} = momentOf(name);
	const store = storeAt(name);
	return {
		...{store, size, now, begunAt, over, keymap: raceKeymap, theme: createTheme({ascii: false, color: false})},
		view: {...initialRaceView, ...view},
		report: (_, paper) => reportLines(outcomeAt(name), paper),
		endedAt: store.state === 'running' ? undefined : now,
	};
}
