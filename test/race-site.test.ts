import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {subscribe, unsubscribe} from 'node:diagnostics_channel';
import type {TestContext} from 'node:test';
import {promisify} from 'node:util';
import {heavyContent, heavyField} from '../source/demo/race-contents.ts';
import {
	heavyVariants,
	type RaceKind,
	type RacePage,
	type RaceSiteOptions,
	racePages,
} from '../source/demo/race-pages.ts';
import {type RaceSite, startRaceSite} from '../source/demo/race-site.ts';
import {openRaceSite} from '../source/demo/remote-race-site.ts';
import type {Status} from '../source/demo/server.ts';
import type {Result} from '../source/engine/task.ts';
import {searchPage} from '../source/extract/search.ts';
import {workNames} from '../source/race/seams.ts';
import {patience, type Rig, rig, test} from './helpers/engine.ts';

const mixed: RaceSiteOptions = {work: 'mixed', latency: 2, seed: 7};

const statusOf = async ({origin}: RaceSite): Promise<Status> =>
	(await fetch(`${origin}/status`)).json() as Promise<Status>;

async function started(t: TestContext, options: RaceSiteOptions): Promise<RaceSite> {
	const site = await startRaceSite(options);
	t.after(() => site.close());
	return site;
}

/** One page of each kind there is in `mixed`, and its URL. */
function oneOfEach(site: RaceSite): Array<{page: RacePage; url: string}> {
	const first = new Map<RaceKind, {page: RacePage; url: string}>();
	for (const [index, page] of racePages(mixed).entries())
		if (!first.has(page.kind)) first.set(page.kind, {page, url: site.urls[index] as string});
	return [...first.values()];
}

/** A record but for its times, and for the port. */
const timeless = ({startedAt, seconds, timings, ...record}: Result, {origin}: RaceSite): unknown =>
	JSON.parse(JSON.stringify(record).replaceAll(origin, 'http://site'));

const done = ({ok, status, error}: Result): void =>
	assert.deepEqual({ok, status, error}, {ok: true, status: 200, error: null});
const titled = (result: Result, {title}: RacePage): void => {
	done(result);
	assert.equal(result.title, title);
	assert.equal(result.charset, 'utf-8');
};
const refused = (status: number) => (result: Result) => assert.equal(result.status, status);
const failed =
	(code: string) =>
	({ok, error}: Result) =>
		assert.deepEqual([ok, error?.code], [false, code]);

const promises: {[Kind in RaceKind]: (result: Result, page: RacePage) => void} = {
	plain: titled,
	heavy: titled,
	gzip: titled,
	legacy: (result, {title, legacy}) => {
		done(result);
		assert.deepEqual([result.title, result.charset], [title, legacy?.charset]);
	},
	moved: (result, page) => {
		titled(result, page);
		assert.ok(result.finalUrl?.endsWith(encodeURI(page.to ?? '?')), `${result.finalUrl}`);
	},
	untitled: result => {
		done(result);
		assert.equal(result.title, null);
	},
	mislabeled: (result, {title, number}) => {
		done(result);
		assert.equal(result.charset, 'windows-1252');
		assert.notEqual(result.title, title);
		assert.ok(result.title?.endsWith(` (${number})`), `${result.title}`);
	},
	json: result => {
		done(result);
		assert.deepEqual([result.title, result.contentType], [null, 'application/json']);
	},
	missing: refused(404),
	forbidden: refused(403),
	faulty: refused(500),
	circle: failed('REDIRECT_LOOP'),
	short: failed('CLOSED_EARLY'),
	reset: failed('ECONNRESET'),
	gibberish: failed('BAD_RESPONSE'),
};

test('every kind of page is among the mixed ones, and answers as it promises', async t => {
	const site = await started(t, mixed);
	const each = oneOfEach(site);
	assert.deepEqual(new Set(each.map(({page}) => page.kind)), new Set(Object.keys(promises)));
	const results = await rig(t, {concurrency: 4}).run(...each.map(({url}) => url));
	for (const [index, {page}] of each.entries()) promises[page.kind](results[index] as Result, page);
});

