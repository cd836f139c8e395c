import assert from 'node:assert/strict';
import fc from 'fast-check';
import {HostQueue} from '../source/engine/host-queue.ts';
import {test} from './helpers/engine.ts';

type Named = {host: string; label: string};
const task = (label: string): Named => ({host: label.charAt(0), label});
const take = (queue: HostQueue<Named>): string | undefined => queue.dequeue()?.label;

test('hosts take turns, and within a host the first come is the first served', () => {
	const queue = new HostQueue<Named>(Number.POSITIVE_INFINITY);
	for (const label of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) queue.enqueue(task(label));
	const order = Array.from({length: 6}, () => take(queue));
	assert.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
	assert.equal(take(queue), undefined);
	assert.equal(queue.size, 0);
});

test('a task that goes to the front goes before the others of its host, and only of its host', () => {
	const queue = new HostQueue<Named>(Number.POSITIVE_INFINITY);
	for (const label of ['a1', 'b1', 'b2']) queue.enqueue(task(label));
	queue.enqueue(task('b0'), 'front');
	assert.deepEqual(
		Array.from({length: 4}, () => take(queue)),
		['a1', 'b0', 'b1', 'b2'],
	);
});

test('a task that is to be the first goes before all others, whosever turn it is; the latest one before the earlier ones', () => {
	const queue = new HostQueue<Named>(Number.POSITIVE_INFINITY);
	for (const label of ['a1', 'b1', 'c1', 'c2']) queue.enqueue(task(label));
	for (const label of ['c8', 'b8', 'c9']) queue.enqueue(task(label), 'first');
	queue.enqueue(task('c7'), 'front');
	assert.deepEqual(
		Array.from({length: 8}, () => take(queue)),
		['c9', 'b8', 'c8', 'a1', 'b1', 'c7', 'c1', 'c2'],
	);
	assert.equal(take(queue), undefined);
});

test('a task that is to be the first lets others go before it for as long as its host may not start one, and no longer', () => {
	const queue = new HostQueue<Named>(1);
	for (const label of ['a1', 'a2', 'b1', 'b2']) queue.enqueue(task(label));
	assert.equal(take(queue), 'a1');
	queue.enqueue(task('a9'), 'first');
	assert.equal(take(queue), 'b1');
	assert.equal(take(queue), undefined);
	queue.release('b');
	queue.release('a');
	assert.equal(take(queue), 'a9');
	assert.equal(take(queue), 'b2');
	queue.release('a');
	assert.equal(take(queue), 'a2');
});

test('a host at its limit offers nothing until one of its tasks has ended', () => {
	const queue = new HostQueue<Named>(1);
	for (const label of ['a1', 'a2']) queue.enqueue(task(label));
	assert.equal(take(queue), 'a1');
	assert.equal(queue.size, 0);
	assert.equal(take(queue), undefined);
	queue.release('a');
	assert.equal(queue.size, 1);
	assert.equal(take(queue), 'a2');
});

test('releasing a host that is not known does nothing', () => {
	const queue = new HostQueue<Named>(1);
	queue.release('nobody');
	assert.equal(queue.size, 0);
});

type Step = {do: 'enqueue'; host: string} | {do: 'dequeue'} | {do: 'release'; host: string};
const host = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.oneof(
	{weight: 3, arbitrary: fc.record({do: fc.constant('enqueue' as const), host})},
	{weight: 3, arbitrary: fc.record({do: fc.constant('dequeue' as const)})},
	{weight: 2, arbitrary: fc.record({do: fc.constant('release' as const), host})},
);

test('whatever comes and goes: no host over its limit, each host in its order, nobody lost and nobody kept waiting for nothing', () => {
	fc.assert(
		fc.property(fc.integer({min: 1, max: 3}), fc.array(step, {maxLength: 200}), (limit, steps) => {
			const queue = new HostQueue<Named>(limit);
			const waiting = new Map<string, string[]>();
			const running = new Map<string, number>();
			const of = (name: string) => running.get(name) ?? 0;
			let count = 0;
			const dequeue = () => {
				const able = [...waiting].filter(([name, labels]) => labels.length > 0 && of(name) < limit).length;
				assert.equal(queue.size, able);
				const label = take(queue);
				assert.equal(label !== undefined, able > 0);
				if (label === undefined) return false;
				const name = label.charAt(0);
				assert.equal(label, waiting.get(name)?.shift());
				running.set(name, of(name) + 1);
				assert.ok(of(name) <= limit);
				return true;
			};
			const release = (name: string) => {
				if (of(name) === 0) return;
				running.set(name, of(name) - 1);
				queue.release(name);
			};
			for (const current of steps) {
				if (current.do === 'dequeue') dequeue();
				else if (current.do === 'release') release(current.host);
				else {
					const label = `${current.host}${count++}`;
					waiting.set(current.host, [...(waiting.get(current.host) ?? []), label]);
					queue.enqueue(task(label));
				}
			}
			for (;;) {
				if (dequeue()) continue;
				const busy = [...running.keys()].filter(name => of(name) > 0);
				if (busy.length === 0) break;
				for (const name of busy) release(name);
			}
			assert.deepEqual([...waiting.values()].flat(), []);
		}),
	);
});

test('no host waits for more than one turn of each other host', () => {
	fc.assert(
		fc.property(fc.array(host, {minLength: 1, maxLength: 100}), hosts => {
			const queue = new HostQueue<Named>(Number.POSITIVE_INFINITY);
			const left = new Map<string, number>();
			for (const name of hosts) {
				queue.enqueue(task(name));
				left.set(name, (left.get(name) ?? 0) + 1);
			}
			const since = new Map<string, number>();
			for (let turn = 0; ; turn++) {
				const name = take(queue);
				if (name === undefined) break;
				left.set(name, (left.get(name) ?? 0) - 1);
				since.set(name, turn);
				for (const [other, count] of left)
					if (count > 0) assert.ok(turn - (since.get(other) ?? -1) <= left.size, `${other} starves`);
			}
		}),
	);
});
