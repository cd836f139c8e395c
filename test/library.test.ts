import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {createEngine, type EngineOptions} from '../source/index.ts';

suite('the library refuses an option that makes no sense at once, by its name', () => {
	const cases: ReadonlyArray<readonly [options: object, told: RegExp]> = [
		[{concurrency: 0}, /concurrency must be a whole number from 1 to 512, not 0/],
		[{concurrency: 2.5}, /concurrency/],
		[{perHost: -1}, /perHost must be a whole number from 1 on, not -1/],
		[{rate: 0}, /rate must be a number above 0/],
		[{limitRate: Number.NaN}, /limitRate/],
		[{minSpeed: -1}, /minSpeed/],
		[{retries: '4'}, /retries/],
		[{connections: 17}, /connections must be a whole number from 1 to 16/],
		[{timeout: -1}, /timeout/],
		[{proxies: {http: 'http://proxy'}}, /parseProxy/],
		[{proxies: 'http://proxy'}, /parseProxy/],
		[{netrc: '.netrc'}, /readNetrc/],
		[{concurency: 4}, /no option "concurency"/],
	];
	for (const [options, told] of cases)
		test(JSON.stringify(options), () => {
			assert.throws(() => createEngine(options as EngineOptions), told);
		});

	test('and takes all that are documented', async () => {
		const options = {
			perHost: 2,
			rate: 10,
			limitRate: 1e6,
			minSpeed: 0,
			duplicates: true,
			titlesOnly: true,
			http2: true,
		};
		await createEngine({...options, maxSize: Number.POSITIVE_INFINITY, headers: [['a', 'b']], insecure: true}).close();
	});
});
