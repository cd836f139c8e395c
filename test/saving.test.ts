import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdir, readFile, stat, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {TestContext} from 'node:test';
import {brotliCompressSync, gzipSync} from 'node:zlib';
import type {Result} from '../source/engine/task.ts';
import {folder, list, rig, test} from './helpers/engine.ts';
import {assertFile, MiB, patterned, serving} from './helpers/large.ts';
import {run as program} from './helpers/program.ts';
import {startServer} from './helpers/server.ts';

const sha256 = (body: Buffer | string) => createHash('sha256').update(body).digest('hex');
const digest = (hex: string) => ({algorithm: 'sha256', hex});
const wrong = '0123456789abcdef'.repeat(4);
const body = patterned(300_000);
const date = 'Thu, 01 Jan 2026 00:00:00 GMT';

/** What is there beside the journal. */
const files = async (dir: string) => (await list(dir)).filter(name => !name.startsWith('.fetchtop'));
const text = (...parts: string[]) => readFile(path.join(...parts), 'utf8');

/** The records of a run of the built program, in the order of their URLs. */
async function records(t: TestContext, args: string): Promise<{status: number | null; results: Result[]}> {
	const {status, stdout} = await program(t, `--json ${args}`);
	const lines = stdout.trim().split('\n');
	const results = lines.map((line): Result => JSON.parse(line));
	return {status, results: results.toSorted((a, b) => (a.url < b.url ? -1 : 1))};
}

test("with --remote-time a file has the server's date, and without it its own", async t => {
	const server = await startServer(t);
	server.page('/a', 'x', {'last-modified': date}).page('/b', 'x').page('/c', 'x', {'last-modified': 'yesterday'});
	const dir = await folder(t);
	const before = Date.now() - 2_000;
	await rig(t, {dir, remoteTime: true}).run(...['/a', '/b', '/c'].map(name => server.url(name)));
	await rig(t, {dir}).run(server.url('/a'));
	const times = await Promise.all(['a', 'b', 'c', 'a.1'].map(name => stat(path.join(dir, name))));
	assert.equal(times[0]?.mtime.toUTCString(), date);
	for (const {mtimeMs} of times.slice(1)) assert.ok(mtimeMs >= before);
});

test('a file that matches its checksum says so, and one that does not is set aside with both digests told', async t => {
	const server = await startServer(t);
	server.page('/good', body).page('/bad', body);
	const dir = await folder(t);
	await writeFile(path.join(dir, 'bad.bad'), 'an older one');
	const [good, bad] = await rig(t, {dir}).run(
		{url: server.url('/good'), checksum: digest(sha256(body))},
		{url: server.url('/bad'), checksum: digest(wrong)},
	);
	assert.equal(good?.sha256, sha256(body));
	assert.deepEqual([bad?.state, bad?.error?.code, bad?.path], ['failed', 'CHECKSUM_MISMATCH', null]);
	for (const part of [sha256(body), wrong, 'bad.1.bad']) assert.ok(bad?.error?.message.includes(part), part);
	assert.deepEqual(await files(dir), ['bad.1.bad', 'bad.bad', 'good']);
	await assertFile(dir, 'bad.1.bad', body);
	assert.equal(await text(dir, 'bad.bad'), 'an older one');
});

test('the bytes that were here before count in a checksum as well', async t => {
	for (const [hex, state] of [
		[sha256(body), 'done'],
		[wrong, 'failed'],
	] as const) {
		const server = await startServer(t);
		server.on(
			'/file',
			serving(
				() => ({body, etag: '"1"'}),
				async ({index, begin, response, serve}) => {
					if (index > 0) return serve();
					await begin(100_000);
					response.destroy();
				},
			),
		);
		const dir = await folder(t);
		const r = rig(t, {dir, retries: 1});
		const ended = r.run({url: server.url('/file'), checksum: digest(hex)});
		await r.seen('waiting');
		r.clock.advance(60_000);
		assert.equal((await ended)[0]?.state, state);
		assert.notEqual(server.seen[1]?.headers.range, undefined);
		assert.deepEqual(await files(dir), [state === 'done' ? 'file' : 'file.bad']);
	}
});

