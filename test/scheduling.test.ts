import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {folder, rig, test, turn} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';

const many = (count: number, url: (index: number) => string) => Array.from({length: count}, (_, index) => url(index));

test('the server never sees more requests at once than the concurrency allows', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 3});
	const ended = r.run(...many(30, index => server.url(`/${index}`)));
	await server.arrived(3);
	assert.equal(r.store.running(), 3);
	assert.equal(r.store.counts.queued, 27);
	gate.open();
	const results = await ended;
	assert.equal(results.filter(({ok}) => ok).length, 30);
	assert.equal(server.seen.length, 30);
	assert.equal(server.most, 3);
});

test('raising the concurrency starts more tasks at once', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 2});
	const ended = r.run(...many(10, index => server.url(`/${index}`)));
	await server.arrived(2);
	r.dispatch({type: 'set-concurrency', value: 5});
	assert.equal(r.store.running(), 5, 'in the same turn, before any task has ended');
	await server.arrived(5);
	assert.equal(server.active, 5);
	gate.open();
	await ended;
	assert.equal(server.most, 5);
});

test('lowering the concurrency lets running tasks finish and starts none until there is room', async t => {
	const server = await startServer(t);
	const gates = many(8, index => `/${index}`).map(path => server.hold(path));
	const r = rig(t, {concurrency: 4});
	const ended = r.run(...many(8, index => server.url(`/${index}`)));
	await server.arrived(4);
	r.dispatch({type: 'set-concurrency', value: 1});
	assert.equal(r.store.running(), 4);
	for (const index of [0, 1, 2]) {
		gates[index]?.open();
		await r.seen('done', undefined, index + 1);
		await turn();
		assert.equal(r.store.running(), 3 - index, 'those that were running fill the limit until the last but one is done');
		assert.equal(server.seen.length, 4);
	}
	gates[3]?.open();
	await server.arrived(5);
	assert.equal(r.store.running(), 1);
	for (const gate of gates) gate.open();
	const results = await ended;
	assert.equal(results.filter(({ok}) => ok).length, 8, 'nothing was aborted');
});

test('the concurrency stays between 1 and 512, and a repeat or nonsense changes nothing', t => {
	const r = rig(t, {concurrency: 8});
	const events = () => r.events.filter(({type}) => type === 'limits').length;
	r.dispatch({type: 'set-concurrency', value: 8});
	r.dispatch({type: 'set-concurrency', value: Number.NaN});
	assert.equal(events(), 0);
	r.dispatch({type: 'set-concurrency', value: -5});
	assert.equal(r.store.run.concurrency, 1);
	r.dispatch({type: 'set-concurrency', value: 1e9});
	assert.equal(r.store.run.concurrency, 512);
	assert.equal(events(), 2);
});

test('one host never gets more requests at once than the limit per host', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 8, perHost: 2});
	const urls = [
		...many(6, index => server.url(`/${index}`)),
		...many(6, index => server.url(`/${index}`, 'localhost')),
	];
	const ended = r.run(...urls);
	await server.arrived(4);
	assert.equal(r.store.running(), 4, 'there are slots left, but both hosts are full');
	gate.open();
	await ended;
	assert.equal(server.seen.length, 12);
	assert.deepEqual([...server.mostOf.values()], [2, 2]);
});

test('a list that begins with many URLs of one host does not starve the next host', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 1});
	const urls = [...many(50, index => server.url(`/a${index}`)), server.url('/b', 'localhost')];
	const ended = r.run(...urls);
	await server.arrived(1);
	await r.seen('queued', 't51');
	gate.open();
	await ended;
	const position = server.seen.findIndex(({path}) => path === '/b');
	assert.ok(position <= 2, `the other host came as number ${position + 1} of 51`);
});

test('URLs of one host are fetched in the order they were given', async t => {
	const server = await startServer(t);
	const paths = many(20, index => `/${index}`);
	for (const path of paths) server.page(path);
	await rig(t, {concurrency: 1}).run(...paths.map(path => server.url(path)));
	assert.deepEqual(
		server.seen.map(({path}) => path),
		paths,
	);
});

test('a host at its limit leaves its slots to the others, also for tasks that come later', async t => {
	const server = await startServer(t);
	const gate = server.hold('/slow');
	server.page('/quick');
	const r = rig(t, {concurrency: 3, perHost: 1});
	const ended = r.run(server.url('/slow'), server.url('/slow?2'));
	await server.arrived(1);
	r.dispatch({type: 'add', urls: [server.url('/quick', 'localhost')]});
	await r.seen('done', 't3');
	assert.equal(r.store.live.get('t2')?.state, 'queued');
	gate.open();
	await ended;
	assert.equal(server.asked('/slow').length, 2);
});

