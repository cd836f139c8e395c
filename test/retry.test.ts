import assert from 'node:assert/strict';
import {httpFailure} from '../source/engine/failure.ts';
import {parseRetryAfter, retryDelay} from '../source/engine/retry.ts';
import {systemClock, type Transport} from '../source/engine/seams.ts';
import {type Rig, rig, test, turn} from './helpers/engine.ts';
import {closedOrigin, startServer, type TestServer} from './helpers/server.ts';

/** Answers 500 so many times (503 and 429 concern the whole host: see courtesy.test.ts), then 200. */
function flaky(server: TestServer, path: string, times: number, headers: Record<string, string> = {}): string {
	let left = times;
	server.on(path, (_request, response) => {
		if (left-- > 0) response.writeHead(500, headers).end();
		else response.end('at last');
	});
	return server.url(path);
}

/** Waits for the `count`-th pause before a retry, and returns how long it is. */
async function delay(r: Rig, count = 1): Promise<number> {
	const {until, at} = await r.seen('waiting', 't1', count);
	return until - at;
}

test('a page that fails twice with 500 is tried again after growing waits, and then works', async t => {
	const server = await startServer(t);
	const r = rig(t, {retries: 4, random: () => 0.5});
	const ended = r.run(flaky(server, '/flaky', 2));
	assert.equal(await delay(r, 1), 250);
	r.clock.advance(249);
	await turn();
	assert.equal(server.seen.length, 1, 'not a millisecond too early');
	r.clock.advance(1);
	assert.equal(await delay(r, 2), 500);
	r.clock.advance(500);
	const [result] = await ended;
	assert.equal(result?.state, 'done');
	assert.equal(result?.attempts, 3);
	assert.equal(result?.status, 200);
	assert.equal(result?.error, null);
	assert.equal(
		r.path('t1'),
		'queued connecting waiting queued connecting waiting queued connecting receiving extracting done',
	);
});

test('after the last retry the task fails with the cause of the last attempt', async t => {
	const server = await startServer(t);
	const r = rig(t, {retries: 2, random: () => 0});
	const ended = r.run(flaky(server, '/flaky', 99));
	for (const count of [1, 2]) {
		const waiting = await r.seen('waiting', 't1', count);
		assert.deepEqual([waiting.retry, waiting.retries], [count, 2]);
		r.clock.advance(0);
	}
	const [result] = await ended;
	assert.deepEqual(result?.error, {code: 'HTTP_500', message: '500 Internal Server Error'});
	assert.equal(result?.status, 500);
	assert.equal(result?.attempts, 3);
	assert.equal(server.seen.length, 3);
});

test('what cannot get better is not tried again', async t => {
	const server = await startServer(t);
	server.on('/gone', (_request, response) => response.writeHead(410).end());
	const result = await rig(t, {retries: 4}).fetch(server.url('/gone'));
	assert.equal(result.attempts, 1);
	assert.equal(result.error?.message, '410 Gone');
});

test('a refused connection is tried again', async t => {
	const r = rig(t, {retries: 1, random: () => 0});
	const ended = r.run(`${closedOrigin}/`);
	const {failure} = await r.seen('waiting');
	assert.equal(failure.code, 'ECONNREFUSED');
	r.clock.advance(0);
	const [result] = await ended;
	assert.equal(result?.error?.code, 'ECONNREFUSED');
	assert.equal(result?.attempts, 2);
});

test('Retry-After in seconds and as a date is waited for, whatever the backoff says', async t => {
	const server = await startServer(t);
	const r = rig(t, {retries: 4, random: () => 0});
	const date = new Date(r.clock.now() + 90_000).toUTCString();
	const ended = r.run(
		flaky(server, '/seconds', 1, {'retry-after': '7'}),
		flaky(server, '/date', 1, {'retry-after': date}),
	);
	const seconds = await r.seen('waiting', 't1');
	assert.equal(seconds.until - r.clock.now(), 7_000);
	assert.equal(seconds.failure.retryAfter, 7_000);
	const dated = await r.seen('waiting', 't2');
	assert.equal(dated.until - r.clock.now(), 90_000);
	r.clock.advance(7_000);
	await r.seen('done', 't1');
	r.clock.advance(83_000);
	assert.equal((await ended).filter(({ok}) => ok).length, 2);
});

