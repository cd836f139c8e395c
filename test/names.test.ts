import assert from 'node:assert/strict';
import type {Head} from '../source/engine/seams.ts';
import {extension, fileName, numbered, safeName} from '../source/storage/names.ts';
import {test} from './helpers/engine.ts';

const head = (url: string, disposition?: string, contentType?: string): Head => ({
	url,
	redirects: [],
	status: 200,
	headers: disposition === undefined ? {} : {'content-disposition': disposition},
	...(contentType && {contentType}),
	timings: {connect: 0, firstByte: 0},
});

test('a name comes from Content-Disposition, else from the URL, else it is index.html', () => {
	const cases: Array<[Head, string]> = [
		[head('http://example.org/a/b.txt?c=d#e'), 'b.txt'],
		[head('http://example.org/a/'), 'index.html'],
		[head('http://example.org'), 'index.html'],
		[head('http://example.org/%E6%96%B0%E6%B5%AA.html'), '新浪.html'],
		[head('http://example.org/100%'), '100%'],
		[head('http://example.org/100%25%20%E9'), '100%25%20%E9'],
		[head('http://example.org/%2e%2e%2fpasswd'), 'passwd'],
		[head('http://example.org/x', 'attachment; filename="given.pdf"'), 'given.pdf'],
		[head('http://example.org/x', "attachment; filename=a.txt; filename*=UTF-8''%E2%82%AC.txt"), '€.txt'],
		[head('http://example.org/x', Buffer.from('attachment; filename="€.txt"').toString('latin1')), '€.txt'],
		[head('http://example.org/x', 'attachment; filename="../../up.txt"'), 'up.txt'],
		[head('http://example.org/x', 'attachment; filename="/etc/cron.d/evil"'), 'evil'],
		[head('http://example.org/x', 'attachment; filename=".bashrc"'), 'bashrc'],
		[head('http://example.org/x', 'inline'), 'x'],
		[head('http://example.org/x', ';;;=broken'), 'x'],
		[head('http://example.org/x', 'attachment; filename=".."'), 'index.html'],
	];
	for (const [given, expected] of cases) assert.equal(fileName(given), expected, JSON.stringify(given));
});

test('a name without an extension gets the one of its media type, if that says anything', () => {
	const cases: Array<[path: string, contentType: string, name: string]> = [
		['page', 'text/html', 'page.html'],
		['v1.2', 'text/html', 'v1.2.html'],
		['2024.05.17', 'application/pdf', '2024.05.17.pdf'],
		['page.php', 'text/html', 'page.php'],
		['a.tar.gz', 'application/gzip', 'a.tar.gz'],
		['feed', 'application/atom+xml', 'feed.xml'],
		['users', 'application/vnd.api+json', 'users.json'],
		['logo', 'image/svg+xml', 'logo.svg'],
		['LICENSE', 'text/plain', 'LICENSE'],
		['blob', 'application/octet-stream', 'blob'],
		['what', 'text/constructor', 'what'],
		['', 'application/json', 'index.json'],
		['', 'text/plain', 'index.html'],
		['a'.repeat(240), 'text/html', `${'a'.repeat(233)}.html`],
	];
	for (const [path, contentType, name] of cases)
		assert.equal(fileName(head(`http://example.org/${path}`, undefined, contentType)), name);
	assert.equal(fileName(head('http://example.org/x', 'inline; filename=report', 'application/pdf')), 'report.pdf');
});

test('an extension is letters and digits behind the last dot, and not digits alone', () => {
	const cases = {
		'a.txt': '.txt',
		'a.tar.gz': '.gz',
		'a.mp3': '.mp3',
		'a.7z': '.7z',
		'v1.2': '',
		'a.b/c': '',
		'.config': '',
		'a/.config': '',
		'a.': '',
		'a. b': '',
		'a.ninechars': '',
		'a.新': '',
	};
	assert.deepEqual(Object.fromEntries(Object.keys(cases).map(name => [name, extension(name)])), cases);
});

test('a name is the same and usable on Linux, macOS and Windows', () => {
	const cases: Array<[text: string, name: string]> = [
		['a:b<c>"d"|e?f*', 'a_b_c__d__e_f_'],
		['..\\..\\a.txt', 'a.txt'],
		['C:\\boot.ini', 'boot.ini'],
		['boot.ini::$DATA', 'boot.ini__$DATA'],
		['con', 'con_'],
		['con.txt', 'con_.txt'],
		['AUX.h.gz', 'AUX_.h.gz'],
		['con .txt', 'con_ .txt'],
		['con ', 'con_'],
		['nul.', 'nul_'],
		['com¹', 'com¹_'],
		['LPT0.x', 'LPT0_.x'],
		['conin$', 'conin$_'],
		['com10', 'com10'],
		['console.log', 'console.log'],
		['.fetchtop.ndjson', 'fetchtop.ndjson'],
		[' . a . ', 'a'],
		['\u3000a\u00a0', 'a'],
		['x.part', 'x.part_'],
		['x.BAD. ', 'x.BAD_'],
		['a\u0308', 'ä'],
		['a\u200b\u0308', 'ä'],
		['gpj\u202e.\u2066exe', 'gpj.exe'],
		['a\u0000b\ud800c\uffff', 'abc'],
		['a\tb\r\nc', 'a b c'],
		['\u200b.\ufeff', ''],
		['', ''],
		['/', ''],
		['.. ..', ''],
	];
	for (const [text, name] of cases) assert.equal(safeName(text), name, JSON.stringify(text));
});

test('a long name is cut between characters and keeps its ending', () => {
	const name = safeName(`${'新'.repeat(200)}.tar.gz`);
	assert.ok(name.endsWith('.gz'));
	assert.ok(name.isWellFormed());
	assert.ok(Buffer.byteLength(name) <= 240 && Buffer.byteLength(name) > 230);
	assert.match(safeName('👍🏽'.repeat(99)), /^(👍🏽)+$/u);
	assert.match(safeName('e\u0323\u0301'.repeat(99)), /^(ẹ\u0301)+$/u);
});

test('the number of a copy goes before the ending', () => {
	assert.deepEqual(
		[numbered('a.txt', 0), numbered('a.txt', 1), numbered('a', 2), numbered('a.tar.gz', 3), numbered('v1.2', 4)],
		['a.txt', 'a.1.txt', 'a.2', 'a.tar.3.gz', 'v1.2.4'],
	);
	assert.deepEqual(
		[numbered('a.b/c.txt', 1), numbered('a.b/c', 2), numbered('a/.config', 3), numbered('.config', 4)],
		['a.b/c.1.txt', 'a.b/c.2', 'a/.config.3', '.config.4'],
	);
	assert.equal(numbered(`a/${'b'.repeat(251)}.txt`, 12), `a/${'b'.repeat(243)}.12.txt`);
});
