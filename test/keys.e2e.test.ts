import assert from 'node:assert/strict';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {setTimeout} from 'node:timers/promises';
import {standardBindings} from '../source/dashboard/keys/keymap.ts';
import {patience} from './helpers/engine.ts';
import {startServer, type TestServer} from './helpers/server.ts';
import {fetchtop, noTerminal, openTerminal, type TestTerminal} from './helpers/terminal.ts';

const skip = noTerminal;

/** What a terminal sends for the keys that are no characters. */
const bytes: Readonly<Record<string, string>> = {
	up: '\u001b[A',
	down: '\u001b[B',
	pageup: '\u001b[5~',
	pagedown: '\u001b[6~',
	home: '\u001b[H',
	end: '\u001b[F',
	enter: '\r',
	escape: '\u001b',
	tab: '\t',
	space: ' ',
};
const bytesOf = (key: string): string =>
	key.startsWith('ctrl-') ? String.fromCharCode(key.charCodeAt(5) - 96) : (bytes[key] ?? key);

type Scene = {terminal: TestTerminal; server: TestServer; open(...pages: number[]): void; opened(): string};

/** A key, and how one sees at the server or on the screen that it has done its work. `say` is typed behind it. */
type Step = {key: string; say?: string; sees(scene: Scene): Promise<unknown>};

const step = (key: string, sees: Step['sees'], say?: string): Step => ({key, sees, ...(say !== undefined && {say})});
const shows =
	(text: string | RegExp): Step['sees'] =>
	({terminal}) =>
		terminal.shows(text);
const hides =
	(text: string): Step['sees'] =>
	({terminal}) =>
		terminal.until(() => !terminal.text.includes(text), `no ${text}`);
/** So many requests in flight, at the server and on the screen. */
const runs =
	(running: number, limit: number): Step['sees'] =>
	({terminal, server}) =>
		Promise.all([terminal.shows(`${running} running / ${limit}`), server.until(() => server.active === running)]);
const asked =
	(path: string, times: number): Step['sees'] =>
	({server}) =>
		server.until(() => server.asked(path).length >= times);
const both =
	(...all: ReadonlyArray<Step['sees']>): Step['sees'] =>
	scene =>
		Promise.all(all.map(sees => sees(scene)));
/** The selected row is that of this page. */
const selects = (page: number) => shows(new RegExp(`^▶.*/p${page}(?!\\d)`, 'm'));

const pages = 24;

/**
 * One session with two slots: task 1 fails at once, tasks 2 to 24 are pages which answer when they are told to; 2 and 3 run at
 * first. Each step goes on from where the one before has led.
 */
const session: readonly Step[] = [
	step('+', runs(3, 3)),
	step('=', runs(4, 4)),
	step('-', shows('4 → 3, draining 1')),
	step('_', shows('4 → 2, draining 2')),
	step('}', runs(7, 7)),
	step('{', shows('7 → 2, draining 5')),
	step(':', runs(7, 7), 'c 7\r'),

	step('<', shows('limit 10M/s')),
	step('>', shows('limit 20M')),
	step(':', hides('limit 20M'), 'limit none\r'),
	step('p', shows('paused [p]')),
	step('p', shows('running [p]')),

	step('down', selects(3)),
	step('j', selects(4)),
	step('k', selects(3)),
	step('up', selects(2)),
	step('G', selects(1)),
	step('home', selects(2)),
	step('end', selects(1)),
	step('g', selects(2)),
	step('pagedown', selects(1)),
	step('pageup', selects(2)),

	step('space', both(shows(/^▶.*paused .*\/p2/m), runs(7, 7), asked('/p9', 1))),
	step('space', hides('paused')),
	step('2', selects(2)),
	step('t', shows('task 2 is next')),
	step('x', shows('1 canceled')),
	step('u', both(shows('task 2 is back in the queue'), hides('1 canceled'))),

	step('1', shows('[1 Active')),
	step('/', selects(5), 'p5\r'),
	step('escape', shows(/^ .*\/p6/m)),
	step('s', shows('by state ↓')),
	step('S', shows('by state ↑')),
	step(':', hides('by state'), 'sort start\r'),
	step('enter', shows(/attempts +1/)),
	step('escape', hides('attempts')),
	step('e', shows('no change of the concurrency')),
	step('escape', hides('no change of the concurrency')),
	step('?', shows('concurrency up by 5')),
	step('h', hides('concurrency up by 5')),
	step('z', shows('frozen [z]')),
	step('z', hides('frozen')),
	step('ctrl-l', ({terminal}) => terminal.until(() => !terminal.text.includes('scribble'), 'no scribble')),
	step('ctrl-z', shows('7 running / 7')),

	step('2', shows('[2 Queued')),
	step('3', shows('nothing is done yet')),
	step('4', shows(/^▶.*404 Not Found/m)),
	step('r', hides('1 failed')),
	step(':', both(asked('/p1', 2), shows('1 failed')), 'c 30\r'),
	step('R', asked('/p1', 3)),
	step('tab', both(shows('[5 Hosts'), shows(/^▶ .*127\.0\.0\.1:/m))),
	step('enter', both(shows('[1 Active'), shows('/host:127.0.0.1'))),
	step('escape', hides('/host:')),
	step('5', shows('[5 Hosts')),
	step('y', ({terminal}) =>
		terminal.until(() => /^127\.0\.0\.1:\d+$/.test(terminal.clipboard), 'the host is in the clipboard'),
	),
	step('o', shows('this row is no task')),
	step('1', shows('[1 Active')),
	step('a', both(shows('added 1 URL'), asked('/added', 1)), 'ADDED\r'),
	step('d', shows('draining [p]')),
	step('p', shows('running [p]')),
	// From elsewhere, so that what `g` selects is its doing.
	step('G', ({terminal}) => terminal.until(() => !/^▶.*\/p2(?!\d)/m.test(terminal.text), 'another row is selected')),
	step('g', async scene => {
		await selects(2)(scene);
		scene.open(2);
		await shows(/^▶.* done /m)(scene);
	}),
	step('o', async ({terminal, opened}) => {
		await terminal.shows('opened p2');
		assert.match(opened(), /\/p2$/);
	}),
	step('q', ({terminal}) => terminal.exited),
];

