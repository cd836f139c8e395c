import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {folder, rig, test} from './helpers/engine.ts';
import {ranged, startServer, type TestServer} from './helpers/server.ts';

const paths = (server: TestServer): string[] => server.seen.map(({path}) => path);

test('a promoted task is the next one to start, whatever its host and its place; the last one before the others', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 1});
	const here = ['/a1', '/a2', '/a3'].map(path => server.url(path));
	const there = ['/b1', '/b2', '/b3'].map(path => server.url(path, 'localhost'));
	const ended = r.run(...here, ...there);
	await server.arrived(1);
	await r.seen('queued', 't6');
	r.dispatch({type: 'promote', id: 't3'});
	r.dispatch({type: 'promote', id: 't6'});
	gate.open();
	await ended;
	assert.deepEqual(paths(server).slice(0, 3), ['/a1', '/b3', '/a3']);
	assert.equal(server.seen.length, 6, 'each is fetched once');
});

test('a promoted task does not go over the limit of its host, and others go before it meanwhile', async t => {
	const server = await startServer(t);
	const slow = server.hold('/slow');
	for (const path of ['/a2', '/a3', '/b1']) server.page(path);
	const r = rig(t, {concurrency: 2, perHost: 1});
	const ended = r.run(...['/slow', '/a2', '/a3'].map(path => server.url(path)));
	await server.arrived(1);
	r.dispatch({type: 'promote', id: 't3'});
	r.dispatch({type: 'add', urls: [server.url('/b1', 'localhost')]});
	await r.seen('done', 't4');
	assert.equal(r.store.get('t3')?.state, 'queued');
	slow.open();
	await ended;
	assert.deepEqual(paths(server), ['/slow', '/b1', '/a3', '/a2']);
});

test('a waiting task that is promoted waits no longer, and a paused one is resumed; both go first', async t => {
	const server = await startServer(t);
	let broken = true;
	server.on('/flaky', (_request, response) => {
		response.writeHead(broken ? 503 : 200).end();
		broken = false;
	});
	server.page('/paused');
	server.page('/next');
	const gate = server.hold('/held');
	const r = rig(t, {concurrency: 1, retries: 4});
	const ended = r.run(
		server.url('/flaky'),
		server.url('/held', 'localhost'),
		{url: server.url('/paused')},
		server.url('/next', 'localhost'),
	);
	await server.until(() => server.asked('/held').length > 0);
	await r.seen('queued', 't4');
	r.dispatch({type: 'pause-task', id: 't3'});
	r.dispatch({type: 'promote', id: 't3'});
	r.dispatch({type: 'promote', id: 't1'});
	assert.equal(r.clock.timers.size, 0, 'nothing is waited for any more, the host neither');
	assert.deepEqual(
		['t1', 't3'].map(id => r.store.live.get(id as 't1')?.state),
		['queued', 'queued'],
	);
	gate.open();
	await ended;
	assert.deepEqual(paths(server), ['/flaky', '/held', '/flaky', '/paused', '/next']);
});

test('what is promoted while the run is paused comes first when it goes on', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(...['/1', '/2', '/3'].map(path => server.url(path)));
	await server.arrived(1);
	r.dispatch({type: 'pause'});
	r.dispatch({type: 'promote', id: 't3'});
	assert.deepEqual([...r.store.live.keys()], ['t3', 't1', 't2']);
	gate.open();
	r.dispatch({type: 'resume'});
	await ended;
	assert.deepEqual(paths(server), ['/1', '/3', '/2']);
});

test('a promoted task that can still be paused or canceled starts only when it may', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(...['/1', '/2', '/3', '/4'].map(path => server.url(path)));
	await server.arrived(1);
	await r.seen('queued', 't4');
	for (const id of ['t3', 't4', 't4'] as const) r.dispatch({type: 'promote', id});
	r.dispatch({type: 'pause-task', id: 't3'});
	r.dispatch({type: 'cancel', id: 't4'});
	gate.open();
	await r.seen('done', 't2');
	assert.deepEqual(paths(server), ['/1', '/2']);
	r.dispatch({type: 'resume-task', id: 't3'});
	await ended;
	assert.deepEqual(paths(server), ['/1', '/2', '/3']);
});

test('promoting a URL that is listed twice brings forward the one that fetches it', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(...['/1', '/2', '/twice', '/twice'].map(path => server.url(path)));
	await server.arrived(1);
	await r.seen('queued', 't4');
	r.dispatch({type: 'promote', id: 't4'});
	gate.open();
	const results = await ended;
	assert.deepEqual(paths(server), ['/1', '/twice', '/2']);
	assert.equal(results[3]?.state, 'skipped');
});

test('promoting a task that runs, has ended or is not there does nothing', async t => {
	const server = await startServer(t);
	const gate = server.hold('/held');
	const r = rig(t);
	const ended = r.run(server.url('/missing'), server.url('/held'));
	await r.seen('failed', 't1');
	await server.arrived(2);
	const before = r.events.length;
	for (const id of ['t1', 't2', 't99'] as const) r.dispatch({type: 'promote', id});
	assert.equal(r.events.length, before);
	gate.open();
	await ended;
});

test('a cancel that is taken back goes on from the bytes that are there, before all others, and counts its tries on', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const body = Buffer.from(Array.from({length: 300_000}, (_, index) => index % 251));
	server.on('/file', (_request, response) => {
		response.writeHead(200, {'content-length': body.length, etag: '"1"', 'accept-ranges': 'bytes'});
		response.write(body.subarray(0, 100_000));
	});
	const gate = server.hold('/held');
	server.page('/next');
	const r = rig(t, {dir, concurrency: 1});
	const ended = r.run(server.url('/file'), server.url('/held'), server.url('/next'));
	await r.received('t1', 100_000);
	r.dispatch({type: 'cancel', id: 't1'});
	await r.seen('canceled', 't1');
	await server.arrived(2);
	server.on(
		'/file',
		ranged(body, () => '"1"'),
	);
	r.dispatch({type: 'retry', id: 't1'});
	assert.equal([...r.store.live.keys()][0], 't1');
	assert.equal(r.store.counts.canceled, 0);
	gate.open();
	await ended;
	assert.deepEqual(paths(server), ['/file', '/held', '/file', '/next']);
	assert.match(server.asked('/file')[1]?.headers.range ?? '', /^bytes=9\d{4}-$/, 'a little is compared');
	const {result} = await r.seen('done', 't1');
	assert.deepEqual([result.attempts, result.bytes], [2, body.length]);
	assert.ok(body.equals(await readFile(path.join(dir, 'file'))));
});

test('a queued task whose cancel is taken back was never asked for, and is the next one', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(...['/1', '/2', '/3'].map(path => server.url(path)));
	await server.arrived(1);
	await r.seen('queued', 't3');
	r.dispatch({type: 'cancel', id: 't3'});
	r.dispatch({type: 'retry', id: 't3'});
	gate.open();
	const results = await ended;
	assert.deepEqual(paths(server), ['/1', '/3', '/2']);
	assert.equal(results.find(({url}) => url.endsWith('/3'))?.state, 'canceled', 'as it was told first');
	assert.equal((await r.seen('done', 't3')).result.attempts, 1);
});
