import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import type {AddressInfo} from 'node:net';
import {suite, type TestContext} from 'node:test';
import {setTimeout as setTimeoutAsync} from 'node:timers/promises';
import {createServer, type TLSSocket} from 'node:tls';
import type {Transport} from '../source/engine/seams.ts';
import {createTransport} from '../source/transport/transport.ts';
import {folder, list, rig, test, transportDefaults} from './helpers/engine.ts';
import {type Answer, type H2, startH2} from './helpers/h2.ts';
import {Authority, noOpenssl, startTls} from './helpers/tls.ts';

const patterned = (length: number): Buffer => Buffer.from(Uint8Array.from({length}, (_, index) => (index * 31) % 251));

/** The body, or the part of it that is asked for. */
function ranged(body: Buffer): Answer {
	return (stream, {range = '', 'if-range': ifRange}) => {
		const common = {'accept-ranges': 'bytes', etag: '"v1"'};
		const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
		if (first === '' || (ifRange !== undefined && ifRange !== '"v1"')) {
			stream.respond({':status': 200, 'content-length': body.length, ...common});
			return stream.end(body);
		}
		const [start, end] = [Number(first), last === '' ? body.length : Number(last) + 1];
		const contentRange = `bytes ${start}-${end - 1}/${body.length}`;
		stream.respond({':status': 206, 'content-range': contentRange, 'content-length': end - start, ...common});
		stream.end(body.subarray(start, end));
	};
}

