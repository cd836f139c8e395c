import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {Store} from '../source/engine/store.ts';
import type {Task} from '../source/engine/task.ts';
import {journalName, openJournal} from '../source/storage/journal.ts';
import {folder, type Rig, rig, test} from './helpers/engine.ts';
import {closedOrigin, startServer, startTcp} from './helpers/server.ts';
import {failure, Story} from './helpers/store.ts';

/** A second store that is told of the same events as JSON. */
function mirrorOf(r: Rig): Store {
	const mirror = new Store();
	r.engine.subscribe(event => mirror.apply(JSON.parse(JSON.stringify(event))));
	return mirror;
}

const answerOf = ({status, finalUrl, redirects, headers}: Readonly<Task> = {} as Task) => ({
	status,
	finalUrl,
	redirects,
	headers,
});

test('of each attempt that came to nothing it is known when it was and why, also when the task is done', async t => {
	const server = await startServer(t);
	let left = 2;
	server.on('/', (_request, response) => {
		r.clock.advance(300);
		response.writeHead(left-- > 0 ? 500 : 200, left === 1 ? {'retry-after': '2'} : {}).end('x');
	});
	const r: Rig = rig(t, {retries: 4, random: () => 1});
	const mirror = mirrorOf(r);
	const began = r.clock.now();
	const ended = r.run(server.url('/'));
	await r.seen('waiting');
	r.clock.advance(2_000);
	await r.seen('waiting', 't1', 2);
	r.clock.advance(1_000);
	await ended;
	const task = r.store.get('t1');
	const why = {code: 'HTTP_500', message: '500 Internal Server Error', retryable: true, status: 500};
	assert.deepEqual(task?.tried, [
		{
			...{attempt: 1, startedAt: began, endedAt: began + 300, received: 0},
			failure: {...why, retryAfter: 2_000},
		},
		{...{attempt: 2, startedAt: began + 2_300, endedAt: began + 2_600, received: 0}, failure: why},
	]);
	assert.deepEqual([task?.attempts, task?.attemptAt, task?.headAt], [3, began + 3_600, began + 3_900]);
	assert.deepEqual(mirror.get('t1')?.tried, task?.tried);
});

test('an attempt that broke off knows when its head was there and how much had come', async t => {
	const origin = await startTcp(t, socket => {
		socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello');
	});
	const r = rig(t);
	await r.fetch(`${origin}/`);
	const [tried] = r.store.get('t1')?.tried ?? [];
	const at = r.clock.now();
	assert.deepEqual(
		{...tried, failure: tried?.failure.code},
		{
			...{attempt: 1, startedAt: at, headAt: at, endedAt: at, received: 5},
			failure: 'CLOSED_EARLY',
		},
	);
});

test('a mirror that failed is remembered although nothing waits for it', async t => {
	const server = await startServer(t);
	server.page('/good', 'x');
	const r = rig(t);
	const mirror = mirrorOf(r);
	const result = await r.fetch({url: `${closedOrigin}/file`, mirrors: [server.url('/good')]});
	assert.equal(result.state, 'done');
	assert.deepEqual(
		r.store.get('t1')?.tried?.map(({attempt, failure: {code}}) => [attempt, code]),
		[[1, 'ECONNREFUSED']],
	);
	assert.deepEqual(mirror.get('t1')?.tried, r.store.get('t1')?.tried);
});

test('the last 20 attempts are remembered, through a retry by hand too, and nothing of pauses', () => {
	const story = new Story().run('running');
	const id = story.queue('https://example.com/');
	for (let attempt = 1; attempt <= 30; attempt++) {
		story.connect(id).later(10);
		if (attempt % 10 === 0) story.fail(id, 'ECONNRESET').requeue(id);
		else story.wait(id, failure('HTTP_503')).requeue(id);
	}
	story.connect(id).pause(id).requeue(id);
	story.connect(id).receive(id).end(id, 'done');
	const tried = story.task(id).tried?.map(each => each.attempt);
	assert.deepEqual(
		tried,
		Array.from({length: 20}, (_, index) => index + 11),
	);
	assert.equal(story.task(id).tried?.[9]?.failure.code, 'ECONNRESET');
});

