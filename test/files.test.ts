import assert from 'node:assert/strict';
import {lstat, mkdir, readFile, readlink, symlink, unlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {TaskId} from '../source/engine/task.ts';
import {openJournal} from '../source/storage/journal.ts';
import {folder, list, type Rig, rig, test} from './helpers/engine.ts';
import {Gate, type Handler, ranged, startServer, startTcp, type TestServer} from './helpers/server.ts';

const whole = Buffer.from(Array.from({length: 300_000}, (_, index) => (index * 31) % 251));
const start = 100_000;
/** Asked for again, to be compared, where the server names the version. */
const overlap = 4 * 1024;

/** Not deepEqual: to tell how two files of this size differ takes it minutes. */
function same(actual: Buffer, expected: Buffer): void {
	assert.ok(actual.equals(expected), `${actual.length} bytes that are not the ${expected.length} expected ones`);
}

const text = (...parts: string[]) => readFile(path.join(...parts), 'utf8');

/** The first request gets the first 100,000 bytes and then nothing; all others get `rest`. */
function broken(server: TestServer, rest: Handler, headers: Record<string, string>): string {
	server.on('/file', (_request, response) => {
		response.writeHead(200, {'content-length': whole.length, ...headers}).write(whole.subarray(0, start));
		server.on('/file', rest);
	});
	return server.url('/file');
}

/** Pauses the task when its first bytes are here, lets the test meddle, and resumes it. Resolves with the file's bytes. */
async function pauseAndResume(r: Rig, dir: string, url: string, meddle?: () => Promise<void>): Promise<Buffer> {
	const ended = r.run(url);
	await r.received('t1', start);
	r.dispatch({type: 'pause-task', id: 't1'});
	await r.seen('paused');
	assert.deepEqual(await list(dir), ['file.part']);
	await meddle?.();
	r.dispatch({type: 'resume-task', id: 't1'});
	while (r.store.run.state !== 'ended') {
		await r.changed();
		r.clock.advance(60_000);
	}
	const [result] = await ended;
	assert.equal(result?.error, null);
	assert.equal(result?.path, 'file');
	assert.deepEqual(await list(dir), ['file'], 'the file has its name and no part is left');
	return readFile(path.join(dir, 'file'));
}

test('a task that was paused goes on where it was, and the file is the same to the byte', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const url = broken(
		server,
		ranged(whole, () => '"v1"'),
		{etag: '"v1"'},
	);
	const r = rig(t, {dir});
	same(await pauseAndResume(r, dir, url), whole);
	assert.equal(server.seen[1]?.headers.range, `bytes=${start - overlap}-`);
	assert.equal(server.seen[1]?.headers['if-range'], '"v1"');
	assert.equal(r.results()[0]?.bytes, whole.length);
	const receiving = await r.seen('receiving', 't1', 2);
	assert.deepEqual([receiving.offset, receiving.total], [start - overlap, whole.length]);
});

test('a file that changed on the server meanwhile is fetched anew', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const other = Buffer.from(whole.toReversed());
	const url = broken(
		server,
		ranged(other, () => '"v2"'),
		{etag: '"v1"'},
	);
	same(await pauseAndResume(rig(t, {dir}), dir, url), other);
});

test('a server that knows no ranges and sends everything costs time and no byte', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const url = broken(server, (_request, response) => void response.end(whole), {etag: '"v1"'});
	same(await pauseAndResume(rig(t, {dir}), dir, url), whole);
});

for (const [what, meddle] of [
	['vanished', unlink],
	['was written to by someone else', (file: string) => writeFile(file, 'shorter')],
] as const) {
	test(`a part file that ${what} while the task was paused is begun anew`, async t => {
		const server = await startServer(t);
		const dir = await folder(t);
		const url = broken(
			server,
			ranged(whole, () => '"v1"'),
			{etag: '"v1"'},
		);
		const r = rig(t, {dir, retries: 2});
		same(await pauseAndResume(r, dir, url, () => meddle(path.join(dir, 'file.part'))), whole);
	});
}

test('what arrived before the connection broke off is not fetched again', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	server.on('/file', (request, response) => {
		server.on(
			'/file',
			ranged(whole, () => '"v1"'),
		);
		response.writeHead(200, {etag: '"v1"', 'content-length': whole.length});
		response.write(whole.subarray(0, start), () => request.socket.end());
	});
	const r = rig(t, {dir, retries: 1});
	const ended = r.run(server.url('/file'));
	await r.seen('waiting');
	r.clock.advance(60_000);
	await ended;
	same(await readFile(path.join(dir, 'file')), whole);
	assert.equal(server.seen[1]?.headers.range, `bytes=${start - overlap}-`);
});

