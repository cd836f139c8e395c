import assert from 'node:assert/strict';
import {suite} from 'node:test';
import type {Head} from '../source/engine/seams.ts';
import {expandTemplate, isTemplate, templateProblem} from '../source/storage/template.ts';
import {test} from './helpers/engine.ts';

const standard = 'http://example.org:8080/a/b%20c/page?q=x%2fy&z#f';

const head = (url: string): Head => ({
	url,
	redirects: [],
	status: 200,
	headers: {'content-disposition': 'attachment; filename="given.tar.gz"'},
	contentType: 'text/html',
	timings: {connect: 0, firstByte: 0},
});

const expand = (template: string, url = standard) => expandTemplate(template, {head: head(url), number: 7});

suite('a template', () => {
	const expansions: ReadonlyArray<readonly [template: string, path: string, url?: string]> = [
		['{host}/{path}', 'example.org_8080/a/b c/page.html'],
		['{host}', 'example.org', 'https://example.org:443/'],
		['{host}', '[__1]_81', 'http://[::1]:81/'],
		['{host}', '_', 'data:,x'],
		['{path}', 'index.html', 'http://example.org'],
		['{path}', 'a/index.html', 'http://example.org//a//'],
		['{path}', '_/up/_/c.html', 'http://example.org/%00/..%2fup/..%2f/x%2fc'],
		['{query}.txt', 'q=x_y_z.txt'],
		['x{query}.txt', 'x.txt', 'http://example.org/'],
		['{query}/x', '_/x', 'http://example.org/'],
		['{index}-{index:4}{ext}', '7-0007.gz'],
		['{name}~{file}', 'given.tar~given.tar.gz'],
		['out/{name}{ext}', 'out/given.tar.gz'],
		['./out//{file}', 'out/given.tar.gz'],
		['.hidden/{ext}', '.hidden/gz'],
		['.{name}', 'given.tar'],
		['{{{index}}}', '{7}'],
		['{{index}}', '{index}'],
		['con/{index}/aux.{index}', 'con/7/aux_.7'],
		['.config', '.config'],
		['ab: c?', 'ab: c?'],
	];
	for (const [template, path, url] of expansions) {
		test(`${JSON.stringify(template)} makes ${path}${url ? ` of ${url}` : ''}`, () => {
			assert.equal(templateProblem(template), undefined);
			assert.equal(expand(template, url), path);
		});
	}

	const refusals: Readonly<Record<string, readonly string[]>> = {
		'must not be empty': [''],
		'must not hold control characters': ['a\0b', 'a\nb'],
		'must stay in the folder': [
			'/a',
			'..',
			'../{name}',
			'a/../b',
			'a/..',
			'.. ',
			'a/... /b',
			'C:\\a',
			'c:a',
			'a\\b',
			'\\\\server\\a',
		],
		'must end in a file name': ['a/', '.', './', '{host}/', '{host}/.'],
		'must have in braces only': [
			'{',
			'}',
			'{}',
			'a{name',
			'{nme}',
			'{NAME}',
			'{{name}',
			'{name:2}',
			'{index:}',
			'{a/b}',
		],
		'must not be a name of fetchtop itself': ['a.part', '{name}.BAD', '.fetchtop.ndjson', 'a/.fetchtop'],
		'must have names of at most 240 bytes': ['a'.repeat(241), `${'新'.repeat(81)}/a`],
	};
	for (const [sentence, templates] of Object.entries(refusals)) {
		test(`${sentence}`, () => {
			for (const template of templates)
				assert.ok(templateProblem(template)?.startsWith(`it ${sentence}`), JSON.stringify(template));
		});
	}

	test('is a text with a placeholder', () => {
		assert.deepEqual(['{name}', 'a{index:2}', 'name', '{{name}}', '{', ''].filter(isTemplate), [
			'{name}',
			'a{index:2}',
		]);
	});

	test('leads no deeper than file systems allow, and keeps the rest in the name', () => {
		const deep = expand('{path}', `http://example.org/${'a/'.repeat(40)}b.txt`);
		assert.equal(deep, `${'a/'.repeat(31)}${'a_'.repeat(9)}b.txt`);
		const long = expand('{path}', `http://example.org/${`${'a'.repeat(200)}/`.repeat(9)}b.txt`);
		assert.ok(Buffer.byteLength(long) <= 760 && long.endsWith('.txt'));
	});
});
