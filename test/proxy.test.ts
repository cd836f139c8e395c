import assert from 'node:assert/strict';
import type {LookupFunction, Socket} from 'node:net';
import {suite, type TestContext} from 'node:test';
import {failures} from '../source/engine/failure.ts';
import {parseProxy} from '../source/transport/proxy.ts';
import {rig, test} from './helpers/engine.ts';
import {startH2} from './helpers/h2.ts';
import {type Asked, startHttpProxy, startSocks} from './helpers/proxy.ts';
import {closedOrigin, startServer, startTcp} from './helpers/server.ts';
import {Authority, noOpenssl, startTls} from './helpers/tls.ts';

const authority = noOpenssl ? undefined : new Authority();
const ca = authority ? {ca: authority.root.cert} : {};
const secret = 'hunter2';

/** Both schemes through this one. */
const through = (text: string) => {
	const proxy = parseProxy(text);
	return {proxies: {http: proxy, https: proxy}, ...ca};
};

/** A server with TLS, and what it has been asked for. */
async function secureServer(t: TestContext): Promise<{origin: string; paths: string[]} | undefined> {
	if (!authority) return undefined;
	const paths: string[] = [];
	const origin = await startTls(t, authority.issue({hosts: ['name.example', '127.0.0.1']}), (request, response) => {
		paths.push(request.url ?? '');
		response.end('secure');
	});
	return {origin, paths};
}

const here: LookupFunction = (_hostname, options, callback) => {
	if (options.all) callback(null, [{address: '127.0.0.1', family: 4}]);
	else callback(null, '127.0.0.1', 4);
};

const kinds: ReadonlyArray<
	readonly [kind: string, start: (t: TestContext, login: string) => Promise<{host: string; asked: Asked[]}>]
> = [
	['http', (t, login) => startHttpProxy(t, {login})],
	['socks5', (t, login) => startSocks(t, {login})],
	['socks5h', (t, login) => startSocks(t, {login})],
];

for (const [kind, start] of kinds)
	suite(`through a proxy by ${kind}`, () => {
		test('targets with and without TLS are reached, with a login that only the proxy sees', async t => {
			const server = await startServer(t);
			server.page('/plain', 'plain');
			const secure = await secureServer(t);
			const {host, asked} = await start(t, `me:${secret}`);
			const r = rig(t, {...through(`${kind}://me:${secret}@${host}`), lookup: here, concurrency: 1});
			const urls = [
				server.url('/plain?q#f', 'name.example'),
				...(secure ? [`${secure.origin.replace('127.0.0.1', 'name.example')}/s`] : []),
			];
			const results = await r.run(...urls);
			assert.deepEqual(
				results.map(({error, bytes}) => [error, bytes]),
				urls.map((_, index) => [null, index === 0 ? 5 : 6]),
			);
			assert.equal(asked.length, urls.length);
			assert.equal(server.seen[0]?.headers.host, `name.example:${server.port}`);
			assert.equal(server.seen[0]?.headers['proxy-authorization'], undefined);
			assert.ok(!JSON.stringify([r.events, server.seen[0]?.headers]).includes(secret));
			const name = kind === 'socks5' ? '127.0.0.1' : 'name.example';
			const target = `${name}:${server.port}`;
			assert.equal(asked[0]?.what, kind === 'http' ? `http://${target}/plain?q` : target);
		});

		test('HTTP/2 is spoken to the server behind it, over one connection', async t => {
			if (!authority) return t.skip(String(noOpenssl));
			const server = await startH2(t, authority.issue(), stream => {
				stream.respond({':status': 200});
				stream.end('two');
			});
			const {host, asked} = await start(t, 'a:b');
			const r = rig(t, {...through(`${kind}://a:b@${host}`), http2: true, concurrency: 1});
			const results = await r.run(server.url('/1'), server.url('/2'));
			assert.deepEqual(
				results.map(({error}) => error),
				[null, null],
			);
			assert.deepEqual([server.sessions.length, asked.length], [1, 1]);
		});

		test('a wrong login is told as such, without it', async t => {
			const server = await startServer(t);
			const secure = await secureServer(t);
			const {host} = await start(t, 'me:right');
			const r = rig(t, {...through(`${kind}://me:${secret}@${host}`), retries: 3});
			const results = await r.run(server.url('/'), ...(secure ? [`${secure.origin}/`] : []));
			for (const {error} of results) assert.deepEqual(error, {code: 'PROXY_AUTH', message: failures.PROXY_AUTH?.means});
			assert.equal(server.seen.length, 0);
			assert.ok(!JSON.stringify(r.events).includes(secret));
			const without = await rig(t, through(`${kind}://${host}`)).fetch(server.url('/'));
			assert.equal(without.error?.code, 'PROXY_AUTH');
		});

		test('a proxy that is not there is told from a server that is not there', async t => {
			const gone = closedOrigin.replace('http://', '');
			const server = await startServer(t);
			const secure = await secureServer(t);
			const r = rig(t, through(`${kind}://me:${secret}@${gone}`));
			for (const {error} of await r.run(server.url('/'), ...(secure ? [`${secure.origin}/`] : [])))
				assert.deepEqual(error, {
					code: 'PROXY_UNREACHABLE',
					message: `no connection to the proxy ${gone}: connection refused`,
				});
			assert.equal(failures.PROXY_UNREACHABLE?.retryable, true);
		});

		test('a proxy that hangs up, speaks another language or says nothing is told as such', async t => {
			const url = authority ? 'https://name.example/' : 'http://name.example/';
			const via = async (answer: (socket: Socket) => void) => {
				const host = (await startTcp(t, answer)).replace('http://', '');
				const options = {...through(`${kind}://${host}`), lookup: here, connectTimeout: 200};
				return (await rig(t, options).fetch(url)).error?.code;
			};
			assert.equal(await via(socket => socket.end()), 'PROXY_UNREACHABLE');
			assert.equal(await via(socket => socket.end('SSH-2.0-OpenSSH_9.9\r\n')), 'PROXY_BAD_ANSWER');
			assert.equal(await via(() => {}), 'PROXY_FAILED');
		});

		test('an abort while the proxy is still thinking is an abort', async t => {
			const asked = Promise.withResolvers<void>();
			const host = (await startTcp(t, () => asked.resolve())).replace('http://', '');
			const r = rig(t, {...through(`${kind}://${host}`), lookup: here});
			const running = r.run('https://name.example/');
			await asked.promise;
			r.dispatch({type: 'cancel', id: 't1'});
			assert.equal((await running)[0]?.state, 'canceled');
		});
	});

