import assert from 'node:assert/strict';
import {readFile, rm, stat, utimes, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {TestContext} from 'node:test';
import type {InputItem} from '../source/engine/intake.ts';
import type {Result} from '../source/engine/task.ts';
import {journalName, openJournal} from '../source/storage/journal.ts';
import {folder, list, rig, test, turn} from './helpers/engine.ts';
import {assertFile, patterned, serving, type Version} from './helpers/large.ts';
import {run as program, start} from './helpers/program.ts';
import {startServer, type TestServer} from './helpers/server.ts';

const body = patterned(300_000);
const newer = patterned(250_000, 7);
const overlap = 4 * 1024;
const dates = {old: 'Thu, 01 Jan 2026 00:00:00 GMT', newer: 'Fri, 02 Jan 2026 00:00:00 GMT'};

type Options = Parameters<typeof rig>[1] & {fresh?: boolean};

/** The same command again: a run in this folder that knows what the earlier ones did. */
async function run(
	t: TestContext,
	dir: string,
	items: Array<InputItem | string>,
	{fresh = false, ...options}: Options = {},
): Promise<Result[]> {
	const journal = await openJournal(dir, {fresh});
	const results = await rig(t, {dir, journal, ...options}).run(...items);
	await journal.close();
	return results;
}

/** What is there beside the journal. */
const files = async (dir: string) => (await list(dir)).filter(name => !name.startsWith('.fetchtop'));
const outcome = ({state, path: name}: Result) => `${state} ${name}`;
const ranges = (server: TestServer) => server.seen.map(({headers}) => headers.range);

/** Answers a conditional request as RFC 9110 has it. */
function conditional(server: TestServer, current: () => Version): string {
	server.on(
		'/file',
		serving(current, ({request: {headers}, response, serve}) => {
			const {etag, lastModified} = current();
			const isSame = etag ? headers['if-none-match'] === etag : headers['if-modified-since'] === lastModified;
			const asks = headers['if-none-match'] ?? headers['if-modified-since'];
			if (asks !== undefined && isSame) response.writeHead(304).end();
			else serve();
		}),
	);
	return server.url('/file');
}

/** Sends so many bytes and closes, once; then all of it to whoever asks. */
function breaking(server: TestServer, bytes: number, current: () => Version): string {
	server.on(
		'/file',
		serving(current, async ({index, begin, response, serve}) => {
			if (index > 0) return serve();
			await begin(bytes);
			response.destroy();
		}),
	);
	return server.url('/file');
}

test('what is done is skipped without a request, with the record it had', async t => {
	const server = await startServer(t);
	server.page('/a', '<title>A</title>', {'content-type': 'text/html'}).page('/b', 'b');
	const dir = await folder(t);
	const urls = [server.url('/a'), server.url('/b')];
	const first = await run(t, dir, urls);
	const second = await run(t, dir, urls);
	assert.equal(server.seen.length, 2);
	assert.deepEqual(second.map(outcome), ['skipped a.html', 'skipped b']);
	for (const [index, {title, status, contentType, ok}] of second.entries())
		assert.deepEqual([title, status, contentType, ok], [first[index]?.title, 200, first[index]?.contentType, true]);
	assert.deepEqual(await files(dir), ['a.html', 'b']);
});

test('what broke off in one run is gone on from in the next', async t => {
	const server = await startServer(t);
	const url = breaking(server, 100_000, () => ({body, etag: '"1"'}));
	const dir = await folder(t);
	assert.equal((await run(t, dir, [url]))[0]?.error?.code, 'CLOSED_EARLY');
	assert.deepEqual(await files(dir), ['file.part']);
	assert.deepEqual((await run(t, dir, [url])).map(outcome), ['done file']);
	assert.deepEqual(ranges(server), [undefined, `bytes=${100_000 - overlap}-`]);
	await assertFile(dir, 'file', body);
	assert.deepEqual(await files(dir), ['file']);
});

test('what a killed program had received is not fetched again', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	const version = {body: patterned(2 ** 22), etag: '"1"'};
	server.on(
		'/file',
		serving(
			() => version,
			({begin, response}) => {
				void begin(4_096);
				// As slow as a real one, so that it is seen on its way.
				let sent = 4_096;
				const sending = setInterval(() => {
					response.write(version.body.subarray(sent, sent + 4_096));
					sent += 4_096;
				}, 5);
				response.once('close', () => clearInterval(sending));
			},
		),
	);
	const killed = start(t, `--quiet -d ${dir} ${server.url('/file')}`);
	const journal = () => readFile(path.join(dir, journalName), 'utf8').catch(() => '');
	while (!/"saved".*"ranges":\[\[0/.test(await journal())) await turn();
	killed.child.kill('SIGKILL');
	await killed.ended;
	const {size} = await stat(path.join(dir, 'file.part'));
	server.on(
		'/file',
		serving(() => version),
	);
	assert.deepEqual((await run(t, dir, [server.url('/file')])).map(outcome), ['done file']);
	assert.deepEqual(ranges(server), [undefined, `bytes=${size - overlap}-`]);
	await assertFile(dir, 'file', version.body);
});

for (const [what, again] of [
	['canceled before its turn and tried again', ['cancel', 'retry']],
	['paused and resumed before its turn', ['pause-task', 'resume-task']],
] as const) {
	test(`a task that is ${what} is gone on with all the same`, async t => {
		const server = await startServer(t);
		const url = breaking(server, 100_000, () => ({body, etag: '"1"'}));
		server.page('/done', 'x');
		const dir = await folder(t);
		await run(t, dir, [url, server.url('/done')]);
		const gate = server.hold('/held');
		// Once while they wait for their turn, and once while the disk is asked about them.
		for (const concurrency of [1, 3]) {
			const journal = await openJournal(dir);
			const r = rig(t, {dir, journal, concurrency});
			const ended = r.run(server.url('/held'), url, server.url('/done'));
			await r.seen('queued', 't3');
			for (const id of ['t2', 't3'] as const) for (const type of again) r.dispatch({type, id});
			gate.open();
			const last = new Map((await ended).map(result => [result.url, outcome(result)]));
			assert.equal(last.get(url), concurrency === 1 ? 'done file' : 'skipped file');
			assert.equal(last.get(server.url('/done')), 'skipped done');
			await journal.close();
		}
		assert.deepEqual(await files(dir), ['done', 'file', 'held']);
		assert.equal(server.asked('/done').length, 1);
	});
}

test('a task that failed is tried again, and one that was done beside it is not', async t => {
	const server = await startServer(t);
	server.page('/there', 'x');
	const dir = await folder(t);
	const urls = [server.url('/missing'), server.url('/there')];
	assert.deepEqual((await run(t, dir, urls)).map(outcome), ['failed null', 'done there']);
	server.page('/missing', 'y');
	assert.deepEqual((await run(t, dir, urls)).map(outcome), ['done missing', 'skipped there']);
	assert.equal(server.asked('/there').length, 1);
});

for (const [named, old, next] of [
	['ETag', {etag: '"1"'}, {etag: '"2"'}],
	['date', {lastModified: dates.old}, {lastModified: dates.newer}],
] as const) {
	test(`--update asks by ${named}: what is the same is skipped, and what changed replaces the file`, async t => {
		const server = await startServer(t);
		const dir = await folder(t);
		let version: Version = {body, ...old};
		const url = conditional(server, () => version);
		await run(t, dir, [url]);
		assert.deepEqual((await run(t, dir, [url], {update: true})).map(outcome), ['skipped file']);
		const {headers = {}} = server.seen[1] ?? {};
		assert.equal(headers['if-none-match'] ?? headers['if-modified-since'], Object.values(old)[0]);
		version = {body: newer, ...next};
		assert.deepEqual((await run(t, dir, [url], {update: true})).map(outcome), ['done file']);
		await assertFile(dir, 'file', newer);
		assert.deepEqual((await run(t, dir, [url], {update: true})).map(outcome), ['skipped file']);
		assert.equal(server.seen.length, 4);
		assert.deepEqual(await files(dir), ['file']);
	});
}

test('--update fetches again what has nothing that names its version, and replaces it', async t => {
	const server = await startServer(t);
	server.page('/a', 'old');
	const dir = await folder(t);
	await run(t, dir, [server.url('/a')]);
	server.page('/a', 'newer');
	assert.deepEqual((await run(t, dir, [server.url('/a')], {update: true})).map(outcome), ['done a']);
	assert.equal(await readFile(path.join(dir, 'a'), 'utf8'), 'newer');
	assert.deepEqual(await files(dir), ['a']);
});

test('a file that somebody edited without changing its size is skipped, but never replaced', async t => {
	const server = await startServer(t);
	server.page('/a', 'ours', {etag: '"1"'});
	const dir = await folder(t);
	const url = server.url('/a');
	await run(t, dir, [url]);
	await writeFile(path.join(dir, 'a'), 'mine');
	const later = new Date(Date.now() + 3_600_000);
	await utimes(path.join(dir, 'a'), later, later);
	assert.deepEqual((await run(t, dir, [url])).map(outcome), ['skipped a']);
	server.page('/a', 'next', {etag: '"2"'});
	assert.deepEqual((await run(t, dir, [url], {update: true})).map(outcome), ['done a.1']);
	assert.equal(await readFile(path.join(dir, 'a'), 'utf8'), 'mine');
	assert.equal(await readFile(path.join(dir, 'a.1'), 'utf8'), 'next');
});

test('--update leaves the file alone until the new one is whole, however many runs that takes', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	server.page('/file', body, {etag: '"1"'});
	await run(t, dir, [server.url('/file')]);
	server.on('/file', (_request, response) => response.writeHead(503).end());
	assert.equal((await run(t, dir, [server.url('/file')], {update: true}))[0]?.state, 'failed');
	const url = breaking(server, 100_000, () => ({body: newer, etag: '"2"'}));
	assert.equal((await run(t, dir, [url], {update: true}))[0]?.state, 'failed');
	await assertFile(dir, 'file', body);
	assert.deepEqual((await run(t, dir, [url])).map(outcome), ['done file']);
	assert.equal(ranges(server).at(-1), `bytes=${100_000 - overlap}-`);
	await assertFile(dir, 'file', newer);
	assert.deepEqual(await files(dir), ['file']);
});

test('--fresh fetches everything again under the names it has, and begins parts anew', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	server.page('/a', 'old').page('/x/a', 'old too');
	const urls = [server.url('/a'), server.url('/x/a'), breaking(server, 100_000, () => ({body, etag: '"1"'}))];
	assert.deepEqual((await run(t, dir, urls, {concurrency: 1})).map(outcome), ['done a', 'done a.1', 'failed null']);
	server.page('/a', 'new').page('/x/a', 'new too');
	const results = await run(t, dir, urls, {concurrency: 1, fresh: true});
	assert.deepEqual(results.map(outcome), ['done a', 'done a.1', 'done file']);
	assert.deepEqual(await files(dir), ['a', 'a.1', 'file']);
	assert.equal(await readFile(path.join(dir, 'a'), 'utf8'), 'new');
	assert.equal(await readFile(path.join(dir, 'a.1'), 'utf8'), 'new too');
	assert.equal(ranges(server).at(-1), undefined);
});

