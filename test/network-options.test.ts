import assert from 'node:assert/strict';
import {chmod, mkdir, readFile, stat, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {readCookies} from '../source/transport/secret-files.ts';
import {folder, list, test} from './helpers/engine.ts';
import {run, start} from './helpers/program.ts';
import {startHttpProxy} from './helpers/proxy.ts';
import {startServer, type TestServer} from './helpers/server.ts';
import {Authority, noOpenssl, startTls} from './helpers/tls.ts';

const setting = (server: TestServer, from: string, cookie: string) =>
	server.on(from, (_request, response) => response.writeHead(200, {'set-cookie': cookie}).end('x'));
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

test('a cookie jar is read at the start if it is there, and saved in the end', async t => {
	const server = await startServer(t);
	setting(server, '/', 'got=1; Path=/').page('/again');
	const dir = await folder(t);
	const jar = path.join(dir, 'jar.txt');
	const first = await run(t, `--no-save --cookie-jar ${jar} ${server.url('/')}`);
	assert.equal(first.status, 0, first.stderr);
	assert.equal((await stat(jar)).mode & 0o777, 0o600);
	await run(t, `--no-save --cookie-jar ${jar} -b mine=2 ${server.url('/again')}`);
	assert.equal(server.asked('/again')[0]?.headers.cookie, 'mine=2; got=1');
	await run(t, `--no-save -b ${jar} ${server.url('/again')}`);
	assert.equal(server.asked('/again')[1]?.headers.cookie, 'got=1');
	assert.deepEqual(await list(dir), ['jar.txt'], 'and nothing else');
});

test('a jar is saved when the run is stopped by a signal, or fails', async t => {
	const server = await startServer(t);
	setting(server, '/', 'got=1').on('/silent', () => {});
	const dir = await folder(t);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		const jar = path.join(dir, signal);
		const before = server.asked('/silent').length;
		const program = start(t, `--no-save -c 1 --cookie-jar ${jar} ${server.url('/')} ${server.url('/silent')}`);
		await server.until(() => server.asked('/silent').length > before);
		program.child.kill(signal);
		assert.equal((await program.ended).status, signal === 'SIGINT' ? 130 : 143);
		assert.deepEqual(
			(await readCookies(jar)).map(({name}) => name),
			['got'],
		);
	}
	server.on('/fails', (_request, response) => response.writeHead(500, {'set-cookie': 'late=1'}).end());
	const {status} = await run(t, `--no-save --retries 0 --cookie-jar ${dir}/failed ${server.url('/fails')}`);
	assert.deepEqual([status, (await readCookies(`${dir}/failed`)).map(({name}) => name)], [1, ['late']]);
});

test('a jar behind a link is written where the link leads', async t => {
	const server = await startServer(t);
	setting(server, '/', 'got=1');
	const dir = await folder(t);
	await mkdir(path.join(dir, 'real'));
	await writeFile(path.join(dir, 'real', 'jar'), '');
	await symlink('real/jar', path.join(dir, 'jar'));
	await run(t, `--no-save --cookie-jar ${dir}/jar ${server.url('/')}`);
	assert.equal((await readCookies(path.join(dir, 'real', 'jar'))).length, 1);
	assert.deepEqual([await list(dir), await list(path.join(dir, 'real'))], [['jar', 'real'], ['jar']]);
});