test('a waiting task holds no slot', async t => {
	const server = await startServer(t);
	server.page('/other');
	const r = rig(t, {concurrency: 1, perHost: 1, retries: 1});
	const ended = r.run(flaky(server, '/flaky', 1), server.url('/other'));
	await r.seen('done', 't2');
	assert.equal(r.store.get('t1')?.state, 'waiting');
	assert.equal(r.store.running(), 0);
	assert.equal(r.store.run.state, 'running', 'the run goes on while one waits');
	r.clock.advance(60_000);
	await ended;
});

test('a task whose wait is over goes before those that never started', async t => {
	const server = await startServer(t);
	const url = flaky(server, '/flaky', 1);
	const gate = server.hold('/held');
	const r = rig(t, {concurrency: 1, retries: 1});
	const ended = r.run(url, ...[1, 2, 3].map(index => server.url(`/held?${index}`)));
	await r.seen('waiting', 't1');
	await r.seen('connecting', 't2');
	r.clock.advance(60_000);
	gate.open();
	await ended;
	assert.deepEqual(
		server.seen.map(({path}) => path),
		['/flaky', '/held', '/flaky', '/held', '/held'],
	);
});

test('a waiting task can be tried at once, paused or canceled, and its timer never fires afterwards', async t => {
	const server = await startServer(t);
	const r = rig(t, {retries: 4});
	const urls = ['/1', '/2', '/3'].map(path => flaky(server, path, 1));
	const ended = r.run(...urls);
	for (const id of ['t1', 't2', 't3'] as const) await r.seen('waiting', id);
	r.dispatch({type: 'retry', id: 't1'});
	await r.seen('done', 't1');
	r.dispatch({type: 'pause-task', id: 't2'});
	r.dispatch({type: 'cancel', id: 't3'});
	assert.equal(r.clock.timers.size, 0);
	assert.equal(r.store.get('t2')?.state, 'paused');
	r.dispatch({type: 'resume-task', id: 't2'});
	const results = await ended;
	assert.deepEqual(
		results.map(({state}) => state),
		['done', 'done', 'canceled'],
	);
	assert.equal(server.asked('/3').length, 1);
});

test('a task that a person paused and resumed has all its retries again', async t => {
	const server = await startServer(t);
	server.on('/held', () => {});
	const r = rig(t, {retries: 1});
	const ended = r.run(server.url('/held'));
	for (const count of [1, 2, 3]) {
		await server.arrived(count);
		r.dispatch({type: 'pause-task', id: 't1'});
		await r.seen('paused', 't1', count);
		if (count === 3) flaky(server, '/held', 1);
		r.dispatch({type: 'resume-task', id: 't1'});
	}
	await Promise.race([r.seen('waiting'), r.seen('failed')]);
	assert.equal(r.store.get('t1')?.state, 'waiting');
	r.clock.advance(60_000);
	await ended;
});

test('a failed or canceled task that is retried starts over, with all its retries', async t => {
	const server = await startServer(t);
	const r = rig(t, {retries: 1, random: () => 0});
	const ended = r.run(flaky(server, '/flaky', 3));
	await r.seen('waiting');
	r.clock.advance(0);
	await ended;
	assert.equal(r.store.counts.failed, 1);
	r.dispatch({type: 'retry', id: 't1'});
	assert.equal(r.store.counts.failed, 0, 'it is no failure any more');
	assert.equal(r.store.run.state, 'running');
	await r.seen('waiting', 't1', 2);
	r.clock.advance(0);
	const {result} = await r.seen('done');
	assert.equal(result.attempts, 4);
	assert.equal(r.store.counts.done, 1);
	assert.equal(r.store.causes.size, 0);
});

test('retrying all failed tasks leaves the canceled ones alone', async t => {
	const server = await startServer(t);
	const gate = server.hold('/held');
	const r = rig(t);
	const ended = r.run(flaky(server, '/1', 1), flaky(server, '/2', 1), server.url('/held'));
	await server.arrived(3);
	r.dispatch({type: 'cancel', id: 't3'});
	await ended;
	r.dispatch({type: 'retry-failed'});
	await r.seen('done', 't1');
	await r.seen('done', 't2');
	assert.deepEqual([r.store.counts.done, r.store.counts.failed, r.store.counts.canceled], [2, 0, 1]);
	gate.open();
});

