import assert from 'node:assert/strict';
import {brotliCompressSync, deflateSync, gzipSync, zstdCompressSync} from 'node:zlib';
import {answer, chunked, endless, FIN, head, matrix, ok, type Row, type Step} from './helpers/fault.ts';

const many = (count: number, text: string) => text.repeat(count);
/** For what has to begin before it falls silent: under load that takes its time. */
const long = {timeout: 1_000};
/** More than the socket's buffers hold: whoever sends it learns that nobody reads. */
const flood: Step = endless(many(10_000, 'x'));

const lengths: Row[] = [
	{name: 'is empty', scripts: [[ok('')]], body: ''},
	{name: 'is empty and has no length', scripts: [[head('Connection: close'), FIN]], body: ''},
	{name: 'has no length', scripts: [[head(), 'all ', 'of it', FIN]], body: 'all of it'},
	{name: 'is longer than its length', scripts: [[`${ok('whole')}and more`]], body: 'whole'},
	{
		name: 'is longer than its length, and closes',
		scripts: [[`${head('Content-Length: 2', 'Connection: close')}okay`, FIN]],
		body: 'ok',
	},
	{name: 'has another answer behind it', scripts: [[ok('whole') + ok('another')]], body: 'whole'},
	{
		name: 'has another answer behind it, and the connection is asked again',
		scripts: [[answer(503) + ok('smuggled')], [ok('whole')]],
		options: {retries: 1},
		attempts: 2,
		body: 'whole',
	},
	{
		name: 'has a page of bytes behind a 204, and the connection is asked again',
		scripts: [
			['HTTP/1.1 302 Found\r\nLocation: /next\r\n', `Content-Length: 0\r\n\r\n${ok('smuggled')}`],
			[ok('whole')],
		],
		requests: 2,
		body: 'whole',
	},
	{name: 'belongs to a 204', scripts: [['HTTP/1.1 204 No Content\r\n\r\n']], body: ''},
	{
		name: 'belongs to a 204 with a length',
		scripts: [['HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nbody']],
		body: '',
	},
	{name: 'belongs to a 205', scripts: [[answer(205)]], body: ''},
	{
		name: 'belongs to a 304 nobody asked for',
		scripts: [['HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody']],
		code: 'HTTP_304',
	},
	{name: 'belongs to a 404 and has no end', scripts: [[`HTTP/1.1 404 Not Found\r\n\r\n`, flood]], code: 'HTTP_404'},
	{
		name: 'belongs to a 302 and has no end',
		scripts: [[`HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n`, flood], [ok()]],
		requests: 2,
		body: 'whole',
	},
	{
		name: 'says it is larger than --max-size',
		scripts: [[head('Content-Length: 1000000000000')]],
		options: {maxSize: 1_000},
		code: 'TOO_LARGE',
	},
	{
		name: 'turns out larger than --max-size',
		scripts: [[head(), flood]],
		options: {maxSize: 100_000},
		code: 'TOO_LARGE',
		part: [0, 100_000],
	},
	{
		name: 'turns out larger than --max-size in chunks',
		scripts: [[chunked(), endless(`3e8\r\n${many(1_000, 'x')}\r\n`)]],
		options: {maxSize: 100_000},
		code: 'TOO_LARGE',
		part: [0, 100_000],
	},
	{name: 'is just --max-size', scripts: [[ok(many(1_000, 'x'))]], options: {maxSize: 1_000}, body: many(1_000, 'x')},
	{
		name: 'says it has nearly 2^53 bytes',
		scripts: [[`${head('Content-Length: 9007199254740991')}x`]],
		options: long,
		code: 'SILENCE_TIMEOUT',
		part: 1,
	},
];

