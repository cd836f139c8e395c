import assert from 'node:assert/strict';
import fc from 'fast-check';
import type {EngineEvent} from '../source/engine/events.ts';
import {Ring} from '../source/engine/ring.ts';
import {Store} from '../source/engine/store.ts';
import {finalStates, isFinal, type Result, type TaskId, transitions} from '../source/engine/task.ts';
import {rig, test} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';

/** DESIGN §5, in its order. */
const resultKeys =
	'url finalUrl status ok state title contentType charset bytes path sha256 extracted truncated attempts startedAt seconds timings error';

test('events come in order, are plain JSON, and tell every state of every task by the table', async t => {
	const server = await startServer(t);
	server.page('/page', '<title>Hello</title>', {'content-type': 'text/html; charset=utf-8'});
	server.on('/503', (_request, response) => response.writeHead(503).end());
	const r = rig(t, {retries: 1, random: () => 0});
	const ended = r.run(server.url('/page'), server.url('/503'), server.url('/404'), 'nonsense');
	await r.seen('waiting');
	r.clock.advance(0);
	await ended;
	assert.deepEqual(JSON.parse(JSON.stringify(r.events)), r.events);
	const states = new Map<TaskId, keyof typeof transitions>();
	let last = 0;
	for (const event of r.events) {
		assert.ok(event.at >= last);
		last = event.at;
		if (!('id' in event) || event.type === 'saved' || event.type === 'titled' || event.type === 'promoted') continue;
		const before = states.get(event.id);
		if (before) assert.ok(transitions[before].includes(event.type), `${before} → ${event.type}`);
		else assert.equal(event.type, 'queued');
		states.set(event.id, event.type);
	}
	assert.deepEqual([...states.values()], ['done', 'failed', 'failed', 'failed']);
});

test('a result has exactly the promised keys, however the task ended', async t => {
	const server = await startServer(t);
	server.page('/page', '<title>Hello</title>', {'content-type': 'text/html; charset=utf-8'});
	const gate = server.hold('/held');
	const r = rig(t);
	const ended = r.run(server.url('/page'), server.url('/404'), 'nonsense', 'http://127.0.0.1:1/', server.url('/held'));
	await server.until(() => server.asked('/held').length > 0);
	r.dispatch({type: 'cancel', id: 't5'});
	const results = await ended;
	gate.open();
	assert.equal(results.length, 5);
	for (const result of results) {
		assert.equal(Object.keys(result).join(' '), resultKeys);
		assert.deepEqual(Object.keys(result.timings), ['wait', 'connect', 'firstByte', 'transfer']);
		if (result.error) assert.deepEqual(Object.keys(result.error), ['code', 'message']);
	}
	const [page] = results;
	assert.deepEqual(
		{...page, timings: 0},
		{
			url: server.url('/page'),
			finalUrl: server.url('/page'),
			status: 200,
			ok: true,
			state: 'done',
			title: 'Hello',
			contentType: 'text/html',
			charset: 'utf-8',
			bytes: 20,
			path: null,
			sha256: null,
			extracted: {},
			truncated: false,
			attempts: 1,
			startedAt: new Date(r.clock.now()).toISOString(),
			seconds: 0,
			timings: 0,
			error: null,
		},
	);
});

test('what strangers write reaches events without a control or bidi character', async t => {
	const server = await startServer(t);
	const evil = '\u009b31m\u001b]0;owned\u0007';
	server.page('/page', `<title>a\u001b[31mb\u202ec${evil}\u2066</title>`, {
		'content-type': 'text/html; charset=utf-8',
		'x-evil': 'a\u009b31mb',
	});
	const r = rig(t);
	const results = await r.run(`${server.url('/page')}?\u202e`, `non\u001b[31msense\u202e`);
	assert.equal(results[0]?.title, 'abc');
	for (const event of r.events) for (const text of strings(event)) assert.doesNotMatch(text, unsafe);
});
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

function* strings(value: unknown): Generator<string> {
	if (typeof value === 'string') yield value;
	else if (typeof value === 'object' && value)
		for (const [key, inner] of Object.entries(value)) yield* [key, ...strings(inner)];
}

test('a store that only heard the events knows what the engine knows', async t => {
	const server = await startServer(t);
	server.page('/page', 'x');
	const mirror = new Store();
	const r = rig(t);
	r.engine.subscribe(event => mirror.apply(JSON.parse(JSON.stringify(event))));
	await r.run(server.url('/page'), server.url('/404'), 'nonsense');
	r.dispatch({type: 'retry', id: 't2'});
	while (r.store.run.state !== 'ended') await r.changed();
	assert.deepEqual(mirror.counts, r.store.counts);
	assert.deepEqual(mirror.causes, r.store.causes);
	assert.deepEqual(
		[...mirror.done, ...mirror.failed].map(task => task.result),
		[...r.store.done, ...r.store.failed].map(task => task.result),
	);
});

