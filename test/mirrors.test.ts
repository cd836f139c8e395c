import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import type {InputItem} from '../source/engine/intake.ts';
import {folder, list, type Rig, rig, test, turn} from './helpers/engine.ts';
import {type Asked, assertFile, MiB, patterned, serving, type Version} from './helpers/large.ts';
import {closedOrigin, type Handler, ranged, startServer, type TestServer} from './helpers/server.ts';

const size = 34 * MiB;
const body = patterned(size);
const other = patterned(size, 0xabcdef);
const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
const checksum = {algorithm: 'sha256', hex: createHash('sha256').update(body).digest('hex')};

/** Serves when all of these servers have been asked, so that each of them has had its chance. */
const whenAll =
	(servers: TestServer[]) =>
	async ({begin, response, range: [start, end] = [0, size]}: Asked, from: Buffer): Promise<void> => {
		await begin(MiB);
		for (const server of servers) await server.until(() => server.seen.length > 0);
		response.end(from.subarray(start + MiB, end));
	};

/** The first server has `first`, the others `second`; one task with all of them. */
async function mirrored(
	t: Parameters<typeof startServer>[0],
	first: Version,
	second: Version,
): Promise<{servers: TestServer[]; item: InputItem}> {
	const servers = [await startServer(t), await startServer(t), await startServer(t)];
	for (const [index, server] of servers.entries()) {
		const version = index === 0 ? first : second;
		server.on(
			'/file',
			serving(
				() => version,
				asked => whenAll(servers)(asked, version.body),
			),
		);
	}
	const [url = '', ...mirrors] = servers.map(server => server.url('/file'));
	return {servers, item: {url, mirrors}};
}

const alike: Record<string, Version> = {
	'the same ETag': {body, etag: '"v1"'},
	'the same date': {body, lastModified: date},
	'the same date and another ETag': {body, etag: '"v2"', lastModified: date},
	'the same ETag and another date': {body, etag: '"v1"', lastModified: 'Fri, 02 Jan 2026 00:00:00 GMT'},
};
for (const [what, version] of Object.entries(alike)) {
	test(`mirrors that have ${what} share the work`, async t => {
		const {servers, item} = await mirrored(t, {body, etag: '"v1"', lastModified: date}, version);
		const dir = await folder(t);
		const result = await rig(t, {dir, connections: 3}).fetch(item);
		assert.equal(result.error, null);
		await assertFile(dir, 'file', body);
		assert.deepEqual(
			servers.map(({seen}) => seen.length),
			[1, 1, 1],
		);
	});
}

const unlike: Record<string, Version> = {
	'another ETag': {body: other, etag: '"v2"'},
	'only a weak ETag': {body: other, etag: 'W/"v1"'},
	'nothing that names the version': {body: other},
	'another length': {body: other.subarray(0, size - 4), etag: '"v1"'},
};
for (const [what, version] of Object.entries(unlike)) {
	test(`a mirror that has ${what} is asked, and left out`, async t => {
		const {servers, item} = await mirrored(t, {body, etag: '"v1"', lastModified: date}, version);
		const dir = await folder(t);
		const result = await rig(t, {dir, connections: 3}).fetch(item);
		assert.equal(result.error, null);
		await assertFile(dir, 'file', body);
		assert.deepEqual(
			servers.slice(1).map(({seen}) => seen.length),
			[1, 1],
		);
	});
}

test('with a checksum mirrors need not name the version, and a wrong one is found out', async t => {
	for (const [theirs, code] of [
		[body, undefined],
		[other, 'CHECKSUM_MISMATCH'],
	] as const) {
		const {servers, item} = await mirrored(t, {body, etag: '"v1"'}, {body: theirs});
		const dir = await folder(t);
		const r = rig(t, {dir, connections: 3});
		const result = await r.fetch({...item, checksum});
		assert.equal(result.error?.code, code);
		if (code === undefined) assert.ok(servers.every(({seen}) => seen.length === 1));
	}
});