test('files of the network that cannot be used are usage errors in one line, and nothing is asked for', async t => {
	const server = await startServer(t);
	const dir = await folder(t);
	await writeFile(path.join(dir, 'bad'), '# a comment\nnot a cookie');
	await writeFile(path.join(dir, 'open'), 'machine a', {mode: 0o644});
	await chmod(path.join(dir, 'open'), 0o644);
	await writeFile(path.join(dir, 'broken'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
	const cases: ReadonlyArray<readonly [args: string, told: RegExp, before?: string]> = [
		['-b bad', /cannot read the cookie file "bad": line 2 is no cookie/],
		['-b none', /cannot read the cookie file "none": no such file/],
		['--cookie-jar bad', /cannot read the cookie file "bad": line 2/],
		['--cookie-jar no/jar', /cannot save the cookies to "no\/jar": no such file or folder/],
		['--cookie-jar /dev/null', /"\/dev\/null": it is no regular file/],
		['--netrc-file open', /the netrc "open" can be read by others; run: chmod 600 "open"/],
		['--netrc-file none', /cannot read the netrc "none": no such file/],
		['--netrc', /cannot read the netrc "none": no such file/, 'export NETRC=none'],
		['--netrc', new RegExp(`cannot read the netrc "${dir}/.netrc": no such file`), `unset NETRC; export HOME=${dir}`],
		['--cacert bad', /cannot read the certificates "bad": there is no certificate in PEM in it/],
		['--cacert broken', /cannot read the certificates "broken": a certificate in it is broken/],
		['--cacert none', /cannot read the certificates "none": no such file/],
	];
	for (const [args, told, before = ''] of cases) {
		const {status, stdout, stderr} = await run(t, `--no-save ${args} ${server.url('/')}`, {cwd: dir, before});
		assert.deepEqual([status, stdout, stderr.split('\n').length], [2, '', 2], `${args}: ${stderr}`);
		assert.match(stderr, told);
	}
	assert.equal(server.seen.length, 0);
});

test('netrc is found by $NETRC and in the home folder', async t => {
	const server = await startServer(t);
	server.page('/');
	const dir = await folder(t);
	await writeFile(path.join(dir, '.netrc'), 'machine 127.0.0.1 login home password h', {mode: 0o600});
	await writeFile(path.join(dir, 'other'), 'default login other password o', {mode: 0o600});
	const url = server.url('/');
	await run(t, `--no-save --netrc ${url}`, {before: `unset NETRC; export HOME=${dir}`});
	await run(t, `--no-save --netrc ${url}`, {before: `export NETRC=${dir}/other`});
	await run(t, `--no-save --netrc -u me:pw ${url}`, {before: `export NETRC=${dir}/other`});
	assert.deepEqual(
		server.seen.map(({headers}) => headers.authorization),
		['home:h', 'other:o', 'me:pw'].map(basic),
	);
});

test('the usual variables name the proxy, the options win over them, and HTTP_PROXY counts for nothing', async t => {
	const server = await startServer(t);
	server.page('/');
	const one = await startHttpProxy(t);
	const two = await startHttpProxy(t);
	const url = server.url('/');
	const count = async (before: string, args = '') => {
		const [first, second] = [one.asked.length, two.asked.length];
		const {status, stderr} = await run(t, `--no-save ${args} ${url}`, {before});
		assert.equal(status, 0, stderr);
		return [one.asked.length - first, two.asked.length - second];
	};
	assert.deepEqual(await count(`export http_proxy=http://${one.host}`), [1, 0]);
	assert.deepEqual(await count(`export all_proxy=${one.host}`), [1, 0]);
	assert.deepEqual(await count(`export HTTP_PROXY=http://${one.host} https_proxy=http://${two.host}`), [0, 0]);
	assert.deepEqual(await count(`export http_proxy=http://${one.host}`, `--proxy http://${two.host}`), [0, 1]);
	assert.deepEqual(await count(`export http_proxy=http://${one.host}`, '--proxy none'), [0, 0]);
	assert.deepEqual(await count(`export http_proxy=http://${one.host} no_proxy=127.0.0.1`), [0, 0]);
	assert.deepEqual(await count(`export http_proxy=http://${one.host} NO_PROXY=127.0.0.1`, "--no-proxy ''"), [1, 0]);
	assert.deepEqual(await count('', `--proxy http://${two.host} --no-proxy 127.0.0.0/8`), [0, 0]);
});

test('the demo, which is on this machine, needs no proxy', async t => {
	const {host, asked} = await startHttpProxy(t, {status: 403});
	const program = start(t, 'demo --plain --retries 0', {before: `export http_proxy=http://${host} all_proxy=${host}`});
	await program.says('[Task 5]');
	program.child.kill('SIGINT');
	await program.ended;
	assert.equal(asked.length, 0);
});

test('--cacert and -k make a server acceptable that is none by itself', async t => {
	if (noOpenssl) return t.skip(noOpenssl);
	const authority = new Authority();
	const origin = await startTls(t, authority.issue(), (_request, response) => response.end('x'));
	const without = await run(t, `--no-save --json ${origin}/`);
	assert.equal(without.status, 1);
	assert.match(without.stdout, /"message":"the certificate /);
	for (const option of [`--cacert ${authority.root.certFile}`, '-k', '-k --http2'])
		assert.equal((await run(t, `--no-save ${option} ${origin}/`)).status, 0, option);
});

test('a run without cookies does not load what it takes to keep them', async () => {
	const chunks = await list(path.resolve(import.meta.dirname, '../dist/chunks'));
	const holding = await Promise.all(
		chunks
			.filter(name => name.endsWith('.js'))
			.map(async name => {
				const text = await readFile(path.resolve(import.meta.dirname, '../dist/chunks', name), 'utf8');
				// Words of the library's own, for names do not outlive the bundling.
				return /Cookie has domain set to a public suffix/.test(text) ? [name] : [];
			}),
	);
	assert.deepEqual(
		holding.flat().map(name => name.replace(/-[^-]+$/, '')),
		['cookie-shelf'],
	);
});
