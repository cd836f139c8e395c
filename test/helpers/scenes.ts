import {Meter} from '../../source/dashboard/measuring/meter.ts';
import type {Plot} from './scene.ts';
import {failure, Story} from './store.ts';

type Scene = Plot & {story: Story};

export const plot = () => ({story: new Story(), meter: new Meter()});

/** Lets time go by at ten frames a second while bytes flow into tasks, and the meter watches. */
export function flow({story, meter}: Scene, seconds: number, speeds: Record<string, number> = {}): void {
	for (let step = 0; step < seconds * 10; step++) {
		story.later(100);
		for (const [id, speed] of Object.entries(speeds)) story.bytes(id as `t${number}`, Math.round(speed / 10));
		meter.sample(story.store, story.now);
	}
}

/** Every state at once, titles of several scripts, a slow and a fast transfer, one of unknown length. */
export function busy(): Scene {
	const scene = plot();
	const {story, meter} = scene;
	story.limits(8).run('running').input(true);
	const shelved = story.queue('https://shelved.example/archive.tar.xz');
	story.connect(shelved).receive(shelved, {total: 9e9}).later(12_000).bytes(shelved, 1_234_567_890).pause(shelved);
	meter.sample(story.store, story.now);
	const titles: ReadonlyArray<readonly [string, string]> = [
		['https://www.python.org/', 'Welcome to Python.org'],
		['http://www.sina.com.cn/', '新浪首页'],
		['https://emoji.example/', '👩‍👩‍👧‍👦 Family 🇨🇳 and ☕️ coffee ✂️'],
		['https://www.google.com.hk/search?q=a', 'Google 搜尋'],
	];
	for (const [url, title] of titles) {
		story.fetched(url, 4_820 * title.length, title, 400);
		meter.sample(story.store, story.now);
	}
	const forbidden = story.queue('https://example.com/private');
	story.connect(forbidden).later(120).fail(forbidden, 'HTTP_403');
	const dead = story.queue('http://unreachable.example:81/');
	story.connect(dead).later(40).fail(dead, 'ECONNREFUSED');
	const big = story.queue('https://mirror.example.org/pub/linux/releases/41/big.iso');
	const slow = story.queue('https://slow.example.net/drip');
	const unknown = story.queue('https://stream.example.net/radio.mp3');
	const news = story.queue('https://news.sohu.com/');
	const parsing = story.queue('https://parsing.example/long');
	const api = story.queue('https://api.example.com/v1/items');
	const dropped = story.queue('https://dropped.example/');
	const there = story.queue('https://there.example/already');
	for (const id of [big, slow, unknown, api, dropped, parsing]) story.connect(id);
	story.receive(big, {total: 5_000_000}).receive(slow, {total: 812}).receive(unknown);
	story.receive(parsing, {total: 90_000}).bytes(parsing, 90_000);
	story.end(dropped, 'canceled', {error: {code: 'CANCELED', message: 'canceled'}});
	story.end(there, 'skipped');
	flow(scene, 2.6, {[big]: 1_200_000, [slow]: 60, [unknown]: 24_000});
	story
		.wait(api, {...failure('HTTP_503'), retryAfter: 8_000}, {retry: 2})
		.extract(parsing)
		.connect(news);
	for (let page = 1; page <= 412; page++) story.queue(`https://list.example/page/${page}`);
	flow(scene, 0.4, {[big]: 1_200_000, [slow]: 60, [unknown]: 24_000});
	return scene;
}

/** Twelve tasks run although eight are wanted by now. */
export function drained(): Scene {
	const scene = plot();
	const {story} = scene;
	story.limits(12).run('running');
	const speeds: Record<string, number> = {};
	for (let task = 1; task <= 12; task++) {
		const id = story.queue(`https://mirror${task}.example.org/file-${task}.bin`);
		story.connect(id).receive(id, {total: 40_000_000});
		speeds[id] = task * 300_000;
	}
	flow(scene, 5, speeds);
	story.limits(8);
	return scene;
}

/** What came of more at once, and then of fewer, on a line that is full. */
export function measured(): Scene {
	const scene = plot();
	const {story, meter} = scene;
	story
		.listen(event => meter.hear(event))
		.limits(8)
		.run('running');
	const ids = Array.from({length: 30}, (_, task) =>
		story.queue(`https://mirror${task + 1}.example.org/file-${task + 1}.bin`),
	);
	const keep = (tasks: number, seconds: number, most: number) => {
		for (const id of ids.slice(0, tasks)) {
			if (story.task(id).state === 'queued') story.connect(id).later(20).receive(id, {total: 900_000_000});
		}
		const speed = Math.min(most, tasks * 5_000_000) / tasks;
		flow(scene, seconds, Object.fromEntries(ids.slice(0, tasks).map(id => [id, speed])));
	};
	keep(8, 20, 52_000_000);
	story.limits(12);
	keep(12, 30, 52_000_000);
	story.limits(16);
	keep(16, 12, 52_000_000);
	return scene;
}

