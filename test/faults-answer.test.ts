import {answer, drip, endless, FIN, head, matrix, ok, type Row} from './helpers/fault.ts';

const interim = (status: number, ...fields: string[]) => [`HTTP/1.1 ${status} Wait`, ...fields, '', ''].join('\r\n');
const many = (count: number, text: string) => text.repeat(count);
const line = 'HTTP/1.1 200 OK\r\n';
const length = (...values: string[]) => head(...values.map(value => `Content-Length: ${value}`));

/** What comes before the answer, and what may be wrong with its first line. */
const statusLine: Row[] = [
	{name: 'says 100 before the answer', scripts: [[interim(100), ok()]], body: 'whole'},
	{
		name: 'says 100 with fields, in one segment with the answer',
		scripts: [[interim(100, 'X: 1') + ok()]],
		body: 'whole',
	},
	{name: 'says 100 byte for byte', scripts: [drip(interim(100, 'X: 1') + ok())], body: 'whole'},
	{
		name: 'says 100, 102, 103 and 100 again',
		scripts: [[[100, 102, 103, 100].map(status => interim(status)).join('') + ok()]],
		body: 'whole',
	},
	{
		name: 'says 100 to each request of a connection',
		scripts: [[interim(100) + answer(503)], [interim(100), ok()]],
		options: {retries: 1},
		attempts: 2,
		body: 'whole',
	},
	{name: 'says 100 in its body', scripts: [[ok(interim(100))]], body: interim(100)},
	{name: 'says 102', scripts: [[interim(102), ok()]], body: 'whole'},
	{name: 'says 103 with links', scripts: [[interim(103, 'Link: </a>'), ok()]], body: 'whole'},
	{name: 'says 199', scripts: [[interim(199), ok()]], body: 'whole'},
	{name: 'says 20 interim answers', scripts: [[many(20, interim(103)), ok()]], body: 'whole'},
	{
		name: 'says 21 interim answers',
		scripts: [[many(21, interim(100)), ok()]],
		code: 'BAD_RESPONSE',
		message: /more than 20 interim answers/,
	},
	{name: 'never stops saying 100', scripts: [[endless(interim(100))]], code: 'BAD_RESPONSE', message: /interim/},
	{
		name: 'switches protocols unasked',
		scripts: [[interim(101, 'Upgrade: websocket', 'Connection: Upgrade')]],
		code: 'BAD_RESPONSE',
		message: /101/,
	},
	{name: 'says 101 and nothing of an upgrade', scripts: [[interim(101), ok()]], code: 'BAD_RESPONSE', message: /101/},
	{name: 'says 000', scripts: [['HTTP/1.1 000 None\r\n\r\n']], code: 'BAD_RESPONSE', message: /status 0 /},
	{name: 'says 099', scripts: [['HTTP/1.1 099 Early\r\n\r\n']], code: 'BAD_RESPONSE', message: /status 99 /},
	{name: 'says 42', scripts: [['HTTP/1.1 42 Answer\r\n\r\n']], code: 'BAD_RESPONSE'},
	{name: 'says 2000', scripts: [['HTTP/1.1 2000 OK\r\n\r\n']], code: 'BAD_RESPONSE'},
	{name: 'says 600', scripts: [[answer(600)]], code: 'HTTP_600', message: /^600 \(no status of HTTP\)$/, status: 600},
	{name: 'says 999', scripts: [[answer(999)]], code: 'HTTP_999', message: /^999 \(no status of HTTP\)$/},
	{name: 'says 499', scripts: [[answer(499)]], code: 'HTTP_499', message: /^499 \(unnamed client error\)$/},
	{name: 'says no reason phrase', scripts: [['HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok']], body: 'ok'},
	{
		name: 'says a reason phrase of 100 kB',
		scripts: [[`HTTP/1.1 200 ${many(10_000, 'very fine ')}\r\nContent-Length: 2\r\n\r\nok`]],
		body: 'ok',
	},
	{
		name: 'never stops with its reason phrase',
		scripts: [['HTTP/1.1 200 ', endless(many(1_000, 'very fine '))]],
		code: 'HEADERS_TOO_LARGE',
		message: /no end/,
	},
	{name: 'speaks HTTP/1.0 and hangs up', scripts: [['HTTP/1.0 200 OK\r\n\r\nold', FIN]], body: 'old'},
	{name: 'speaks HTTP/1.0 with a length', scripts: [['HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold']], body: 'old'},
	{
		name: 'speaks HTTP/1.0 with 100',
		scripts: [['HTTP/1.0 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold']],
		code: 'BAD_RESPONSE',
		message: /connection: close/,
	},
	{name: 'speaks http/1.1', scripts: [['http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok']], code: 'BAD_RESPONSE'},
	{
		name: 'speaks HTTP/3.0',
		scripts: [['HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\nok']],
		code: 'BAD_RESPONSE',
		message: /version/,
	},
	{name: 'begins with empty lines', scripts: [[`\r\n\r\n${ok()}`]], body: 'whole'},
	{name: 'speaks HTTP/0.9', scripts: [['<html><title>Old</title>', FIN]], code: 'BAD_RESPONSE', message: /HTTP\/0\.9/},
	{name: 'speaks SSH', accept: ['SSH-2.0-OpenSSH_9.9\r\n'], code: 'BAD_RESPONSE', message: /SSH/, requests: 1},
	{name: 'speaks FTP', accept: ['220 ftp ready\r\n'], code: 'BAD_RESPONSE', message: /FTP/, requests: 1},
	{name: 'speaks ICY', scripts: [['ICY 200 OK\r\n\r\n']], code: 'BAD_RESPONSE', message: /expected http/},
	{name: 'speaks TLS', scripts: [[Buffer.from('15030100020246', 'hex'), FIN]], code: 'TLS_EXPECTED', message: /TLS/},
	{
		name: 'speaks HTTP/2',
		scripts: [[Buffer.from('00000c0400000000000003000000640004000fffff', 'hex')]],
		code: 'BAD_RESPONSE',
		message: /HTTP\/2/,
	},
	{
		name: 'sends noise',
		scripts: [[Buffer.from(Array.from({length: 999}, (_, index) => (index * 73 + 128) % 256))]],
		code: 'BAD_RESPONSE',
	},
	{name: 'sends zeros without end', scripts: [[endless('\0'.repeat(10_000))]], code: 'BAD_RESPONSE'},
];

