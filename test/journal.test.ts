import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import {appendFile, link, mkdir, open, readFile, stat, symlink, truncate, utimes, writeFile} from 'node:fs/promises';
import {syncBuiltinESMExports} from 'node:module';
import path from 'node:path';
import type {TestContext} from 'node:test';
import type {TaskEvent} from '../source/engine/events.ts';
import type {Known} from '../source/engine/past.ts';
import type {PartFile} from '../source/engine/seams.ts';
import type {Result, TaskId} from '../source/engine/task.ts';
import {syncedFrom} from '../source/storage/file-sink.ts';
import {Journal, type JournalOptions, journalName, lastPid, openJournal} from '../source/storage/journal.ts';
import {compact} from '../source/storage/journal-compact.ts';
import {indexOf, JournalIndex} from '../source/storage/journal-index.ts';
import {JournalLog} from '../source/storage/journal-log.ts';
import {folder, list, test, turn} from './helpers/engine.ts';

const url = 'https://example.org/big.iso';
const now = Date.now();
const minute = 60_000;
/** After every file that is made here, however long that takes. */
const later = now + 60 * minute;

const resultOf = (name: string, bytes: number, given: Partial<Result> = {}): Result => ({
	url,
	finalUrl: url,
	status: 200,
	ok: true,
	state: 'done',
	title: 'A title',
	contentType: 'text/html',
	charset: 'utf-8',
	bytes,
	path: name,
	sha256: null,
	extracted: {},
	truncated: false,
	attempts: 1,
	startedAt: '2026-11-22T20:03:42.000Z',
	seconds: 0.3,
	timings: {wait: 0, connect: 20, firstByte: 40, transfer: 250},
	error: null,
	...given,
});

const receiving = (id: TaskId, part: PartFile, at = now): TaskEvent => ({
	type: 'receiving',
	at,
	id,
	status: 200,
	finalUrl: url,
	redirects: [],
	headers: {server: 'nginx', 'set-cookie': 'secret'},
	offset: 0,
	part,
});
const saved = (id: TaskId, part: PartFile, at = now): TaskEvent => ({type: 'saved', at, id, part});
const queued = (id: TaskId, address = url, output?: string): TaskEvent => ({
	type: 'queued',
	at: now,
	id,
	url: address,
	host: 'example.org',
	...(output !== undefined && {output}),
});
const done = (id: TaskId, result: Result, at = now): TaskEvent => ({type: 'done', at, id, result});

/** A journal that is closed after the test. It knows of boot A unless told otherwise. */
async function opened(t: TestContext, dir: string, options: JournalOptions = {}): Promise<Journal> {
	const journal = await openJournal(dir, {bootId: 'A', ...options});
	t.after(() => journal.close());
	return journal;
}

/** A run that tells all this and ends. */
async function run(dir: string, events: TaskEvent[], options: JournalOptions = {}): Promise<void> {
	const journal = await openJournal(dir, {bootId: 'A', now: () => now, ...options});
	for (const event of events) journal.record(event);
	await journal.close();
}

/** What the next run is told of `url`, after one that told this of it. */
async function recalled(t: TestContext, dir: string, events: TaskEvent[], options: JournalOptions = {}) {
	await run(dir, [queued('t1'), ...events]);
	const journal = await opened(t, dir, options);
	const known = await journal.recall(url, {});
	// Its own first line is in the file before another one is opened.
	await journal.close();
	return known;
}

const linesOf = async (dir: string) =>
	(await readFile(path.join(dir, journalName), 'utf8'))
		.split('\n')
		.slice(0, -1)
		.map(line => JSON.parse(line));

/** As old as what is told: two seconds younger, it would be one that somebody has edited since. */
async function put(dir: string, name: string, bytes: number): Promise<void> {
	const file = path.join(dir, name);
	await writeFile(file, Buffer.alloc(bytes, 'x'));
	await utimes(file, now / 1_000, now / 1_000);
}
const partOf = (known: Known | undefined) =>
	known?.kind === 'part' ? known.part : assert.fail(`no part: ${known?.kind}`);
const anew = (name: string): Known => ({kind: 'part', part: {path: name, ranges: []}});
const replacing = (name: string, replaces: 'good' | 'bad' = 'good'): Known => ({
	kind: 'part',
	part: {path: name, ranges: [], replaces},
});

test('a task that no earlier run knows is answered at once', async t => {
	const dir = await folder(t);
	await run(dir, [queued('t1'), done('t1', resultOf('a', 3))]);
	const journal = await opened(t, dir);
	assert.equal(journal.recall('https://example.org/other', {}), undefined);
	assert.equal(journal.recall(url, {output: 'other'}), undefined);
	assert.ok(journal.recall(url, {}) instanceof Promise);
});

test('a finished task is recalled with its result and what names its version', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 3);
	const validators = {etag: '"1"', lastModified: 'Sat, 22 Nov 2026 20:03:42 GMT'};
	const result = resultOf('a', 3, {extracted: {price: '1 €', tags: ['a', 'b']}, sha256: 'ab'.repeat(32)});
	const known = await recalled(t, dir, [{type: 'done', at: now, id: 't1', result, validators}]);
	assert.deepEqual(known, {kind: 'done', result, validators});
});