test('two URLs with one name become two files, whether they come at once or one after the other', async t => {
	const server = await startServer(t);
	const gate = server.hold('/a/name.txt', 'first');
	server.page('/b/name.txt', 'second');
	server.page('/c/name.txt', 'third');
	const dir = await folder(t);
	const r = rig(t, {dir});
	const ended = r.run(server.url('/a/name.txt'), server.url('/b/name.txt'));
	await server.arrived(2);
	gate.open();
	await ended;
	r.dispatch({type: 'add', urls: [server.url('/c/name.txt')]});
	await r.seen('done', 't3');
	assert.deepEqual(await list(dir), ['name.1.txt', 'name.2.txt', 'name.txt']);
	for (const result of r.results()) assert.equal(await text(dir, result.path ?? ''), bodies[result.url.slice(-10, -9)]);
});
const bodies: Readonly<Record<string, string>> = {a: 'first', b: 'second', c: 'third'};

test('fifty bodies of one name that arrive at once become fifty files', async t => {
	const server = await startServer(t);
	server.on('*', (request, response) => void response.end(request.url));
	const dir = await folder(t);
	const urls = Array.from({length: 50}, (_, index) => server.url(`/${index}/same.txt`));
	const results = await rig(t, {dir, concurrency: 50}).run(...urls);
	assert.equal(new Set(results.map(result => result.path)).size, 50);
	for (const result of results) assert.equal(await text(dir, result.path ?? ''), new URL(result.url).pathname);
});

test('an existing file is never replaced, even if it appears while the body arrives', async t => {
	const server = await startServer(t);
	server.page('/old', 'new');
	const gate = server.hold('/late');
	server.on('/late', async (_request, response) => {
		response.write('ne');
		await gate.opened;
		response.end('w');
	});
	const dir = await folder(t);
	await writeFile(path.join(dir, 'old'), 'mine');
	const r = rig(t, {dir});
	const ended = r.run(server.url('/old'), server.url('/late'));
	await r.received('t2', 2);
	await writeFile(path.join(dir, 'late'), 'mine');
	gate.open();
	const results = await ended;
	assert.deepEqual(
		results.map(result => result.path),
		['old.1', 'late.1'],
	);
	for (const name of ['old', 'late']) {
		assert.equal(await text(dir, name), 'mine');
		assert.equal(await text(dir, `${name}.1`), 'new');
	}
});

/** Serves `/first` at once, and of all others the beginning at once and the rest behind the gate. */
function twoStepped(server: TestServer, size: number): {gate: Gate; body: string} {
	const gate = new Gate();
	const body = 'x'.repeat(size);
	server.page('/first', 'first');
	server.on('*', async (_request, response) => {
		response.writeHead(200, {'content-length': size}).write(body.slice(0, 2));
		await gate.opened;
		response.end(body.slice(2));
	});
	return {gate, body};
}

for (const [what, size] of [
	['a small body', 1_000],
	['a large one', 2_000_000],
] as const) {
	test(`a part file of somebody else that appears while ${what} arrives is left alone, and so is one behind a link`, async t => {
		const server = await startServer(t);
		const {gate, body} = twoStepped(server, size);
		const dir = await folder(t);
		const outside = path.join(await folder(t), 'outside');
		const journal = await openJournal(dir);
		const r = rig(t, {dir, journal});
		await r.run(server.url('/first'));
		const ended = r.run(server.url('/theirs'), server.url('/link'));
		await r.received('t2', 2);
		await r.received('t3', 2);
		await writeFile(path.join(dir, 'theirs.part'), 'mine');
		await symlink(outside, path.join(dir, 'link.part'));
		gate.open();
		const results = (await ended).slice(1);
		assert.deepEqual(
			results.map(result => result.path),
			['theirs.1', 'link.1'],
		);
		assert.equal(await text(dir, 'theirs.part'), 'mine');
		assert.equal(await readlink(path.join(dir, 'link.part')), outside);
		await assert.rejects(lstat(outside), {code: 'ENOENT'});
		for (const {path: name} of results) assert.equal(await text(dir, name ?? ''), body);
		assert.deepEqual(
			['t2', 't3'].map(id => r.of(id as TaskId).findLast(event => event.type === 'saved')?.part.path),
			['theirs.1', 'link.1'],
			'and the journal was told before there was a part of that name',
		);
		assert.deepEqual(
			(await list(dir)).filter(name => name.endsWith('.part')),
			['link.part', 'theirs.part'],
		);
		await journal.close();
	});
}

