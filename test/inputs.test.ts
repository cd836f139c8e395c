import assert from 'node:assert/strict';
import {chmod, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Readable} from 'node:stream';
import fc from 'fast-check';
import {openInputs, readList} from '../source/cli/inputs.ts';
import {UsageError} from '../source/cli/usage-error.ts';
import type {Input, InputItem} from '../source/engine/intake.ts';
import {folder, test} from './helpers/engine.ts';

const none = Readable.from([]);

async function all(input: Input): Promise<Array<InputItem | string>> {
	const items: Array<InputItem | string> = [];
	for await (const item of input) items.push(item);
	return items;
}

test('all URLs come in order: the arguments, then the lists as they are named', async t => {
	const dir = await folder(t);
	const [one, two] = [path.join(dir, 'one.txt'), path.join(dir, 'two.txt')];
	await writeFile(one, 'http://one/\n');
	await writeFile(two, 'http://two/\n');
	const stdin = Readable.from([Buffer.from('http://stdin/\n')]);
	assert.deepEqual(await all(await openInputs({urls: ['http://arg/'], files: [two, '-', one], stdin})), [
		'http://arg/',
		{url: 'http://two/', where: `${two}:1`},
		{url: 'http://stdin/', where: 'stdin:1'},
		{url: 'http://one/', where: `${one}:1`},
	]);
});

test('blank lines and comments are skipped and counted, and the last line needs no end', async t => {
	const file = path.join(await folder(t), 'list.txt');
	await writeFile(file, '\ufeff# a list\r\n\r\n  http://a/  \r\n#http://no/\n\t\nhttp://b/#kept');
	const items = await all(await openInputs({urls: [], files: [file], stdin: none}));
	assert.deepEqual(items, [
		{url: 'http://a/', where: `${file}:3`},
		{url: 'http://b/#kept', where: `${file}:6`},
	]);
});

test('a list that cannot be read is a usage error that names it, before anything starts', async t => {
	const dir = await folder(t);
	const missing = path.join(dir, 'missing.txt');
	await assert.rejects(openInputs({urls: [], files: [missing], stdin: none}), error => {
		assert.ok(error instanceof UsageError);
		assert.equal(error.message, `cannot read the list ${JSON.stringify(missing)}: no such file`);
		return true;
	});
	await assert.rejects(openInputs({urls: [], files: [dir], stdin: none}), /it is a folder/);
	if (process.getuid?.() === 0) return;
	const secret = path.join(dir, 'secret.txt');
	await writeFile(secret, '');
	await chmod(secret, 0);
	await assert.rejects(openInputs({urls: [], files: [secret], stdin: none}), /permission denied/);
});

test('stdin can be named only once', async () => {
	await assert.rejects(openInputs({urls: [], files: ['-', '-'], stdin: none}), UsageError);
});

test('a list is the same however its bytes are cut', async () => {
	const text = '# 新浪\nhttp://新浪.example/ä\r\n\nhttp://b/😀\nhttp://c/';
	const whole = Buffer.from(text);
	const expected = ['http://新浪.example/ä', 'http://b/😀', 'http://c/'];
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat({max: whole.length}), {maxLength: 8}), async cuts => {
			const edges = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
			const chunks = edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge));
			const items = await all(await openInputs({urls: [], files: ['-'], stdin: Readable.from(chunks)}));
			assert.deepEqual(
				items.map(item => (typeof item === 'string' ? item : item.url)),
				expected,
			);
		}),
	);
});

test('a list is read only as far as somebody asks', async () => {
	let read = 0;
	const text = async function* () {
		for (; ; read++) yield `http://example.org/${read}\n`;
	};
	const items = readList('endless', text());
	for (let count = 0; count < 3; count++) await items.next();
	await items.return(undefined);
	assert.ok(read <= 3, `${read} chunks were read for three lines`);
});

test('a file that is no list of lines is refused instead of read into memory', async () => {
	let read = 0;
	const text = async function* () {
		for (; read < 10_000; read++) yield 'x'.repeat(10_000);
	};
	await assert.rejects(all(readList('disk.img', text())), /disk\.img is no list of URLs/);
	assert.ok(read < 20);
});

test('a # after a blank begins a comment, a # in the URL is its fragment', async t => {
	const file = path.join(await folder(t), 'list.txt');
	await writeFile(file, 'http://a/1 # the first\nhttp://a/2#part\nhttp://a/3\t# third');
	const items = await all(await openInputs({urls: [], files: [file], stdin: none}));
	assert.deepEqual(
		items.map(item => (typeof item === 'string' ? item : item.url)),
		['http://a/1', 'http://a/2#part', 'http://a/3'],
	);
});
