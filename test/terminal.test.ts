import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {type Gate, startServer, type TestServer} from './helpers/server.ts';
import {fetchtop, noTerminal, openTerminal, type TestTerminal} from './helpers/terminal.ts';

const skip = noTerminal;

/** A server that holds every answer until told, and a program in a terminal that fetches `count` pages from it. */
async function start(t: TestContext, count: number, options = '', env: Record<string, string> = {}) {
	const server = await startServer(t);
	const gates = Array.from({length: count}, (_, index) =>
		server.hold(`/${index + 1}`, `<title>Page ${index + 1}</title>`),
	);
	const urls = gates.map((_, index) => server.url(`/${index + 1}`));
	const terminal = openTerminal(t, fetchtop(`--no-save ${options} ${urls.join(' ')}`), 100, 24, env);
	return {server, gates, terminal};
}

/** The normal screen is back, with the summary on it, and the terminal takes lines again. */
async function assertRestored(terminal: TestTerminal, status: number): Promise<void> {
	assert.equal(await terminal.exited, status);
	assert.equal(terminal.onAlternateScreen, false);
	assert.equal(terminal.wraps, true);
	assert.match(terminal.text, /Elapsed time: /);
	assert.match(terminal.settings, / icanon/);
	assert.match(terminal.settings, / echo /);
}

const openAll = (gates: Gate[]) => {
	for (const gate of gates) gate.open();
};

const both = (server: TestServer, terminal: TestTerminal, running: number, limit: number) =>
	Promise.all([terminal.shows(`${running} running / ${limit}`), server.until(() => server.active === running)]);

test('+ starts one more task for each press, on the screen and at the server', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 20, '-c 2');
	await both(server, terminal, 2, 2);
	terminal.type('+++');
	await both(server, terminal, 5, 5);
	terminal.type('}');
	await both(server, terminal, 10, 10);
	terminal.type('q');
	await assertRestored(terminal, 130);
	openAll(gates);
});

test('- lets running tasks finish and starts no new ones in their place', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 20, '-c 6');
	await both(server, terminal, 6, 6);
	terminal.type('-_-');
	await terminal.shows('6 → 3, draining 3');
	openAll(gates.slice(0, 4));
	await both(server, terminal, 3, 3);
	assert.equal(server.seen.length, 7, 'four ended, one of which was above the old limit less three');
	assert.equal(server.most, 6);
	terminal.type('q');
	await assertRestored(terminal, 130);
});

test('when all is done the dashboard stays until q, and the summary names the failures by cause', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 3, '--retries 0');
	server.on('/3', (_request, response) => response.writeHead(403).end());
	openAll(gates);
	await terminal.shows('ended: q leaves');
	await terminal.shows('Page 2 ·');
	assert.equal(terminal.onAlternateScreen, true);
	terminal.type('q');
	await assertRestored(terminal, 1);
	assert.match(terminal.text, /3 tasks: 2 done, 1 failed/);
	assert.match(terminal.text, /1 × 403 Forbidden {3}http:/);
});

test('--exit leaves when the run ends', {skip}, async t => {
	const {gates, terminal} = await start(t, 3, '--exit');
	openAll(gates);
	await assertRestored(terminal, 0);
});

for (const [signal, status] of [
	['SIGTERM', 143],
	['SIGINT', 130],
	['SIGHUP', 129],
] as const) {
	test(`${signal} stops the run and gives the terminal back`, {skip}, async t => {
		const {server, terminal} = await start(t, 3);
		await both(server, terminal, 3, 8);
		terminal.signal(signal);
		await assertRestored(terminal, status);
	});
}

test('SIGTERM ends the dashboard that waits for q, with the work done', {skip}, async t => {
	const {gates, terminal} = await start(t, 2);
	openAll(gates);
	await terminal.shows('ended: q leaves');
	terminal.signal('SIGTERM');
	await assertRestored(terminal, 143);
	assert.match(terminal.text, /2 done/);
});

test('Ctrl-C stops the run and gives the terminal back', {skip}, async t => {
	const {server, terminal} = await start(t, 3);
	await both(server, terminal, 3, 8);
	terminal.type('\u0003');
	await assertRestored(terminal, 130);
});

test('d finishes what runs, starts nothing more, and leaves', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 6, '-c 2');
	await both(server, terminal, 2, 2);
	terminal.type('d');
	await terminal.shows('draining [p]');
	openAll(gates);
	await assertRestored(terminal, 130);
	assert.equal(server.seen.length, 2);
	assert.match(terminal.text, /2 done, 4 not finished/);
});

test('p stops the start of tasks and lets them go on again', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 6, '-c 2 --exit');
	await both(server, terminal, 2, 2);
	terminal.type('p');
	await terminal.shows('paused [p]');
	openAll(gates);
	await server.until(() => server.active === 0);
	assert.equal(server.seen.length, 2);
	assert.match(terminal.text, /2 held/);
	terminal.type('p');
	await assertRestored(terminal, 0);
});