const chunks: Row[] = [
	{
		name: 'has chunks of one byte',
		scripts: [[chunked(many(5_000, '1\r\nx\r\n'), '0\r\n\r\n')]],
		body: many(5_000, 'x'),
	},
	{name: 'has extensions', scripts: [[chunked('5;a=b;c="d"\r\nwhole\r\n', '0\r\n\r\n')]], body: 'whole'},
	{name: 'has trailers', scripts: [[chunked('5\r\nwhole\r\n0\r\nX: 1\r\n\r\n')]], body: 'whole'},
	{name: 'has sizes with leading zeros', scripts: [[chunked('0005\r\nwhole\r\n0000\r\n\r\n')]], body: 'whole'},
	{name: 'has sizes in capitals', scripts: [[chunked(`A\r\n0123456789\r\n0\r\n\r\n`)]], body: '0123456789'},
	{name: 'has no size', scripts: [[chunked('\r\nwhole\r\n0\r\n\r\n')]], code: 'BAD_RESPONSE', message: /chunk size/},
	{
		name: 'has a size that is no number',
		scripts: [[chunked('five\r\nwhole\r\n0\r\n\r\n')]],
		code: 'BAD_RESPONSE',
		message: /chunk/,
	},
	{
		name: 'has a negative size',
		scripts: [[chunked('-5\r\nwhole\r\n0\r\n\r\n')]],
		code: 'BAD_RESPONSE',
		message: /chunk size/,
	},
	{
		name: 'has a size with 0x',
		scripts: [[chunked('0x5\r\nwhole\r\n0\r\n\r\n')]],
		code: 'BAD_RESPONSE',
		message: /chunk/,
	},
	{
		name: 'has a size above 64 bits',
		scripts: [[chunked('fffffffffffffffff\r\nwhole')]],
		code: 'BAD_RESPONSE',
		message: /chunk size/,
	},
	{
		name: 'has a size of nearly 64 bits',
		scripts: [[chunked('fffffffffffffffe\r\nx')]],
		options: {maxSize: 1_000, ...long},
		code: 'SILENCE_TIMEOUT',
		part: 1,
	},
	{
		name: 'has a blank before its size',
		scripts: [[chunked(' 5\r\nwhole\r\n0\r\n\r\n')]],
		code: 'BAD_RESPONSE',
		message: /chunk size/,
	},
	{
		name: 'has a chunk longer than its size',
		scripts: [[chunked('5\r\nwhole and more\r\n0\r\n\r\n')]],
		code: 'BAD_RESPONSE',
		part: 5,
	},
	{
		name: 'has a chunk shorter than its size',
		scripts: [[chunked('9\r\nwhole\r\n0\r\n\r\n')]],
		code: 'BAD_RESPONSE',
		part: 9,
	},
	{name: 'has no line end behind a chunk', scripts: [[chunked('5\r\nwhole0\r\n\r\n')]], code: 'BAD_RESPONSE', part: 5},
	{name: 'has LF behind its sizes', scripts: [[chunked('5\nwhole\n0\n\n')]], code: 'BAD_RESPONSE'},
	{
		name: 'has zeros for a size without end',
		scripts: [[chunked(), endless(many(10_000, '0'))]],
		code: 'BAD_RESPONSE',
		message: /framing/,
	},
	{
		name: 'has an extension without end',
		scripts: [[chunked('5;'), endless(many(10_000, 'x'))]],
		code: 'BAD_RESPONSE',
		message: /framing/,
	},
	{
		name: 'has far more extensions than bytes',
		scripts: [[chunked(), endless(`1;${many(10_000, 'x')}\r\nx\r\n`)]],
		code: 'BAD_RESPONSE',
		message: /framing/,
		part: [1, 100],
	},
	{
		name: 'has a trailer of 300 kB',
		scripts: [[chunked(`5\r\nwhole\r\n0\r\nX: ${many(300_000, 'x')}\r\n\r\n`)]],
		code: 'HEADERS_TOO_LARGE',
		message: /trailers/,
		part: 5,
	},
	{
		name: 'has trailers without end',
		scripts: [[chunked('5\r\nwhole\r\n0\r\n'), endless('a: b\r\n')]],
		code: 'HEADERS_TOO_LARGE',
		message: /trailers/,
		part: 5,
	},
	{
		name: 'has trailers that stall',
		scripts: [[chunked('5\r\nwhole\r\n0\r\nX: ')]],
		options: long,
		code: 'SILENCE_TIMEOUT',
		part: 5,
	},
	{
		name: 'has a trailer that is none',
		scripts: [[chunked('5\r\nwhole\r\n0\r\nX 1\r\n\r\n')]],
		code: 'BAD_RESPONSE',
		part: 5,
	},
];

const page = '<title>In it</title>';
const gzip = gzipSync('whole');
const compressed = {compressed: true} as const;
const coded = (coding: string, body: Buffer, ...fields: string[]) =>
	Buffer.concat([Buffer.from(head(`Content-Encoding: ${coding}`, `Content-Length: ${body.length}`, ...fields)), body]);
const flipped = (bytes: Buffer, at: number) => {
	const copy = Buffer.from(bytes);
	copy[at] = (copy.at(at) ?? 0) ^ 0xff;
	return copy;
};
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));

