import assert from 'node:assert/strict';
import {mkdtemp, open, readdir, readFile, rm, utimes, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type {TaskEvent} from '../source/engine/events.ts';
import type {Known} from '../source/engine/past.ts';
import {missing, type Ranges} from '../source/engine/ranges.ts';
import type {PartFile} from '../source/engine/seams.ts';
import type {Result} from '../source/engine/task.ts';
import {journalName, lastPid, openJournal} from '../source/storage/journal.ts';
import {hashOf, indexOf, JournalIndex} from '../source/storage/journal-index.ts';
import {test} from './helpers/engine.ts';

const tasks = [0, 1, 2, 3];
const urlOf = (task: number) => `https://example.org/ä${task}`;
/** When everything was told: some time ago, so that files made now are newer by any clock. */
const at = Date.now() - 10_000;

const resultOf = (task: number, bytes: number): Result => ({
	url: urlOf(task),
	finalUrl: null,
	status: 200,
	ok: true,
	state: 'done',
	title: null,
	contentType: null,
	charset: null,
	bytes,
	path: `p${task}`,
	sha256: null,
	extracted: {},
	truncated: false,
	attempts: 1,
	startedAt: null,
	seconds: 0,
	timings: {wait: 0, connect: 0, firstByte: 0, transfer: 0},
	error: null,
});

/** Sorted ranges that do not touch, below 200. */
const ranges: fc.Arbitrary<Ranges> = fc
	.uniqueArray(fc.nat(200), {maxLength: 8})
	.map(all => all.toSorted((a, b) => a - b))
	.map(all => Array.from({length: all.length >> 1}, (_, index) => [all[2 * index] ?? 0, all[2 * index + 1] ?? 0]));

/** What may be told of a task; `synced` is a part of `ranges`, as it is in life. */
const step = fc
	.record({
		task: fc.constantFrom(...tasks),
		type: fc.constantFrom('receiving', 'saved', 'done' as const),
		ranges,
		synced: fc.boolean(),
		total: fc.option(fc.integer({min: 200, max: 220}), {nil: undefined}),
		replaces: fc.constantFrom('good', 'bad', undefined),
		preallocated: fc.boolean(),
	})
	.map(({task, type, ranges, synced, total, replaces, preallocated}): TaskEvent => {
		const id = `t${task}` as const;
		if (type === 'done') return {type, at, id, result: resultOf(task, total ?? 0)};
		const part: PartFile = {
			path: `p${task}`,
			ranges,
			...(synced && ranges.length > 0 && {synced: ranges.slice(0, 1)}),
			...(total !== undefined && {total}),
			...(replaces && {replaces}),
			...(preallocated && {preallocated}),
		};
		return type === 'saved'
			? {type, at, id, part}
			: {type, at, id, part, status: 200, finalUrl: '', redirects: [], headers: {}, offset: 0};
	});

/** What stands on the disk: bytes of `pN.part` and `pN`, and whether somebody has written to `pN` since. */
type Standing = {part: number | null; file: number | null; edited: boolean};

const standing: fc.Arbitrary<Standing> = fc.record({
	part: fc.option(fc.nat(230)),
	file: fc.option(fc.integer({min: 195, max: 225})),
	edited: fc.boolean(),
});
const disk = fc.array(standing, {minLength: tasks.length, maxLength: tasks.length});

const queued = (task: number): TaskEvent => ({type: 'queued', at, id: `t${task}`, url: urlOf(task), host: ''});

/** A run that tells `steps` and ends; what it leaves in the journal. */
async function tell(dir: string, steps: readonly TaskEvent[], compactAt: number): Promise<Buffer> {
	const journal = await openJournal(dir, {bootId: 'A', compactAt});
	for (const event of steps) {
		journal.record(queued(Number(event.id.slice(1))));
		journal.record(event);
		if (compactAt < 10_000) await journal.written();
	}
	await journal.close();
	return readFile(path.join(dir, journalName));
}

async function recallAll(dir: string, bootId: string): Promise<Array<Known | undefined>> {
	const journal = await openJournal(dir, {bootId});
	const all = await Promise.all(tasks.map(task => journal.recall(urlOf(task), {})));
	await journal.close();
	return all;
}

async function inFolder(run: (dir: string) => Promise<void>): Promise<void> {
	const dir = await mkdtemp(path.join(tmpdir(), 'fetchtop-'));
	try {
		await run(dir);
	} finally {
		await rm(dir, {recursive: true, force: true});
	}
}

async function fill(dir: string, sizes: readonly Standing[]): Promise<void> {
	for (const [task, {part, file, edited}] of sizes.entries()) {
		if (part !== null) await writeFile(path.join(dir, `p${task}.part`), Buffer.alloc(part));
		if (file === null) continue;
		const name = path.join(dir, `p${task}`);
		await writeFile(name, Buffer.alloc(file));
		// By the clock that made it, it would become an edited one while this file of tests runs.
		const written = (edited ? at + 5_000 : at) / 1_000;
		await utimes(name, written, written);
	}
}

const isWithin = (inner: Ranges, outer: Ranges) =>
	inner.every(([start, end]) => missing(outer, end).every(([, to]) => to <= start));

/** That what is recalled of a task is no more than was told of it, and no more than is on the disk. */
function assertTold(known: Known | undefined, told: readonly TaskEvent[], on: Standing, sameBoot: boolean): void {
	if (known?.kind === 'part') {
		const {ranges, path: name} = known.part;
		assert.ok(told.some(event => 'part' in event && event.part?.path === name) || ranges.length === 0);
		if (ranges.length === 0) return;
		const enough = told.some(event => {
			if (!('part' in event) || !event.part) return false;
			const {part} = event;
			const [first] = part.ranges;
			const isInOrder = !part.preallocated && part.ranges.length === 1 && first?.[0] === 0;
			const grown: Ranges = isInOrder ? [[0, part.total ?? Number.POSITIVE_INFINITY]] : part.ranges;
			return isWithin(ranges, sameBoot ? grown : (part.synced ?? []));
		});
		assert.ok(enough, `${JSON.stringify(ranges)} was never told`);
		assert.ok((ranges.at(-1)?.[1] ?? 0) <= (on.part ?? 0));
	} else if (known) {
		assert.equal(known.result.bytes, on.file);
		// Without a status, nobody was left to tell that it is done; then a part was told that can be this file.
		const isTold = (event: TaskEvent) =>
			known.result.status === null
				? 'part' in event && (event.part?.replaces === 'good' || (event.part?.total ?? on.file) === on.file)
				: event.type === 'done' && event.result.bytes === on.file;
		assert.ok(told.some(isTold), 'it was never told to be done');
	}
}

test('wherever a crash cuts the journal, the past is no more than what was told and is on the disk', async () => {
	const crash = fc.tuple(fc.array(step, {maxLength: 20}), disk, fc.double({min: 0, max: 1, noNaN: true}), fc.boolean());
	await fc.assert(
		fc.asyncProperty(crash, ([steps, sizes, cut, sameBoot]) =>
			inFolder(async dir => {
				const bytes = await tell(dir, steps, 1e6);
				await writeFile(path.join(dir, journalName), bytes.subarray(0, Math.round(cut * bytes.length)));
				await fill(dir, sizes);
				const all = await recallAll(dir, sameBoot ? 'A' : 'B');
				for (const [task, known] of all.entries()) {
					const told = steps.filter(({id}) => id === `t${task}`);
					const on = sizes[task];
					if (on) assertTold(known, told, on, sameBoot);
				}
			}),
		),
		{numRuns: 200},
	);
});

test('a journal that is rewritten again and again tells the same past as one that never is', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(step, {maxLength: 60}), disk, fc.boolean(), (steps, sizes, sameBoot) =>
			inFolder(async one =>
				inFolder(async other => {
					await tell(one, steps, 1e6);
					await tell(other, steps, 300);
					await fill(one, sizes);
					await fill(other, sizes);
					const bootId = sameBoot ? 'A' : 'B';
					assert.deepEqual(await recallAll(other, bootId), await recallAll(one, bootId));
				}),
			),
		),
		{numRuns: 60},
	);
});

