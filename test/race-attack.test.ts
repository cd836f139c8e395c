import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test as nodeTest, suite, type TestContext} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {defaults} from '../source/cli/options.ts';
import {startRaceSite} from '../source/demo/race-site.ts';
import {LaneRun} from '../source/race/lane/lane-run.ts';
import {openPool} from '../source/race/models/pool.ts';
import {TaskQueue} from '../source/race/models/task-queue.ts';
import type {FromWorker, ToWorker, WorkerHandlers} from '../source/race/models/workers.ts';
import type {Equipment} from '../source/race/seams.ts';
import {patience, test} from './helpers/engine.ts';
import {run, start} from './helpers/program.ts';
import {commandOf, descendantsOf, hasComputed, incidentsOf, isAlive, noProcesses, raceOn} from './helpers/racing.ts';
import {startServer} from './helpers/server.ts';

/** A worker that does nothing by itself: what it is told is noted, and what it says and when it dies is said here. */
type Puppet = WorkerHandlers & {told: ToWorker[]; isKilled: boolean};

function puppetPool(tasks: number, limit: number) {
	const puppets: Puppet[] = [];
	const records: number[] = [];
	const queue = new TaskQueue(
		Array.from({length: tasks}, (_, index) => ({number: index + 1, url: `http://x/${index}`, attempt: 1})),
		{record: number => records.push(number), incident() {}},
	);
	const open = openPool('puppet', (_, handlers) => {
		const puppet: Puppet = {...handlers, told: [], isKilled: false};
		puppets.push(puppet);
		const kill = () => {
			puppet.isKilled = true;
		};
		return {pid: undefined, post: message => void puppet.told.push(message), kill};
	});
	return {puppets, records, queue, pool: open({tasks: queue, equipment: {} as Equipment, limit})};
}

const ready: FromWorker = {type: 'ready', cpu: 0};
const done = (number: number): FromWorker => ({type: 'done', number, result: {ok: true} as never, cpu: 0});

suite('workers that die at the worst moment', () => {
	test('a record that is read only after its worker has died is no reason to give that one another task', async () => {
		const {puppets, records, queue, pool} = puppetPool(2, 1);
		const opened = pool.open();
		puppets[0]?.message(ready);
		await opened;
		pool.go();
		puppets[0]?.exit('SIGKILL');
		puppets[0]?.message(done(1));
		puppets[1]?.message(ready);
		assert.deepEqual(
			puppets.map(({told}) => told.length),
			[1, 1],
		);
		puppets[1]?.message(done(1));
		puppets[1]?.message(done(2));
		await queue.finished;
		assert.deepEqual(records, [1, 2]);
	});

	test('one that dies before it was ready, and whose place is not wanted any more, keeps nobody waiting', async () => {
		const {puppets, pool} = puppetPool(2, 3);
		const opened = pool.open();
		pool.setLimit(2);
		for (const puppet of puppets.slice(0, 2)) puppet.message(ready);
		puppets[2]?.exit('SIGKILL');
		await opened;
		assert.equal(puppets.length, 3);
	});

	test('only those who are ready are killed by key', async () => {
		const {puppets, pool} = puppetPool(9, 2);
		const opened = pool.open();
		pool.kill();
		for (const puppet of puppets) puppet.message(ready);
		await opened;
		pool.go();
		pool.kill();
		assert.equal(puppets.filter(({isKilled}) => isKilled).length, 1);
		puppets.find(({isKilled}) => isKilled)?.exit('SIGKILL');
		for (let times = 0; times < 9; times++) pool.kill();
		assert.deepEqual(
			puppets.map(({isKilled}) => isKilled),
			[true, true, false],
		);
	});

	for (const model of ['threads', 'processes', 'messages'] as const) {
		test(`${model}: a key to kill that is held down breaks no lane`, async t => {
			const site = await startRaceSite({work: 'io', latency: 5, seed: 3, pages: 12});
			t.after(() => site.close());
			const {race, events} = raceOn(t, site.urls, {models: [model], limit: 2});
			let left = 60;
			race.subscribe(async event => {
				if (event.type !== 'incident' && event.type !== 'record') return;
				for (let times = 0; times < 10 && left-- > 0; times++) {
					race.dispatch({type: 'kill'});
					await turn();
				}
			});
			await race.run();
			const [lane] = race.store.lanes;
			assert.equal(lane?.state, 'finished', lane?.incident);
			assert.equal(lane.done + lane.failed, 12);
			assert.ok(incidentsOf(events).length > 0);
		});
	}

	nodeTest(
		'a process that cannot be started for want of files is a reason that is told',
		{timeout: patience, skip: noProcesses},
		async t => {
			const {stdout, status} = await run(t, 'race --plain --models processes,serial --tasks 2 -c 100 --latency 0', {
				before: 'ulimit -n 64',
			});
			assert.equal(status, 1);
			assert.match(stdout, /\[processes\] broke off: no process can be started: spawn \S+ EMFILE\n/);
			assert.match(stdout, /\[serial\] 2 pages in /);
		},
	);
});

