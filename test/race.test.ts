import assert from 'node:assert/strict';
import {test as nodeTest, suite, type TestContext} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import type {RaceSiteOptions} from '../source/demo/race-pages.ts';
import {type RaceSite, startRaceSite} from '../source/demo/race-site.ts';
import {seeded} from '../source/engine/random.ts';
import {Comparison} from '../source/race/agreement.ts';
import {lostRecord} from '../source/race/models/fetch-page.ts';
import type {Race} from '../source/race/race.ts';
import {modelNames, type RaceEvent} from '../source/race/seams.ts';
import {patience, test} from './helpers/engine.ts';
import {start} from './helpers/program.ts';
import {
	commandOf,
	concurrent,
	descendantsOf,
	incidentsOf,
	isAlive,
	noProcesses,
	raceOn,
	recordsOf,
} from './helpers/racing.ts';
import {Gate, startServer} from './helpers/server.ts';

async function started(t: TestContext, options: RaceSiteOptions): Promise<RaceSite> {
	const site = await startRaceSite(options);
	t.after(() => site.close());
	return site;
}

/** Does something each time so many records have come in, on average: at moments that nobody has chosen. */
function atRandom(
	race: Race,
	seed: number,
	every: number,
	act: (record: Extract<RaceEvent, {type: 'record'}>) => void,
): void {
	const random = seeded(seed);
	race.subscribe(event => {
		if (event.type === 'record' && random() < 1 / every) act(event);
	});
}

/** Every task has one record in each lane, and the lanes count them. */
function assertWhole(race: Race, events: readonly RaceEvent[], tasks: number): void {
	for (const lane of race.store.lanes) {
		const numbers = events.flatMap(event =>
			event.type === 'record' && event.model === lane.model ? event.number : [],
		);
		assert.deepEqual(
			numbers.toSorted((a, b) => a - b),
			Array.from({length: tasks}, (_, index) => index + 1),
			lane.model,
		);
		assert.equal(lane.done + lane.failed, tasks, lane.model);
		assert.equal(lane.state, 'finished');
	}
}

suite('all models do the same', () => {
	test('500 mixed pages, some of which fail, come to the same records byte for byte, but for times', async t => {
		const site = await started(t, {work: 'mixed', latency: 2, seed: 11, pages: 500});
		const {race, events} = raceOn(t, site.urls, {limit: 8});
		await race.run();
		assertWhole(race, events, 500);
		const records = recordsOf(events);
		const [first] = records.values();
		assert.ok((first?.filter(text => JSON.parse(text).state === 'failed').length ?? 0) >= 40);
		assert.ok((first?.filter(text => JSON.parse(text).title !== null).length ?? 0) >= 400);
		for (const model of modelNames) assert.deepEqual(records.get(model), first, model);
		assert.deepEqual(race.store.agreement, {compared: 500, differences: 0, first: undefined});
	});

	test('a record counts as compared when there is a second one, and as different once', () => {
		const comparison = new Comparison();
		const record = (why: string) => lostRecord({number: 1, url: 'http://a.example/', attempt: 1}, why, 0);
		const counts = () => [comparison.agreement.compared, comparison.agreement.differences];
		comparison.add('serial', 1, record('it died'));
		assert.deepEqual(counts(), [0, 0]);
		comparison.add('threads', 1, record('it died'));
		assert.deepEqual(counts(), [1, 0]);
		for (const model of ['processes', 'messages'] as const) comparison.add(model, 1, record('it broke'));
		assert.deepEqual(counts(), [1, 1]);
		assert.deepEqual(comparison.agreement.first?.models, ['serial', 'processes']);
	});

	test('a host that says it is too much is asked on by all of them alike', async t => {
		const server = await startServer(t);
		server.on('*', ({url}, response) => {
			const isTooMuch = url?.endsWith('0');
			response.writeHead(isTooMuch ? 429 : 200, isTooMuch ? {'retry-after': '3600'} : {}).end('<title>x</title>');
		});
		const urls = Array.from({length: 30}, (_, index) => server.url(`/${index}`));
		const {race, events} = raceOn(t, urls, {models: ['serial', 'coroutines'], limit: 3});
		await race.run();
		assertWhole(race, events, 30);
		assert.equal(race.store.agreement.differences, 0);
	});

	for (const model of modelNames) {
		test(`${model} never has more under way than the limit, and reaches it`, async t => {
			const server = await startServer(t);
			const limit = model === 'serial' ? 1 : 5;
			const gates = Array.from({length: 20}, (_, index) => server.hold(`/${index}`, '<title>x</title>'));
			const {race} = raceOn(
				t,
				gates.map((_, index) => server.url(`/${index}`)),
				{models: [model], limit: 5},
			);
			const over = race.run();
			await server.until(() => server.active === limit);
			for (const gate of gates) gate.open();
			await over;
			assert.equal(server.most, limit);
			assert.equal(server.seen.length, 20);
		});
	}

	test('each round runs every lane, and each begins with another one', async t => {
		const site = await started(t, {work: 'io', latency: 1, seed: 1, pages: 6});
		const {race, events} = raceOn(t, site.urls, {models: ['serial', 'coroutines', 'messages'], rounds: 3});
		await race.run();
		const order = events.flatMap(event => (event.type === 'lane-started' ? `${event.round} ${event.model}` : []));
		assert.deepEqual(order, [
			...['1 serial', '1 coroutines', '1 messages'],
			...['2 coroutines', '2 messages', '2 serial'],
			...['3 messages', '3 serial', '3 coroutines'],
		]);
		for (const {measurements} of race.store.lanes)
			assert.deepEqual(
				measurements.map(({round, tasks, done}) => [round, tasks, done]),
				[1, 2, 3].map(round => [round, 6, 6]),
			);
	});

	test('what a lane uses is measured: CPU, memory, workers and what they cost', async t => {
		const site = await started(t, {work: 'cpu', latency: 0, seed: 1, pages: 12});
		const {race} = raceOn(t, site.urls, {limit: 3});
		await race.run();
		for (const {model, measurements} of race.store.lanes) {
			const [measured] = measurements;
			assert.ok(measured && measured.wall > 0 && measured.cpu > 0 && measured.memory > 30e6, model);
			const workers = {serial: 0, coroutines: 0, threads: 3, processes: 3}[model as string];
			if (workers !== undefined) assert.equal(measured.start.workers, workers);
			if (measured.start.workers > 0) assert.ok(measured.start.wall > 0 && measured.start.cpu > 0, model);
			assert.equal(measured.copied > 0, model === 'messages');
		}
	});
});