const codings: Row[] = [
	{
		name: 'is gzip',
		scripts: [[coded('gzip', gzip)]],
		options: compressed,
		body: 'whole',
		asked: ([first]) => assert.match(first ?? '', /gzip/),
	},
	{name: 'is gzip under another name', scripts: [[coded('X-GZip', gzip)]], options: compressed, body: 'whole'},
	{name: 'is zlib', scripts: [[coded('deflate', deflateSync('whole'))]], options: compressed, body: 'whole'},
	{name: 'is brotli', scripts: [[coded('br', brotliCompressSync('whole'))]], options: compressed, body: 'whole'},
	{name: 'is zstd', scripts: [[coded('zstd', zstdCompressSync('whole'))]], options: compressed, body: 'whole'},
	{
		name: 'is gzip in brotli',
		scripts: [[coded('gzip, br', brotliCompressSync(gzip))]],
		options: compressed,
		body: 'whole',
	},
	{
		name: 'is gzip and says so twice',
		scripts: [[coded('gzip, gzip', gzip)]],
		options: compressed,
		code: 'BAD_CODING',
	},
	{
		name: 'is gzip that ends early',
		scripts: [[coded('gzip', gzip.subarray(0, -9))]],
		options: compressed,
		code: 'BAD_CODING',
	},
	{
		name: 'is gzip without its checksum',
		scripts: [[coded('gzip', gzip.subarray(0, -8))]],
		options: compressed,
		code: 'BAD_CODING',
	},
	{
		name: 'is gzip of another checksum',
		scripts: [[coded('gzip', flipped(gzip, gzip.length - 6))]],
		options: compressed,
		code: 'BAD_CODING',
	},
	{
		name: 'is gzip of another length',
		scripts: [[coded('gzip', flipped(gzip, gzip.length - 1))]],
		options: compressed,
		code: 'BAD_CODING',
	},
	{
		name: 'is gzip with a flipped bit',
		scripts: [[coded('gzip', flipped(gzip, 12))]],
		options: compressed,
		code: 'BAD_CODING',
	},
	{
		name: 'is no gzip at all',
		scripts: [[coded('gzip', Buffer.from('whole'))]],
		options: compressed,
		code: 'BAD_CODING',
	},
	{
		name: 'is gzip with noise behind it',
		scripts: [[coded('gzip', Buffer.concat([gzip, Buffer.from('noise')]))]],
		options: compressed,
		code: 'BAD_CODING',
	},
	{
		name: 'is two members of gzip',
		scripts: [[coded('gzip', Buffer.concat([gzip, gzip]))]],
		options: compressed,
		body: 'wholewhole',
	},
	{name: 'is empty and says gzip', scripts: [[coded('gzip', Buffer.alloc(0))]], options: compressed, body: ''},
	{
		name: 'is a bomb',
		scripts: [[coded('gzip', bomb)]],
		options: {...compressed, maxSize: 1024 * 1024},
		code: 'TOO_LARGE',
		message: /decoded/,
	},
	{
		name: 'is in a coding nobody knows',
		scripts: [[coded('snappy', gzip)]],
		options: compressed,
		code: 'UNKNOWN_CODING',
		message: /snappy/,
	},
	{
		name: 'is in 20 codings',
		scripts: [[coded(many(20, 'gzip,'), gzip)]],
		options: compressed,
		code: 'BAD_CODING',
		message: /more than 5/,
	},
	{
		name: 'breaks off in the middle of gzip',
		scripts: [[coded('gzip', gzip).subarray(0, -9), FIN]],
		options: compressed,
		code: 'CLOSED_EARLY',
	},
	{
		name: 'is gzip nobody asked for',
		scripts: [[coded('gzip', gzip)]],
		body: gzip,
		asked: ([first]) => assert.match(first ?? '', /accept-encoding: identity/),
	},
	{
		name: 'is a page in gzip nobody asked for',
		scripts: [[coded('gzip', gzipSync(page), 'Content-Type: text/html')]],
		title: 'In it',
	},
	{
		name: 'is a bomb nobody asked for, and is read for its title',
		scripts: [[coded('gzip', bomb, 'Content-Type: text/html')]],
		title: null,
		body: bomb,
	},
	{
		name: 'is a page in broken gzip nobody asked for',
		scripts: [[coded('gzip', gzipSync(page).subarray(0, -4), 'Content-Type: text/html')]],
		title: 'In it',
	},
];

matrix('a body that', [...lengths, ...chunks, ...codings]);
