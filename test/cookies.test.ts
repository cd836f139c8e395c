import assert from 'node:assert/strict';
import {readFile, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {cookieHeader} from '../source/transport/cookie-header.ts';
import {Cookies} from '../source/transport/cookies.ts';
import {type FiledCookie, parseCookies} from '../source/transport/netscape.ts';
import {readCookies, saveCookies} from '../source/transport/secret-files.ts';
import {folder, list, rig, test} from './helpers/engine.ts';
import {startServer, type TestServer} from './helpers/server.ts';

const filed = (cookie: Partial<FiledCookie>): FiledCookie => ({
	...{
		domain: 'example.com',
		hostOnly: true,
		path: '/',
		secure: false,
		httpOnly: false,
		expires: 0,
		name: 'a',
		value: '1',
	},
	...cookie,
});

/** What a jar would send, as `name=value`. */
async function sent(cookies: Cookies, url: string): Promise<string> {
	return (await cookies.for(new URL(url))).map(({name, value}) => `${name}=${value}`).join(' ');
}

async function jar(...received: Array<readonly [url: string, ...lines: string[]]>): Promise<Cookies> {
	const cookies = new Cookies();
	for (const [url, ...lines] of received) await cookies.take(new URL(url), lines);
	return cookies;
}

const setting = (server: TestServer, from: string, cookie: string | string[], location?: string) =>
	server.on(from, (_request, response) => {
		response.writeHead(location === undefined ? 200 : 302, {'set-cookie': cookie, ...(location && {location})}).end();
	});

test('domain, path, secure and expiry decide what is sent (RFC 6265)', async () => {
	const cookies = await jar([
		'https://www.example.com/dir/page',
		'host=1',
		'wide=1; Domain=example.com; Path=/',
		'deep=1; Path=/dir/sub',
		'safe=1; Path=/; Secure',
		'past=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
		'zero=1; Path=/; Max-Age=0',
		'suffix=1; Domain=com; Path=/',
		'other=1; Domain=example.org; Path=/',
		'shared=1; Domain=co.uk; Path=/',
	]);
	assert.equal(await sent(cookies, 'https://www.example.com/dir/other'), 'host=1 wide=1 safe=1');
	assert.equal(await sent(cookies, 'http://www.example.com/dir/sub/x'), 'deep=1 host=1 wide=1');
	assert.equal(await sent(cookies, 'http://www.example.com/'), 'wide=1');
	assert.equal(await sent(cookies, 'http://example.com/dir/'), 'wide=1');
	assert.equal(await sent(cookies, 'http://other.example.org/'), '');
	assert.equal(await sent(cookies, 'http://a.co.uk/'), '');
});

test('a cookie that is set again, or taken back, is another one, or none', async () => {
	const url = 'http://example.com/';
	const cookies = await jar([url, 'a=1', 'b=1'], [url, 'a=2', 'b=; Max-Age=0']);
	assert.equal(await sent(cookies, url), 'a=2');
});

test('the bytes of a value come back as they came, and one with a control character is none', async () => {
	const cookies = await jar(['http://example.com/', 'a=p\u00c3\u00a4ss', 'b=x\u0001y']);
	assert.equal(await sent(cookies, 'http://example.com/'), 'a=p\u00c3\u00a4ss');
});

test('a secure cookie goes over TLS only, to the own machine too, and only TLS can set it', async () => {
	const cookies = await jar(['https://localhost/', 'a=1; Secure'], ['http://localhost/', 'b=1; Secure']);
	assert.equal(await sent(cookies, 'http://localhost/'), '');
	assert.equal(await sent(cookies, 'https://localhost/'), 'a=1');
});

test('a port of its own keeps its cookies to itself, while those of http and https share', async () => {
	const cookies = await jar(
		['http://127.0.0.1:8001/', 'one=1'],
		['http://127.0.0.1:8002/', 'two=2'],
		['http://127.0.0.1/', 'common=0'],
	);
	assert.equal(await sent(cookies, 'http://127.0.0.1:8001/'), 'one=1');
	assert.equal(await sent(cookies, 'http://127.0.0.1:8002/'), 'two=2');
	assert.equal(await sent(cookies, 'https://127.0.0.1/'), 'common=0');
	assert.equal(await sent(cookies, 'http://127.0.0.1:443/'), '');
});

test('a cookie of a file goes to every port, until a server sets it anew', async () => {
	const cookies = new Cookies([filed({}), filed({name: 'b', expires: 1}), filed({name: 'c', hostOnly: false})]);
	assert.equal(await sent(cookies, 'http://example.com:8001/'), 'a=1 c=1');
	assert.equal(await sent(cookies, 'http://www.example.com:8002/'), 'c=1');
	await cookies.take(new URL('http://example.com:8001/'), ['a=2']);
	assert.equal(await sent(cookies, 'http://example.com:8001/'), 'a=2 c=1');
	assert.equal(await sent(cookies, 'http://example.com:8002/'), 'c=1');
	await cookies.take(new URL('http://example.com:8001/'), ['c=; Domain=example.com; Max-Age=0']);
	assert.equal(await sent(cookies, 'http://www.example.com/'), '', 'and it can take it back');
});

test('a file cannot give a cookie to everybody below a public suffix', async () => {
	const cookies = new Cookies([filed({domain: 'co.uk', hostOnly: false})]);
	assert.equal(await sent(cookies, 'http://bank.co.uk/'), '');
});

test('a server cannot fill the jar without end, nor push out what a file had', async () => {
	const cookies = new Cookies([filed({name: 'kept'})]);
	const lines = Array.from({length: 400}, (_, index) => `n${index}=${index}`);
	await cookies.take(new URL('http://example.com/'), lines);
	const here = (await sent(cookies, 'http://example.com/')).split(' ');
	assert.equal(here.length, 181);
	assert.ok(here.includes('kept=1') && here.includes('n399=399') && !here.includes('n0=0'));
	for (let host = 0; host < 20; host++) await cookies.take(new URL(`http://h${host}.example/`), lines);
	assert.equal(cookies.list().length, 3_001);
	await cookies.take(new URL('http://example.com/'), [`long=${'x'.repeat(10_000)}`]);
	assert.ok(!(await sent(cookies, 'http://example.com/')).includes('long'));
});

test('what the user says of a cookie wins over the jar, but for what a server has set since', () => {
	const jar = [
		{name: 'a', value: 'file', isLoaded: true},
		{name: 'b', value: 'file', isLoaded: true},
		{name: 'c', value: 'received', isLoaded: false},
		{name: 'd', value: 'received', isLoaded: false},
		{name: 'd', value: 'of another path', isLoaded: false},
	];
	assert.equal(cookieHeader({header: 'd=header', data: 'b=data; c=data', jar}), 'd=header; c=received; b=data; a=file');
	assert.equal(cookieHeader({jar}), 'c=received; d=received; d=of another path; a=file; b=file');
	assert.equal(cookieHeader({data: 'x=1;y=2;', jar: []}), 'x=1; y=2');
	assert.equal(cookieHeader({jar: []}), undefined);
});

test('a jar makes no request longer than servers take, and never at the cost of what the user says', () => {
	const jar = Array.from({length: 300_000}, (_, index) => ({name: `n${index}`, value: 'v', isLoaded: index % 2 === 0}));
	const mine = `mine=${'x'.repeat(20_000)}`;
	const header = cookieHeader({header: undefined, data: mine, jar}) ?? '';
	assert.ok(header.includes(mine));
	assert.ok(header.length - mine.length < 16 * 1024 + 10, `${header.length}`);
	assert.match(header, /^n1=v; n3=v;/, 'the first ones that a server has set');
});

test('a site that sets a cookie and redirects to itself is no circle, and one that only redirects is', async t => {
	const server = await startServer(t);
	server.on('/', (request, response) => {
		const steps = Number(/step=(\d)/.exec(request.headers.cookie ?? '')?.[1] ?? 0);
		if (steps === 3) response.end('in');
		else response.writeHead(302, {'set-cookie': `step=${steps + 1}`, location: '/'}).end();
	});
	setting(server, '/same', 'a=1', '/same');
	const [through, circle] = await rig(t).run(server.url('/'), server.url('/same'));
	assert.deepEqual([through?.status, through?.bytes], [200, 2]);
	assert.equal(circle?.error?.code, 'REDIRECT_LOOP');
	assert.equal(server.asked('/same').length, 2, 'the cookie was worth one more try');
});

test('cookies live as long as a chain of redirects, and for the whole run only where one asks for that', async t => {
	const server = await startServer(t);
	setting(server, '/set', 'a=1; Path=/', '/then').page('/then').page('/later');
	await rig(t, {concurrency: 1}).run(server.url('/set'), server.url('/later'));
	await rig(t, {concurrency: 1, cookies: new Cookies()}).run(server.url('/set'), server.url('/later'));
	assert.deepEqual(
		server.seen.map(({path: asked, headers}) => [asked, headers.cookie]),
		[
			...[
				['/set', undefined],
				['/then', 'a=1'],
				['/later', undefined],
			],
			...[
				['/set', undefined],
				['/then', 'a=1'],
				['/later', 'a=1'],
			],
		],
	);
});

test('cookies of a final answer count too, whatever its status', async t => {
	const server = await startServer(t);
	server.on('/set', (_request, response) => {
		response.writeHead(404, {'set-cookie': ['a=1; Path=/', 'b=2; Path=/']}).end();
	});
	server.page('/later');
	const r = rig(t, {concurrency: 1, cookies: new Cookies()});
	await r.run(server.url('/set'), server.url('/later'));
	assert.equal(server.asked('/later')[0]?.headers.cookie, 'a=1; b=2');
});

test("the user's cookies begin a session that the server goes on with", async t => {
	const server = await startServer(t);
	setting(server, '/login', 'session=new; Path=/', '/in').page('/in');
	const cookies = new Cookies([filed({domain: '127.0.0.1', name: 'filed'})]);
	await rig(t, {cookies, cookie: 'session=old; mine=1'}).run(server.url('/login'));
	assert.deepEqual(
		server.seen.map(({headers}) => headers.cookie),
		['session=old; mine=1; filed=1', 'session=new; mine=1; filed=1'],
	);
});

test('a jar is saved whole, for nobody else to read, and read again', async t => {
	const dir = await folder(t);
	const file = path.join(dir, 'jar.txt');
	await writeFile(file, 'old', {mode: 0o644});
	const cookies = await jar(
		['http://example.com:8001/', 'port=1; Path=/; HttpOnly', 'kept=1; Max-Age=3600'],
		['https://example.com/x/y', 'path=1', 'safe=1; Secure; Domain=example.com; Path=/', 'gone=1; Max-Age=0'],
	);
	saveCookies(file, cookies.list());
	assert.deepEqual(await list(dir), ['jar.txt']);
	assert.equal((await stat(file)).mode & 0o777, 0o600);
	const again = await readCookies(file);
	assert.deepEqual(
		again.map(({name, path: at, secure, httpOnly, hostOnly}) => [name, at, secure, httpOnly, hostOnly]).toSorted(),
		[
			['kept', '/', false, false, true],
			['path', '/x', false, false, true],
			['port', '/', false, true, true],
			['safe', '/', true, false, false],
		],
	);
	const kept = again.find(({name}) => name === 'kept');
	assert.ok(kept && kept.expires > Date.now() / 1000 && again.find(({name}) => name === 'port')?.expires === 0);
	assert.match(await readFile(file, 'latin1'), /^#HttpOnly_example\.com\tFALSE\t\/\tFALSE\t0\tport\t1$/m);
	assert.deepEqual(parseCookies(await readFile(file, 'latin1')), again);
});

test('a jar that cannot be read or saved is told by its name, and what is in it is not', async t => {
	const dir = await folder(t);
	const file = path.join(dir, 'jar.txt');
	await assert.rejects(readCookies(file), {message: `cannot read the cookie file "${file}": no such file or folder`});
	assert.deepEqual(await readCookies(file, 'ifThere'), []);
	await writeFile(file, 'a secret');
	await assert.rejects(readCookies(file), {
		message: `cannot read the cookie file "${file}": line 1 is no cookie of Netscape's format`,
	});
	await assert.rejects(readCookies(dir), /it is no regular file$/);
	assert.throws(() => saveCookies(dir, []), /^Error: cannot save the cookies to ".*": a folder stands/);
	assert.throws(() => saveCookies(path.join(dir, 'no', 'jar'), []), /no such file or folder$/);
	assert.deepEqual(await list(dir), ['jar.txt'], 'and nothing is left behind');
});