test('two tasks of one URL with different names are two tasks', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 3);
	await put(dir, 'b', 3);
	await run(dir, [
		queued('t1', url, 'a'),
		queued('t2', url, 'b'),
		done('t2', resultOf('b', 3)),
		done('t1', resultOf('a', 3)),
	]);
	const journal = await opened(t, dir);
	for (const name of ['a', 'b']) {
		const known = await journal.recall(url, {output: name});
		assert.equal(known?.kind === 'done' && known.result.path, name);
	}
});

test('a finished file that is gone, changed or a link is fetched again under a free name', async t => {
	for (const meddle of [
		async () => {},
		(dir: string) => put(dir, 'a', 4),
		async (dir: string) => {
			await put(dir, 'elsewhere', 3);
			await symlink('elsewhere', path.join(dir, 'a'));
		},
		(dir: string) => mkdir(path.join(dir, 'a')),
	]) {
		const dir = await folder(t);
		await meddle(dir);
		for (const fresh of [false, true])
			assert.equal(await recalled(t, dir, [done('t1', resultOf('a', 3))], {fresh}), undefined);
	}
});

test('a body that is on the disk in another size than it was received in is known by that size', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 10);
	const told = [receiving('t1', {path: 'a', ranges: [], total: 10}), done('t1', resultOf('a', 3))];
	assert.equal((await recalled(t, dir, told))?.kind, 'done');
	const decoded: TaskEvent = {type: 'done', at: now, id: 't1', result: resultOf('a', 3), size: 10};
	assert.equal((await recalled(t, dir, [receiving('t1', {path: 'a', ranges: []}), decoded]))?.kind, 'done');
	assert.equal(await recalled(t, dir, [done('t1', resultOf('a', 3))]), undefined);
});

test('starting over leaves nothing but the names: finished files give way, parts begin anew', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 3);
	assert.deepEqual(await recalled(t, dir, [done('t1', resultOf('a', 3))], {fresh: true}), replacing('a'));
	await put(dir, 'b.part', 3);
	const part: PartFile = {path: 'b', ranges: [[0, 3]], total: 9, validators: {etag: '"1"'}};
	assert.deepEqual(await recalled(t, dir, [saved('t1', part)], {fresh: true}), anew('b'));
	assert.deepEqual(await recalled(t, dir, [saved('t1', {...part, replaces: 'good'})], {fresh: true}), replacing('b'));
});

test('after a crash of the program, a part that came in order has all the bytes that its file has', async t => {
	const dir = await folder(t);
	const part: PartFile = {path: 'a', ranges: [[0, 3]], synced: [[0, 2]], total: 9, validators: {etag: '"1"'}};
	for (const [size, end] of [
		[7, 7],
		[3, 3],
		[2, 2],
		[20, 9],
	] as const) {
		await put(dir, 'a.part', size);
		assert.deepEqual(partOf(await recalled(t, dir, [saved('t1', part)])), {...part, ranges: [[0, end]]});
	}
	await put(dir, 'a.part', 1);
	const cut = partOf(await recalled(t, dir, [saved('t1', part)]));
	assert.deepEqual(cut, {...part, ranges: [[0, 1]], synced: [[0, 1]]});
});

test('of a part that was written in several places only what was told counts', async t => {
	const dir = await folder(t);
	await put(dir, 'a.part', 9);
	const several: PartFile = {
		path: 'a',
		ranges: [
			[0, 3],
			[5, 6],
		],
		total: 9,
	};
	assert.deepEqual(partOf(await recalled(t, dir, [saved('t1', several)])), several);
	const preallocated: PartFile = {path: 'a', ranges: [[0, 3]], total: 9, preallocated: true};
	assert.deepEqual(partOf(await recalled(t, dir, [saved('t1', preallocated)])), preallocated);
	await put(dir, 'a.part', 5);
	assert.deepEqual(partOf(await recalled(t, dir, [saved('t1', several)])), {...several, ranges: [[0, 3]]});
});

test('bytes of a part of which nothing was told are another version, or coded, and do not count', async t => {
	const dir = await folder(t);
	await put(dir, 'a.part', 7);
	const before = saved('t1', {path: 'a', ranges: [[0, 5]], total: 9});
	assert.deepEqual(await recalled(t, dir, [before, receiving('t1', {path: 'a', ranges: [], total: 8})]), anew('a'));
	assert.deepEqual(await recalled(t, dir, [before, saved('t1', {path: 'a', ranges: []})]), anew('a'));
});

test('after a restart of the machine only what was synced counts', async t => {
	const dir = await folder(t);
	await put(dir, 'a.part', 9);
	const part: PartFile = {path: 'a', ranges: [[0, 8]], synced: [[0, 4]], total: 9};
	const {synced: _, ...unsynced} = part;
	for (const bootId of ['B', '']) {
		const known = partOf(await recalled(t, dir, [saved('t1', part)], {bootId}));
		assert.deepEqual(known, {...part, ranges: [[0, 4]]});
		assert.deepEqual(await recalled(t, dir, [saved('t1', unsynced)], {bootId}), anew('a'));
	}
	await put(dir, 'a.part', 3);
	const cut = partOf(await recalled(t, dir, [saved('t1', part)], {bootId: 'B'}));
	assert.deepEqual(cut, {...part, ranges: [[0, 3]], synced: [[0, 3]]});
});

test('where nobody can say which boot it is, no two runs are of the same', async t => {
	const dir = await folder(t);
	await put(dir, 'a.part', 9);
	await run(dir, [queued('t1'), saved('t1', {path: 'a', ranges: [[0, 8]]})], {bootId: ''});
	assert.deepEqual(await (await opened(t, dir, {bootId: ''})).recall(url, {}), anew('a'));
});

