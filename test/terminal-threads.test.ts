import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {lockFolder} from '../source/storage/lock.ts';
import {readCookies} from '../source/transport/secret-files.ts';
import {folder} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';
import {fetchtop, noTerminal, openTerminal, type TestTerminal} from './helpers/terminal.ts';

const skip = noTerminal;

const namesIn = async (jar: string) => (await readCookies(jar)).map(({name}) => name);

/** A run that has got a cookie and waits for the next answer. */
async function holdingWithJar(t: TestContext): Promise<{jar: string; terminal: TestTerminal}> {
	const server = await startServer(t);
	server.on('/', (_request, response) => response.writeHead(200, {'set-cookie': 'got=1'}).end('x'));
	server.hold('/held');
	const jar = path.join(await folder(t), 'jar');
	const terminal = openTerminal(
		t,
		fetchtop(`--no-save -c 1 --cookie-jar ${jar} ${server.url('/')} ${server.url('/held')}`),
	);
	await terminal.shows('1 done');
	await server.until(() => server.asked('/held').length === 1);
	return {jar, terminal};
}

for (const [how, keys, status] of [
	['q', 'q', 130],
	['q twice', 'qq', 130],
	['Ctrl-C twice', '\u0003\u0003', 130],
] as const) {
	test(`with the dashboard, ${how} saves the cookie jar`, {skip}, async t => {
		const {jar, terminal} = await holdingWithJar(t);
		terminal.type(keys);
		assert.equal(await terminal.exited, status);
		assert.deepEqual(await namesIn(jar), ['got']);
		assert.match(terminal.settings, / icanon/);
	});
}

test('a second signal leaves at once, and the cookie jar is saved all the same', {skip}, async t => {
	const {jar, terminal} = await holdingWithJar(t);
	terminal.signal('SIGTERM');
	terminal.signal('SIGHUP');
	assert.ok([143, 129].includes(await terminal.exited));
	assert.deepEqual(await namesIn(jar), ['got']);
	assert.equal(terminal.onAlternateScreen, false);
	assert.match(terminal.settings, / icanon/);
});

test('a bug in the engine gives the terminal back, is told in one line, and ends with 70', {skip}, async t => {
	const server = await startServer(t);
	server.page('/1', 'x');
	const fixture = pathToFileURL(path.resolve(import.meta.dirname, 'fixtures/broken-engine.mjs'));
	const terminal = openTerminal(t, fetchtop(`--no-save ${server.url('/1')}`), 100, 24, {
		NODE_OPTIONS: `--import ${fixture}`,
	});
	assert.equal(await terminal.exited, 70);
	assert.equal(terminal.onAlternateScreen, false);
	assert.match(terminal.text, /^fetchtop: internal error: the engine broke on purpose$/m);
	assert.match(terminal.settings, / icanon/);
	assert.match(terminal.settings, / echo /);
});

test('what cannot be opened is one line on the normal screen and status 2, also with the dashboard', {
	skip,
}, async t => {
	const dir = await folder(t);
	const unlock = await lockFolder(dir);
	t.after(() => unlock?.());
	const terminal = openTerminal(t, fetchtop(`-d ${dir} http://127.0.0.1:1/`));
	assert.equal(await terminal.exited, 2);
	assert.equal(terminal.onAlternateScreen, false);
	assert.match(terminal.text.trimStart(), /^fetchtop: another fetchtop is saving into the folder/);
	assert.match(terminal.settings, / icanon/);
});

test('a list that is left in the middle goes whole into --save-failed, whatever the engine has read of it', {
	skip,
}, async t => {
	const server = await startServer(t);
	server.hold('/held');
	const urls = Array.from({length: 6_000}, (_, index) => server.url(`/held?${index}`));
	const dir = await folder(t);
	const listed = `i=0; while [ $i -lt 6000 ]; do echo "${server.url('/held?$i')}"; i=$((i+1)); done > list`;
	const terminal = openTerminal(
		t,
		`${listed}; ${fetchtop(`--no-save -c 2 -i list --save-failed ${path.join(dir, 'rest')}`)}`,
	);
	await terminal.shows('2 running / 2');
	await server.arrived(2);
	terminal.type('q');
	assert.equal(await terminal.exited, 130);
	const rest = await readFile(path.join(dir, 'rest'), 'utf8');
	assert.deepEqual(
		rest.split('\n').filter(line => line.startsWith('http')),
		urls,
	);
});

test('the body of -o - comes out whole while the dashboard is on', {skip}, async t => {
	const server = await startServer(t);
	const body = Buffer.alloc(3_000_000, 'x');
	server.page('/big', body);
	const terminal = openTerminal(t, `${fetchtop(`-o - --dashboard --exit ${server.url('/big')}`)} > out`);
	assert.equal(await terminal.exited, 0);
	assert.equal(terminal.read('out'), body.toString());
});
