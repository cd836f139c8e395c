import assert from 'node:assert/strict';
import {type Rig, rig, test, turn} from './helpers/engine.ts';
import {startServer, type TestServer} from './helpers/server.ts';

const many = (count: number, url: (index: number) => string) => Array.from({length: count}, (_, index) => url(index));

/** Advances the clock to the next timer whenever nothing else can happen, until the run is over. */
async function finish<Value>(r: Rig, ended: Promise<Value>): Promise<Value> {
	let over = false;
	const done = ended.finally(() => {
		over = true;
	});
	while (!over) {
		await turn();
		if (r.store.running() > 0) continue;
		const next = Math.min(...[...r.clock.timers].map(({at}) => at));
		if (Number.isFinite(next)) r.clock.advance(Math.max(0, next - r.clock.now()));
	}
	return done;
}

/** Refuses whatever is more than `limit` at once, and remembers how many it refused. */
function crowded(server: TestServer, limit: () => number, status = 429): {refused: number[]} {
	const log: {refused: number[]} = {refused: []};
	let active = 0;
	let count = 0;
	server.on('*', async (_request, response) => {
		count++;
		if (active >= limit()) {
			log.refused.push(count);
			response.writeHead(status).end();
			return;
		}
		active++;
		for (let passed = 0; passed < 20; passed++) await turn();
		active--;
		response.end('served');
	});
	return log;
}

test('of 100 tasks on a host that answers 429 to more than 4 at once all are done, and its rate settles', async t => {
	const server = await startServer(t);
	const log = crowded(server, () => 4);
	const r = rig(t, {concurrency: 64, retries: 4, random: () => 0.5});
	const results = await finish(r, r.run(...many(100, index => server.url(`/${index}`))));
	assert.deepEqual(
		results.filter(({ok}) => !ok),
		[],
	);
	const total = server.seen.length;
	assert.ok(total <= 200, `${total} requests for 100 tasks`);
	const late = log.refused.filter(index => index > total - 60);
	assert.ok(late.length <= 6, `of the last 60 of ${total} requests ${late} were refused`);
});

test('with 512 tasks at once on a host that bears one, none runs out of retries', async t => {
	const server = await startServer(t);
	crowded(server, () => 1);
	const r = rig(t, {concurrency: 512, retries: 1, random: () => 0.5});
	const results = await finish(r, r.run(...many(520, index => server.url(`/${index}`))));
	assert.equal(results.filter(({ok}) => ok).length, 520);
});

test('a host that never answers anything but 429 is given up', async t => {
	const server = await startServer(t);
	crowded(server, () => 0);
	const r = rig(t, {concurrency: 8, retries: 2, random: () => 0.5});
	const results = await finish(r, r.run(...many(8, index => server.url(`/${index}`))));
	assert.ok(results.every(({error}) => error?.code === 'HTTP_429'));
});

test('a few pages that are broken for good and say 503 do not keep a host from being asked for the others', async t => {
	const server = await startServer(t);
	server.page('*');
	const broken = [5, 105, 106, 205, 305];
	for (const index of broken) server.on(`/${index}`, (_request, response) => response.writeHead(503).end());
	const r = rig(t, {concurrency: 16, retries: 4, random: () => 1});
	const began = r.clock.now();
	const ended = r.run(...many(400, index => server.url(`/${index}`)));
	let last = began;
	r.engine.subscribe(({type, at}) => {
		if (type === 'done') last = at;
	});
	const results = await finish(r, ended);
	assert.equal(results.filter(({ok}) => ok).length, 400 - broken.length);
	// Half a second for each of them once, and some for those that come again before others have been served.
	assert.ok(last - began <= 8_000, `${last - began} ms until the last page that works was there`);
	assert.ok(server.asked('/5').length === 5, 'each was tried as often as any');
});

for (const [what, headers, minutes] of [
	['nothing but 503', {}, 3],
	['nothing but 503 with a Retry-After of a minute', {'retry-after': '60'}, 11],
] as const) {
	test(`a list of 500 pages of a host that answers ${what} is over within ${minutes} minutes`, async t => {
		const server = await startServer(t);
		server.on('*', (_request, response) => response.writeHead(503, headers).end());
		const r = rig(t, {concurrency: 8, retries: 4, random: () => 1});
		const began = r.clock.now();
		const results = await finish(r, r.run(...many(500, index => server.url(`/${index}`))));
		assert.equal(results.length, 500);
		assert.ok(results.every(({error}) => error?.code === 'HTTP_503'));
		assert.ok(r.clock.now() - began <= minutes * 60_000, `${(r.clock.now() - began) / 1000} s`);
		assert.equal(r.clock.timers.size, 0);
	});
}