test('a part that is gone, or was never made, keeps its name', async t => {
	const dir = await folder(t);
	assert.deepEqual(await recalled(t, dir, [receiving('t1', {path: 'a', ranges: []})]), anew('a'));
	const part: PartFile = {path: 'a', ranges: [[0, 5]], total: 9, replaces: 'good'};
	assert.deepEqual(await recalled(t, dir, [saved('t1', part)]), replacing('a'));
	await symlink('elsewhere', path.join(dir, 'a.part'));
	assert.deepEqual(await recalled(t, dir, [saved('t1', part)]), replacing('a'));
});

test('a body that got its name just before the crash is done', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 9);
	assert.equal(await recalled(t, dir, [receiving('t1', {path: 'a', ranges: []})]), undefined, 'it could be anything');
	for (const part of [
		{path: 'a', ranges: [[0, 5]], total: 9},
		{path: 'a', ranges: [], total: 9},
	] as PartFile[]) {
		const known = await recalled(t, dir, [receiving('t1', part)]);
		assert.ok(known?.kind === 'done');
		const {ok, state, bytes, path: name, finalUrl} = known.result;
		assert.deepEqual([ok, state, bytes, name, known.result.url, finalUrl], [true, 'done', 9, 'a', url, null]);
		assert.deepEqual(known.validators, {});
	}
});

test('a file of that name which cannot be the body is left to whoever made it', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 9);
	assert.equal(await recalled(t, dir, [saved('t1', {path: 'a', ranges: [[0, 5]], total: 10})]), undefined);
	assert.equal(await recalled(t, dir, [saved('t1', {path: 'a', ranges: [[0, 10]]})]), undefined);
	const older = {path: 'a', ranges: [], total: 9} as const;
	assert.equal(await recalled(t, dir, [saved('t1', older, later)]), undefined);
	const damaged = saved('t1', {...older, replaces: 'bad'}, later);
	assert.deepEqual(await recalled(t, dir, [damaged]), replacing('a', 'bad'));
});

test('where nothing came of a newer version, the file that was to be replaced still stands', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 9);
	const begun = saved('t1', {path: 'a', ranges: [], total: 12, replaces: 'good'}, later);
	const known = await recalled(t, dir, [begun]);
	assert.ok(known?.kind === 'done' && known.result.path === 'a');
	assert.deepEqual(known.validators, {}, 'it is to be asked for without a condition');
	assert.deepEqual(await recalled(t, dir, [begun], {fresh: true}), replacing('a'));
});

test('a body that has both its names is done, and loses the first one', async t => {
	const dir = await folder(t);
	await put(dir, 'a.part', 9);
	await link(path.join(dir, 'a.part'), path.join(dir, 'a'));
	const known = await recalled(t, dir, [saved('t1', {path: 'a', ranges: [[0, 5]], total: 9}, later)]);
	assert.equal(known?.kind, 'done');
	assert.deepEqual(await list(dir), [journalName, 'a']);
});

test('a part beside a stranger of its name is gone on from', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 9);
	await put(dir, 'a.part', 9);
	const part: PartFile = {path: 'a', ranges: [[0, 9]], total: 9};
	assert.deepEqual(partOf(await recalled(t, dir, [saved('t1', part)])), part);
});

test('small bodies of the last minute before the machine went down are fetched again: they were never synced', async t => {
	const dir = await folder(t);
	const large = syncedFrom;
	for (const [bytes, age, bootId, expected] of [
		[3, minute / 2, 'B', 'part'],
		[3, 2 * minute, 'B', 'done'],
		[3, minute / 2, 'A', 'done'],
		[large, minute / 2, 'B', 'done'],
		[large - 1, minute / 2, '', 'part'],
	] as const) {
		await put(dir, 'a', bytes);
		const events = [
			done('t1', resultOf('a', bytes), now - age),
			queued('t2', `${url}?2`),
			saved('t2', {path: 'b', ranges: []}),
		];
		const known = await recalled(t, dir, events, {bootId});
		assert.equal(known?.kind, expected, `${bytes} bytes ${age} ms before the end, boot ${bootId}`);
		if (expected === 'part') assert.deepEqual(known, replacing('a', 'bad'));
	}
});

test('what was finished long before its own boot ended stays done, however many boots there were since', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 3);
	await run(dir, [queued('t1'), done('t1', resultOf('a', 3), now - minute / 2)], {now: () => now - minute});
	for (const bootId of ['B', 'C']) await run(dir, [], {bootId, now: () => now + 10 * minute});
	assert.deepEqual(await (await opened(t, dir, {bootId: 'D'})).recall(url, {}), replacing('a', 'bad'));
	await run(dir, [queued('t1'), done('t1', resultOf('a', 3), now)], {bootId: 'D'});
	await run(dir, [], {bootId: 'D', now: () => now + 10 * minute});
	assert.equal((await (await opened(t, dir, {bootId: 'E'})).recall(url, {}))?.kind, 'done');
});

test('a body that may be a stranger’s is never replaced', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 9);
	const events = [receiving('t1', {path: 'a', ranges: []})];
	assert.equal(await recalled(t, dir, events, {bootId: 'B'}), undefined);
	assert.equal(await recalled(t, dir, events, {fresh: true}), undefined);
	assert.deepEqual(
		await recalled(t, dir, [receiving('t1', {path: 'a', ranges: [], total: 9})], {bootId: 'B'}),
		replacing('a', 'bad'),
	);
});

