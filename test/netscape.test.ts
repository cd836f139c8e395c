import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {type FiledCookie, formatCookies, parseCookies} from '../source/transport/netscape.ts';

const plain: FiledCookie = {
	domain: 'example.com',
	hostOnly: true,
	path: '/',
	secure: false,
	httpOnly: false,
	expires: 0,
	name: 'a',
	value: '1',
};

suite('Netscape cookie files', () => {
	const lines: ReadonlyArray<readonly [line: string, cookie: FiledCookie]> = [
		['example.com\tFALSE\t/\tFALSE\t0\ta\t1', plain],
		[
			'.Example.COM\tTRUE\t/x\tTRUE\t1999999999\ta\t1',
			{...plain, hostOnly: false, path: '/x', secure: true, expires: 1999999999},
		],
		['#HttpOnly_example.com\tFALSE\t/\tFALSE\t0\ta\t1', {...plain, httpOnly: true}],
		['example.com\tFALSE\t/\tFALSE\t0\ta\t', {...plain, value: ''}],
		['example.com\tFALSE\t/\tFALSE\t0\ta', {...plain, value: ''}],
		['example.com\tFALSE\t/\tFALSE\t0\ta\tx=y z\r', {...plain, value: 'x=y z'}],
		['127.0.0.1\tfalse\t/\tfalse\t12.5\ta\t1', {...plain, domain: '127.0.0.1', expires: 12}],
		['localhost\tFALSE\t/\tFALSE\t0\ta\tp\u00c3\u00a4ss', {...plain, domain: 'localhost', value: 'p\u00c3\u00a4ss'}],
	];
	for (const [line, cookie] of lines)
		test(`${JSON.stringify(line)} is a cookie`, () => assert.deepEqual(parseCookies(line), [cookie]));

	test('comments and blank lines are passed over', () => {
		assert.deepEqual(parseCookies('# Netscape HTTP Cookie File\n\n  \n#a\tb\n'), []);
	});

	for (const line of [
		'example.com',
		'a=1; b=2',
		'example.com\tFALSE\t/\tFALSE\t0',
		'example.com\tmaybe\t/\tFALSE\t0\ta\t1',
		'example.com\tFALSE\tx\tFALSE\t0\ta\t1',
		'example.com\tFALSE\t/\tFALSE\tsoon\ta\t1',
		'example.com\tFALSE\t/\tFALSE\t0\ta\t1; b=2',
		'example.com\tFALSE\t/\tFALSE\t0\ta\t1\t2',
		'example.com\tFALSE\t/\tFALSE\t0\ta b\t1',
		'\tFALSE\t/\tFALSE\t0\ta\t1',
	])
		test(`${JSON.stringify(line)} is none: its line is named, and nothing of what is in it`, () => {
			assert.throws(() => parseCookies(`# first\n${line}\n`), {message: "line 2 is no cookie of Netscape's format"});
		});

	test('what is written is read again as it was', () => {
		const cookies = lines.map(([, cookie]) => cookie);
		const text = formatCookies(cookies);
		assert.deepEqual(parseCookies(text), cookies);
		assert.match(text, /^# Netscape HTTP Cookie File\n/, 'what curl looks for');
	});

	test('a cookie that has no place in a line is left out rather than torn apart', () => {
		assert.deepEqual(parseCookies(formatCookies([{...plain, value: 'a\tb'}, plain])), [plain]);
	});
});
