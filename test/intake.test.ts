import assert from 'node:assert/strict';
import type {EngineEvent} from '../source/engine/events.ts';
import {Intake} from '../source/engine/intake.ts';
import {rig, test, turn} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';

test('of 100,000 URLs only some thousand are ever in memory, and the input is read no further than that', async t => {
	const server = await startServer(t);
	const gate = server.hold('/held');
	const r = rig(t, {concurrency: 4});
	let taken = 0;
	let most = 0;
	r.engine.subscribe(() => {
		most = Math.max(most, r.store.live.size);
	});
	// The first ones are held, to see the intake stop; the rest are lines that fail at once, because 100,000 requests take
	// minutes and go the same way through the intake.
	const urls = function* () {
		for (; taken < 100_000; taken++) yield taken < 2_500 ? server.url(`/held?${taken}`) : `not a URL ${taken}`;
	};
	const ended = r.engine.run(urls());
	await server.arrived(4);
	await turn();
	assert.ok(taken < 2_100, `${taken} were read although nothing ended`);
	assert.ok(r.store.run.inputOpen);
	gate.open();
	await ended;
	assert.equal(taken, 100_000);
	assert.equal(r.store.counts.failed, 97_500);
	assert.equal(r.store.counts.done, 2_500);
	assert.ok(most <= 2_049, `${most} live tasks at once`);
	assert.equal(r.store.live.size, 0);
});

test('the input is read on while tasks end, one for one', async () => {
	let room = 2;
	const taken: string[] = [];
	const intake = new Intake(
		() => taken.length < room,
		item => taken.push(item.url),
	);
	const pulling = intake.pull(['a', 'b', 'c', 'd']);
	await turn();
	assert.deepEqual(taken, ['a', 'b']);
	assert.equal(intake.open, 1);
	room = 3;
	intake.wake();
	await turn();
	assert.deepEqual(taken, ['a', 'b', 'c']);
	room = 9;
	intake.wake();
	await pulling;
	assert.deepEqual(taken, ['a', 'b', 'c', 'd']);
	assert.equal(intake.open, 0);
});

test('two inputs that wait for room never take more than there is', async () => {
	let room = 1;
	const taken: string[] = [];
	const intake = new Intake(
		() => taken.length < room,
		item => taken.push(item.url),
	);
	const pulling = [intake.pull(['a', 'b', 'c']), intake.pull(['d', 'e', 'f'])];
	for (; room <= 6; room++, intake.wake()) {
		await turn();
		assert.equal(taken.length, room);
	}
	await Promise.all(pulling);
	assert.deepEqual(taken.toSorted(), ['a', 'b', 'c', 'd', 'e', 'f']);
});

test('a closed intake takes what it has read, nothing more, and closes the input that it was reading', async () => {
	let left = false;
	const taken: string[] = [];
	const intake = new Intake(
		() => taken.length < 1,
		item => taken.push(item.url),
	);
	const pulling = intake.pull(
		(async function* () {
			try {
				yield* ['a', 'b', 'c'];
			} finally {
				left = true;
			}
		})(),
	);
	await turn();
	intake.close();
	await pulling;
	assert.deepEqual(taken, ['a', 'b']);
	assert.ok(left);
});

test('an input that breaks half-way fails the run, after everything before it is done', async t => {
	const server = await startServer(t);
	const gate = server.hold('/a');
	const r = rig(t);
	const broken = async function* () {
		yield server.url('/a');
		throw new Error('the disk is gone');
	};
	let over = false;
	const running = r.engine.run(broken()).finally(() => {
		over = true;
	});
	const closed = () => r.events.some(event => event.type === 'input' && !event.open);
	while (!closed()) await r.changed();
	await server.arrived(1);
	assert.equal(over, false);
	gate.open();
	await assert.rejects(running, /the disk is gone/);
	assert.equal(r.store.counts.done, 1);
	assert.equal(r.store.run.state, 'ended');
});

test('a line that is no URL fails its task and names its line, and the rest goes on', async t => {
	const server = await startServer(t);
	server.page('/a').page('/b');
	const r = rig(t);
	await r.engine.run([
		{url: server.url('/a'), where: 'list.txt:1'},
		{url: 'example.org/no-scheme', where: 'list.txt:17'},
		{url: 'ftp://example.org/', where: 'list.txt:18'},
		{url: server.url('/b'), where: 'list.txt:19'},
	]);
	const results = r.results();
	assert.deepEqual(
		results.map(({state}) => state),
		['done', 'failed', 'failed', 'done'],
	);
	assert.equal(results[1]?.error?.code, 'INVALID_URL');
	assert.equal(results[1]?.error?.message, 'list.txt:17: not an http(s) URL: "example.org/no-scheme"');
	assert.equal(results[1]?.attempts, 0);
	assert.match(results[2]?.error?.message ?? '', /^list\.txt:18: /);
});

test('a line that is no URL cannot be retried, because nothing would change', async t => {
	const r = rig(t);
	await r.fetch('nonsense');
	const before = r.events.length;
	r.dispatch({type: 'retry', id: 't1'});
	r.dispatch({type: 'retry-failed'});
	assert.equal(r.events.length, before);
});

test('URLs that are added while the run goes on belong to it', async t => {
	const server = await startServer(t);
	const gate = server.hold('/a');
	server.page('/b');
	const r = rig(t);
	const ended = r.run(server.url('/a'));
	await server.arrived(1);
	r.dispatch({type: 'add', urls: [server.url('/b'), 'nonsense']});
	await r.seen('done', 't2');
	await r.seen('failed', 't3');
	gate.open();
	assert.equal((await ended).length, 3);
});

test('URLs that are added after the end start the run again, and the screen is told when it ends', async t => {
	const server = await startServer(t);
	server.page('/a').page('/b');
	const r = rig(t);
	await r.fetch(server.url('/a'));
	assert.equal(r.store.run.state, 'ended');
	r.dispatch({type: 'add', urls: [server.url('/b')]});
	assert.equal(r.store.run.state, 'running');
	await r.seen('done', 't2');
	const runs = () => r.events.filter((event): event is EngineEvent & {type: 'run'} => event.type === 'run');
	while (runs().length < 4) await r.changed();
	assert.deepEqual(
		runs().map(({state}) => state),
		['running', 'ended', 'running', 'ended'],
	);
});

test('an empty input is a run that ends', async t => {
	const r = rig(t);
	assert.deepEqual(await r.run(), []);
	assert.equal(r.store.run.state, 'ended');
	assert.equal(r.store.run.inputOpen, false);
});