const small = patterned(300_000);

async function toTheEnd(r: Rig): Promise<void> {
	while (r.store.run.state !== 'ended') {
		r.clock.advance(60_000);
		await turn();
	}
}

const failing: Record<string, Handler> = {
	'answers 404': (_request, response) => response.writeHead(404).end(),
	'answers 503': (_request, response) => response.writeHead(503).end(),
	'closes the connection': request => request.socket.destroy(),
};
for (const [what, handler] of Object.entries(failing)) {
	test(`when the first server ${what}, the mirrors are asked in turn`, async t => {
		const [first, second, third] = [await startServer(t), await startServer(t), await startServer(t)];
		first.on('/file', handler);
		second.on('/file', handler);
		third.page('/file', small);
		const dir = await folder(t);
		const r = rig(t, {dir, retries: 2});
		const ended = r.run({url: first.url('/file'), mirrors: [second.url('/file'), third.url('/file')]});
		await toTheEnd(r);
		assert.equal((await ended)[0]?.error, null);
		await assertFile(dir, 'file', small);
		assert.deepEqual([first.seen.length, second.seen.length, third.seen.length], [1, 1, 1]);
	});
}

test('a server that is not there is no reason to fail while a mirror is', async t => {
	const server = await startServer(t);
	server.page('/file', small);
	const dir = await folder(t);
	const r = rig(t, {dir, retries: 1});
	const ended = r.run({url: `${closedOrigin}/file`, mirrors: [server.url('/file')]});
	await toTheEnd(r);
	const [result] = await ended;
	assert.equal(result?.error, null);
	assert.equal(result?.finalUrl, server.url('/file'));
	assert.notEqual(result?.url, server.url('/file'), 'the task is still the one that was given');
});

test('when no mirror has it either, the task fails with what the last one said', async t => {
	const server = await startServer(t);
	server.on('/gone', (_request, response) => response.writeHead(410).end());
	const result = await rig(t, {dir: await folder(t)}).fetch({url: server.url('/a'), mirrors: [server.url('/gone')]});
	assert.equal(result.error?.code, 'HTTP_410');
	assert.equal(server.seen.length, 2);
});

/** Sends the first third and closes. */
const breaking =
	(version: Version): Handler =>
	(request, response) =>
		serving(
			() => version,
			async ({begin}) => {
				await begin(100_000);
				response.destroy();
			},
		)(request, response);

const similar = Buffer.concat([patterned(50_000, 7), small.subarray(50_000)]);
const mirrors: Record<string, {handler: Handler; goesOn: boolean; expected: Buffer}> = {
	'names the same version': {handler: serving(() => ({body: small, etag: '"v1"'})), goesOn: true, expected: small},
	'names another version': {
		handler: serving(() => ({body: patterned(300_000, 7), etag: '"v2"'})),
		goesOn: false,
		expected: patterned(300_000, 7),
	},
	// It ignores If-Range, as many do, and has the same bytes where they are compared.
	'names none, and differs elsewhere': {handler: ranged(similar), goesOn: false, expected: similar},
};
for (const [what, {handler, goesOn, expected}] of Object.entries(mirrors)) {
	test(`what the first server sent before it broke is ${goesOn ? 'gone on from' : 'given up'} at a mirror that ${what}`, async t => {
		const [first, second] = [await startServer(t), await startServer(t)];
		first.on('/file', breaking({body: small, etag: '"v1"'}));
		second.on('/file', handler);
		const dir = await folder(t);
		const r = rig(t, {dir, retries: 1});
		const ended = r.run({url: first.url('/file'), mirrors: [second.url('/file')]});
		await toTheEnd(r);
		assert.equal((await ended)[0]?.error, null);
		await assertFile(dir, 'file', expected);
		assert.deepEqual(await list(dir), ['file']);
		assert.equal(second.seen.length === 1 && second.seen[0]?.headers.range !== undefined && goesOn, goesOn);
	});
}