test('a file that is gone is fetched again under its name', async t => {
	const server = await startServer(t);
	server.page('/a', 'x');
	const dir = await folder(t);
	await run(t, dir, [server.url('/a')]);
	await rm(path.join(dir, 'a'));
	assert.deepEqual((await run(t, dir, [server.url('/a')])).map(outcome), ['done a']);
});

for (const options of [{}, {update: true}, {fresh: true}]) {
	const how = Object.keys(options)[0] ?? 'nothing else';
	test(`a file that somebody changed stays as it is, with ${how} asked for, and the body gets a free name`, async t => {
		for (const mine of ['mine, and longer', 'mi']) {
			const server = await startServer(t);
			server.page('/a', 'x12', {etag: '"1"'});
			const dir = await folder(t);
			await run(t, dir, [server.url('/a')]);
			await writeFile(path.join(dir, 'a'), mine);
			assert.deepEqual((await run(t, dir, [server.url('/a')], options)).map(outcome), ['done a.1']);
			assert.equal(await readFile(path.join(dir, 'a'), 'utf8'), mine);
			assert.deepEqual((await run(t, dir, [server.url('/a')])).map(outcome), ['skipped a.1']);
		}
	});
}

test('--overwrite replaces what is not ours, and is done then', async t => {
	const server = await startServer(t);
	server.page('/a', 'theirs');
	const dir = await folder(t);
	await writeFile(path.join(dir, 'a'), 'mine');
	await writeFile(path.join(dir, 'a.part'), 'mine too');
	assert.deepEqual((await run(t, dir, [server.url('/a')], {overwrite: true})).map(outcome), ['done a']);
	assert.equal(await readFile(path.join(dir, 'a'), 'utf8'), 'theirs');
	assert.deepEqual((await run(t, dir, [server.url('/a')], {overwrite: true})).map(outcome), ['skipped a']);
	assert.deepEqual(await files(dir), ['a']);
});

