import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {sizeOf} from '../source/engine/ranges.ts';
import {openJournal} from '../source/storage/journal.ts';
import {folder, list, type Rig, rig, test, turn} from './helpers/engine.ts';
import {type Asked, assertFile, MiB, patterned, serving, type Version} from './helpers/large.ts';
import {Gate, startServer, type TestServer} from './helpers/server.ts';

/** A piece is 16 MiB: three connections can share it. */
const size = 34 * MiB;
const body = patterned(size);
const v1: Version = {body, etag: '"v1"'};
const v2: Version = {body: patterned(size, 0xabcdef), etag: '"v2"'};

/** Lets the clock go on until the run is over, however often something has to be waited for. */
async function toTheEnd(r: Rig): Promise<void> {
	while (r.store.run.state !== 'ended') {
		if (r.store.counts.waiting > 0) r.clock.advance(60_000);
		await turn();
	}
}

/** Holds each answer half-way until so many are under way at once. */
const together =
	(server: TestServer, count: number) =>
	async ({begin, response, range}: Asked): Promise<void> => {
		const [start, end] = range ?? [0, size];
		begin(MiB);
		await server.until(() => server.most >= count);
		response.end(body.subarray(start + MiB, end));
	};

for (const [named, version] of [
	['an ETag', v1],
	['a date', {body, lastModified: 'Thu, 01 Jan 2026 00:00:00 GMT'}],
] as const) {
	test(`a large file whose version has ${named} comes over as many connections as are allowed, right to the byte`, async t => {
		const server = await startServer(t);
		server.on(
			'/file',
			serving(() => version, together(server, 3)),
		);
		const dir = await folder(t);
		const result = await rig(t, {dir, connections: 3}).fetch(server.url('/file'));
		assert.equal(result.error, null);
		assert.equal(result.bytes, size);
		await assertFile(dir, 'file', body);
		assert.deepEqual(await list(dir), ['file']);
		assert.equal(server.most, 3);
	});
}

const lone: Record<string, Version> = {
	'is a byte too short to be shared': {...v1, body: body.subarray(0, 32 * MiB - 1)},
	'comes from a server that promises no ranges': {...v1, ranges: false},
	'has only a weak ETag': {body, etag: 'W/"v1"'},
	'has nothing that names its version': {body},
};
for (const [why, version] of Object.entries(lone)) {
	test(`a file that ${why} comes over one connection`, async t => {
		const server = await startServer(t);
		server.on(
			'/file',
			serving(() => version),
		);
		const dir = await folder(t);
		await rig(t, {dir, connections: 8}).fetch(server.url('/file'));
		await assertFile(dir, 'file', version.body);
		assert.equal(server.seen.length, 1);
	});
}

test('what a task says of its connections counts for more than what the run says', async t => {
	const server = await startServer(t);
	server.on(
		'/many',
		serving(() => v1, together(server, 2)),
	);
	server.on(
		'/one',
		serving(() => v1),
	);
	const dir = await folder(t);
	await rig(t, {dir}).run({url: server.url('/many'), connections: 2});
	await rig(t, {dir, connections: 8}).run({url: server.url('/one'), connections: 1});
	assert.equal(server.most, 2);
	assert.equal(server.asked('/one').length, 1);
	for (const name of ['many', 'one']) await assertFile(dir, name, body);
});

