import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {TestContext} from 'node:test';
import fc from 'fast-check';
import type {Head} from '../source/engine/seams.ts';
import {fileName, numbered, safeName} from '../source/storage/names.ts';
import {expandTemplate, isTemplate, templateProblem} from '../source/storage/template.ts';
import {test} from './helpers/engine.ts';

/** Texts made of what breaks names. */
const part = fc.oneof(
	fc.string({unit: 'binary', maxLength: 8}),
	fc.string({unit: 'grapheme', maxLength: 8}),
	fc.constantFrom('..', '/', '\\', '.', ' ', '~', '-', ':', '*', '?', '"', '%', '%2f', '%00', '%2e%2e%2f', '%5c', 'C:'),
	fc.constantFrom('\0', '\u202e', '\u2066', '\u200b', '\ufeff', '\ud800', '\udc00', '\uffff', '\u0338', '\u3164'),
	fc.constantFrom(
		'con',
		'NUL',
		'aux.txt',
		'com¹',
		'CONIN$',
		'.part',
		'.bad',
		'.fetchtop.ndjson',
		'.tar.gz',
		' .',
		'. ',
	),
	fc.constantFrom('新'.repeat(90), 'a'.repeat(260), '👩‍👩‍👧'.repeat(40), '👍🏽'.repeat(40), `x.${'e'.repeat(300)}`),
	fc.constantFrom('e'.concat('\u0301'.repeat(300)), 'é'.normalize('NFD').repeat(99), ' '.repeat(300), 'a/'.repeat(50)),
);
const wild = fc.array(part, {maxLength: 8}).map(parts => parts.join(''));

const urls = fc
	.oneof(
		wild.map(text => `http://example.org/${text}`),
		wild.map(text => `http://example.org/a/${encodeURIComponent(text.toWellFormed())}?${text}`),
		fc.tuple(wild, wild).map(([folder, query]) => `https://[::1]:81/${folder}/?${query}`),
	)
	.map(url => new URL(url).href);

const dispositions = fc.oneof(
	wild,
	wild.map(text => `attachment; filename="${text}"`),
	wild.map(text => `attachment; filename=${Buffer.from(text).toString('latin1')}`),
	wild.map(text => `attachment; filename*=UTF-8''${encodeURIComponent(text.toWellFormed())}`),
	wild.map(text => `attachment; filename="=?utf-8?B?${Buffer.from(text).toString('base64')}?="`),
);

const heads: fc.Arbitrary<Head> = fc.record({
	url: urls,
	redirects: fc.constant([]),
	status: fc.constant(200),
	headers: fc.oneof(fc.constant({}), fc.record({'content-disposition': dispositions})),
	contentType: fc.constantFrom('text/html', 'application/x+json', 'application/octet-stream', '', 'x'),
	timings: fc.constant({connect: 0, firstByte: 0}),
});

const templates = fc
	.array(
		fc.oneof(
			{weight: 3, arbitrary: fc.constantFrom('{host}', '{path}', '{query}', '{index:3}', '{name}', '{ext}', '{file}')},
			{weight: 2, arbitrary: fc.constantFrom('/', '/', '-', 'out', '.', '..', '{{', '}}')},
			part,
		),
		{minLength: 1, maxLength: 6},
	)
	.map(parts => parts.join(''))
	.filter(template => templateProblem(template) === undefined);

const counts = fc.integer({min: 0, max: 99_999});

