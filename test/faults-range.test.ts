import assert from 'node:assert/strict';
import {answer, FIN, head, heard, matrix, ok, type Row, RST, type Script} from './helpers/fault.ts';

const size = 200_000;
const text = (seed: number, length = size) =>
	Array.from({length}, (_, index) => String.fromCharCode(33 + ((index * 31 + seed) % 89))).join('');
const [body, other] = [text(0), text(7)];
/** What is here when the first answer breaks off: more than any overlap. */
const start = 100_000;
/** What is asked for again: 4 KiB less behind an ETag, 64 KiB without. */
const from = start - 4_096;

const etag = 'ETag: "1"';
const begun: Script = [head(`Content-Length: ${size}`, etag), body.slice(0, start), heard(start), FIN];
const part = (range: string, bytes: string, ...fields: string[]): Script => [
	answer(206, [...(range && [`Content-Range: ${range}`]), ...fields], bytes),
];
const rest = part(`bytes ${from}-${size - 1}/${size}`, body.slice(from), etag);
const whole: Script = [ok(body, etag)];

const resumed = (requests: readonly string[]) => {
	assert.match(requests[1] ?? '', new RegExp(`range: bytes=${from}-`));
	assert.match(requests[1] ?? '', /if-range: "1"/);
};
/** What does not fit starts the file over, once, in the same attempt. */
const overRow = (name: string, second: Script): Row => ({
	name,
	scripts: [begun, second, whole],
	options: {retries: 1},
	attempts: 2,
	requests: 3,
	body,
	asked(requests) {
		resumed(requests);
		assert.doesNotMatch(requests[2] ?? '', /range/);
	},
});
const resumedRow = (name: string, ...more: Script[]): Row => ({
	name,
	scripts: [begun, ...more],
	options: {retries: more.length},
	attempts: 1 + more.length,
	body,
	asked: resumed,
});

