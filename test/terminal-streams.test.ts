import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {test} from 'node:test';
import {folder} from './helpers/engine.ts';
import {start} from './helpers/program.ts';
import {type Gate, startServer} from './helpers/server.ts';
import {fetchtop, noTerminal, openTerminal, type TestTerminal} from './helpers/terminal.ts';

const skip = noTerminal;

/** It still obeys keys, and comes to its end when the answer that is held does. */
async function steerToTheEnd(terminal: TestTerminal, gate: Gate): Promise<void> {
	terminal.type('+');
	await terminal.shows('1 running / 9');
	gate.open();
	await terminal.shows('ended: q leaves');
	terminal.type('q');
	assert.equal(await terminal.exited, 0);
}

test('with the list on stdin the keys come from the controlling terminal', {skip}, async t => {
	const server = await startServer(t);
	const gate = server.hold('/1');
	const terminal = openTerminal(t, `echo ${server.url('/1')} | ${fetchtop('--no-save')}`);
	await terminal.shows('1 running / 8');
	await steerToTheEnd(terminal, gate);
	assert.equal(terminal.onAlternateScreen, false);
});

test('--dashboard draws on the terminal while the records go into a file', {skip}, async t => {
	const server = await startServer(t);
	server.page('/1', '<title>One</title>', {'content-type': 'text/html'});
	const terminal = openTerminal(t, `${fetchtop(`--no-save --json --dashboard ${server.url('/1')}`)} > out.ndjson`);
	await terminal.shows('ended: q leaves');
	assert.equal(terminal.onAlternateScreen, true);
	terminal.type('q');
	assert.equal(await terminal.exited, 0);
	assert.match(terminal.text, /Elapsed time: .* 1 done/);
	const records = terminal.read('out.ndjson').trim().split('\n');
	assert.deepEqual(
		records.map(line => JSON.parse(line).title),
		['One'],
	);
});

test('a crash inside the dashboard restores the terminal, says so in one line, and the run goes on', {
	skip,
}, async t => {
	const server = await startServer(t);
	server.page('/1', '<title>One</title>', {'content-type': 'text/html'});
	const gate = server.hold('/2', '<title>Two</title>');
	const fixture = path.resolve(import.meta.dirname, 'fixtures/broken-dashboard.ts');
	const terminal = openTerminal(
		t,
		`${process.execPath} --import ${import.meta.resolve('tsx')} ${fixture} ${server.url('/1')} ${server.url('/2')}`,
	);
	await terminal.shows('fetchtop: the dashboard failed (the screen broke on purpose); going on with plain lines');
	assert.equal(terminal.onAlternateScreen, false);
	gate.open();
	assert.equal(await terminal.exited, 0);
	assert.match(terminal.text, /\[Task 2\]/);
	assert.match(terminal.text, /2 done/);
	assert.match(terminal.settings, / icanon/);
});

test('a pipe that closes early ends the run quietly', async t => {
	const server = await startServer(t);
	server.page('*', 'x');
	const urls = Array.from({length: 200}, (_, index) => server.url(`/${index}`)).join('\\n');
	const {stdout, stderr, status} = await shell(`printf '${urls}\\n' | ${fetchtop('--no-save --json')} | head -1`);
	assert.equal(stdout.split('\n').length, 2);
	assert.equal(stderr, '');
	assert.equal(status, 0);
});

/** Asynchronously, because the server that answers lives in this process. */
async function shell(command: string): Promise<{stdout: string; stderr: string; status: number | null}> {
	const child = spawn('sh', ['-c', command], {stdio: ['ignore', 'pipe', 'pipe']});
	let [stdout, stderr] = ['', ''];
	child.stdout.on('data', chunk => (stdout += chunk));
	child.stderr.on('data', chunk => (stderr += chunk));
	const status = await new Promise<number | null>(resolve => child.once('close', resolve));
	return {stdout, stderr, status};
}

test('a body on stdout ends with its reader', async t => {
	const server = await startServer(t);
	server.page('/big', Buffer.alloc(8_000_000));
	const {stderr, stdout} = await shell(
		`{ ${fetchtop(`-o - ${server.url('/big')}`)}; echo status $? >&2; } | head -c 10 | wc -c`,
	);
	assert.equal(stdout.trim(), '10');
	assert.equal(stderr.trim(), 'status 141');
});

for (const option of ['--json', '--plain', '--events -']) {
	const skip = existsSync('/dev/full') ? false : 'needs /dev/full';
	test(`what cannot be written with ${option} makes the exit status 1, even the very last line`, {skip}, async t => {
		const server = await startServer(t);
		server.page('/1', 'x');
		const {stderr, status} = await shell(`${fetchtop(`--no-save ${option} ${server.url('/1')}`)} > /dev/full`);
		assert.match(stderr, /^fetchtop: cannot write the output: ENOSPC/);
		assert.equal(status, 1);
	});
}

