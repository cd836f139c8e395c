import assert from 'node:assert/strict';
import type {Socket} from 'node:net';
import type {TestContext} from 'node:test';
import type {Transport} from '../source/engine/seams.ts';
import {describeBody, joinHeaders} from '../source/transport/head.ts';
import {createTransport, type TransportOptions} from '../source/transport/transport.ts';
import {rig, test, transportDefaults} from './helpers/engine.ts';
import {startServer, startTcp, type TestServer} from './helpers/server.ts';

function transport(t: TestContext, options: Partial<TransportOptions> = {}): Transport {
	const made = createTransport({...transportDefaults, ...options});
	t.after(() => made.close());
	return made;
}

const redirect = (server: TestServer, from: string, location: string, status = 302) =>
	server.on(from, (_request, response) => {
		response.writeHead(status, {location}).end();
	});
const signal = () => new AbortController().signal;
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

test('the credentials of a URL are sent to its origin, decoded, and to no other', async t => {
	const server = await startServer(t);
	const other = await startServer(t);
	redirect(server, '/start', '/relative');
	redirect(server, '/relative', server.url('/absolute'));
	redirect(server, '/absolute', other.url('/there'));
	other.page('/there');
	const result = await rig(t).fetch(server.url('/start').replace('//', '//m%40e:p%C3%A4ss@'));
	assert.equal(result.ok, true);
	assert.equal(server.seen[0]?.headers.authorization, basic('m@e:päss'));
	assert.equal(server.seen[1]?.headers.authorization, basic('m@e:päss'), 'a relative redirect stays at the origin');
	assert.equal(other.seen[0]?.headers.authorization, undefined);
	assert.equal(server.seen[2]?.headers.authorization, basic('m@e:päss'), 'so does one that names the origin in full');
});

test('a password with a bare percent sign is sent as it is', async t => {
	const server = await startServer(t);
	server.page('/page');
	const result = await rig(t).fetch(server.url('/page').replace('//', '//me:100%@'));
	assert.equal(result.error, null);
	assert.equal(server.seen[0]?.headers.authorization, basic('me:100%'));
});

test("the user's own headers go to the origin they were meant for and never across a redirect to another", async t => {
	const server = await startServer(t);
	const other = await startServer(t);
	redirect(server, '/start', '/same');
	redirect(server, '/same', other.url('/there'));
	other.page('/there');
	const headers: TransportOptions['headers'] = [
		['X-Token', 'secret'],
		['Cookie', 'session=secret'],
		['User-Agent', 'mine'],
	];
	await rig(t, {headers}).fetch(server.url('/start'));
	for (const {headers: sent} of server.seen)
		assert.deepEqual([sent['x-token'], sent.cookie, sent['user-agent']], ['secret', 'session=secret', 'mine']);
	const [sent] = other.seen;
	assert.deepEqual([sent?.headers['x-token'], sent?.headers.cookie], [undefined, undefined]);
	assert.equal(sent?.headers['user-agent'], 'fetchtop/test');
});

test('every redirect status is followed, and the chain is told', async t => {
	const server = await startServer(t);
	const statuses = [301, 302, 303, 307, 308];
	for (const [index, status] of statuses.entries()) redirect(server, `/${index}`, `/${index + 1}`, status);
	server.page('/5', 'there');
	const r = rig(t);
	const result = await r.fetch(server.url('/0'));
	assert.equal(result.finalUrl, server.url('/5'));
	assert.equal(result.status, 200);
	const {redirects} = await r.seen('receiving');
	assert.deepEqual(
		redirects,
		[0, 1, 2, 3, 4].map(index => server.url(`/${index}`)),
	);
});

test('redirects that go in a circle are named with their circle', async t => {
	const server = await startServer(t);
	redirect(server, '/a', '/b');
	redirect(server, '/b', '/a#again');
	const {error} = await rig(t).fetch(server.url('/a'));
	assert.equal(error?.code, 'REDIRECT_LOOP');
	assert.ok(error.message.includes(`${server.url('/a')} → ${server.url('/b')} → ${server.url('/a')}`));
	assert.equal(server.seen.length, 2);
});

test('exactly as many redirects are followed as allowed', async t => {
	const server = await startServer(t);
	for (let index = 0; index < 4; index++) redirect(server, `/${index}`, `/${index + 1}`);
	server.page('/4');
	assert.equal((await rig(t, {maxRedirects: 4}).fetch(server.url('/0'))).ok, true);
	const refused = await rig(t, {maxRedirects: 3}).fetch(server.url('/0'));
	assert.deepEqual(refused.error, {code: 'TOO_MANY_REDIRECTS', message: 'more than 3 redirects'});
	assert.equal((await rig(t, {maxRedirects: 0}).fetch(server.url('/4'))).ok, true);
});

