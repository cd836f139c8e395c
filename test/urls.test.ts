import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import type {AddressInfo, LookupFunction} from 'node:net';
import {rig, test} from './helpers/engine.ts';
import {startServer, startTcp} from './helpers/server.ts';

/** Finds every name on this machine, and remembers which were looked for. */
function everywhereHere(addresses = ['127.0.0.1']): {lookup: LookupFunction; names: string[]} {
	const names: string[] = [];
	const lookup: LookupFunction = (hostname, options, callback) => {
		names.push(hostname);
		const found = addresses.map(address => ({address, family: address.includes(':') ? 6 : 4}));
		if (options.all) callback(null, found);
		else callback(null, found[0]?.address ?? '', found[0]?.family);
	};
	return {lookup, names};
}

/** Of a URL as given (`HOST` stands for the port): the Host header, without port, and the line of the request. */
const cases: ReadonlyArray<readonly [url: string, host: string, target: string]> = [
	['http://name.example:PORT/', 'name.example', '/'],
	['http://name.example:PORT', 'name.example', '/'],
	['http://name.example:PORT?q', 'name.example', '/?q'],
	['HTTP://NAME.Example:PORT/A', 'name.example', '/A'],
	['http://münchen.example:PORT/', 'xn--mnchen-3ya.example', '/'],
	['http://例え.テスト:PORT/', 'xn--r8jz45g.xn--zckzah', '/'],
	['http://faß.example:PORT/', 'xn--fa-hia.example', '/'],
	['http://name.example:PORT/ö/新?ü=ß', 'name.example', '/%C3%B6/%E6%96%B0?%C3%BC=%C3%9F'],
	['http://name.example:PORT/%C3%B6%2F%zz', 'name.example', '/%C3%B6%2F%zz'],
	['http://name.example:PORT/a b?c d', 'name.example', '/a%20b?c%20d'],
	['http://name.example:PORT/a/../b/./c//d', 'name.example', '/b/c//d'],
	['http://name.example:PORT/page#fragment?x', 'name.example', '/page'],
	['http://name.example:PORT#fragment', 'name.example', '/'],
	['http://me:secret@name.example:PORT/', 'name.example', '/'],
	['http:\\\\name.example:PORT\\a', 'name.example', '/a'],
	['http://127.1:PORT/', '127.0.0.1', '/'],
	['http://0x7f000001:PORT/', '127.0.0.1', '/'],
	['http://under_score.example:PORT/', 'under_score.example', '/'],
	['http://name.example.:PORT/', 'name.example.', '/'],
	["http://name.example:PORT/it's;a=(b)!*?[x]|{y}", 'name.example', "/it's;a=(b)!*?[x]|{y}"],
];

for (const [given, host, target] of cases)
	test(`${given} asks ${host} for ${target}`, async t => {
		const lines: string[] = [];
		const origin = await startTcp(t, (socket, asked) => {
			lines.push(asked);
			socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
		});
		const port = new URL(origin).port;
		const {lookup, names} = everywhereHere();
		const r = rig(t, {lookup});
		const result = await r.fetch(given.replace('PORT', port));
		assert.equal(result.error, null);
		assert.equal(lines[0]?.split('\r\n')[0], `GET ${target} HTTP/1.1`);
		assert.match(lines[0] ?? '', new RegExp(`^host: ${host.replaceAll('.', '\\.')}:${port}\r$`, 'im'));
		assert.deepEqual(names, /^\d/.test(host) ? [] : [host]);
		assert.ok(!JSON.stringify(r.events).includes('secret'));
	});

test('an IPv6 address in brackets is connected to as it stands', async t => {
	const server = createServer((request, response) => response.end(request.headers.host));
	const isThere = await new Promise(resolve => {
		server.once('error', () => resolve(false)).listen(0, '::1', () => resolve(true));
	});
	if (!isThere) return t.skip('this machine has no IPv6');
	t.after(() => server.close());
	const {port} = server.address() as AddressInfo;
	const result = await rig(t).fetch(`http://[::1]:${port}/`);
	assert.deepEqual([result.error, result.bytes], [null, `[::1]:${port}`.length]);
});

/** Where a `Location`, in its bytes, leads from `/dir/page?q`; an error where it must not. */
const locations: ReadonlyArray<readonly [location: string, target: string]> = [
	['/abs', '/abs'],
	['rel', '/dir/rel'],
	['../up', '/up'],
	['?other', '/dir/page?other'],
	['//name.example:PORT/there', '/there'],
	['http://name.example:PORT/full', '/full'],
	['/新浪?q=ö', '/%E6%96%B0%E6%B5%AA?q=%C3%B6'],
	['http://münchen.example:PORT/idn', '/idn'],
	['/page#fragment', '/page'],
	['http://me:pw@name.example:PORT/login', '/login'],
	['/a b', '/a%20b'],
	['  /trimmed  ', '/trimmed'],
	['ftp://name.example/', 'BAD_REDIRECT'],
	['file:///etc/passwd', 'BAD_REDIRECT'],
	['data:text/html,x', 'BAD_REDIRECT'],
	['javascript:alert(1)', 'BAD_REDIRECT'],
	['http://', 'BAD_REDIRECT'],
	['http://name.example:99999/', 'BAD_REDIRECT'],
	['', 'REDIRECT_LOOP'],
	['#only', 'REDIRECT_LOOP'],
];

for (const [location, target] of locations)
	test(`a redirect to ${JSON.stringify(location)} leads to ${target}`, async t => {
		const lines: string[] = [];
		const origin = await startTcp(t, (socket, asked) => {
			lines.push(asked.split('\r\n')[0] ?? '');
			const head = lines.length === 1 ? `302 Found\r\nLocation: ${location.replace('PORT', port)}` : '200 OK';
			socket.write(`HTTP/1.1 ${head}\r\nContent-Length: 0\r\n\r\n`);
		});
		const {port} = new URL(origin);
		const result = await rig(t, everywhereHere()).fetch(`${origin}/dir/page?q`);
		if (/^[A-Z_]+$/.test(target)) assert.equal(result.error?.code, target);
		else assert.deepEqual([result.error, lines[1]], [null, `GET ${target} HTTP/1.1`]);
	});

test('a host with an address where nobody answers is reached by its next one', async t => {
	const server = await startServer(t);
	server.page('/', 'here');
	const {lookup} = everywhereHere(['::1', '127.0.0.1']);
	const result = await rig(t, {lookup}).fetch(server.url('/', 'name.example'));
	assert.deepEqual([result.error, result.bytes], [null, 4]);
});

test('a host with no address that answers is refused as one, not as many', async t => {
	const server = await startServer(t);
	const {port} = server;
	await server.close();
	const {lookup} = everywhereHere(['::1', '127.0.0.1', '127.0.0.2']);
	const {error} = await rig(t, {lookup}).fetch(`http://name.example:${port}/`);
	assert.equal(error?.code, 'ECONNREFUSED');
});

test('the time for a connection includes the lookup of its name', async t => {
	const {error} = await rig(t, {lookup: () => {}, connectTimeout: 100}).fetch('http://name.example/');
	assert.deepEqual(error, {code: 'CONNECT_TIMEOUT', message: 'no connection in time'});
});
