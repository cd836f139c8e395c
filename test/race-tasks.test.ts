import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {suite, type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {MessageChannel} from 'node:worker_threads';
import fc from 'fast-check';
import type {Result} from '../source/engine/task.ts';
import {memoryOf} from '../source/race/lane/memory.ts';
import {capacity, Mailbox} from '../source/race/models/mailbox.ts';
import {TaskQueue} from '../source/race/models/task-queue.ts';
import {result} from './helpers/race-store.ts';
import {noProcesses} from './helpers/racing.ts';

/** A queue of so many tasks, and what was heard of it. */
function queueOf(count: number) {
	const records: Array<readonly [number, Result]> = [];
	const incidents: string[] = [];
	const tasks = Array.from({length: count}, (_, index) => ({
		number: index + 1,
		url: `http://a.example/${index + 1}`,
		attempt: 1,
	}));
	const queue = new TaskQueue(tasks, {
		record: (...record) => records.push(record),
		incident: text => incidents.push(text),
	});
	return {queue, records, incidents};
}

suite('the tasks of a lane', () => {
	test('are handed out in order, and what is lost begins again before the others', () => {
		const {queue, incidents} = queueOf(3);
		assert.equal(queue.next()?.number, 1);
		assert.equal(queue.next()?.number, 2);
		queue.lost(1, 'thread 7 died');
		assert.deepEqual(queue.next(), {number: 1, url: 'http://a.example/1', attempt: 2});
		assert.equal(queue.next()?.number, 3);
		assert.equal(queue.next(), undefined);
		assert.equal(queue.running, 3);
		assert.deepEqual(incidents, ['thread 7 died: task 1 begins again']);
	});

	test('fail when three workers have died of one of them, and the record says so', async () => {
		const {queue, records, incidents} = queueOf(1);
		for (const attempt of [1, 2, 3]) {
			assert.equal(queue.next()?.attempt, attempt);
			queue.lost(1, 'thread died');
		}
		assert.equal(queue.next(), undefined);
		await queue.finished;
		const [[number, record] = []] = records;
		assert.deepEqual([records.length, number, record?.state, record?.ok, record?.attempts], [1, 1, 'failed', false, 3]);
		assert.equal(record?.error?.code, 'WORKER_DIED');
		assert.equal(record?.url, 'http://a.example/1');
		assert.deepEqual(incidents.slice(2), ['thread died: task 1 has failed, after 3 attempts']);
	});

	test('that are none at all have come to their end', async () => {
		await queueOf(0).queue.finished;
	});

	test('of a lane that cannot go on reject with why', async () => {
		const {queue} = queueOf(1);
		queue.fail(new Error('no thread can be started'));
		await assert.rejects(queue.finished, /no thread can be started/);
	});

	const anyStep = fc.oneof(
		fc.constant({type: 'next'} as const),
		fc.record({type: fc.constantFrom('finish', 'lost'), number: fc.integer({min: 0, max: 9})}),
	);

	test('have one record each, whatever is lost, late, doubled or never was, in whatever order', async () => {
		await fc.assert(
			fc.asyncProperty(fc.nat(8), fc.array(anyStep, {maxLength: 80}), async (count, steps) => {
				const {queue, records} = queueOf(count);
				let isOver = false;
				void queue.finished.then(() => {
					isOver = true;
				});
				for (const step of steps) {
					if (step.type === 'next') queue.next();
					else if (step.type === 'finish') queue.finish(step.number, result());
					else queue.lost(step.number, 'somebody died');
					assert.ok(queue.running >= 0 && records.length + queue.running <= count);
				}
				await turn();
				assert.equal(isOver, records.length === count, 'it is over when the last record is there, and not before');
				// Whatever is left is done by workers that live.
				for (let number = 1; number <= count; number++) queue.finish(number, result());
				for (let task = queue.next(); task; task = queue.next()) queue.finish(task.number, result());
				await queue.finished;
				assert.deepEqual(
					records.map(([number]) => number).toSorted((a, b) => a - b),
					Array.from({length: count}, (_, index) => index + 1),
				);
				assert.deepEqual([queue.running, queue.hasMore], [0, false]);
			}),
		);
	});
});

/** Both ends of a mailbox, and how often there was room again. */
function mailbox() {
	const {port1, port2} = new MessageChannel();
	let rooms = 0;
	const box = new Mailbox<{bytes: Uint8Array}>(port1, () => {
		rooms++;
	});
	const inside: unknown[] = [];
	port2.on('message', message => inside.push(message));
	return {
		...{box, inside, port2},
		get rooms(): number {
			return rooms;
		},
		offer(bytes = new Uint8Array(8)) {
			return box.offer({bytes}, [bytes.buffer]);
		},
		/** Its owner is through with one. */
		async take(): Promise<void> {
			if (inside.length === 0) await once(port2, 'message');
			inside.shift();
			const before = rooms;
			port2.postMessage(0);
			while (rooms === before) await turn();
		},
	};
}

suite('a mailbox', () => {
	test('takes as many messages as it has room for, and then says that it is full', async t => {
		const opened = mailbox();
		t.after(() => opened.box.close());
		for (let room = capacity; room > 0; room--) {
			assert.equal(opened.box.room, room);
			assert.equal(opened.offer(), true);
		}
		assert.equal(opened.box.room, 0);
		assert.equal(opened.offer(), false);
		await opened.take();
		assert.deepEqual([opened.box.room, opened.rooms], [1, 1]);
		assert.equal(opened.offer(), true);
		assert.equal(opened.offer(), false);
	});

	test('moves what is in a message to its owner, and leaves what it refuses to the sender', t => {
		const opened = mailbox();
		t.after(() => opened.box.close());
		const pages = Array.from({length: capacity + 1}, () => new Uint8Array(8));
		for (const page of pages) opened.offer(page);
		assert.deepEqual(
			pages.map(({length}) => length),
			[...Array<number>(capacity).fill(0), 8],
		);
	});

	test('never has more inside than it can take, however fast its sender and slow its owner', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.boolean(), {maxLength: 40}), async steps => {
				const opened = mailbox();
				let inside = 0;
				try {
					for (const isOffered of steps) {
						if (isOffered) {
							const isTaken = inside < capacity;
							assert.equal(opened.offer(), isTaken);
							if (isTaken) inside++;
						} else if (inside > 0) {
							await opened.take();
							inside--;
						}
						assert.equal(opened.box.room, capacity - inside);
					}
				} finally {
					opened.box.close();
				}
			}),
			{numRuns: 30},
		);
	});
});