/** In MB, and with none, a stream without an end. */
const downloads: ReadonlyArray<readonly [string, number?]> = [
	['https://cdimage.example.org/debian-13.1.0-amd64-netinst.iso', 783],
	['https://mirror.example.net/fedora/41/workstation.iso', 2_340],
	['https://dumps.example.org/zhwiki/articles.xml.bz2', 3_120],
	['https://models.example.com/whisper/large-v3.bin', 3_090],
	['https://maps.example.org/europe/switzerland.osm.pbf', 512],
	['https://videos.example.com/2026/linear-algebra.webm', 431],
	['https://archive.example.org/books/scans-1911.zip', 1_250],
	['https://stream.example.net/radio.mp3'],
	['https://releases.example.com/node-v24-linux-x64.tar.xz', 305],
	['https://mirror.example.net/arch/archlinux-x86_64.iso', 1_180],
	['https://data.example.org/census/households.csv.gz', 264],
	['https://data.example.org/census/persons.csv.gz', 640],
];

const pages: ReadonlyArray<readonly [string, string]> = [
	['https://www.python.org/', 'Welcome to Python.org'],
	['https://weather.example.jp/', '今日の天気 ☔️'],
	['https://www.kernel.org/', 'The Linux Kernel Archives'],
	['https://books.example.kr/', '서울 중고책방'],
	['https://blog.example.org/coffee', '☕️ Slow coffee, fast fetches 🚀'],
	['https://www.sina.com.cn/', '新浪首页'],
	['https://www.gnu.org/', 'The GNU Operating System'],
	['https://maps.example.ua/', 'Карти і схеми'],
	['https://www.rfc-editor.org/', 'RFC Editor'],
];

/** What the README shows: downloads and pages, some trouble, and what it brought to ask for more at once. */
export function steered(): Scene {
	const scene = plot();
	const {story} = scene;
	story.listen(event => scene.meter.hear(event));
	story.limits(8).run('running').input(true);
	const shelved = story.queue('https://backup.example/2026/photos.tar');
	story.connect(shelved).receive(shelved, {total: 9e9}).later(3_000).bytes(shelved, 1_234_567_890).pause(shelved);
	const ids = downloads.map(([url]) => story.queue(url));
	const left = [...pages];
	/** Some tasks are faster than others, and all go up and down a little. */
	const run = (tasks: number, seconds: number, bytesPerSecond: number) => {
		ids.slice(0, tasks).forEach((id, index) => {
			const total = downloads[index]?.[1];
			if (story.task(id).state === 'queued')
				story
					.connect(id)
					.later(20)
					.receive(id, total ? {total: total * 1e6} : {});
		});
		const weights = ids.slice(0, tasks).map((id, index) => [id, 4 + ((index * 5) % 7)] as const);
		const unit = bytesPerSecond / weights.reduce((sum, [, weight]) => sum + weight, 0);
		for (let second = 0; second < seconds; second++) {
			const pace = 0.95 + ((second * 7) % 11) / 100;
			const speeds = Object.fromEntries(weights.map(([id, weight]) => [id, weight * unit * pace]));
			flow(scene, 0.7, speeds);
			const [url = '', title = ''] = (second % 5 === 3 && left.shift()) || [];
			const page = url === '' ? undefined : story.queue(url);
			if (page) story.connect(page).receive(page);
			flow(scene, 0.3, {...speeds, ...(page && {[page]: 40_000 * title.length})});
			if (page) story.end(page, 'done', {title});
		}
	};
	run(8, 24, 48e6);
	const gone = story.queue('https://www.example.com/retired');
	story.connect(gone).later(80).fail(gone, 'HTTP_404');
	story.limits(12);
	run(12, 19, 62e6);
	const nowhere = story.queue('https://no-such-host.example/');
	story.connect(nowhere).later(30).fail(nowhere, 'ENOTFOUND');
	const busyHost = story.queue('https://api.example.com/v1/items');
	story
		.connect(busyHost)
		.later(200)
		.wait(busyHost, {...failure('HTTP_503'), retryAfter: 8_000}, {retry: 2});
	for (let page = 1; page <= 412; page++) story.queue(`https://list.example/page/${page}`);
	return scene;
}

