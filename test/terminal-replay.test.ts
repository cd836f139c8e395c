import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {folder, turn} from './helpers/engine.ts';
import {run, start} from './helpers/program.ts';
import {startServer} from './helpers/server.ts';
import {fetchtop, noTerminal, openTerminal} from './helpers/terminal.ts';

const skip = noTerminal;
const demoRun = path.resolve(import.meta.dirname, 'fixtures/demo-run.ndjson');
const resultsIn = (text: string) =>
	text
		.trimEnd()
		.split('\n')
		.flatMap(line => JSON.parse(line).result ?? []);

/** The recorded demo with one line of it broken. */
async function damaged(t: TestContext, line: number): Promise<string> {
	const lines = (await readFile(demoRun, 'utf8')).split('\n');
	lines[line - 1] = '{"at":1,"type":"queued","id":5}';
	const file = path.join(await folder(t), 'damaged.ndjson');
	await writeFile(file, lines.join('\n'));
	return file;
}

suite('fetchtop replay on a terminal', {skip}, () => {
	test('shows the run again: the views can be walked through, but nothing can be changed', async t => {
		const terminal = openTerminal(t, fetchtop(`replay ${demoRun} --from 0:06`), 120, 40);
		await terminal.shows(/^ fetchtop replay ×1 .* 0:0[67]/m);
		await terminal.shows('debian-mini.iso');
		terminal.type('p');
		await terminal.shows(/^ fetchtop replay paused/m);
		const before = terminal.lines[1];
		terminal.type('+');
		await terminal.shows('this is a replay: nothing can be changed');
		assert.equal(terminal.lines[1], before);
		terminal.type('3');
		await terminal.shows('[3 Done');
		terminal.type('?');
		await terminal.shows('replay at double the speed');
		terminal.type('\u001b');
		await terminal.until(() => !terminal.text.includes('replay at double the speed'), 'the help is closed');
		terminal.type('p>>');
		await terminal.shows(/^ fetchtop replay ×4/m);
		terminal.type('<');
		await terminal.shows(/^ fetchtop replay ×2/m);
		terminal.type('q');
		assert.equal(await terminal.exited, 0);
		assert.equal(terminal.onAlternateScreen, false);
		assert.match(terminal.text, /Elapsed time: .* not finished/);
		assert.match(terminal.settings, / icanon/);
	});

	test('pasted URLs and typed commands change nothing either', async t => {
		const terminal = openTerminal(t, fetchtop(`replay ${demoRun} --from 0:06`), 120, 40);
		await terminal.shows('fetchtop replay ×1');
		for (const keys of ['\u001b[200~http://127.0.0.1:1/\u001b[201~', ':c 50\r', 'a']) {
			terminal.type(`${keys}`);
			await terminal.shows('this is a replay: nothing can be changed');
			terminal.type('j');
			await terminal.until(() => !terminal.text.includes('nothing can be changed'), 'the notice is gone');
		}
		assert.doesNotMatch(terminal.text, /concurrency 50/);
		terminal.type('q');
		assert.equal(await terminal.exited, 0);
	});

	test('it stays at its end until q, with the frame that the run ended with', async t => {
		const terminal = openTerminal(t, fetchtop(`replay ${demoRun} --speed 1000`), 120, 40);
		await terminal.shows('replay at its end');
		await terminal.shows('ended: q leaves');
		await terminal.shows('✔ done');
		terminal.type('p');
		await terminal.shows('the replay is at its end');
		terminal.type('q');
		assert.equal(await terminal.exited, 0);
		assert.match(terminal.text, /Elapsed time: .* tasks: .* done/);
	});

	test('with --exit it leaves by itself', async t => {
		const terminal = openTerminal(t, fetchtop(`replay ${demoRun} --speed 1000 --exit`), 120, 40);
		assert.equal(await terminal.exited, 0);
		assert.match(terminal.text, /Elapsed time/);
		assert.match(terminal.settings, / icanon/);
	});

	test('a signal ends it and gives the terminal back', async t => {
		const terminal = openTerminal(t, fetchtop(`replay ${demoRun}`), 120, 40);
		await terminal.shows('replay ×1');
		terminal.signal('SIGTERM');
		assert.equal(await terminal.exited, 143);
		assert.equal(terminal.onAlternateScreen, false);
		assert.match(terminal.settings, / icanon/);
	});

	for (const [signal, status] of [
		['SIGHUP', 129],
		['SIGINT', 130],
		['SIGTERM', 143],
	] as const)
		test(`${signal} ends one that is at its end, too, and gives the terminal back`, async t => {
			const terminal = openTerminal(t, fetchtop(`replay ${demoRun} --speed 1000`), 120, 40);
			await terminal.shows('ended: q leaves');
			terminal.signal(signal);
			assert.equal(await terminal.exited, status);
			assert.equal(terminal.onAlternateScreen, false);
			assert.match(terminal.text, /Elapsed time: .* tasks: .* done/);
			assert.match(terminal.settings, / icanon/);
		});

	for (const [where, options, shown] of [
		['in the middle', '', 'replay ×1'],
		['at its end', '--speed 1000', 'ended: q leaves'],
	] as const)
		test(`a terminal that is closed ends it ${where}`, async t => {
			const server = await startServer(t);
			// The shell outlives its terminal, and tells the server how it ended.
			const told = `${process.execPath} -e 'fetch("${server.url('/ended/')}" + process.argv[1])'`;
			const replay = fetchtop(`replay ${demoRun} ${options}`);
			const terminal = openTerminal(t, `trap '' HUP; ${replay}; ${told} $?`, 120, 40);
			await terminal.shows(shown);
			terminal.hangUp();
			await server.arrived(1);
			assert.equal(server.seen[0]?.path, '/ended/129');
		});

	test('what breaks off in the middle can be looked at up to there, and says where and why', async t => {
		const terminal = openTerminal(t, fetchtop(`replay ${await damaged(t, 200)} --speed 1000`), 160, 40);
		await terminal.shows('replay broke off');
		await terminal.shows('✔ done');
		terminal.type('q');
		assert.equal(await terminal.exited, 1);
		assert.match(terminal.text, /fetchtop: .*damaged.ndjson", line 200: id is not the id of a task/);
		assert.match(terminal.settings, / icanon/);
	});

	test('what is no recording is one line on the normal screen, and status 2', async t => {
		const terminal = openTerminal(t, fetchtop(`replay ${path.resolve('package.json')}`), 160, 40);
		assert.equal(await terminal.exited, 2);
		assert.match(terminal.text.trim(), /^fetchtop: ".*" is no recording: record a run by --events FILE$/);
	});

	test('a run recorded under the dashboard is replayed with its changes of the concurrency', async t => {
		const server = await startServer(t);
		server.page('/page', '<title>One</title>');
		server.hold('/held');
		const urls = [server.url('/page'), ...Array.from({length: 9}, (_, index) => server.url(`/held?${index}`))];
		const file = path.join(await folder(t), 'run.ndjson');
		const terminal = openTerminal(t, fetchtop(`--no-save -c 2 --events ${file} ${urls.join(' ')}`));
		await terminal.shows('2 running / 2');
		terminal.type('++');
		await terminal.shows('4 running / 4');
		terminal.type('q');
		assert.equal(await terminal.exited, 130);
		const {stdout, status} = await run(t, `replay ${file}`);
		assert.equal(status, 0);
		assert.match(stdout, /Title: One/);
		assert.match(stdout, /10 tasks: 1 done, 9 not finished/);
		const limits = (await readFile(file, 'utf8')).match(/"type":"limits","concurrency":\d+/g);
		assert.deepEqual(
			limits?.map(text => text.at(-1)),
			['2', '3', '4'],
		);
	});
});

suite('fetchtop replay without a terminal', () => {
	test('prints at once the lines that the run has printed, and its summary', async t => {
		const server = await startServer(t);
		server.page('/1', '<title>One</title>').page('/2', '<title>Two</title>');
		const file = path.join(await folder(t), 'run.ndjson');
		const urls = ['/1', '/2', '/missing'].map(name => server.url(name)).join(' ');
		const original = await run(t, `--no-save -c 1 --events ${file} ${urls}`);
		const again = await run(t, `replay ${file}`);
		assert.equal(original.status, 1);
		assert.equal(again.status, 0, 'it could be read');
		const lines = again.stdout.trimEnd().split('\n');
		assert.deepEqual(lines, original.stdout.split('\n').slice(0, lines.length));
		assert.match(again.stdout, /3 tasks: 2 done, 1 failed/);
		assert.equal(again.stderr, '');
	});

	test('with --json, the records', async t => {
		const {stdout, status} = await run(t, `replay --json ${demoRun}`);
		const records = stdout
			.trimEnd()
			.split('\n')
			.map(line => JSON.parse(line));
		assert.deepEqual(records, resultsIn(await readFile(demoRun, 'utf8')));
		assert.equal(status, 0);
	});

	test('with --from, what came from then on', async t => {
		const all = await run(t, `replay ${demoRun}`);
		const {stdout} = await run(t, `replay ${demoRun} --from 10`);
		assert.ok(stdout.length > 500 && all.stdout.endsWith(stdout) && stdout.length < all.stdout.length);
	});

	test('- is stdin', async t => {
		const {stdout, status} = await run(t, `replay - < ${demoRun}`);
		assert.equal(stdout, (await run(t, `replay ${demoRun}`)).stdout);
		assert.equal(status, 0);
	});

	test('a run that was killed is told up to there, and that it was', async t => {
		const server = await startServer(t);
		server.page('/1', '<title>One</title>');
		server.hold('/held');
		const file = path.join(await folder(t), 'run.ndjson');
		const program = start(t, `--no-save -c 1 --events ${file} ${server.url('/1')} ${server.url('/held')}`);
		await server.until(() => server.asked('/held').length === 1);
		// Written in its own time.
		while (!/"connecting","id":"t2"/.test(await readFile(file, 'utf8'))) await turn();
		program.child.kill('SIGKILL');
		await program.ended;
		const {stdout, stderr, status} = await run(t, `replay ${file}`);
		assert.match(stdout, /Title: One[\s\S]*2 tasks: 1 done, 1 not finished/);
		assert.match(stderr, /^fetchtop: ".*run.ndjson" breaks off behind line \d+: how the run went on is not known\n$/);
		assert.equal(status, 0);
	});

	test('a run that was stopped by a signal is recorded to its end', async t => {
		const server = await startServer(t);
		server.hold('/held');
		const file = path.join(await folder(t), 'run.ndjson');
		const program = start(t, `--no-save --events ${file} ${server.url('/held')}`);
		await server.until(() => server.asked('/held').length === 1);
		program.child.kill('SIGTERM');
		assert.equal((await program.ended).status, 143);
		const {stderr, status} = await run(t, `replay ${file}`);
		assert.equal(stderr, '');
		assert.equal(status, 0);
	});

	test('what cannot be is told with its line, behind what came before, and status 1', async t => {
		const {stdout, stderr, status} = await run(t, `replay ${await damaged(t, 200)}`);
		assert.match(stdout, /Title: [\s\S]*Elapsed time/);
		assert.match(stderr, /^fetchtop: .*damaged.ndjson", line 200: id is not the id of a task\n$/);
		assert.equal(status, 1);
	});

	test('what is no recording is an error of usage', async t => {
		const {stderr, status} = await run(t, 'replay /nowhere');
		assert.equal(stderr, 'fetchtop: cannot read the recording "/nowhere": no such file or folder\n');
		assert.equal(status, 2);
	});
});
