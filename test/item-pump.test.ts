import assert from 'node:assert/strict';
import {setImmediate as turn} from 'node:timers/promises';
import fc from 'fast-check';
import {Reading} from '../source/cli/reading.ts';
import {type Input, Intake} from '../source/engine/intake.ts';
import {ItemFeed} from '../source/threads/item-feed.ts';
import {ItemPump} from '../source/threads/item-pump.ts';
import {test} from './helpers/engine.ts';

/** An intake that is fed as from another thread: what one side says is heard by the other in a later turn. */
function connect(input: Input, hasRoom: (taken: readonly string[]) => boolean) {
	const taken: string[] = [];
	const feed: ItemFeed = new ItemFeed(
		items => setImmediate(() => pump.took(items)),
		() => undefined,
	);
	const pump: ItemPump = new ItemPump(input, {
		items: items => setImmediate(() => feed.add(structuredClone(items))),
		end: broken => setImmediate(() => feed.end(broken)),
	});
	const intake = new Intake(
		() => hasRoom(taken),
		({url}) => taken.push(url),
	);
	const pulling = intake.pull(feed);
	void pump.run();
	return {
		taken,
		pulling,
		/** As at the end of a run that was stopped. */
		async stop() {
			intake.close();
			await turn();
			const untold = feed.close();
			// Behind all that was said before.
			await turn();
			pump.took(untold);
			pump.stop();
			await pulling;
		},
	};
}

const names = (count: number) => Array.from({length: count}, (_, index) => String(index));

async function allOf(items: AsyncIterable<unknown>): Promise<unknown[]> {
	const all: unknown[] = [];
	for await (const item of items) all.push(item);
	return all;
}

async function* slowly(items: readonly string[], pauses: readonly number[]): AsyncGenerator<string> {
	for (const [index, item] of items.entries()) {
		for (let left = (pauses[index % pauses.length] ?? 0) % 3; left > 0; left--) await turn();
		yield item;
	}
}

test('every item arrives once and in order, as far as there is room', async () => {
	const all = names(5_000);
	const {taken, pulling} = connect(all, () => true);
	await pulling;
	assert.deepEqual(taken, all);
});

test('an input is read a little further than it is taken, and no more', async () => {
	let read = 0;
	const endless = (function* () {
		for (;;) yield String(read++);
	})();
	const {taken, stop} = connect(endless, items => items.length < 1_500);
	while (taken.length < 1_500) await turn();
	for (let turns = 0; turns < 20; turns++) await turn();
	assert.ok(read < 3_000, `${read} were read`);
	await stop();
});

test('an input that breaks breaks there too, after all that came before', async () => {
	const broken = (function* () {
		yield* names(300);
		throw new Error('the list broke');
	})();
	const {taken, pulling} = connect(broken, () => true);
	await assert.rejects(pulling, /the list broke/);
	assert.deepEqual(taken, names(300));
});

test('wherever a run is stopped, what it took and what can be read on is the whole list', async () => {
	const lists = fc.record({
		count: fc.nat(2_000),
		pauses: fc.array(fc.nat(2), {minLength: 1, maxLength: 9}),
		room: fc.nat(1_500),
		turns: fc.nat(40),
	});
	await fc.assert(
		fc.asyncProperty(lists, async ({count, pauses, room, turns}) => {
			const all = names(count);
			const reading = new Reading(slowly(all, count > 200 ? [0] : pauses));
			const {taken, stop} = connect(reading, items => items.length < room);
			for (let left = turns; left > 0; left--) await turn();
			await stop();
			const rest = await allOf(reading.rest());
			assert.deepEqual([...taken, ...rest], all);
		}),
		{numRuns: 50},
	);
});

test('an item that was read when the engine had stopped is not lost', async () => {
	const gate = Promise.withResolvers<void>();
	const reading = new Reading(
		(async function* () {
			yield 'a';
			await gate.promise;
			yield* ['b', 'c'];
		})(),
	);
	const taken: string[] = [];
	const intake = new Intake(
		() => true,
		({url}) => taken.push(url),
	);
	const pulling = intake.pull(reading);
	await turn();
	intake.close();
	const rest = allOf(reading.rest());
	gate.resolve();
	assert.deepEqual([taken, await rest], [['a'], ['b', 'c']]);
	await pulling;
});
