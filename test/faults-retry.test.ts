import assert from 'node:assert/strict';
import {statuses} from '../source/engine/failure.ts';
import {answer, FIN, matrix, ok, type Row, type Script, type Step} from './helpers/fault.ts';
import {closedOrigin} from './helpers/server.ts';

const once = {retries: 1};
const to = (location: string, status = 302): Script => [answer(status, [`Location: ${location}`])];
/** `{origin}` is that of the row, at `{refused}` nobody listens, `{login}` has credentials in it. */
const toOrigin = (location: string): Script => [
	({socket, origin}) => {
		const login = origin.replace('//', '//me:secret@');
		const target = location.replace('{origin}', origin).replace('{refused}', closedOrigin).replace('{login}', login);
		socket.write(answer(302, [`Location: ${target}`]));
	},
];
/** Each request leads to another path. */
const onAndOn: Step = ({socket, asked}) => {
	const [, path = ''] = asked.split(' ');
	socket.write(answer(302, [`Location: ${path}x`]));
};
const path = (request = '') => request.split(' ')[1];

const redirects: Row[] = [
	{name: 'leads to itself', scripts: [to('/file')], code: 'REDIRECT_LOOP', message: /file → .*file$/},
	{name: 'leads in a circle of two', scripts: [to('/b'), to('/file')], code: 'REDIRECT_LOOP', requests: 2},
	{name: 'leads in a circle of three', scripts: [to('/b'), to('/c'), to('/file')], code: 'REDIRECT_LOOP', requests: 3},
	{name: 'leads into a circle', scripts: [to('/b'), to('/c'), to('/b')], code: 'REDIRECT_LOOP', requests: 3},
	{name: 'leads to itself but for the fragment', scripts: [to('/file#there')], code: 'REDIRECT_LOOP'},
	{name: 'leads on and on', scripts: [[onAndOn]], code: 'TOO_MANY_REDIRECTS', requests: 11, message: /more than 10/},
	{
		name: 'leads on ten times',
		scripts: [...Array.from({length: 10}, () => [onAndOn]), [ok()]],
		requests: 11,
		body: 'whole',
	},
	{name: 'leads on where none may', scripts: [to('/b')], options: {maxRedirects: 0}, code: 'TOO_MANY_REDIRECTS'},
	{
		name: 'leads to a file',
		scripts: [to('file:///etc/passwd')],
		code: 'BAD_REDIRECT',
		message: /file:\/\/\/etc\/passwd/,
	},
	{name: 'leads to FTP', scripts: [to('ftp://127.0.0.1/file')], code: 'BAD_REDIRECT'},
	{name: 'leads to a script', scripts: [to('javascript:alert(1)')], code: 'BAD_REDIRECT'},
	{name: 'leads to data', scripts: [to('data:text/plain,whole')], code: 'BAD_REDIRECT'},
	{name: 'leads to no URL', scripts: [to('http://[nowhere')], code: 'BAD_REDIRECT'},
	{name: 'leads to a port that is none', scripts: [to('http://127.0.0.1:99999/')], code: 'BAD_REDIRECT'},
	{
		name: 'leads to FTP with a password',
		scripts: [to('ftp://me:secret@127.0.0.1/')],
		code: 'BAD_REDIRECT',
		message: /^(?!.*secret)/,
	},
	{name: 'leads to a port where nobody listens', scripts: [toOrigin('{refused}/file')], code: 'ECONNREFUSED'},
	{
		name: 'leads to a relative path',
		scripts: [to('next?a=1'), [ok()]],
		requests: 2,
		body: 'whole',
		asked: ([, next]) => assert.equal(path(next), '/next?a=1'),
	},
	{
		name: 'leads to another path without a scheme',
		scripts: [toOrigin('{origin}/next'), [ok()]],
		requests: 2,
		body: 'whole',
	},
	{
		name: 'leads to a path in UTF-8',
		scripts: [[Buffer.from(answer(302, ['Location: /é']))], [ok()]],
		requests: 2,
		asked: ([, next]) => assert.equal(path(next), '/%C3%A9'),
	},
	{
		name: 'leads to a path with a blank',
		scripts: [to('/a b'), [ok()]],
		requests: 2,
		asked: ([, next]) => assert.equal(path(next), '/a%20b'),
	},
	{
		name: 'leads on without saying where',
		scripts: [[answer(302)]],
		code: 'HTTP_302',
		message: /^302 Found, but no Location$/,
	},
	{name: 'leads on and names nothing', scripts: [to('')], code: 'REDIRECT_LOOP'},
	{
		name: 'leads to two places',
		scripts: [[answer(302, ['Location: /b', 'Location: /c'])], [answer(404)]],
		requests: 2,
		code: 'HTTP_404',
	},
	{
		name: 'lets choose between several',
		scripts: [[answer(300, ['Location: /b'])]],
		code: 'HTTP_300',
		message: /^300 Multiple Choices$/,
	},
	{name: 'says 304 although nothing was asked', scripts: [['HTTP/1.1 304 Not Modified\r\n\r\n']], code: 'HTTP_304'},
	{name: 'says 305 and names a proxy', scripts: [to('http://127.0.0.1:1/', 305)], code: 'HTTP_305'},
	...[301, 303, 307, 308].map(
		(status): Row => ({
			name: `leads on by ${status}`,
			scripts: [to('/next', status), [ok()]],
			requests: 2,
			body: 'whole',
		}),
	),
	{name: 'leads on by 399', scripts: [to('/next', 399)], code: 'HTTP_399', message: /unnamed redirect/},
	{
		name: 'gets credentials in a redirect to itself',
		scripts: [toOrigin('{login}/next'), [ok()]],
		requests: 2,
		body: 'whole',
		asked: ([, next]) => assert.match(next ?? '', /authorization: Basic bWU6c2VjcmV0/),
	},
];

