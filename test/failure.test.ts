import assert from 'node:assert/strict';
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {coded, failureOf, failures, httpFailure} from '../source/engine/failure.ts';
import {folder, list, rig, test} from './helpers/engine.ts';
import {closedOrigin, startServer, startTcp} from './helpers/server.ts';

test('a connection that is refused is named so', async t => {
	const result = await rig(t).fetch(`${closedOrigin}/`);
	assert.deepEqual(result.error, {code: 'ECONNREFUSED', message: 'connection refused'});
	assert.equal(result.status, null);
});

test('a body that breaks off is a failure and no file', async t => {
	const origin = await startTcp(t, socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'));
	const dir = await folder(t);
	const result = await rig(t, {dir}).fetch(`${origin}/file`);
	assert.equal(result.state, 'failed');
	assert.match(result.error?.code ?? '', /^(CLOSED_EARLY|SHORT_BODY)$/);
	assert.equal(result.path, null);
	assert.equal((await list(dir)).includes('file'), false);
});

test('a chunked body without its last chunk is a failure and no file', async t => {
	const origin = await startTcp(t, socket =>
		socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n'),
	);
	const dir = await folder(t);
	const result = await rig(t, {dir}).fetch(`${origin}/file`);
	assert.equal(result.error?.code, 'CLOSED_EARLY');
	assert.equal((await list(dir)).includes('file'), false);
});

test('a body that is reset half-way is a failure and no file', async t => {
	const server = await startServer(t);
	server.on('/file', (request, response) => {
		response.writeHead(200, {'content-length': 100}).write('only this', () => request.socket.resetAndDestroy());
	});
	const dir = await folder(t);
	const result = await rig(t, {dir}).fetch(server.url('/file'));
	assert.match(result.error?.code ?? '', /^(ECONNRESET|CLOSED_EARLY)$/);
	assert.equal((await list(dir)).includes('file'), false);
});

test('a connection that is closed or reset in the middle of the headers is a failure worth another try', async t => {
	const closed = await startTcp(t, socket => socket.end('HTTP/1.1 200 OK\r\nContent-'));
	const reset = await startTcp(t, socket => socket.write('HTTP/1.1 200 OK\r\nCont', () => socket.resetAndDestroy()));
	const results = await rig(t).run(`${closed}/`, `${reset}/`);
	for (const {error} of results) {
		assert.match(error?.code ?? '', /^(CLOSED_EARLY|ECONNRESET)$/);
		assert.equal(failures[error?.code ?? '']?.retryable, true);
	}
});

test('a connection that is closed without an answer is a failure worth another try', async t => {
	const origin = await startTcp(t, socket => socket.end());
	const {error} = await rig(t).fetch(`${origin}/`);
	assert.match(error?.code ?? '', /^(CLOSED_EARLY|ECONNRESET)$/);
});

test('an answer that is no HTTP is named so', async t => {
	const origin = await startTcp(t, socket => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
	const result = await rig(t).fetch(`${origin}/`);
	assert.deepEqual(result.error, {
		code: 'BAD_RESPONSE',
		message: 'the answer is not valid HTTP: the server speaks SSH, not HTTP',
	});
});

test('headers without end are named so', async t => {
	const origin = await startTcp(t, socket => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(300_000)}\r\n\r\n`));
	const result = await rig(t).fetch(`${origin}/`);
	assert.equal(result.error?.code, 'HEADERS_TOO_LARGE');
});

test('a server that accepts and never answers is given up after the timeout', async t => {
	const server = await startServer(t);
	server.on('/', () => {});
	const result = await rig(t, {timeout: 50}).fetch(server.url('/'));
	assert.deepEqual(result.error, {code: 'FIRST_BYTE_TIMEOUT', message: 'no answer in time'});
	await server.seen[0]?.closed;
});

test('a body that stalls is given up after the timeout, and what came is kept', async t => {
	const server = await startServer(t);
	server.on('/file', (_request, response) => void response.writeHead(200, {'content-length': 100}).write('some'));
	const dir = await folder(t);
	// Long enough for it to begin on a busy machine.
	const result = await rig(t, {dir, timeout: 1_000}).fetch(server.url('/file'));
	assert.deepEqual(result.error, {code: 'SILENCE_TIMEOUT', message: 'the transfer stalled'});
	assert.equal(result.bytes, 4);
	assert.deepEqual(await list(dir), ['file.part']);
});

test('an answer of 4xx or 5xx is a failed task and its body is not saved', async t => {
	const server = await startServer(t);
	server.on('/denied', (_request, response) => response.writeHead(403).end('<title>Denied</title>'));
	server.on('/broken', (_request, response) => response.writeHead(500).end('x'.repeat(200_000)));
	const dir = await folder(t);
	const results = await rig(t, {dir}).run(server.url('/denied'), server.url('/broken'));
	assert.deepEqual(
		results.map(({status, error, path: file}) => [status, error?.message, file]),
		[
			[403, '403 Forbidden', null],
			[500, '500 Internal Server Error', null],
		],
	);
	assert.deepEqual(await list(dir).catch(() => []), []);
});

test('a folder that cannot be written to fails the task with the reason, and its connection does not stay open', async t => {
	const server = await startServer(t);
	// More than fits into the buffers on the way, so that the server can only be done if somebody reads it or hangs up.
	server.on('/file', (_request, response) => void response.end(Buffer.alloc(64 * 1024 * 1024)));
	const dir = path.join(await folder(t), 'dir');
	await writeFile(dir, 'a file stands here');
	const result = await rig(t, {dir}).fetch(server.url('/file'));
	assert.match(result.error?.code ?? '', /^(ENOTDIR|EEXIST)$/);
	let leftOpen = false;
	// A deadline for what must not happen; when all is well nobody waits for it.
	const deadline = setTimeout(() => {
		leftOpen = true;
		server.seen[0]?.response.destroy();
	}, 2_000);
	await server.seen[0]?.closed;
	clearTimeout(deadline);
	assert.equal(leftOpen, false, 'the connection was left open');
});

test('a file name that is taken by a folder costs a number, not the file', async t => {
	const server = await startServer(t);
	server.page('/name');
	const dir = await folder(t);
	await mkdir(path.join(dir, 'name'));
	const result = await rig(t, {dir}).fetch(server.url('/name'));
	assert.equal(result.path, 'name.1');
});

test('a status is worth another try exactly when it may be for now', () => {
	const retryable = Array.from({length: 200}, (_, index) => 400 + index).filter(
		status => httpFailure(status).retryable,
	);
	assert.deepEqual(retryable, [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);
	assert.equal(httpFailure(599).message, '599 (unnamed server error)');
	assert.equal(httpFailure(499).message, '499 (unnamed client error)');
	assert.equal(httpFailure(999).message, '999 (no status of HTTP)');
	assert.equal(httpFailure(521).message, '521 Web Server Is Down');
});

test('whatever is thrown becomes a failure with a code and a safe message on one line', () => {
	const nested = new Error('outer', {
		cause: new Error('inner', {cause: Object.assign(new Error(), {code: 'ENOTFOUND'})}),
	});
	const cases: Array<[unknown, string]> = [
		[nested, 'ENOTFOUND'],
		[new AggregateError([Object.assign(new Error(), {code: 'ECONNREFUSED'})]), 'ECONNREFUSED'],
		[new AggregateError([]), 'UNKNOWN'],
		[Object.assign(new Error('bad\u001b[31m\nnews'), {code: 'E\u0007ODD'}), 'EODD'],
		['a string', 'UNKNOWN'],
		[undefined, 'UNKNOWN'],
		[new Error(''), 'UNKNOWN'],
	];
	for (const [error, code] of cases) {
		const failure = failureOf(error);
		assert.equal(failure.code, code);
		assert.match(failure.message, /^[^\u0000-\u001f]+$/);
	}
	const circular = new Error('circular');
	circular.cause = circular;
	assert.equal(failureOf(circular).code, 'UNKNOWN');
});

test('an error of our own says what it found', () => {
	assert.equal(failureOf(coded('REDIRECT_LOOP', 'a → b → a')).message, 'a → b → a');
	assert.equal(failureOf(coded('SHORT_BODY')).message, failures.SHORT_BODY?.means);
});
