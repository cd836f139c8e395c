import assert from 'node:assert/strict';
import {createBrotliCompress, createGzip, createZstdCompress} from 'node:zlib';
import {rig, test} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';

const html = {'content-type': 'text/html; charset=utf-8'};
const filler = '<p>filler</p>'.repeat(10_000);

test('with titlesOnly the connection is closed as soon as the title is known', async t => {
	const server = await startServer(t);
	// It never ends: only who leaves in the middle gets to the end.
	server.on('/endless', (_request, response) => {
		response.writeHead(200, html).write(`<title>Endless</title>${filler}`);
		const more = () => {
			if (!response.destroyed) response.write(filler.repeat(10), more);
		};
		more();
	});
	const result = await rig(t, {titlesOnly: true}).fetch(server.url('/endless'));
	assert.equal(result.title, 'Endless');
	assert.equal(result.state, 'done');
	assert.ok(result.bytes < 8 * 1024 * 1024, `${result.bytes} bytes were read`);
	await server.seen[0]?.closed;
});

test('with titlesOnly a body that is no page is not read', async t => {
	const server = await startServer(t);
	server.on('/image', (_request, response) => {
		response.writeHead(200, {'content-type': 'image/png', 'content-length': 1e9}).write(filler);
	});
	const result = await rig(t, {titlesOnly: true}).fetch(server.url('/image'));
	assert.equal(result.state, 'done');
	assert.equal(result.title, null);
	await server.seen[0]?.closed;
});

for (const [coding, compress] of Object.entries({
	gzip: createGzip,
	br: createBrotliCompress,
	zstd: createZstdCompress,
})) {
	test(`a title is told while the rest of the page, in ${coding}, is still to come`, async t => {
		const server = await startServer(t);
		const told = Promise.withResolvers<void>();
		server.on('/slow', async (_request, response) => {
			response.writeHead(200, {...html, 'content-encoding': coding});
			const stream = compress();
			stream.pipe(response);
			stream.write('<title>Early</title>');
			stream.flush();
			await told.promise;
			stream.end('<p>the rest');
		});
		const engine = rig(t);
		const result = engine.fetch(server.url('/slow'));
		assert.equal((await engine.seen('titled')).title, 'Early');
		told.resolve();
		assert.equal((await result).title, 'Early');
	});
}

test('a title is told while the rest of the page is still to come', async t => {
	const server = await startServer(t);
	const told = Promise.withResolvers<void>();
	server.on('/slow', async (_request, response) => {
		response.writeHead(200, html).write('<title>Early</title>');
		await told.promise;
		response.end('<p>the rest');
	});
	const engine = rig(t);
	const result = engine.fetch(server.url('/slow'));
	assert.equal((await engine.seen('titled')).title, 'Early');
	told.resolve();
	assert.equal((await result).title, 'Early');
});
