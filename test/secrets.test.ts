import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {TestContext} from 'node:test';
import type {InputItem} from '../source/engine/intake.ts';
import {Cookies} from '../source/transport/cookies.ts';
import {readCookies, saveCookies} from '../source/transport/secret-files.ts';
import type {TransportOptions} from '../source/transport/transport.ts';
import {folder, rig, test} from './helpers/engine.ts';
import {run} from './helpers/program.ts';
import {startTcp} from './helpers/server.ts';

/** Every secret has a word in it that stands nowhere else. */
const word = (of: string): string => `marker${of}marker`;
const markers = {
	...{
		header: word('header'),
		bearer: word('bearer'),
		ownCookie: word('owncookie'),
		data: word('data'),
		filed: word('filed'),
	},
	...{received: word('received'), user: word('user'), password: word('password'), otherLogin: word('other')},
};

/** Whether one of these words is in the text: as it stands, percent-encoded, or in Base64. */
function leaks(text: string, words: readonly string[] = Object.values(markers)): string[] {
	const decoded = (text.match(/[A-Za-z0-9+/]{8,}={0,2}/g) ?? []).map(token =>
		Buffer.from(token, 'base64').toString('latin1'),
	);
	const all = [text, ...decoded].join('\n');
	return words.filter(secret => all.includes(secret));
}

const pair = `${markers.user}:${markers.password}`;

type Case = {
	options: Partial<TransportOptions>;
	userinfo?: string;
	args: (dir: string) => string;
	sent: readonly string[];
};

/** The ways to log in, of which one request can carry only one; cookies and headers always come along. */
const logins: Readonly<Record<string, Case>> = {
	'a header': {
		options: {
			headers: [
				['X-Token', markers.header],
				['Authorization', `Bearer ${markers.bearer}`],
				['Cookie', `c=${markers.ownCookie}`],
			],
		},
		args: () =>
			`-H 'X-Token: ${markers.header}' -H 'Authorization: Bearer ${markers.bearer}' -H 'Cookie: c=${markers.ownCookie}'`,
		sent: [markers.header, markers.bearer, markers.ownCookie],
	},
	'the URL': {options: {}, userinfo: `${pair}@`, args: () => '', sent: [markers.user, markers.password]},
	'-u': {options: {user: pair}, args: () => `-u ${pair}`, sent: [markers.user, markers.password]},
	netrc: {
		options: {
			netrc: [
				{machine: '127.0.0.1', login: markers.user, password: markers.password},
				{machine: 'localhost', login: markers.otherLogin, password: markers.otherLogin},
				{login: markers.otherLogin, password: ''},
			],
		},
		args: dir => `--netrc-file ${dir}/netrc`,
		sent: [markers.user, markers.password],
	},
};

const large = 40 * 1024 * 1024;

/** What of a body is asked for, as an answer; with a version, so that it can be shared and gone on from. */
function bodyFor(asked: string, size: number): string {
	const [, first, last] = /^range: bytes=(\d+)-(\d*)/im.exec(asked) ?? [];
	const [start, end] = [Number(first ?? 0), last ? Number(last) + 1 : size];
	const head = first === undefined ? '200 OK' : `206 Partial\r\nContent-Range: bytes ${start}-${end - 1}/${size}`;
	const validator = 'ETag: "v"\r\nAccept-Ranges: bytes';
	return `HTTP/1.1 ${head}\r\n${validator}\r\nContent-Length: ${end - start}\r\n\r\n${'x'.repeat(end - start)}`;
}

/**
 * Two origins on raw sockets. A redirects `/to/STATUS/…` to B, and B sends `/back` to A again. Every byte that arrived is kept.
 * @param host of B: another name on another port, or only one of the two
 */
