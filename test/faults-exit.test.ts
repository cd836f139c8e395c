import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import path from 'node:path';
import {folder, list, test} from './helpers/engine.ts';
import {answer, chunked, endless, FIN, head, ok, type Row, RST, staged} from './helpers/fault.ts';

/** What stays open, half-open, silent or endless on the server's side: the client has to let go of it. */
const faults: Record<string, {row: Pick<Row, 'accept' | 'scripts'>; code: string; attempts?: number}> = {
	works: {row: {scripts: [[ok()]]}, code: 'done', attempts: 1},
	resets: {row: {scripts: [[RST]]}, code: 'ECONNRESET'},
	silent: {row: {scripts: [[]]}, code: 'FIRST_BYTE_TIMEOUT'},
	stalls: {row: {scripts: [[`${head('Content-Length: 10')}12345`]]}, code: 'SILENCE_TIMEOUT'},
	'stalls-in-chunks': {row: {scripts: [[chunked('2\r\nab\r\n')]]}, code: 'SILENCE_TIMEOUT'},
	interim: {row: {scripts: [[endless('HTTP/1.1 100 Continue\r\n\r\n')]]}, code: 'BAD_RESPONSE', attempts: 1},
	noise: {row: {accept: [endless('noise')]}, code: 'BAD_RESPONSE', attempts: 1},
	headers: {row: {scripts: [['HTTP/1.1 200 OK\r\n', endless('a: b\r\n')]]}, code: 'HEADERS_TOO_LARGE', attempts: 1},
	trailers: {row: {scripts: [[chunked('0\r\n'), endless('a: b\r\n')]]}, code: 'HEADERS_TOO_LARGE', attempts: 1},
	endless: {row: {scripts: [[head(), endless('x'.repeat(10_000))]]}, code: 'TOO_LARGE', attempts: 1},
	'not-found': {
		row: {scripts: [['HTTP/1.1 404 Not Found\r\n\r\n', endless('x'.repeat(10_000))]]},
		code: 'HTTP_404',
		attempts: 1,
	},
	busy: {row: {scripts: [[answer(503)]]}, code: 'HTTP_503'},
	circle: {row: {scripts: [[answer(302, ['Location: /circle'])]]}, code: 'REDIRECT_LOOP', attempts: 1},
	short: {row: {scripts: [[`${head('Content-Length: 10')}12345`, FIN]]}, code: 'CLOSED_EARLY'},
};

test('a program that fetched from the worst of servers ends by itself: no socket and no timer holds it', async t => {
	const dir = await folder(t);
	const stages = await Promise.all(
		Object.entries(faults).map(async ([name, {row}]) => ({name, stage: await staged(t, row)})),
	);
	const urls = stages.map(({name, stage}) => `${stage.origin}/${name}`);
	const program = path.join(import.meta.dirname, 'helpers/fetch-and-end.ts');
	const child = spawn(process.execPath, ['--import', 'tsx', program, dir, ...urls]);
	t.after(() => child.kill('SIGKILL'));
	let [out, errors] = ['', ''];
	child.stdout.on('data', chunk => {
		out += chunk;
	});
	child.stderr.on('data', chunk => {
		errors += chunk;
	});
	assert.equal(await new Promise(resolve => child.once('close', resolve)), 0, errors);
	assert.equal(errors, '');
	const {ended, active} = JSON.parse(out) as {ended: Array<[string, string, number]>; active: string[]};
	const found = Object.fromEntries(ended.map(([url, ...rest]) => [path.basename(url), rest]));
	const expected = Object.entries(faults).map(([name, {code, attempts = 2}]) => [name, [code, attempts]]);
	assert.deepEqual(found, Object.fromEntries(expected));
	assert.deepEqual(
		active.filter(name => !/^(?:Pipe|TTY|FS)/.test(name)),
		[],
	);
	await Promise.all(stages.map(({stage}) => stage.deserted()));
	// What may be gone on with stays, and nothing else does.
	assert.deepEqual(await list(dir), ['endless.part', 'short.part', 'stalls-in-chunks.part', 'stalls.part', 'works']);
});
