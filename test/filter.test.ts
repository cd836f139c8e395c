import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {matcher} from '../source/dashboard/rows/filter.ts';
import {Story} from './helpers/store.ts';

const story = new Story().limits(8).run('running');
const sohu = story.fetched('http://news.sohu.com/a', 1000, '搜狐新闻 News');
const secret = story.queue('https://example.com/private');
story.connect(secret).fail(secret, 'HTTP_403');
const gone = story.queue('https://nowhere.example/');
story.connect(gone).fail(gone, 'ENOTFOUND');
const api = story.queue('https://api.example.com/items');
story.connect(api).wait(api, {code: 'HTTP_503', message: '503 Service Unavailable', retryable: true, status: 503});
const all = [sohu, secret, gone, api];

const found = (filter: string) => all.filter(id => matcher(filter)(story.task(id)));

suite('a filter', () => {
	const cases: ReadonlyArray<readonly [filter: string, found: readonly string[]]> = [
		['', all],
		['   ', all],
		['sohu', [sohu]],
		['SOHU', [sohu]],
		['搜狐', [sohu]],
		['news', [sohu]],
		['example', [secret, gone, api]],
		['example !api', [secret, gone]],
		['!example', [sohu]],
		['enotfound', [gone]],
		['no such host', [gone]],
		['state:failed', [secret, gone]],
		['!state:failed', [sohu, api]],
		['status:403', [secret]],
		['status:4', [secret]],
		['status:4xx', [secret]],
		['status:2xx', [sohu]],
		['status:5', [api]],
		['status:03', []],
		['host:example.com', [secret, api]],
		['error:503', [api]],
		['title:news', [sohu]],
		['url:/private', [secret]],
		['http://news.sohu.com/a', [sohu]],
		['constructor:x', []],
		['state:failed host:nowhere', [gone]],
	];
	for (const [filter, expected] of cases)
		test(`${JSON.stringify(filter)} finds ${expected.length} of ${all.length}`, () =>
			assert.deepEqual(found(filter), expected));

	test('sees a live task as it is now, not as it was when it was asked before', () => {
		const id = story.queue('https://later.example/');
		const matches = matcher('state:connecting');
		assert.equal(matcher('later connecting')(story.task(id)), false);
		assert.equal(matches(story.task(id)), false);
		story.connect(id);
		assert.equal(matches(story.task(id)), true);
		assert.equal(matcher('later connecting')(story.task(id)), true);
	});
});
