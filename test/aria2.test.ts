import assert from 'node:assert/strict';
import {suite} from 'node:test';
import fc from 'fast-check';
import {Entries} from '../source/cli/aria2.ts';
import type {InputItem} from '../source/engine/intake.ts';
import {templateProblem} from '../source/storage/template.ts';
import {test} from './helpers/engine.ts';

type Read = {items: InputItem[]; warnings: string[]};

/** What a list of these lines comes to. */
function read(...lines: string[]): Read {
	const warnings: string[] = [];
	const entries = new Entries('list.txt', (_what, message) => warnings.push(message));
	const items = [...lines.map(line => entries.take(line)), entries.end()];
	return {items: items.filter(item => item !== undefined), warnings};
}

/** The one task of a URL with these options, without its URL and line. */
function withOptions(...options: string[]): Omit<InputItem, 'url' | 'where'> {
	const {items, warnings} = read('http://a/x?y#z', ...options.map(option => `  ${option}`));
	assert.deepEqual(warnings, []);
	assert.equal(items.length, 1);
	const {url: _url, where: _where, ...rest} = items[0] as InputItem;
	return rest;
}

const hex = (length: number) => '0123456789abcdef'.repeat(8).slice(0, length);

const options: ReadonlyArray<readonly [option: string | string[], meaning: Omit<InputItem, 'url' | 'where'>]> = [
	['out=b.iso', {output: 'b.iso'}],
	['out = b c.iso # not a comment', {output: 'b c.iso # not a comment'}],
	['out=sub/./b.iso', {output: 'sub/b.iso'}],
	['out={name}.iso', {output: '{{name}}.iso'}],
	['out=a=b', {output: 'a=b'}],
	['out=', {}],
	['dir=sub', {output: 'sub/{name}{ext}'}],
	['dir=./sub//more/', {output: 'sub/more/{name}{ext}'}],
	['dir=.', {}],
	['dir={x}', {output: '{{x}}/{name}{ext}'}],
	[['dir=sub', 'out=b.iso'], {output: 'sub/b.iso'}],
	[['out=b.iso', 'dir=sub'], {output: 'sub/b.iso'}],
	[['out=a.iso', 'out=b.iso'], {output: 'b.iso'}],
	[`checksum=sha-256=${hex(64).toUpperCase()}`, {checksum: {algorithm: 'sha256', hex: hex(64)}}],
	[`checksum=sha-1=${hex(40)}`, {checksum: {algorithm: 'sha1', hex: hex(40)}}],
	[`checksum=sha-224=${hex(56)}`, {checksum: {algorithm: 'sha224', hex: hex(56)}}],
	[`checksum=sha-384=${hex(96)}`, {checksum: {algorithm: 'sha384', hex: hex(96)}}],
	[`checksum=sha-512=${hex(128)}`, {checksum: {algorithm: 'sha512', hex: hex(128)}}],
	[`checksum=md5=${hex(32)}`, {checksum: {algorithm: 'md5', hex: hex(32)}}],
	['header=X-A:  b: c ', {headers: [['X-A', 'b: c']]}],
	[
		['header=A: 1', 'header=B: 2', 'header=A: 3'],
		{
			headers: [
				['A', '1'],
				['B', '2'],
				['A', '3'],
			],
		},
	],
	['referer=http://b/', {headers: [['Referer', 'http://b/']]}],
	['referer=*', {headers: [['Referer', 'http://a/x?y']]}],
	['referer=', {}],
	['user-agent=Wget/1', {headers: [['User-Agent', 'Wget/1']]}],
	['split=4', {connections: 4}],
	['split=64', {connections: 16}],
	['max-connection-per-server=8', {connections: 8}],
	[['split=4', 'max-connection-per-server=2'], {connections: 2}],
	[['max-connection-per-server=2', 'split=4'], {connections: 2}],
	['pause=true', {paused: true}],
	['pause=false', {paused: false}],
];