test('a part is given to one task only, a finished file to all that ask', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 3);
	const part: PartFile = {path: 'b', ranges: []};
	await run(dir, [queued('t1'), done('t1', resultOf('a', 3)), queued('t2', `${url}?2`), receiving('t2', part)]);
	const journal = await opened(t, dir);
	const all = await Promise.all([1, 2, 3].map(() => journal.recall(`${url}?2`, {})));
	assert.deepEqual(
		all.filter(known => known),
		[anew('b')],
	);
	assert.equal(journal.recall(`${url}?2`, {}), undefined);
	for (let count = 0; count < 3; count++) assert.equal((await journal.recall(url, {}))?.kind, 'done');
});

test('the past is what earlier runs left: this one is not told of itself', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 3);
	await run(dir, [queued('t1'), done('t1', resultOf('a', 3))]);
	const journal = await opened(t, dir);
	journal.record(queued('t1'));
	assert.equal((await journal.recall(url, {}))?.kind, 'done');
	journal.record(receiving('t1', {path: 'a', ranges: [], replaces: 'good'}));
	assert.equal(journal.recall(url, {}), undefined);
	await journal.written();
	assert.equal(journal.recall(url, {}), undefined);
});

test('only what a later run needs is written', async t => {
	const dir = await folder(t);
	const part: PartFile = {path: 'a', ranges: [], total: 9};
	const result = resultOf('a', 9);
	await run(
		dir,
		[
			queued('t1', url, 'a'),
			{type: 'connecting', at: 1, id: 't1', attempt: 1},
			receiving('t1', part, 2),
			saved('t1', {...part, ranges: [[0, 5]]}, 3),
			{type: 'extracting', at: 4, id: 't1'},
			{type: 'done', at: 5, id: 't1', result, validators: {etag: '"1"'}},
			queued('t2', `${url}?2`),
			{type: 'failed', at: 6, id: 't2', result: {...result, state: 'failed', ok: false}},
			queued('t3', `${url}?3`),
			done('t3', {...result, path: null}),
			{type: 'skipped', at: 7, id: 't4', result: {...result, state: 'skipped'}},
		],
		{now: () => 0},
	);
	const key = {url, output: 'a'};
	assert.deepEqual(await linesOf(dir), [
		{type: 'run', at: 0, state: 'running', boot: 'A', pid: process.pid},
		{type: 'receiving', at: 2, id: 't1', ...key, part},
		{type: 'saved', at: 3, id: 't1', ...key, part: {...part, ranges: [[0, 5]]}},
		{type: 'done', at: 5, ...key, result, validators: {etag: '"1"'}},
	]);
});

test('what was told is in the file once that was waited for, and there is nothing to wait for afterwards', async t => {
	const dir = await folder(t);
	const journal = await opened(t, dir);
	await journal.written();
	assert.equal(journal.written(), undefined);
	journal.record(queued('t1'));
	assert.equal(journal.written(), undefined);
	journal.record(receiving('t1', {path: 'a', ranges: []}));
	const first = journal.written();
	journal.record(saved('t1', {path: 'a', ranges: [[0, 1]]}));
	const second = journal.written();
	await first;
	assert.equal((await linesOf(dir))[1]?.type, 'receiving');
	await second;
	assert.equal((await linesOf(dir))[2]?.type, 'saved');
	assert.equal(journal.written(), undefined);
});

test('a line that was torn by the crash is cut off, and what the next run writes is whole', async t => {
	const dir = await folder(t);
	const file = path.join(dir, journalName);
	await put(dir, 'a', 3);
	await run(dir, [queued('t1'), done('t1', resultOf('a', 3))]);
	const torn = JSON.stringify({type: 'receiving', at: now, id: 't2', url: `${url}?2`, part: {path: 'b', ranges: []}});
	await appendFile(file, `${torn}${' '.repeat(999)}`);
	const journal = await opened(t, dir);
	assert.equal((await journal.recall(url, {}))?.kind, 'done');
	assert.equal(journal.recall(`${url}?2`, {}), undefined);
	await journal.written();
	assert.deepEqual(
		(await linesOf(dir)).map(({type}) => type),
		['run', 'done', 'run'],
	);
	assert.ok((await readFile(file, 'utf8')).endsWith('}\n'));
});

test('garbage costs only the lines that it hit', async t => {
	const dir = await folder(t);
	const file = path.join(dir, journalName);
	await put(dir, 'a', 3);
	await run(dir, [queued('t1'), done('t1', resultOf('a', 3))]);
	const line = (await readFile(file, 'utf8')).split('\n')[1] ?? '';
	const zeroed = `${line.slice(0, -20)}${'\0'.repeat(10)}${line.slice(-10)}`;
	await appendFile(file, `${zeroed}\n\n{}\nnull\n[]\n{"type":"done"}\n`);
	await appendFile(file, Buffer.from([0xff, 0xfe, 10, 0, 10]));
	await run(dir, [queued('t2', `${url}?2`), receiving('t2', {path: 'b', ranges: []})]);
	await appendFile(file, '\0'.repeat(5000));
	const journal = await opened(t, dir);
	assert.equal((await journal.recall(url, {}))?.kind, 'done');
	assert.deepEqual(await journal.recall(`${url}?2`, {}), anew('b'));
});