test('a file out of several connections is verified as a whole', async t => {
	const server = await startServer(t);
	const large = patterned(34 * MiB);
	server.on(
		'/file',
		serving(() => ({body: large, etag: '"1"'})),
	);
	for (const [hex, name] of [
		[sha256(large), 'file'],
		[wrong, 'file.bad'],
	] as const) {
		const dir = await folder(t);
		await rig(t, {dir, connections: 3}).run({url: server.url('/file'), checksum: digest(hex)});
		assert.deepEqual(await files(dir), [name]);
	}
	assert.ok(server.seen.length > 2);
});

test('a task that did not match its checksum is fetched from its first byte on when it is tried again', async t => {
	const server = await startServer(t);
	const broken = Buffer.from(body.toReversed());
	server.page('/file', broken, {etag: '"1"'});
	const dir = await folder(t);
	const args = `-d ${dir} --checksum ${sha256(body)} ${server.url('/file')}`;
	assert.equal((await records(t, args)).status, 1);
	server.page('/file', body, {etag: '"1"'});
	const {status, results} = await records(t, args);
	assert.deepEqual([status, results[0]?.sha256], [0, sha256(body)]);
	assert.equal(server.seen[1]?.headers.range, undefined);
	assert.deepEqual(await files(dir), ['file', 'file.bad']);
});

test('--checksums verifies what the list names by URL or by file, and leaves the rest', async t => {
	const server = await startServer(t);
	for (const name of ['a', 'b', 'c', 'd']) server.page(`/${name}`, name);
	const [dir, lists] = [await folder(t), await folder(t)];
	const sums = [`${sha256('a')}  a`, `${sha256('b')}  ${server.url('/b')}`, `${wrong}  ./c`];
	await writeFile(path.join(lists, 'SHA256SUMS'), `${sums.join('\n')}\n`);
	const urls = ['/a', '/b', '/c', '/d'].map(name => server.url(name)).join(' ');
	const {status, results} = await records(t, `--checksums ${lists}/SHA256SUMS -d ${dir} ${urls}`);
	assert.equal(status, 1);
	assert.deepEqual(
		results.map(({sha256, error}) => sha256 ?? error?.code ?? null),
		[sha256('a'), sha256('b'), 'CHECKSUM_MISMATCH', null],
	);
	assert.deepEqual(await files(dir), ['a', 'b', 'c.bad', 'd']);
});

test('with --compressed bodies come coded, are saved decoded, and are done for the next run', async t => {
	const server = await startServer(t);
	server.on('*', ({headers, url}, response) => {
		assert.match(String(headers['accept-encoding']), /gzip.*br/);
		const [coding, coded] =
			url === '/gzip' ? ['gzip', gzipSync(body)] : url === '/br' ? ['br', brotliCompressSync('short')] : [];
		response.writeHead(200, {etag: '"1"', ...(coding && {'content-encoding': coding})}).end(coded ?? 'as it is');
	});
	const dir = await folder(t);
	const args = `--compressed -x 4 -d ${dir} ${['/br', '/gzip', '/none'].map(name => server.url(name)).join(' ')}`;
	for (const state of ['done', 'skipped']) {
		const {status, results} = await records(t, args);
		assert.deepEqual([status, ...results.map(result => result.state)], [0, state, state, state]);
	}
	assert.equal(server.seen.length, 3);
	assert.deepEqual(await files(dir), ['br', 'gzip', 'none']);
	await assertFile(dir, 'gzip', body);
	assert.deepEqual([await text(dir, 'br'), await text(dir, 'none')], ['short', 'as it is']);
});

