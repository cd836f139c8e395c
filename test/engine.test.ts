import assert from 'node:assert/strict';
import type {Extractor, FetchRequest, Transport} from '../source/engine/seams.ts';
import {folder, list, type Rig, rig, test, turn} from './helpers/engine.ts';
import {type Gate, startServer, type TestServer} from './helpers/server.ts';

/** `/half` sends 1,000 of its 2,000 bytes and the rest when the gate opens. */
function half(server: TestServer, gate: Gate, headers: Record<string, string> = {}): string {
	server.on('/half', async (_request, response) => {
		response.writeHead(200, {'content-length': 2_000, ...headers}).write('a'.repeat(1_000));
		await gate.opened;
		response.end('b'.repeat(1_000));
	});
	return server.url('/half');
}

/** Several round trips to the server: whatever it sent before has arrived by then, if anybody reads it. */
async function roundTrips(server: TestServer): Promise<void> {
	server.page('/ping');
	for (let count = 0; count < 5; count++) await (await fetch(server.url('/ping'))).text();
	await turn();
}

test('while the run is paused no byte is taken in, and after resuming the same transfer goes on', async t => {
	const server = await startServer(t);
	const gate = server.hold('/gate');
	const r = rig(t);
	const ended = r.run(half(server, gate));
	await r.received('t1', 1_000);
	r.dispatch({type: 'pause'});
	assert.equal(r.store.run.state, 'paused');
	gate.open();
	await server.asked('/half')[0]?.closed;
	await roundTrips(server);
	assert.equal(r.store.get('t1')?.received, 1_000);
	assert.equal(r.store.get('t1')?.state, 'receiving');
	r.dispatch({type: 'resume'});
	const [result] = await ended;
	assert.equal(result?.bytes, 2_000);
	assert.equal(result?.ok, true);
	assert.equal(server.asked('/half').length, 1);
});

test('while the run is paused nothing starts, and after resuming no more start than the limit allows', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 2});
	r.dispatch({type: 'pause'});
	const ended = r.run(...Array.from({length: 6}, (_, index) => server.url(`/${index}`)));
	await r.seen('queued', 't6');
	await roundTrips(server);
	assert.equal(server.asked('/0').length, 0);
	r.dispatch({type: 'set-concurrency', value: 3});
	r.dispatch({type: 'add', urls: [server.url('/6')]});
	assert.equal(r.store.running(), 0, 'neither a new limit nor a new URL gets around the pause');
	r.dispatch({type: 'resume'});
	await server.until(() => server.active === 3);
	gate.open();
	assert.equal((await ended).length, 7);
	assert.equal(server.most, 3);
});

test('a running task that is canceled while the run is paused ends at once', async t => {
	const server = await startServer(t);
	const gate = server.hold('/gate');
	const r = rig(t);
	const ended = r.run(half(server, gate));
	await r.received('t1', 1_000);
	r.dispatch({type: 'pause'});
	r.dispatch({type: 'cancel', id: 't1'});
	assert.deepEqual(
		(await ended).map(({state}) => state),
		['canceled'],
	);
});

test('an abort that falls between a chunk and the pause that holds it is not missed', async t => {
	let cancel = () => {};
	const head = {
		url: 'http://example.org/',
		redirects: [],
		status: 200,
		headers: {},
		timings: {connect: 0, firstByte: 0},
	};
	// By hand, because no server can hit the very turn in which a chunk is on its way from the body to the engine.
	const transport: Transport = {
		async open(_request: FetchRequest, signal: AbortSignal) {
			const body = (async function* () {
				cancel();
				yield Buffer.from('late');
				signal.throwIfAborted();
			})();
			return {head, body};
		},
		async close() {},
	};
	const r = rig(t, {transport});
	cancel = () => {
		r.dispatch({type: 'pause'});
		r.dispatch({type: 'cancel', id: 't1'});
	};
	const ended = r.fetch('http://example.org/');
	await r.seen('receiving');
	for (let count = 0; count < 5; count++) await turn();
	assert.equal(r.path('t1'), 'queued connecting receiving canceled');
	await ended;
});

test('a paused task frees its slot for the next one and starts again when there is room', async t => {
	const server = await startServer(t);
	const gate = server.hold('/gate');
	const url = half(server, gate);
	const next = server.hold('/next');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(url, server.url('/next'));
	await r.received('t1', 1_000);
	r.dispatch({type: 'pause-task', id: 't1'});
	await r.seen('paused', 't1');
	await server.asked('/half')[0]?.closed;
	await r.seen('connecting', 't2');
	r.dispatch({type: 'resume-task', id: 't1'});
	await roundTrips(server);
	assert.equal(r.store.get('t1')?.state, 'queued', 'a resume never bypasses the limit');
	next.open();
	gate.open();
	await ended;
	assert.equal(server.asked('/half').length, 2);
	assert.equal(r.path('t1'), 'queued connecting receiving paused queued connecting receiving extracting done');
});

test('a queued task that is paused and resumed starts once', async t => {
	const server = await startServer(t);
	const gate = server.hold('/first');
	server.page('/second');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(server.url('/first'), server.url('/second'));
	await r.seen('queued', 't2');
	for (let count = 0; count < 3; count++) {
		r.dispatch({type: 'pause-task', id: 't2'});
		assert.equal(r.store.get('t2')?.state, 'paused');
		r.dispatch({type: 'resume-task', id: 't2'});
	}
	gate.open();
	await ended;
	assert.equal(server.asked('/second').length, 1);
	assert.equal(r.store.counts.done, 2);
});

