import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {suite} from 'node:test';
import {request} from 'undici';
import {dispositionName} from '../source/storage/disposition.ts';
import vectors from './fixtures/content-disposition.json' with {type: 'json'};
import {test} from './helpers/engine.ts';

/**
 * A name in `filename*` without a charset, or with quotes around it. Chromium takes none of these, Mozilla takes all (its
 * `''foo`, `foo-%41.html` and `"utf-8''%41"` are among the vectors): so both cannot be right, and a name is better than none.
 */
const disputed = new Map([
	['attachment; filename*=foo.html', 'foo.html'],
	["attachment; filename*=''foo.html", 'foo.html'],
	["attachment; filename*='en'foo.html", 'foo.html'],
	["attachment; filename*=''foo-%c3%a4-%e2%82%ac.html", 'foo-ä-€.html'],
	['attachment; filename*="UTF-8\'\'foo-%c3%a4.html"', 'foo-ä.html'],
]);

suite('the name in a Content-Disposition header', () => {
	for (const [header, expected] of Object.entries(vectors)) {
		if (disputed.has(header)) continue;
		test(`is what browsers read in ${JSON.stringify(header)}`, () => {
			for (const name of Object.values(expected)) assert.equal(dispositionName(header) ?? '', name);
		});
	}

	for (const [header, name] of disputed) {
		test(`is what Mozilla, and not Chromium, would read in ${JSON.stringify(header)}`, () => {
			assert.deepEqual((vectors as Record<string, object>)[header], {chromium: ''});
			assert.equal(dispositionName(header), name);
		});
	}

	const table: ReadonlyArray<readonly [header: string, name: string | undefined]> = [
		['attachment; filename="a.txt", attachment; filename="b.txt"', 'a.txt'],
		['attachment; filename=a.txt, attachment; filename=b.txt', 'a.txt'],
		['attachment; filename==?utf-8?B?w6Q=?= =?UTF-8?b?4oKs?=', 'ä€'],
		['attachment; filename="=?iso-2022-jp?B?GyRCN10bKEIucG5n?="', '芸.png'],
		['attachment; filename="=?utf-8*en?Q?a_b?="', 'a b'],
		['attachment; filename="=?bogus?Q?a?="', '=?bogus?Q?a?='],
		['attachment; filename="caf\xe9 \x80.png"', 'café €.png'],
		['attachment; filename=voil\xc3\xa0 ; size=1', 'voilà'],
		['attachment; filename="caf%E9.png"', 'caf%E9.png'],
		['attachment; filename="100%-%41.txt"', '100%-A.txt'],
		["attachment; filename*=UTF-8''\xc3\xa4.txt", 'ä.txt'],
		["attachment; filename*=bogus''x; filename=fallback", 'fallback'],
		["attachment; filename*=''; filename=fallback", 'fallback'],
		['attachment; filename="a\\', 'a\\'],
		['', undefined],
		[';;;=broken', undefined],
	];
	for (const [header, name] of table) {
		test(`of ${JSON.stringify(header)} is ${JSON.stringify(name)}`, () => {
			assert.equal(dispositionName(header), name);
		});
	}

	test('is read from what a client is given for raw UTF-8 and raw Latin-1', async t => {
		const names = [Buffer.from('é€.txt'), Buffer.from('é.txt', 'latin1')];
		const server = createServer(({url = ''}, response) => {
			const name = names[Number(url.slice(1))]?.toString('latin1');
			response.setHeader('content-disposition', `attachment; filename="${name}"`).end();
		});
		await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
		t.after(() => server.close());
		const read = async (path: string) => {
			const {headers, body} = await request(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
			await body.dump();
			return dispositionName(String(headers['content-disposition']));
		};
		assert.deepEqual([await read('/0'), await read('/1')], ['é€.txt', 'é.txt']);
	});

	test('is found or given up in no time, however the header is made', () => {
		const runs = [
			'"',
			'\\',
			'\\"',
			'"\\',
			'a ',
			' ',
			'=?',
			'=?a*',
			'?= ',
			'a=b;',
			', attachment',
			',    ',
			"'",
			'%e4',
			';',
		];
		// Of this process, not of the clock on the wall: others may be at work.
		const before = process.cpuUsage();
		for (const run of runs)
			for (const start of ['', 'filename=', 'filename="', 'attachment; filename*=']) {
				dispositionName(`${start}${run.repeat(16_384 / run.length)}`);
				dispositionName(`${start}${run.repeat(16_384 / run.length)}x`);
			}
		const {user, system} = process.cpuUsage(before);
		assert.ok(user + system < 1_000_000, `${user + system} µs`);
	});
});
