import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {TestContext} from 'node:test';
import {defaults, type Options} from '../source/cli/options.ts';
import {UsageError} from '../source/cli/usage-error.ts';
import type {EngineEvent} from '../source/engine/events.ts';
import type {Input} from '../source/engine/intake.ts';
import type {Task} from '../source/engine/task.ts';
import {lockFolder} from '../source/storage/lock.ts';
import {openRemoteWork} from '../source/threads/remote-work.ts';
import {readCookies} from '../source/transport/secret-files.ts';
import {folder, list, test} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';

/** An engine in its thread, which ends with the test. */
async function openThread(t: TestContext, options: Partial<Options>) {
	const complaints: string[] = [];
	const {engine, opened, close} = openRemoteWork({...defaults, save: false, ...options}, true, message =>
		complaints.push(message),
	);
	const events: EngineEvent[] = [];
	engine.subscribe(event => events.push(event));
	let closed: Promise<string[]> | undefined;
	const end = () => {
		closed ??= close();
		return closed;
	};
	await opened;
	t.after(end);
	return {engine, events, complaints, close: end};
}

test('an engine in its thread runs a list, and its store has what came of it when the run is over', async t => {
	const server = await startServer(t);
	server.page('*', '<title>A page</title>', {'content-type': 'text/html'});
	server.on('/missing', (_request, response) => response.writeHead(404).end());
	const {engine, events} = await openThread(t, {concurrency: 3, retries: 0});
	assert.deepEqual([engine.store.run.concurrency, engine.store.run.perHost, engine.store.version], [3, null, 1]);
	const before = Date.now();
	await engine.run([
		...Array.from({length: 2_500}, (_, index) => server.url(`/${index}`)),
		server.url('/missing'),
		'none',
	]);
	const {counts, live, received, run} = engine.store;
	assert.deepEqual([counts.done, counts.failed, live.size, received], [2_500, 2, 0, 2_500 * 21]);
	assert.deepEqual([run.state, run.inputOpen], ['ended', false]);
	assert.ok(server.most <= 3);
	assert.deepEqual(
		events.filter(event => event.type === 'queued').map(({id}) => id),
		Array.from({length: 2_502}, (_, index) => `t${index + 1}`),
	);
	assert.equal([...engine.store.done].at(-1)?.title, 'A page');
	// One clock for both threads, but for the rounding of its sum.
	const times = events.map(({at}) => at);
	assert.ok(times.every((at, index) => at >= (times[index - 1] ?? 0)));
	assert.ok((times[0] ?? 0) >= before - 1 && (times.at(-1) ?? 0) <= performance.timeOrigin + performance.now() + 0.01);
});

test('commands go to the engine, and what came of one is in the store when it is answered', async t => {
	const server = await startServer(t);
	const gate = server.hold('/held');
	const {engine} = await openThread(t, {concurrency: 1});
	const ended = engine.run([1, 2, 3, 4].map(number => server.url(`/held?${number}`)));
	await server.arrived(1);
	await engine.dispatch({type: 'set-concurrency', value: 3});
	assert.equal(engine.store.run.concurrency, 3);
	await server.arrived(3);
	await engine.dispatch({type: 'pause'});
	assert.equal(engine.store.run.state, 'paused');
	await engine.dispatch({type: 'add', urls: ['nonsense']});
	await engine.dispatch({type: 'cancel', id: 't4'});
	assert.equal(engine.store.get('t4')?.state, 'canceled');
	await engine.dispatch({type: 'resume'});
	gate.open();
	await ended;
	assert.deepEqual([engine.store.counts.done, engine.store.counts.failed, engine.store.counts.canceled], [3, 1, 1]);
});

test('bytes are seen to arrive while a task is receiving', async t => {
	const server = await startServer(t);
	const more = Promise.withResolvers<void>();
	server.on('/slow', async (_request, response) => {
		response.writeHead(200, {'content-length': '2000'}).write(Buffer.alloc(1_000));
		await more.promise;
		response.end(Buffer.alloc(1_000));
	});
	const {engine} = await openThread(t, {});
	const ended = engine.run([server.url('/slow')]);
	while ((engine.store.get('t1')?.received ?? 0) < 1_000) await new Promise(resolve => setImmediate(resolve));
	assert.equal(engine.store.get('t1')?.state, 'receiving');
	more.resolve();
	await ended;
	assert.equal((engine.store.get('t1') as Task).received, 2_000);
});

test('an endless input is read only as far as it is taken, and what was not is given back', async t => {
	const server = await startServer(t);
	server.hold('/held');
	const {engine} = await openThread(t, {concurrency: 2});
	let read = 0;
	const returned: unknown[] = [];
	const input: Input = {
		*[Symbol.iterator]() {
			for (;;) yield server.url(`/held?${read++}`);
		},
		giveBack: items => returned.push(...items),
	};
	const ended = engine.run(input);
	await server.arrived(2);
	await engine.dispatch({type: 'stop', mode: 'abort'});
	await ended;
	const {live} = engine.store;
	assert.ok(live.size > 0 && read < 10_000);
	assert.deepEqual(
		[...[...live.values()].map(({url}) => url), ...returned],
		Array.from({length: read}, (_, index) => server.url(`/held?${index}`)),
	);
});

test('an input that breaks makes the run fail with its error, after all before it', async t => {
	const {engine} = await openThread(t, {});
	const broken = (function* () {
		yield 'nonsense';
		throw new Error('the list broke');
	})();
	await assert.rejects(engine.run(broken), /^Error: the list broke$/);
	assert.equal(engine.store.counts.failed, 1);
});

test('what cannot be opened is the same usage error as without a thread', async t => {
	const dir = await folder(t);
	const unlock = await lockFolder(dir);
	const locked = openRemoteWork({...defaults, dir}, true, assert.fail);
	await assert.rejects(
		async () => locked.opened,
		error => error instanceof UsageError && /another fetchtop/.test(error.message),
	);
	await unlock?.();
	const again = await openThread(t, {dir, save: true});
	await again.close();
	const given = await lockFolder(dir);
	assert.ok(given, 'the folder was given back');
	await given();
});

test('what a screen shows as done is in the journal, and the warnings come with the end', async t => {
	const server = await startServer(t);
	server.page('/file', 'x');
	const dir = await folder(t);
	await writeFile(path.join(dir, 'sums'), `${'0'.repeat(64)}  other\n`);
	const {engine, close} = await openThread(t, {dir, save: true, checksums: path.join(dir, 'sums')});
	await engine.run([server.url('/file')]);
	assert.match((await close()).join(), /1 file not verified/);
	assert.deepEqual(await list(dir), ['.fetchtop.ndjson', 'file', 'sums']);
	const second = await openThread(t, {dir, save: true});
	await second.engine.run([server.url('/file')]);
	assert.equal(second.engine.store.counts.skipped, 1);
});

test('a cookie jar is saved when the thread ends', async t => {
	const server = await startServer(t);
	server.on('/', (_request, response) => response.writeHead(200, {'set-cookie': 'got=1'}).end('x'));
	const cookieJar = path.join(await folder(t), 'jar');
	const {engine, close} = await openThread(t, {cookieJar});
	await engine.run([server.url('/')]);
	await close();
	assert.deepEqual(
		(await readCookies(cookieJar)).map(({name}) => name),
		['got'],
	);
});