test('a queued task that is paused stays out of the run until it is resumed', async t => {
	const server = await startServer(t);
	const gate = server.hold('/first');
	server.page('/second').page('/third');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(...['/first', '/second', '/third'].map(path => server.url(path)));
	await r.seen('queued', 't3');
	r.dispatch({type: 'pause-task', id: 't2'});
	gate.open();
	await r.seen('done', 't3');
	await roundTrips(server);
	assert.equal(server.asked('/second').length, 0);
	assert.equal(r.store.run.state, 'running', 'a paused task keeps the run open');
	r.dispatch({type: 'resume-task', id: 't2'});
	await ended;
	assert.equal(server.asked('/second').length, 1);
});

const canceled = (r: Rig, id: 't1' | 't2') => {
	const result = r.store.get(id)?.result;
	assert.equal(result?.state, 'canceled');
	assert.equal(result?.ok, false);
	assert.equal(result?.error?.code, 'CANCELED');
};

test('a queued task that is canceled never reaches the server', async t => {
	const server = await startServer(t);
	const gate = server.hold('/first');
	const r = rig(t, {concurrency: 1});
	const ended = r.run(server.url('/first'), server.url('/second'));
	await r.seen('queued', 't2');
	r.dispatch({type: 'cancel', id: 't2'});
	gate.open();
	await ended;
	canceled(r, 't2');
	assert.equal(server.asked('/second').length, 0);
});

test('a paused task can be canceled, and if it was the last one the run ends', async t => {
	const server = await startServer(t);
	const gate = server.hold('/first');
	const r = rig(t);
	const ended = r.run(server.url('/first'));
	await server.arrived(1);
	r.dispatch({type: 'pause-task', id: 't1'});
	await r.seen('paused');
	r.dispatch({type: 'cancel', id: 't1'});
	await ended;
	canceled(r, 't1');
	gate.open();
});

test('a running task that is canceled closes its connection and leaves no file under the name', async t => {
	const server = await startServer(t);
	const gate = server.hold('/gate');
	const dir = await folder(t);
	const r = rig(t, {dir});
	const ended = r.run(half(server, gate));
	await r.received('t1', 1_000);
	r.dispatch({type: 'cancel', id: 't1'});
	await ended;
	await server.asked('/half')[0]?.closed;
	canceled(r, 't1');
	assert.deepEqual(await list(dir), ['half.part']);
});

test('a canceled task frees its slot only after its part file is settled', async t => {
	const server = await startServer(t);
	const gate = server.hold('/gate');
	const settled = Promise.withResolvers<void>();
	const aborting = Promise.withResolvers<void>();
	const sink = {
		write() {},
		part: () => undefined,
		sync: async () => undefined,
		start: async () => new Uint8Array(),
		commit: async () => ({path: null}),
		async abort() {
			aborting.resolve();
			await settled.promise;
			return undefined;
		},
	};
	server.page('/next');
	const r = rig(t, {concurrency: 1, storage: {open: async () => sink}});
	const ended = r.run(half(server, gate), server.url('/next'));
	await r.received('t1', 1_000);
	r.dispatch({type: 'cancel', id: 't1'});
	await aborting.promise;
	await roundTrips(server);
	assert.equal(r.path('t1'), 'queued connecting receiving');
	assert.equal(server.asked('/next').length, 0);
	settled.resolve();
	await ended;
	canceled(r, 't1');
	assert.equal(server.asked('/next').length, 1);
});

test('a task that is being paused can still be canceled', async t => {
	const server = await startServer(t);
	server.hold('/first');
	const r = rig(t);
	const ended = r.run(server.url('/first'));
	await server.arrived(1);
	r.dispatch({type: 'pause-task', id: 't1'});
	r.dispatch({type: 'cancel', id: 't1'});
	// If the cancel got lost, the task is paused now and the run would never end.
	await Promise.race([ended, r.seen('paused', 't1')]);
	canceled(r, 't1');
});

test('a command for a task that is not there, or that makes no sense now, does nothing', async t => {
	const server = await startServer(t);
	server.page('/page');
	const r = rig(t);
	await r.fetch(server.url('/page'));
	const before = r.events.length;
	for (const id of ['t1', 't99'] as const)
		for (const type of ['pause-task', 'resume-task', 'cancel', 'retry'] as const) r.dispatch({type, id});
	r.dispatch({type: 'retry-failed'});
	r.dispatch({type: 'pause'});
	r.dispatch({type: 'resume'});
	assert.equal(r.events.length, before);
});

for (const how of ['stop', 'cancel'] as const)
	test(`to ${how} while a page is being read does not wait for that, and its body is there`, async t => {
		const server = await startServer(t);
		server.page('/', 'page', {'content-type': 'text/html'});
		const extractor: Extractor = {
			open: (_head, titled) => ({
				limit: 10,
				write: () => false,
				finish: () => {
					titled?.('known');
					return new Promise(() => {});
				},
			}),
		};
		const r = rig(t, {extractor});
		const ended = r.run(server.url('/'));
		const {id} = await r.seen('extracting');
		r.dispatch({type: 'pause-task', id});
		r.dispatch(how === 'stop' ? {type: 'stop', mode: 'abort'} : {type: 'cancel', id});
		const [result] = await ended;
		assert.deepEqual([result?.state, result?.title, result?.truncated], ['done', 'known', true]);
	});
