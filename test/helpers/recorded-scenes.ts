import {readFileSync} from 'node:fs';
import {Readable} from 'node:stream';
import {Meter} from '../../source/dashboard/measuring/meter.ts';
import type {View} from '../../source/dashboard/rows/view.ts';
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

/** Its port is another one in every recording. */
const [, host] = /"host":"(127[^"]+)"/.exec(readFileSync(demoRun, 'utf8')) ?? [];
const lost = new Set([`cause HTTP_404 ${host}`]);

type Look = {seconds: number; view: Partial<View>};

/** Of those moments: 12 at once for ten seconds, 16 at once, some of them too many for a limit of 11, and all but over. */
const [gained, lowered, late] = [23, 37.5, 54];

/** Every view of one real run. */
const looks: Readonly<Record<string, Look>> = {
	active: {seconds: gained, view: {selected: 't2'}},
	draining: {seconds: lowered, view: {}},
	queued: {seconds: 4, view: {tab: 'queued'}},
	done: {seconds: gained, view: {tab: 'done'}},
	failed: {seconds: late, view: {tab: 'failed', open: lost}},
	hosts: {seconds: 3, view: {tab: 'hosts'}},
	'details-live': {seconds: gained, view: {selected: 't2', overlay: 'details'}},
	'details-failed': {seconds: gained, view: {tab: 'failed', selected: 't14', open: lost, overlay: 'details'}},
	help: {seconds: gained, view: {overlay: 'help'}},
	filter: {
		seconds: late,
		view: {tab: 'done', filter: 'iso', prompt: {kind: 'filter', line: {before: 'iso', after: ''}}},
	},
	sorted: {seconds: lowered, view: {sort: {by: 'speed', reversed: false}}},
	ended: {seconds: 600, view: {}},
};

export const recordedScenes: Readonly<Record<string, () => Promise<Plot>>> = Object.fromEntries(
	Object.entries(looks).map(([name, {seconds, view}]) => [`run-${name}`, async () => ({...(await at(seconds)), view})]),
);
