import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {syncBuiltinESMExports} from 'node:module';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {TestContext} from 'node:test';
import {sizeOf} from '../source/engine/ranges.ts';
import type {Result} from '../source/engine/task.ts';
import {openJournal} from '../source/storage/journal.ts';
import {smallSize} from '../source/storage/small-file.ts';
import {folder, list, rig, test} from './helpers/engine.ts';
import {assertFile, MiB, patterned, serving} from './helpers/large.ts';
import {run as program} from './helpers/program.ts';
import {Gate, startServer} from './helpers/server.ts';

const body = patterned(MiB);
const name = (index: number) => `file${index}`;

/** Only root may make a disk. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
const mounted = canMount
	? test
	: (title: string) => test(title, t => t.skip('needs root on Linux, to mount a small disk'));

/** A disk of its own in a folder of its own, gone after the test. */
async function disk(t: TestContext, size: string): Promise<string> {
	const outer = await mkdtemp(path.join(tmpdir(), 'fetchtop-'));
	const dir = path.join(outer, 'disk');
	await mkdir(dir);
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'fetchtop-test', dir]);
	t.after(async () => {
		execFileSync('umount', ['-l', dir]);
		await rm(outer, {recursive: true, force: true});
	});
	return dir;
}
const remount = (dir: string, option: string) => execFileSync('mount', ['-o', `remount,${option}`, dir]);

/** What is there beside the journal. */
const files = async (dir: string) => (await list(dir)).filter(entry => !entry.startsWith('.fetchtop'));

mounted('on a full disk tasks fail, keep what there was room for, and are gone on with when there is more', async t => {
	const server = await startServer(t);
	server.on(
		'*',
		serving(() => ({body, etag: '"1"'})),
	);
	const dir = await disk(t, '2560k');
	const args = `--json -c 1 -d ${dir} ${[1, 2, 3].map(index => server.url(`/${name(index)}`)).join(' ')}`;
	const first = await program(t, args);
	assert.equal(first.status, 1);
	const records = first.stdout
		.trim()
		.split('\n')
		.map(line => JSON.parse(line));
	assert.deepEqual(
		records.map(({state}) => state),
		['done', 'done', 'failed'],
	);
	assert.equal(records[2].error.code, 'ENOSPC');
	assert.match(records[2].error.message, /^the disk is full/);
	assert.deepEqual(await files(dir), ['file1', 'file2', 'file3.part']);
	remount(dir, 'size=4m');
	assert.equal((await program(t, args)).status, 0);
	assert.match(server.seen[3]?.headers.range ?? '', /^bytes=[1-9]\d{5}/);
	for (const index of [1, 2, 3]) await assertFile(dir, name(index), body);
	assert.deepEqual(await files(dir), ['file1', 'file2', 'file3']);
});

mounted('a disk so full that not even the journal finds room loses no file and no words', async t => {
	const server = await startServer(t);
	server.on(
		'*',
		serving(() => ({body, etag: '"1"'})),
	);
	const dir = await disk(t, '1m');
	await writeFile(path.join(dir, 'filler'), Buffer.alloc(MiB)).catch(() => {});
	const {status, stderr} = await program(t, `--plain -d ${dir} ${server.url('/a')} ${server.url('/b')}`);
	assert.equal(status, 1);
	assert.match(stderr, /^fetchtop: the journal in ".*" broke off: the disk is full$/m);
	assert.deepEqual(await files(dir), ['filler']);
	await rm(path.join(dir, 'filler'));
	remount(dir, 'size=4m');
	assert.equal((await program(t, `--plain -d ${dir} ${server.url('/a')} ${server.url('/b')}`)).status, 0);
	for (const file of ['a', 'b']) await assertFile(dir, file, body);
});

mounted('a full disk is no concern of tasks whose folder is on another one', async t => {
	const server = await startServer(t);
	server.on(
		'*',
		serving(() => ({body, etag: '"1"'})),
	);
	const dir = path.dirname(await disk(t, '512k'));
	const results = await rig(t, {dir}).run(
		{url: server.url('/a'), output: 'disk/a'},
		{url: server.url('/b'), output: 'b'},
		{url: server.url('/c'), output: 'c/c'},
	);
	assert.deepEqual(
		results.map(({error}) => error?.code),
		['ENOSPC', undefined, undefined],
	);
	for (const file of ['b', 'c/c']) await assertFile(dir, file, body);
});