test('garbage anywhere in a journal breaks neither opening it nor looking things up', async () => {
	const noise = fc.array(
		fc.tuple(
			fc.double({min: 0, max: 1, noNaN: true}),
			fc.oneof(
				fc.uint8Array({maxLength: 40}),
				fc.nat(300).map(size => new Uint8Array(size)),
			),
		),
		{maxLength: 5},
	);
	await fc.assert(
		fc.asyncProperty(fc.array(step, {maxLength: 12}), disk, noise, (steps, sizes, hits) =>
			inFolder(async dir => {
				const bytes = await tell(dir, steps, 1e6);
				for (const [where, garbage] of hits)
					bytes.set(
						garbage.subarray(0, bytes.length - Math.floor(where * bytes.length)),
						Math.floor(where * bytes.length),
					);
				const file = path.join(dir, journalName);
				await writeFile(file, bytes);
				await fill(dir, sizes);
				for (const known of await recallAll(dir, 'A'))
					if (known?.kind === 'part') assert.match(known.part.path, /^p\d$/);
				await lastPid(dir);
				// Whatever it was, what is written from now on is found.
				const journal = await openJournal(dir, {bootId: 'A', compactAt: 100});
				journal.record(queued(9));
				journal.record({type: 'saved', at, id: 't9', part: {path: 'p9', ranges: []}});
				await journal.close();
				const next = await openJournal(dir, {bootId: 'A'});
				assert.equal((await next.recall(urlOf(9), {}))?.kind, 'part');
				await next.close();
				assert.ok(!(await readdir(dir)).includes(`${journalName}.new`));
			}),
		),
		{numRuns: 100},
	);
});

