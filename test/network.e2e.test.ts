import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext} from 'node:test';
import {folder, list, test} from './helpers/engine.ts';
import {run} from './helpers/program.ts';
import {randomOf} from './helpers/random.ts';
import {missing, serve} from './helpers/servers.ts';
import {Authority, noOpenssl} from './helpers/tls.ts';

const authority = noOpenssl ? undefined : new Authority();
const count = 50;

/** nginx with 50 files, and one large one, behind TLS with HTTP/2 and without TLS. */
type Site = {secure: string; plain: string; dir: string; log(): Promise<string[]>};

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function site(t: TestContext): Promise<Site> {
	const dir = await folder(t);
	const {certFile, keyFile} = (authority as Authority).issue();
	await mkdir(path.join(dir, 'files'));
	const random = randomOf(4);
	const bytes = (length: number) => Buffer.from(Uint8Array.from({length}, () => random() * 256));
	for (let number = 0; number < count; number++)
		await writeFile(path.join(dir, 'files', `${number}.bin`), bytes(number === 0 ? 0 : Math.floor(random() * 300_000)));
	const block = bytes(1024 * 1024);
	await writeFile(path.join(dir, 'files', 'large.bin'), Buffer.concat(Array.from({length: 40}, () => block)));
	const configuration = (port: number, other: number) => `
		daemon off; master_process off; pid ${dir}/pid; error_log stderr;
		events {}
		http {
			log_format own '$server_protocol $connection $request_uri $status';
			access_log ${dir}/access.log own;
			default_type application/octet-stream;
			${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${dir}/${name};`).join(' ')}
			server {
				listen 127.0.0.1:${port} ssl http2;
				listen 127.0.0.1:${other};
				ssl_certificate ${certFile}; ssl_certificate_key ${keyFile};
				root ${dir}/files;
			}
		}`;
	const server = await serve(t, 'nginx', (port, other) => {
		writeFileSync(path.join(dir, 'nginx.conf'), configuration(port, other));
		return ['-p', dir, '-c', path.join(dir, 'nginx.conf')];
	});
	return {
		secure: `https://127.0.0.1:${server.port}`,
		plain: `http://127.0.0.1:${server.other}`,
		dir: path.join(dir, 'files'),
		async log() {
			// What it has served is in its log when it has ended.
			await server.stop();
			return (await readFile(path.join(dir, 'access.log'), 'utf8')).split('\n').filter(Boolean);
		},
	};
}

const names = Array.from({length: count}, (_, number) => `${number}.bin`);

/** Fetches these by the program, and compares every byte. */
async function fetchAll(t: TestContext, from: Site, urls: readonly string[], args: string): Promise<void> {
	const dir = await folder(t);
	const {status, stderr, stdout} = await run(t, `-i list -d out ${args}`, {
		cwd: dir,
		before: `printf '%s\\n' ${urls.join(' ')} > list`,
	});
	assert.equal(status, 0, stdout + stderr);
	const wanted = urls.map(url => path.basename(url)).toSorted();
	assert.deepEqual(
		(await list(path.join(dir, 'out'))).filter(name => !name.startsWith('.')),
		wanted,
	);
	for (const name of wanted) {
		const [got, had] = await Promise.all([readFile(path.join(dir, 'out', name)), readFile(path.join(from.dir, name))]);
		assert.equal(digest(got), digest(had), name);
	}
}

const ca = () => `--proxy none --cacert ${authority?.root.certFile}`;

suite('nginx', {skip: missing('nginx') || noOpenssl}, () => {
	test('50 files come by HTTP/2 over one connection, byte for byte', async t => {
		const from = await site(t);
		await fetchAll(
			t,
			from,
			names.map(name => `${from.secure}/${name}`),
			`--http2 ${ca()}`,
		);
		const log = (await from.log()).map(line => line.split(' '));
		assert.equal(log.length, count);
		assert.deepEqual([...new Set(log.map(([protocol]) => protocol))], ['HTTP/2.0']);
		assert.equal(new Set(log.map(([, connection]) => connection)).size, 1);
	});

	test('50 files come by HTTP/1.1 with and without TLS, byte for byte', async t => {
		const from = await site(t);
		await fetchAll(
			t,
			from,
			names.map(name => `${from.secure}/${name}`),
			ca(),
		);
		await fetchAll(
			t,
			from,
			names.map(name => `${from.plain}/${name}`),
			'--proxy none --http2',
		);
		const log = await from.log();
		assert.equal(log.length, 2 * count);
		assert.ok(log.every(line => line.startsWith('HTTP/1.1 ')));
	});

	test('a large file comes in pieces by either version', async t => {
		const from = await site(t);
		for (const version of ['', '--http2'])
			await fetchAll(t, from, [`${from.secure}/large.bin`], `-x 4 ${version} ${ca()}`);
		const log = await from.log();
		for (const version of ['HTTP/1.1', 'HTTP/2.0'])
			assert.ok(log.filter(line => line.startsWith(version) && line.endsWith(' 206')).length >= 2, log.join('\n'));
	});

	test('the port with TLS asked without it, and the other way round, is a clear failure', async t => {
		const from = await site(t);
		const urls = [from.secure.replace('https', 'http'), from.plain.replace('http', 'https')];
		const {stdout} = await run(t, `--no-save --plain --retries 0 ${ca()} ${urls.join('/ ')}/`);
		assert.match(stdout, /Status code: 400/);
		assert.match(stdout, /ERR_SSL_WRONG_VERSION_NUMBER the server does not speak TLS on this port/);
	});
});