const device = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(\.|$)/i;
const unwanted =
	/[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u202a-\u202e\u2066-\u2069<>:"/\\|?*]|^[.\s]|[.\s]$|\.(part|bad)$/iu;

function assertSafe(name: string): void {
	assert.equal(path.basename(name), name, 'one segment');
	assert.equal(path.win32.basename(name), name, 'one segment, also on Windows');
	assert.ok(name !== '' && Buffer.byteLength(name) <= 240, `${Buffer.byteLength(name)} bytes`);
	assert.doesNotMatch(name, unwanted);
	assert.doesNotMatch(name, device);
	assert.equal(name.normalize('NFC'), name);
	assert.equal(safeName(name), name, 'what is safe stays as it is');
}

/** The file is below the folder by both systems' rules, and can really be made, with `.part` behind it. */
function assertInside(dir: string, file: string): void {
	for (const {resolve, sep} of [path.posix, path.win32]) {
		const below = resolve('/folder', file).startsWith(resolve('/folder') + sep);
		assert.ok(below, JSON.stringify(file));
	}
	for (const segment of `${file}.part`.split('/'))
		assert.ok(segment !== '' && Buffer.byteLength(segment) <= 255, JSON.stringify(file));
	const inner = mkdtempSync(path.join(dir, 'x'));
	mkdirSync(path.dirname(path.join(inner, file)), {recursive: true});
	writeFileSync(path.join(inner, `${file}.part`), '', {flag: 'wx'});
}

function folder(t: TestContext): string {
	const dir = mkdtempSync(path.join(tmpdir(), 'fetchtop-'));
	t.after(() => rmSync(dir, {recursive: true}));
	return dir;
}

test('any text becomes a name that is one safe segment, or nothing', () => {
	fc.assert(
		fc.property(wild, text => {
			const name = safeName(text);
			if (name !== '') assertSafe(name);
		}),
		{numRuns: 1_000},
	);
});

test('any answer gets a name that can be created inside the folder, numbered or not', t => {
	const dir = folder(t);
	fc.assert(
		fc.property(heads, counts, (head, count) => {
			assertSafe(fileName(head));
			assertInside(dir, numbered(fileName(head), count));
		}),
		{numRuns: 400},
	);
});

test('any template makes of any answer a path that can be created inside the folder, numbered or not', t => {
	const dir = folder(t);
	fc.assert(
		fc.property(templates, heads, counts, (template, head, count) => {
			const file = expandTemplate(template, {head, number: 12});
			if (template.split('/').every(isTemplate)) file.split('/').forEach(assertSafe);
			assertInside(dir, numbered(file, count));
		}),
		{numRuns: 400},
	);
});

test('no two copies of a file have the same name', () => {
	fc.assert(
		fc.property(templates, heads, fc.uniqueArray(counts, {minLength: 2}), (template, head, some) => {
			const file = expandTemplate(template, {head, number: 1});
			assert.equal(new Set(some.map(count => numbered(file, count))).size, some.length);
		}),
		{numRuns: 200},
	);
});

/** Names to which little or nothing has to be done, and those that only look so. */
const plainish = fc
	.array(
		fc.oneof(
			fc.constantFrom('a', 'B', '7', '_', '-', '.', '..', 'con', 'NUL', 'com1', 'lpt', '.part', '.Bad', '.tar', '.gz'),
			fc.constantFrom('.7z', '.123', '.1a', '.html', '.abcdefgh', '.abcdefghi', 'aux.', 'é', '%41', '~', '$', ' '),
			fc.constantFrom('x'.repeat(60), '/', '//', ':'),
		),
		{maxLength: 8},
	)
	.map(parts => parts.join(''));

test('a name to which nothing has to be done is what all the rules together would make of it', () => {
	const contentTypes = fc.constantFrom('text/html', 'application/x+json', 'application/octet-stream', '');
	const bases = fc.constantFrom('http://example.org/', 'https://h/a/', 'http://[::1]:81/');
	fc.assert(
		fc.property(bases, fc.oneof(plainish, wild), contentTypes, (base, text, contentType) => {
			const {href} = new URL(base + text.replace(/[?#]/g, ''));
			const head: Head = {
				url: href,
				redirects: [],
				status: 200,
				headers: {},
				contentType,
				timings: {connect: 0, firstByte: 0},
			};
			// With a query, if an empty one, it goes the long way.
			assert.equal(fileName(head), fileName({...head, url: `${href}?`}));
		}),
		{numRuns: 5_000},
	);
});
