import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext} from 'node:test';
import {pathToFileURL} from 'node:url';
import {gzipSync} from 'node:zlib';
import {defaults, type Options} from '../source/cli/options.ts';
import type {Digest} from '../source/engine/seams.ts';
import type {TaskId} from '../source/engine/task.ts';
import {parseField} from '../source/extract/fields.ts';
import {openParts} from '../source/parts.ts';
import {FolderClaims} from '../source/storage/claims.ts';
import {type Journal, openJournal} from '../source/storage/journal.ts';
import {Crew} from '../source/threads/crew.ts';
import {openRemoteWork} from '../source/threads/remote-work.ts';
import {openWork} from '../source/work.ts';
import {folder, list, type Rig, rig, test, turn} from './helpers/engine.ts';
import {assertFile, MiB, patterned, serving} from './helpers/large.ts';
import {run} from './helpers/program.ts';
import {Gate, ranged, startServer, type TestServer} from './helpers/server.ts';

type Crewed = Partial<Options> & {journal?: Journal; sums?: ReadonlyMap<string, Digest>};

/** An engine whose attempts are shared out over so many threads; the test's own is the engine's. */
async function crewed(t: TestContext, {threads = 4, journal, sums = new Map(), dir, ...given}: Crewed): Promise<Rig> {
	const options: Options = {...defaults, retries: 0, save: dir !== undefined, ...given, ...(dir && {dir})};
	const shared = {
		claims: new FolderClaims(options),
		checksum: (_url: string, name: string) => sums.get(name),
		recorded: () => journal?.written(),
	};
	const {connections} = options;
	const network = {proxies: {}};
	const crew = threads > 1 ? await Crew.open({threads, options, network, connections, folder: shared}) : undefined;
	t.after(() => crew?.close());
	const {checksum: _, cookie: __, netrc: ___, random: ____, ...settings} = options;
	const r = rig(t, {
		...settings,
		...(journal && {journal}),
		...(await openParts(options, network, shared)),
		...(crew && {attempting: crew.attempting}),
	});
	crew?.follow(r.engine);
	return r;
}

/** Counts the requests that are made in this thread. */
function countOwn(t: TestContext): () => number {
	let count = 0;
	const listen = () => {
		count++;
	};
	diagnostics.subscribe('undici:request:create', listen);
	t.after(() => diagnostics.unsubscribe('undici:request:create', listen));
	return () => count;
}

const urls = (server: TestServer, count: number, name = '') =>
	Array.from({length: count}, (_, index) => server.url(`/${name}${index + 1}`));

const turns = async (count: number) => {
	for (let left = count; left > 0; left--) await turn();
};