suite('the memory of processes', {skip: noProcesses}, () => {
	/** More than there can be: `/proc/sys/kernel/pid_max` goes up to 2 ** 22. */
	const nobody = 2 ** 22 + 1;

	const kept = 64e6;

	/** A process that keeps so much for itself. */
	async function keeper(t: TestContext): Promise<number> {
		const code = `globalThis.kept = Buffer.alloc(${kept}, 1); console.log('ready'); setInterval(() => {}, 1e6);`;
		const child = spawn(process.execPath, ['-e', code], {stdio: ['ignore', 'pipe', 'inherit']});
		t.after(() => child.kill('SIGKILL'));
		await once(child.stdout, 'data');
		return child.pid ?? 0;
	}

	test('is of one what it has resident', async () => {
		const memory = await memoryOf([process.pid]);
		const rss = process.memoryUsage.rss();
		assert.ok(memory > rss / 2 && memory < rss * 2, `${memory} of ${rss}`);
	});

	test('is of several what each has for itself, and what they map from the same files once', async t => {
		const other = await keeper(t);
		const [here, there] = [await memoryOf([process.pid]), await memoryOf([other])];
		assert.ok(there > kept, `${there} bytes`);
		const both = await memoryOf([process.pid, other]);
		assert.ok(both > here + kept / 2, `${both}, of which ${here} are of one`);
		// The program of Node itself is in both.
		assert.ok(both < here + there - 10e6, `${both} of ${here} and ${there}`);
	});

	test('is nothing for one that is gone', async () => {
		assert.equal(await memoryOf([nobody]), 0);
		assert.equal(await memoryOf([]), 0);
		const [alone, beside] = [await memoryOf([process.pid]), await memoryOf([nobody, process.pid])];
		assert.ok(beside > alone / 2 && beside < alone * 2);
	});
});