test('a stretch without an end of line is skipped, and what only looks like a line in it is none', async t => {
	const dir = await folder(t);
	const file = path.join(dir, journalName);
	await run(dir, [queued('t1'), receiving('t1', {path: 'a', ranges: []})]);
	const text = await readFile(file);
	// Read in pieces, and too long to be kept until its end is seen; a hole takes no room on the disk.
	await truncate(file, 0);
	await truncate(file, 16 * 1024 * 1024);
	await appendFile(file, text.toString().split('\n')[1]?.replace('big.iso', 'fake') ?? '');
	await appendFile(file, '\n');
	await appendFile(file, text);
	const journal = await opened(t, dir);
	assert.equal(journal.recall(url.replace('big.iso', 'fake'), {}), undefined);
	assert.deepEqual(await journal.recall(url, {}), anew('a'));
});

test('a record of any length is recalled', async t => {
	for (const length of [3_000, 5_000, 70_000, 3_000_000]) {
		const dir = await folder(t);
		await put(dir, 'a', 3);
		const extracted = {text: 'ä'.repeat(length)};
		const known = await recalled(t, dir, [done('t1', resultOf('a', 3, {extracted}))]);
		assert.deepEqual(known?.kind === 'done' && known.result.extracted, extracted);
	}
});

test('URLs and names with quotes, backslashes and any script are found again', async t => {
	const dir = await folder(t);
	const keys = ['"', '\\', '\\"', 'ä', '新浪', '😀', '\ud800', '"url":"x"', ''].map(
		text => [`${url}?${text}`, `n${text}`] as const,
	);
	await run(
		dir,
		keys.flatMap(([address, output], index): TaskEvent[] => [
			queued(`t${index}`, address, output),
			receiving(`t${index}`, {path: `p${index}`, ranges: []}),
		]),
	);
	const journal = await opened(t, dir);
	for (const [index, [address, output]] of keys.entries())
		assert.deepEqual(await journal.recall(address, {output}), anew(`p${index}`), address);
});

test('a line is believed only if it is about this very task', async t => {
	const dir = await folder(t);
	await run(dir, [queued('t1'), receiving('t1', {path: 'a', ranges: []})]);
	const journal = await opened(t, dir);
	await journal.written();
	// As if two URLs had one hash.
	const file = path.join(dir, journalName);
	await writeFile(file, (await readFile(file, 'utf8')).replaceAll('big.iso', 'BIG.iso'));
	assert.equal(await journal.recall(url, {}), undefined);
});

test('a journal that was tampered with leads to no file outside of the folder', async t => {
	const hostile = [
		'/etc/passwd',
		'../x',
		'a/../../x',
		'a/..',
		'..',
		'.',
		'',
		'a//b',
		'C:\\x',
		'C:x',
		'\\\\host\\x',
		'\\x',
		'a\\..\\x',
		'a\0',
		'a\n',
		5,
	];
	for (const name of hostile) {
		const dir = await folder(t);
		await run(dir, [queued('t1'), receiving('t1', {path: name as string, ranges: []})]);
		assert.equal(await (await opened(t, dir)).recall(url, {}), undefined, String(name));
		await run(dir, [queued('t1'), done('t1', resultOf(name as string, 3))]);
		assert.equal(await (await opened(t, dir)).recall(url, {}), undefined, String(name));
	}
});

test('a link among the folders on the way is not followed', async t => {
	const dir = await folder(t);
	const outside = await folder(t);
	await put(outside, 'a', 3);
	await symlink(outside, path.join(dir, 'sub'));
	assert.equal(await recalled(t, dir, [done('t1', resultOf('sub/a', 3))]), undefined);
	assert.equal(await recalled(t, dir, [receiving('t1', {path: 'sub/b', ranges: []})]), undefined);
	await mkdir(path.join(dir, 'own'));
	await put(dir, 'own/a', 3);
	assert.equal((await recalled(t, dir, [done('t1', resultOf('own/a', 3))]))?.kind, 'done');
	assert.deepEqual(await recalled(t, dir, [receiving('t1', {path: 'new/a', ranges: []})]), anew('new/a'));
});

test('lines of another shape are not believed', async t => {
	const part = {path: 'a', ranges: [[0, 3]]};
	const result = resultOf('a', 3);
	const bad = [
		...[
			[[3, 0]],
			[
				[0, 3],
				[2, 5],
			],
			[[0, 1.5]],
			[[-1, 2]],
			[[0]],
			[0, 3],
			{},
			null,
			[[0, 2 ** 60]],
		].map(ranges => ({part: {...part, ranges}})),
		{part: {...part, total: 2}},
		{part: {...part, total: '9'}},
		{part: {...part, synced: [[5, 4]]}},
		{part: {...part, replaces: false}},
		{part: {...part, validators: {etag: 1}}},
		{part: {...part, later: 1}},
		{part, id: 7},
		{type: 'done', result: {...result, state: 'failed'}},
		{type: 'done', result: {...result, bytes: -3}},
		{type: 'done', result: {...result, timings: {}}},
		{type: 'done', result: {...result, extracted: {a: 1}}},
		{type: 'done', result, later: 1},
		{type: 'done', result, size: '3'},
		{type: 'done'},
	];
	for (const fields of bad) {
		const dir = await folder(t);
		await put(dir, 'a', 3);
		await put(dir, 'a.part', 3);
		const id = 'part' in fields ? {id: 't1'} : {};
		const line = JSON.stringify({type: 'saved', at: now, ...id, url, ...fields});
		await writeFile(
			path.join(dir, journalName),
			`{"type":"run","at":1,"state":"running","boot":"A","pid":1}\n${line}\n`,
		);
		assert.equal(await (await opened(t, dir)).recall(url, {}), undefined, line);
	}
});