test('a failed start gives its slot and its host back', async t => {
	const server = await startServer(t);
	const r = rig(t, {concurrency: 1, perHost: 1});
	const results = await r.run(...many(5, index => server.url(`/missing${index}`)));
	assert.deepEqual(
		results.map(({status}) => status),
		[404, 404, 404, 404, 404],
	);
	assert.equal(r.store.running(), 0);
});

test('draining finishes what runs, starts nothing more and leaves the rest queued', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 2});
	const ended = r.run(...many(5, index => server.url(`/${index}`)));
	await server.arrived(2);
	r.dispatch({type: 'stop', mode: 'drain'});
	assert.equal(r.store.run.state, 'draining');
	gate.open();
	await ended;
	assert.equal(server.seen.length, 2);
	assert.deepEqual([r.store.counts.done, r.store.counts.queued], [2, 3]);
	r.dispatch({type: 'set-concurrency', value: 5});
	r.dispatch({type: 'add', urls: [server.url('/more')]});
	r.dispatch({type: 'retry-failed'});
	await turn();
	assert.equal(r.store.running(), 0, 'nothing starts behind the back of the user');
	assert.equal(server.seen.length, 2);
});

test('a drain that is taken back starts the rest', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(server.url('/1'), server.url('/2'));
	await server.arrived(1);
	r.dispatch({type: 'stop', mode: 'drain'});
	r.dispatch({type: 'resume'});
	gate.open();
	assert.equal((await ended).length, 2);
});

test('draining a paused run lets what runs go on to its end', async t => {
	const server = await startServer(t);
	const gate = server.hold('/1');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(server.url('/1'), server.url('/2'));
	await server.arrived(1);
	r.dispatch({type: 'pause'});
	gate.open();
	await r.seen('receiving');
	r.dispatch({type: 'stop', mode: 'drain'});
	await ended;
	assert.deepEqual([r.store.counts.done, r.store.counts.queued], [1, 1]);
});

test('draining does not wait for tasks that wait for a retry', async t => {
	const server = await startServer(t);
	server.on('/', (_request, response) => response.writeHead(503).end());
	const r = rig(t, {retries: 1});
	const ended = r.run(server.url('/'));
	await r.seen('waiting');
	r.dispatch({type: 'stop', mode: 'drain'});
	await ended;
	assert.equal(r.clock.timers.size, 0);
	assert.equal(r.store.live.size, 1, 'it is work that was left');
});

test('stopping at once aborts what runs, keeps its part and leaves all of it queued', async t => {
	const server = await startServer(t);
	server.on('/file', (_request, response) => void response.writeHead(200, {'content-length': 100}).write('some'));
	const dir = await folder(t);
	const r = rig(t, {concurrency: 1, dir});
	const ended = r.run(server.url('/file'), server.url('/other'));
	await r.received('t1', 4);
	r.dispatch({type: 'stop', mode: 'abort'});
	assert.equal(r.store.run.state, 'stopping');
	await ended;
	await server.seen[0]?.closed;
	assert.equal(r.path('t1'), 'queued connecting receiving saved queued');
	assert.equal(r.store.counts.queued, 2);
	assert.equal(server.seen.length, 1);
	assert.equal(await readFile(path.join(dir, 'file.part'), 'utf8'), 'some');
});

for (const mode of ['drain', 'abort'] as const) {
	test(`after a ${mode} the run ends although its input never does`, async t => {
		const server = await startServer(t);
		server.page('/1');
		const never = async function* () {
			yield server.url('/1');
			await new Promise<void>(() => {});
		};
		const r = rig(t);
		const ended = r.engine.run(never());
		await r.seen('done');
		assert.equal(r.store.run.state, 'running');
		r.dispatch({type: 'stop', mode});
		await ended;
		assert.equal(r.store.run.state, 'ended');
		assert.ok(r.store.run.inputOpen, 'it is known that there was more to come');
	});

	test(`after a ${mode} another run does not start what was left`, async t => {
		const server = await startServer(t);
		const gate = server.hold('*');
		const r = rig(t, {concurrency: 1});
		const ended = r.run(server.url('/1'), server.url('/2'));
		await server.arrived(1);
		r.dispatch({type: 'stop', mode});
		gate.open();
		await ended;
		const before = server.seen.length;
		const again = r.engine.run([]);
		await turn();
		assert.equal(r.store.live.get('t2')?.state, 'queued');
		assert.equal(server.seen.length, before);
		await again;
	});
}
