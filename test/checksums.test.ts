import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext} from 'node:test';
import {type ChecksumList, parseDigest, readChecksums} from '../source/cli/checksums.ts';
import {UsageError} from '../source/cli/usage-error.ts';
import {folder, test} from './helpers/engine.ts';

const lengths = {md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128};
const hex = (length: number, seed = '') => createHash('sha512').update(seed).digest('hex').slice(0, length);
const [one, two] = [hex(64, 'one'), hex(64, 'two')];
const sha256 = (digits: string) => ({algorithm: 'sha256', hex: digits});

async function listOf(t: TestContext, ...lines: string[]): Promise<ChecksumList> {
	const file = path.join(await folder(t), 'SHA256SUMS');
	await writeFile(file, `${lines.join('\n')}\n`);
	return readChecksums(file);
}

suite('--checksum', () => {
	for (const [algorithm, length] of Object.entries(lengths)) {
		test(`${length} hex digits are ${algorithm}, with its name in any spelling or without`, () => {
			const digits = hex(length);
			const dashed = algorithm.replace('sha', 'sha-');
			for (const text of [
				`${dashed}=${digits}`,
				`${algorithm}:${digits}`,
				digits,
				`${algorithm.toUpperCase()}=${digits}`,
			])
				assert.deepEqual(parseDigest(text), {algorithm, hex: digits});
			assert.deepEqual(parseDigest(digits.toUpperCase()), {algorithm, hex: digits});
		});
	}

	const form =
		"it must read like 'sha-256=HEX', or be all hex digits of one of md5, sha1, sha224, sha256, sha384, sha512";
	for (const [text, why] of [
		['', form],
		[hex(63), form],
		['sha-256=', 'it must have as many hex digits as sha256 has, and not 0'],
		[`sha256=${hex(40)}`, 'it must have as many hex digits as sha256 has, and not 40'],
		['sha256=xyz', form],
		['adler32=12345678', form],
		['constructor=12345678', form],
		[`sha256=${hex(64)} `, form],
	] as const)
		test(`${JSON.stringify(text)} is refused: ${why}`, () => assert.throws(() => parseDigest(text), {message: why}));
});