test('what a stranger wrote into the journal does not reach a terminal', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 3);
	const known = await recalled(t, dir, [
		done('t1', resultOf('a', 3, {title: '\u001b[31mred\u202e', extracted: {'\u009bx': ['\u001b]0;x\u0007y']}})),
	]);
	assert.ok(known?.kind === 'done');
	assert.equal(known.result.title, 'red');
	assert.doesNotMatch(JSON.stringify(known.result.extracted), /\\u001b|\u009b/);
});

test('a journal that is a link, or no file, is refused and left as it is', async t => {
	const dir = await folder(t);
	const file = path.join(dir, journalName);
	await writeFile(path.join(dir, 'precious'), 'precious');
	await symlink('precious', file);
	await assert.rejects(openJournal(dir), {code: 'ELOOP'});
	assert.equal(await readFile(path.join(dir, 'precious'), 'utf8'), 'precious');
	const other = await folder(t);
	await mkdir(path.join(other, journalName));
	await assert.rejects(openJournal(other), {code: 'EISDIR'});
	await assert.rejects(openJournal(path.join(other, 'missing')), {code: 'ENOENT'});
});

test('the process that holds a folder is named by the newest run near the end of its journal', async t => {
	const dir = await folder(t);
	assert.equal(await lastPid(dir), undefined);
	await run(dir, []);
	const earlier = {type: 'run', at: 1, state: 'running', boot: 'A', pid: 17};
	await appendFile(path.join(dir, journalName), `${JSON.stringify(earlier)}\n{"type":"done"}\n{"type":"ru`);
	assert.equal(await lastPid(dir), 17);
	await appendFile(path.join(dir, journalName), '\n'.repeat(70_000));
	assert.equal(await lastPid(dir), undefined);
});

type Write = (descriptor: number, bytes: Uint8Array, from: number, length: number, at: number) => number;

/** A file whose writes are counted, and done by `write` instead if that is given. */
async function scratch(t: TestContext) {
	const file = path.join(await folder(t), 'log');
	const handle = await open(file, 'wx+');
	const calls: number[] = [];
	const {writeSync} = fs;
	const real = writeSync as Write;
	const hooks = {write: real, calls};
	const {fd} = handle;
	const replaceBy = (write: Write) => {
		Object.assign(fs, {writeSync: write});
		syncBuiltinESMExports();
	};
	replaceBy((descriptor, bytes, from, length, at) => {
		if (descriptor !== fd) return real(descriptor, bytes, from, length, at);
		calls.push(length);
		return hooks.write(descriptor, bytes, from, length, at);
	});
	t.after(() => replaceBy(real));
	return {handle, hooks, real, read: () => readFile(file, 'utf8')};
}

const full = Object.assign(new Error('no space left'), {code: 'ENOSPC'});
const refuse: Write = () => {
	throw full;
};

test('100,000 lines are a few dozen writes', async t => {
	const {handle, hooks, read} = await scratch(t);
	const log = new JournalLog(
		handle,
		0,
		error => assert.ifError(error),
		() => undefined,
	);
	const line = 'x'.repeat(299);
	for (let count = 0; count < 100_000; count++) assert.equal(log.append(line), count * 300);
	await log.written();
	await log.close();
	assert.ok(hooks.calls.length < 40, `${hooks.calls.length} writes`);
	assert.equal((await read()).length, 30_000_000);
});

test('a line that nobody asks for gets into the file by itself, and those that are asked for in one write', async t => {
	const {handle, hooks, real, read} = await scratch(t);
	const log = new JournalLog(
		handle,
		0,
		error => assert.ifError(error),
		() => undefined,
	);
	const {promise, resolve} = Promise.withResolvers<void>();
	hooks.write = (...args) => {
		resolve();
		return real(...args);
	};
	log.append('one ä');
	await promise;
	assert.equal(await read(), 'one ä\n');
	assert.equal(log.append('two'), 7);
	const first = log.written();
	log.append('three');
	assert.equal(log.written(), first, 'whoever else waits in that turn gets the same write');
	await first;
	assert.equal(log.written(), undefined);
	assert.equal(await read(), 'one ä\ntwo\nthree\n');
	assert.deepEqual(hooks.calls, [7, 10], 'as one write');
	await log.close();
});

test('while the file is being rewritten nothing is written to it, and who waits is told when it is over', async t => {
	const {handle, read} = await scratch(t);
	const gate = Promise.withResolvers<void>();
	const rests = [gate.promise];
	const log = new JournalLog(
		handle,
		0,
		error => assert.ifError(error),
		() => rests.pop(),
	);
	log.append('one');
	await log.written();
	log.append('two');
	const written = log.written();
	for (let turns = 0; turns < 20; turns++) await turn();
	assert.equal(await read(), 'one\n');
	gate.resolve();
	await written;
	assert.equal(await read(), 'one\ntwo\n');
	await log.close();
});