test('files and parts that were there at the beginning, whoever made them, are known without being asked for', async t => {
	const server = await startServer(t);
	server.page('*', 'new');
	const dir = await folder(t);
	for (const name of ['a', 'b.part', 'c.1', 'ü']) await writeFile(path.join(dir, name), 'mine');
	await symlink('nowhere', path.join(dir, 'c'));
	await mkdir(path.join(dir, 'd.part'));
	const r = rig(t, {dir});
	const results = await r.run(...['/a', '/b', '/c', '/d', '/%C3%BC', '/e'].map(name => server.url(name)));
	assert.deepEqual(
		results.map(result => result.path),
		['a.1', 'b.1', 'c.2', 'd.1', 'ü.1', 'e'],
	);
	const told = results.map((_, index) => r.of(`t${index + 1}`).find(event => event.type === 'receiving')?.part?.path);
	assert.deepEqual(told, ['a.1', 'b.1', 'c.2', 'd.1', 'ü.1', 'e'], 'from the first moment on');
	for (const name of ['a', 'b.part', 'c.1', 'ü']) assert.equal(await text(dir, name), 'mine');
});

test('a name that this run has given is known to be taken before a body of that name arrives', async t => {
	const server = await startServer(t);
	server.page('*', 'new');
	const dir = await folder(t);
	const r = rig(t, {dir, concurrency: 1});
	await r.run(...['/1/Same.txt', '/2/Same.txt', '/3/Same.txt'].map(name => server.url(name)));
	const told = [1, 2, 3].map(number => r.of(`t${number}`).find(event => event.type === 'receiving')?.part?.path);
	assert.deepEqual(told, ['Same.txt', 'Same.1.txt', 'Same.2.txt']);
});

test('a finished file whose name ends in .part is not taken for the part of another', async t => {
	const server = await startServer(t);
	server.page('/movie.part', 'one').page('/movie', 'two');
	const dir = await folder(t);
	const results = await rig(t, {dir, concurrency: 1}).run(server.url('/movie.part'), server.url('/movie'));
	const contents = await Promise.all(results.map(result => text(dir, result.path ?? '').catch(() => 'lost')));
	assert.deepEqual(contents, ['one', 'two']);
});

test('with overwrite, what was there is replaced, but nothing that this run has saved', async t => {
	const server = await startServer(t);
	server.page('/a/name', 'first').page('/b/name', 'second');
	const dir = await folder(t);
	await writeFile(path.join(dir, 'name'), 'old and longer than what comes');
	const r = rig(t, {dir, overwrite: true, concurrency: 1});
	const results = await r.run(server.url('/a/name'), server.url('/b/name'));
	assert.equal(results[0]?.path, 'name');
	const contents = await Promise.all(results.map(result => text(dir, result.path ?? '')));
	assert.deepEqual(contents, ['first', 'second']);
});

test('a body without a byte becomes an empty file', async t => {
	const server = await startServer(t);
	server.page('/empty', '');
	server.on('/204', (_request, response) => response.writeHead(204).end());
	const dir = await folder(t);
	const results = await rig(t, {dir}).run(server.url('/empty'), server.url('/204'));
	assert.deepEqual(
		results.map(result => [result.state, result.status, result.bytes, result.path]),
		[
			['done', 200, 0, 'empty'],
			['done', 204, 0, '204'],
		],
	);
	assert.equal(await text(dir, 'empty'), '');
});

test('a body of several megabytes arrives byte for byte, with and without a length', async t => {
	const server = await startServer(t);
	const big = Buffer.concat(Array.from({length: 20}, () => whole));
	server.page('/known', big, {'content-length': String(big.length)});
	const plain = await startTcp(t, socket => {
		socket.write('HTTP/1.0 200 OK\r\n\r\n');
		socket.end(big);
	});
	const dir = await folder(t);
	await rig(t, {dir}).run(server.url('/known'), `${plain}/unknown`);
	for (const name of ['known', 'unknown']) same(await readFile(path.join(dir, name)), big);
});

test('no name a server gives leads out of the folder', async t => {
	const server = await startServer(t);
	for (const [index, name] of ['../../evil', '..\\evil', '/etc/evil', '..'].entries())
		server.page(`/${index}`, 'x', {'content-disposition': `attachment; filename="${name.replaceAll('\\', '\\\\')}"`});
	server.page('/%2e%2e%2fevil', 'x').page('/..%2f..%2fevil', 'x');
	const outer = await folder(t);
	const dir = path.join(outer, 'inner');
	await mkdir(dir);
	const paths = ['/0', '/1', '/2', '/3', '/%2e%2e%2fevil', '/..%2f..%2fevil'];
	const results = await rig(t, {dir}).run(...paths.map(name => server.url(name)));
	assert.ok(results.every(({ok}) => ok));
	assert.deepEqual(await list(outer), ['inner']);
	assert.equal((await list(dir)).length, paths.length);
});
