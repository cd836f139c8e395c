import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {startServer} from './helpers/server.ts';
import {fetchtop} from './helpers/terminal.ts';

/** A folder that is gone after the test. */
function folder(t: TestContext): string {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'fetchtop-list-'));
	t.after(() => rmSync(dir, {recursive: true, force: true}));
	return dir;
}

/** Runs the built program to its end, without a terminal; asynchronously, because the server lives in this process. */
async function run(args: string, cwd: string): Promise<{out: string; errors: string; status: number | null}> {
	const child = spawn('sh', ['-c', `exec ${fetchtop(args)}`], {cwd, stdio: ['ignore', 'pipe', 'pipe']});
	let [out, errors] = ['', ''];
	child.stdout.setEncoding('utf8').on('data', chunk => {
		out += chunk;
	});
	child.stderr.setEncoding('utf8').on('data', chunk => {
		errors += chunk;
	});
	const status = await new Promise<number | null>(resolve => child.once('close', resolve));
	return {out, errors, status};
}

test('a list of 5,000 pages gives 5,000 records with the right titles, never more than -c at once', async t => {
	const server = await startServer(t);
	// Answers only when as many are waiting as may be at once, so that the limit is really reached.
	const waiting: Array<() => void> = [];
	server.on('*', (request, response) => {
		const title = `<title>页面 ${request.url?.slice(1)}</title>`;
		waiting.push(() => response.writeHead(200, {'content-type': 'text/html'}).end(title));
		if (waiting.length === 7 || server.seen.length === 5000) for (const answer of waiting.splice(0)) answer();
	});
	const dir = folder(t);
	const list = Array.from({length: 5000}, (_, index) => server.url(`/${index + 1}`));
	writeFileSync(path.join(dir, 'list.txt'), `# five thousand\n\n${list.join('\r\n')}`);
	const {out, errors, status} = await run('-i list.txt --no-save --json -c 7', dir);
	const titles = out
		.trim()
		.split('\n')
		.map(line => JSON.parse(line))
		.map(({url, title}): [string, string] => [url, title]);
	assert.deepEqual(new Map(titles), new Map(list.map((url, index) => [url, `页面 ${index + 1}`])));
	assert.equal(titles.length, 5000);
	assert.equal(server.most, 7);
	assert.equal(status, 0);
	assert.match(errors, /5,000 tasks: 5,000 done/);
});

test('a bad line fails with its number, and the rest of the list goes on', async t => {
	const server = await startServer(t);
	server.page('/1', 'x').page('/2', 'y');
	const dir = folder(t);
	writeFileSync(path.join(dir, 'list.txt'), `${server.url('/1')}\nhello world\n${server.url('/2')}\n`);
	const {out, status} = await run('-i list.txt', dir);
	assert.match(out, /Error: INVALID_URL list\.txt:2: not an http\(s\) URL: "hello world"/);
	assert.match(out, /3 tasks: 2 done, 1 failed/);
	assert.equal(status, 1);
});

for (const [args, complaint] of [
	['', "there is no URL in the input; 'fetchtop --help' tells how, 'fetchtop demo' shows what it does"],
	['-i nope.txt', 'cannot read the list "nope.txt": no such file'],
	['-i .', 'cannot read the list ".": it is a folder'],
	['example.com/a', 'not an http(s) URL: "example.com/a"; did you mean https://example.com/a?'],
	['-d /dev/null http://127.0.0.1/', 'cannot write to the folder "/dev/null": a file of that name is in the way'],
	['--concurency 3 http://127.0.0.1/', "unknown option '--concurency' (Did you mean --concurrency?)"],
	[
		'-c 0 http://127.0.0.1/',
		"option '-c, --concurrency <n>' argument '0' is invalid: it must be a whole number from 1 to 512",
	],
] as const) {
	test(`\`fetchtop ${args}\` is told what is wrong in one line, with exit status 2`, async t => {
		const {errors, status} = await run(args, folder(t));
		assert.equal(
			errors.split('\n').find(line => line.startsWith('fetchtop: ')),
			`fetchtop: ${complaint}`,
		);
		assert.equal(status, 2);
	});
}