test('x cancels the selected task, r brings it back, and the keys that cannot act say why', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 2, '--exit');
	await both(server, terminal, 2, 8);
	terminal.type('jx');
	await terminal.shows('1 canceled');
	terminal.type('x');
	await terminal.shows('task 2 is already canceled');
	terminal.type('r');
	await both(server, terminal, 2, 8);
	terminal.type('R');
	await terminal.shows('no task has failed');
	openAll(gates);
	await assertRestored(terminal, 0);
});

test('a failed task is retried after the run has ended', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 2, '--retries 0');
	server.on('/2', (_request, response) => response.writeHead(500).end());
	openAll(gates);
	await terminal.shows('ended: q leaves');
	server.page('/2', '<title>Second try</title>', {'content-type': 'text/html'});
	terminal.type('R');
	await terminal.shows('2 done');
	await terminal.shows('Second try ·');
	terminal.type('q');
	await assertRestored(terminal, 0);
});

test('the screen fits after any resize, and z holds it still', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 3);
	await both(server, terminal, 3, 8);
	for (const [columns, rows] of [
		[40, 10],
		[120, 40],
		[20, 5],
		[10, 3],
		[80, 24],
	] as const) {
		terminal.resize(columns, rows);
		await terminal.until(() => /3 running \/ 8|3\/8/.test(terminal.text), `${columns}×${rows}`);
		await terminal.until(() => terminal.lines.at(-1) === '', 'the last line stays free');
	}
	terminal.type('z');
	await terminal.shows('frozen [z]');
	openAll(gates);
	await server.until(() => server.active === 0);
	terminal.type('j');
	await terminal.shows('the screen is frozen: z lets it go on');
	assert.match(terminal.text, /3 running/);
	terminal.type('z');
	await terminal.shows('ended: q leaves');
	terminal.type('q');
	await assertRestored(terminal, 0);
});

test('help, details and views open and close', {skip}, async t => {
	const {server, terminal} = await start(t, 12, '-c 2');
	await both(server, terminal, 2, 2);
	terminal.type('?');
	await terminal.shows('concurrency up by 5');
	terminal.resize(60, 12);
	// Said by the program itself: that lines are gone may be the emulator's doing, before the program knows of its new size.
	await terminal.shows('[1 Active]');
	terminal.type('GGG');
	await terminal.shows(':quit');
	terminal.type('g');
	await terminal.until(() => !terminal.text.includes(':quit'), 'one g is enough, however often G was pressed');
	terminal.resize(100, 24);
	await terminal.shows('Ctrl-L');
	terminal.type('h');
	await terminal.until(() => !terminal.text.includes('concurrency up by 5'), 'help is closed');
	terminal.type('\r');
	await terminal.shows(/attempts +1/);
	terminal.type('\u001b');
	await terminal.until(() => !/attempts +1/.test(terminal.text), 'details are closed');
	terminal.type('2');
	await terminal.shows('[2 Queued');
	await terminal.shows(/12 · queued/);
	terminal.type('\t');
	await terminal.shows('nothing is done yet');
	terminal.type('4');
	await terminal.shows('nothing has failed');
	terminal.type('q');
	await assertRestored(terminal, 130);
});

test('a window that became smaller and as large again while the program stood still is drawn anew', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 2);
	await both(server, terminal, 2, 8);
	terminal.type('z');
	await terminal.shows('frozen');
	terminal.signal('SIGSTOP');
	terminal.resize(40, 24);
	terminal.resize(100, 24);
	// Most terminals cut their lines; this one's emulator does not.
	terminal.scribble('cut off');
	await terminal.shows('cut off');
	terminal.signal('SIGCONT');
	await terminal.until(() => !terminal.text.includes('cut off'), 'nothing is left of what stood there');
	terminal.type('q');
	await assertRestored(terminal, 130);
	openAll(gates);
});

test('a pasted list adds its URLs', {skip}, async t => {
	const {server, gates, terminal} = await start(t, 1);
	const extra = server.hold('/extra', '<title>Extra</title>');
	await both(server, terminal, 1, 8);
	terminal.type(`\u001b[200~${server.url('/extra')}\nnot a url\n\u001b[201~`);
	await both(server, terminal, 2, 8);
	await terminal.shows('added 1 URL');
	openAll([...gates, extra]);
	await terminal.shows('2 done');
	terminal.type('q');
	await assertRestored(terminal, 0);
});

test('Ctrl-L draws the screen anew', {skip}, async t => {
	const {server, terminal} = await start(t, 2);
	await both(server, terminal, 2, 8);
	terminal.type('\u000c');
	await terminal.shows('2 running / 8');
	terminal.type('q');
	await assertRestored(terminal, 130);
});