test('the index finds the newest line of every key, as a map would, however many there are', async () => {
	const index = new JournalIndex();
	const expected = new Map<number, number>();
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.webUrl(), fc.option(fc.string(), {nil: undefined})), {maxLength: 300}), keys => {
			for (const [url, output] of keys) {
				const key = {url, ...(output !== undefined && {output})};
				index.note({type: 'done', at, ...key}, expected.size * 2 ** 33);
				expected.set(hashOf(key), expected.size * 2 ** 33);
			}
			for (const [hash, offset] of expected) assert.equal(index.find(hash), offset);
		}),
		{numRuns: 30},
	);
	for (let number = 0; number < 50_000; number++) index.note({type: 'done', at, url: urlOf(number)}, number);
	for (let number = 0; number < 50_000; number++) assert.equal(index.find(hashOf({url: urlOf(number)})), number);
	assert.equal(index.find(hashOf({url: urlOf(-1)})), undefined);
});

test('lines are found across the pieces in which a journal is read', async () => {
	await inFolder(async dir => {
		const file = path.join(dir, 'lines');
		const lines = Array.from({length: 40}, (_, number) =>
			JSON.stringify({
				type: 'saved',
				at,
				id: `t${number}`,
				url: urlOf(number),
				part: {path: 'ä'.repeat(number * 4_001), ranges: []},
			}),
		);
		await writeFile(file, lines.map(line => `${line}\n`).join(''));
		const handle = await open(file);
		const {size: length} = await handle.stat();
		const {index, size} = await indexOf(handle, length);
		assert.equal(size, length);
		let offset = 0;
		for (const [number, line] of lines.entries()) {
			assert.equal(index.find(hashOf({url: urlOf(number)})), offset);
			offset += Buffer.byteLength(line) + 1;
		}
		await handle.close();
	});
});