/** `Retry-After` on a 503; how long the pause is, in milliseconds. The clock of the tests says 2026-11-22 20:03:42. */
const retryAfter = (name: string, value: string, wait: number): Row => ({
	name: `says Retry-After: ${name}`,
	scripts: [[answer(503, [`Retry-After: ${value}`])], [ok()]],
	options: once,
	attempts: 2,
	body: 'whole',
	waits: [wait],
});

const retried = Object.entries(statuses).filter(([, {retryable}]) => retryable);
const final = [
	400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 426,
	428, 431, 451, 501, 505, 506, 507, 508, 510, 511, 525, 526, 530,
];

const again: Row[] = [
	...retried.map(
		([status, {name}]): Row => ({
			name: `says ${status}, and then has it`,
			scripts: [[answer(Number(status))], [ok()]],
			options: {retries: 4},
			attempts: 2,
			body: 'whole',
			waits: [250],
			...(name && {}),
		}),
	),
	...retried.map(
		([status, {name}]): Row => ({
			name: `says ${status} again and again`,
			scripts: [[answer(Number(status), [], 'sorry')]],
			options: {retries: 2},
			code: `HTTP_${status}`,
			status: Number(status),
			attempts: 3,
			waits: [250, 500],
			message: name ? new RegExp(`^${status} ${name}$`) : new RegExp(`^${status} [A-Z]`),
		}),
	),
	...final.map(
		(status): Row => ({
			name: `says ${status}`,
			scripts: [[answer(status, [], 'no')]],
			options: {retries: 4},
			code: `HTTP_${status}`,
			status,
			waits: [],
		}),
	),
	retryAfter('none', '', 250),
	retryAfter('7', '7', 7_000),
	retryAfter('0', '0', 0),
	retryAfter('a date to come', 'Sun, 22 Nov 2026 20:03:52 GMT', 10_000),
	retryAfter('a date that has passed', 'Sun, 22 Nov 2020 20:03:42 GMT', 0),
	retryAfter('a date of 1994 in RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT', 0),
	retryAfter('nonsense', 'soon', 250),
	retryAfter('a negative number', '-5', 250),
	retryAfter('a fraction', '1.5', 250),
	{
		...retryAfter('an hour, with 429', '', 0),
		name: 'says 429 and Retry-After: 3',
		scripts: [[answer(429, ['Retry-After: 3'])], [ok()]],
		waits: [3_000],
	},
	{
		name: 'says 503 without end',
		scripts: [['HTTP/1.1 503 Busy\r\n\r\nsor', 'ry', FIN], [ok()]],
		options: once,
		attempts: 2,
		body: 'whole',
	},
	{
		name: 'says 503, then breaks off, then has it',
		scripts: [[answer(503)], ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nab', FIN], [ok()]],
		options: {retries: 2},
		attempts: 3,
		body: 'whole',
		waits: [250, 500],
	},
];

matrix('a server that', [...redirects, ...again]);
