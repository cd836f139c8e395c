import assert from 'node:assert/strict';
import {Duplicates} from '../source/engine/duplicates.ts';
import {newJob} from '../source/engine/job.ts';
import type {Result, Task} from '../source/engine/task.ts';
import {folder, list, rig, test} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';

test('a URL that is listed three times is fetched once and reported three times', async t => {
	const server = await startServer(t);
	const gate = server.hold('/page', '<title>Once</title>');
	const dir = await folder(t);
	const r = rig(t, {dir});
	const url = server.url('/page');
	const ended = r.run(url, `${url}#part`, url);
	await server.arrived(1);
	gate.open();
	const results = await ended;
	assert.equal(server.seen.length, 1);
	assert.deepEqual(
		results.map(({url: shown, state, title, path, bytes, attempts}) => [shown, state, title, path, bytes, attempts]),
		[
			[url, 'done', 'Once', 'page', 19, 1],
			[`${url}#part`, 'skipped', 'Once', 'page', 0, 0],
			[url, 'skipped', 'Once', 'page', 0, 0],
		],
	);
	assert.deepEqual(await list(dir), ['page']);
});

test('a URL that comes again later is not fetched again either', async t => {
	const server = await startServer(t);
	server.page('*');
	const urls = ['/a', '/b', '/a', '/c', '/b'].map(path => server.url(path));
	const results = await rig(t, {concurrency: 1}).run(...urls);
	assert.deepEqual(
		results.map(({state}) => state),
		['done', 'done', 'skipped', 'done', 'skipped'],
	);
});

test('what failed once is reported as failed each time, and fetched once', async t => {
	const server = await startServer(t);
	const url = server.url('/missing');
	const results = await rig(t).run(url, url);
	assert.deepEqual(
		results.map(({state, status, error}) => [state, status, error?.code]),
		[
			['failed', 404, 'HTTP_404'],
			['failed', 404, 'HTTP_404'],
		],
	);
	assert.equal(server.seen.length, 1);
});

test('retrying all failed tasks asks once for what was listed twice', async t => {
	const server = await startServer(t);
	const url = server.url('/page');
	const r = rig(t);
	await r.run(url, url);
	server.page('/page');
	r.dispatch({type: 'retry-failed'});
	await r.seen('run', undefined, 4);
	assert.equal(server.seen.length, 2);
	assert.deepEqual([r.store.counts.failed, r.store.counts.done, r.store.counts.skipped], [0, 1, 1]);
});

test('those that wait for the first of their kind go on waiting when that is retried, or paused and resumed', async t => {
	const server = await startServer(t);
	let count = 0;
	server.on('/page', (_request, response) => {
		count++;
		// The second answer never comes: that try is paused.
		if (count === 1) response.writeHead(502).end();
		else if (count > 2) response.end('at last');
	});
	const url = server.url('/page');
	const r = rig(t, {retries: 1, random: () => 0});
	const ended = r.run(url, url, url);
	await r.seen('waiting', 't1');
	r.clock.advance(0);
	await server.arrived(2);
	r.dispatch({type: 'pause-task', id: 't1'});
	await r.seen('paused', 't1');
	r.dispatch({type: 'resume-task', id: 't1'});
	const results = await ended;
	assert.deepEqual(
		results.map(({state}) => state),
		['done', 'skipped', 'skipped'],
	);
	assert.equal(server.seen.length, 3);
});

test('when the first of its kind is canceled, the next one is fetched', async t => {
	const server = await startServer(t);
	const gate = server.hold('/page');
	const url = server.url('/page');
	const r = rig(t);
	const ended = r.run(url, url, url);
	await server.arrived(1);
	r.dispatch({type: 'cancel', id: 't1'});
	await server.arrived(2);
	gate.open();
	const results = await ended;
	assert.deepEqual(
		results.map(({state}) => state),
		['canceled', 'done', 'skipped'],
	);
});

test('one of its kind can be paused, resumed and canceled by itself', async t => {
	const server = await startServer(t);
	const gate = server.hold('/page');
	const url = server.url('/page');
	const r = rig(t);
	const ended = r.run(url, url, url, url);
	await server.arrived(1);
	r.dispatch({type: 'pause-task', id: 't2'});
	r.dispatch({type: 'resume-task', id: 't2'});
	r.dispatch({type: 'cancel', id: 't3'});
	r.dispatch({type: 'pause-task', id: 't4'});
	gate.open();
	await r.seen('skipped', 't2');
	r.dispatch({type: 'resume-task', id: 't4'});
	const results = await ended;
	assert.deepEqual(
		results.map(({state}) => state),
		['done', 'skipped', 'canceled', 'skipped'],
	);
	assert.equal(server.seen.length, 1);
});

test('other credentials, headers or names make it another task', async t => {
	const server = await startServer(t);
	server.page('*');
	const url = server.url('/page');
	const results = await rig(t).run(
		url,
		url.replace('//', '//user:secret@'),
		{url, headers: [['x-version', '2']]},
		{url, output: 'other'},
	);
	assert.deepEqual(
		results.map(({state}) => state),
		['done', 'done', 'done', 'done'],
	);
	assert.equal(server.seen.length, 4);
});

test('with --duplicates a URL is fetched as often as it is listed', async t => {
	const server = await startServer(t);
	server.page('*');
	const url = server.url('/page');
	const results = await rig(t, {duplicates: true}).run(url, url);
	assert.deepEqual(
		results.map(({state}) => state),
		['done', 'done'],
	);
});

test('a canceled line that is retried after its twin was fetched takes what that brought', async t => {
	const server = await startServer(t);
	const gate = server.hold('/page');
	const url = server.url('/page');
	const r = rig(t);
	const ended = r.run(url, url);
	await server.arrived(1);
	r.dispatch({type: 'cancel', id: 't2'});
	gate.open();
	await ended;
	r.dispatch({type: 'retry', id: 't2'});
	await r.seen('skipped', 't2');
	assert.equal(r.store.run.state, 'ended');
	assert.equal(server.seen.length, 1);
});

test('a run that drains ends only after all that waited for the last of their kind are reported', async t => {
	const server = await startServer(t);
	const gate = server.hold('/page');
	const url = server.url('/page');
	const r = rig(t);
	const ended = r.run(url, url, url);
	await server.arrived(1);
	r.dispatch({type: 'stop', mode: 'drain'});
	gate.open();
	await ended;
	assert.deepEqual(
		r.events.slice(-4).map(({type}) => type),
		['done', 'skipped', 'skipped', 'run'],
	);
});

test('a twin within the last 10,000 finished URLs is known, and what is remembered is bounded', () => {
	const duplicates = new Duplicates();
	const jobOf = (number: number) => {
		const url = new URL(`http://host.test/${number}`);
		return newJob({url: url.href, options: {}} as Task, [url], []);
	};
	const result = {state: 'done', ok: true} as Result;
	for (let number = 0; number < 40_000; number++) {
		const job = jobOf(number);
		assert.equal(duplicates.join(job), undefined);
		duplicates.end(job, result);
	}
	for (let number = 30_000; number < 40_000; number++) assert.equal(duplicates.join(jobOf(number)), result);
	assert.equal(duplicates.join(jobOf(19_999)), undefined);
});