suite('the limit while it runs', () => {
	for (const model of concurrent) {
		test(`${model} start more at once when it is raised, and let go when it is lowered`, async t => {
			const server = await startServer(t);
			const gates: Gate[] = [];
			server.on('*', async (_, response) => {
				const gate = new Gate();
				gates.push(gate);
				await gate.opened;
				response.end('<title>x</title>');
			});
			const {race, events} = raceOn(
				t,
				Array.from({length: 40}, (_, index) => server.url(`/${index}`)),
				{models: [model], limit: 2},
			);
			const over = race.run();
			await server.until(() => server.active === 2);
			race.dispatch({type: 'set-limit', model, value: 6});
			await server.until(() => server.active === 6);
			race.dispatch({type: 'set-limit', model: 'all', value: 1});
			// It goes another way than the answers, and one of these may be there before it. The first record comes when both are.
			const recorded = new Promise<void>(resolve => race.subscribe(({type}) => type === 'record' && resolve()));
			gates.shift()?.open();
			await recorded;
			const open = async () => {
				for (const gate of gates.splice(0)) gate.open();
				await turn();
			};
			await open();
			await server.until(() => server.active === 1);
			server.most = 0;
			while (race.store.state === 'running') {
				await open();
				await Promise.race([over, turn()]);
			}
			await over;
			assert.equal(server.most, 1);
			assertWhole(race, events, 40);
			assert.equal(race.store.lanes[0]?.measurements[0]?.isSteered, true);
		});
	}

	test('the serial lane stays serial', async t => {
		const site = await started(t, {work: 'io', latency: 1, seed: 1, pages: 5});
		const {race, events} = raceOn(t, site.urls, {models: ['serial']});
		race.dispatch({type: 'set-limit', model: 'all', value: 9});
		await race.run();
		assert.deepEqual(
			events.filter(({type}) => type === 'limit'),
			[],
		);
		assert.equal(race.store.lanes[0]?.measurements[0]?.isSteered, false);
	});
});

