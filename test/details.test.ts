import assert from 'node:assert/strict';
import {test} from 'node:test';
import {detailLines} from '../source/dashboard/drawing/details.ts';
import {createTheme} from '../source/dashboard/drawing/theme.ts';
import {Meter} from '../source/dashboard/measuring/meter.ts';
import type {TaskId} from '../source/engine/task.ts';
import {failure, Story} from './helpers/store.ts';

// Attempts have times of the day, which are local.
process.env.TZ = 'UTC';

/** A story with a meter that watches it, and the details of its tasks as they would be drawn. */
class Watched extends Story {
	readonly meter = new Meter();

	constructor() {
		super();
		this.limits(8).run('running');
	}

	/** Lets bytes flow in for as many seconds, ten frames in each. */
	flow(id: TaskId, ...perSecond: number[]): this {
		for (const speed of perSecond)
			for (let step = 0; step < 10; step++) {
				this.later(100).bytes(id, speed / 10);
				this.meter.sample(this.store, this.now);
			}
		return this;
	}

	draw(id: TaskId, cells: number, ascii = false): string[] {
		const theme = createTheme({ascii, color: false});
		const context = {meter: this.meter, store: this.store, now: this.now, theme};
		return detailLines(this.task(id), cells, context).map(line => line.trimEnd());
	}
}

const url = 'https://mirror.example.org/pub/large.iso';

/** Busy once, then redirected, and on its way over several connections. */
function large(): {story: Watched; id: TaskId} {
	const story = new Watched();
	const id = story.queue(url);
	story.connect(id).later(310);
	const head = {status: 503, finalUrl: url, redirects: [], headers: {'retry-after': '8', server: 'nginx'}};
	const why = {...failure('HTTP_503'), retryAfter: 8_000};
	story.emit({type: 'waiting', id, until: story.now + 8_000, failure: why, retry: 1, retries: 4, head});
	story.later(8_000).requeue(id).connect(id).later(120);
	const redirects = [url, 'https://cdn.example/x'];
	story.receive(id, {total: 50e6, redirects, finalUrl: 'https://cdn3.example.net/x.iso', headers: {etag: '"abc"'}});
	story.flow(id, 1e6, 2e6, 3e6, 3e6, 2e6, 1e6, 4e6, 4e6);
	const ranges = [
		[0, 10e6],
		[25e6, 35e6],
	] as const;
	return {
		story: story.emit({type: 'saved', id, part: {path: 'large.iso', ranges, total: 50e6, preallocated: true}}),
		id,
	};
}

test('of a task on its way the details tell all there is to know, on a terminal of usual width', () => {
	const {story, id} = large();
	assert.deepEqual(story.draw(id, 80), [
		'        URL  https://mirror.example.org/pub/large.iso',
		'        via  https://cdn.example/x',
		'  final URL  https://cdn3.example.net/x.iso',
		'      state  ⠿ receiving for 0:08',
		'     status  200 OK',
		'       type  text/html',
		'      bytes  20.0/50.0 MB, 40 %, ETA 0:09',
		'     pieces  █████████▓              █████████▓',
		'      speed  3.2 MB/s, 4.0 MB/s at most',
		'             ▃▅▆▆▄▃█',
		'   attempts  2',
		'             1  20:03:40  0.31 s  503 Service Unavailable, waited 8.00 s',
		'             2  20:03:48  8.12 s  receiving',
		' first byte  █                                                0.12 s',
		'   transfer   ███████████████████████████████████████████████ 8.00 s',
		'   saved as  large.iso, large.iso.part until it is whole',
		' content-type  text/html',
		'       server  nginx',
		'         etag  "abc"',
	]);
});

test('a narrow terminal breaks lines between words, and addresses anywhere', () => {
	const {story, id} = large();
	assert.deepEqual(story.draw(id, 40).slice(0, 20), [
		'        URL  https://mirror.example.org',
		'             /pub/large.iso',
		'        via  https://cdn.example/x',
		'  final URL  https://cdn3.example.net/x',
		'             .iso',
		'      state  ⠿ receiving for 0:08',
		'     status  200 OK',
		'       type  text/html',
		'      bytes  20.0/50.0 MB, 40 %, ETA',
		'             0:09',
		'     pieces  █████░       █████░',
		'      speed  3.2 MB/s, 4.0 MB/s at most',
		'             ▃▅▆▆▄▃█',
		'   attempts  2',
		'             1  20:03:40  0.31 s  503',
		'             Service Unavailable,',
		'             waited 8.00 s',
		'             2  20:03:48  8.12 s',
		'             receiving',
		' first byte  █                0.12 s',
	]);
});

test('a wide terminal has the headers beside the rest', () => {
	const {story, id} = large();
	const lines = story.draw(id, 200);
	assert.match(lines[0] ?? '', /^ +URL {2}https:\/\/mirror\S+ +content-type {2}text\/html$/);
	assert.match(lines[1] ?? '', /^ +via {2}\S+ +server {2}nginx$/);
	assert.equal(lines[2]?.indexOf('etag'), (lines[1]?.indexOf('server') ?? 0) + 2);
	assert.equal(lines.length, 16);
});