test('a host that serves so many a minute, and says to come back in a second, is not given up within that minute', async t => {
	const server = await startServer(t);
	const r = rig(t, {concurrency: 4, retries: 4, random: () => 1});
	const began = r.clock.now();
	const minutes = new Map<number, number>();
	server.on('*', (_request, response) => {
		const minute = Math.floor((r.clock.now() - began) / 60_000);
		const count = (minutes.get(minute) ?? 0) + 1;
		minutes.set(minute, count);
		if (count <= 50) response.end('x');
		else response.writeHead(429, {'retry-after': '1'}).end();
	});
	const results = await finish(r, r.run(...many(120, index => server.url(`/${index}`))));
	const failed = results.filter(({ok}) => !ok);
	assert.ok(
		failed.every(({attempts}) => attempts > 0),
		'nothing fails that was never asked for',
	);
	assert.ok(failed.length <= 30, `${failed.length} of 120 failed`);
});

test('who is given up with its host may be asked again by a person, and a mirror saves a task from it', async t => {
	const server = await startServer(t);
	let refuses = true;
	server.on('*', ({headers}, response) => {
		if (refuses && !headers.host?.startsWith('localhost')) response.writeHead(503, {'retry-after': '10'}).end();
		else response.end('x');
	});
	const r = rig(t, {concurrency: 4, retries: 4, random: () => 1});
	const urls = many(60, index => server.url(`/${index}`));
	const saved = {url: server.url('/saved'), mirrors: [server.url('/saved', 'localhost')]};
	const results = await finish(r, r.run(...urls, saved));
	assert.deepEqual([r.store.counts.failed, r.store.counts.done], [60, 1]);
	assert.equal(results.at(-1)?.state, 'done');
	refuses = false;
	const again = new Promise<void>(resolve => {
		r.engine.subscribe(event => {
			if (event.type === 'run' && event.state === 'ended') resolve();
		});
	});
	r.dispatch({type: 'retry-failed'});
	await finish(r, again);
	assert.deepEqual([r.store.counts.failed, r.store.counts.done], [0, 61]);
});

test('after a 503 with Retry-After no task of that host starts before the time is up, and those of others do', async t => {
	const server = await startServer(t);
	let busy = true;
	server.on('/busy', (_request, response) => {
		if (busy) response.writeHead(503, {'retry-after': '8'}).end();
		else response.end('at last');
		busy = false;
	});
	server.page('/same');
	server.page('/other');
	const r = rig(t, {concurrency: 1, retries: 1});
	const ended = r.run(server.url('/busy'), server.url('/same'), server.url('/other', 'localhost'));
	const {until} = await r.seen('waiting', 't1');
	assert.equal(until - r.clock.now(), 8_000);
	await r.seen('done', 't3');
	assert.equal(r.store.get('t2')?.state, 'queued');
	assert.deepEqual([...r.store.hosts.keys()], [new URL(server.origin()).host]);
	r.clock.advance(7_999);
	await turn();
	assert.equal(server.asked('/same').length, 0);
	r.clock.advance(1);
	const results = await ended;
	assert.ok(results.every(({ok}) => ok));
	assert.equal(r.clock.timers.size, 0);
});

test('a single 503 among good answers makes the host rest, and leaves it as many at once as it had', async t => {
	const server = await startServer(t);
	let busy = true;
	const gate = server.hold('*');
	server.on('/busy', (_request, response) => {
		if (busy) response.writeHead(503, {'retry-after': '2'}).end();
		else response.end('at last');
		busy = false;
	});
	const r = rig(t, {concurrency: 8, retries: 1});
	const ended = r.run(
		...many(7, index => server.url(`/${index}`)),
		server.url('/busy'),
		...many(8, index => server.url(`/more/${index}`)),
	);
	await r.seen('waiting', 't8');
	assert.equal(r.store.running(), 7);
	r.clock.advance(2_000);
	await server.arrived(9);
	assert.equal(r.store.running(), 8);
	gate.open();
	assert.ok((await ended).every(({ok}) => ok));
	assert.equal(server.most, 8);
});

test('a person who retries a waiting task ends the peace of its host', async t => {
	const server = await startServer(t);
	let busy = true;
	server.on('/busy', (_request, response) => {
		if (busy) response.writeHead(429, {'retry-after': '100'}).end();
		else response.end('at last');
		busy = false;
	});
	server.page('/same');
	const r = rig(t, {concurrency: 1, retries: 1});
	const ended = r.run(server.url('/busy'), server.url('/same'));
	await r.seen('waiting', 't1');
	r.dispatch({type: 'retry', id: 't1'});
	const results = await ended;
	assert.ok(results.every(({ok}) => ok));
});