/** What a server may do with a request for a range. */
const faults: Record<string, (asked: Asked) => void> = {
	'is busy': ({response}) => response.writeHead(503).end(),
	'sends everything': ({response}) => response.writeHead(200, {etag: '"v1"', 'content-length': size}).end(body),
	'sends another version': ({response, range: [start, end] = [0, 0]}) => {
		const head = {etag: '"v2"', 'content-range': `bytes ${start}-${end - 1}/${size}`};
		response.writeHead(206, head).end(v2.body.subarray(start, end));
	},
	'has another length by now': ({response, range: [start, end] = [0, 0]}) => {
		response.writeHead(206, {etag: '"v1"', 'content-range': `bytes ${start}-${end - 1}/${size + 1}`});
		response.end(v2.body.subarray(start, end));
	},
	'sends a part of the range, and says so': ({response, range: [start, asked] = [0, 0]}) => {
		const end = Math.min(asked, start + 3 * MiB);
		response.writeHead(206, {etag: '"v1"', 'content-range': `bytes ${start}-${end - 1}/${size}`});
		response.end(body.subarray(start, end));
	},
	'sends more than the range': ({response, range: [start, end] = [0, 0]}) => {
		response.writeHead(206, {etag: '"v1"', 'content-range': `bytes ${start - MiB}-${end - 1}/${size}`});
		response.end(body.subarray(start - MiB, end));
	},
	'closes in the middle': async ({begin, response}) => {
		await begin(3 * MiB);
		response.destroy();
	},
	'closes before it answers': ({response}) => response.destroy(),
};
const all = Object.values(faults);
const askedForRanges = {
	...faults,
	'does something else that is wrong each time': (asked: Asked) => all[asked.index % all.length]?.(asked),
	'does something wrong every other time': (asked: Asked) =>
		asked.index % 2 ? all[(asked.index >> 1) % all.length]?.(asked) : asked.serve(),
};
for (const [what, fault] of Object.entries(askedForRanges)) {
	test(`a server that ${what} when it is asked for a range does no harm to the file`, async t => {
		const server = await startServer(t);
		server.on(
			'/file',
			serving(
				() => v1,
				asked => (asked.range ? fault(asked) : asked.serve()),
			),
		);
		const dir = await folder(t);
		const r = rig(t, {dir, connections: 3, retries: 9});
		const ended = r.run(server.url('/file'));
		await toTheEnd(r);
		const [result] = await ended;
		assert.equal(result?.error, null);
		assert.deepEqual(await list(dir), ['file']);
		await assertFile(dir, 'file', body);
		assert.ok(server.seen.length < 40, `${server.seen.length} requests`);
	});
}

for (const changesAfter of [1, 2]) {
	test(`a file that changes after ${changesAfter} of its requests is never put together out of two versions`, async t => {
		for (const retries of [0, 2]) {
			const server = await startServer(t);
			server.on(
				'/file',
				serving(() => (server.seen.length > changesAfter ? v2 : v1)),
			);
			const dir = await folder(t);
			const r = rig(t, {dir, connections: 3, retries});
			const ended = r.run(server.url('/file'));
			await toTheEnd(r);
			const [result] = await ended;
			assert.equal(result?.error, null);
			// Nobody notices if all of it had been asked for by then.
			await assertFile(dir, 'file', server.seen.length <= changesAfter ? body : v2.body);
		}
	});
}

for (const [which, held] of [
	['first', 0],
	['second', 1],
] as const) {
	test(`when the ${which} of two connections hangs, the other one takes over all that it had left`, async t => {
		const server = await startServer(t);
		const short = body.subarray(0, 32 * MiB);
		server.on(
			'/file',
			serving(
				() => ({...v1, body: short}),
				({index, begin, serve}) => (index === held ? begin(MiB) : serve()),
			),
		);
		const dir = await folder(t);
		const r = rig(t, {dir, connections: 2});
		const ended = r.run(server.url('/file'));
		await r.received('t1', 17 * MiB);
		assert.equal(server.seen.length, 2, 'not before it has been silent for a while');
		while (server.seen.length < 3) {
			r.clock.advance(1_000);
			await turn();
		}
		const [result] = await ended;
		assert.equal(result?.error, null);
		await assertFile(dir, 'file', short);
		const from = held * 16 * MiB + MiB;
		assert.equal(server.seen[2]?.headers.range, `bytes=${from}-${(held + 1) * 16 * MiB - 1}`);
		await server.seen[held]?.closed;
	});
}

