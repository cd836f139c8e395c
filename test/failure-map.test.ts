import assert from 'node:assert/strict';
import dns from 'node:dns';
import os from 'node:os';
import {errors} from 'undici';
import {optionSpecs} from '../source/cli/options.ts';
import {coded, failureOf, failures, reasonOf, statuses} from '../source/engine/failure.ts';
import {test} from './helpers/engine.ts';

const withCode = (code: string) => Object.assign(new Error('whatever'), {code});
const words = (text: string) => text.trim().split(/\s+/);

/** Codes that the documentation of Node, OpenSSL, llhttp and libc gives for what a fetch does. */
const codes = words(`${Object.keys(os.constants.errno)
	.filter(code => code.startsWith('E'))
	.join(' ')} Z_DATA_ERROR Z_BUF_ERROR Z_MEM_ERROR Z_NEED_DICT Z_STREAM_ERROR Z_VERSION_ERROR
	${Object.values(dns)
		.filter(value => typeof value === 'string' && /^E[A-Z]+$/.test(value))
		.join(' ')}
	EAI_AGAIN EAI_FAIL EAI_NONAME EAI_NODATA EAI_SYSTEM EAI_MEMORY EAI_FAMILY EAI_ADDRFAMILY EAI_SERVICE EAI_BADFLAGS
	UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_CRL UNABLE_TO_DECRYPT_CERT_SIGNATURE UNABLE_TO_DECRYPT_CRL_SIGNATURE
	UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY CERT_SIGNATURE_FAILURE CRL_SIGNATURE_FAILURE CERT_NOT_YET_VALID CERT_HAS_EXPIRED
	CRL_NOT_YET_VALID CRL_HAS_EXPIRED ERROR_IN_CERT_NOT_BEFORE_FIELD ERROR_IN_CERT_NOT_AFTER_FIELD
	ERROR_IN_CRL_LAST_UPDATE_FIELD ERROR_IN_CRL_NEXT_UPDATE_FIELD OUT_OF_MEM DEPTH_ZERO_SELF_SIGNED_CERT
	SELF_SIGNED_CERT_IN_CHAIN UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_VERIFY_LEAF_SIGNATURE CERT_CHAIN_TOO_LONG
	CERT_REVOKED INVALID_CA PATH_LENGTH_EXCEEDED INVALID_PURPOSE CERT_UNTRUSTED CERT_REJECTED HOSTNAME_MISMATCH UNSPECIFIED
	ERR_TLS_CERT_ALTNAME_INVALID ERR_TLS_HANDSHAKE_TIMEOUT ERR_SSL_WRONG_VERSION_NUMBER ERR_SSL_UNSUPPORTED_PROTOCOL
	ERR_SSL_PACKET_LENGTH_TOO_LONG ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE ERR_SSL_TLSV1_UNRECOGNIZED_NAME
	ERR_SSL_DH_KEY_TOO_SMALL ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED ERR_SSL_UNEXPECTED_EOF_WHILE_READING
	HPE_INVALID_CONSTANT HPE_INVALID_HEADER_TOKEN HPE_INVALID_CHUNK_SIZE HPE_INVALID_EOF_STATE HPE_HEADER_OVERFLOW
	ERR_STREAM_PREMATURE_CLOSE ERR_SOCKET_CLOSED ERR_INVALID_URL ERR_INVALID_CHAR ABORT_ERR
	ERR_HTTP2_STREAM_ERROR ERR_HTTP2_SESSION_ERROR ERR_HTTP2_GOAWAY_SESSION ZSTD_error_corruption_detected
	ERR__ERROR_FORMAT_PADDING_1 ERR_BUFFER_TOO_LARGE`);

/** What only a program that misuses the system calls gets: that would be a fault of ours. */
const misuse = new Set(
	words(`E2BIG EALREADY ECHILD EDESTADDRREQ EDOM EFAULT EIDRM EINPROGRESS EISCONN EMSGSIZE ENOEXEC ENOMSG ENOPROTOOPT
		ENOSR ENOSTR ENOTSOCK EPROTOTYPE ERANGE ESRCH`),
);

test('whatever Node, OpenSSL, libc, the name servers or zlib may report has a meaning of its own', () => {
	const unknown = codes.filter(code => {
		const mapped = failureOf(withCode(code)).code;
		return !Object.hasOwn(failures, mapped) || mapped === 'UNKNOWN';
	});
	assert.deepEqual(
		unknown.filter(code => !misuse.has(code)),
		[],
	);
});

test('whatever undici throws at a request that was answered badly has a meaning of its own', () => {
	const cases: Array<[Error, string]> = [
		[new errors.ConnectTimeoutError(), 'CONNECT_TIMEOUT'],
		[new errors.HeadersTimeoutError(), 'FIRST_BYTE_TIMEOUT'],
		[new errors.BodyTimeoutError(), 'SILENCE_TIMEOUT'],
		[new errors.HeadersOverflowError(), 'HEADERS_TOO_LARGE'],
		[new errors.SocketError('other side closed'), 'CLOSED_EARLY'],
		[new errors.InformationalError('reset'), 'CLOSED_EARLY'],
		[new errors.ResponseContentLengthMismatchError(), 'SHORT_BODY'],
		[new errors.ResponseExceededMaxSizeError(), 'TOO_LARGE'],
		[Object.assign(new Error('Invalid method'), {name: 'HTTPParserError', code: undefined}), 'BAD_RESPONSE'],
		[new errors.InvalidArgumentError('invalid header'), 'INVALID_REQUEST'],
		[new errors.RequestAbortedError(), 'CANCELED'],
		[new errors.ClientDestroyedError(), 'CANCELED'],
		[new errors.ClientClosedError(), 'CANCELED'],
		[new DOMException('The operation was aborted', 'AbortError'), 'CANCELED'],
		[new DOMException('It took too long', 'TimeoutError'), 'ETIMEDOUT'],
	];
	for (const [error, code] of cases) assert.equal(failureOf(error).code, code, error.name);
});