suite('what dies', () => {
	for (const model of modelNames) {
		test(`${model}: a worker, or the task it is at, is ended again and again, and no task is lost`, async t => {
			const site = await started(t, {work: 'mixed', latency: 10, seed: 3, pages: 60});
			const {race, events} = raceOn(t, site.urls, {models: [model], limit: 4});
			atRandom(race, 5, 8, () => race.dispatch({type: 'kill'}));
			await race.run();
			assertWhole(race, events, 60);
			assert.ok(incidentsOf(events).length >= 2, incidentsOf(events).join('\n'));
			assert.equal(race.store.lanes[0]?.measurements[0]?.incidents, incidentsOf(events).length);
		});
	}

	nodeTest(
		'processes that are killed by SIGKILL give their tasks back',
		{timeout: patience, skip: noProcesses},
		async t => {
			const site = await started(t, {work: 'mixed', latency: 10, seed: 4, pages: 60});
			const {race, events} = raceOn(t, site.urls, {models: ['processes'], limit: 4});
			let killed = 0;
			atRandom(race, 9, 8, () => {
				const [, worker] = descendantsOf(process.pid).filter(pid => commandOf(pid).includes('worker-process'));
				if (worker === undefined) return;
				process.kill(worker, 'SIGKILL');
				killed++;
			});
			await race.run();
			assert.ok(killed > 0);
			assertWhole(race, events, 60);
			assert.ok(
				incidentsOf(events).some(text => /process \d+ died \(SIGKILL\)/.test(text)),
				incidentsOf(events).join('\n'),
			);
		},
	);

	/** Of the lane that runs. */
	const laneProcess = () => descendantsOf(process.pid).find(pid => commandOf(pid).includes('lane-process'));

	nodeTest(
		'the process of a lane that is killed is started again for the tasks that are left',
		{timeout: patience, skip: noProcesses},
		async t => {
			const site = await started(t, {work: 'io', latency: 5, seed: 4, pages: 60});
			const {race, events} = raceOn(t, site.urls, {models: ['coroutines', 'processes'], limit: 4});
			const killed = new Set<string>();
			atRandom(race, 2, 10, ({model}) => {
				const pid = laneProcess();
				if (killed.has(model) || pid === undefined) return;
				process.kill(pid, 'SIGKILL');
				killed.add(model);
			});
			await race.run();
			assertWhole(race, events, 60);
			assert.equal(killed.size, 2);
			assert.equal(
				incidentsOf(events).filter(text => /^the process of the lane died \(SIGKILL\)/.test(text)).length,
				2,
			);
		},
	);

	nodeTest(
		'a lane whose process dies again and again says so, and the others go on',
		{timeout: patience, skip: noProcesses},
		async t => {
			const site = await started(t, {work: 'io', latency: 5, seed: 4, pages: 20});
			const {race, events} = raceOn(t, site.urls, {models: ['coroutines', 'serial'], limit: 4});
			const kill = () => {
				const pid = laneProcess();
				if (pid !== undefined) process.kill(pid, 'SIGKILL');
			};
			race.subscribe(event => {
				if ('model' in event && event.model === 'coroutines' && ['lane-started', 'incident'].includes(event.type))
					setImmediate(kill);
			});
			await race.run();
			const left = events.filter(event => event.type === 'lane-left');
			assert.deepEqual(left, [
				{type: 'lane-left', model: 'coroutines', round: 1, why: 'the process of the lane died (SIGKILL), 3 times'},
			]);
			const [broken, whole] = race.store.lanes;
			assert.deepEqual([broken?.state, broken?.measurements], ['broken', []]);
			assert.deepEqual([whole?.state, whole?.done], ['finished', 20]);
		},
	);

	test('a full mailbox makes its senders wait, and loses nothing', async t => {
		const site = await started(t, {work: 'cpu', latency: 0, seed: 4, pages: 40});
		const {race, events} = raceOn(t, site.urls, {models: ['messages'], limit: 20});
		await race.run();
		assertWhole(race, events, 40);
		assert.ok((race.store.lanes[0]?.measurements[0]?.full ?? 0) > 0);
	});

	test('a lane that is skipped leaves the others alone, and a race that is stopped ends', async t => {
		const site = await started(t, {work: 'io', latency: 5, seed: 4, pages: 30});
		const {race, events} = raceOn(t, site.urls, {models: ['threads', 'serial', 'coroutines'], limit: 4});
		race.subscribe(event => {
			if (event.type !== 'record' || event.number !== 5) return;
			if (event.model === 'threads') race.dispatch({type: 'skip'});
			if (event.model === 'serial') race.dispatch({type: 'stop', mode: 'abort'});
		});
		await race.run();
		assert.deepEqual(
			race.store.lanes.map(({model, state}) => [model, state]),
			[
				['threads', 'skipped'],
				['serial', 'skipped'],
				['coroutines', 'waiting'],
			],
		);
		assert.deepEqual(events.at(-1), {type: 'ended', state: 'stopped'});
	});

	for (const [how, signal, status] of [
		['killed', 'SIGKILL', null],
		['interrupted', 'SIGINT', 130],
		['terminated', 'SIGTERM', 143],
	] as const) {
		nodeTest(
			`when the race itself is ${how}, none of its processes is left`,
			{timeout: patience, skip: noProcesses},
			async t => {
				const random = seeded(status ?? 1);
				for (const models of ['processes', 'threads,messages', 'coroutines']) {
					const program = start(t, `race --json --work mixed --latency 20 -c 4 --tasks 200 --models ${models}`);
					const {pid = 0} = program.child;
					await program.says(new RegExp(`(?:.*"type":"record".*\\n){${1 + Math.floor(random() * 60)}}`));
					const children = descendantsOf(pid);
					assert.ok(children.length >= (models === 'processes' ? 5 : 1), `${children.length} processes`);
					process.kill(pid, signal);
					assert.equal((await program.ended).status, status);
					while (children.some(isAlive)) await turn();
				}
			},
		);
	}
});
