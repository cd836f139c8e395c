import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {Agent, request} from 'undici';
import {type Kind, type PageOf, pages, uplink} from '../source/demo/pages.ts';
import {type DemoSite, startDemoSite} from '../source/demo/site.ts';
import {Uplink} from '../source/demo/uplink.ts';

/** Everything in a moment; and so slow that no answer ever ends by itself. */
const quick = {pace: 0.01};
const frozen = {pace: 1_000};

const agent = new Agent();
after(() => agent.close());

type Reply = {status: number; headers: Record<string, string | string[] | undefined>; bytes: Buffer};
type Status = {active: number; most: number; served: number};

async function get(url: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Reply> {
	const answer = await request(url, {headers, dispatcher: agent, ...(signal && {signal})});
	return {status: answer.statusCode, headers: answer.headers, bytes: Buffer.from(await answer.body.arrayBuffer())};
}

async function statusOf({origin}: DemoSite): Promise<Status> {
	return JSON.parse((await get(`${origin}/status`)).bytes.toString());
}

/** Asks again and again until it is so; every question is a round trip, so other work gets its turn. */
async function until(site: DemoSite, holds: (status: Status) => boolean): Promise<Status> {
	for (;;) {
		const status = await statusOf(site);
		if (holds(status)) return status;
	}
}

async function withSite(options: {pace: number}, use: (site: DemoSite) => Promise<void>): Promise<void> {
	const site = await startDemoSite(options);
	try {
		await use(site);
	} finally {
		await site.close();
	}
}

function pagesOf<Name extends Kind>(kind: Name): PageOf<Name>[] {
	return pages.filter(page => page.kind === kind) as unknown as PageOf<Name>[];
}

function firstOf<Name extends Kind>(kind: Name): PageOf<Name> {
	const [page] = pagesOf(kind);
	assert.ok(page, `a page of the kind ${kind}`);
	return page;
}

function smallest<File extends {size: number}>(files: readonly File[]): File {
	return files.reduce((least, file) => (file.size < least.size ? file : least));
}

function titleOf(bytes: Uint8Array, charset: string): string | undefined {
	const text = new TextDecoder(charset, {fatal: true}).decode(bytes);
	return /<title>(.*)<\/title>/.exec(text)?.[1]?.replaceAll('&amp;', '&');
}

function assertTitled({status, headers, bytes}: Reply, title: string): void {
	assert.equal(status, 200);
	assert.equal(headers['content-type'], 'text/html; charset=utf-8');
	assert.equal(titleOf(bytes, 'utf-8'), title);
}

function assertFile({status, headers, bytes}: Reply, size: number): void {
	assert.equal(status, 200);
	assert.equal(headers['content-length'], String(size));
	assert.equal(headers['accept-ranges'], 'bytes');
	assert.match(String(headers.etag), /^"[^"]+"$/);
	assert.equal(bytes.length, size);
}

const promises: {[Name in Kind]: (reply: Reply, page: PageOf<Name>) => void} = {
	page: (reply, {title}) => assertTitled(reply, title),
	slow: (reply, {title}) => assertTitled(reply, title),
	legacy: ({status, headers, bytes}, {title, charset, declared}) => {
		assert.equal(status, 200);
		assert.equal(headers['content-type'], declared === 'header' ? `text/html; charset=${charset}` : 'text/html');
		assert.equal(bytes.includes(`charset=${charset}`), declared === 'meta');
		assert.equal(titleOf(bytes, charset), title);
	},
	refusal: ({status, bytes}, page) => {
		assert.equal(status, page.status);
		assert.match(titleOf(bytes, 'utf-8') ?? '', new RegExp(`^${page.status} `));
	},
	flaky: ({status}) => assert.equal(status, 503),
	redirect: ({status, headers, bytes}, page) => {
		assert.equal(status, page.status);
		assert.equal(headers.location, page.to);
		assert.equal(bytes.length, 0);
	},
	json: ({status, headers, bytes}) => {
		assert.equal(status, 200);
		assert.equal(headers['content-type'], 'application/json');
		assert.ok(JSON.parse(bytes.toString()).releases.length > 0);
	},
	download: (reply, {size}) => assertFile(reply, size),
	stall: (reply, {size}) => assertFile(reply, size),
	stream: ({status, headers, bytes}, {size}) => {
		assert.equal(status, 200);
		assert.equal(headers['content-length'], undefined);
		assert.equal(headers['transfer-encoding'], 'chunked');
		assert.equal(bytes.length, size);
	},
};

test('every page answers as its kind promises', () =>
	withSite(quick, async ({origin}) => {
		await Promise.all(
			pages.map(async page => {
				const keeps = promises[page.kind] as (reply: Reply, page: PageOf<Kind>) => void;
				keeps(await get(origin + page.path), page);
			}),
		);
	}));

test('the show has every kind of page, and each URL once', () =>
	withSite(quick, async ({urls, origin}) => {
		assert.deepEqual(new Set(pages.map(page => page.kind)), new Set(Object.keys(promises)));
		assert.equal(new Set(urls).size, urls.length);
		const own = origin.replace('127.0.0.1', 'localhost');
		assert.ok(urls.length >= 40);
		const others = urls.filter(url => !url.startsWith(`${origin}/`));
		assert.deepEqual(
			others,
			[own + firstOf('flaky').path],
			'the host of the others need not wait for the one that refuses',
		);
	}));

test('after the oddities, 8 files at once leave some of the uplink, 12 do not, and each takes some seconds', () => {
	const files = pagesOf('download').slice(3);
	const early = pages.slice(
		0,
		pages.findIndex(({path}) => path === files[0]?.path),
	);
	const late = pages.slice(early.length).filter(page => !('unlisted' in page));
	assert.ok(files.length >= 60);
	assert.deepEqual(
		Object.keys(promises).filter(kind => !early.some(page => page.kind === kind)),
		['json'],
		'the oddities are early',
	);
	for (const {size, speed} of files) {
		assert.ok(8 * speed < 0.85 * uplink && 12 * speed > 1.1 * uplink);
		assert.ok(size / speed >= 3 && size / speed <= 8);
	}
	assert.ok(late.filter(page => page.kind === 'page' && page.seconds < 1).length >= 20, 'titles keep coming');
	const sizes = pages.reduce((sum, page) => sum + ('size' in page ? page.size : 0), 0);
	assert.ok(sizes < 200e6, `${sizes} bytes in the temporary folder`);
});

test('the uplink is shared evenly, but for those who need less, and as long as they need it', () => {
	const shared = new Uplink(1_000);
	function* speeds(speed: () => number) {
		for (;;) yield speed();
	}
	const take = (most: number) => shared.share(most, speeds);
	const transfers = [take(100), take(400), take(900), take(900)];
	const round = () => transfers.map(transfer => transfer.next().value);
	round();
	assert.deepEqual(round(), [100, 300, 300, 300]);
	transfers.pop()?.return(undefined);
	assert.deepEqual(round(), [100, 400, 500]);
	transfers.shift()?.return(undefined);
	transfers.shift()?.return(undefined);
	assert.deepEqual(round(), [900]);
});

test('the unreliable page fails twice, says once when to come back, and works the third time', () =>
	withSite(quick, async ({origin}) => {
		const page = firstOf('flaky');
		const first = await get(origin + page.path);
		const second = await get(origin + page.path);
		assert.deepEqual([first.status, second.status], [503, 503]);
		assert.deepEqual([first.headers['retry-after'], second.headers['retry-after']], [undefined, '2']);
		assertTitled(await get(origin + page.path), page.title);
	}));

test('the redirect leads over two hops to a page', () =>
	withSite(quick, async ({urls, origin}) => {
		let path = pagesOf('redirect').find(page => urls.includes(origin + page.path))?.path ?? '';
		let hops = 0;
		for (;;) {
			const {status, headers} = await get(origin + path);
			if (!headers.location) {
				assert.equal(status, 200);
				break;
			}
			path = String(headers.location);
			hops++;
		}
		assert.equal(hops, 2);
	}));

for (const kind of ['download', 'stall'] as const) {
	test(`a ${kind} can be resumed anywhere and gives exactly the rest`, () =>
		withSite(quick, async ({origin}) => {
			const {path, size} = smallest(pagesOf(kind));
			const whole = await get(origin + path);
			for (const from of [0, 1, 262_143, Math.floor(size / 2), size - 1]) {
				const rest = await get(origin + path, {range: `bytes=${from}-`, 'if-range': String(whole.headers.etag)});
				assert.equal(rest.status, 206);
				assert.equal(rest.headers['content-range'], `bytes ${from}-${size - 1}/${size}`);
				assert.equal(rest.headers['content-length'], String(size - from));
				assert.ok(rest.bytes.equals(whole.bytes.subarray(from)), `the bytes from ${from} on`);
			}
		}));
}

test('a range with an outdated validator gets the whole file, and one past the end gets 416', () =>
	withSite(quick, async ({origin}) => {
		const {path, size} = smallest(pagesOf('download'));
		assertFile(await get(origin + path, {range: 'bytes=100-', 'if-range': '"another"'}), size);
		const past = await get(origin + path, {range: `bytes=${size}-`});
		assert.equal(past.status, 416);
		assert.equal(past.headers['content-range'], `bytes */${size}`);
	}));

test('a path that is no page gets 404', () =>
	withSite(quick, async ({origin}) => {
		assert.equal((await get(`${origin}/nowhere`)).status, 404);
	}));

test('/status counts what is being answered, the most at once and what has been answered, but not itself', () =>
	withSite(quick, async site => {
		assert.deepEqual(await statusOf(site), {active: 0, most: 0, served: 0});
		const waiting = [...site.urls];
		const worker = async () => {
			for (let url = waiting.shift(); url; url = waiting.shift()) await get(url);
		};
		await Promise.all(Array.from({length: 8}, worker));
		const {active, most, served} = await statusOf(site);
		assert.deepEqual({active, served}, {active: 0, served: site.urls.length});
		assert.ok(most <= 8, `${most} at once, asked by 8`);
	}));

test('a client that goes away is counted out at once, and not as served', () =>
	withSite(frozen, async site => {
		const leaving = new AbortController();
		const [page, download] = [firstOf('slow'), firstOf('download')];
		const cut = [page, download].map(({path}) => get(site.origin + path, {}, leaving.signal));
		const ends = Promise.allSettled(cut);
		assert.deepEqual(await until(site, ({active}) => active === 2), {active: 2, most: 2, served: 0});
		leaving.abort();
		for (const {status} of await ends) assert.equal(status, 'rejected');
		assert.deepEqual(await until(site, ({active}) => active === 0), {active: 0, most: 2, served: 0});
	}));

test('close() ends requests that hang, refuses new ones, and may be repeated', async () => {
	const site = await startDemoSite(frozen);
	const hanging = Promise.allSettled(site.urls.slice(0, 5).map(url => get(url)));
	await until(site, ({active}) => active === 5);
	await site.close();
	for (const {status} of await hanging) assert.equal(status, 'rejected');
	await assert.rejects(get(`${site.origin}/status`), {code: 'ECONNREFUSED'});
	await site.close();
});
