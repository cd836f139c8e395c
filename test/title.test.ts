import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync} from 'node:zlib';
import fc from 'fast-check';
import type {Head} from '../source/engine/seams.ts';
import {createExtractor} from '../source/extract/extractor.ts';
import {readTitle} from '../source/extract/title.ts';

const long = '<p class="a">some text <a href="/">and a link</a></p>\n'.repeat(6_000);

const pages: ReadonlyArray<readonly [promise: string, html: string, title: string | undefined]> = [
	['a title is read', '<!doctype html><html><head><title>Welcome to Python.org</title>', 'Welcome to Python.org'],
	[
		'entities are decoded',
		'<title>Q&amp;A &lt;b&gt; &#x4e2d;&#25991; &copy; &eacute &#128; &bogus;</title>',
		'Q&A <b> 中文 © é € &bogus;',
	],
	['newlines and tabs become one blank', '<title>\r\n\tOne\n\n  two\f three \n</title>', 'One two three'],
	['wide and no-break blanks stay', '<title> \u3000新浪\u3000首页&nbsp;</title>', '\u3000新浪\u3000首页\u00a0'],
	['tags inside a title are text', '<title>a <b>c</b></title>', 'a <b>c</b>'],
	['upper case tags count', '<HTML><HEAD><TITLE>Loud</TITLE>', 'Loud'],
	['a title may have attributes', '<title data-a="</title>" lang=en>Attributes</title >', 'Attributes'],
	['a title in the body counts', '<html><body><p>text</p><title>Late</title>', 'Late'],
	['the first of two titles counts', '<title>One</title><title>Two</title>', 'One'],
	[
		'the title of a picture before is not the page’s',
		'<svg><g><title>Icon</title></g></svg><title>Page</title>',
		'Page',
	],
	['the title of a picture after is not the page’s', '<title>Page</title><svg><title>Icon</title></svg>', 'Page'],
	['a picture without an end tag is closed', '<svg viewBox="0 0 1 1"/><title>Page</title>', 'Page'],
	['titles in pictures alone make no title', '<svg><title>A</title></svg><svg><title>B</title></svg>', undefined],
	['the title of a formula is not the page’s', '<math><title>m</title></math><title>Page</title>', 'Page'],
	['the title in a template is not the page’s', '<template><title>t</title></template><title>Page</title>', 'Page'],
	['the title in a frame’s text is not the page’s', '<iframe><title>f</title></iframe><title>Page</title>', 'Page'],
	['a title in a comment is none', '<!-- <title>Old</title> --><title>New</title>', 'New'],
	['a title in a script is none', '<script>"<title>js</title>"</script><title>Page</title>', 'Page'],
	['a title in a style is none', '<style>/*<title>css</title>*/</style><title>Page</title>', 'Page'],
	['a title in a textarea is none', '<textarea><title>x</title></textarea>', undefined],
	['a title in an attribute is none', '<p title="<title>x</title>"><title>Page</title>', 'Page'],
	['a page without a title has none', '<html><body>text', undefined],
	['nothing has no title', '', undefined],
	['an empty title is none', '<title> \n </title><body>', undefined],
	['an empty title hides a later one', '<title></title><body><title>Later</title>', undefined],
	['a title that never ends is none', `<title>Open<body>${long}`, undefined],
	['a title cut off before its end is none', '<title>Cut off</tit', undefined],
	['a title that never ends does not follow a picture', '<svg><title>A</title></svg><title>Open', undefined],
	['a long page with its title first is read', `<title>First</title>${long}`, 'First'],
	['a long page with its title last is read', `<svg><title>A</title></svg>${long}<title>Last</title>`, 'Last'],
];

suite('the title of a page is what document.title gives', () => {
	for (const [promise, html, title] of pages) test(promise, () => assert.equal(readTitle(html), title));

	test('a title of any text comes back stripped and collapsed', () => {
		const text = fc.string({
			unit: fc.oneof(fc.constantFrom(' ', '\n', '\t', '>', '/'), fc.string({unit: 'binary', maxLength: 2})),
		});
		fc.assert(
			fc.property(text, given => {
				const plain = given.replace(/[<&]/g, '');
				const words = plain.split(/[\t\n\f\r ]/).filter(word => word !== '');
				assert.equal(readTitle(`<head><title>${plain}</title><p>`), words.join(' ') || undefined);
			}),
		);
	});

	test('the title behind 20,000 pictures with titles is found', () => {
		assert.equal(readTitle(`${'<svg><title></title></svg>'.repeat(20_000)}<title>Page</title>`), 'Page');
	});
});

function head(fields: Partial<Head>): Head {
	return {
		url: 'http://a.example/',
		redirects: [],
		status: 200,
		headers: {},
		timings: {connect: 0, firstByte: 0},
		...fields,
	};
}

suite('the extractor reads pages and nothing else', () => {
	const extractor = createExtractor();
	const extract = (bytes: Uint8Array, of: Head) => {
		const reading = extractor.open(of);
		reading?.write(bytes);
		return reading?.finish(true);
	};

	test('it wants half a MiB of a page, or of what may be one, and nothing of other bodies', () => {
		const limits = [
			'text/html',
			'application/xhtml+xml',
			undefined,
			'text/plain',
			'image/svg+xml',
			'application/zip',
		].map(contentType => extractor.open(head(contentType === undefined ? {} : {contentType}))?.limit ?? 0);
		assert.deepEqual(limits, [524_288, 524_288, 524_288, 0, 0, 0]);
	});

	test('it gives the title and the charset', async () => {
		const bytes = Buffer.from('3c7469746c653ed0c2c0cbcad7d2b33c2f7469746c653e', 'hex');
		assert.deepEqual(await extract(bytes, head({charset: 'GB2312'})), {title: '新浪首页', charset: 'gbk'});
	});

	test('a page without a title still has a charset', async () => {
		assert.deepEqual(await extract(Buffer.from('<p>text'), head({})), {charset: 'utf-8'});
	});

	const html = Buffer.from(`<title>Packed</title>${long.repeat(8)}`);
	const codings = [
		['gzip', gzipSync],
		['x-gzip', gzipSync],
		['deflate', deflateSync],
		['deflate', deflateRawSync],
		['br', brotliCompressSync],
		['zstd', zstdCompressSync],
	] as const;
	for (const [coding, compress] of codings) {
		const packed = head({headers: {'content-encoding': coding}});
		test(`a page compressed by ${compress.name} is read, whole, cut off and beyond 1 MiB`, async () => {
			const bytes = compress(html);
			const expected = {title: 'Packed', charset: 'utf-8'};
			assert.deepEqual(await extract(bytes, packed), expected);
			assert.deepEqual(await extract(bytes.subarray(0, -9), packed), expected);
		});

		test(`a page that is not ${coding} although it says so has no title`, async () => {
			assert.deepEqual(await extract(Buffer.from('<title>Not packed</title>'), packed), {});
		});
	}

	test('an unknown content coding gives nothing', async () => {
		assert.deepEqual(await extract(html, head({headers: {'content-encoding': 'gzip, br'}})), {});
	});
});
