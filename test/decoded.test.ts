import assert from 'node:assert/strict';
import {createHook} from 'node:async_hooks';
import {randomBytes} from 'node:crypto';
import {suite} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {
	brotliCompressSync,
	constants,
	createZstdCompress,
	deflateRawSync,
	deflateSync,
	gzipSync,
	zstdCompressSync,
} from 'node:zlib';
import {errorCode} from '../source/engine/failure.ts';
import type {Head, PartFile, Saving, Sink, Storage} from '../source/engine/seams.ts';
import {decodedStorage} from '../source/storage/decoded.ts';
import {test} from './helpers/engine.ts';

/** At its best, which is the default, it takes a second for a MiB. */
const brotli = (data: string | Uint8Array) => brotliCompressSync(data, {params: {[constants.BROTLI_PARAM_QUALITY]: 5}});

const forms = [
	['gzip', 'gzip', gzipSync],
	['x-gzip', 'x-gzip', gzipSync],
	['deflate', 'deflate with the zlib header', deflateSync],
	['deflate', 'deflate without it', deflateRawSync],
	['br', 'br', brotli],
	['zstd', 'zstd', zstdCompressSync],
] as const;

const MiB = 1024 * 1024;
const text = Buffer.from(Array.from({length: 60}, (_, line) => `${line} bottles of beer on the wall\n`).join(''));
const saving: Saving = {url: 'http://a.example/', number: 1, options: {}};

function headOf(coding: string, fields: Partial<Head> = {}): Head {
	const headers = {'content-encoding': coding, ...fields.headers};
	return {
		url: 'http://a.example/',
		redirects: [],
		status: 200,
		timings: {connect: 0, firstByte: 0},
		...fields,
		headers,
	};
}

/** Keeps a body in memory, and what was asked of it. */
class Memory implements Storage, Sink {
	readonly calls: string[] = [];
	head: Head | undefined;
	saving: Saving | undefined;
	size = 0;
	readonly #chunks: Uint8Array[] = [];
	readonly #before: (position: number) => void | Promise<void>;

	/** @param before is called, and awaited, before a chunk is taken */
	constructor(before: (position: number) => void | Promise<void> = () => undefined) {
		this.#before = before;
	}

	async open(head: Head, to: Saving): Promise<Sink> {
		this.calls.push('open');
		this.head = head;
		this.saving = to;
		return this;
	}