test('what a full disk did not take is told to those who wait, kept, and overwritten when there is room', async t => {
	const {handle, hooks, real, read} = await scratch(t);
	const told: unknown[] = [];
	const log = new JournalLog(
		handle,
		0,
		error => told.push(error),
		() => undefined,
	);
	log.append('one');
	await log.written();
	// Half of it fits, and then nothing more.
	hooks.write = (descriptor, bytes, from, length, at) => {
		hooks.write = refuse;
		return real(descriptor, bytes, from, Math.floor(length / 2), at);
	};
	log.append('two');
	await assert.rejects(async () => log.written(), full);
	log.append('three');
	await assert.rejects(async () => log.written(), full);
	await assert.rejects(async () => log.written(), full);
	hooks.write = real;
	await log.written();
	assert.equal(log.written(), undefined);
	assert.equal(await read(), 'one\ntwo\nthree\n');
	assert.ok(told.length >= 3);
	hooks.write = refuse;
	log.append('four');
	await assert.rejects(async () => log.written(), full);
	hooks.write = real;
	await log.close();
	assert.equal(await read(), 'one\ntwo\nthree\nfour\n');
});

test('a disk that takes nothing does not fill the memory, and closing the journal is no error', async t => {
	const {handle, hooks} = await scratch(t);
	hooks.write = refuse;
	const log = new JournalLog(
		handle,
		0,
		() => {},
		() => undefined,
	);
	log.append('x');
	await assert.rejects(async () => log.written(), full);
	const line = 'x'.repeat(1024 * 1024);
	const taken = Array.from({length: 40}, () => log.append(line)).filter(offset => offset !== undefined);
	assert.ok(taken.length < 20, `${taken.length} MB kept`);
	await log.close();
});

test('of a journal that breaks the first error is told once, and closing it is none', async t => {
	const file = path.join(await folder(t), journalName);
	await writeFile(file, '');
	const told: unknown[] = [];
	const run = {type: 'run', at: now, state: 'running', boot: 'A', pid: 1} as const;
	const onError = (error: unknown) => told.push(error);
	// A handle that only reads.
	const journal = new Journal({file, handle: await open(file), index: new JournalIndex(), size: 0, run, onError});
	await assert.rejects(async () => journal.written(), {code: 'EBADF'});
	journal.record(queued('t1'));
	journal.record(receiving('t1', {path: 'a', ranges: []}));
	await assert.rejects(async () => journal.written(), {code: 'EBADF'});
	await journal.close();
	await journal.close();
	assert.equal(told.length, 1);
});

/** Many lines about few tasks: `rounds` of them for each of `tasks`, of which the newest says [0, rounds]. */
const superseded = (tasks: number, rounds: number): TaskEvent[] =>
	Array.from({length: tasks}, (_, index): TaskEvent[] => [
		queued(`t${index}`, `${url}?${index}`),
		...Array.from({length: rounds}, (_, round) =>
			saved(`t${index}`, {
				path: `p${index}`,
				ranges: [[0, round + 1]],
				synced: [[0, 1]],
				total: 1000,
				preallocated: true,
			}),
		),
	]).flat();

test('a journal of mostly superseded lines is rewritten without them, and says the same', async t => {
	const dir = await folder(t);
	await put(dir, 'a', 3);
	for (const index of [0, 1, 2]) await put(dir, `p${index}`.concat('.part'), 1000);
	await run(dir, [queued('t9'), done('t9', resultOf('a', 3), now - 2 * minute), ...superseded(3, 50)], {bootId: 'A'});
	const before = (await stat(path.join(dir, journalName))).size;
	await run(dir, [], {compactAt: 1000, bootId: 'B', now: () => now});
	const lines = await linesOf(dir);
	assert.deepEqual(
		lines.map(({type, boot}) => boot ?? type),
		['A', 'done', 'saved', 'saved', 'saved', 'B'],
	);
	assert.ok((await stat(path.join(dir, journalName))).size < before / 10);
	assert.deepEqual(
		(await list(dir)).filter(name => name.startsWith('.')),
		[journalName],
	);
	const journal = await opened(t, dir, {bootId: 'A'});
	assert.equal((await journal.recall(url, {}))?.kind, 'done');
	for (const index of [0, 1, 2])
		assert.deepEqual(partOf(await journal.recall(`${url}?${index}`, {})).ranges, [[0, 1]], 'not of this boot any more');
});

test('a journal is rewritten while the run goes on, and nothing told meanwhile is lost', async t => {
	const dir = await folder(t);
	for (const index of [0, 1, 2, 3, 4]) await put(dir, `p${index}.part`, 1000);
	// So long that it takes two reads, between which the file may be another.
	const long = resultOf('a', 3, {extracted: {text: 'x'.repeat(6_000)}});
	await put(dir, 'a', 3);
	await run(dir, [...superseded(5, 2), queued('t9'), done('t9', long)]);
	const journal = await opened(t, dir, {compactAt: 10_000});
	journal.record(queued('t100', `${url}?0`));
	const recalls: Array<Promise<Known | undefined> | undefined> = [];
	const sizes: number[] = [];
	const files = new Set<number>();
	for (let round = 1; round <= 1000; round++) {
		journal.record(saved('t100', {path: 'p0', ranges: [[0, round]], total: 1000, preallocated: true}));
		if (round % 20 > 0) continue;
		await journal.written();
		for (let turns = 0; turns < 20; turns++) {
			recalls.push(journal.recall(url, {}));
			await turn();
		}
		const {size, ino} = await stat(path.join(dir, journalName));
		sizes.push(size);
		files.add(ino);
		if (round === 500) assert.deepEqual(partOf(await journal.recall(`${url}?1`, {})).ranges, [[0, 2]]);
	}
	for (const known of await Promise.all(recalls)) assert.equal(known?.kind, 'done');
	assert.ok(Math.max(...sizes) < 50_000, `${Math.max(...sizes)} bytes`);
	assert.ok(files.size > 1, 'it was another file now and then');
	assert.equal(journal.recall(`${url}?0`, {}), undefined);
	assert.deepEqual(partOf(await journal.recall(`${url}?2`, {})).ranges, [[0, 2]]);
	await journal.close();
	const next = await opened(t, dir);
	assert.deepEqual(partOf(await next.recall(`${url}?0`, {})).ranges, [[0, 1000]], 'of this boot');
	assert.deepEqual(partOf(await next.recall(`${url}?3`, {})).ranges, [[0, 2]]);
});

