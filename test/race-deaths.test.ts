import assert from 'node:assert/strict';
import {test as nodeTest, suite} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {seeded} from '../source/engine/random.ts';
import {modelNames} from '../source/race/seams.ts';
import {patience, test} from './helpers/engine.ts';
import {start} from './helpers/program.ts';
import {
	assertWhole,
	atRandom,
	commandOf,
	descendantsOf,
	incidentsOf,
	isAlive,
	noProcesses,
	raceOn,
	started,
} from './helpers/racing.ts';

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