/** Connections that are made meanwhile. */
async function connections(run: () => Promise<unknown>): Promise<number> {
	let count = 0;
	const connected = () => count++;
	subscribe('undici:client:connected', connected);
	await run();
	unsubscribe('undici:client:connected', connected);
	return count;
}

test('each page has the same record, and is asked for as often, on a new connection and on one that others have left', async t => {
	const site = await started(t, mixed);
	const each = oneOfEach(site);
	const others = site.urls.filter((_, index) => racePages(mixed)[index]?.kind === 'plain').slice(-4);
	for (const {page, url} of each) {
		const record = async (by: Rig) => {
			await by.engine.run([url]);
			return timeless(by.results().at(-1) as Result, site);
		};
		const fresh = rig(t);
		const used = rig(t, {concurrency: others.length});
		await used.engine.run(others);
		const first = await record(fresh);
		const before = (await statusOf(site)).served;
		let second: unknown;
		const made = await connections(async () => {
			second = await record(used);
		});
		assert.equal(made, 0, `${page.kind}: there were connections`);
		assert.deepEqual(second, first, page.kind);
		assert.equal((await statusOf(site)).served - before, page.kind === 'moved' ? 2 : 1, `${page.kind}: asked once`);
	}
});

test('500 mixed pages have the same records in another order, at another concurrency, from another site of the same seed', async t => {
	const options: RaceSiteOptions = {...mixed, latency: 0, pages: 500};
	const records = async (concurrency: number, isTurned: boolean) => {
		const site = await started(t, options);
		const urls = isTurned ? site.urls.toReversed() : site.urls;
		const results = await rig(t, {concurrency, perHost: concurrency}).run(...urls);
		return (isTurned ? results.toReversed() : results).map(result => timeless(result, site));
	};
	const first = await records(8, false);
	assert.equal(first.length, 500);
	assert.deepEqual(await records(40, true), first);
	const failures = first.filter(record => !(record as Result).ok).length;
	assert.ok(failures >= 40 && failures <= 50, `${failures} failed`);
});

for (const work of workNames) {
	test(`pages of ${work} are a function of their seed and place alone`, () => {
		const options = {work, latency: 50, seed: 3};
		const all = racePages({...options, pages: 500});
		assert.deepEqual(racePages({...options, pages: 20}), all.slice(0, 20));
		assert.equal(new Set(all.map(({path}) => path)).size, 500);
		assert.notDeepEqual(racePages({...options, pages: 20, seed: 4}), all.slice(0, 20));
		assert.ok(racePages(options).length >= 40);
	});
}

test('latencies are all the same, none, or like those of the web', () => {
	const latencies = (work: RaceSiteOptions['work']) =>
		racePages({work, latency: 50, seed: 1, pages: 1_000})
			.map(({latency}) => latency)
			.toSorted((a, b) => a - b);
	assert.deepEqual(new Set(latencies('io')), new Set([50]));
	assert.deepEqual(new Set(latencies('cpu')), new Set([0]));
	const web = latencies('mixed');
	const [median, most = 0] = [web[500] ?? 0, web.at(-1)];
	assert.ok(median > 45 && median < 55, `${median}`);
	assert.ok(most > 150 && most <= 250, `${most}`);
});

test('pages of io are small, some in old charsets, some without a title', () => {
	const all = racePages({work: 'io', latency: 50, seed: 1, pages: 200});
	for (const {size} of all) assert.ok(size >= 2_000 && size <= 20_000);
	assert.deepEqual(new Set(all.map(({kind}) => kind)), new Set(['plain', 'legacy', 'untitled']));
	const charsets = all.flatMap(({legacy}) => legacy?.charset ?? []);
	assert.deepEqual(new Set(charsets), new Set(['gbk', 'big5', 'shift_jis']));
});