test('a line is left out only for one that is in the new file too, though the old one never had it', async t => {
	const dir = await folder(t);
	const file = path.join(dir, journalName);
	await run(dir, superseded(3, 50));
	const handle = await open(file, 'r');
	t.after(() => handle.close());
	const {size: length} = await handle.stat();
	const {index, size} = await indexOf(handle, length);
	// Told of, and then the process is killed before it is written.
	const part: PartFile = {path: 'p1', ranges: [[0, 77]], total: 1000, preallocated: true};
	const line = {type: 'saved', at: now, id: 't1', url: `${url}?1`, part} as const;
	index.note(line, size);
	const compacted = await compact(file, handle, size, index, () => Buffer.from(`${JSON.stringify(line)}\n`));
	await compacted.handle.close();
	const journal = await opened(t, dir);
	for (const [number, end] of [50, 77, 50].entries()) {
		await put(dir, `p${number}.part`, 1000);
		assert.deepEqual(partOf(await journal.recall(`${url}?${number}`, {})).ranges, [[0, end]]);
	}
});

test('what is told while the journal is rewritten can be waited for, and is there once', async t => {
	const dir = await folder(t);
	const journal = await opened(t, dir, {compactAt: 1000});
	journal.record(queued('t1'));
	const tell = (end: number) => journal.record(saved('t1', {path: 'ä', ranges: [[0, end]]}));
	const ends: number[] = [];
	for (let round = 1; round <= 60; round += 2) {
		tell(round);
		await journal.written();
		// That was the last word before a rewriting, if there is to be one.
		tell(round + 1);
		await journal.written();
		ends.push((await linesOf(dir)).at(-1)?.part.ranges[0][1]);
	}
	assert.deepEqual(
		ends,
		Array.from({length: 30}, (_, index) => 2 * index + 2),
	);
	await journal.close();
	const told = (await linesOf(dir)).filter(({type}) => type === 'saved').map(({part}) => part.ranges[0][1]);
	assert.deepEqual(told, [...new Set(told)]);
	assert.ok(told.length < 30, `${told.length} lines`);
});

test('a rewriting that was killed leaves the old journal, and its leavings are removed', async t => {
	const dir = await folder(t);
	const file = path.join(dir, journalName);
	await run(dir, superseded(3, 3));
	const text = await readFile(file);
	for (const length of [0, 1, 100, text.length]) {
		await writeFile(`${file}.new`, text.subarray(text.length - length));
		const journal = await opened(t, dir);
		assert.deepEqual(await list(dir), [journalName]);
		assert.deepEqual(await journal.recall(`${url}?1`, {}), anew('p1'));
		await journal.close();
	}
});

test('a journal that cannot be rewritten goes on as it is', async t => {
	const dir = await folder(t);
	await mkdir(path.join(dir, `${journalName}.new`, 'in the way'), {recursive: true});
	const options = {compactAt: 1000, onError: (error: unknown) => assert.ifError(error)};
	await run(dir, superseded(3, 100), options);
	await run(dir, [queued('t1'), receiving('t1', {path: 'a', ranges: []})], options);
	const journal = await opened(t, dir);
	assert.deepEqual(await journal.recall(url, {}), anew('a'));
	assert.deepEqual(await journal.recall(`${url}?1`, {}), anew('p1'));
});

test('whatever was waited for is there after the process is killed, also in the middle of a rewriting', async t => {
	const dir = await folder(t);
	await put(dir, 'same', 3);
	const module = JSON.stringify(new URL('../source/storage/journal.ts', import.meta.url).href);
	const code = `import(${module}).then(async ({openJournal}) => {
		const journal = await openJournal(${JSON.stringify(dir)}, {bootId: 'A', compactAt: 2000});
		const part = {path: 'p', ranges: []};
		for (let i = 0; ; i++) {
			const url = 'https://example.org/' + i;
			journal.record({type: 'queued', at: 1, id: 't' + i, url, host: ''});
			for (let j = 0; j < 9; j++) journal.record({type: 'saved', at: 1, id: 't' + i, part});
			journal.record({type: 'done', at: 1, id: 't' + i, result: {...${JSON.stringify(resultOf('same', 3))}, url}});
			await journal.written();
			process.stdout.write(i + '\\n');
		}
	})`;
	const child = spawn(process.execPath, ['--import', 'tsx', '-e', code], {stdio: ['ignore', 'pipe', 'inherit']});
	let said = '';
	for await (const chunk of child.stdout) {
		said += chunk;
		if (said.split('\n').length > 300) child.kill('SIGKILL');
	}
	if (child.signalCode === null) await once(child, 'exit');
	const last = said.split('\n').length - 2;
	const journal = await opened(t, dir);
	for (let index = 0; index <= last; index++)
		assert.equal((await journal.recall(`https://example.org/${index}`, {}))?.kind, 'done', `${index} of ${last}`);
});
