import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {decode, detectCharset} from '../source/extract/charset.ts';

/** A page of bytes: text is ASCII, an array holds bytes in hex (made with Python's codecs and checked with iconv). */
function page(...parts: ReadonlyArray<string | readonly [hex: string]>): Uint8Array {
	return Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part[0], 'hex'))));
}

function read(bytes: Uint8Array, httpCharset?: string): {charset: string; text: string} {
	const charset = detectCharset(bytes, httpCharset);
	return {charset, text: decode(bytes, charset)};
}

/** The label a page gives, the encoding the standard means by it, a title, and its bytes. */
const titles: ReadonlyArray<readonly [label: string, charset: string, title: string, hex: string]> = [
	['UTF-8', 'utf-8', '新浪首页', 'e696b0e6b5aae9a696e9a1b5'],
	['GBK', 'gbk', '新浪首页', 'd0c2c0cbcad7d2b3'],
	['gb2312', 'gbk', '搜狐-中国最大的门户网站', 'cbd1bafc2dd6d0b9fad7eeb4f3b5c4c3c5bba7cdf8d5be'],
	// 镕 and 喆 are in GBK only: pages that say GB2312 use them all the same.
	['gb2312', 'gbk', '镕基与喆', 'e946bbf9d3eb86b4'],
	['gb18030', 'gb18030', '𠀀龍 €', '95328236fd8820a2e3'],
	['Big5', 'big5', '雅虎奇摩：臺灣入口網站', 'b6aeaaeaa95fbcafa147bb4fc657a44aa466baf4afb8'],
	// Hong Kong's characters, which Node's own decoder lacks.
	['big5', 'big5', '㗎喺度', '9dee9df6abd7'],
	['Shift_JIS', 'shift_jis', '日本語のホームページ', '93fa967b8cea82cc837a815b83808379815b8357'],
	// Windows' additions to it.
	['sjis', 'shift_jis', '価格.com － ①髙島屋', '89bf8a692e636f6d20817c208740eee0938789ae'],
	['EUC-JP', 'euc-jp', '日本語のホームページ', 'c6fccbdcb8eca4cea5dba1bca5e0a5daa1bca5b8'],
	['iso-2022-jp', 'iso-2022-jp', '日本語の題', '1b2442467c4b5c386c244e426a1b2842'],
	['EUC-KR', 'euc-kr', '한국어 위키백과', 'c7d1b1b9beee20c0a7c5b0b9e9b0fa'],
	['ks_c_5601-1987', 'euc-kr', '똠방각하', '8c63b9e6b0a2c7cf'],
	['windows-1251', 'windows-1251', 'Новости России', 'cdeee2eef1f2e820d0eef1f1e8e8'],
	['iso-8859-1', 'windows-1252', 'Café “Zoë” – 5 €', '436166e920935a6feb94209620352080'],
];

suite('a declared charset is found and its text comes out right', () => {
	for (const [label, charset, title, hex] of titles) {
		const expected = {charset, title};
		const titled = (bytes: Uint8Array, httpCharset?: string) => {
			const {charset: found, text} = read(bytes, httpCharset);
			return {charset: found, title: /<title>(.*)<\/title>/.exec(text)?.[1]};
		};

		test(`${title} in ${label}, declared by <meta charset>`, () => {
			assert.deepEqual(titled(page(`<html><head><meta charset="${label}"><title>`, [hex], '</title>')), expected);
		});

		test(`${title} in ${label}, declared by <meta http-equiv>`, () => {
			const meta = `<META http-equiv=Content-Type content='text/html; charset=${label}'>`;
			assert.deepEqual(titled(page('<html><head><title>', [hex], '</title>', meta)), expected);
		});

		test(`${title} in ${label}, declared by HTTP against another <meta>`, () => {
			const bytes = page('<meta charset="koi8-r"><title>', [hex], '</title>');
			assert.deepEqual(titled(bytes, ` ${label.toUpperCase()} `), expected);
		});
	}
});