mounted('what several connections got onto a disk before it was full is right, and not fetched again', async t => {
	const server = await startServer(t);
	const large = patterned(34 * MiB);
	server.on(
		'*',
		serving(() => ({body: large, etag: '"1"'})),
	);
	const dir = await disk(t, '12m');
	const r = rig(t, {dir, connections: 3});
	assert.equal((await r.fetch(server.url('/large'))).error?.code, 'ENOSPC');
	const {ranges = []} = r.store.get('t1')?.part ?? {};
	assert.ok(sizeOf(ranges) > MiB);
	const part = await readFile(path.join(dir, 'large.part'));
	for (const [start, end] of ranges) assert.ok(part.subarray(start, end).equals(large.subarray(start, end)));
	remount(dir, 'size=40m');
	const before = server.seen.length;
	r.dispatch({type: 'retry', id: 't1'});
	await r.seen('done');
	await assertFile(dir, 'large', large);
	const asked = server.seen.slice(before).map(({headers}) => /=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []);
	const bytes = asked.map(([, from, to]): [number, number] => [Number(from), to ? Number(to) + 1 : large.length]);
	assert.ok(sizeOf(bytes) <= large.length - sizeOf(ranges) + ranges.length * 4_096);
});

mounted('a run that waits for room says how much it needs, and goes on to its end when there is some', async t => {
	const server = await startServer(t);
	server.on(
		'*',
		serving(() => ({body, etag: '"1"'})),
	);
	const dir = await disk(t, '2560k');
	const journal = await openJournal(dir);
	const r = rig(t, {dir, journal, attended: true});
	const ended = r.run(...Array.from({length: 8}, (_, index) => server.url(`/${name(index)}`)));
	const {why} = await r.seen('run', undefined, 2);
	assert.equal(why?.code, 'ENOSPC');
	assert.match(why?.message ?? '', /^the disk is full: (at least )?\d[\d.]* [kM]?B more needed$/);
	assert.equal(r.store.run.state, 'paused');
	remount(dir, 'size=16m');
	while (r.store.counts.done < 8) {
		// Those that met the full disk a little later pause it again.
		r.dispatch({type: 'resume'});
		await r.changed();
	}
	const results = await ended;
	assert.deepEqual(
		results.map(({state}) => state),
		results.map(() => 'done'),
	);
	for (const result of results) await assertFile(dir, result.path ?? '', body);
	assert.equal((await files(dir)).length, 8, 'and no part is left');
	await journal.close();
});

mounted('a folder that cannot be written to is told in one line before anything starts', async t => {
	const server = await startServer(t);
	const dir = await disk(t, '1m');
	remount(dir, 'ro');
	const {status, stderr, stdout} = await program(t, `-d ${dir} ${server.url('/a')}`);
	assert.equal(status, 2);
	assert.ok(
		stderr.startsWith(`fetchtop: cannot write to the folder ${JSON.stringify(dir)}: the file system is read-only`),
	);
	assert.match(stderr, /^.*\n$/, 'one line');
	assert.deepEqual([stdout, server.seen.length], ['', 0]);
});

test('a file where the folder should be is told in one line before anything starts', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	await writeFile(path.join(dir, 'file'), 'mine');
	for (const given of ['file', 'file/below']) {
		const {status, stderr} = await program(t, `-d ${given} ${server.url('/a')}`, {cwd: dir});
		assert.equal(status, 2);
		assert.match(stderr, /^fetchtop: cannot write to the folder "file.*": a file .*\n$/);
	}
	assert.equal(server.seen.length, 0);
	assert.equal(await readFile(path.join(dir, 'file'), 'utf8'), 'mine');
});

test('a file where a folder of a template should be fails that task only', async t => {
	const server = await startServer(t);
	server.page('*', 'x');
	const dir = await folder(t);
	await writeFile(path.join(dir, 'one'), 'mine');
	const results = await rig(t, {dir, output: '{path}'}).run(server.url('/one/a'), server.url('/two/a'));
	assert.deepEqual(
		results.map(({error}) => error?.code),
		['ENOTDIR', undefined],
	);
	assert.match(results[0]?.error?.message ?? '', /one is a file where a folder is needed$/);
	assert.equal(await readFile(path.join(dir, 'one'), 'utf8'), 'mine');
});

