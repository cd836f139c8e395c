import assert from 'node:assert/strict';
import {Bandwidth} from '../source/engine/bandwidth.ts';
import {StartRate} from '../source/engine/start-rate.ts';
import {rig, TestClock, test, turn} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';

const many = (count: number, url: (index: number) => string) => Array.from({length: count}, (_, index) => url(index));
const never = new AbortController().signal;

test('with --rate tasks start evenly, one by one', async t => {
	const server = await startServer(t);
	server.page('*');
	const r = rig(t, {concurrency: 8, rate: 10});
	const ended = r.run(...many(5, index => server.url(`/${index}`)));
	for (const count of [1, 2, 3, 4]) {
		await r.seen('done', undefined, count);
		await turn();
		assert.equal(server.seen.length, count);
		r.clock.advance(99);
		await turn();
		assert.equal(server.seen.length, count, 'not a millisecond too early');
		r.clock.advance(1);
	}
	await ended;
	assert.equal(r.clock.timers.size, 0);
});

test('a rate can be changed and lifted while it runs', async t => {
	const server = await startServer(t);
	server.page('*');
	const r = rig(t, {concurrency: 8, rate: 1 / 3600});
	const ended = r.run(...many(6, index => server.url(`/${index}`)));
	await r.seen('done');
	r.dispatch({type: 'set-rate', value: 1});
	assert.equal(r.store.run.rate, 1);
	r.clock.advance(1_000);
	await r.seen('done', undefined, 2);
	r.dispatch({type: 'set-rate', value: null});
	await ended;
	assert.equal(r.store.run.rate, null);
});

test('tasks that earlier ones have done already do not use up the rate', async t => {
	const server = await startServer(t);
	server.page('*');
	const r = rig(t, {concurrency: 2, rate: 1});
	const ended = r.run(...many(20, () => server.url('/same')));
	const results = await ended;
	assert.equal(results.filter(({ok}) => ok).length, 20);
	assert.equal(server.seen.length, 1);
});

for (const mode of ['abort', 'drain'] as const) {
	test(`no timer of the rate outlives a run that ends by ${mode}`, async t => {
		const server = await startServer(t);
		const gate = server.hold('*');
		const r = rig(t, {rate: 1 / 3600});
		const ended = r.run(...many(5, index => server.url(`/${index}`)));
		await server.arrived(1);
		r.dispatch({type: 'stop', mode});
		gate.open();
		await ended;
		r.dispatch({type: 'set-rate', value: 1 / 60});
		r.dispatch({type: 'set-concurrency', value: 3});
		// The slot of the last task is given back after the end of the run.
		for (let passed = 0; passed < 10; passed++) await turn();
		assert.equal(r.clock.timers.size, 0);
	});
}

test('no timer of the rate runs for what was canceled before its turn came', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {rate: 1 / 3600});
	const ended = r.run(...many(3, index => server.url(`/${index}`)));
	await server.arrived(1);
	r.dispatch({type: 'cancel', id: 't2'});
	r.dispatch({type: 'cancel', id: 't3'});
	gate.open();
	await ended;
	for (let passed = 0; passed < 10; passed++) await turn();
	assert.equal(r.clock.timers.size, 0);
});

test('a rate goes on being kept after a pause', async t => {
	const server = await startServer(t);
	server.page('*');
	const r = rig(t, {rate: 1});
	const ended = r.run(...many(3, index => server.url(`/${index}`)));
	await r.seen('done');
	r.dispatch({type: 'pause'});
	await turn();
	assert.equal(r.clock.timers.size, 0);
	r.clock.advance(999);
	r.dispatch({type: 'resume'});
	await turn();
	assert.equal(server.seen.length, 1);
	r.clock.advance(1);
	await r.seen('done', undefined, 2);
	await turn();
	r.clock.advance(1_000);
	await ended;
});