const filler = `<!-- ${'x'.repeat(1024)} -->`;

const choices: ReadonlyArray<{promise: string; bytes: Uint8Array; http?: string; charset: string; text?: string}> = [
	{
		promise: 'a UTF-8 byte order mark beats a header and a meta that lie, and is not part of the text',
		bytes: page(['efbbbf'], '<meta charset=big5>', ['e697a5']),
		http: 'gbk',
		charset: 'utf-8',
		text: '<meta charset=big5>日',
	},
	{
		promise: 'a UTF-16LE byte order mark beats a lying header',
		bytes: page(['fffee5652c672000e900']),
		http: 'utf-8',
		charset: 'utf-16le',
		text: '日本 é',
	},
	{
		promise: 'a UTF-16BE byte order mark counts',
		bytes: page(['feff65e5672c002000e9']),
		charset: 'utf-16be',
		text: '日本 é',
	},
	{
		promise: 'an unknown label in HTTP leaves the word to the meta',
		bytes: page('<meta charset=gbk>', ['d0c2']),
		http: 'utf-8mb4',
		charset: 'gbk',
		text: '<meta charset=gbk>新',
	},
	{promise: 'unknown labels everywhere count as none', bytes: page('<meta charset=none>é'), http: '', charset: 'utf-8'},
	{
		promise: 'an unknown meta is passed over for the next one',
		bytes: page('<meta charset="x-nothing"><meta charset="euc-jp">'),
		charset: 'euc-jp',
	},
	{promise: 'a meta inside a comment is none', bytes: page('<!-- <meta charset=gbk> -->'), charset: 'utf-8'},
	{promise: 'a meta that says UTF-16 means UTF-8', bytes: page('<meta charset=utf-16>'), charset: 'utf-8'},
	{
		promise: 'an XML declaration counts where there is no meta',
		bytes: page('<?xml version="1.0" encoding="Shift_JIS"?>', ['93fa']),
		charset: 'shift_jis',
	},
	{promise: 'ASCII that declares nothing is UTF-8', bytes: page('<title>plain</title>'), charset: 'utf-8'},
	{promise: 'nothing at all is UTF-8', bytes: page(), charset: 'utf-8', text: ''},
	{promise: 'UTF-8 that declares nothing is UTF-8', bytes: page('<p>新浪'), charset: 'utf-8', text: '<p>新浪'},
	{
		promise: 'UTF-8 may be cut inside its last character',
		bytes: page('新', ['f09f98']),
		charset: 'utf-8',
		text: '新\ufffd',
	},
	{promise: 'a last byte that begins no character is not UTF-8', bytes: page('abc', ['ff']), charset: 'windows-1252'},
	{
		promise: 'Latin-1 that declares nothing is windows-1252',
		bytes: page('caf', ['e9'], ' ', ['80']),
		charset: 'windows-1252',
		text: 'café €',
	},
	{
		promise: 'a meta beyond the first 1024 bytes counts where the bytes are not UTF-8',
		bytes: page(filler, '<meta charset=gbk>', ['d0c2']),
		charset: 'gbk',
	},
	{
		promise: 'a meta beyond the first 1024 bytes does not spoil UTF-8',
		bytes: page(filler, '<meta charset=gbk>新'),
		charset: 'utf-8',
	},
	{
		promise: 'a first byte like that of a byte order mark does not hide the meta',
		bytes: page(['efa1'], '<meta charset=gbk>'),
		charset: 'gbk',
	},
	{
		promise: 'a charset that the standard refuses to decode gives no text rather than an error',
		bytes: page('<title>x</title>'),
		http: 'iso-2022-kr',
		charset: 'replacement',
		text: '\ufffd',
	},
];

suite('the charset of a page is chosen as browsers do', () => {
	for (const {promise, bytes, http, charset, text} of choices) {
		test(promise, () => {
			const found = read(bytes, http);
			assert.equal(found.charset, charset);
			if (text !== undefined) assert.equal(found.text, text);
		});
	}
});
