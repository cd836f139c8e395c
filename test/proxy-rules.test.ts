import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {nameOf, type ProxyServer, parseProxy, proxyFor, proxyVariables} from '../source/transport/proxy.ts';

const good: ReadonlyArray<readonly [text: string, proxy: ProxyServer]> = [
	['http://cache:3128', {kind: 'http', hostname: 'cache', port: 3128}],
	['cache:3128', {kind: 'http', hostname: 'cache', port: 3128}],
	['cache', {kind: 'http', hostname: 'cache', port: 80}],
	['https://cache/', {kind: 'https', hostname: 'cache', port: 443}],
	['https://cache:80', {kind: 'https', hostname: 'cache', port: 80}],
	['SOCKS5://127.0.0.1', {kind: 'socks5', hostname: '127.0.0.1', port: 1080}],
	['socks5h://me@[::1]:9050', {kind: 'socks5h', hostname: '::1', port: 9050, login: {user: 'me', password: ''}}],
	['http://m%40e:100%@cache', {kind: 'http', hostname: 'cache', port: 80, login: {user: 'm@e', password: '100%'}}],
	['http://zwischenlager.münchen.example', {kind: 'http', hostname: 'zwischenlager.xn--mnchen-3ya.example', port: 80}],
];

const bad = [
	'ftp://cache',
	'constructor://cache',
	'socks4://cache',
	'http://',
	'http://:3128',
	'http://me:secret@',
	'http://cache:99999',
	'http://cache/path',
	'http://cache?x',
	'http://a b',
	'socks5://[::1',
	`socks5://${'secret'.repeat(50)}:x@cache`,
];

suite('the URL of a proxy', () => {
	for (const [text, proxy] of good) test(`${text} is understood`, () => assert.deepEqual(parseProxy(text), proxy));
	for (const text of bad)
		test(`${text} is refused, and nothing of it repeated`, () => {
			assert.throws(
				() => parseProxy(text),
				({message}: Error) => /^(a proxy is|it must|a user)/.test(message) && !message.includes('secret'),
			);
		});

	test('is shown without credentials', () => {
		assert.equal(nameOf(parseProxy('socks5://me:secret@[::1]:9050')), '[::1]:9050');
	});
});

suite('which URL goes through a proxy', () => {
	const http = parseProxy('http://one');
	const https = parseProxy('http://two');

	test('each scheme has its own', () => {
		assert.equal(proxyFor(new URL('http://a/'), {http, https}), http);
		assert.equal(proxyFor(new URL('https://a/'), {http, https}), https);
		assert.equal(proxyFor(new URL('https://a/'), {http}), undefined);
	});

	const cases: ReadonlyArray<readonly [except: string, url: string, direct: boolean]> = [
		['*', 'http://a/', true],
		['', 'http://a/', false],
		[' , ', 'http://a/', false],
		['example.com', 'http://example.com/', true],
		['example.com', 'http://EXAMPLE.com.:8080/', true],
		['example.com', 'http://www.example.com/', true],
		['example.com', 'http://badexample.com/', false],
		['.example.com', 'http://example.com/', true],
		['*.example.com', 'http://www.example.com/', true],
		['www.example.com', 'http://example.com/', false],
		['a.example, b.example', 'http://b.example/', true],
		['a.example b.example', 'http://b.example/', true],
		['EXAMPLE.com', 'http://example.com/', true],
		['example.com:8080', 'http://example.com:8080/', true],
		['example.com:8080', 'http://example.com/', false],
		['example.com:443', 'https://example.com/', true],
		['127.0.0.1', 'http://127.0.0.1:1/', true],
		['127.0.0.1', 'http://127.0.0.2/', false],
		['127.0.0.0/8', 'http://127.9.9.9/', true],
		['10.0.0.0/8', 'http://127.0.0.1/', false],
		// What is no network is none, rather than every one.
		['10.0.0.0/99', 'http://10.0.0.0/', false],
		['127.0.0.1/', 'http://127.0.0.1/', false],
		['10.0.0.0/x', 'http://127.0.0.1/', false],
		['10.0.0.0/-1', 'http://127.0.0.1/', false],
		['127.0.0.0/8/9', 'http://127.0.0.1/', false],
		['::/129', 'http://[::1]/', false],
		['0.0.0.0/0', 'http://127.0.0.1/', true],
		['münchen.example', 'http://www.münchen.example/', true],
		['0.0.1', 'http://127.0.0.1/', false],
		['::1', 'http://[::1]/', true],
		['[::1]', 'http://[::1]/', true],
		['[::1]:81', 'http://[::1]/', false],
		['fe80::/10', 'http://[fe80::1]/', true],
		['fe80::/10', 'http://[::1]/', false],
		['::1', 'http://127.0.0.1/', false],
	];
	for (const [except, url, direct] of cases)
		test(`${url} ${direct ? 'is asked directly' : 'goes through the proxy'} with no_proxy=${except}`, () => {
			assert.equal(proxyFor(new URL(url), {http, https, except}) === undefined, direct);
		});

	test('the usual variables are read, small letters first, and HTTP_PROXY never', () => {
		assert.deepEqual(proxyVariables({HTTP_PROXY: 'evil', NO_PROXY: 'n'}), {except: 'n'});
		assert.deepEqual(
			proxyVariables({https_proxy: '', HTTPS_PROXY: 's', all_proxy: 'a', ALL_PROXY: 'A', no_proxy: 'n'}),
			{
				http: {name: 'all_proxy', value: 'a'},
				https: {name: 'HTTPS_PROXY', value: 's'},
				except: 'n',
			},
		);
		assert.equal(proxyVariables({http_proxy: 'h', all_proxy: 'a'}).http?.value, 'h');
	});
});