suite('several threads', () => {
	test('run no more tasks at once than one does, and none in the thread of the engine', async t => {
		const server = await startServer(t);
		const gate = server.hold('*');
		const own = countOwn(t);
		const r = await crewed(t, {concurrency: 6});
		const ended = r.run(...urls(server, 40));
		await server.arrived(6);
		assert.equal(own(), 0);
		r.dispatch({type: 'set-concurrency', value: 9});
		await server.arrived(9);
		assert.equal(own(), 0);
		r.dispatch({type: 'set-concurrency', value: 2});
		assert.equal(server.most, 9);
		const next = server.hold('*');
		gate.open();
		await server.arrived(11);
		await turns(100);
		assert.equal(server.active, 2);
		server.page('*');
		next.open();
		await ended;
		assert.equal(server.seen.length, 40);
		assert.equal(r.store.counts.done, 40);
		assert.equal(r.store.received, 40);
	});

	test('make the same of a mixed list as one, and the same files', async t => {
		const server = await startServer(t);
		const large = patterned(34 * MiB);
		const middle = patterned(300_000, 7);
		const sum = (body: Buffer): Digest => ({
			algorithm: 'sha256',
			hex: createHash('sha256').update(body).digest('hex'),
		});
		const html = {'content-type': 'text/html; charset=utf-8'};
		server.page('/page', '<title>A page</title><p class=x>one</p><p class=x>two</p>', html);
		server.page('/gzip', gzipSync('<title>Packed</title>'), {...html, 'content-encoding': 'gzip'});
		server.on('/moved', (_request, response) => response.writeHead(302, {location: '/page?moved'}).end());
		server.on('/loop', (_request, response) => response.writeHead(302, {location: '/loop'}).end());
		server.on('/refused', (_request, response) => response.writeHead(403).end());
		let asked = 0;
		server.on('/flaky', (_request, response) => response.writeHead(asked++ % 2 === 0 ? 500 : 200).end('at last'));
		server.on('/short', (_request, response) => {
			response.writeHead(200, {'content-length': 10}).write('short', () => response.destroy());
		});
		server.page('/long', 'x', {'content-length': String(40 * MiB)});
		server.page('/empty', '');
		server.page('/sum.bin', middle);
		server.page('/bad.bin', middle);
		server.on(
			'/large',
			ranged(large, () => '"1"'),
		);
		for (const number of [1, 2, 3, 4, 5, 6]) server.page(`/${number}/same.txt`, `number ${number}`);
		const paths = 'page gzip moved loop refused flaky short long empty sum.bin bad.bin large missing'.split(' ');
		const items = [
			...paths.map(name => server.url(`/${name}`)),
			...[1, 2, 3, 4, 5, 6].map(number => server.url(`/${number}/same.txt`)),
			'nonsense',
			server.url('/page'),
			{url: server.url('/page?named'), output: 'of/its/own.html', headers: [['x-own', 'yes'] as const]},
		];
		const outcome = async (threads: number) => {
			const dir = await folder(t);
			const r = await crewed(t, {
				...{threads, dir, concurrency: 7, connections: 3, retries: 1, maxSize: 35 * MiB},
				extract: [parseField('x=.x')],
				checksums: 'a list',
				sums: new Map([
					['sum.bin', sum(middle)],
					['bad.bin', sum(large)],
				]),
			});
			// Nobody waits for what is tried again.
			r.engine.subscribe(event => {
				if (event.type === 'waiting') setImmediate(() => r.clock.advance(60_000));
			});
			const results = await r.run(...items);
			const files = await list(dir);
			// Who comes first gets the name.
			const isShared = (name: string | null) => /^(same|page)/.test(name ?? '');
			return {
				results: results.map(({startedAt: _, seconds: __, timings: ___, path: name, ...rest}) => ({
					...rest,
					path: isShared(name) ? 'shared' : name,
				})),
				paths: [...new Set(results.map(({path: name}) => name))].toSorted(),
				states: results.map((_, index) => r.path(`t${index + 1}`).replaceAll(/ (saved|titled)/g, '')),
				told: results.map((_, index) => {
					const {status, headers = {}, tried} = r.store.get(`t${index + 1}`) ?? {};
					return [status, Object.keys(headers), tried?.map(({failure}) => failure.code)];
				}),
				files,
				same: (
					await Promise.all(files.filter(isShared).map(name => readFile(path.join(dir, name), 'utf8')))
				).toSorted(),
				received: r.store.received,
				dir,
			};
		};
		const own = countOwn(t);
		const {dir: _, received: __, ...alone} = await outcome(1);
		const before = own();
		const {dir, received, ...together} = await outcome(4);
		assert.ok(before > 0);
		assert.equal(own(), before, 'all of it in other threads');
		assert.deepEqual(together, alone);
		assert.equal(together.results[0]?.extracted.x?.length, 2);
		assert.deepEqual(
			together.results.flatMap(({error}) => error?.code ?? []),
			['REDIRECT_LOOP', 'HTTP_403', 'CLOSED_EARLY', 'TOO_LARGE', 'CHECKSUM_MISMATCH', 'HTTP_404', 'INVALID_URL'],
		);
		assert.ok(received >= large.length);
		assert.equal(together.results[9]?.sha256, sum(middle).hex);
		assert.equal(server.asked('/page').filter(({headers}) => headers['x-own'] === 'yes').length, 2);
		await assertFile(dir, 'large', large);
	});

	test('stop together at a pause, and go on together', async t => {
		const server = await startServer(t);
		const [more, sent] = [new Gate(), new Gate()];
		let flushed = 0;
		server.on('*', async (_request, response) => {
			response.writeHead(200, {'content-length': 2_000}).write(Buffer.alloc(1_000));
			await more.opened;
			response.end(Buffer.alloc(1_000), () => {
				if (++flushed === 3) sent.open();
			});
		});
		const r = await crewed(t, {concurrency: 3});
		const ended = r.run(...urls(server, 3));
		for (const id of ['t1', 't2', 't3'] as TaskId[]) await r.received(id, 1_000);
		r.dispatch({type: 'pause'});
		more.open();
		await sent.opened;
		await turns(1_000);
		assert.equal(r.store.received, 3_000);
		assert.equal(r.store.counts.receiving, 3);
		r.dispatch({type: 'resume'});
		await ended;
		assert.equal(r.store.received, 6_000);
		assert.equal(r.store.counts.done, 3);
	});

	test('share one limit of bytes, which can be changed while they wait for it', async t => {
		const server = await startServer(t);
		server.page('*', Buffer.alloc(2_000));
		const own = countOwn(t);
		const limitRate = 1_000;
		const r = await crewed(t, {concurrency: 3, limitRate});
		const ended = r.run(...urls(server, 3));
		await r.seen('receiving', undefined, 3);
		assert.equal(own(), 0);
		// What is saved up for a tenth of a second at most.
		const [begun, saved] = [r.clock.now(), limitRate / 10];
		for (let step = 0; step < 20; step++) {
			await turns(20);
			assert.ok(r.store.received <= saved + ((r.clock.now() - begun) * limitRate) / 1000);
			r.clock.advance(50);
		}
		assert.equal(r.store.counts.done, 0);
		r.dispatch({type: 'set-bandwidth', value: null});
		await ended;
		assert.equal(r.store.received, 6_000);
		assert.equal(r.clock.timers.size, 0);
	});

	test('break off, keep and go on with what one task has, as its keys say', async t => {
		const server = await startServer(t);
		const body = patterned(600_000);
		const gate = server.hold('/held');
		server.on(
			'/file',
			serving(
				() => ({body, etag: '"1"'}),
				({index, begin, serve}) => (index === 0 ? begin(200_000) : serve()),
			),
		);
		server.on('/unwanted', (_request, response) => response.writeHead(200).write('x'));
		const own = countOwn(t);
		const dir = await folder(t);
		const r = await crewed(t, {dir, concurrency: 3});
		const ended = r.run(server.url('/held'), server.url('/file'), server.url('/unwanted'));
		await r.received('t2', 200_000);
		await r.received('t3', 1);
		r.dispatch({type: 'cancel', id: 't3'});
		await r.seen('canceled', 't3');
		r.dispatch({type: 'pause-task', id: 't2'});
		await r.seen('paused', 't2');
		assert.deepEqual(r.store.get('t2')?.part?.ranges, [[0, 200_000]]);
		r.dispatch({type: 'resume-task', id: 't2'});
		await r.seen('done', 't2');
		gate.open();
		await ended;
		assert.equal(own(), 0, 'all of it happened elsewhere');
		assert.equal(server.asked('/file')[1]?.headers.range, 'bytes=195904-', 'a little of it is compared');
		assert.deepEqual(
			(await list(dir)).filter(name => !name.startsWith('.')),
			['file', 'held', 'unwanted.part'],
		);
		await assertFile(dir, 'file', body);
	});

	test('keep what they have when the run is stopped, and the next run goes on from there', async t => {
		const server = await startServer(t);
		const bodies = [1, 2, 3].map(seed => patterned(500_000, seed));
		let isCut = true;
		bodies.forEach((body, index) => {
			const version = {body, etag: `"${index}"`};
			server.on(
				`/file${index + 1}`,
				serving(
					() => version,
					({begin, serve}) => (isCut ? begin(300_000) : serve()),
				),
			);
		});
		const dir = await folder(t);
		for (const mode of ['abort', 'end']) {
			const journal = await openJournal(dir);
			const r = await crewed(t, {dir, journal, concurrency: 3});
			const ended = r.run(...urls(server, 3, 'file'));
			if (mode === 'abort') {
				for (const id of ['t1', 't2', 't3'] as TaskId[]) await r.received(id, 300_000);
				r.dispatch({type: 'stop', mode: 'abort'});
			}
			await ended;
			assert.equal(r.store.live.size, mode === 'abort' ? 3 : 0);
			await journal.close();
			isCut = false;
		}
		assert.deepEqual(
			server.seen.slice(3).map(({headers}) => headers.range),
			Array(3).fill('bytes=295904-'),
		);
		for (const [index, body] of bodies.entries()) await assertFile(dir, `file${index + 1}`, body);
	});

	test('make no part before the journal, which another one writes, says whose it is', async t => {
		const server = await startServer(t);
		server.page('*', 'x'.repeat(100_000));
		const dir = await folder(t);
		const written = new Gate();
		let asked = 0;
		const journal = await openJournal(dir);
		t.after(() => journal.close());
		const slow = Object.create(journal, {
			written: {
				value: () => {
					asked++;
					return written.opened;
				},
			},
			record: {value: journal.record.bind(journal)},
			recall: {value: journal.recall.bind(journal)},
		}) as Journal;
		const r = await crewed(t, {dir, journal: slow, concurrency: 3});
		const ended = r.run(...urls(server, 3));
		while (asked < 3) await turn();
		await turns(20);
		assert.deepEqual(
			(await list(dir)).filter(name => !name.startsWith('.')),
			[],
		);
		written.open();
		await ended;
		assert.deepEqual(
			(await list(dir)).filter(name => !name.startsWith('.')),
			['1', '2', '3'],
		);
	});

	test('are one where cookies are kept', async t => {
		const server = await startServer(t);
		const gate = server.hold('*');
		const own = countOwn(t);
		for (const [cookie, expected] of [
			[['a=1'], 4],
			[[], 0],
		] as const) {
			const before = [own(), server.seen.length] as const;
			const options = {...defaults, save: false, threads: 4, concurrency: 4, cookie: [...cookie]};
			const {engine, close} = await openWork(options, false, message => assert.fail(message));
			const ended = engine.run(urls(server, 4, String(expected)));
			await server.arrived(before[1] + 4);
			assert.equal(own() - before[0], expected);
			if (expected === 0) gate.open();
			else void engine.dispatch({type: 'stop', mode: 'abort'});
			await ended;
			await close();
		}
	});

	test('end the whole run with status 70 if one of them breaks, and keep what is there', async t => {
		const server = await startServer(t);
		server.hold('*');
		const dir = await folder(t);
		await writeFile(path.join(dir, 'kept'), 'x');
		const fixture = pathToFileURL(path.resolve(import.meta.dirname, 'fixtures/broken-engine.mjs'));
		const {stderr, status} = await run(t, `--plain --threads 2 -c 4 -d ${dir} ${urls(server, 4).join(' ')}`, {
			before: `export NODE_OPTIONS='--import ${fixture}'`,
		});
		assert.equal(stderr, 'fetchtop: internal error: the engine broke on purpose\n');
		assert.equal(status, 70);
		assert.deepEqual(
			(await list(dir)).filter(name => !name.startsWith('.')),
			['kept'],
		);
	});
});