test('a rate of a thousand starts a second is kept up although timers are late', () => {
	const clock = new TestClock();
	let woken = 0;
	const starts = new StartRate(clock, () => {
		woken++;
	});
	starts.limit = 1_000;
	let count = 0;
	const begin = clock.now();
	while (clock.now() - begin < 10_000) {
		while (starts.allows()) {
			starts.take();
			count++;
		}
		clock.advance(7);
	}
	assert.ok(count >= 9_990 && count <= 10_051, `${count} starts in 10 s`);
	assert.ok(woken > 1_000);
});

test('the limit per host can be raised and lowered while it runs', async t => {
	const server = await startServer(t);
	const gate = server.hold('*');
	const r = rig(t, {concurrency: 8, perHost: 1});
	const ended = r.run(...many(8, index => server.url(`/${index}`)));
	await server.arrived(1);
	assert.equal(r.store.running(), 1);
	r.dispatch({type: 'set-per-host', value: 3});
	assert.equal(r.store.running(), 3);
	r.dispatch({type: 'set-per-host', value: null});
	assert.equal(r.store.running(), 8);
	assert.equal(r.store.run.perHost, null);
	gate.open();
	await ended;
});

/** Tasks that take whatever they get, chunk by chunk; how many bytes each got. */
function takers(bandwidth: Bandwidth, count: number, chunk = 64 * 1024): {got: number[]; stop: () => void} {
	const got = Array.from({length: count}, () => 0);
	const state = {got, on: true, stop: () => {}};
	state.stop = () => {
		state.on = false;
	};
	for (const index of got.keys()) {
		const task = {};
		void (async () => {
			while (state.on) {
				for (let left = chunk; left > 0; ) {
					const granted = await bandwidth.take(task, left, never);
					left -= granted;
					got[index] = (got[index] ?? 0) + granted;
				}
			}
		})();
	}
	return state;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

async function pass(clock: TestClock, milliseconds: number, step = 10): Promise<void> {
	for (let passed = 0; passed < milliseconds; passed += step) {
		clock.advance(step);
		await turn();
	}
}

for (const [limit, tasks] of [
	[5 * 1024 ** 2, 8],
	[1024 ** 2, 8],
	[100 * 1024 ** 2, 1],
	[20_000, 3],
	[300, 5],
] as const) {
	test(`${tasks} tasks under ${limit} bytes a second get that within 5 % over 5 s, each its share`, async () => {
		const clock = new TestClock();
		const bandwidth = new Bandwidth(clock);
		bandwidth.limit = limit;
		const running = takers(bandwidth, tasks);
		await pass(clock, 5_000);
		running.stop();
		const rate = sum(running.got) / 5;
		assert.ok(Math.abs(rate / limit - 1) <= 0.05, `${rate} bytes a second`);
		for (const bytes of running.got) assert.ok(Math.abs(bytes / 5 / (limit / tasks) - 1) <= 0.1, `${running.got}`);
	});
}

test('512 tasks under ten kilobytes a second are served in turn, not woken for a byte each', async () => {
	const clock = new TestClock();
	const bandwidth = new Bandwidth(clock);
	bandwidth.limit = 10_240;
	const got = new Map<object, number>();
	let grants = 0;
	let on = true;
	for (let count = 0; count < 512; count++) {
		const task = {};
		void (async () => {
			while (on) {
				const granted = await bandwidth.take(task, 65_536, never);
				if (!on) return;
				got.set(task, (got.get(task) ?? 0) + granted);
				grants++;
			}
		})();
	}
	await pass(clock, 26_000, 50);
	on = false;
	bandwidth.limit = Number.POSITIVE_INFINITY;
	const shares = [...got.values()];
	assert.ok(Math.abs(sum(shares) / 26 / 10_240 - 1) < 0.05, `${sum(shares)} in 26 s`);
	assert.equal(shares.length, 512);
	assert.ok(Math.max(...shares) - Math.min(...shares) <= 512, 'nobody is a turn ahead');
	assert.ok(grants < 26 * 100, `${grants} grants`);
});

test('a change of the limit is obeyed within the same second, downwards, upwards and away', async () => {
	const clock = new TestClock();
	const bandwidth = new Bandwidth(clock);
	bandwidth.limit = 5e6;
	const running = takers(bandwidth, 8);
	const second = async () => {
		const before = sum(running.got);
		await pass(clock, 1_000);
		return sum(running.got) - before;
	};
	await second();
	for (const limit of [1e6, 5e6, 2e5]) {
		bandwidth.limit = limit;
		const bytes = await second();
		assert.ok(Math.abs(bytes / limit - 1) < 0.12, `${bytes} in the second after the change to ${limit}`);
	}
	running.stop();
	bandwidth.limit = Number.POSITIVE_INFINITY;
	await turn();
	assert.equal(clock.timers.size, 0, 'everyone has been let go');
});

test('what one task does not need goes to the others', async () => {
	const clock = new TestClock();
	const bandwidth = new Bandwidth(clock);
	bandwidth.limit = 1e6;
	const fast = takers(bandwidth, 2);
	let slow = 0;
	const task = {};
	for (let passed = 0; passed < 5_000; passed += 100) {
		void Promise.resolve(bandwidth.take(task, 1_000, never)).then(bytes => {
			slow += bytes;
		});
		await pass(clock, 100);
	}
	fast.stop();
	assert.ok(slow >= 49_000, `${slow} of 50,000`);
	assert.ok(sum(fast.got) + slow >= 4.75e6, `${sum(fast.got) + slow} of 5,000,000`);
});

test('whoever is aborted while it waits for its share waits no longer', async () => {
	const clock = new TestClock();
	const bandwidth = new Bandwidth(clock);
	bandwidth.limit = 1;
	const controller = new AbortController();
	const waiting = bandwidth.take({}, 1_000_000, controller.signal);
	controller.abort();
	assert.equal(await waiting, 1_000_000);
	clock.advance(50);
	assert.equal(clock.timers.size, 0);
});

test('a body under a limit arrives whole, and as fast as the limit says', async t => {
	const server = await startServer(t);
	const body = Buffer.alloc(300_000, 'x');
	server.page('/file', body);
	const r = rig(t, {limitRate: 100_000});
	const began = r.clock.now();
	let over = false;
	const ended = r.fetch(server.url('/file')).finally(() => {
		over = true;
	});
	while (!over) {
		await turn();
		if (r.clock.timers.size > 0) r.clock.advance(50);
	}
	assert.equal((await ended).bytes, body.length);
	const seconds = (r.clock.now() - began) / 1000;
	assert.ok(seconds > 2.8 && seconds < 3.3, `${seconds} s`);
});

test('a connection that stays below --min-speed is dropped, and the rest comes over a new one', async t => {
	const server = await startServer(t);
	const body = Buffer.alloc(200_000, 'x');
	server.on('/file', (request, response) => {
		const headers = {'accept-ranges': 'bytes', etag: '"1"'};
		const [, start] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
		if (start === undefined)
			return void response.writeHead(200, {...headers, 'content-length': 200_000}).write(body.subarray(0, 90_000));
		const rest = body.subarray(Number(start));
		response.writeHead(206, {...headers, 'content-range': `bytes ${start}-199999/200000`}).end(rest);
	});
	const {folder} = await import('./helpers/engine.ts');
	const r = rig(t, {minSpeed: 50_000, retries: 1, random: () => 0, dir: await folder(t)});
	const ended = r.run(server.url('/file'));
	await r.received('t1', 90_000);
	r.clock.advance(10_000);
	server.seen[0]?.response.write('x');
	const {failure} = await r.seen('waiting');
	assert.equal(failure.code, 'TOO_SLOW');
	r.clock.advance(0);
	const [result] = await ended;
	assert.equal(result?.state, 'done');
	assert.ok(server.seen[1]?.headers.range);
});