suite('pages that are too much', () => {
	test('all models find the same in pages that are nested deeper than their stack', async t => {
		const server = await startServer(t);
		const urls = [200, 6_000].map(depth => {
			server.page(`/${depth}`, `<title>${depth}</title>${'<div>'.repeat(depth)}<q>`);
			return server.url(`/${depth}`);
		});
		const {race} = raceOn(t, urls, {limit: 2, options: {extract: [{name: 'x', selector: 'div:has(q)'}]}});
		await race.run();
		assert.deepEqual(race.store.agreement, {compared: 2, differences: 0, first: undefined});
	});
});

suite('a program that is stopped', () => {
	nodeTest(
		'says that what it measured meanwhile is not to be compared, and nothing of the lanes behind it',
		{timeout: patience, skip: noProcesses},
		async t => {
			const program = start(t, 'race --json --models serial,coroutines --work io --latency 20 --tasks 60 -c 4');
			const {pid = 0} = program.child;
			await program.says(/"type":"record"/);
			process.kill(pid, 'SIGSTOP');
			while (!/^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))) await turn();
			process.kill(pid, 'SIGCONT');
			const {stdout, status} = await program.ended;
			assert.equal(status, 0);
			const lines = stdout
				.trim()
				.split('\n')
				.map(line => JSON.parse(line));
			assert.deepEqual(
				lines.filter(({type}) => type === 'lane').map(({model, halted}) => [model, halted]),
				[
					['serial', true],
					['coroutines', false],
				],
			);
			const {models, reasons} = lines.at(-1);
			assert.deepEqual(
				models.map(({model, comparable}: {model: string; comparable: boolean}) => [model, comparable]),
				[
					['serial', false],
					['coroutines', true],
				],
			);
			assert.equal(models[1].speedUp, null, reasons);
		},
	);
});

suite('a lane that hears nothing', () => {
	/** A page in which one thing is searched for minutes: each paragraph is compared with all behind it. */
	async function endless(t: TestContext): Promise<string> {
		const server = await startServer(t);
		server.page('/endless', `<title>endless</title>${'<p>'.repeat(60_000)}`);
		return server.url('/endless');
	}
	const field = {name: 'x', selector: 'p:has(~ q)'};

	/** Of the processes below that one, the one with this script, when it has computed for longer than it takes to start. */
	async function computing(pid: number, script: string): Promise<number> {
		for (;;) {
			const found = descendantsOf(pid).find(each => commandOf(each).includes(script) && hasComputed(each, 1_500));
			if (found !== undefined) return found;
			await turn();
		}
	}

	nodeTest(
		'is ended at once when one leaves without waiting for it',
		{timeout: patience, skip: noProcesses},
		async t => {
			const url = await endless(t);
			const program = start(t, `race --json --models coroutines -e '${field.name}=${field.selector}' ${url}`);
			const {pid = 0} = program.child;
			const lane = await computing(pid, 'lane-process');
			t.after(() => isAlive(lane) && process.kill(lane, 'SIGKILL'));
			process.kill(pid, 'SIGINT');
			process.kill(pid, 'SIGTERM');
			await program.ended;
			while (isAlive(lane)) await turn();
		},
	);

	nodeTest(
		'is not waited for by those that it has started, when it is killed',
		{timeout: patience, skip: noProcesses},
		async t => {
			const {race} = raceOn(t, [await endless(t)], {models: ['processes'], limit: 1, options: {extract: [field]}});
			const over = race.run();
			const worker = await computing(process.pid, 'worker-process');
			t.after(() => isAlive(worker) && process.kill(worker, 'SIGKILL'));
			const lane = descendantsOf(process.pid).find(pid => commandOf(pid).includes('lane-process'));
			assert.ok(lane !== undefined);
			process.kill(lane, 'SIGKILL');
			while (isAlive(worker)) await turn();
			race.dispatch({type: 'stop', mode: 'abort'});
			await over;
		},
	);

	test('is broken when its workers are not ready in time', async () => {
		const nobody = {ready() {}, usage() {}, memory() {}, record() {}, incident() {}};
		const equipment = {options: {...defaults, save: false}, network: {proxies: {}}};
		const run = new LaneRun({model: 'processes', limit: 1, tasks: [], equipment, startTime: 1}, nobody);
		await assert.rejects(run.run(), {message: 'its workers were not ready after 0.001 s'});
		await run.close();
	});

	nodeTest('and is started again counts what it had used before', {timeout: patience, skip: noProcesses}, async t => {
		const site = await startRaceSite({work: 'io', latency: 5, seed: 4, pages: 60});
		t.after(() => site.close());
		const {race} = raceOn(t, site.urls, {models: ['processes'], limit: 4});
		let most = 0;
		let killedAt = 0;
		race.subscribe(event => {
			if (event.type !== 'record') return;
			const {messages = 0} = race.store.current?.usage ?? {};
			assert.ok(messages >= most, `${messages} messages after ${most}`);
			most = messages;
			if (killedAt > 0 || most < 20) return;
			killedAt = most;
			const lane = descendantsOf(process.pid).find(pid => commandOf(pid).includes('lane-process'));
			if (lane !== undefined) process.kill(lane, 'SIGKILL');
		});
		await race.run();
		const [measured] = race.store.lanes[0]?.measurements ?? [];
		assert.ok(killedAt > 0);
		// One there and one back for each, at least.
		assert.ok((measured?.messages ?? 0) >= 120, `${measured?.messages} messages`);
	});
});