test('--threads shares a list out, and all that was found is in the records', async t => {
	const server = await startServer(t);
	server.page('*', '<title>A page</title>', {'content-type': 'text/html'});
	const dir = await folder(t);
	const file = path.join(dir, 'list');
	await writeFile(file, urls(server, 300).join('\n'));
	const {stdout, stderr, status} = await run(t, `--threads 3 -c 20 --json -i ${file} -d ${dir}/files`);
	assert.equal(status, 0, stderr);
	const records = stdout
		.trim()
		.split('\n')
		.map(line => JSON.parse(line));
	assert.equal(records.length, 300);
	assert.ok(records.every(({title, bytes}) => title === 'A page' && bytes === 21));
	assert.equal((await list(path.join(dir, 'files'))).filter(name => name.endsWith('.html')).length, 300);
	assert.ok(server.most <= 20);
});

test('many threads do as few do, and Node does not warn of them', async t => {
	const server = await startServer(t);
	server.page('*', 'x');
	const {stderr, status} = await run(t, `--threads 12 --plain --no-save ${urls(server, 30).join(' ')}`);
	assert.deepEqual([stderr, status], ['', 0]);
	assert.equal(server.seen.length, 30);
});

test('an engine in a thread of its own has threads of its own', async t => {
	const server = await startServer(t);
	server.page('*', '<title>A page</title>', {'content-type': 'text/html'});
	const options = {...defaults, threads: 3, save: false, concurrency: 10};
	const {engine, opened, close} = openRemoteWork(options, true, message => assert.fail(message));
	t.after(close);
	await opened;
	await engine.run(urls(server, 200));
	const {counts, received} = engine.store;
	assert.deepEqual([counts.done, received], [200, 200 * 21]);
	assert.ok(server.most <= 10);
});