test('--max-size refuses what is announced as longer, what turns out to be, and what is once it is decoded', async t => {
	const server = await startServer(t);
	const bomb = gzipSync(Buffer.alloc(4 * MiB));
	server.page('/announced', body, {'content-length': String(body.length)}).page('/fits', body.subarray(0, 102_400));
	server.on('/chunked', (_request, response) => {
		response.write(body.subarray(0, 50_000));
		response.end(body.subarray(50_000));
	});
	server.page('/bomb', bomb, {'content-encoding': 'gzip'});
	const dir = await folder(t);
	const urls = ['/announced', '/bomb', '/chunked', '/fits'].map(name => server.url(name)).join(' ');
	const {status, results} = await records(t, `--compressed --max-size 100K -d ${dir} ${urls}`);
	assert.equal(status, 1);
	assert.deepEqual(
		results.map(({error}) => error?.code),
		['TOO_LARGE', 'TOO_LARGE', 'TOO_LARGE', undefined],
	);
	assert.match(results[0]?.error?.message ?? '', /^the body is longer than 102\.?\d* kB$/);
	assert.match(results[1]?.error?.message ?? '', /^the decoded body is longer than/);
	const found = await files(dir);
	assert.ok(!found.includes('announced') && !found.includes('announced.part'));
	for (const name of found) assert.ok((await stat(path.join(dir, name))).size <= 102_400, name);
	assert.equal(results.filter(({attempts}) => attempts === 1).length, 4, 'another try would not help');
});

test('a template gives each of several URLs its place', async t => {
	const server = await startServer(t);
	server.page('*', 'x');
	const dir = await folder(t);
	const urls = ['/one/a.txt', '/two/a.txt?b=c'].map(name => `'${server.url(name)}'`).join(' ');
	const args = `-o '{path}' -d ${dir} ${urls}`;
	assert.deepEqual(
		(await records(t, args)).results.map(result => result.path),
		['one/a.txt', 'two/a.txt'],
	);
	assert.deepEqual(
		(await records(t, args)).results.map(({state}) => state),
		['skipped', 'skipped'],
	);
	assert.deepEqual(await files(dir), ['one', 'two']);
	const other = await records(t, `-o '{index:3}-{name}-{query}{ext}' -d ${dir} ${urls}`);
	assert.deepEqual(
		other.results.map(({state, path: name}) => `${state} ${name}`),
		['done 001-a-.txt', 'done 002-a-b=c.txt'],
	);
});

test('a link to a folder elsewhere is not followed, whether it was there before or comes later', async t => {
	const server = await startServer(t);
	server.page('*', 'x');
	const [dir, outside] = [await folder(t), await folder(t)];
	await symlink(outside, path.join(dir, 'linked'));
	await mkdir(path.join(dir, 'real'));
	await symlink(outside, path.join(dir, 'real', 'deep'));
	const r = rig(t, {dir, output: '{path}'});
	const results = await r.run(...['/linked/a', '/real/deep/a', '/real/a'].map(name => server.url(name)));
	assert.deepEqual(
		results.map(({error}) => error?.code),
		['ELOOP', 'ELOOP', undefined],
	);
	assert.match(results[0]?.error?.message ?? '', /linked is a symbolic link/);
	assert.deepEqual(await list(outside), []);
	assert.deepEqual(await list(dir), ['linked', 'real']);
});

test('a file that an earlier run finished is verified before it is trusted, and fetched again if it does not match', async t => {
	const server = await startServer(t);
	server.page('/file', body);
	const dir = await folder(t);
	const args = `-d ${dir} --checksum sha-256=${sha256(body)} ${server.url('/file')}`;
	assert.deepEqual(
		(await records(t, args)).results.map(({state}) => state),
		['done'],
	);
	const again = await records(t, args);
	assert.deepEqual(
		again.results.map(({state, sha256: hex}) => [state, hex]),
		[['skipped', sha256(body)]],
	);
	await writeFile(path.join(dir, 'file'), Buffer.alloc(body.length, 'x'));
	assert.deepEqual(
		(await records(t, args)).results.map(({state}) => state),
		['done'],
	);
	await assertFile(dir, 'file', body);
	assert.equal(server.asked('/file').length, 2);
	assert.equal((await records(t, args.replace(sha256(body), sha256(Buffer.from('other'))))).status, 1);
	await assertFile(dir, 'file', body);
});
