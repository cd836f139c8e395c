import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Result} from '../source/engine/task.ts';
import {openJournal} from '../source/storage/journal.ts';
import {folder, list, type Rig, rig, test} from './helpers/engine.ts';
import {assertFile, MiB, patterned, serving} from './helpers/large.ts';
import {Gate, type Handler, rangeOf, startServer} from './helpers/server.ts';

const body = patterned(3 * MiB);
const other = patterned(3 * MiB, 7);

/** The first answer breaks off after `bytes`; all others are given by `rest`. */
const breaking =
	(bytes: number, headers: Record<string, string | number>, rest: Handler): Handler =>
	(request, response) => {
		if (request.headers.range) return rest(request, response);
		response.writeHead(200, headers).write(body.subarray(0, bytes), () => response.destroy());
	};

/** Runs one URL, with every wait over at once. */
async function fetchAll(r: Rig, url: string): Promise<Result | undefined> {
	const ended = r.run(url);
	while (r.store.run.state !== 'ended') {
		await r.changed();
		r.clock.advance(60_000);
	}
	return (await ended)[0];
}

/** A range of `from`, at most `most` bytes of it, under headers of its own. */
const slice =
	(from: () => Buffer, most: number, headers: (start: number, end: number) => Record<string, string>): Handler =>
	(request, response) => {
		const [start, last] = rangeOf(request, from().length) ?? [0, from().length];
		const end = Math.min(last, start + most);
		response.writeHead(206, headers(start, end)).end(from().subarray(start, end));
	};

test('a range whose total nobody says does not make a shorter file of one whose total was known', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const etag = '"1"';
	const rest = slice(
		() => body,
		200_000,
		(start, end) => ({etag, 'content-range': `bytes ${start}-${end - 1}/*`}),
	);
	server.on('/file', breaking(500_000, {etag, 'content-length': body.length}, rest));
	assert.equal((await fetchAll(rig(t, {dir, retries: 1}), server.url('/file')))?.error, null);
	await assertFile(dir, 'file', body);
});

test('without a version each further range is compared with what is here, not only the first', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	let current = body;
	const rest = slice(
		() => current,
		400_000,
		(start, end) => ({'content-range': `bytes ${start}-${end - 1}/${body.length}`}),
	);
	server.on('/file', (request, response) => {
		if (server.seen.length === 4) current = other;
		if (server.seen.length > 4 && !request.headers.range) return void response.end(other);
		return breaking(500_000, {'content-length': body.length}, rest)(request, response);
	});
	assert.equal((await fetchAll(rig(t, {dir, retries: 1}), server.url('/file')))?.error, null);
	await assertFile(dir, 'file', other);
});

test('a piece of another version is not taken because it does not say of which one it is', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const large = patterned(40 * MiB);
	const changed = patterned(40 * MiB, 7);
	server.on('/file', (request, response) => {
		const range = rangeOf(request, large.length);
		if (!range) return serving(() => ({body: large, etag: '"1"'}))(request, response);
		const head = {'content-range': `bytes ${range[0]}-${range[1] - 1}/${large.length}`};
		response.writeHead(206, head).end(changed.subarray(...range));
	});
	assert.equal((await fetchAll(rig(t, {dir, connections: 4}), server.url('/file')))?.error, null);
	await assertFile(dir, 'file', large);
});

test('a range that ends behind its own total, or before what is here, is none', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const rest: Handler = (request, response) => {
		const [start] = rangeOf(request, body.length) ?? [0];
		const headers = {'content-range': `bytes ${start}-${start + 9_999}/${start + 1_000}`};
		response.writeHead(206, headers).end(body.subarray(start, start + 10_000));
	};
	server.on('/file', (request, response) => {
		if (server.seen.length > 2) return void response.end(body);
		return breaking(500_000, {}, rest)(request, response);
	});
	assert.equal((await fetchAll(rig(t, {dir, retries: 1}), server.url('/file')))?.error, null);
	await assertFile(dir, 'file', body);
});

test('an ETag that changes with each answer costs the connections, not the file', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const large = patterned(40 * MiB);
	let answers = 0;
	server.on(
		'/file',
		serving(() => ({body: large, etag: `"${++answers}"`})),
	);
	assert.equal((await fetchAll(rig(t, {dir, connections: 4}), server.url('/file')))?.error, null);
	await assertFile(dir, 'file', large);
});

test('a server that breaks off again and again is asked for as long as it gets on', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const large = patterned(12 * MiB);
	server.on(
		'/file',
		serving(
			() => ({body: large, etag: '"1"'}),
			async ({begin, response}) => {
				await begin(1.5 * MiB);
				response.destroy();
			},
		),
	);
	const result = await fetchAll(rig(t, {dir, retries: 1}), server.url('/file'));
	assert.equal(result?.error, null);
	assert.ok((result?.attempts ?? 0) > 4);
	await assertFile(dir, 'file', large);
});

test('an update does not replace what somebody wrote to the file meanwhile, nor put nothing in its place', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const file = path.join(dir, 'file');
	const update = async (meddle: (r: Rig) => Promise<void> = async () => {}) => {
		const journal = await openJournal(dir);
		const r = rig(t, {dir, journal, update: true});
		const ended = r.run(server.url('/file'));
		await meddle(r);
		const [result] = await ended;
		await journal.close();
		return result;
	};
	server.page('/file', 'first', {etag: '"1"'});
	await update();
	server.on('/file', (_request, response) => response.writeHead(204).end());
	assert.equal((await update())?.error?.code, 'HTTP_204');
	assert.equal(await readFile(file, 'utf8'), 'first');
	const gate = new Gate();
	server.on('/file', async (_request, response) => {
		response.writeHead(200, {'content-length': 6}).write('sec');
		await gate.opened;
		response.end('ond');
	});
	const result = await update(async r => {
		await r.received('t1', 3);
		await writeFile(file, 'mine');
		gate.open();
	});
	assert.deepEqual([result?.error, result?.path], [null, 'file.1']);
	assert.equal(await readFile(file, 'utf8'), 'mine');
	assert.deepEqual(await list(dir), ['.fetchtop.ndjson', 'file', 'file.1']);
});