test('a redirect out of HTTP, or to nowhere, is a failure that names the target', async t => {
	const server = await startServer(t);
	for (const location of ['ftp://example.org/x', 'javascript:alert(1)', 'http://[']) {
		redirect(server, '/start', location);
		const {error} = await rig(t).fetch(server.url('/start'));
		assert.equal(error?.code, 'BAD_REDIRECT');
		assert.ok(error.message.includes(location));
	}
});

test('a redirect without a target is an answer like any other, and no success', async t => {
	const server = await startServer(t);
	server.on('/start', (_request, response) => response.writeHead(302).end());
	assert.equal((await rig(t).fetch(server.url('/start'))).error?.code, 'HTTP_302');
});

test('a Location with raw UTF-8 in it is followed', async t => {
	const lines: string[] = [];
	const origin = await startTcp(t, (socket, asked) => {
		lines.push(asked.split('\r\n')[0] ?? '');
		const status = lines.length === 1 ? '302 Found\r\nLocation: /新浪?q=ö' : '200 OK';
		socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
	});
	const result = await rig(t).fetch(`${origin}/start`);
	assert.equal(result.ok, true);
	assert.equal(lines[1], `GET ${encodeURI('/新浪?q=ö')} HTTP/1.1`);
});

test('hints before the answer (1xx) are not taken for it', async t => {
	const server = await startServer(t);
	server.on('/page', (_request, response) => {
		response.writeEarlyHints({link: '</style.css>; rel=preload'});
		response.end('body');
	});
	const result = await rig(t).fetch(server.url('/page'));
	assert.deepEqual([result.status, result.bytes], [200, 4]);
});

test('an abort rejects with its own reason, whether before the request, before the head or within the body', async t => {
	const server = await startServer(t);
	server.on('/silent', () => {}).on('/half', (_request, response) => void response.write('some'));
	const own = transport(t);
	const reason = {why: 'because'};
	await assert.rejects(
		own.open({url: new URL(server.url('/silent'))}, AbortSignal.abort(reason)),
		error => error === reason,
	);
	const beforeHead = new AbortController();
	const opening = own.open({url: new URL(server.url('/silent'))}, beforeHead.signal);
	await server.until(() => server.asked('/silent').length > 0);
	beforeHead.abort(reason);
	await assert.rejects(opening, error => error === reason);
	const within = new AbortController();
	const {body} = await own.open({url: new URL(server.url('/half'))}, within.signal);
	const chunks = body[Symbol.asyncIterator]();
	assert.equal(String((await chunks.next()).value), 'some');
	const next = chunks.next();
	within.abort(reason);
	await assert.rejects(next, error => error === reason);
	for (const {closed} of server.seen) await closed;
});

test('a reader that is slow slows the server down', async t => {
	const server = await startServer(t);
	const total = 256 * 1024 * 1024;
	let sent = 0;
	const full = Promise.withResolvers<void>();
	server.on('/big', (_request, response) => {
		const chunk = Buffer.alloc(1024 * 1024);
		const write = () => {
			while (sent < total) {
				sent += chunk.length;
				if (!response.write(chunk)) break;
			}
			full.resolve();
			if (sent < total) response.once('drain', write);
		};
		write();
	});
	const {body} = await transport(t).open({url: new URL(server.url('/big'))}, signal());
	const chunks = body[Symbol.asyncIterator]();
	await chunks.next();
	await full.promise;
	server.page('/ping');
	for (let count = 0; count < 20; count++) await (await fetch(server.url('/ping'))).text();
	assert.ok(sent < total / 2, `${sent} bytes went out although nobody read them`);
	await chunks.return?.();
	await server.seen[0]?.closed;
});

test('leaving a short body behind keeps the connection for the next request', async t => {
	const server = await startServer(t);
	server.page('/a', 'x'.repeat(1_000)).page('/b');
	const ports = new Set<number | undefined>();
	const own = transport(t);
	for (const path of ['/a', '/b', '/a']) {
		const {body} = await own.open({url: new URL(server.url(path))}, signal());
		ports.add(server.seen.at(-1)?.response.socket?.remotePort);
		await body[Symbol.asyncIterator]().return?.();
		await server.seen.at(-1)?.closed;
	}
	assert.equal(ports.size, 1);
});