test('nobody waits for longer than ten minutes because a server says so', async t => {
	const server = await startServer(t);
	server.on('/', (_request, response) => response.writeHead(503, {'retry-after': '86400'}).end());
	const r = rig(t, {retries: 1});
	const ended = r.run(server.url('/'));
	const {until, failure} = await r.seen('waiting');
	assert.equal(until - r.clock.now(), 600_000);
	assert.equal(failure.retryAfter, 86_400_000);
	await finish(r, ended);
});

test('a Retry-After that has passed means now', async t => {
	const server = await startServer(t);
	const date = new Date(Date.UTC(2020, 0, 1)).toUTCString();
	server.on('/', (_request, response) => response.writeHead(503, {'retry-after': date}).end());
	const r = rig(t, {retries: 1, random: () => 1});
	const ended = r.run(server.url('/'));
	const {until, at} = await r.seen('waiting');
	assert.equal(until, at);
	await finish(r, ended);
});

test('a host that bears more later gets more', async t => {
	const server = await startServer(t);
	let limit = 2;
	crowded(server, () => limit);
	const r = rig(t, {concurrency: 16, retries: 4, random: () => 0.5});
	const ended = r.run(...many(400, index => server.url(`/${index}`)));
	r.engine.subscribe(event => {
		if (event.type === 'done' && r.store.counts.done === 100) limit = 16;
	});
	await finish(r, ended);
	const widest = Math.max(...r.events.flatMap(event => (event.type === 'host' ? (event.window ?? 512) : [])));
	assert.ok(widest >= 6, `at most ${widest} at once`);
});

test('the run ends although a host is still to be left in peace', async t => {
	const server = await startServer(t);
	server.on('/', (_request, response) => response.writeHead(429, {'retry-after': '100'}).end());
	const r = rig(t, {retries: 0});
	await r.run(server.url('/'));
	assert.equal(r.clock.timers.size, 0);
	const [host] = r.store.hosts.values();
	assert.equal(host?.until, r.clock.now(), 'nobody is shown a wait that is none');
});

test('a task whose host is left in peace asks its mirror at once', async t => {
	const server = await startServer(t);
	server.on('/file', ({headers}, response) => {
		if (headers.host?.startsWith('localhost')) response.end('from the mirror');
		else response.writeHead(503, {'retry-after': '100'}).end();
	});
	const r = rig(t, {retries: 1});
	const results = await r.run({url: server.url('/file'), mirrors: [server.url('/file', 'localhost')]});
	assert.equal(results[0]?.state, 'done');
	assert.equal(r.clock.timers.size, 0);
});

test('a mirror that refuses is left in peace too', async t => {
	const server = await startServer(t);
	let refuses = true;
	server.on('/file', ({headers}, response) => {
		if (!headers.host?.startsWith('localhost')) return response.writeHead(404).end();
		if (!refuses) return response.end('at last');
		refuses = false;
		return response.writeHead(503, {'retry-after': '100'}).end();
	});
	server.page('/other');
	const r = rig(t, {retries: 2, concurrency: 1});
	const mirror = server.url('/file', 'localhost');
	const ended = r.run({url: server.url('/file'), mirrors: [mirror]}, server.url('/other', 'localhost'));
	await r.seen('waiting', 't1');
	assert.deepEqual([...r.store.hosts.keys()], [new URL(mirror).host]);
	await turn();
	assert.equal(server.asked('/other').length, 0);
	r.clock.advance(100_000);
	const results = await ended;
	assert.ok(results.every(({ok}) => ok));
});

for (const [command, end] of [
	['cancel', 'canceled'],
	['pause-task', 'paused'],
] as const) {
	test(`a ${command} that comes together with a failure is not forgotten for a retry`, async t => {
		const headers = {};
		const head = {url: 'http://host.test/', status: 503, redirects: [], headers, timings: {connect: 0, firstByte: 0}};
		const body = {
			[Symbol.asyncIterator]: () => ({
				next: async () => ({done: true as const, value: undefined}),
				async return() {
					r.dispatch({type: command, id: 't1'});
					return {done: true as const, value: undefined};
				},
			}),
		};
		const r: Rig = rig(t, {transport: {open: async () => ({head, body}), close: async () => {}}, retries: 1});
		const ended = r.run(head.url);
		await r.seen(end);
		assert.equal(r.path('t1'), `queued connecting ${end}`);
		if (command === 'pause-task') r.dispatch({type: 'cancel', id: 't1'});
		await ended;
	});
}