/** What has to be there before a key can show what it does. */
const before: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
	'ctrl-l': async ({terminal}) => {
		terminal.scribble('scribble');
		await terminal.shows('scribble');
	},
};

/** The server waits for ever: this says for which key, and what is on the screen. */
async function nothingCame(key: string, {terminal, server}: Scene): Promise<void> {
	await setTimeout(patience, undefined, {ref: false});
	throw new Error(`${key}: nothing came of it, ${server.active} requests are in flight\n${terminal.text}`);
}

/** A folder with a program in it that opens files like the one of a desktop, and what it has opened. */
function openerOf(t: TestContext): [folder: string, opened: () => string] {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'fetchtop-test-'));
	t.after(() => rmSync(folder, {recursive: true}));
	const file = path.join(folder, 'opened');
	writeFileSync(path.join(folder, 'xdg-open'), `#!/bin/sh\nprintf %s "$1" > '${file}'\n`, {mode: 0o755});
	return [folder, () => readFileSync(file, 'utf8')];
}

async function start(t: TestContext, options: string): Promise<Scene> {
	const server = await startServer(t);
	const gates = Array.from({length: pages}, (_, index) =>
		server.hold(`/p${index + 1}`, `<title>Page ${index + 1}</title>`),
	);
	server.on('/p1', (_request, response) => response.writeHead(404).end());
	const urls = gates.map((_, index) => server.url(`/p${index + 1}`));
	const [bin, opened] = openerOf(t);
	const terminal = openTerminal(t, fetchtop(`${options} ${urls.join(' ')}`), 110, 30, {
		PATH: `${bin}:${process.env.PATH}`,
		DISPLAY: ':0',
	});
	const open = (...wanted: number[]) => {
		for (const page of wanted) gates[page - 1]?.open();
	};
	t.after(() => open(...gates.keys()));
	return {server, terminal, open, opened};
}

test('every key of the table does what it says, at the server or on the screen', {skip}, async t => {
	const scene = await start(t, '-c 2 --retries 0');
	await Promise.all([runs(2, 2)(scene), scene.terminal.shows('1 failed')]);
	for (const {key, say = '', sees} of session) {
		await before[key]?.(scene);
		scene.terminal.type(bytesOf(key) + say.replace('ADDED', scene.server.url('/added')));
		await Promise.race([sees(scene), nothingCame(key, scene)]);
	}
	assert.equal(await scene.terminal.exited, 130);
});

test('Ctrl-C leaves', {skip}, async t => {
	const scene = await start(t, '-c 2');
	await runs(2, 2)(scene);
	scene.terminal.type(bytesOf('ctrl-c'));
	assert.equal(await scene.terminal.exited, 130);
});

test('no key of the table is left out', () => {
	const pressed = new Set([...session.map(({key}) => key), 'ctrl-c']);
	const missing = standardBindings.flatMap(({name, keys}) =>
		keys.filter(key => !pressed.has(key)).map(key => `${name}: ${key}`),
	);
	assert.deepEqual(missing, []);
});
