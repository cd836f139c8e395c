import assert from 'node:assert/strict';
import {suite, type TestContext} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {modelNames} from '../source/race/seams.ts';
import {test} from './helpers/engine.ts';
import {commandOf, descendantsOf, isAlive, noProcesses} from './helpers/racing.ts';
import {Gate, startServer, type TestServer} from './helpers/server.ts';
import {fetchtop, noTerminal, openTerminal, type TestTerminal} from './helpers/terminal.ts';

const skip = noTerminal || noProcesses;

/** As of `test`, where there are terminals and processes to be looked at. */
const inTerminal = (title: string, run: (t: TestContext) => Promise<void>): void =>
	test(title, async t => (skip ? t.skip(skip) : run(t)));

/** The lane of a model on the screen. */
const laneOf = ({lines}: TestTerminal, model: string): string =>
	lines.find(line => new RegExp(`^ \\S ${model} `).test(line)) ?? '';

const lane = (terminal: TestTerminal, model: string, text: RegExp) =>
	terminal.until(() => text.test(laneOf(terminal, model)), `${model} ${text}`);

/** Those that a race has started, of this file's tests: one at a time runs. */
const processesOfLanes = () => descendantsOf(process.pid).filter(pid => /(lane|worker)-process/.test(commandOf(pid)));

/** The normal screen is back, and the terminal takes lines again. */
async function assertRestored(terminal: TestTerminal, status: number): Promise<void> {
	assert.equal(await terminal.exited, status);
	assert.equal(terminal.onAlternateScreen, false);
	assert.match(terminal.settings, / icanon/);
	assert.match(terminal.settings, / echo /);
}

/**
 * Pages whose answers are held: of the first lane that gets a page until the first gate is opened, of the next one until the second
 * is. What a lane was not answered the next one asks for in its place.
 */
async function heldPages(t: TestContext, count: number) {
	const server = await startServer(t);
	const gates = [new Gate(), new Gate()] as const;
	const answered = new Map<string, number>();
	server.on('*', async ({url = ''}, response) => {
		const times = answered.get(url) ?? 0;
		await gates[times]?.opened;
		if (response.destroyed) return;
		answered.set(url, times + 1);
		response.end(`<title>Page ${url}</title>`);
	});
	const urls = Array.from({length: count}, (_, index) => server.url(`/${index + 1}`)).join(' ');
	return {server, gates, urls};
}

/** So many requests under way, at the server and in the lane. */
const runs = (server: TestServer, terminal: TestTerminal, model: string, running: number, limit: number) =>
	Promise.all([
		server.until(() => server.active === running),
		lane(terminal, model, new RegExp(`running .* ${running}/${limit} `)),
	]);

type Line = Readonly<Record<string, unknown>>;

suite('a race in a terminal', () => {
	inTerminal('has five lanes, then the table and the reasons, which are still there after q', async t => {
		const race = fetchtop('race --work mixed --latency 5 --tasks 10 -c 2 --seed 5');
		const terminal = openTerminal(t, race, 100, 50);
		await terminal.until(() => modelNames.every(model => laneOf(terminal, model) !== ''), 'five lanes');
		assert.equal(terminal.onAlternateScreen, true);
		for (const model of modelNames) await lane(terminal, model, /finished .* 9 {6}1 /);
		await terminal.shows('All five models read the same 10 records.');
		const report = () => {
			const {text} = terminal;
			for (const model of modelNames) assert.match(text, new RegExp(`^ ?${model}~? +[\\d.]+ s\\*? +[\\d.]+×`, 'm'));
			assert.match(text, /^ ?Wall time of 10 pages \(mixed\), 2 at once, on \d+ cores?; one round$/m);
			assert.match(text, /^ ?Why:\n ?- \S/m);
			assert.match(text, /All five models read the same 10 records\./);
		};
		report();
		terminal.type('q');
		await assertRestored(terminal, 0);
		await terminal.shows('In the same order again');
		report();
		assert.match(terminal.text, /^In the same order again: --seed 5$/m);
	});

	inTerminal('is steered by keys: + and a change limits, K kills a worker, x skips a lane', async t => {
		const {server, gates, urls} = await heldPages(t, 12);
		const race = `race --json --dashboard --models threads,coroutines,messages -c 2 ${urls} > records.ndjson`;
		const terminal = openTerminal(t, fetchtop(race), 110, 40);
		await runs(server, terminal, 'threads', 2, 2);
		terminal.type('+');
		await runs(server, terminal, 'threads', 3, 3);
		terminal.type('a');
		await terminal.shows('the limit keys are about all lanes now');
		terminal.type('+');
		await runs(server, terminal, 'threads', 4, 4);
		await lane(terminal, 'messages', /waiting .* 4/);
		terminal.type('K');
		await terminal.shows(/^ +thread \d+ died \(exit code 1\): task \d+ begins again$/m);
		await server.until(() => server.seen.length === 5);
		await runs(server, terminal, 'threads', 4, 4);
		gates[0].open();
		await lane(terminal, 'threads', /finished .* 12 {6}0 /);
		await runs(server, terminal, 'coroutines', 4, 4);
		terminal.type('x');
		await lane(terminal, 'coroutines', /skipped/);
		await runs(server, terminal, 'messages', 4, 4);
		gates[1].open();
		await terminal.shows('ended: q leaves');
		terminal.type('q');
		await assertRestored(terminal, 0);
		await server.until(() => server.active === 0);
		assert.match(terminal.text, /Round 1 of coroutines was skipped\./);

		const lines: Line[] = terminal
			.read('records.ndjson')
			.trimEnd()
			.split('\n')
			.map(line => JSON.parse(line));
		const told = lines.filter(({type}) => type === 'lane');
		assert.deepEqual(
			told.map(({model, limit, steered, done, failed, incidents}) => [model, limit, steered, done, failed, incidents]),
			[
				['threads', 2, true, 12, 0, 1],
				['messages', 4, true, 12, 0, 0],
			],
		);
		assert.deepEqual(
			lines.filter(({type}) => type === 'incident').map(({model}) => model),
			['threads'],
		);
		assert.deepEqual(lines.at(-1)?.left, [{model: 'coroutines', round: 1, why: null}]);
	});

	for (const [name, keys] of [
		['q', 'q'],
		['Ctrl-C', '\u0003'],
	] as const)
		inTerminal(`${name} in the middle leaves with status 130, and no process is left`, async t => {
			const {server, urls} = await heldPages(t, 8);
			const terminal = openTerminal(t, fetchtop(`race --models processes,coroutines -c 3 ${urls}`));
			await runs(server, terminal, 'processes', 3, 3);
			const processes = processesOfLanes();
			assert.equal(processes.length, 4, 'the lane and its workers');
			terminal.type(keys);
			await assertRestored(terminal, 130);
			assert.match(terminal.text, /No model has finished a round/);
			assert.equal(server.seen.length, 3, 'no other lane was begun');
			while (processes.some(isAlive)) await turn();
		});

	inTerminal('a window that is closed ends it, and no process is left', async t => {
		const {server, urls} = await heldPages(t, 8);
		const terminal = openTerminal(t, fetchtop(`race --models processes -c 2 ${urls}`));
		await runs(server, terminal, 'processes', 2, 2);
		const processes = processesOfLanes();
		assert.equal(processes.length, 3);
		terminal.hangUp();
		while (processes.some(isAlive)) await turn();
	});
});