suite('options of a URL', () => {
	for (const [given, meaning] of options) {
		const lines = [given].flat();
		test(`${lines.join(' and ')} means ${JSON.stringify(meaning)}`, () =>
			assert.deepEqual(withOptions(...lines), meaning));
	}

	const outside = templateProblem('../x') ?? '';
	const unnamed = templateProblem('x/') ?? '';
	for (const [option, why] of [
		['out=/etc/passwd', outside],
		['out=a\\b', outside],
		['dir=/', outside],
		['out=../b', outside],
		['out=a/../../b', outside],
		['out=..\\b', outside],
		['out=\\\\server\\share', outside],
		['out=C:\\b', outside],
		['out=..', outside],
		['out=a/', unnamed],
		['out=a/.', unnamed],
		['out=a.part', templateProblem('a.part') ?? ''],
		['out=a\x1bb', 'it must not hold control characters'],
		['dir=/iso', outside],
		['dir=a/..', outside],
		['checksum=sha-256=abc', 'it must have as many hex digits as sha256 has, and not 3'],
		['header=Authorization secret', "it must read 'Name: value'"],
		['header=A: b\x01', 'a header value may not hold control characters or characters beyond Latin-1'],
		['user-agent=新浪', 'a header value may not hold control characters or characters beyond Latin-1'],
		['split=0', 'it must be a whole number from 1 on'],
		['split=many', 'it must be a whole number from 1 on'],
		['max-connection-per-server=-1', 'it must be a whole number from 1 on'],
		['pause=yes', "it must be 'true' or 'false'"],
	] as ReadonlyArray<readonly [string, string]>) {
		const name = option.slice(0, option.indexOf('='));
		test(`${JSON.stringify(option)} is a problem of its task alone: ${why}`, () => {
			const {items} = read('http://a/', ` ${option}`, ' referer=http://r/', 'http://b/');
			assert.deepEqual(items, [
				{url: 'http://a/', where: 'list.txt:1', problem: `the option '${name}' is invalid: ${why}`},
				{url: 'http://b/', where: 'list.txt:4'},
			]);
		});
	}

	test('no path of a list leads out of the folder, and none has braces that a template would take for its own', () => {
		const piece = fc.constantFrom('..', '.', '/', '\\', 'a', '{', '}', '{name}', 'c:', ' ', '~', '');
		const path = fc.array(piece, {maxLength: 6}).map(pieces => pieces.join(''));
		fc.assert(
			fc.property(path, path, (dir, out) => {
				const {output, problem} = withOptions(`dir=${dir}`, `out=${out}`);
				if (problem !== undefined || output === undefined) return;
				assert.equal(templateProblem(output), undefined);
				assert.doesNotMatch(output, /^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)/i);
				const known = output.replace(/\/\{name\}\{ext\}$/, '').replace(/\{\{|\}\}/g, '');
				assert.doesNotMatch(known, /[{}]/);
			}),
		);
		assert.match(withOptions('out=./c:').problem ?? '', /must stay in the folder/);
	});

	test('the value of a header that is wrong is not repeated, for it may be a secret', () => {
		assert.doesNotMatch(withOptions('header=Authorization hunter2').problem ?? '', /hunter2/);
	});

	test('more headers than any task has are a problem, and are not all kept', () => {
		const {problem} = withOptions(...Array.from({length: 1000}, (_, index) => `header=X-${index}: y`));
		assert.match(problem ?? '', /more than 100 times/);
	});
});

suite('lines', () => {
	test("aria2's own example is read as its manual says", () => {
		const {items, warnings} = read(
			'http://server/file.iso\thttp://mirror/file.iso',
			'  dir=iso_images',
			'  out=file.img',
			'http://foo/bar',
		);
		assert.deepEqual(items, [
			{
				url: 'http://server/file.iso',
				where: 'list.txt:1',
				mirrors: ['http://mirror/file.iso'],
				output: 'iso_images/file.img',
			},
			{url: 'http://foo/bar', where: 'list.txt:4'},
		]);
		assert.deepEqual(warnings, []);
	});

	test('blank lines and comments may stand between a URL and its options', () => {
		const {items} = read('http://a/\r', '\r', '# why', '  # why', '\tout=b\r', '', '  split=2\r');
		assert.deepEqual(items, [{url: 'http://a/', where: 'list.txt:1', output: 'b', connections: 2}]);
	});

	test('an indented URL is a URL, also one with = in it', () => {
		const {items, warnings} = read('http://a/', '  http://b/?out=x', '\thttps://c/#a=b', ' not a URL=x');
		assert.deepEqual(
			items.map(({url}) => url),
			['http://a/', 'http://b/?out=x', 'https://c/#a=b', 'not a URL=x'],
		);
		assert.deepEqual(warnings, []);
	});

	test('the first http(s) URL of a line leads, the other ones are mirrors, and what is none is left out and told', () => {
		const {items, warnings} = read('ftp://me:secret@a/\thttp://b/\t\t https://c/ \thello\t# rest');
		assert.deepEqual(items, [{url: 'http://b/', where: 'list.txt:1', mirrors: ['https://c/']}]);
		assert.deepEqual(warnings, [
			`list.txt:1: "ftp://a/" is not an http(s) URL, and the line's other URLs are used without it`,
		]);
	});

	test('a line without any http(s) URL stays one bad line', () => {
		const {items, warnings} = read('name\tsize', '  out=x');
		assert.deepEqual(items, [{url: 'name\tsize', where: 'list.txt:1', output: 'x'}]);
		assert.deepEqual(warnings, []);
	});

	test('the TAB that aria2 ends its own lines with is no mirror', () => {
		assert.deepEqual(read('http://a/\t').items, [{url: 'http://a/', where: 'list.txt:1'}]);
	});

	test('an option before any URL and an option that is not known have no effect, and are told', () => {
		const {items, warnings} = read('  out=x', 'http://a/', ' gid=1', ' constructor=1');
		assert.deepEqual(items, [{url: 'http://a/', where: 'list.txt:2'}]);
		assert.deepEqual(warnings, [
			"list.txt:1: the option 'out' stands before any URL and has no effect",
			"list.txt:3: the option 'gid' is not known here and has no effect",
			"list.txt:4: the option 'constructor' is not known here and has no effect",
		]);
	});

	test('an option that comes when its task has begun has no effect, and is told', () => {
		const warnings: string[] = [];
		const entries = new Entries('stdin', (_what, message) => warnings.push(message));
		assert.equal(entries.take('http://a/'), undefined);
		assert.deepEqual(entries.end(), {url: 'http://a/', where: 'stdin:1'});
		assert.equal(entries.take('  out=x'), undefined);
		assert.equal(entries.end(), undefined);
		assert.deepEqual(warnings, [
			"stdin:2: the option 'out' came so late that its URL had begun without it, and has no effect",
		]);
	});
});