test('a name that a folder has already is not free', async t => {
	const server = await startServer(t);
	server.page('*', 'x');
	const dir = await folder(t);
	await mkdir(path.join(dir, 'a'));
	await mkdir(path.join(dir, 'b.part'));
	const results = await rig(t, {dir}).run(server.url('/a'), server.url('/b'));
	assert.deepEqual(
		results.map(result => result.path),
		['a.1', 'b.1'],
	);
	await mkdir(path.join(dir, 'c'));
	await writeFile(path.join(dir, 'c', 'mine'), 'mine');
	const [overwriting] = await rig(t, {dir, overwrite: true}).run(server.url('/c'));
	assert.equal(overwriting?.error?.code, 'EISDIR', 'nor is a folder ever replaced');
	assert.equal(await readFile(path.join(dir, 'c', 'mine'), 'utf8'), 'mine');
});

test('a folder that vanishes while a body arrives fails its tasks clearly, and no other', async t => {
	const server = await startServer(t);
	const gate = new Gate();
	server.on(
		'*',
		serving(
			() => ({body, etag: '"1"'}),
			async ({begin, response}) => {
				await begin(500_000);
				await gate.opened;
				response.end(body.subarray(500_000));
			},
		),
	);
	const dir = await folder(t);
	const r = rig(t, {dir, output: '{path}'});
	const ended = r.run(server.url('/one/a'), server.url('/one/b'), server.url('/two/a'));
	for (const id of ['t1', 't2', 't3'] as const) await r.received(id, 500_000);
	await rm(path.join(dir, 'one'), {recursive: true});
	gate.open();
	const results = await ended;
	assert.deepEqual(
		results.map(({error}) => error?.code),
		['ENOENT', 'ENOENT', undefined],
	);
	await assertFile(dir, 'two/a', body);
	r.dispatch({type: 'retry-failed'});
	await r.seen('done', 't1');
	await r.seen('done', 't2');
	for (const file of ['one/a', 'one/b']) await assertFile(dir, file, body);
});

test('with too few file descriptors tasks take longer, and none is lost', async t => {
	const server = await startServer(t);
	// Small ones are written at once, and keep no file open.
	const large = 4 * smallSize + 2;
	server.on('*', async (request, response) => {
		const body = request.url?.padEnd(large) ?? '';
		response.writeHead(200, {'content-length': large}).write(body.slice(0, large - 1));
		// None of the first forty ends before one of them had to give up.
		await server.until(() => server.seen.length > 40);
		response.end(body.slice(-1));
	});
	const dir = await folder(t);
	const urls = Array.from({length: 60}, (_, index) => server.url(`/${name(index)}\n`));
	await writeFile(path.join(dir, 'list'), urls.join(''));
	const args = '--json -c 40 --retries 30 -d out -i list';
	const {status, stdout} = await program(t, args, {cwd: dir, before: 'ulimit -n 76'});
	const records: Result[] = stdout
		.trim()
		.split('\n')
		.map(line => JSON.parse(line));
	assert.deepEqual([status, records.length], [0, urls.length]);
	assert.ok(
		records.some(({attempts}) => attempts > 1),
		'there were too few',
	);
	assert.equal((await files(path.join(dir, 'out'))).length, urls.length);
	for (const {path: file, url} of records)
		assert.equal(await readFile(path.join(dir, 'out', file ?? ''), 'utf8'), new URL(url).pathname.padEnd(large));
});

test('a thousand bodies of one name become as many files, and the disk is asked for each of them but a few times', async t => {
	const server = await startServer(t);
	server.on('*', (request, response) => void response.end(request.url));
	const dir = await folder(t);
	const urls = Array.from({length: 1_000}, (_, index) => server.url(`/${index}/same.txt`));
	// To look, to make a part, and to give it its name.
	const calls = {lstatSync: 0, openSync: 0, linkSync: 0};
	for (const name of ['lstatSync', 'openSync', 'linkSync'] as const) {
		const real = fs[name] as (...args: unknown[]) => unknown;
		const counted = (...args: unknown[]) => {
			calls[name]++;
			return real(...args);
		};
		Object.assign(fs, {[name]: counted});
		t.after(() => {
			Object.assign(fs, {[name]: real});
			syncBuiltinESMExports();
		});
	}
	syncBuiltinESMExports();
	const results = await rig(t, {dir, concurrency: 64}).run(...urls);
	const {lstatSync, openSync, linkSync} = calls;
	const asked = lstatSync + openSync + linkSync;
	assert.ok(openSync >= 1_000 && linkSync >= 1_000 && asked < 8_000, JSON.stringify(calls));
	assert.equal(new Set(results.map(result => result.path)).size, 1_000);
	assert.equal((await list(dir)).length, 1_000);
	for (const result of results.filter((_, index) => index % 100 === 0))
		assert.equal(await readFile(path.join(dir, result.path ?? ''), 'utf8'), new URL(result.url).pathname);
});
