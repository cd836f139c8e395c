import assert from 'node:assert/strict';
import {chmod, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {PassThrough, Readable} from 'node:stream';
import type {TestContext} from 'node:test';
import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {openInputs, readList} from '../source/cli/inputs.ts';
import {UsageError} from '../source/cli/usage-error.ts';
import type {Input, InputItem} from '../source/engine/intake.ts';
import {folder, TestClock, test} from './helpers/engine.ts';
import {Gate} from './helpers/server.ts';

const none = Readable.from([]);

async function all(input: Input): Promise<Array<InputItem | string>> {
	const items: Array<InputItem | string> = [];
	for await (const item of input) items.push(item);
	return items;
}

/** What a list of these bytes comes to. */
async function read(t: TestContext, bytes: string | Uint8Array, warn?: (message: string) => void) {
	const file = path.join(await folder(t), 'list.txt');
	await writeFile(file, bytes);
	const items = await all(await openInputs({urls: [], files: [file], stdin: none, ...(warn && {warn})}));
	return items.map(item => (typeof item === 'string' ? item : {...item, where: item.where?.replace(file, 'list.txt')}));
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

test('a list is the same however its bytes are cut, packed or not, in UTF-8 or UTF-16', async () => {
	const text = '# 新浪\nhttp://新浪.example/ä\r\n\nhttp://b/😀\thttp://m/\n  out=😀.txt\nhttp://c/';
	const expected = [
		{url: 'http://新浪.example/ä', where: 'stdin:2'},
		{url: 'http://b/😀', where: 'stdin:4', mirrors: ['http://m/'], output: '😀.txt'},
		{url: 'http://c/', where: 'stdin:6'},
	];
	const little = Buffer.from(`\ufeff${text}`, 'utf16le');
	const encodings = [Buffer.from(text), Buffer.from(`\ufeff${text}`), little, Buffer.from(little).swap16()];
	const bytes = fc.constantFrom(...encodings, ...encodings.map(plain => gzipSync(plain)));
	await fc.assert(
		fc.asyncProperty(bytes, fc.array(fc.nat({max: 200}), {maxLength: 8}), async (whole, cuts) => {
			const edges = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
			const chunks = edges.slice(1).map((edge, index) => whole.subarray(edges[index], edge));
			const items = await all(await openInputs({urls: [], files: ['-'], stdin: Readable.from(chunks)}));
			assert.deepEqual(items, expected);
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

test('a comment behind a URL is one with Windows line ends too', async t => {
	assert.deepEqual(await read(t, 'http://a/ # why\r\n'), [{url: 'http://a/', where: 'list.txt:1'}]);
});

test('a list of aria2 is read, with its options', async t => {
	const list = 'http://a/\thttp://b/\t\n gid=1\n dir=sub\n out=x\n pause=true\nhttp://c/\n';
	assert.deepEqual(await read(t, list), [
		{url: 'http://a/', where: 'list.txt:1', mirrors: ['http://b/'], output: 'sub/x', paused: true},
		{url: 'http://c/', where: 'list.txt:6'},
	]);
});

test('an empty list is empty, packed or not, and a list of one character is one', async t => {
	assert.deepEqual(await read(t, ''), []);
	assert.deepEqual(await read(t, gzipSync('')), []);
	assert.deepEqual(await read(t, 'x'), [{url: 'x', where: 'list.txt:1'}]);
});

test('a packed list that breaks off says so, after what could be read', async t => {
	const urls = Array.from({length: 5000}, (_, index) => `http://a/${index}-${Math.sin(index)}\n`).join('');
	const file = path.join(await folder(t), 'list.gz');
	await writeFile(file, gzipSync(urls).subarray(0, 40_000));
	let count = 0;
	await assert.rejects(
		async () => {
			for await (const _item of await openInputs({urls: [], files: [file], stdin: none})) count++;
		},
		{message: `${file} cannot be unpacked: unexpected end of file`},
	);
	assert.ok(count > 1000, `${count} were read`);
});

test('what has no effect in the lists is told once for the whole run, one line each', async t => {
	const dir = await folder(t);
	const [one, two] = [path.join(dir, 'one.txt'), path.join(dir, 'two.txt')];
	await writeFile(one, 'http://a/\n gid=1\n max-tries=3\nhttp://b/\n gid=2\n');
	await writeFile(two, 'http://c/\n gid=3\n timeout=4\n');
	const told: string[] = [];
	await all(await openInputs({urls: [], files: [one, two], stdin: none, warn: message => told.push(message)}));
	assert.deepEqual(told, [
		`${one}:2: the option 'gid' is not known here and has no effect; said once`,
		`${one}:3: the option 'max-tries' is not known here and has no effect; said once`,
		`${two}:3: the option 'timeout' is not known here and has no effect; said once`,
	]);
});

test('a list of nothing but unknown options is not told line by line', async t => {
	let told = 0;
	const lines = Array.from({length: 5000}, (_, index) => ` x${index}=1\n`).join('');
	await read(t, `http://a/\n${lines}`, () => told++);
	assert.equal(told, 100);
});

test('a URL on a pipe that falls silent begins at once, and options that come later are told to be late', async () => {
	const clock = new TestClock();
	const [silent, gate] = [new Gate(), new Gate()];
	const text = async function* () {
		yield 'http://a/\nhttp://b/\n';
		silent.open();
		await gate.opened;
		yield '  out=x\nhttp://c/\n  out=y\n';
	};
	const told: string[] = [];
	const items = readList('stdin', text(), {clock, once: what => told.push(what)});
	assert.deepEqual((await items.next()).value, {url: 'http://a/', where: 'stdin:1'});
	const second = items.next();
	await silent.opened;
	assert.equal(clock.timers.size, 1);
	clock.advance(50);
	assert.deepEqual((await second).value, {url: 'http://b/', where: 'stdin:2'});
	gate.open();
	assert.deepEqual((await items.next()).value, {url: 'http://c/', where: 'stdin:4', output: 'y'});
	assert.ok((await items.next()).done);
	assert.deepEqual(told, ['late']);
	assert.equal(clock.timers.size, 0);
});

test('options in time belong to the URL, also when their line comes in two pieces with a silence between', async () => {
	const clock = new TestClock();
	const [silent, gate] = [new Gate(), new Gate()];
	const text = async function* () {
		yield 'http://a/\n';
		yield '  spl';
		silent.open();
		await gate.opened;
		yield 'it=2\n';
	};
	const first = readList('stdin', text(), {clock}).next();
	await silent.opened;
	assert.equal(clock.timers.size, 0, 'nothing is to begin before the line is whole');
	gate.open();
	assert.deepEqual((await first).value, {url: 'http://a/', where: 'stdin:1', connections: 2});
});

test('the last URL written to a pipe that stays open begins without another line', async () => {
	const stdin = new PassThrough();
	const input = await openInputs({urls: [], files: ['-'], stdin});
	const items = (input as AsyncGenerator<InputItem>)[Symbol.asyncIterator]();
	stdin.write('http://a/\n');
	assert.deepEqual((await items.next()).value, {url: 'http://a/', where: 'stdin:1'});
	stdin.end();
	assert.ok((await items.next()).done);
});

test('whoever stops reading a silent pipe does not wait for it', async () => {
	const clock = new TestClock();
	const silent = new Gate();
	const text = async function* () {
		yield 'http://a/\n';
		silent.open();
		await new Promise(() => {});
	};
	const items = readList('stdin', text(), {clock});
	const first = items.next();
	await silent.opened;
	clock.advance(50);
	await first;
	assert.ok((await items.return(undefined)).done);
	assert.equal(clock.timers.size, 0);
});

test('a pipe that breaks after a silence ends the list with its error', async () => {
	const clock = new TestClock();
	const silent = new Gate();
	const gate = new Gate();
	const text = async function* () {
		yield 'http://a/\n';
		silent.open();
		await gate.opened;
		throw new Error('broken');
	};
	const items = readList('stdin', text(), {clock});
	const first = items.next();
	await silent.opened;
	clock.advance(50);
	assert.equal((await first).value.url, 'http://a/');
	gate.open();
	await assert.rejects(items.next(), /broken/);
});