test('the same URL under another name is another task', async t => {
	const server = await startServer(t);
	server.page('/a', 'x');
	const dir = await folder(t);
	const url = server.url('/a');
	await run(t, dir, [{url, output: 'one'}]);
	assert.deepEqual(
		(
			await run(t, dir, [
				{url, output: 'two'},
				{url, output: 'one'},
			])
		).map(outcome),
		['done two', 'skipped one'],
	);
	for (const name of ['three', 'four', 'three']) {
		const {status, stderr} = await program(t, `-o ${name} -d ${dir} ${url}`);
		assert.deepEqual([status, stderr], [0, '']);
	}
	assert.deepEqual(await files(dir), ['four', 'one', 'three', 'two']);
	assert.equal(server.seen.length, 4);
});

test('the URLs of one name that were two tasks are two files in every run', async t => {
	const server = await startServer(t);
	server.page('/a', 'x');
	const dir = await folder(t);
	const urls = [server.url('/a'), server.url('/a')];
	const options = {concurrency: 1, duplicates: true};
	assert.deepEqual((await run(t, dir, urls, options)).map(outcome), ['done a', 'done a.1']);
	const again = await run(t, dir, urls, options);
	assert.ok(again.every(({state}) => state === 'skipped'));
	assert.equal(server.seen.length, 2);
	assert.deepEqual(await files(dir), ['a', 'a.1']);
});