suite('real proxies', {skip: missing('nginx', 'microsocks', 'tinyproxy') || noOpenssl}, () => {
	const some = names.slice(0, 10);

	for (const kind of ['socks5', 'socks5h'])
		test(`microsocks carries targets with and without TLS by ${kind}, and wants its login`, async t => {
			const from = await site(t);
			const proxy = await serve(t, 'microsocks', port => [
				'-i',
				'127.0.0.1',
				'-p',
				`${port}`,
				'-u',
				'me',
				'-P',
				'secret',
			]);
			const args = `--cacert ${authority?.root.certFile} --proxy ${kind}://me:secret@127.0.0.1:${proxy.port}`;
			await fetchAll(
				t,
				from,
				some.map(name => `${from.plain}/${name}`),
				args,
			);
			await fetchAll(
				t,
				from,
				some.map(name => `${from.secure}/${name}`),
				args,
			);
			await fetchAll(
				t,
				from,
				some.map(name => `${from.secure}/${name}`),
				`--http2 ${args}`,
			);
			await proxy.stop();
			const through = proxy.said().match(/connected to 127\.0\.0\.1:\d+/g) ?? [];
			assert.ok(through.length >= 3, proxy.said());
			assert.deepEqual(
				new Set(through.map(line => line.replace(/.*:/, ''))).size,
				2,
				'both ports were reached through it',
			);
			const connections = new Set((await from.log()).map(line => line.split(' ')[1]));
			assert.equal(connections.size, through.length, 'and no connection to nginx came past it');
		});

	test('microsocks refuses a wrong login, and the task says so', async t => {
		const proxy = await serve(t, 'microsocks', port => [
			'-i',
			'127.0.0.1',
			'-p',
			`${port}`,
			'-u',
			'me',
			'-P',
			'secret',
		]);
		const {stdout} = await run(
			t,
			`--no-save --plain --proxy socks5h://me:wrong@127.0.0.1:${proxy.port} http://127.0.0.1:1/`,
		);
		assert.match(stdout, /PROXY_AUTH/);
		assert.ok(!/secret|wrong/.test(stdout));
	});

	test('tinyproxy carries targets with and without TLS, and wants its login', async t => {
		const from = await site(t);
		const dir = await folder(t);
		const proxy = await serve(t, 'tinyproxy', port => {
			const lines = [
				'Listen 127.0.0.1',
				`Port ${port}`,
				'Timeout 60',
				'LogLevel Connect',
				'BasicAuth me secret',
				'MaxClients 50',
			];
			writeFileSync(path.join(dir, 'tinyproxy.conf'), `${lines.join('\n')}\n`);
			return ['-d', '-c', path.join(dir, 'tinyproxy.conf')];
		});
		// A wrong login is answered by 401, which for a target without TLS could be the target's own word.
		const urls = `${from.plain}/0.bin ${from.secure}/0.bin`;
		for (const [login, count] of [
			['', 2],
			['me:wrong@', 1],
		]) {
			const {stdout} = await run(t, `--no-save --plain --proxy http://${login}127.0.0.1:${proxy.port} ${urls}`);
			assert.equal(stdout.match(/Error: PROXY_AUTH/g)?.length, count, stdout);
		}
		const args = `--cacert ${authority?.root.certFile} --proxy http://me:secret@127.0.0.1:${proxy.port}`;
		await fetchAll(
			t,
			from,
			some.map(name => `${from.plain}/${name}`),
			args,
		);
		await fetchAll(
			t,
			from,
			some.map(name => `${from.secure}/${name}`),
			`--http2 ${args}`,
		);
		await proxy.stop();
		assert.match(proxy.said(), /Request .*GET http:\/\/127\.0\.0\.1:\d+\/1\.bin/);
		assert.match(proxy.said(), /Request .*CONNECT 127\.0\.0\.1:\d+/);
		const log = await from.log();
		assert.equal(log.length, 2 * some.length, 'and nothing came past it');
	});
});