test('a heavy page is a table with one last row, and a dozen bodies do for all', () => {
	const all = racePages({work: 'cpu', latency: 0, seed: 1, pages: 500});
	assert.deepEqual(new Set(all.map(({kind}) => kind)), new Set(['heavy']));
	assert.ok(new Set(all.map(({title}) => title)).size === 500);
	const contents = new Set(all.map(({variant, weight}) => heavyContent(variant, weight)));
	assert.equal(contents.size, heavyVariants);
	for (const bytes of contents) {
		assert.ok(bytes.length < 160_000, `${bytes.length} bytes`);
		assert.equal(String(bytes).split('<tr>').length, 401);
		const {fields, isCut} = searchPage({
			bytes,
			charset: 'utf-8',
			kind: 'html',
			fields: [heavyField],
		});
		assert.match(String(fields.last), /^400tea no\. \d+$/);
		assert.equal(isCut, false);
	}
	const [whole, half] = [heavyContent(0, 1), heavyContent(0, 0.5)];
	assert.ok(half.length > 0.4 * whole.length && half.length < 0.6 * whole.length);
});

test('the site tells how many were being answered at once, and counts every answer, the broken ones too', async t => {
	const site = await started(t, {...mixed, latency: 20});
	assert.deepEqual(await statusOf(site), {active: 0, most: 0, served: 0});
	await rig(t, {concurrency: 5, perHost: 5}).run(...site.urls);
	const {active, most, served} = await statusOf(site);
	const moved = racePages(mixed).filter(({kind}) => kind === 'moved').length;
	assert.deepEqual({active, served}, {active: 0, served: 70 + moved});
	assert.ok(most > 1 && most <= 5, `${most} at once, asked by 5`);
});

test('close() ends requests that hang, and may be repeated', async () => {
	const site = await startRaceSite({work: 'io', latency: patience, seed: 1});
	const hanging = Promise.allSettled(site.urls.slice(0, 5).map(url => fetch(url)));
	while ((await statusOf(site)).active < 5);
	await site.close();
	for (const {status} of await hanging) assert.equal(status, 'rejected');
	await assert.rejects(fetch(`${site.origin}/status`));
	await site.close();
});

test('in a thread of its own the site is the same, and is gone when it is closed', async t => {
	const [near, far] = [await started(t, mixed), await openRaceSite(mixed)];
	t.after(() => far.close());
	assert.deepEqual(
		far.urls.map(url => url.replace(far.origin, '')),
		near.urls.map(url => url.replace(near.origin, '')),
	);
	const [here, there] = await Promise.all(
		[near, far].map(async site => {
			const results = await rig(t, {concurrency: 8}).run(...site.urls);
			return results.map(result => timeless(result, site));
		}),
	);
	assert.deepEqual(there, here);
	await far.close();
	await assert.rejects(fetch(`${far.origin}/status`));
	await far.close();
});

test('a thread that cannot start its site says why', async () => {
	await assert.rejects(openRaceSite({work: 'nonsense' as 'io', latency: 1, seed: 1}), TypeError);
});

/** Runs this with `site` open in a process of its own, to its end. */
async function inProcess(code: string): Promise<{code: number; stderr: string}> {
	const module = new URL('../source/demo/remote-race-site.ts', import.meta.url).href;
	const script = `
		import {Worker} from 'node:worker_threads';
		const {unref} = Worker.prototype;
		let thread;
		Worker.prototype.unref = function () {
			thread = this;
			unref.call(this);
		};
		const {openRaceSite} = await import(${JSON.stringify(module)});
		const site = await openRaceSite({work: 'io', latency: 1, seed: 1});
		${code}`;
	return promisify(execFile)(process.execPath, ['-e', script], {timeout: patience / 2}).then(
		({stderr}) => ({code: 0, stderr}),
		({code, stderr}) => ({code, stderr}),
	);
}

test('neither a site that was closed nor one that was not keeps the process from ending', async () => {
	const ends = await Promise.all([inProcess('await site.close();'), inProcess('')]);
	assert.deepEqual(
		ends.map(({code}) => code),
		[0, 0],
	);
});

test('a thread that ends by itself takes the process with it', async () => {
	const {code, stderr} = await inProcess('await thread.terminate();');
	assert.equal(code, 1);
	assert.match(stderr, /the race's site has ended by itself/);
});
