import assert from 'node:assert/strict';
import {suite} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {heavyField} from '../source/demo/race-contents.ts';
import {modelNames} from '../source/race/seams.ts';
import {test} from './helpers/engine.ts';
import {assertWhole, concurrent, raceOn, recordsOf, started} from './helpers/racing.ts';
import {Gate, startServer} from './helpers/server.ts';

suite('all models do the same', () => {
	for (const [pages, what, extract] of [
		[500, 'titles', []],
		[60, 'titles and what selectors find', [heavyField]],
	] as const) {
		test(`${pages} mixed pages, some of which fail, come to the same records byte for byte, but for times: ${what}`, async t => {
			const site = await started(t, {work: 'mixed', latency: 2, seed: 11, pages});
			const {race, events} = raceOn(t, site.urls, {limit: 4, options: {extract}});
			await race.run();
			assertWhole(race, events, pages);
			const records = recordsOf(events);
			const [first = []] = records.values();
			const read = first.map(text => JSON.parse(text));
			assert.ok(read.filter(({state}) => state === 'failed').length >= pages / 20);
			assert.ok(read.filter(({title}) => title !== null).length >= (pages * 3) / 4);
			assert.equal(read.filter(({extracted}) => 'last' in extracted).length > 0, extract.length > 0);
			for (const model of modelNames) assert.deepEqual(records.get(model), first, model);
			assert.deepEqual(race.store.agreement, {compared: pages, differences: 0, first: undefined});
		});
	}

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
		const site = await started(t, {work: 'cpu', latency: 0, seed: 1, pages: 6});
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