test('what the headers say of the body is read leniently, and nonsense is left out', () => {
	const cases: Array<[Record<string, string>, ReturnType<typeof describeBody>]> = [
		[{}, {}],
		[{'content-type': 'Text/HTML; Charset="GBK"'}, {contentType: 'text/html', charset: 'GBK'}],
		[{'content-type': 'text/html;charset=utf-8;x=y'}, {contentType: 'text/html', charset: 'utf-8'}],
		[{'content-type': ''}, {}],
		[{'content-length': '12'}, {length: 12}],
		[{'content-length': '-1'}, {}],
		[{'content-range': 'bytes 100-199/200'}, {range: {start: 100, total: 200}}],
		[{'content-range': 'bytes 100-199/*'}, {range: {start: 100}}],
		[{'content-range': 'items 1-2/3'}, {}],
	];
	for (const [headers, expected] of cases) {
		const {range, ...rest} = describeBody(headers);
		const {range: wanted, ...others} = expected;
		assert.deepEqual(rest, others);
		assert.equal(range?.start, wanted?.start);
		assert.equal(range?.total, wanted?.total);
	}
	assert.deepEqual(joinHeaders({'X-A': 'one', b: ['two', 'three'], c: undefined}), {'x-a': 'one', b: 'two, three'});
});

/** So many coroutines, each with so many requests in a row. */
const lanes = (made: Transport, url: string, count: number, each: number) =>
	Promise.all(
		Array.from({length: count}, async () => {
			for (let index = 0; index < each; index++) {
				const {body} = await made.open({url: new URL(url)}, signal());
				for await (const chunk of body) assert.equal(chunk.length, 1);
			}
		}),
	);

test('no more connections are opened than there are requests at once', async t => {
	const server = await startServer(t);
	const sockets = new Set<unknown>();
	server.on('/page', (request, response) => {
		sockets.add(request.socket);
		response.end('x');
	});
	await lanes(transport(t), server.url('/page'), 5, 40);
	assert.equal(server.seen.length, 200);
	assert.ok(sockets.size <= 5, `${sockets.size} connections`);
});

test('of many hosts only the last ones keep their connections, and whoever is asked again soon keeps his', async t => {
	const server = await startServer(t);
	const open = new Set<Socket>();
	const opened: Socket[] = [];
	server.on('*', (request, response) => {
		const {socket} = request;
		if (!open.has(socket)) {
			opened.push(socket);
			socket.once('close', () => open.delete(socket));
		}
		open.add(socket);
		response.end('x');
	});
	const made = transport(t, {
		lookup: (_host, _options, callback) => callback(null, [{address: '127.0.0.1', family: 4}]),
	});
	for (let host = 0; host < 300; host++) {
		await lanes(made, server.url('/page', `h${host}.test`), 2, 1);
		await lanes(made, server.url('/page', 'often.test'), 1, 1);
	}
	assert.ok(open.size <= 2 + 64 + 2, `${open.size} connections`);
	assert.ok(opened.length <= 2 * 300 + 1, `${opened.length} connections in all`);
});

test('a server that ends each connection is asked over another one, and every request is answered once', async t => {
	const server = await startServer(t);
	server.page('/page', 'x', {connection: 'close'});
	await lanes(transport(t), server.url('/page'), 3, 20);
	assert.equal(server.seen.length, 60);
});

test('a transport that is closed asks for nothing any more, and one that closes leaves nobody waiting', async t => {
	const server = await startServer(t);
	server.hold('/held');
	const made = transport(t);
	const waiting = assert.rejects(made.open({url: new URL(server.url('/held'))}, signal()));
	await server.until(() => server.seen.length === 1);
	await made.close();
	await waiting;
	await assert.rejects(made.open({url: new URL(server.url('/page'))}, signal()));
	assert.equal(server.seen.length, 1);
});

test('an abort before anything was sent opens no connection', async t => {
	const server = await startServer(t);
	server.page('/page');
	const reason = new Error('no longer wanted');
	await assert.rejects(transport(t).open({url: new URL(server.url('/page'))}, AbortSignal.abort(reason)), reason);
	assert.equal(server.seen.length, 0);
});

test('the media type is read anew for each answer that has another one', () => {
	const types = ['text/html; charset=a', 'text/html; charset=a', 'image/png', 'text/html; charset=b'];
	assert.deepEqual(
		types.map(type => describeBody({'content-type': type})),
		[
			{contentType: 'text/html', charset: 'a'},
			{contentType: 'text/html', charset: 'a'},
			{contentType: 'image/png'},
			{contentType: 'text/html', charset: 'b'},
		],
	);
});
