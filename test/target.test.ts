import assert from 'node:assert/strict';
import {parseTarget, urlsIn} from '../source/engine/target.ts';
import {rig, test} from './helpers/engine.ts';
import {startServer} from './helpers/server.ts';

test('a URL is shown as it was given, and without its credentials', () => {
	const cases: Array<[string, string]> = [
		['http://example.org', 'http://example.org'],
		['HTTPS://Example.org/A b?c#d', 'HTTPS://Example.org/A b?c#d'],
		['https://新浪.example/新', 'https://新浪.example/新'],
		['http://user:secret@example.org/x', 'http://example.org/x'],
		['http://user@example.org/x', 'http://example.org/x'],
		['http://:secret@example.org/x', 'http://example.org/x'],
		['http://example.org/\u001b[31mred\u202e', 'http://example.org/red'],
	];
	for (const [line, display] of cases) assert.equal(parseTarget(line)?.display, display);
});

test('only an absolute http or https URL is a target', () => {
	const lines = [
		'',
		'example.org',
		'/path',
		'//example.org',
		'ftp://example.org',
		'file:///etc/passwd',
		'javascript:alert(1)',
	];
	for (const line of [...lines, 'http://', 'http://example.org:99999/', 'http://[::1'])
		assert.equal(parseTarget(line), undefined, line);
});

test('a password is in no event, even if its URL is none that can be fetched or leads nowhere', async t => {
	const server = await startServer(t);
	server.page('/ok', '<title>ok</title>', {'content-type': 'text/html'});
	server.on('/away', (_request, response) => response.writeHead(302, {location: 'ftp://me:geheim@example.org/'}).end());
	server.on('/around', (_request, response) =>
		response.writeHead(302, {location: `http://me:geheim@127.0.0.1:${server.port}/ok`}).end(),
	);
	const {host} = new URL(server.origin());
	for (const line of [
		`http://me:geheim@${host}/ok`,
		`http://me:geheim@${host}/missing`,
		`http://me:geheim@${host}/away`,
		`http://me:geheim@${host}/around`,
		'http://me:geheim@127.0.0.1:1/refused',
		'ftp://me:geheim@example.org/file',
		'http://me:geheim@example.org:99999/',
	]) {
		const r = rig(t);
		await r.fetch(line);
		assert.doesNotMatch(JSON.stringify(r.events), /geheim|bWU6Z2VoZWlt/, line);
	}
});

for (const [pasted, urls] of [
	['http://a.example/1\nhttps://a.example/2\r\n', ['http://a.example/1', 'https://a.example/2']],
	[
		'see <http://a.example/c>, (http://a.example/d) or "http://a.example/e".',
		['http://a.example/c', 'http://a.example/d', 'http://a.example/e'],
	],
	['[md](http://a.example/f) 网址：http://a.example/o。', ['http://a.example/f', 'http://a.example/o']],
	['Read http://a.example/g. Then http://a.example/h?x=1,2!', ['http://a.example/g', 'http://a.example/h?x=1,2']],
	['http://a.example/1,http://b.example/2', ['http://a.example/1', 'http://b.example/2']],
	['# http://a.example/comment\nhttp://a.example/#fragment', ['http://a.example/#fragment']],
	['nothing here, not even http:// or ftp://a.example/', []],
] as const) {
	test(`pasting ${JSON.stringify(pasted)} adds ${urls.length} URLs`, () => {
		assert.deepEqual(urlsIn(pasted), urls);
	});
}