test('failed tasks can be retried by their reason and by their host', async t => {
	const server = await startServer(t);
	for (const status of [403, 404]) server.on(`/${status}`, (_request, response) => response.writeHead(status).end());
	const r = rig(t);
	const [one, other] = ['127.0.0.1', 'localhost'];
	const urls = [one, other].flatMap(host => ['/403', '/404'].map(path => server.url(path, host)));
	await r.run(...urls);
	const retried = async (which: {code?: string; host?: string}) => {
		const before = r.events.length;
		r.dispatch({type: 'retry-failed', ...which});
		while (r.store.run.state !== 'ended') await r.changed();
		return r.events.slice(before).flatMap(event => (event.type === 'connecting' ? event.id : []));
	};
	assert.deepEqual(await retried({code: 'HTTP_404'}), ['t2', 't4']);
	assert.deepEqual(await retried({host: `localhost:${server.port}`}), ['t3', 't4']);
	assert.deepEqual(await retried({host: `127.0.0.1:${server.port}`, code: 'HTTP_403'}), ['t1']);
	assert.deepEqual((await retried({})).toSorted(), ['t1', 't2', 't3', 't4']);
	const before = r.events.length;
	for (const which of [{code: 'HTTP_500'}, {host: ''}]) r.dispatch({type: 'retry-failed', ...which});
	assert.equal(r.events.length, before, 'nothing failed like that');
});

test('thousands of failed tasks are retried without holding up the loop, each of them once', async t => {
	const transport: Transport = {
		open: () => Promise.reject(Object.assign(new Error('no'), {code: 'ECONNREFUSED'})),
		close: async () => {},
	};
	const r = rig(t, {transport, concurrency: 64});
	const count = 2_500;
	await r.run(...Array.from({length: count}, (_, index) => `http://127.0.0.1/${index}`));
	const before = r.events.length;
	r.dispatch({type: 'retry-failed'});
	const queued = () => r.events.slice(before).flatMap(event => (event.type === 'queued' ? event.id : []));
	const atOnce = queued().length;
	assert.ok(atOnce >= 1 && atOnce < count, `${atOnce} at once`);
	while (r.store.run.state !== 'ended') await r.changed();
	assert.equal(new Set(queued()).size, count);
	assert.equal(queued().length, count);
	assert.equal(r.store.counts.failed, count);
	const ends = r.events.filter(event => event.type === 'run' && event.state === 'ended');
	assert.equal(ends.length, 2, 'the run does not end before all of them are queued');
});

test('the wait before a retry doubles up to half a minute, and is spread from nothing to all of it', () => {
	const failure = httpFailure(503);
	const most = [1, 2, 3, 4, 5, 6, 7, 8, 50].map(tries => retryDelay(tries, failure, () => 1));
	assert.deepEqual(most, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
	assert.equal(
		retryDelay(5, failure, () => 0),
		0,
	);
	assert.equal(
		retryDelay(1, httpFailure(503, 7_000), () => 1),
		7_000,
	);
});

test('Retry-After is read as RFC 9110 writes it, and anything else is as good as none', () => {
	const now = Date.UTC(2026, 0, 1);
	const cases: Array<[string | undefined, number | undefined]> = [
		['120', 120_000],
		[' 0 ', 0],
		['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
		['Wed, 31 Dec 2025 23:59:00 GMT', 0],
		[undefined, undefined],
		['', undefined],
		['soon', undefined],
		['-1', undefined],
		['1.5', undefined],
		['9'.repeat(400), Number.MAX_SAFE_INTEGER],
	];
	for (const [value, expected] of cases) assert.equal(parseRetryAfter(value, now), expected, String(value));
});

test('a wait of more than 24 days is not over at once', async t => {
	const warnings: Error[] = [];
	const listen = (warning: Error) => warnings.push(warning);
	process.on('warning', listen);
	t.after(() => process.off('warning', listen));
	// Longer than setTimeout can count: Node warns and fires after a millisecond.
	const stop = systemClock.timer(2 ** 31, () => {});
	stop();
	await turn();
	assert.deepEqual(
		warnings.map(({name}) => name),
		[],
	);
});