/** Bombs, and what no header may look like. */
const fields: Row[] = [
	{
		name: 'sends a field of 300 kB',
		scripts: [[`${line}X: ${many(300_000, 'x')}\r\n\r\n`]],
		code: 'HEADERS_TOO_LARGE',
		message: /16 KiB/,
	},
	{
		name: 'sends 10,000 fields',
		scripts: [[`${line}${many(10_000, 'a: b\r\n')}\r\n`]],
		code: 'HEADERS_TOO_LARGE',
		message: /16 KiB/,
	},
	{name: 'sends a name of 300 kB', scripts: [[`${line}${many(300_000, 'x')}: 1\r\n\r\n`]], code: 'HEADERS_TOO_LARGE'},
	{name: 'sends 15 kB of fields', scripts: [[ok('whole', `X: ${many(15_000, 'x')}`)]], body: 'whole'},
	{name: 'never ends a field', scripts: [[`${line}X: `, endless(many(10_000, 'x'))]], code: 'HEADERS_TOO_LARGE'},
	{name: 'folds a field', scripts: [[ok('whole', 'X: 1', ' 2')]], code: 'BAD_RESPONSE', message: /whitespace/},
	{name: 'sends a field without a name', scripts: [[ok('whole', ': 1')]], code: 'BAD_RESPONSE'},
	{name: 'sends a field without a colon', scripts: [[ok('whole', 'X 1')]], code: 'BAD_RESPONSE'},
	{name: 'sends a field without a value', scripts: [[ok('whole', 'X:', 'Y: 2')]], body: 'whole'},
	{name: 'sends a blank before the colon', scripts: [[ok('whole', 'X : 1')]], code: 'BAD_RESPONSE'},
	{name: 'sends NUL in a field', scripts: [[ok('whole', 'X: a\0b')]], code: 'BAD_RESPONSE', message: /value char/},
	{name: 'sends CR in a field', scripts: [[ok('whole', 'X: a\rb')]], code: 'BAD_RESPONSE'},
	{
		name: 'ends its lines with LF',
		scripts: [['HTTP/1.1 200 OK\nContent-Length: 2\n\nok']],
		code: 'BAD_RESPONSE',
		message: /missing expected cr/,
	},
	{
		name: 'sends escape sequences in a field',
		scripts: [[ok('whole', 'Content-Type: \u001b[31mred')]],
		code: 'BAD_RESPONSE',
	},
	{
		name: 'sends bytes above ASCII in a field',
		scripts: [[Buffer.from(ok('whole', 'X: \u00e9'), 'latin1')]],
		body: 'whole',
	},
	{
		name: 'sends one length twice',
		scripts: [[`${length('5', '5')}whole`]],
		code: 'BAD_RESPONSE',
		message: /headers contradict/,
	},
	{
		name: 'sends two lengths',
		scripts: [[`${length('5', '6')}whole`]],
		code: 'BAD_RESPONSE',
		message: /headers contradict/,
	},
	{
		name: 'sends two lengths in one',
		scripts: [[`${length('5, 6')}whole`]],
		code: 'BAD_RESPONSE',
		message: /headers contradict/,
	},
	{
		name: 'sends a negative length',
		scripts: [[`${length('-5')}whole`]],
		code: 'BAD_RESPONSE',
		message: /content-length/,
	},
	{
		name: 'sends a length that is no number',
		scripts: [[`${length('five')}whole`]],
		code: 'BAD_RESPONSE',
		message: /content-length/,
	},
	{
		name: 'sends a length with a plus',
		scripts: [[`${length('+5')}whole`]],
		code: 'BAD_RESPONSE',
		message: /content-length/,
	},
	{
		name: 'sends a length in base 16',
		scripts: [[`${length('0x5')}whole`]],
		code: 'BAD_RESPONSE',
		message: /content-length/,
	},
	{
		name: 'sends an empty length',
		scripts: [[`${length('')}whole`, FIN]],
		code: 'BAD_RESPONSE',
		message: /content-length/,
	},
	{
		name: 'sends a length above 64 bits',
		scripts: [[`${length('99999999999999999999')}whole`]],
		code: 'BAD_RESPONSE',
		message: /headers contradict/,
	},
	{
		name: 'sends a length and chunks',
		scripts: [[`${head('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`]],
		code: 'BAD_RESPONSE',
		message: /headers contradict/,
	},
	{
		name: 'sends chunks and a length',
		scripts: [[`${head('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n`]],
		code: 'BAD_RESPONSE',
		message: /transfer-encoding/,
	},
	{
		name: 'sends a transfer coding that is not known',
		scripts: [[`${head('Transfer-Encoding: gzip')}whole`, FIN]],
		body: 'whole',
	},
	{
		name: 'sends chunked before another transfer coding',
		scripts: [[`${head('Transfer-Encoding: chunked, identity')}whole`, FIN]],
		body: 'whole',
	},
	{
		name: 'says chunked twice',
		scripts: [[`${head('Transfer-Encoding: chunked, chunked')}5\r\nwhole\r\n0\r\n\r\n`]],
		body: 'whole',
	},
];

matrix('an answer whose server', [...statusLine, ...fields]);