suite('--checksums', () => {
	for (const [what, line, name] of [
		['of sha256sum', `${one}  a b.iso`, 'a b.iso'],
		['of sha256sum in binary mode', `${one} *a.iso`, 'a.iso'],
		['of a name that begins with a *', `${one}  *a.iso`, '*a.iso'],
		['with Windows line ends', `${one}  a.iso\r`, 'a.iso'],
		['of a name with a line break and a backslash', `\\${one}  a\\nb\\\\c`, 'a\nb\\c'],
		['of sha256sum --tag', `SHA256 (a (1).iso) = ${one}`, 'a (1).iso'],
		['of openssl', `SHA2-256(a.iso)= ${one}`, 'a.iso'],
		['with one blank', `${one} a.iso`, 'a.iso'],
		['with a TAB', `${one}\ta.iso`, 'a.iso'],
		['in upper case', `${one.toUpperCase()}  a.iso`, 'a.iso'],
		['with the algorithm in front', `sha256:${one}  a.iso`, 'a.iso'],
		['of a folder', `${one}  ./sub/a.iso`, 'sub/a.iso'],
	] as const) {
		test(`a line ${what} is read`, async t => {
			const list = await listOf(t, '# made by hand', '', line);
			assert.equal(list.size, 1);
			assert.deepEqual(list.find('http://h/x', name), sha256(one));
			assert.equal(list.find('http://h/x', 'other'), undefined);
		});
	}

	test('a URL may stand on either side, and is found however it is spelled', async t => {
		const list = await listOf(t, `${one}  https://example.com`, `http://example.com/b?c=d ${two}`);
		assert.deepEqual(list.find('https://EXAMPLE.com/', 'index.html'), sha256(one));
		assert.deepEqual(list.find('https://example.com:443', 'index.html'), sha256(one));
		assert.deepEqual(list.find('http://example.com/b?c=d', 'b'), sha256(two));
		assert.equal(list.find('http://example.com/b', 'b'), undefined);
	});

	test('the URL goes before the path, and the path before the base name', async t => {
		const [url, full, base] = [hex(64, 'url'), hex(64, 'full'), hex(64, 'base')];
		const list = await listOf(t, `${base}  a.iso`, `${full}  sub/a.iso`, `${url}  http://h/a.iso`);
		assert.deepEqual(list.find('http://h/a.iso', 'sub/a.iso'), sha256(url));
		assert.deepEqual(list.find('http://h/b', 'sub/a.iso'), sha256(full));
		assert.deepEqual(list.find('http://h/b', 'a.iso'), sha256(base));
	});

	test('a base name will do for a file in any folder, unless two of that name disagree', async t => {
		const list = await listOf(t, `${one}  pool/a.iso`, `${one}  x/b`, `${two}  y/b`, `${one}  x/c`, `${one}  y/c`);
		assert.deepEqual(list.find('http://h/', 'a.iso'), sha256(one));
		assert.deepEqual(list.find('http://h/', 'mine/a.iso'), sha256(one));
		assert.equal(list.find('http://h/', 'b'), undefined);
		assert.equal(list.find('http://h/', 'z/b'), undefined);
		assert.deepEqual(list.find('http://h/', 'y/b'), sha256(two));
		assert.deepEqual(list.find('http://h/', 'c'), sha256(one));
	});

	test('of several algorithms for one file, the longest digest counts, in any order', async t => {
		for (const lines of [
			[`${hex(32)}  a`, `${one}  a`],
			[`${one}  a`, `${hex(32)}  a`],
		])
			assert.deepEqual((await listOf(t, ...lines)).find('http://h/', 'a'), sha256(one));
	});

	test('the signature around a list is skipped, and its lines still have their numbers', async t => {
		const signed = [
			'-----BEGIN PGP SIGNED MESSAGE-----',
			'Hash: SHA256',
			'',
			`${one}  a.iso`,
			`- ${two}  b.iso`,
			'-----BEGIN PGP SIGNATURE-----',
			'Version: GnuPG v2',
			'',
			'iQIzBAEBCAAdFiEEvuP4',
			'=abcd',
			'-----END PGP SIGNATURE-----',
		];
		const list = await listOf(t, ...signed);
		assert.equal(list.size, 2);
		assert.deepEqual(list.find('http://h/', 'b.iso'), sha256(two));
		await assert.rejects(listOf(t, ...signed, 'oops'), /SHA256SUMS:12: /);
	});

	test('what sha256sum, md5sum and b2sum write of real files is read, or refused', async t => {
		const dir = await folder(t);
		for (const name of ['plain', 'with space', 'line\nbreak', '*star']) await writeFile(path.join(dir, name), name);
		const names = ['plain', 'with space', 'line\nbreak', '*star'];
		const sums = path.join(dir, 'sums');
		for (const [program, args] of [
			['sha256sum', []],
			['sha256sum', ['--tag']],
			['md5sum', ['--binary']],
			['sha1sum', []],
			['sha512sum', ['--tag']],
		] as const) {
			const output = tryRun(program, [...args, '--', ...names], dir);
			if (output === undefined) return t.skip(`no ${program} here`);
			await writeFile(sums, output);
			const list = await readChecksums(sums);
			const algorithm = program.slice(0, -3);
			for (const name of names)
				assert.deepEqual(list.find('http://h/', name), {
					algorithm,
					hex: createHash(algorithm).update(name).digest('hex'),
				});
		}
	});

	for (const [line, why] of [
		['hello world', 'not a digest with a file name or a URL: "hello world"'],
		[one, `not a digest with a file name or a URL: "${one}"`],
		[`${hex(50)}  a`, `not a digest with a file name or a URL: "${hex(50)}  a"`],
		[`MD5 (a) = ${one}`, `not a digest with a file name or a URL: "MD5 (a) = ${one}"`],
		[`${two}  first`, `another digest of this file stands further up: "${two}  first"`],
	] as const) {
		test(`the line ${JSON.stringify(line.slice(0, 20))} … is a usage error that names it`, async t => {
			await assert.rejects(listOf(t, `${one}  first`, '', line), (error: Error) => {
				assert.ok(error instanceof UsageError);
				assert.ok(error.message.endsWith(`SHA256SUMS:3: ${why}`), error.message);
				return true;
			});
		});
	}

	test('a file that cannot be read is a usage error that names it', async t => {
		const missing = path.join(await folder(t), 'missing');
		await assert.rejects(readChecksums(missing), (error: Error) => {
			assert.ok(error instanceof UsageError);
			assert.equal(error.message, `cannot read the checksums ${JSON.stringify(missing)}: no such file`);
			return true;
		});
		await assert.rejects(readChecksums(path.dirname(missing)), /it is a folder/);
	});

	test('an empty file lists nothing, and a byte order mark is no part of a digest', async t => {
		assert.equal((await listOf(t)).size, 0);
		assert.deepEqual((await listOf(t, `\ufeff${one}  a`)).find('http://h/', 'a'), sha256(one));
	});
});

/** Undefined where there is no such program. */
function tryRun(program: string, args: readonly string[], cwd: string): string | undefined {
	try {
		return execFileSync(program, args, {cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
	} catch {
		return undefined;
	}
}