	write(chunk: Uint8Array, position: number): void | Promise<void> {
		const waiting = this.#before(position);
		if (!waiting) return this.#take(chunk, position);
		return waiting.then(() => this.#take(chunk, position));
	}

	part(): PartFile {
		return {path: 'name', ranges: [[0, this.size]], synced: [[0, 1]], total: 9, validators: {etag: '"1"'}};
	}

	async sync(): Promise<PartFile> {
		this.calls.push('sync');
		return this.part();
	}

	async start(bytes: number): Promise<Uint8Array> {
		return this.bytes().subarray(0, bytes);
	}

	async commit(): Promise<{path: string}> {
		this.calls.push('commit');
		return {path: 'name'};
	}

	async abort(): Promise<PartFile> {
		this.calls.push('abort');
		return this.part();
	}

	bytes(): Buffer {
		return Buffer.concat(this.#chunks);
	}

	#take(chunk: Uint8Array, position: number): void {
		assert.equal(position, this.size, 'in order and without gaps');
		assert.ok(!this.calls.includes('commit') && !this.calls.includes('abort'), 'nothing comes after the end');
		this.size += chunk.length;
		// Of large bodies only how much they are.
		if (this.size < MiB) this.#chunks.push(chunk);
	}
}

/** Does with a body what the engine does. */
async function save(memory: Memory, coding: string, body: Iterable<Uint8Array>, maxSize?: number): Promise<Memory> {
	const storage = decodedStorage(memory, maxSize === undefined ? {} : {maxSize});
	const sink = await storage.open(headOf(coding), saving);
	let position = 0;
	try {
		for (const chunk of body) {
			await sink.write(chunk, position);
			position += chunk.length;
		}
		await sink.commit();
	} catch (error) {
		await sink.abort();
		throw error;
	}
	return memory;
}

const pieces = (body: Uint8Array, size: number) =>
	Array.from({length: Math.ceil(body.length / size)}, (_, index) => body.subarray(index * size, (index + 1) * size));
const halves = (body: Uint8Array, at: number) => [body.subarray(0, at), body.subarray(at)];

/** The error's code, and that nothing was put in its place. */
async function failing(coding: string, body: Iterable<Uint8Array>, maxSize?: number): Promise<string | undefined> {
	const memory = new Memory();
	const error = await save(memory, coding, body, maxSize).then(
		() => undefined,
		thrown => thrown,
	);
	assert.deepEqual(memory.calls, error ? ['open', 'abort'] : ['open', 'commit']);
	return errorCode(error);
}

/** Every decoder that was made since, and whether it is still alive. */
function watchDecoders(): {made(): number; alive(): number} {
	const handles: object[] = [];
	const hook = createHook({
		init(_id, type, _trigger, resource) {
			if (type === 'ZLIB') handles.push(resource);
		},
	}).enable();
	const isAlive = (handle: object): boolean =>
		Object.getOwnPropertySymbols(handle).some(key => Reflect.get(handle, key)?.destroyed === false);
	return {
		made: () => handles.length,
		alive: () => {
			hook.disable();
			return handles.filter(isAlive).length;
		},
	};
}

suite('a body in a content coding is saved without it', () => {
	for (const [coding, name, compress] of forms) {
		const body = compress(text);

		test(`${name}, however it was cut into chunks`, async () => {
			for (const size of [1, 2, 3, 7, 64, body.length])
				assert.deepEqual((await save(new Memory(), coding, pieces(body, size))).bytes(), text);
			for (let at = 0; at <= body.length; at++)
				assert.deepEqual((await save(new Memory(), coding, halves(body, at))).bytes(), text);
		});

		test(`${name}, larger than all buffers`, async () => {
			const large = randomBytes(MiB / 2 - 1);
			const packed = compress(Buffer.concat([large, Buffer.alloc(3 * MiB), large]));
			const memory = await save(new Memory(), coding, pieces(packed, 65_536));
			assert.equal(memory.size, 4 * MiB - 2);
			assert.deepEqual(memory.bytes().subarray(0, large.length), large);
		});

		test(`${name} of nothing, and no body at all, are an empty file`, async () => {
			for (const chunks of [[compress(Buffer.alloc(0))], [], [Buffer.alloc(0)]]) {
				const memory = await save(new Memory(), coding, chunks);
				assert.deepEqual(memory.calls, ['open', 'commit']);
				assert.equal(memory.size, 0);
			}
		});
	}

	test('what was applied last comes off first', async () => {
		const both = await save(new Memory(), 'gzip, br', [brotli(gzipSync(text))]);
		assert.deepEqual(both.bytes(), text);
		const raw = gzipSync(deflateRawSync(text));
		for (const size of [1, raw.length])
			assert.deepEqual((await save(new Memory(), 'deflate, gzip', pieces(raw, size))).bytes(), text);
		const five = [gzipSync, deflateSync, brotli, zstdCompressSync, gzipSync];
		const packed = five.reduce((bytes, compress) => compress(bytes), text);
		assert.deepEqual((await save(new Memory(), 'gzip,deflate,br,zstd,gzip', [packed])).bytes(), text);
	});

	test('names are read in any case, with any space, and identity is none', async () => {
		for (const name of ['GZIP', ' Gzip ,', 'identity, gzip'])
			assert.deepEqual((await save(new Memory(), name, [gzipSync(text)])).bytes(), text);
	});

	test('gzip of several members and zstd of several frames are read to their end', async () => {
		for (const [coding, compress] of [
			['gzip', gzipSync],
			['zstd', zstdCompressSync],
		] as const) {
			const one = compress('one');
			const body = Buffer.concat([one, compress(''), compress('two')]);
			for (let at = 0; at <= body.length; at++) {
				assert.equal((await save(new Memory(), coding, halves(body, at))).bytes().toString(), 'onetwo');
				const cut = await failing(coding, [body.subarray(0, at)]);
				const isWhole = [0, one.length, one.length + compress('').length, body.length].includes(at);
				assert.equal(cut, isWhole ? undefined : 'BAD_CODING', `${coding} cut at ${at}`);
			}
			const many = Buffer.concat(Array.from({length: 300}, () => compress(text)));
			assert.equal((await save(new Memory(), coding, pieces(many, 1000))).size, 300 * text.length);
		}
	});
});

suite('what passes', () => {
	test('a body without a coding goes straight to the storage, ranges, validators and all', async () => {
		for (const headers of [{etag: '"1"'}, {'content-encoding': ''}, {'content-encoding': 'Identity'}]) {
			const memory = new Memory();
			const head: Head = {...headOf(''), headers, status: 206, range: {start: 5}, length: 7};
			const to: Saving = {...saving, part: {path: 'name', ranges: [[0, 5]]}};
			assert.equal(await decodedStorage(memory, {maxSize: 1}).open(head, to), memory);
			assert.equal(memory.head, head);
			assert.equal(memory.saving, to);
		}
	});

	test('the storage sees neither the coding nor what is true only of the coded bytes', async () => {
		const memory = new Memory();
		const headers = {
			'content-length': '9',
			'accept-ranges': 'bytes',
			etag: '"1"',
			'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT',
			'content-disposition': 'attachment',
		};
		const head = headOf('gzip', {headers, length: 9, contentType: 'text/plain'});
		await (await decodedStorage(memory).open(head, saving)).abort();
		const {length: _, ...rest} = head;
		const kept = {'last-modified': headers['last-modified'], 'content-disposition': 'attachment'};
		assert.deepEqual(memory.head, {...rest, headers: kept});
	});

	test('of what an earlier attempt left, and of what this one leaves, only the name is kept', async () => {
		const memory = new Memory();
		const part: PartFile = {...memory.part(), path: 'earlier', replaces: 'good'};
		const sink = await decodedStorage(memory).open(headOf('br'), {...saving, part});
		assert.deepEqual(memory.saving, {...saving, part: {path: 'earlier', ranges: [], replaces: 'good'}});
		await sink.write(brotli(text), 0);
		const name = {path: 'name', ranges: []};
		assert.deepEqual([sink.part(), await sink.sync(), await sink.abort()], [name, name, name]);
		assert.deepEqual(memory.calls, ['open', 'abort'], 'nothing to make safe either');
	});

	test('the start of the body is the start of the file', async () => {
		const sink = await decodedStorage(await save(new Memory(), 'gzip', [gzipSync(text)])).open(headOf('gzip'), saving);
		assert.deepEqual(await sink.start(9), text.subarray(0, 9));
		await sink.abort();
	});
});

suite('what does not pass', () => {
	test('a coding that is not known is refused before anything is opened', async () => {
		for (const name of ['compress', 'x-compress', 'gzip, aws-chunked', 'constructor']) {
			const memory = new Memory();
			await assert.rejects(async () => decodedStorage(memory).open(headOf(name), saving), {code: 'UNKNOWN_CODING'});
			assert.deepEqual(memory.calls, []);
		}
	});

	test('more than five codings are refused', async () => {
		const name = Array.from({length: 6}, () => 'gzip').join();
		await assert.rejects(async () => decodedStorage(new Memory()).open(headOf(name), saving), {code: 'BAD_CODING'});
	});

	test('the rest of a file in a coding is not added to what is here without one', async () => {
		const memory = new Memory();
		const head = headOf('gzip', {status: 206, range: {start: 5}});
		const part: PartFile = {path: 'name', ranges: [[0, 5]]};
		await assert.rejects(async () => decodedStorage(memory).open(head, {...saving, part}), {code: 'CHANGED'});
		assert.deepEqual(memory.calls, []);
	});

	test('bytes out of order are refused', async () => {
		const sink = await decodedStorage(new Memory()).open(headOf('gzip'), saving);
		assert.throws(() => sink.write(Buffer.from('x'), 1), {code: 'BAD_RANGE'});
		await sink.abort();
	});

	for (const [coding, name, compress] of forms) {
		const body = compress(text);

		test(`${name} that ends early is no file, wherever it ends`, async () => {
			for (let length = 1; length < body.length; length++) {
				const start = body.subarray(0, length);
				assert.equal(await failing(coding, [start]), 'BAD_CODING', `${length} bytes`);
				assert.equal(await failing(coding, halves(start, length >> 1)), 'BAD_CODING', `${length} bytes, in two`);
			}
		});

		test(`what is not ${name} although it says so is no file`, async () => {
			assert.equal(await failing(coding, [Buffer.from('<title>Not packed</title>')]), 'BAD_CODING');
		});

		test(`something else behind the end of ${name} is damage`, async () => {
			for (const rest of [Buffer.from('\r\n'), Buffer.from([0x1f, 0x8b, 1, 2, 3]), randomBytes(300)]) {
				// By chance it may begin with a zero, which behind gzip is padding, or with a magic number.
				rest[0] ||= 1;
				assert.equal(await failing(coding, [Buffer.concat([body, rest])]), 'BAD_CODING');
				assert.equal(await failing(coding, [body, rest]), 'BAD_CODING');
			}
		});
	}

	test('zeros behind gzip are padding', async () => {
		const [body, zeros] = [gzipSync(text), Buffer.alloc(512)];
		for (const chunks of [[body, zeros], [Buffer.concat([body, zeros])], [body, zeros, zeros, zeros]])
			assert.deepEqual((await save(new Memory(), 'gzip', chunks)).bytes(), text);
	});

	test('the error says which coding is broken, and how', async () => {
		const broken = save(new Memory(), 'br, gzip', [gzipSync(brotli(text).subarray(0, -1))]);
		await assert.rejects(broken, {code: 'BAD_CODING', message: 'the body is not valid br: unexpected end of file'});
	});

	test('damage is told by the write that brings it, not only at the end', async () => {
		const sink = await decodedStorage(new Memory()).open(headOf('gzip'), saving);
		let position = 0;
		const forever = async () => {
			for (;;) await sink.write(Buffer.from('x'), position++);
		};
		await assert.rejects(forever(), {code: 'BAD_CODING'});
		assert.ok(position <= 4, `after ${position} writes`);
		assert.throws(() => sink.write(Buffer.from('x'), 0), {code: 'BAD_CODING'});
		await assert.rejects(async () => sink.commit(), {code: 'BAD_CODING'});
		await sink.abort();
	});

	test('zstd may ask for 8 MiB of memory and not for more', async () => {
		for (const [windowLog, expected] of [
			[23, undefined],
			[24, 'BAD_CODING'],
		] as const) {
			const packer = createZstdCompress({params: {[constants.ZSTD_c_windowLog]: windowLog}});
			packer.write(text);
			packer.flush(() => packer.end());
			assert.equal(await failing('zstd', await packer.toArray()), expected);
		}
	});
});

suite('a bomb', () => {
	const zeros = Buffer.alloc(64 * MiB);
	const bombs: ReadonlyArray<readonly [string, string, Buffer]> = [
		...forms.map(([coding, name, compress]) => [coding, name, compress(zeros)] as const),
		['gzip, gzip', 'gzip in gzip', gzipSync(gzipSync(zeros))],
	];
	for (const [coding, name, bomb] of bombs) {
		test(`of ${name} ends at the limit`, async () => {
			const memory = new Memory();
			const error = {code: 'TOO_LARGE', message: 'the decoded body is longer than 1.0 MB'};
			await assert.rejects(save(memory, coding, pieces(bomb, 65_536), 1e6), error);
			assert.ok(memory.size <= 1e6, `${memory.size} bytes`);
			assert.deepEqual(memory.calls, ['open', 'abort']);
		});
	}

	test('of 10 MB that would be 10 GB takes no more memory than any other body', async () => {
		const member = gzipSync(zeros.subarray(0, 10 * MiB));
		const bomb = Buffer.concat(Array.from({length: 1000}, () => member));
		let most = 0;
		const memory = new Memory(() => {
			most = Math.max(most, process.memoryUsage.rss());
		});
		const before = process.memoryUsage.rss();
		assert.equal(bomb.length > 9e6, true);
		await assert.rejects(save(memory, 'gzip', pieces(bomb, 65_536), 256 * MiB), {code: 'TOO_LARGE'});
		assert.ok(memory.size > 255 * MiB, 'it went on as far as it was allowed to');
		assert.ok(most - before < 64 * MiB, `${Math.round((most - before) / MiB)} MiB more`);
	});

	test('that grows and then shrinks to nothing ends too', async () => {
		const empty = gzipSync('');
		const inner = Buffer.concat(Array.from({length: 500_000}, () => empty));
		assert.equal(await failing('gzip, gzip', [gzipSync(inner)], 1000), 'TOO_LARGE');
	});

	test('is none of the limit is just reached', async () => {
		for (const [coding, , compress] of forms) {
			assert.equal(await failing(coding, [compress(text)], text.length), undefined);
			assert.equal(await failing(coding, [compress(text)], text.length - 1), 'TOO_LARGE');
		}
		const noise = randomBytes(1000);
		assert.equal(await failing('gzip, gzip', [gzipSync(gzipSync(noise))], noise.length), undefined);
	});
});

suite('the storage sets the pace', () => {
	test('a disk that is slow holds the network back', async () => {
		const body = gzipSync(randomBytes(8 * MiB));
		let received = 0;
		let most = 0;
		const memory = new Memory(async position => {
			most = Math.max(most, received - position);
			for (let turns = 0; turns < 20; turns++) await turn();
		});
		const counted = function* () {
			for (const chunk of pieces(body, 16_384)) {
				received += chunk.length;
				yield chunk;
			}
		};
		await save(memory, 'gzip', counted());
		assert.equal(memory.size, 8 * MiB);
		assert.ok(most < MiB / 2, `${most} bytes were ahead`);
	});

	test('while the disk takes nothing, decoding stands still, and goes on where it stood', async () => {
		const gate = Promise.withResolvers<void>();
		const reached = Promise.withResolvers<void>();
		const memory = new Memory(() => {
			reached.resolve();
			return gate.promise;
		});
		const bomb = gzipSync(Buffer.alloc(64 * MiB));
		const saved = save(memory, 'gzip', [bomb]);
		await reached.promise;
		const before = process.memoryUsage.rss();
		for (let turns = 0; turns < 2000; turns++) await turn();
		assert.ok(process.memoryUsage.rss() - before < 8 * MiB, 'nothing piles up');
		assert.equal(memory.size, 0);
		gate.resolve();
		await saved;
		assert.equal(memory.size, 64 * MiB);
	});
});

suite('an end that is not the body’s', () => {
	const full = () => Object.assign(new Error('no space left'), {code: 'ENOSPC', syscall: 'write', errno: -28});
	const ways: ReadonlyArray<readonly [string, () => Promise<never>]> = [
		[
			'throws',
			() => {
				throw full();
			},
		],
		['rejects', async () => Promise.reject(full())],
	];
	for (const [how, fail] of ways) {
		test(`a full disk is told as such when its write ${how}, first or later`, async () => {
			const body = pieces(gzipSync(randomBytes(MiB)), 16_384);
			for (const from of [0, MiB / 2]) {
				const memory = new Memory(position => (position >= from ? fail() : undefined));
				await assert.rejects(save(memory, 'gzip', body), {code: 'ENOSPC'});
				assert.deepEqual(memory.calls, ['open', 'abort']);
			}
		});

		test(`a full disk that is noticed only at the end comes out of commit when its write ${how}`, async () => {
			const sink = await decodedStorage(new Memory(fail)).open(headOf('br'), saving);
			const body = brotli(text);
			// All but the end: brotli gives nothing of so short a text before.
			await sink.write(body.subarray(0, 5), 0);
			const last = sink.write(body.subarray(5), 5);
			await assert.rejects(
				Promise.resolve(last).then(() => sink.commit()),
				{code: 'ENOSPC'},
			);
			await sink.abort();
		});
	}

	test('an error of the storage’s own commit stays what it is', async () => {
		const memory = new Memory();
		memory.commit = async () => Promise.reject(full());
		await assert.rejects(save(memory, 'gzip', [gzipSync(text)]), {code: 'ENOSPC'});
	});

	test('a transfer that breaks off is aborted below, after the write that was under way', async () => {
		const gate = Promise.withResolvers<void>();
		const reached = Promise.withResolvers<void>();
		const memory = new Memory(() => {
			reached.resolve();
			return gate.promise;
		});
		const sink = await decodedStorage(memory).open(headOf('gzip'), saving);
		await sink.write(gzipSync(Buffer.alloc(MiB)), 0);
		await reached.promise;
		const aborted = sink.abort();
		await turn();
		assert.deepEqual(memory.calls, ['open'], 'not into a write');
		gate.resolve();
		assert.deepEqual(await aborted, {path: 'name', ranges: []});
		assert.deepEqual(memory.calls, ['open', 'abort']);
		assert.ok(memory.size < MiB, 'the rest was left');
	});

	test('no decoder outlives its body, whatever ends it', async () => {
		const large = pieces(gzipSync(brotli(randomBytes(MiB))), 16_384);
		const notBrotli = gzipSync('not brotli');
		const watched = watchDecoders();
		const coding = 'br, gzip';
		await save(new Memory(), coding, large);
		await failing(coding, large.slice(0, -1));
		await failing(coding, large, 1000);
		await failing(coding, [...large, Buffer.from('more')]);
		await failing(coding, [notBrotli]);
		await assert.rejects(save(new Memory(() => Promise.reject(full())), coding, large));
		for (const count of [0, 1, 5, large.length]) {
			const sink = await decodedStorage(new Memory()).open(headOf(coding), saving);
			for (let index = 0; index < count; index++) await sink.write(large[index] ?? Buffer.alloc(0), index * 16_384);
			await sink.abort();
			await sink.abort();
		}
		// What was on the thread pool comes back first.
		for (let turns = 0; turns < 5; turns++) await turn();
		assert.ok(watched.made() >= 16, `${watched.made()} decoders`);
		assert.equal(watched.alive(), 0);
	});
});
