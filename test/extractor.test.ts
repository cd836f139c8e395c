import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync} from 'node:zlib';
import {normalizeEncoding} from '@exodus/bytes/encoding.js';
import fc from 'fast-check';
import {createDecoder, decodeText} from '../source/extract/charset.ts';
import {createExtractor} from '../source/extract/extractor.ts';
import {encode, encodings} from './helpers/encodings.ts';
import {headOf, readPage} from './helpers/page.ts';

const html = {contentType: 'text/html'};
const long = '<p class="a">some text <a href="/">and a link</a></p>\n'.repeat(48_000);

suite('the extractor reads pages and nothing else', () => {
	const extractor = createExtractor();
	const limitOf = (contentType: string | undefined) =>
		extractor.open(headOf(contentType === undefined ? {} : {contentType}))?.limit ?? 0;

	test('it wants half a MiB of a page, or of what may be one, and nothing of other bodies', () => {
		for (const type of ['text/html', 'application/xhtml+xml', 'image/svg+xml', 'application/rss+xml', undefined, '*/*'])
			assert.equal(limitOf(type), 524_288, type);
		for (const type of ['text/plain', 'image/png', 'application/zip', 'application/json', 'constructor'])
			assert.equal(limitOf(type), 0, type);
	});

	test('a body of undeclared type that does not look like a page has neither title nor charset', async () => {
		for (const body of ['hello <title>x</title>', '{"a": "<title>x</title>"}', '\u0000<title>x</title>', '<1', ''])
			assert.deepEqual((await readPage(Buffer.from(body))).extracted, {}, body);
	});

	test('a page without a title still has a charset', async () => {
		assert.deepEqual((await readPage(Buffer.from('<p>text'), html)).extracted, {charset: 'utf-8'});
	});

	test('an empty page has nothing', async () => {
		assert.deepEqual((await readPage(Buffer.from(''), html)).extracted, {});
	});

	test('a title that a cut-off page does not end is none', async () => {
		const page = Buffer.from('<title>Open<p>text');
		assert.deepEqual((await readPage(page, {...html, isWhole: false})).extracted, {charset: 'utf-8'});
	});

	test('a title of a megabyte is kept only in part', async () => {
		const page = Buffer.from(`<title>${'x'.repeat(400_000)}</title>`);
		assert.equal((await readPage(page, html)).extracted?.title?.length, 65_536);
	});

	test('a content coding that is unknown, or several, are left alone', () => {
		for (const coding of ['compress', 'gzip, br'])
			assert.equal(extractor.open(headOf({...html, headers: {'content-encoding': coding}})), undefined);
	});
});

suite('reading stops where the title is certain', () => {
	const stopsAt = (parts: readonly string[], charset?: string): number => {
		const reading = createExtractor().open(headOf({...html, ...(charset !== undefined && {charset})}));
		return parts.findIndex(part => reading?.write(Buffer.from(part, 'latin1')));
	};

	test('at the end of the title where the charset is declared', async () => {
		// Whoever comes first waits until the scanners are loaded.
		await readPage(Buffer.from('<title>x</title>'), html);
		assert.equal(stopsAt(['<title>a', '</title', '>', '<p>'], 'utf-8'), 2);
	});

	test('behind the bytes that may declare one where none is', () => {
		assert.equal(stopsAt(['<title>a</title>', ' '.repeat(1_000), ' '.repeat(100)]), 2);
		assert.equal(stopsAt(['<title>a</title><meta charset=gbk>', ' '.repeat(2_000)]), 1);
	});

	test('behind 16 KiB from what is not ASCII on where that takes evidence', async () => {
		await readPage(Buffer.from('<title>\xe9</title>', 'latin1'), html);
		assert.equal(stopsAt(['<title>\xe9</title>', 'x'.repeat(15_000), 'x'.repeat(2_000), 'x']), 2);
	});

	test('and the title is told there', async () => {
		const told: string[] = [];
		const reading = createExtractor().open(headOf({...html, charset: 'utf-8'}), title => told.push(title));
		assert.equal(reading?.write(Buffer.from('<title>a</titl')), false);
		assert.deepEqual(told, []);
		assert.equal(reading?.write(Buffer.from('e><p>')), true);
		assert.deepEqual(told, ['a']);
		assert.equal(reading?.write(Buffer.from('<title>b</title>')), true);
		assert.deepEqual(await reading?.finish(false), {title: 'a', charset: 'utf-8'});
		assert.deepEqual(told, ['a']);
	});
});