suite('HTTP/2', {skip: noOpenssl}, () => {
	const authority = noOpenssl ? undefined : new Authority();
	if (!authority) return;
	const certificate = authority.issue();
	const ca = authority.root.cert;

	const serve = (t: TestContext, answer: Answer): Promise<H2> => startH2(t, certificate, answer);
	const h2 = (t: TestContext): Transport => {
		const made = createTransport({...transportDefaults, ca, http2: true});
		t.after(() => made.close());
		return made;
	};

	test('many tasks share one connection, from the first moment on', async t => {
		const server = await serve(t, (stream, headers, self) => {
			// Nobody is answered before all are there, so they must be there at once.
			void self
				.until(() => self.most >= 20)
				.then(() => stream.respond({':status': 200}) ?? stream.end(headers[':path']));
		});
		const urls = Array.from({length: 20}, (_, index) => server.url(`/${index}`));
		const results = await rig(t, {ca, http2: true, concurrency: 20}).run(...urls);
		assert.ok(results.every(({ok}) => ok));
		assert.deepEqual([server.sessions.length, server.most], [1, 20]);
	});

	test('a server without it is asked by HTTP/1.1, over as many connections as there are tasks', async t => {
		let [active, most] = [0, 0];
		const waiting: Array<() => void> = [];
		const origin = await startTls(t, certificate, (request, response) => {
			most = Math.max(most, ++active);
			waiting.push(() => response.end(request.httpVersion));
			if (waiting.length === 4) for (const answer of waiting) answer();
		});
		const urls = Array.from({length: 4}, (_, index) => `${origin}/${index}`);
		const results = await rig(t, {ca, http2: true, concurrency: 4}).run(...urls);
		assert.deepEqual([results.every(({ok}) => ok), most], [true, 4]);
	});

	test('without the option it is not spoken', async t => {
		const server = await serve(t, () => {});
		const result = await rig(t, {ca}).fetch(server.url('/'));
		assert.deepEqual([result.error, result.bytes, server.sessions.length], [null, 3, 0]);
	});

	test('it is offered first, for a server that takes what comes first', async t => {
		const offers: string[][] = [];
		const ALPNCallback = ({protocols}: {protocols: string[]}) => {
			offers.push(protocols);
			return 'http/1.1';
		};
		const page = (_request: unknown, response: {end(): void}) => response.end();
		const origin = await startTls(t, certificate, page, {ALPNCallback});
		for (const http2 of [true, false]) assert.equal((await rig(t, {ca, http2}).fetch(`${origin}/`)).error, null);
		assert.deepEqual(offers, [['h2', 'http/1.1'], ['http/1.1']]);
	});

	test('headers, redirects and cookies are as with HTTP/1.1, and 1xx and raw UTF-8 are no trouble', async t => {
		const server = await serve(t, (stream, {':path': path, cookie}) => {
			stream.additionalHeaders({':status': 103, link: '</x>'});
			if (path === '/start') {
				const location = Buffer.from('/ö').toString('latin1');
				stream.respond({':status': 302, location, 'set-cookie': ['a=1', 'b=2']}, {endStream: true});
			} else {
				stream.respond({':status': 200, 'content-type': 'text/html', 'x-two': ['1', '2'], 'x-cookie': cookie});
				stream.end('<title>two</title>');
			}
		});
		const r = rig(t, {ca, http2: true, headers: [['X-Own', 'p\u00e4ss']]});
		const result = await r.fetch(server.url('/start'));
		assert.deepEqual([result.error, result.title, result.finalUrl], [null, 'two', server.url('/%C3%B6')]);
		const {headers} = await r.seen('receiving');
		assert.deepEqual([headers['x-two'], headers['x-cookie']], ['1, 2', 'a=1; b=2']);
		assert.equal(server.seen[1]?.['x-own'], 'p\u00e4ss');
	});

	test('a reader that is slow slows the server down, and nobody else', async t => {
		const total = 64 * 1024 * 1024;
		let sent = 0;
		const server = await serve(t, (stream, {':path': path}) => {
			stream.respond({':status': 200});
			if (path !== '/big') return stream.end('small');
			const write = () => {
				while (sent < total && !stream.destroyed) {
					sent += 1024 * 1024;
					if (!stream.write(Buffer.alloc(1024 * 1024))) break;
				}
				if (sent < total) stream.once('drain', write);
				else stream.end();
			};
			write();
		});
		const own = h2(t);
		const {body} = await own.open({url: new URL(server.url('/big'))}, new AbortController().signal);
		const chunks = body[Symbol.asyncIterator]();
		await chunks.next();
		for (let count = 0; count < 20; count++) {
			const other = await own.open({url: new URL(server.url('/small'))}, new AbortController().signal);
			for await (const chunk of other.body) assert.equal(String(chunk), 'small');
		}
		assert.ok(sent < total / 4, `${sent} bytes went out although nobody read them`);
		let received = 0;
		for (let next = await chunks.next(); !next.done; next = await chunks.next()) received += next.value.length;
		assert.ok(received > total - 4 * 1024 * 1024, 'and it goes on when the reader does');
		assert.equal(server.sessions.length, 1);
	});

	test('an abort within a body ends its stream with its own reason, and leaves the connection to the others', async t => {
		const server = await serve(t, (stream, {':path': path}) => {
			stream.respond({':status': 200});
			if (path === '/half') stream.write('some');
			else stream.end('whole');
		});
		const own = h2(t);
		const controller = new AbortController();
		const reason = {why: 'because'};
		const {body} = await own.open({url: new URL(server.url('/half'))}, controller.signal);
		const chunks = body[Symbol.asyncIterator]();
		await chunks.next();
		const next = chunks.next();
		controller.abort(reason);
		await assert.rejects(next, error => error === reason);
		await server.until(() => server.active === 0);
		const other = await own.open({url: new URL(server.url('/whole'))}, new AbortController().signal);
		for await (const chunk of other.body) assert.equal(String(chunk), 'whole');
		assert.equal(server.sessions.length, 1);
	});

	test('a body nobody wants is left without breaking the connection', async t => {
		const server = await serve(t, stream => {
			stream.respond({':status': 404});
			stream.write(Buffer.alloc(1024 * 1024));
		});
		const results = await rig(t, {ca, http2: true, concurrency: 1}).run(server.url('/a'), server.url('/b'));
		assert.deepEqual(
			results.map(({error}) => error?.code),
			['HTTP_404', 'HTTP_404'],
		);
		assert.equal(server.sessions.length, 1);
	});

	test('pieces of one file over one connection come together, and a part is gone on from', async t => {
		const body = patterned(40 * 1024 * 1024);
		const server = await serve(t, ranged(body));
		const dir = await folder(t);
		const result = await rig(t, {ca, http2: true, dir, connections: 4}).fetch(server.url('/file.bin'));
		assert.deepEqual([result.error, result.bytes], [null, body.length]);
		assert.ok(server.seen.length >= 3 && server.sessions.length === 1);
		assert.ok((await readFile(`${dir}/file.bin`)).equals(body));
	});

	test('a stream that is reset, or a connection that goes, is tried again and gone on from', async t => {
		const body = patterned(300_000);
		const server = await serve(t, (stream, headers, self) => {
			if (self.seen.length > 2) return ranged(body)(stream, headers, self);
			stream.respond({':status': 200, 'content-length': body.length, 'accept-ranges': 'bytes', etag: '"v1"'});
			stream.write(body.subarray(0, 100_000), () => {
				if (self.seen.length === 1) stream.close(2);
				else stream.session?.destroy();
			});
		});
		const dir = await folder(t);
		const r = rig(t, {ca, http2: true, dir, retries: 4});
		const running = r.run(server.url('/file.bin'));
		for (let retry = 1; retry <= 2; retry++) {
			const {failure} = await r.seen('waiting', 't1', retry);
			assert.match(failure.code, /^(SHORT_BODY|CLOSED_EARLY|ECONNRESET)$/);
			assert.equal(failure.retryable, true);
			r.clock.advance(60_000);
		}
		const [result] = await running;
		assert.deepEqual([result?.error, await list(dir)], [null, ['file.bin']]);
		assert.match(server.seen[2]?.range ?? '', /^bytes=\d+-$/, 'the rest, not the whole');
	});

	test('a server that shuts down in order finishes what it has begun, and the rest takes a new connection', async t => {
		const server = await serve(t, (stream, _headers, self) => {
			stream.respond({':status': 200});
			if (self.seen.length === 1) stream.session?.goaway(0);
			stream.end('whole');
		});
		const urls = Array.from({length: 5}, (_, index) => server.url(`/${index}`));
		const results = await rig(t, {ca, http2: true, concurrency: 1}).run(...urls);
		assert.deepEqual(
			results.map(({error, bytes}) => [error, bytes]),
			urls.map(() => [null, 5]),
		);
		assert.ok(server.sessions.length > 1);
	});

	test('a stream without an answer, a connection that breaks and silence have the codes they have with HTTP/1.1', async t => {
		const server = await serve(t, (stream, {':path': path}) => {
			if (path === '/reset') stream.close(8);
			if (path === '/gone') stream.session?.destroy();
			if (path === '/stalls') stream.respond({':status': 200});
			if (path === '/stalls') stream.write('some');
		});
		const r = rig(t, {ca, http2: true, concurrency: 1, timeout: 1_000});
		const results = await r.run(...['/reset', '/gone', '/silent', '/stalls'].map(path => server.url(path)));
		const codes = results.map(({error}) => error?.code ?? '');
		assert.match(codes[0] ?? '', /^(CLOSED_EARLY|ECONNRESET)$/);
		assert.match(codes[1] ?? '', /^(CLOSED_EARLY|ECONNRESET)$/);
		assert.deepEqual(codes.slice(2), ['FIRST_BYTE_TIMEOUT', 'SILENCE_TIMEOUT']);
	});

	/** A server of frames: it grants no stream, and then hangs up or does not. */
	async function ungranting(t: TestContext, hangsUp: boolean): Promise<{url: string; connections: () => number}> {
		let connections = 0;
		const sockets = new Set<TLSSocket>();
		const noStreams = Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0]);
		const goAway = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
		const server = createServer({...certificate, ALPNProtocols: ['h2']}, socket => {
			connections++;
			sockets.add(socket);
			socket.on('error', () => {});
			socket.resume();
			socket.write(noStreams);
			if (hangsUp) setTimeout(() => socket.end(goAway), 20);
		});
		await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
		t.after(async () => {
			const closed = new Promise(resolve => server.close(resolve));
			for (const socket of sockets) socket.destroy();
			await closed;
		});
		return {url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections};
	}

	for (const hangsUp of [false, true])
		test(`a server that grants no stream${hangsUp ? ', and hangs up each time,' : ''} is given up, and connected to no more`, async t => {
			const {url, connections} = await ungranting(t, hangsUp);
			const r = rig(t, {ca, http2: true, timeout: 200, connectTimeout: 200, retries: 0});
			const results = await r.run(...[1, 2, 3].map(number => `${url}/${number}`));
			for (const {error} of results) assert.match(error?.code ?? '', /^(FIRST_BYTE|CONNECT)_TIMEOUT$/);
			const before = connections();
			await setTimeoutAsync(hangsUp ? 300 : 0);
			assert.ok(connections() <= before + 3, `${connections()} connections, ${before} before it was given up`);
		});
});
