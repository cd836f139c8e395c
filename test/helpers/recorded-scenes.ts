import {Readable} from 'node:stream';
import {Meter} from '../../source/dashboard/meter.ts';
import type {View} from '../../source/dashboard/view.ts';
import {openRecording} from '../../source/replay/recording.ts';
import {Replay} from '../../source/replay/replay.ts';
import {TestClock} from './engine.ts';
import type {Plot} from './scene.ts';

const demoRun = new URL('../fixtures/demo-run.ndjson', import.meta.url).pathname;

/** The demo as it was run and steered by a person, at so many seconds. */
async function at(seconds: number): Promise<Plot> {
	const replay = new Replay(await openRecording(demoRun, Readable.from([])), new TestClock(), 1);
	const meter = new Meter();
	replay.subscribe(event => meter.hear(event));
	replay.everyStep(now => meter.sample(replay.store, now));
	await replay.skip(seconds * 1000);
	meter.sample(replay.store, replay.now());
	return {story: {store: replay.store, now: replay.now()}, meter};
}

type Look = {seconds: number; view: Partial<View>};

/** Every view of one real run. */
const looks: Readonly<Record<string, Look>> = {
	active: {seconds: 12, view: {selected: 't2'}},
	draining: {seconds: 17, view: {}},
	queued: {seconds: 4, view: {tab: 'queued'}},
	done: {seconds: 20, view: {tab: 'done'}},
	failed: {seconds: 20, view: {tab: 'failed'}},
	hosts: {seconds: 12, view: {tab: 'hosts'}},
	'details-live': {seconds: 12, view: {selected: 't2', overlay: 'details'}},
	'details-failed': {seconds: 20, view: {tab: 'failed', selected: 't8', overlay: 'details'}},
	help: {seconds: 12, view: {overlay: 'help'}},
	filter: {
		seconds: 20,
		view: {tab: 'done', filter: 'page', prompt: {kind: 'filter', line: {before: 'page', after: ''}}},
	},
	sorted: {seconds: 12, view: {sort: {by: 'speed', reversed: false}}},
	ended: {seconds: 60, view: {}},
};

export const recordedScenes: Readonly<Record<string, () => Promise<Plot>>> = Object.fromEntries(
	Object.entries(looks).map(([name, {seconds, view}]) => [`run-${name}`, async () => ({...(await at(seconds)), view})]),
);