const refusals: ReadonlyArray<readonly [status: number, code: string]> = [
	[401, 'PROXY_AUTH'],
	[403, 'PROXY_REFUSED'],
	[405, 'PROXY_REFUSED'],
	[407, 'PROXY_AUTH'],
	[502, 'PROXY_FAILED'],
	[503, 'PROXY_FAILED'],
];
for (const [status, code] of refusals)
	test(`a proxy that answers CONNECT by ${status} fails the task as ${code}`, async t => {
		const {host} = await startHttpProxy(t, {status});
		const {error} = await rig(t, through(`http://${host}`)).fetch('https://name.example/');
		assert.equal(error?.code, code);
		if (code !== 'PROXY_AUTH') assert.match(error?.message ?? '', new RegExp(`it answered ${status}$`));
	});

for (const [reply, code, why] of [
	[2, 'PROXY_REFUSED', /rules/],
	[4, 'PROXY_FAILED', /host unreachable/],
	[5, 'PROXY_FAILED', /connection refused/],
	[99, 'PROXY_REFUSED', /reply 99/],
] as const)
	test(`a SOCKS proxy that replies ${reply} fails the task as ${code}`, async t => {
		const {host} = await startSocks(t, {reply});
		const {error} = await rig(t, through(`socks5h://${host}`)).fetch('http://name.example/');
		assert.equal(error?.code, code);
		assert.match(error?.message ?? '', why);
	});

test('an HTTP proxy that cannot reach the target answers for it, and that is tried again', async t => {
	const {host} = await startHttpProxy(t);
	const {error} = await rig(t, through(`http://${host}`)).fetch(`${closedOrigin}/`);
	assert.equal(error?.code, 'HTTP_502');
});

test('IPv6 addresses are asked for in their own form', async t => {
	const socks = await startSocks(t);
	const http = await startHttpProxy(t, {status: 403});
	const server = await startServer(t);
	server.page('/');
	await rig(t, through(`socks5://${socks.host}`)).fetch(`http://[::1]:${server.port}/`);
	await rig(t, through(`socks5://${socks.host}`)).fetch(`http://[2001:db8::102:304]:${server.port}/`);
	await rig(t, through(`http://${http.host}`)).fetch('https://[::1]/');
	assert.deepEqual(
		[...socks.asked, ...http.asked].map(({what}) => what),
		[
			`0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1:${server.port}`,
			`32.1.13.184.0.0.0.0.0.0.0.0.1.2.3.4:${server.port}`,
			'[::1]:443',
		],
	);
});