function perHost(): Scene {
	const scene = plot();
	const {story} = scene;
	story.limits(8, 2).run('running');
	const [one, two] = [story.queue('https://only.example/a'), story.queue('https://only.example/b')];
	for (const page of ['c', 'd', 'e']) story.queue(`https://only.example/${page}`);
	story.connect(one).connect(two);
	flow(scene, 1);
	return scene;
}

/** A large body over several connections, and a disk that is full. */
function pieces(): Scene {
	const scene = plot();
	const {story} = scene;
	const total = 512 * 1024 * 1024;
	story.limits(8).run('running');
	const large = story.queue('https://mirror.example.org/pub/large.iso');
	const page = story.queue('https://example.com/page');
	story.connect(large).receive(large, {total});
	flow(scene, 2, {[large]: total / 8});
	const there = [0, 0.5, 0.75].map(start => [start * total, (start + 1 / 12) * total] as const);
	story.emit({type: 'saved', id: large, part: {path: 'large.iso', ranges: there, total, preallocated: true}});
	const why = {...failure('ENOSPC'), message: 'the disk is full: 402.7 MB more needed'};
	story.emit({type: 'run', state: 'paused', why}).requeue(page);
	return scene;
}

/** Many failures of few causes. */
function failing(): Scene {
	const scene = plot();
	const {story} = scene;
	story.limits(8).run('running');
	const fail = (url: string, code: string) => {
		const id = story.queue(url);
		story.connect(id).later(90).fail(id, code);
	};
	for (let part = 1; part <= 31; part++) fail(`https://cdn.example/signed/${part}?expires=1204`, 'HTTP_403');
	for (const host of ['nowhere', 'noone', 'nothing', 'never', 'none', 'nil'])
		fail(`https://${host}.example/`, 'ENOTFOUND');
	fail('https://example.com/gone', 'HTTP_404');
	for (let page = 1; page <= 3; page++) story.end(story.queue(`https://list.example/page/${page}`), 'canceled');
	flow(scene, 1);
	return scene;
}

function ended(): Scene {
	const scene = plot();
	const {story} = scene;
	story.limits(8).run('running');
	flow(scene, 1);
	for (let page = 1; page <= 30; page++) {
		story.fetched(`https://list.example/page/${page}`, 10_000 * page, page % 3 ? `Page ${page}` : `第 ${page} 页`, 40);
		flow(scene, 0.2);
	}
	for (const [url, code] of [
		['https://example.com/private', 'HTTP_403'],
		['https://example.com/gone', 'HTTP_404'],
		['https://nowhere.example/', 'ENOTFOUND'],
	] as const) {
		const id = story.queue(url);
		story.connect(id).later(90).fail(id, code);
	}
	story.run('ended');
	flow(scene, 3);
	return scene;
}

/** Each screen that has golden frames, by its name. */
export const scenes: Readonly<Record<string, () => Scene>> = {
	start: () => {
		const scene = plot();
		scene.story.limits(8).run('running').input(true);
		return scene;
	},
	busy,
	'busy-ascii': () => ({...busy(), ascii: true}),
	drained,
	paused: () => {
		const scene = busy();
		scene.story.run('paused');
		flow(scene, 2);
		return scene;
	},
	ended,
	queued: () => ({...busy(), view: {tab: 'queued', selected: 't16', index: 0}}),
	done: () => ({...busy(), view: {tab: 'done', selected: 't2', index: 3}}),
	failed: () => ({...busy(), view: {tab: 'failed'}}),
	'failed-groups': () => ({...failing(), view: {tab: 'failed', open: new Set(['cause ENOTFOUND'])}}),
	'nothing-failed': () => ({...drained(), view: {tab: 'failed'}}),
	help: () => ({...busy(), view: {overlay: 'help'}}),
	'help-end': () => ({...busy(), view: {overlay: 'help', scroll: 1000}}),
	details: () => ({...busy(), view: {tab: 'done', selected: 't3', overlay: 'details'}}),
	frozen: () => ({...busy(), view: {frozen: true}}),
	'per-host': perHost,
	measured,
	steered,
	effects: () => ({...measured(), view: {overlay: 'effects'}}),
	'measured-ascii': () => ({...measured(), ascii: true}),
	pieces,
	confirm: () => ({...busy(), view: {prompt: {kind: 'confirm', urls: ['https://a.example/', 'https://b.example/']}}}),
	command: () => ({...busy(), view: {prompt: {kind: 'command', line: {before: 'c 3', after: '2'}}}}),
	notice: () => ({...ended(), view: {notice: {text: 'task 30 is already done', until: Number.POSITIVE_INFINITY}}}),
};