test('however often connections take from each other, each byte is where it belongs', async t => {
	const server = await startServer(t);
	server.on(
		'/file',
		serving(() => v1),
	);
	const dir = await folder(t);
	const r = rig(t, {dir, connections: 8});
	const ended = r.run(server.url('/file'));
	// Every look at the clock is another second later, so that all of them are slow.
	while (r.store.run.state !== 'ended') {
		r.clock.advance(1_000);
		await turn();
	}
	assert.equal((await ended)[0]?.error, null);
	await assertFile(dir, 'file', body);
	assert.ok(server.seen.length > 3, 'they did');
});

test('while the run is paused a connection with nothing to do takes nothing from the others, however long that is', async t => {
	const server = await startServer(t);
	const gate = new Gate();
	const hold = async ({begin, response, range: [start, end] = [0, size], serve}: Asked) => {
		if (start === 32 * MiB) return serve();
		await begin(MiB);
		await gate.opened;
		response.end(body.subarray(start + MiB, end));
	};
	server.on(
		'/file',
		serving(() => v1, hold),
	);
	const dir = await folder(t);
	const r = rig(t, {dir, connections: 3});
	const ended = r.run(server.url('/file'));
	await r.received('t1', 4 * MiB);
	r.dispatch({type: 'pause'});
	for (let second = 0; second < 100; second++) {
		r.clock.advance(1_000);
		await turn();
	}
	assert.equal(r.store.get('t1')?.received, 4 * MiB);
	r.dispatch({type: 'resume'});
	gate.open();
	await ended;
	assert.equal(server.seen.length, 3);
	await assertFile(dir, 'file', body);
});

/** How a task can be stopped in the middle, and gone on with. */
const stops = {
	'pausing it': ['pause-task', 'resume-task', 'paused'],
	'canceling it': ['cancel', 'retry', 'canceled'],
	'stopping the run': ['stop', undefined, 'run'],
} as const;
for (const [how, [stop, goOn, seen]] of Object.entries(stops)) {
	test(`after ${how} in the middle, what is here is right, and only the rest is asked for`, async t => {
		const server = await startServer(t);
		const dir = await folder(t);
		const journal = await openJournal(dir);
		server.on(
			'/file',
			serving(
				() => v1,
				({begin}) => begin(MiB),
			),
		);
		let r = rig(t, {dir, connections: 3, journal});
		let ended = r.run(server.url('/file'));
		await r.received('t1', 3 * MiB);
		r.dispatch(stop === 'stop' ? {type: stop, mode: 'abort'} : {type: stop, id: 't1'});
		if (stop === 'pause-task') await r.seen(seen);
		else await ended;
		const {ranges = []} = r.store.get('t1')?.part ?? {};
		assert.deepEqual(
			ranges,
			[0, 16, 32].map(start => [start * MiB, (start + 1) * MiB]),
		);
		const part = await readFile(path.join(dir, 'file.part'));
		for (const [start, end] of ranges) assert.ok(part.subarray(start, end).equals(body.subarray(start, end)));
		const before = server.seen.length;
		server.on(
			'/file',
			serving(() => v1),
		);
		if (goOn) r.dispatch({type: goOn, id: 't1'});
		else {
			await journal.close();
			const next = await openJournal(dir);
			t.after(() => next.close());
			r = rig(t, {dir, connections: 3, journal: next});
			ended = r.run(server.url('/file'));
		}
		await r.seen('done');
		await ended;
		await assertFile(dir, 'file', body);
		const asked = server.seen.slice(before).map(({headers}) => /=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []);
		const bytes = asked.map(([, from, to]): [number, number] => [Number(from), to ? Number(to) + 1 : size]);
		assert.equal(sizeOf(bytes), size - 3 * MiB + 3 * 4 * 1024, 'and a little before each gap to compare');
		if (!goOn) return;
		await journal.close();
	});
}
