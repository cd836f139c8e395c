import {STATUS_CODES} from 'node:http';
import {sanitize} from '../format/sanitize.ts';

/** Why an attempt failed, as data. `code` is stable and documented; `message` is for people. */
export type Failure = {
	code: string;
	message: string;
	retryable: boolean;
	status?: number;
	/** Milliseconds the server asked us to wait (`Retry-After`, RFC 9110 §10.2.3). */
	retryAfter?: number;
};

type Meaning = {
	means: string;
	retryable: boolean /** Ours, not the server's: another mirror would not help. */;
	local?: true;
};
const transient = (means: string): Meaning => ({means, retryable: true});
const permanent = (means: string): Meaning => ({means, retryable: false});
const local = (means: string): Meaning => ({means, retryable: false, local: true});

/** Every code that can be named beside `HTTP_nnn`: what it means, and whether another try can help. */
export const failures: Readonly<Record<string, Meaning>> = {
	ECONNREFUSED: transient('connection refused'),
	ECONNRESET: transient('connection reset by the server'),
	ECONNABORTED: transient('connection aborted'),
	EPIPE: transient('connection closed while sending'),
	ETIMEDOUT: transient('connection timed out'),
	ENETUNREACH: transient('network unreachable'),
	ENETDOWN: transient('network is down'),
	EHOSTUNREACH: transient('host unreachable'),
	EAI_AGAIN: transient('name lookup failed for now'),
	ENOTFOUND: permanent('no such host'),
	CONNECT_TIMEOUT: transient('no connection in time'),
	FIRST_BYTE_TIMEOUT: transient('no answer in time'),
	SILENCE_TIMEOUT: transient('the transfer stalled'),
	CLOSED_EARLY: transient('connection closed before the end of the answer'),
	SHORT_BODY: transient('the body is shorter than its Content-Length'),
	BAD_RESPONSE: permanent('the answer is not valid HTTP'),
	HEADERS_TOO_LARGE: permanent('the headers are too large'),
	TOO_MANY_REDIRECTS: permanent('too many redirects'),
	REDIRECT_LOOP: permanent('the redirects go in a circle'),
	BAD_REDIRECT: permanent('the redirect leads to no http(s) URL'),
	BAD_RANGE: transient('the server answered with another range than the one asked for'),
	BAD_PART: transient('the part file is gone or was changed by someone else'),
	CHANGED: transient('the file changed on the server meanwhile'),
	TOO_LARGE: local('the body is longer than --max-size'),
	CHECKSUM_MISMATCH: permanent('the file does not match its checksum'),
	UNKNOWN_CODING: permanent('the body is in a content coding that is not known here'),
	BAD_CODING: transient('the body cannot be decoded'),
	CANCELED: local('canceled'),
	INVALID_URL: local('not an http(s) URL'),
	INVALID_OPTION: local('an option of this line of the list cannot be used'),
	CERT_HAS_EXPIRED: permanent('the certificate has expired'),
	CERT_NOT_YET_VALID: permanent('the certificate is not valid yet'),
	DEPTH_ZERO_SELF_SIGNED_CERT: permanent('the certificate is self-signed'),
	SELF_SIGNED_CERT_IN_CHAIN: permanent('a certificate of the chain is self-signed'),
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: permanent('the certificate cannot be verified'),
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: permanent('the certificate has an unknown issuer'),
	ERR_TLS_CERT_ALTNAME_INVALID: permanent('the certificate is for another host'),
	CERT_REVOKED: permanent('the certificate has been revoked'),
	CERT_UNTRUSTED: permanent('the certificate cannot be trusted'),
	ERR_SSL_WRONG_VERSION_NUMBER: permanent('the server does not speak TLS on this port'),
	TLS_EXPECTED: permanent('the server speaks only TLS on this port'),
	TLS_VERSION: permanent('the server speaks no version of TLS that is safe'),
	TLS_FAILED: permanent('no agreement on TLS with the server'),
	PROXY_UNREACHABLE: transient('no connection to the proxy'),
	PROXY_AUTH: permanent('the proxy wants a user and a password, or others'),
	PROXY_REFUSED: permanent('the proxy refuses to connect there'),
	PROXY_FAILED: transient('the proxy could not connect there'),
	PROXY_BAD_ANSWER: permanent('the proxy does not speak the protocol of its URL'),
	ENOSPC: local('the disk is full'),
	EDQUOT: local('the disk quota is used up'),
	EACCES: local('no permission to write there'),
	EPERM: local('writing there is not permitted'),
	EROFS: local('the file system is read-only'),
	EISDIR: local('a folder stands where the file should be'),
	ENOTDIR: local('a file stands where a folder should be'),
	ENOENT: local('no such file or folder'),
	EEXIST: local('a file of that name is in the way'),
	EMFILE: transient('too many open files'),
	ELOOP: local('a symbolic link is in the way'),
	EFBIG: local('the file is larger than the system allows'),
	ENAMETOOLONG: local('the file name is too long'),
	EIO: local('the disk reported an error'),
	UNKNOWN: permanent('something unexpected happened'),
};

