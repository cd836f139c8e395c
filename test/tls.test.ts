import assert from 'node:assert/strict';
import {suite} from 'node:test';
import {failures} from '../source/engine/failure.ts';
import {rig, test} from './helpers/engine.ts';
import {startServer, startTcp} from './helpers/server.ts';
import {Authority, noOpenssl, startTls} from './helpers/tls.ts';

suite('TLS', {skip: noOpenssl}, () => {
	const authority = noOpenssl ? undefined : new Authority();
	if (!authority) return;
	const {root} = authority;
	const ca = root.cert;
	const page = (_request: unknown, response: {end(text: string): void}) => response.end('page');

	test('a certificate of an authority that is trusted is fine, for a name and for an address', async t => {
		const origin = await startTls(t, authority.issue(), page);
		const results = await rig(t, {ca}).run(`${origin}/`, `${origin.replace('127.0.0.1', 'localhost')}/`);
		assert.deepEqual(
			results.map(({error, bytes}) => [error, bytes]),
			[
				[null, 4],
				[null, 4],
			],
		);
	});

	test('how long TLS took is told where a connection was made for it, as a part of connecting', async t => {
		const origin = await startTls(t, authority.issue(), page);
		const plain = await startServer(t);
		plain.page('/plain');
		const [first, second, without] = await rig(t, {ca, concurrency: 1}).run(
			...[`${origin}/1`, `${origin}/2`, plain.url('/plain')],
		);
		const {connect = 0, tls = -1} = first?.timings ?? {};
		assert.ok(tls >= 0 && tls <= connect, `${tls} of ${connect} ms`);
		assert.equal('tls' in (second?.timings ?? {tls}), false, 'on the same connection');
		assert.equal('tls' in (without?.timings ?? {tls}), false);
	});

	const wrong = [
		['has expired', 'CERT_HAS_EXPIRED', {until: '20210101000000Z'}],
		['is not valid yet', 'CERT_NOT_YET_VALID', {from: '21250101000000Z'}],
		['is self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', {selfSigned: true}],
		['is for another host', 'ERR_TLS_CERT_ALTNAME_INVALID', {hosts: ['other.example', '127.0.0.2']}],
	] as const;
	for (const [what, code, wish] of wrong)
		test(`a certificate that ${what} fails the task as such, once, and passes with insecure`, async t => {
			let asked = 0;
			const origin = await startTls(t, authority.issue(wish), (_request, response) => {
				asked++;
				response.end('page');
			});
			const {error} = await rig(t, {ca, retries: 3}).fetch(`${origin}/`);
			assert.deepEqual(error, {code, message: failures[code]?.means});
			assert.equal(asked, 0, 'not a byte of the request has left');
			assert.equal((await rig(t, {ca, insecure: true}).fetch(`${origin}/`)).error, null);
		});

	test('a certificate of an unknown authority fails the task as such', async t => {
		const origin = await startTls(t, authority.issue(), page);
		const {error} = await rig(t).fetch(`${origin}/`);
		assert.match(error?.code ?? '', /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/);
		assert.match(error?.message ?? '', /^the certificate /);
	});

	test('an authority that is given replaces the usual ones', async t => {
		const other = new Authority();
		const origin = await startTls(t, authority.issue(), page);
		const {error} = await rig(t, {ca: other.root.cert}).fetch(`${origin}/`);
		assert.match(error?.message ?? '', /^the certificate /);
		assert.equal((await rig(t, {ca: `${other.root.cert}\n${ca}`}).fetch(`${origin}/`)).error, null);
	});

	test('a server with nothing but old TLS, or with no cipher in common, is told from one that is down', async t => {
		const ancient = {minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0'} as const;
		const old = await startTls(t, authority.issue(), page, ancient);
		const odd = await startTls(t, authority.issue(), page, {maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-SHA'});
		const results = await rig(t, {ca}).run(`${old}/`, `${odd}/`);
		assert.deepEqual(
			// Behind the meaning stands what OpenSSL calls it.
			results.map(({error}) => [error?.code, error?.message.split(':')[0]]),
			['TLS_VERSION', 'TLS_FAILED'].map(code => [code, failures[code]?.means]),
		);
	});

	test('TLS spoken to a port without it, and the other way round, are told apart from a broken server', async t => {
		const server = await startServer(t);
		const alert = await startTcp(t, socket => socket.end(Buffer.from([21, 3, 1, 0, 2, 2, 70])));
		const results = await rig(t, {ca}).run(server.url('/').replace('http:', 'https:'), `${alert}/`);
		assert.deepEqual(
			results.map(({error}) => [error?.code, error?.message]),
			[
				['ERR_SSL_WRONG_VERSION_NUMBER', 'the server does not speak TLS on this port'],
				['TLS_EXPECTED', 'the server speaks only TLS on this port'],
			],
		);
	});

	test('a redirect to a server that nobody can trust ends there', async t => {
		const bad = await startTls(t, authority.issue({until: '20210101000000Z'}), page);
		const good = await startTls(t, authority.issue(), (_request, response) => {
			response.writeHead(302, {location: `${bad}/`}).end();
		});
		const result = await rig(t, {ca}).fetch(`${good}/`);
		assert.equal(result.error?.code, 'CERT_HAS_EXPIRED');
	});
});
