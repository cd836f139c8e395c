import {answer, chunked, drip, endless, FIN, head, heard, matrix, ok, type Row, RST} from './helpers/fault.ts';
import {closedOrigin} from './helpers/server.ts';

const short = {timeout: 100};
/** For what has to begin before it falls silent: under load that takes its time. */
const long = {timeout: 1_000};
const line = 'HTTP/1.1 200 OK\r\n';
const begun = `${head('Content-Length: 10', 'ETag: "1"')}12345`;
const once = {retries: 1};

/** A connection ends, is reset or falls silent at each point of an answer. */
const rows: Row[] = [
	{name: 'nobody listens', url: () => `${closedOrigin}/file`, code: 'ECONNREFUSED', requests: 0},
	{
		name: 'nobody listens, each time',
		url: () => `${closedOrigin}/file`,
		options: {retries: 2},
		code: 'ECONNREFUSED',
		attempts: 3,
		requests: 0,
		waits: [250, 500],
	},
	{name: 'resets at once', accept: [RST], code: 'ECONNRESET', requests: 0},
	{name: 'resets when it was asked', scripts: [[RST]], code: 'ECONNRESET'},
	{name: 'resets within the status line', scripts: [['HTTP/1.', RST]], code: 'ECONNRESET'},
	{name: 'resets within the headers', scripts: [[`${line}Content-Le`, RST]], code: 'ECONNRESET'},
	{name: 'resets behind the headers', scripts: [[head('Content-Length: 10'), RST]], code: 'ECONNRESET'},
	{name: 'resets mid-body', scripts: [[begun, heard(5), RST]], code: 'ECONNRESET', part: 5},
	{
		name: 'resets before the last byte',
		scripts: [[`${begun}6789`, heard(9), RST]],
		code: 'ECONNRESET',
		part: 9,
	},
	{name: 'resets behind the last byte', scripts: [[`${begun}67890`, RST]], body: '1234567890'},
	{name: 'resets a body without length', scripts: [[`${head()}12345`, heard(5), RST]], code: 'ECONNRESET', part: 5},
	{name: 'hangs up when it was asked', scripts: [[FIN]], code: 'CLOSED_EARLY'},
	{name: 'hangs up at once', accept: [FIN], code: 'CLOSED_EARLY'},
	{name: 'hangs up within the status line', scripts: [['HTTP/1.', FIN]], code: 'CLOSED_EARLY'},
	{name: 'hangs up within the headers', scripts: [[`${line}Content-Le`, FIN]], code: 'CLOSED_EARLY'},
	{name: 'hangs up behind the headers', scripts: [[head('Content-Length: 10'), FIN]], code: 'CLOSED_EARLY'},
	{name: 'hangs up mid-body', scripts: [[begun, FIN]], code: 'CLOSED_EARLY', part: 5},
	{
		name: 'hangs up mid-body, as it said',
		scripts: [[head('Content-Length: 10', 'Connection: close'), '12345', FIN]],
		code: 'SHORT_BODY',
		part: 5,
	},
	{name: 'hangs up before the last byte', scripts: [[`${begun}6789`, FIN]], code: 'CLOSED_EARLY', part: 9},
	{name: 'hangs up behind the last byte', scripts: [[`${begun}67890`, FIN]], body: '1234567890'},
	{name: 'hangs up behind a body without length', scripts: [[head(), 'all', FIN]], body: 'all'},
	{name: 'hangs up behind the head of a body without length', scripts: [[head(), FIN]], body: ''},
	{name: 'hangs up mid-chunk', scripts: [[chunked('5\r\nab'), FIN]], code: 'CLOSED_EARLY', part: 2},
	{name: 'hangs up between two chunks', scripts: [[chunked('2\r\nab\r\n'), FIN]], code: 'CLOSED_EARLY', part: 2},
	{
		name: 'hangs up between two chunks, as it said',
		scripts: [[head('Transfer-Encoding: chunked', 'Connection: close'), '2\r\nab\r\n', FIN]],
		code: 'CLOSED_EARLY',
		part: 2,
	},
	{
		name: 'hangs up behind the last chunk, but before its end',
		scripts: [[chunked('2\r\nab\r\n0\r\n'), FIN]],
		code: 'CLOSED_EARLY',
		part: 2,
	},
	{name: 'accepts and says nothing', scripts: [[]], options: short, code: 'FIRST_BYTE_TIMEOUT'},
	{name: 'stalls within the status line', scripts: [['HTTP/1.']], options: short, code: 'FIRST_BYTE_TIMEOUT'},
	{name: 'stalls within the headers', scripts: [[`${line}Conte`]], options: short, code: 'FIRST_BYTE_TIMEOUT'},
	{
		name: 'stalls behind an interim answer',
		scripts: [['HTTP/1.1 103 Early Hints\r\n\r\n']],
		options: short,
		code: 'FIRST_BYTE_TIMEOUT',
	},
	{name: 'stalls behind the headers', scripts: [[head('Content-Length: 10')]], options: long, code: 'SILENCE_TIMEOUT'},
	{name: 'stalls mid-body', scripts: [[begun]], options: long, code: 'SILENCE_TIMEOUT', part: 5},
	{name: 'stalls before the last byte', scripts: [[`${begun}6789`]], options: long, code: 'SILENCE_TIMEOUT', part: 9},
	{
		name: 'stalls in a body without length',
		scripts: [[`${head()}12345`]],
		options: long,
		code: 'SILENCE_TIMEOUT',
		part: 5,
	},
	{
		name: 'stalls within the size of a chunk',
		scripts: [[chunked('2\r\nab\r\n1')]],
		options: long,
		code: 'SILENCE_TIMEOUT',
		part: 2,
	},
	{
		name: 'stalls before the last chunk',
		scripts: [[chunked('2\r\nab\r\n')]],
		options: long,
		code: 'SILENCE_TIMEOUT',
		part: 2,
	},
	{
		name: 'stalls mid-body, then goes on where it was',
		scripts: [[begun], [answer(206, ['Content-Range: bytes 0-9/10', 'ETag: "1"'], '1234567890')]],
		options: {...long, ...once},
		attempts: 2,
		body: '1234567890',
	},
	{name: 'drips', scripts: [drip(ok('drop by drop'))], body: 'drop by drop'},
	{name: 'drips in chunks', scripts: [drip(chunked('4\r\ndrop\r\n', '0\r\n\r\n'))], body: 'drop'},
	{
		name: 'closes an idle connection just when it is asked for more',
		scripts: [[answer(503)], [FIN], [ok()]],
		options: once,
		attempts: 2,
		requests: 3,
		body: 'whole',
	},
	{
		name: 'resets an idle connection just when it is asked for more',
		scripts: [[answer(503)], [RST], [ok()]],
		options: once,
		attempts: 2,
		requests: 3,
		body: 'whole',
	},
	{
		name: 'resets each connection when it is asked',
		scripts: [[RST]],
		options: {retries: 2},
		code: 'ECONNRESET',
		attempts: 3,
	},
	{name: 'never stops with its headers', scripts: [[line, endless('a: b\r\n')]], code: 'HEADERS_TOO_LARGE'},
];

matrix('a server that', rows);