test('what a failed answer said is known: its status, where it came from, its headers, safe to be shown', async t => {
	const server = await startServer(t);
	server.on('/old', (_request, response) => response.writeHead(302, {location: '/denied'}).end());
	server.on('/denied', (_request, response) => response.writeHead(403, {'x-why': 'not\u009b31m you'}).end('no'));
	const r = rig(t);
	const mirror = mirrorOf(r);
	await r.fetch(server.url('/old'));
	const {head} = await r.seen('failed');
	assert.deepEqual([head?.status, head?.finalUrl, head?.redirects], [403, server.url('/denied'), [server.url('/old')]]);
	assert.equal(head?.headers['x-why'], 'not you');
	assert.deepEqual(answerOf(r.store.get('t1')), head);
	assert.deepEqual(answerOf(mirror.get('t1')), head);
});

test('so it is while the task waits for its next try, and forgotten as soon as that begins', async t => {
	const server = await startServer(t);
	server.on('/', (_request, response) => response.writeHead(500, {'x-try': 'first'}).end());
	const r = rig(t, {retries: 1, random: () => 1});
	const ended = r.run(server.url('/'));
	const {head} = await r.seen('waiting');
	assert.equal(head?.headers['x-try'], 'first');
	assert.equal(r.store.get('t1')?.headers?.['x-try'], 'first');
	server.on('/', (_request, response) => response.destroy());
	const second = r.seen('connecting', 't1', 2).then(() => r.store.get('t1'));
	r.clock.advance(500);
	assert.deepEqual(answerOf(await second), {
		...{status: undefined, finalUrl: undefined, redirects: undefined, headers: undefined},
	});
	await ended;
	const failed = await r.seen('failed');
	assert.equal('head' in failed, false, 'there was no answer');
	assert.equal(r.store.get('t1')?.headers, undefined);
});

test('a head is told once: not again with the failure of its body, nor with success', async t => {
	const server = await startServer(t);
	server.page('/good', 'x');
	server.on('/short', (_request, response) => {
		response.writeHead(200, {'content-length': 10});
		response.write('x', () => response.destroy());
	});
	const r = rig(t);
	await r.run(server.url('/good'), server.url('/short'));
	for (const event of r.events) assert.equal('head' in event, false, event.type);
	assert.equal(r.store.get('t2')?.headers?.['content-length'], '10');
});

test('the journal does not grow by what failed answers said', async t => {
	const server = await startServer(t);
	server.on('/', (_request, response) => response.writeHead(500, {'x-marker': 'marked'}).end());
	const dir = await folder(t);
	const journal = await openJournal(dir);
	const r = rig(t, {dir, journal, retries: 1, random: () => 0});
	server.page('/good', 'x');
	const ended = r.run(server.url('/'), server.url('/good'));
	await r.seen('waiting');
	r.clock.advance(0);
	await ended;
	await journal.close();
	const lines = await readFile(path.join(dir, journalName), 'utf8');
	assert.match(lines, /\/good/);
	assert.doesNotMatch(lines, /marked|HTTP_500/);
});

test('of thousands of failed tasks only the newest keep their headers', () => {
	const story = new Story().run('running');
	const ids = Array.from({length: 1_100}, (_, index) => {
		const id = story.queue(`https://example.com/${index}`);
		story.connect(id).wait(id, failure('HTTP_503')).requeue(id).connect(id);
		story.receive(id).fail(id, 'ECONNRESET');
		return id;
	});
	const whole = ids.filter(id => story.task(id).headers !== undefined);
	assert.deepEqual(whole, ids.slice(-1_000));
	assert.deepEqual(
		story.task(ids[0] ?? 't1').tried?.map(({failure: {code}}) => code),
		['ECONNRESET'],
	);
	assert.equal(story.task(ids.at(-1) ?? 't1').tried?.length, 2);
});