test('of several addresses that failed, the one that says something about the server is named', () => {
	const of = (...list: string[]) => failureOf(new AggregateError(list.map(withCode))).code;
	assert.equal(of('ENETUNREACH', 'ECONNREFUSED'), 'ECONNREFUSED');
	assert.equal(of('ETIMEDOUT', 'ECONNREFUSED'), 'ETIMEDOUT');
	assert.equal(of('ENETUNREACH', 'ENETUNREACH'), 'ENETUNREACH');
});

test('each failure says what it means, and names no option that does not exist', () => {
	const flags = optionSpecs.flatMap(
		({flags: text, alias = ''}) => `${text} ${alias}`.match(/(?<![\w-])--?[\w-]+/g) ?? [],
	);
	for (const [code, {means, remedy}] of [...Object.entries(failures), ...Object.entries(statuses)]) {
		assert.match(means, /^[a-z]/i, code);
		assert.doesNotMatch(means + remedy, /[.\n]$/, code);
		const named = remedy.match(/(?<![\w-])--?[a-z][\w-]*/g) ?? [];
		assert.deepEqual(
			named.filter(flag => flag !== '-n' && !flags.includes(flag)),
			[],
			code,
		);
	}
});

/** A generator of numbers that gives the same ones for the same seed (mulberry32). */
function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const nasty = [
	'',
	' ',
	'\n',
	'plain',
	'\u001b[31mred\u001b[0m',
	'\u001b]0;title\u0007',
	'two\nlines',
	'a\r\nb',
	'\u202ereversed',
	'\0',
	'\ud800',
	'x'.repeat(100_000),
	'Error: no\n    at file (/home/me/secret.ts:1:2)\n    at main',
	'\t',
	'\u2028',
	'HTTP_503',
	'toString',
	'__proto__',
	'constructor',
];

/** Anything that JavaScript can throw, nested up to a depth. */
function anything(next: () => number, depth = 0): unknown {
	const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item;
	const text = () => pick(nasty) + (next() < 0.3 ? pick(nasty) : '');
	const makers: Array<() => unknown> = [
		() => text(),
		() => pick([undefined, null, 0, Number.NaN, 7n, Symbol('s'), () => 1, {}, [], Object.create(null), new Map()]),
		() => new TypeError(text()),
		() => Object.assign(new Error(text()), {code: pick([...codes, ...nasty, 7, null, {}])}),
		() =>
			Object.assign(new Error(text()), {
				code: pick(codes),
				syscall: 'open',
				path: pick([text(), 7, Symbol('p'), null]),
			}),
		() => coded(pick(Object.keys(failures)), text()),
		() =>
			Object.assign(new Error(text()), {name: pick(['HTTPParserError', 'AbortError', '__proto__', text()]), data: 7}),
		() => Object.assign(new Error(text()), {stack: text(), message: pick([7, null, {}, text()])}),
		() =>
			Object.defineProperty(new Error(text()), pick(['message', 'code', 'cause', 'name']), {
				get: () => {
					throw new Error('got you');
				},
			}),
		() =>
			new Proxy(new Error(text()), {
				get: () => {
					throw new Error('got you');
				},
			}),
		() => new DOMException(text(), pick(['AbortError', 'NotFoundError'])),
	];
	if (depth > 12) return pick(makers)();
	makers.push(
		() => new Error(text(), {cause: anything(next, depth + 1)}),
		() => new AggregateError([anything(next, depth + 1), anything(next, depth + 1)], text()),
		() => Object.assign(new AggregateError([]), {errors: pick([7, null, 'x', [null]])}),
		() => {
			const error = new Error(text());
			error.cause = pick([error, new AggregateError([error])]);
			return error;
		},
		() => {
			const error = new AggregateError([]);
			error.errors.push(error, error, error);
			return error;
		},
	);
	return pick(makers)();
}

test('whatever is thrown becomes one clean line without a stack, and nothing is thrown in turn', () => {
	const next = random(4);
	for (let count = 0; count < 20_000; count++) {
		const thrown = anything(next);
		const {code, message, retryable} = failureOf(thrown);
		assert.ok(/^[\w/.-]{1,64}$/.test(code), 'a code is one word');
		assert.ok(/^[^\p{Cc}\u2028\u2029\u202e]+$/u.test(message), 'a message is one clean line');
		assert.ok(message.isWellFormed() && message.length <= 1_100);
		assert.doesNotMatch(message, /\bat \S+ \(|secret\.ts/);
		assert.equal(typeof retryable, 'boolean');
		assert.equal(typeof reasonOf(thrown), 'string');
	}
});