test('a store that only heard the events has promoted tasks where the engine has them', async t => {
	const server = await startServer(t);
	const gates = ['/1', '/2', '/3', '/4', '/5'].map(path => server.hold(path));
	const mirror = new Store();
	const r = rig(t, {concurrency: 1});
	r.engine.subscribe(event => mirror.apply(JSON.parse(JSON.stringify(event))));
	const ended = r.run(...['/1', '/2', '/3', '/4', '/5'].map(path => server.url(path)));
	await server.arrived(1);
	const order = () => [...r.store.live.keys()].join(' ');
	const promoted = (id: TaskId) => {
		r.dispatch({type: 'promote', id});
		assert.deepEqual([...mirror.live.keys()], [...r.store.live.keys()]);
		return order();
	};
	assert.equal(promoted('t4'), 't4 t1 t2 t3 t5');
	assert.equal(promoted('t5'), 't5 t4 t1 t2 t3', 'the last one comes first');
	r.dispatch({type: 'cancel', id: 't2'});
	r.dispatch({type: 'retry', id: 't2'});
	assert.equal(order(), 't2 t5 t4 t1 t3', 'so does one whose cancel was taken back');
	assert.deepEqual([...mirror.live.keys()], [...r.store.live.keys()]);
	for (const gate of gates) gate.open();
	await ended;
});

test('a listener that has left hears nothing more', async t => {
	const r = rig(t);
	let heard = 0;
	const leave = r.engine.subscribe(() => {
		heard++;
	});
	leave();
	await r.run('nonsense');
	assert.equal(heard, 0);
});

const result = (state: (typeof finalStates)[number], code?: string) =>
	({state, title: null, status: null, error: code ? {code, message: 'why'} : null}) as Result;
const queued = (id: TaskId): EngineEvent => ({type: 'queued', id, url: `http://${id}/`, host: id, at: 1});
const failed = (id: TaskId, code: string): EngineEvent => ({type: 'failed', id, result: result('failed', code), at: 2});

test('finished tasks leave memory, and totals and causes count all of them', () => {
	const store = new Store();
	for (let number = 1; number <= 12_000; number++) {
		store.apply(queued(`t${number}`));
		store.apply(failed(`t${number}`, 'ENOTFOUND'));
	}
	assert.equal(store.live.size, 0);
	assert.equal(store.counts.failed, 12_000);
	assert.ok(store.failed.length < 12_000);
	assert.equal(store.causes.get('ENOTFOUND')?.count, 12_000);
	assert.ok((store.causes.get('ENOTFOUND')?.examples.length ?? 0) <= 3);
	assert.equal(store.get('t12000')?.result?.error?.code, 'ENOTFOUND');
	assert.equal(store.get('t1'), undefined);
});

test('however many causes there are, only some hundred are told apart', () => {
	const store = new Store();
	for (let number = 1; number <= 1_000; number++) {
		store.apply(queued(`t${number}`));
		store.apply(failed(`t${number}`, `E${number}`));
	}
	assert.ok(store.causes.size <= 200);
	assert.equal(store.counts.failed, 1_000);
});

test('an event that does not fit the state of its task is refused loudly', () => {
	const store = new Store();
	store.apply(queued('t1'));
	assert.throws(() => store.apply({type: 'done', id: 't1', result: result('done'), at: 2}), /from queued to done/);
	assert.throws(() => store.apply({type: 'connecting', id: 't9', attempt: 1, at: 2}), /never queued/);
	assert.equal(finalStates.every(isFinal), true);
});

test('every event gives the store a new version', () => {
	const store = new Store();
	const versions = [queued('t1'), failed('t1', 'E'), queued('t1')].map(event => {
		store.apply(event);
		return store.version;
	});
	assert.equal(new Set(versions).size, 3);
	assert.equal(store.causes.size, 0, 'a failure that is tried again is none any more');
});

test('a ring holds the last items in order, whatever was pushed and removed', () => {
	const step = fc.oneof({weight: 4, arbitrary: fc.constant(undefined)}, {weight: 1, arbitrary: fc.nat({max: 30})});
	fc.assert(
		fc.property(fc.integer({min: 1, max: 10}), fc.array(step, {maxLength: 100}), (capacity, steps) => {
			const ring = new Ring<number>(capacity);
			let model: number[] = [];
			for (const [index, remove] of steps.entries()) {
				if (remove === undefined) {
					ring.push(index);
					model = [...model, index].slice(-capacity);
				} else if (remove > 20) {
					// Many, in their order, and nobody looks in between.
					const gone = model.filter((_, at) => at % 3 !== remove % 3);
					for (const target of gone)
						assert.equal(
							ring.remove(item => item === target),
							target,
						);
					model = model.filter(item => !gone.includes(item));
				} else {
					const target = model[remove];
					assert.equal(
						ring.remove(item => item === target),
						target,
					);
					model = model.filter(item => item !== target);
				}
				assert.deepEqual([...ring], model);
				assert.equal(ring.length, model.length);
				for (let at = -12; at <= 12; at++) assert.equal(ring.at(at), model.at(at));
				assert.equal(
					ring.find(item => item === model[1]),
					model[1],
				);
			}
		}),
	);
});
