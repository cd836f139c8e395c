import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext} from 'node:test';
import {version} from '../source/cli/version.ts';
import {folder, test} from './helpers/engine.ts';
import {startH2} from './helpers/h2.ts';
import {type Ended, run} from './helpers/program.ts';
import {startServer} from './helpers/server.ts';
import {fetchtop, noTerminal, openTerminal} from './helpers/terminal.ts';
import {Authority, noOpenssl, startTls} from './helpers/tls.ts';

const preload = path.join(import.meta.dirname, 'helpers/loaded.mjs');

/** Heavy, and not needed to fetch pages over plain HTTP. The last is Node's own fetch. */
const heavy = ['http2', 'tls', 'crypto', 'zlib', 'readline', 'worker_threads', 'internal/deps/undici/undici'];

type Loaded = {builtins: Set<string>; ours: string[]};

/** What is loaded when the program ends: modules of Node, and the text of our files. */
async function watched(t: TestContext): Promise<{env: Record<string, string>; loaded(): Promise<Loaded>}> {
	const file = path.join(await folder(t), 'loaded.json');
	return {
		env: {LOADED: file, NODE_OPTIONS: `--import=${preload}`},
		async loaded() {
			const all: string[] = JSON.parse(await readFile(file, 'utf8'));
			const files = all.filter(name => name.startsWith('file:'));
			return {
				builtins: new Set(all.flatMap(name => (name.startsWith('node:') ? [name.slice('node:'.length)] : []))),
				ours: await Promise.all(files.map(name => readFile(new URL(name), 'utf8'))),
			};
		},
	};
}

async function runWatched(t: TestContext, args: string): Promise<Ended & Loaded> {
	const {env, loaded} = await watched(t);
	const before = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`);
	const ended = await run(t, args, {before: before.join(' && ')});
	return {...ended, ...(await loaded())};
}

const among = (names: readonly string[], {builtins}: Loaded): string[] => names.filter(name => builtins.has(name));

suite('at its start', () => {
	test('the version is told without loading the program', async t => {
		for (const option of ['--version', '-V']) {
			const told = await runWatched(t, option);
			assert.deepEqual([told.stdout, told.status], [`${version}\n`, 0]);
			assert.ok(told.ours.length > 0, 'the loaded files are really seen');
			const size = told.ours.join('').length;
			assert.ok(size < 10_000, `${size} characters of code`);
			assert.deepEqual(among(['http', 'child_process', ...heavy], told), []);
		}
	});

	test('--version is the value of an option where an option wants one', async t => {
		const {status, stderr} = await run(t, '-A --version --plain --quiet --bogus');
		assert.equal(status, 2);
		assert.match(stderr, /--bogus/);
	});

	test('a page is fetched over HTTP and saved without what HTTPS, HTTP/2, checksums and decoding need', async t => {
		const server = await startServer(t);
		server.page('/a', '<title>A page</title>', {'content-type': 'text/html'});
		const done = await runWatched(t, `--plain -d ${await folder(t)} ${server.url('/a')}`);
		assert.equal(done.status, 0, done.stderr);
		assert.match(done.stdout, /A page/);
		assert.ok(done.builtins.has('http'), 'the loaded modules are really seen');
		assert.deepEqual(among(heavy, done), []);
		assert.ok(
			!done.ours.some(code => code.includes('countAnsiEscapeCodes')),
			'what measures text takes 20 ms, and nobody needs it here',
		);
	});

	test('completions and the printed config are loaded by those who ask for them', async t => {
		const [completions, table] = ['COMP_WORDS', '(not there)'];
		const loads = async (args: string) => {
			const {ours} = await runWatched(t, args);
			return [completions, table].map(text => ours.some(code => code.includes(text)));
		};
		assert.deepEqual(await loads('--plain --no-save http://127.0.0.1:1/ --retries 0'), [false, false]);
		assert.deepEqual(await loads('--help'), [false, false]);
		assert.deepEqual(await loads('completion bash'), [true, false]);
		assert.deepEqual(await loads('--print-config'), [false, true]);
	});

	test('what a run needs of that is there when it needs it', async t => {
		if (noOpenssl) return t.skip(noOpenssl);
		const certificate = new Authority().issue();
		const origin = await startTls(t, certificate, (_request, response) => response.end('x'));
		const checksum = 'sha256=2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
		const https = await runWatched(t, `--plain -k -d ${await folder(t)} --checksum ${checksum} ${origin}/x`);
		assert.equal(https.status, 0, https.stdout + https.stderr);
		assert.deepEqual(among(['tls', 'crypto', 'http2'], https), ['tls', 'crypto']);
		const server = await startH2(t, certificate, stream => {
			stream.respond({':status': 200});
			stream.end('x');
		});
		const http2 = await runWatched(t, `--plain -k --http2 --no-save ${server.url('/x')}`);
		assert.equal(http2.status, 0, http2.stdout + http2.stderr);
		assert.equal(server.seen.length, 1, 'it was really asked by HTTP/2');
		assert.ok(http2.builtins.has('http2'));
	});

	test('the dashboard is drawn without loading Node’s own fetch', async t => {
		if (noTerminal) return t.skip(noTerminal);
		const server = await startServer(t);
		server.page('/a', '<title>A page</title>', {'content-type': 'text/html'});
		const {env, loaded} = await watched(t);
		const terminal = openTerminal(t, fetchtop(`--no-save --exit ${server.url('/a')}`), 100, 24, env);
		assert.equal(await terminal.exited, 0);
		const seen = await loaded();
		assert.ok(seen.ours.some(text => text.includes('react')));
		assert.deepEqual(among(['internal/deps/undici/undici', 'http2', 'tls'], seen), []);
	});

	test('a folder where nothing can be kept for the next start does no harm', async t => {
		const {status, stdout, stderr} = await run(t, '--help', {before: 'export NODE_COMPILE_CACHE= TMPDIR=/dev/null'});
		assert.deepEqual([status, stderr], [0, '']);
		assert.match(stdout, /^Usage: fetchtop/);
	});
});