suite('content codings', () => {
	const page = Buffer.from(`<title>Packed</title>${long}`);
	const codings = [
		['gzip', gzipSync],
		['x-gzip', gzipSync],
		['deflate', deflateSync],
		['deflate', deflateRawSync],
		['br', brotliCompressSync],
		['zstd', zstdCompressSync],
	] as const;
	for (const [coding, compress] of codings) {
		const packed = {...html, headers: {'content-encoding': coding}};
		test(`a page compressed by ${compress.name} is read, whole, cut off, in pieces and beyond 1 MiB`, async () => {
			const bytes = compress(page);
			const expected = {extracted: {title: 'Packed', charset: 'utf-8'}, told: ['Packed']};
			assert.deepEqual(await readPage(bytes, packed), expected);
			assert.deepEqual(await readPage(bytes, {...packed, pieces: 1}), expected);
			assert.deepEqual(await readPage(bytes.subarray(0, -9), {...packed, isWhole: false}), expected);
		});

		test(`a page that is not ${coding} although it says so has no title (${compress.name})`, async () => {
			const {extracted} = await readPage(Buffer.from('<title>Not packed</title>'), packed);
			assert.deepEqual(extracted, {});
		});
	}

	test('a page in UTF-16 may be compressed', async () => {
		const bytes = gzipSync(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<title>新</title>', 'utf16le')]));
		const {extracted} = await readPage(bytes, {...html, headers: {'content-encoding': 'gzip'}, pieces: 3});
		assert.deepEqual(extracted, {title: '新', charset: 'utf-16le'});
	});

	test('a title behind more than 1 MiB of a compressed page is not looked for', async () => {
		const bytes = gzipSync(Buffer.concat([Buffer.alloc(2 ** 20, ' '), Buffer.from('<title>late</title>')]));
		const {extracted} = await readPage(bytes, {...html, headers: {'content-encoding': 'gzip'}});
		assert.deepEqual(extracted, {charset: 'utf-8'});
	});
});

suite('all the labels of the Encoding standard', () => {
	for (const {name, labels} of encodings) {
		test(`${labels} mean ${name}, in any case and between blanks`, () => {
			for (const label of labels.split(' '))
				for (const form of [label, label.toUpperCase(), ` \t${label}\r\n`]) assert.equal(normalizeEncoding(form), name);
		});
	}

	test('there are 40 encodings and 228 labels', () => {
		assert.equal(new Set(encodings.map(({name}) => name)).size, 40);
		assert.equal(new Set(encodings.flatMap(({labels}) => labels.split(' '))).size, 228);
	});
});

const markup = fc.constantFrom(
	...'<title> </title> <svg> </svg> <math> <mi> </math> <template> </template> <script> </script> <!-- --> <textarea>'.split(
		' ',
	),
	...'</textarea> <noscript> </noscript> <![CDATA[ ]]> <p> </p> <div> </div> <b a=" "> \' > < / = & &amp; &eacute'.split(
		' ',
	),
	...[
		'<meta charset=gbk>',
		'<meta charset="koi8-r">',
		'<?xml version="1.0" encoding="euc-jp"?>',
		'text ',
		'\n',
		'é',
		'日本',
		'\u0000',
	],
	'<rss><channel>',
	'<svg xmlns="http://www.w3.org/2000/svg">',
	'x'.repeat(600),
	'é'.repeat(9_000),
);
const charsets = fc.constantFrom(
	'utf-8',
	'windows-1252',
	'gbk',
	'big5',
	'shift_jis',
	'iso-2022-jp',
	'utf-16le',
	'koi8-r',
);
const page = fc
	.tuple(
		fc.array(fc.oneof({weight: 8, arbitrary: markup}, fc.string({unit: 'binary', maxLength: 3})), {maxLength: 25}),
		charsets,
	)
	.map(([parts, charset]) =>
		charset === 'iso-2022-jp' ? Buffer.from(`${parts.join('')}\u001b$B<>\u001b(B`) : encode(parts.join(''), charset),
	);

suite('however a page is cut', () => {
	test('its title and charset are the same', async () => {
		const head = fc.record(
			{
				contentType: fc.constantFrom('text/html', 'application/xhtml+xml', 'text/xml'),
				charset: fc.constantFrom('utf-8', 'gbk', 'utf-16be', 'replacement', 'nothing'),
			},
			{requiredKeys: []},
		);
		await fc.assert(
			fc.asyncProperty(page, head, fc.array(fc.nat(2_000), {maxLength: 8}), async (bytes, given, steps) => {
				let at = 0;
				const cuts = steps.map(step => (at += step)).filter(cut => cut < bytes.length);
				const whole = await readPage(bytes, given);
				assert.deepEqual(await readPage(bytes, {...given, pieces: cuts}), whole);
				assert.deepEqual(await readPage(bytes, {...given, pieces: 1}), whole);
			}),
			{numRuns: 300},
		);
	});

	test('its text is the same, in every encoding', () => {
		const titled = encodings.filter(({title}) => title !== undefined);
		const bytes = fc.oneof(
			fc.uint8Array({maxLength: 60}),
			fc.constantFrom(...titled.map(({name, title = ''}) => encode(title.repeat(3), name))),
		);
		for (const {name} of encodings) {
			fc.assert(
				fc.property(bytes, fc.array(fc.nat(60)), (given, places) => {
					const decoder = createDecoder(name);
					const ends = [...places.toSorted((a, b) => a - b).filter(place => place < given.length), given.length];
					let text = '';
					let at = 0;
					for (const end of ends) {
						text += decoder.write(given.subarray(at, end));
						at = end;
					}
					// A byte order mark decides before any decoder does.
					const plain = given[0] === 0xef || (given[0] ?? 0) >= 0xfe;
					if (!plain) assert.equal(text + decoder.end(), decodeText(given, name));
				}),
				{numRuns: 60},
			);
		}
	});
});

/** Calls `run` and counts what it makes the language look at or copy, in characters and bytes. */
async function workOf(run: () => Promise<unknown>): Promise<number> {
	let work = 0;
	const {indexOf, slice, trimStart} = String.prototype;
	const {set} = Uint8Array.prototype;
	String.prototype.indexOf = function (this: string, text: string, from = 0) {
		const found = indexOf.call(this, text, from);
		work += (found === -1 ? this.length : found) - from;
		return found;
	};
	String.prototype.slice = function (this: string, from?: number, to?: number) {
		const text = slice.call(this, from, to);
		work += text.length;
		return text;
	};
	String.prototype.trimStart = function (this: string) {
		work += this.length;
		return trimStart.call(this);
	};
	Uint8Array.prototype.set = function (this: Uint8Array, bytes: ArrayLike<number>, at?: number) {
		work += bytes.length;
		set.call(this, bytes, at);
	};
	try {
		await run();
	} finally {
		Object.assign(String.prototype, {indexOf, slice, trimStart});
		Uint8Array.prototype.set = set;
	}
	return work;
}

suite('the work is in proportion to the page', () => {
	const kinds: Readonly<Record<string, string>> = {
		'of text': 'some text without any tag at all '.repeat(4_100),
		'of tags': '<meta name="a" content="b"><link rel=c>'.repeat(3_500),
		'in one tag': `<p ${'a '.repeat(66_000)}`,
		'in one attribute': `<p a="${'b'.repeat(132_000)}`,
		'in one comment': `<!--${'- '.repeat(66_000)}`,
		'in one name': `<${'a'.repeat(132_000)}`,
		'in one title': `<title>${'< '.repeat(66_000)}`,
		'of pictures': '<svg><g></x>'.repeat(11_000),
		'of blanks': ' '.repeat(132_000),
	};
	for (const [name, text] of Object.entries(kinds)) {
		for (const contentType of ['text/html', 'application/xml', undefined]) {
			test(`128 kB ${name}, as ${contentType ?? 'nothing'}, costs as much in pieces of 1 byte as in pieces of 1 kB`, async () => {
				const bytes = Buffer.from(text).subarray(0, 131_072);
				const head = {charset: 'utf-8', ...(contentType !== undefined && {contentType})};
				const extractor = createExtractor();
				const pass = async (size: number) => {
					const reading = extractor.open(headOf(head));
					const pieces = Array.from({length: Math.ceil(bytes.length / size)}, (_, index) =>
						bytes.subarray(index * size, (index + 1) * size),
					);
					return workOf(async () => {
						for (const piece of pieces) reading?.write(piece);
						await reading?.finish(false);
					});
				};
				for (const size of [1, 7, 1_000]) assert.ok((await pass(size)) < 8 * bytes.length, `in pieces of ${size}`);
			});
		}
	}
});