test('what is to be said while the dashboard is on is a notice in it, moves no line of it, and is said again when it is gone', {
	skip,
}, async t => {
	const server = await startServer(t);
	server.hold('/held');
	const listed = `printf '${server.url('/held')}\\n  max-tries=5\\n' > list`;
	const terminal = openTerminal(t, `${listed}; ${fetchtop('-i list --no-save')}`);
	await server.arrived(1);
	await terminal.shows('1 running / 8');
	await terminal.until(() => /^ list:2: .*max-tries/.test(terminal.lines.at(-2) ?? ''), 'the notice in the footer');
	assert.match(terminal.lines[0] ?? '', /^ fetchtop/);
	assert.equal(terminal.text.match(/max-tries/g)?.length, 1);
	terminal.type('q');
	assert.equal(await terminal.exited, 130);
	assert.match(terminal.text, /^fetchtop: .*max-tries/m);
});

test('events that cannot be written are told under the dashboard at once', {
	skip: skip || (existsSync('/dev/full') ? false : 'needs /dev/full'),
}, async t => {
	const server = await startServer(t);
	server.hold('/held');
	const terminal = openTerminal(t, fetchtop(`--no-save --events /dev/full ${server.url('/held')}`));
	await terminal.shows('the events in "/dev/full" broke off: ');
	assert.equal(terminal.onAlternateScreen, true);
	terminal.type('q');
	assert.equal(await terminal.exited, 130);
	assert.match(terminal.text, /^fetchtop: the events in "\/dev\/full" broke off: /m);
});

test('SIGUSR1 opens no debugger and says nothing, on the screen or beside it', {skip}, async t => {
	const server = await startServer(t);
	const gate = server.hold('/held');
	const program = start(t, `--plain --no-save ${server.url('/held')}`);
	await server.arrived(1);
	program.child.kill('SIGUSR1');
	const terminal = openTerminal(t, `${fetchtop(`--no-save ${server.url('/held')}`)} 2> said`);
	await server.arrived(2);
	await terminal.shows('1 running / 8');
	terminal.signal('SIGUSR1');
	await steerToTheEnd(terminal, gate);
	assert.doesNotMatch(terminal.read('said'), /debug/i);
	const {stderr, status} = await program.ended;
	assert.deepEqual([stderr, status], ['', 0]);
});

for (const [where, options, redirection] of [
	['on stdout', '', ''],
	['beside records on stdout', '--json --dashboard', '> records'],
] as const) {
	test(`a terminal that is closed under the dashboard ${where} ends the run as SIGHUP does, with the list of what is left`, {
		skip,
	}, async t => {
		const server = await startServer(t);
		server.hold('/held');
		const dir = await folder(t);
		const rest = path.join(dir, 'rest');
		const events = path.join(dir, 'events');
		const run = fetchtop(`--no-save ${options} --save-failed ${rest} --events ${events} ${server.url('/held')}`);
		// The shell outlives its terminal, and tells the server how it ended.
		const told = `${process.execPath} -e 'fetch("${server.url('/ended/')}" + process.argv[1])'`;
		const terminal = openTerminal(t, `trap '' HUP; ${run} ${redirection}; ${told} $?`);
		await server.arrived(1);
		await terminal.shows('1 running / 8');
		terminal.hangUp();
		await server.arrived(2);
		assert.equal(server.seen[1]?.path, '/ended/129');
		assert.match(await readFile(rest, 'utf8'), /\/held$/m);
		assert.match(await readFile(events, 'utf8'), /"state":"ended"\}\n$/);
	});
}

for (const [what, command, complaint, status] of [
	['a list without a URL', `${fetchtop('-i list')}`, 'there is no URL in the input', 2],
	['an empty list for a screen reader', `${fetchtop('--screen-reader -i list')}`, 'there is no URL in the input', 2],
	[
		'nothing on stdin',
		`${fetchtop('')} < /dev/null`,
		"there is no URL in the input; 'fetchtop --help' tells how, 'fetchtop demo' shows what it does",
		2,
	],
	['a list that breaks at once', `${fetchtop('-i broken')}`, 'broken cannot be unpacked: ', 1],
	[
		'no word at all',
		`${fetchtop('')}`,
		"no URL given; 'fetchtop --help' tells how, 'fetchtop demo' shows what it does",
		2,
	],
] as const) {
	test(`${what} leaves no dashboard to wait for a key, but a line that says so`, {skip}, async t => {
		const files = `printf '# nothing\\n' > list; printf '\\037\\213no' > broken`;
		const terminal = openTerminal(t, `${files}; ${command}`, 120);
		assert.equal(await terminal.exited, status);
		assert.ok(
			terminal.lines.some(line => line.startsWith(`fetchtop: ${complaint}`)),
			terminal.text,
		);
		assert.equal(terminal.onAlternateScreen, false);
		assert.match(terminal.settings, / icanon/);
		assert.doesNotMatch(terminal.text, /Elapsed time/);
	});
}

test('a terminal that is closed ends the dashboard that waits for q, too', {skip}, async t => {
	const server = await startServer(t);
	server.page('/page', 'x');
	const told = `${process.execPath} -e 'fetch("${server.url('/ended/')}" + process.argv[1])'`;
	const terminal = openTerminal(t, `trap '' HUP; ${fetchtop(`--no-save ${server.url('/page')}`)}; ${told} $?`);
	await terminal.shows('ended: q leaves');
	terminal.hangUp();
	await server.arrived(2);
	assert.equal(server.seen[1]?.path, '/ended/129');
});