for (const [greeting, detail] of [
	['SSH-2.0-OpenSSH_9.9\r\n', ': the server speaks SSH, not HTTP'],
	['220 mail.example ESMTP\r\n', ': the server speaks FTP or SMTP, not HTTP'],
	['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', undefined],
] as const)
	test(`a server behind SOCKS that says ${JSON.stringify(greeting.slice(0, 8))} before it is asked is connected to once`, async t => {
		let connections = 0;
		const steps = new Map<Socket, number>();
		const origin = await startTcp(t, socket => {
			const step = (steps.get(socket) ?? 0) + 1;
			steps.set(socket, step);
			if (step === 1) socket.write(Buffer.from([5, 0]));
			if (step !== 2) return;
			connections++;
			socket.write(Buffer.concat([Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.from(greeting)]));
		});
		const r = rig(t, {...through(origin.replace('http', 'socks5h')), retries: 0});
		const [result] = await r.run('http://name.example/');
		assert.equal(result?.error?.message, detail && `the answer is not valid HTTP${detail}`);
		assert.equal(connections, 1);
	});

test('a name too long for SOCKS reaches neither the proxy nor, as data, whoever is behind it', async t => {
	const server = await startServer(t);
	const long = Array.from({length: 6}, () => 'a'.repeat(50)).join('.');
	server.on('/', (_request, response) => response.writeHead(302, {location: `http://${long}.example/`}).end());
	const {host, asked} = await startSocks(t);
	const r = rig(t, {...through(`socks5h://${host}`), retries: 0});
	const [result] = await r.run(server.url('/'));
	assert.deepEqual([result?.error?.code, result?.error?.message], ['ENOTFOUND', 'no such host: its name is too long']);
	assert.equal(asked.length, 1);
});

test('a redirect to a host without proxy goes there directly, and takes no login of the proxy along', async t => {
	const server = await startServer(t);
	const other = await startServer(t);
	other.page('/there');
	server.on('/', (_request, response) => response.writeHead(302, {location: other.url('/there', 'localhost')}).end());
	const {host, asked} = await startHttpProxy(t, {login: `me:${secret}`});
	const {proxies} = through(`http://me:${secret}@${host}`);
	const result = await rig(t, {proxies: {...proxies, except: 'localhost'}}).fetch(server.url('/'));
	assert.equal(result.error, null);
	assert.deepEqual([asked.length, other.seen[0]?.headers['proxy-authorization']], [1, undefined]);
});

suite('a proxy that speaks TLS itself', {skip: noOpenssl}, () => {
	test('is asked for many hosts without a connection for each', async t => {
		if (!authority) return;
		const ports = new Set<number | undefined>();
		const proxy = await startTls(t, authority.issue(), (request, response) => {
			ports.add(request.socket.remotePort);
			response.end();
		});
		const urls = Array.from({length: 10}, (_, number) => `http://host${number}.example/`);
		const results = await rig(t, {...through(proxy), concurrency: 1}).run(...urls);
		assert.ok(results.every(({ok}) => ok));
		// The next request may begin before the last connection is known to be free.
		assert.ok(ports.size <= 2, `${ports.size} connections`);
	});

	test('must have a certificate that can be trusted, even if servers need none', async t => {
		if (!authority) return;
		const proxy = await startTls(t, authority.issue(), (request, response) => {
			response.end(request.url);
		});
		const options = through(proxy);
		assert.equal((await rig(t, options).fetch('http://name.example/x')).bytes, 'http://name.example/x'.length);
		const {ca: _, ...untrusted} = options;
		const {error} = await rig(t, {...untrusted, insecure: true}).fetch('http://name.example/x');
		assert.equal(error?.code, 'PROXY_UNREACHABLE');
		assert.match(error?.message ?? '', /certificate/);
	});
});

test('an HTTP proxy that answers a plain request by something else is blamed, not the server', async t => {
	const host = (await startTcp(t, socket => socket.end('\x05\xffgarbage\r\n\r\n'))).replace('http://', '');
	const {error} = await rig(t, through(`http://${host}`)).fetch('http://name.example/');
	assert.deepEqual(error, {code: 'PROXY_BAD_ANSWER', message: `the proxy http://${host} does not speak HTTP`});
});