const rows: Row[] = [
	resumedRow('sends the rest', rest),
	resumedRow('sends the rest without a total', part(`bytes ${from}-${size - 1}/*`, body.slice(from), etag)),
	resumedRow('sends the whole instead', whole),
	{...resumedRow('sends the whole of another version', [ok(other, 'ETag: "2"')]), body: other},
	{
		...resumedRow('sends a shorter whole of another version', [ok(other.slice(0, 1_000), 'ETag: "2"')]),
		body: other.slice(0, 1_000),
	},
	{
		...resumedRow('sends the whole as 200 with a range that is of no meaning', [
			ok(body, `Content-Range: bytes 5-9/${size}`),
		]),
	},
	{
		...resumedRow(
			'sends the rest in two ranges',
			part(`bytes ${from}-149999/${size}`, body.slice(from, 150_000), etag),
			rest,
		),
		scripts: [
			begun,
			part(`bytes ${from}-149999/${size}`, body.slice(from, 150_000), etag),
			part(`bytes ${150_000 - 4_096}-${size - 1}/${size}`, body.slice(150_000 - 4_096), etag),
		],
		options: {retries: 1},
		attempts: 2,
		requests: 3,
	},
	resumedRow(
		'breaks the rest off, and then sends it',
		[
			head(`Content-Length: ${size - from}`)
				.replace('200 OK', '206 Partial Content')
				.replace('\r\n\r\n', `\r\nContent-Range: bytes ${from}-${size - 1}/${size}\r\n${etag}\r\n\r\n`),
			body.slice(from, 150_000),
			heard(150_000),
			RST,
		],
		part(`bytes ${150_000 - 4_096}-${size - 1}/${size}`, body.slice(150_000 - 4_096), etag),
	),
	resumedRow('is too busy, and then sends the rest', [answer(503)], rest),
	overRow(
		'sends a range that begins too early',
		part(`bytes ${from - 10}-${size - 1}/${size}`, body.slice(from - 10), etag),
	),
	overRow(
		'sends a range that begins too late',
		part(`bytes ${from + 10}-${size - 1}/${size}`, body.slice(from + 10), etag),
	),
	overRow('sends 206 without saying which range', part('', body.slice(from), etag)),
	overRow('sends 206 and a range nobody can read', part('bytes all', body.slice(from), etag)),
	overRow('sends a range in lines', part(`lines ${from}-${size - 1}/${size}`, body.slice(from), etag)),
	overRow(
		'sends a range that ends before it begins',
		part(`bytes ${from}-${from - 1}/${size}`, body.slice(from), etag),
	),
	overRow('sends a range behind its own total', part(`bytes ${from}-${size - 1}/${size - 10}`, body.slice(from), etag)),
	overRow('sends a range of a longer total', part(`bytes ${from}-${size - 1}/${size + 10}`, body.slice(from), etag)),
	overRow(
		'sends a range of another length than its body',
		part(`bytes ${from}-${size - 2}/${size}`, body.slice(from), etag),
	),
	overRow(
		'sends a range of another version',
		part(`bytes ${from}-${size - 1}/${size}`, other.slice(from), 'ETag: "2"'),
	),
	overRow('sends a range without a version', part(`bytes ${from}-${size - 1}/${size}`, body.slice(from))),
	overRow(
		'sends other bytes under the same version',
		part(`bytes ${from}-${size - 1}/${size}`, other.slice(from), etag),
	),
	overRow(
		'sends a range in a content coding',
		part(`bytes ${from}-${size - 1}/${size}`, body.slice(from), etag, 'Content-Encoding: gzip'),
	),
	overRow('sends several ranges', [
		answer(
			206,
			['Content-Type: multipart/byteranges; boundary=x', etag],
			`--x\r\nContent-Range: bytes ${from}-${size - 1}/${size}\r\n\r\n${body.slice(from)}\r\n--x--`,
		),
	]),
	overRow('says 416', [answer(416, [`Content-Range: bytes */${size}`])]),
	overRow('says 416 with another total', [answer(416, ['Content-Range: bytes */5'])]),
	{
		name: 'lies about each range',
		scripts: [begun, part('bytes 0-4/5', 'whole', etag)],
		options: {retries: 1},
		code: 'BAD_RANGE',
		attempts: 2,
		requests: 3,
		// Of no use any more, but its name stays claimed: the next try begins it anew.
		part: start,
	},
	{name: 'says 206 although nothing was asked', scripts: [part('bytes 0-4/5', 'whole')], code: 'BAD_RANGE'},
	{
		name: 'says 206 although nothing was asked, and then has it',
		scripts: [part('bytes 0-4/5', 'whole'), [ok()]],
		options: {retries: 1},
		attempts: 2,
		body: 'whole',
	},
	{name: 'says 416 although nothing was asked', scripts: [[answer(416)]], code: 'HTTP_416'},
	{name: 'says 200 with a range', scripts: [[ok('whole', 'Content-Range: bytes 7-11/99')]], body: 'whole'},
	{
		name: 'breaks off without a version, and has ranges',
		scripts: [
			[head(`Content-Length: ${size}`), body.slice(0, start), heard(start), FIN],
			part(`bytes ${start - 65_536}-${size - 1}/${size}`, body.slice(start - 65_536)),
		],
		options: {retries: 1},
		attempts: 2,
		body,
		asked: ([, next]) => assert.match(next ?? '', new RegExp(`range: bytes=${start - 65_536}-`)),
	},
	{
		name: 'breaks off early without a version',
		scripts: [[head(`Content-Length: ${size}`), body.slice(0, 5), heard(5), FIN], [ok(body)]],
		options: {retries: 1},
		attempts: 2,
		body,
		asked: ([, next]) => assert.doesNotMatch(next ?? '', /range:/),
	},
	{
		name: 'breaks off each time where it did before',
		scripts: [
			begun,
			[
				head()
					.replace('200 OK', '206 Partial Content')
					.replace('\r\n\r\n', `\r\nContent-Range: bytes ${from}-${size - 1}/${size}\r\n${etag}\r\n\r\n`),
				FIN,
			],
		],
		options: {retries: 2},
		code: 'SHORT_BODY',
		attempts: 3,
		part: start,
	},
];

matrix('a server whose answer broke off and that', rows);