test('of two programs in one folder the second leaves with one line, and the first goes on', async t => {
	const server = await startServer(t);
	const gate = server.hold('/a');
	const dir = await folder(t);
	const first = start(t, `--plain -d ${dir} ${server.url('/a')}`);
	await server.arrived(1);
	const second = await program(t, `-d ${dir} ${server.url('/a')}`);
	assert.equal(second.status, 2);
	assert.match(second.stderr, /^fetchtop: another fetchtop \(process \d+\) is saving into the folder ".*"; .*\n$/);
	assert.ok(second.stderr.includes(JSON.stringify(dir)));
	gate.open();
	assert.equal((await first.ended).status, 0);
	assert.equal(server.seen.length, 1);
	assert.deepEqual(await files(dir), ['a']);
	assert.equal((await program(t, `-d ${dir} ${server.url('/a')}`)).status, 0);
});

test('what --save-failed wrote is a list of just that, for another run', async t => {
	const server = await startServer(t);
	server.page('/a', 'x').page('/c', 'x');
	const dir = await folder(t);
	const urls = ['/a', '/b', '/c'].map(name => server.url(name)).join(' ');
	const failed = path.join(await folder(t), 'failed.txt');
	assert.equal((await program(t, `--save-failed ${failed} -d ${dir} ${urls}`)).status, 1);
	server.page('/b', 'x');
	const {status, stdout} = await program(t, `--json --save-failed ${failed} -i ${failed} -d ${dir}`);
	assert.equal(status, 0);
	assert.deepEqual(
		stdout
			.trim()
			.split('\n')
			.map(line => JSON.parse(line).url),
		[server.url('/b')],
	);
	assert.doesNotMatch(await readFile(failed, 'utf8'), /^[^#]/m);
	assert.deepEqual(await files(dir), ['a', 'b', 'c']);
});