test('with ASCII drawing, bars and maps are ASCII', () => {
	const {story, id} = large();
	for (const line of story.draw(id, 80, true)) assert.match(line, /^[\x20-\x7e]*$/);
	assert.match(story.draw(id, 80, true).join('\n'), /pieces {2}#{9}\+\.{14}#{9}\+/);
});

test('while a task waits for its next try, the answer that made it wait is there to be read', () => {
	const story = new Watched();
	const id = story.queue(url);
	story.connect(id).later(310);
	const headers = {'retry-after': '8', server: 'nginx'};
	const head = {status: 503, finalUrl: 'https://cdn.example/', redirects: [url], headers};
	story.emit({
		...{type: 'waiting', id, until: story.now + 8_000, failure: failure('HTTP_503'), retry: 1, retries: 4, head},
	});
	assert.deepEqual(story.later(1_000).draw(id, 80), [
		'       URL  https://mirror.example.org/pub/large.iso',
		' final URL  https://cdn.example/',
		'     state  ◷ waiting for 0:01',
		' waits for  503 Service Unavailable, next try in 7.00 s',
		'    status  503 Service Unavailable',
		'     bytes  0 B',
		'  attempts  1',
		'            1  20:03:40  0.31 s  503 Service Unavailable',
		' retry-after  8',
		'      server  nginx',
	]);
});

test('of a finished task it is told where the time went, what came before, and what its line asked for', () => {
	const story = new Watched();
	const id: TaskId = 't1';
	const checksum = {algorithm: 'sha256', hex: 'ab'.repeat(32)};
	const wishes = {output: 'iso/', checksum, connections: 4, mirrors: ['https://a.example/x', 'https://b.example/x']};
	story.emit({type: 'queued', id, url, host: 'mirror.example.org', ...wishes});
	story.connect(id).receive(id, {total: 100}).bytes(id, 60).later(1_500).wait(id, failure('ECONNRESET')).later(500);
	story.requeue(id).connect(id).later(90).receive(id, {total: 100}).bytes(id, 100).later(2_000);
	const timings = {wait: 500, connect: 300, tls: 210, firstByte: 110, transfer: 2_000};
	const made = {title: 'An image', charset: 'utf-8', path: 'iso/large.iso', sha256: checksum.hex};
	story.end(id, 'done', {...made, timings});
	assert.deepEqual(story.draw(id, 80), [
		'         URL  https://mirror.example.org/pub/large.iso',
		'       title  An image',
		'       state  ✔ done after 4.09 s',
		'      status  200 OK',
		'        type  text/html, charset utf-8',
		'       bytes  100 B',
		'    attempts  2',
		'              1  20:03:40  1.50 s  ECONNRESET connection reset by the server,',
		'              60 B here, waited 0.50 s',
		'              2  20:03:42  2.09 s  done',
		'        wait  ████████                                         0.50 s',
		'     connect          ██                                       0.09 s',
		'         TLS            ███                                    0.21 s',
		'  first byte               ██                                  0.11 s',
		'    transfer                 █████████████████████████████████ 2.00 s',
		'    saved as  iso/large.iso',
		`     SHA-256  ${checksum.hex}`,
		' wanted name  iso/',
		'  wanted sum  sha256',
		`              ${checksum.hex}`,
		' connections  4',
		'     mirrors  https://a.example/x',
		'              https://b.example/x',
		' content-type  text/html',
		'       server  nginx',
	]);
});

test('a status that says why it failed is said once, another reason beside it', () => {
	const story = new Watched();
	const [denied, short, never] = ['a', 'b', 'c'].map(name => story.queue(`https://example.com/${name}`)) as [
		TaskId,
		TaskId,
		TaskId,
	];
	story.connect(denied).later(120).fail(denied, 'HTTP_403');
	story.connect(short).receive(short).fail(short, 'SHORT_BODY');
	story.end(never, 'canceled');
	const named = (id: TaskId, name: string) => story.draw(id, 80).filter(line => line.includes(` ${name}  `));
	assert.deepEqual(named(denied, 'error'), []);
	assert.match(named(denied, 'status')[0] ?? '', /403 Forbidden$/);
	assert.match(named(denied, 'remedy')[0] ?? '', /login/);
	assert.match(named(short, 'error')[0] ?? '', /SHORT_BODY /);
	assert.match(named(short, 'status')[0] ?? '', /200 OK$/);
	assert.deepEqual([...named(never, 'attempts'), ...named(never, 'wait')], [], 'it was never asked for');
});

test('fewer tasks at once are not advised to a task that is alone at its host', () => {
	const story = new Watched();
	story.listen(event => story.meter.hear(event));
	const id = story.queue(url);
	story.connect(id).fail(id, 'HTTP_503');
	const advice = () => story.draw(id, 100).filter(line => line.includes('lower --per-host')).length;
	assert.equal(advice(), 0);
	story.queue(url);
	assert.equal(advice(), 1);
});

test('attempts that are no longer remembered are counted', () => {
	const story = new Watched();
	const id = story.queue(url);
	for (let attempt = 1; attempt <= 25; attempt++) story.connect(id).wait(id, failure('HTTP_503')).requeue(id);
	const lines = story.draw(id, 80).map(line => line.trim());
	const from = lines.indexOf('attempts  25');
	assert.deepEqual(lines.slice(from + 1, from + 3), [
		'and 5 before these',
		'6  20:03:40  0.00 s  503 Service Unavailable, waited 0.00 s',
	]);
	assert.equal(lines.filter(line => /^\d+ {2}20:/.test(line)).length, 20);
});
