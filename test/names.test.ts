import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, unlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type {Head} from '../source/engine/seams.ts';
import {fileName, numbered, safeName} from '../source/storage/names.ts';
import {test} from './helpers/engine.ts';

const head = (url: string, disposition?: string): Head => ({
	url,
	redirects: [],
	status: 200,
	headers: disposition === undefined ? {} : {'content-disposition': disposition},
	timings: {connect: 0, firstByte: 0},
});

const part = fc.oneof(
	fc.string({unit: 'binary', maxLength: 8}),
	fc.constantFrom(
		'..',
		'/',
		'\\',
		'.',
		' ',
		'\u0000',
		'\u202e',
		'\ud800',
		'con',
		'NUL',
		'aux.txt',
		':',
		'*',
		'?',
		'"',
		'~',
		'-',
	),
	fc.constantFrom('新'.repeat(90), 'a'.repeat(260), '😀'.repeat(70), `x.${'e'.repeat(300)}`, '.tar.gz', ' .', '. '),
);
const wild = fc.array(part, {maxLength: 8}).map(parts => parts.join(''));

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

function assertSafe(name: string): void {
	assert.equal(path.basename(name), name, 'one segment');
	assert.equal(path.win32.basename(name), name, 'one segment, also on Windows');
	assert.ok(Buffer.byteLength(`${numbered(name, 9_999)}.part`) <= 255, `${Buffer.byteLength(name)} bytes`);
	assert.doesNotMatch(name, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069<>:"/\\|?*]/);
	assert.doesNotMatch(name, /^\./, 'a hidden file');
	assert.doesNotMatch(name, /[. ]$/, 'an ending that Windows drops');
	assert.doesNotMatch(name, reserved, 'a device');
}

test('any text becomes a name that is one safe segment, or nothing', () => {
	fc.assert(
		fc.property(wild, text => {
			const name = safeName(text);
			if (name !== '') assertSafe(name);
		}),
		{numRuns: 2_000},
	);
});

test('any answer gets a name that can be created inside the folder', t => {
	const dir = mkdtempSync(path.join(tmpdir(), 'fetchtop-'));
	t.after(() => rmSync(dir, {recursive: true}));
	const encoded = (text: string) => encodeURIComponent(text.toWellFormed());
	const answers = fc.oneof(
		wild.map(text => head(`http://example.org/${encoded(text)}`)),
		wild.map(text => head('http://example.org/', `attachment; filename="${text.replaceAll(/["\\\r\n]/g, '')}"`)),
		wild.map(text => head('http://example.org/', `attachment; filename*=UTF-8''${encoded(text)}`)),
		wild.map(text => head('http://example.org/x', text)),
	);
	fc.assert(
		fc.property(answers, answer => {
			const name = fileName(answer);
			assertSafe(name);
			const file = path.resolve(dir, name);
			assert.equal(path.dirname(file), dir);
			writeFileSync(file, '');
			unlinkSync(file);
		}),
		{numRuns: 1_000},
	);
});

test('a name comes from Content-Disposition, else from the URL, else it is index.html', () => {
	const cases: Array<[Head, string]> = [
		[head('http://example.org/a/b.txt?c=d#e'), 'b.txt'],
		[head('http://example.org/a/'), 'index.html'],
		[head('http://example.org'), 'index.html'],
		[head('http://example.org/%E6%96%B0%E6%B5%AA.html'), '新浪.html'],
		[head('http://example.org/100%'), '100%'],
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

test('a long name is cut between characters and keeps its ending', () => {
	const name = safeName(`${'新'.repeat(200)}.tar.gz`);
	assert.ok(name.endsWith('.gz'));
	assert.ok(name.isWellFormed());
	assert.ok(Buffer.byteLength(name) <= 240 && Buffer.byteLength(name) > 230);
});

test('what cutting or stripping leaves behind is as safe as any other name', () => {
	for (const text of [
		`${'a'.repeat(239)}. more`,
		`${'a'.repeat(239)} more`,
		'.con',
		'...nul',
		'. .',
		' . x',
		'',
		'/',
	]) {
		const name = safeName(text);
		if (name !== '') assertSafe(name);
	}
	assert.equal(safeName(''), '');
});

test('the number of a copy goes before the ending', () => {
	assert.deepEqual(
		[numbered('a.txt', 0), numbered('a.txt', 1), numbered('a', 2), numbered('a.tar.gz', 3)],
		['a.txt', 'a.1.txt', 'a.2', 'a.tar.3.gz'],
	);
});