async function origins(
	t: TestContext,
	other: 'host and port' | 'port',
): Promise<{a: string; b: string; heard: {a: string; b: string}}> {
	const heard = {a: '', b: ''};
	let halves = 0;
	const b = (
		await startTcp(t, (socket, asked) => {
			heard.b += asked;
			const [, target = ''] = asked.split(' ');
			if (target === '/back') socket.write(`HTTP/1.1 302 Found\r\nLocation: ${a}/end\r\nContent-Length: 0\r\n\r\n`);
			else if (target === '/half' && halves++ === 0) socket.end(bodyFor(asked, 100_000).slice(0, 60_000));
			else socket.write(bodyFor(asked, target === '/large' ? large : 100_000));
		})
	).replace('127.0.0.1', other === 'port' ? '127.0.0.1' : 'localhost');
	const a = await startTcp(t, (socket, asked) => {
		heard.a += asked;
		const [, target = ''] = asked.split(' ');
		const [, form = '', rest = ''] = /^\/to\/([^/]+)(\/.*)$/.exec(target) ?? [];
		const cookie = `Set-Cookie: r=${markers.received}; Path=/`;
		const location = form === 'relative' ? `${b.replace('http:', '')}${rest}` : `${b}${rest}`;
		const status = /^\d+$/.test(form) ? form : '302';
		if (form === 'broken') socket.write('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n');
		else if (form === '') socket.write(`HTTP/1.1 200 OK\r\n${cookie}\r\nContent-Length: 2\r\n\r\nok`);
		else socket.write(`HTTP/1.1 ${status} Found\r\n${cookie}\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
	});
	return {a, b, heard};
}

/** Every way from A to B. */
const ways = (a: string): InputItem[] => [
	...['301', '302', '303', '307', '308', 'relative'].map(form => ({url: `${a}/to/${form}/page`})),
	{url: `${a}/to/302/large`, connections: 4},
	{url: `${a}/to/302/half`},
	{url: `${a}/to/broken/page`, mirrors: [`${a}/to/307/mirrored`]},
	{url: `${a}/to/302/back`},
];

for (const other of ['host and port', 'port'] as const)
	for (const [login, {options, userinfo = '', sent}] of Object.entries(logins))
		test(`with ${login}, no other origin (another ${other}) hears a secret of the first, nor does an event tell it`, async t => {
			const {a, b, heard} = await origins(t, other);
			const dir = await folder(t);
			// A cookie of a file has no port, so by RFC 6265 it is for every port of its host.
			const host = other === 'port' ? 'unrelated.example' : '127.0.0.1';
			const common = {hostOnly: true, path: '/', secure: false, httpOnly: false, expires: 0};
			const cookies = new Cookies([{...common, domain: host, name: 'f', value: markers.filed}]);
			const r = rig(t, {...options, dir, cookies, cookie: `b=${markers.data}`, concurrency: 1, retries: 2});
			const running = r.run(...ways(a.replace('//', `//${userinfo}`)));
			r.engine.subscribe(event => {
				if (event.type === 'waiting') setImmediate(() => r.clock.advance(60_000));
			});
			const results = await running;
			assert.deepEqual(
				results.map(({error}) => error),
				results.map(() => null),
			);
			assert.match(heard.b, /GET \/half [\s\S]*range: bytes=\d+-\r/, 'it was gone on from');
			assert.ok(heard.b.split('GET /large ').length > 3, 'there were several pieces');
			assert.match(heard.b, /GET \/mirrored /);
			assert.deepEqual(leaks(heard.b), [], `${b} heard of them`);
			const last = heard.a.slice(heard.a.lastIndexOf('GET /end '));
			const wanted = [...sent, markers.received, ...(sent.includes(markers.ownCookie) ? [] : [markers.data])];
			assert.deepEqual(leaks(last, wanted), wanted, 'and back at home all of them are sent again');
			assert.equal(leaks(last, [markers.filed]).length, other === 'port' ? 0 : 1);
			assert.deepEqual(leaks(JSON.stringify(r.events)), []);
		});

test('the same program with the same secrets writes none of them: no record, no line, no event, no journal, no error', async t => {
	for (const [login, {args, userinfo = ''}] of Object.entries(logins)) {
		const {a, heard} = await origins(t, 'host and port');
		const dir = await folder(t);
		const {machine, login: user, password} = logins.netrc?.options.netrc?.[0] ?? {};
		await writeFile(path.join(dir, 'netrc'), `machine ${machine} login ${user} password ${password}`, {mode: 0o600});
		const jar = path.join(dir, 'jar.txt');
		saveCookies(jar, [
			{
				domain: '127.0.0.1',
				hostOnly: true,
				path: '/',
				secure: false,
				httpOnly: false,
				expires: 0,
				name: 'f',
				value: markers.filed,
			},
		]);
		const at = a.replace('//', `//${userinfo}`);
		const urls = [
			...['/to/302/page', '/to/302/back', '/to/broken/page'].map(way => at + way),
			`http://${pair}@127.0.0.1:1/`,
		];
		const common = `--proxy none --retries 0 --cookie-jar ${jar} -b b=${markers.data} ${args(dir)} ${urls.join(' ')}`;
		for (const output of ['--json', '--plain', '--events -']) {
			const saved = path.join(dir, output.replaceAll(' ', ''));
			const {stdout, stderr, status} = await run(t, `-d ${saved} ${output} ${common}`);
			assert.equal(status, 1, stderr);
			const journal = await readFile(path.join(saved, '.fetchtop.ndjson'), 'utf8');
			assert.match(journal, /"done"/);
			assert.deepEqual(leaks(stdout + stderr + journal), [], `${login}, ${output}`);
		}
		assert.deepEqual(leaks(heard.b), []);
		const kept = await readCookies(jar);
		assert.deepEqual(kept.map(({value}) => value).toSorted(), [markers.filed, markers.received]);
	}
});

test('credentials in a Location are for that one request, and are shown nowhere', async t => {
	const seen: string[] = [];
	const origin = await startTcp(t, (socket, asked) => {
		seen.push(asked);
		const [, target = ''] = asked.split(' ');
		const locations: Readonly<Record<string, string>> = {
			'/start': `${origin.replace('127.0.0.1', 'localhost').replace('//', `//${pair}@`)}/in`,
			'/in': '/on',
			'/circle': `http://${pair}@${origin.slice('http://'.length)}/circle`,
			'/ftp': `ftp://${pair}@example.org/`,
			'/odd': `https:/${pair}@[/`,
		};
		const location = locations[target];
		const shown = `http:${target === '/one' ? '/' : '//'}${pair}@example.org/`;
		if (location === undefined) socket.write(`HTTP/1.1 200 OK\r\nLocation: ${shown}\r\nContent-Length: 0\r\n\r\n`);
		else socket.write(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
	});
	const r = rig(t, {concurrency: 1});
	const results = await r.run(...['/start', '/circle', '/ftp', '/odd', '/one'].map(start => origin + start));
	assert.deepEqual(
		results.map(({error}) => error?.code),
		[undefined, 'REDIRECT_LOOP', 'BAD_REDIRECT', 'BAD_REDIRECT', undefined],
	);
	assert.deepEqual(
		seen.slice(0, 3).map(asked => leaks(asked).length),
		[0, 2, 0],
	);
	assert.deepEqual(leaks(JSON.stringify(r.events)), []);
});

test('what is wrong with a secret is said without it', async t => {
	const dir = await folder(t);
	const file = path.join(dir, 'secrets');
	await writeFile(file, `machine x login ${markers.user} password ${markers.password} ${markers.data}`, {mode: 0o600});
	const commands = [
		`-u ${markers.password}`,
		`--proxy ftp://${pair}@host`,
		`--proxy http://${pair}@`,
		`--netrc-file ${file}`,
		`-b ${file}`,
		`-b $(printf 'a=${markers.data}\\001')`,
		`htp://${pair}@host/`,
	];
	for (const command of commands) {
		const {stdout, stderr, status} = await run(t, `${command} http://127.0.0.1:1/`);
		assert.deepEqual(
			[status, stdout, leaks(stderr), stderr.split('\n').length],
			[2, '', [], 2],
			`${command}: ${stderr}`,
		);
	}
	const {stderr} = await run(t, 'https://127.0.0.1:1/', {before: `export https_proxy=ftp://${pair}@host`});
	assert.match(stderr, /^fetchtop: the variable https_proxy is invalid: a proxy is one of /);
	assert.deepEqual(leaks(stderr), []);
});