/** Codes of undici, Node and OpenSSL that mean what we have a word for. */
const otherNames: Readonly<Record<string, string>> = {
	UND_ERR_CONNECT_TIMEOUT: 'CONNECT_TIMEOUT',
	UND_ERR_HEADERS_TIMEOUT: 'FIRST_BYTE_TIMEOUT',
	UND_ERR_BODY_TIMEOUT: 'SILENCE_TIMEOUT',
	UND_ERR_SOCKET: 'CLOSED_EARLY',
	UND_ERR_HEADERS_OVERFLOW: 'HEADERS_TOO_LARGE',
	UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'SHORT_BODY',
	UND_ERR_INFO: 'CLOSED_EARLY',
	ERR_HTTP2_STREAM_ERROR: 'CLOSED_EARLY',
	ERR_HTTP2_STREAM_CANCEL: 'CLOSED_EARLY',
	ERR_HTTP2_SESSION_ERROR: 'CLOSED_EARLY',
	ERR_HTTP2_GOAWAY_SESSION: 'CLOSED_EARLY',
	ERR_HTTP2_INVALID_SESSION: 'CLOSED_EARLY',
	ERR_HTTP2_ERROR: 'BAD_RESPONSE',
	EPROTO: 'TLS_FAILED',
	ERR_SSL_PACKET_LENGTH_TOO_LONG: 'ERR_SSL_WRONG_VERSION_NUMBER',
	ERR_SSL_HTTP_REQUEST: 'ERR_SSL_WRONG_VERSION_NUMBER',
	ERR_SSL_UNSUPPORTED_PROTOCOL: 'TLS_VERSION',
	ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'TLS_VERSION',
	CERT_SIGNATURE_FAILURE: 'CERT_UNTRUSTED',
	CERT_REJECTED: 'CERT_UNTRUSTED',
	CERT_CHAIN_TOO_LONG: 'CERT_UNTRUSTED',
	PATH_LENGTH_EXCEEDED: 'CERT_UNTRUSTED',
	INVALID_CA: 'CERT_UNTRUSTED',
	INVALID_PURPOSE: 'CERT_UNTRUSTED',
	UNABLE_TO_GET_ISSUER_CERT: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
};

/** Statuses worth another try: RFC 9110's temporary ones, 425 (RFC 8470), 429 (RFC 6585) and what CDNs use for them. */
const retryableStatuses = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** An error with one of the codes above, for what only we can notice (a redirect loop, a short body). */
export function coded(code: keyof typeof failures & string, detail?: string): Error {
	return Object.assign(new Error(detail ?? failures[code]?.means ?? code), {code});
}

/** The `code` that Node, undici and `coded` give their errors. */
export function errorCode(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function httpFailure(status: number, retryAfter?: number): Failure {
	return {
		code: `HTTP_${status}`,
		message: `${status} ${STATUS_CODES[status] ?? 'unknown status'}`,
		retryable: retryableStatuses.has(status),
		status,
		...(retryAfter === undefined ? {} : {retryAfter}),
	};
}

/** Maps whatever undici, Node, DNS, TLS or the disk may throw. Never throws itself, never shows a stack. */
export function failureOf(error: unknown): Failure {
	const code = codeOf(error);
	const known = failures[code];
	if (known) {
		const own = error instanceof Error && errorCode(error) === code ? ownDetail(error, code) : undefined;
		return {code, message: own ?? known.means, retryable: known.retryable};
	}
	const status = /^HTTP_(\d+)$/.exec(code)?.[1];
	if (status !== undefined) return httpFailure(Number(status));
	const message = error instanceof Error ? error.message : String(error);
	return {code, message: sanitize(message) || 'something unexpected happened', retryable: false};
}

/** What went wrong, for a sentence that names the file itself. */
export function reasonOf(error: unknown): string {
	const {code, message} = failureOf(error);
	return error instanceof Error && 'path' in error ? (failures[code]?.means ?? message) : message;
}

/** A disk's error is worth little without the file. Messages of Node repeat the code and the syscall; ours (see `coded`) say something worth showing. */
function ownDetail(error: Error, code: string): string | undefined {
	const {means, local: isLocal} = failures[code] ?? {};
	if (isLocal && 'syscall' in error && 'path' in error)
		return sanitize(`${means}: ${'dest' in error ? error.dest : error.path}`);
	return 'syscall' in error || error.message.includes(code) || /CERT|^ERR_|^UNABLE_/.test(code)
		? undefined
		: sanitize(error.message);
}

function codeOf(error: unknown, depth = 0): string {
	if (!(error instanceof Error) || depth > 5) return 'UNKNOWN';
	// Happy Eyeballs wraps one error per address; the first one names the cause well enough.
	if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0], depth + 1);
	const code = errorCode(error) ?? '';
	// undici 8 forgets the parser's code (HPE_…), so the name has to do.
	if (code.startsWith('HPE_') || error.name === 'HTTPParserError')
		return isAlert(error) ? 'TLS_EXPECTED' : 'BAD_RESPONSE';
	const mapped = otherNames[code] ?? code;
	if (mapped in failures) return mapped;
	if (mapped.startsWith('ERR_SSL_')) return 'TLS_FAILED';
	if (error.cause instanceof Error) return codeOf(error.cause, depth + 1);
	return sanitize(mapped) || 'UNKNOWN';
}

/** What is no HTTP begins as an alert of TLS does (RFC 8446 §5.1); undici shows it in `data`. */
const isAlert = (error: Error): boolean =>
	'data' in error && typeof error.data === 'string' && /^\x15\x03[\0-\x04]/.test(error.data);
