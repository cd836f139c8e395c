import type {failures} from './failures.ts';

/** One of our codes, and whether the message names what it came from: by its code, or by its message. */
export type Alias = {code: keyof typeof failures & string; shown?: 'code' | 'message'};

const to =
	(code: string, shown?: Alias['shown']) =>
	(name: string): [string, Alias] => [name, {code, ...(shown && {shown})}];

const words = (text: string) => text.trim().split(/\s+/);

/** What others call the same thing. */
const names: ReadonlyMap<string, Alias> = new Map([
	// undici
	...words('UND_ERR_CONNECT_TIMEOUT').map(to('CONNECT_TIMEOUT')),
	...words('UND_ERR_HEADERS_TIMEOUT').map(to('FIRST_BYTE_TIMEOUT')),
	...words('UND_ERR_BODY_TIMEOUT ESOCKETTIMEDOUT').map(to('SILENCE_TIMEOUT')),
	...words('UND_ERR_SOCKET UND_ERR_INFO EOF ERR_STREAM_PREMATURE_CLOSE ERR_SOCKET_CLOSED').map(to('CLOSED_EARLY')),
	...words('UND_ERR_HEADERS_OVERFLOW HPE_HEADER_OVERFLOW').map(to('HEADERS_TOO_LARGE')),
	...words('UND_ERR_RES_CONTENT_LENGTH_MISMATCH').map(to('SHORT_BODY')),
	...words('UND_ERR_RES_EXCEEDED_MAX_SIZE').map(to('TOO_LARGE')),
	...words('UND_ERR_REDIRECT_MAX').map(to('TOO_MANY_REDIRECTS')),
	...words('UND_ERR_PRX_CONN').map(to('PROXY_FAILED', 'message')),
	...words('UND_ERR_PRX_TLS').map(to('PROXY_UNREACHABLE', 'message')),
	...words('UND_ERR_INVALID_ARG ERR_INVALID_CHAR ERR_INVALID_HTTP_TOKEN ERR_UNESCAPED_CHARACTERS').map(
		to('INVALID_REQUEST', 'message'),
	),
	...words('UND_ERR_NOT_SUPPORTED ERR_HTTP_INVALID_HEADER_VALUE').map(to('INVALID_REQUEST', 'message')),
	...words('UND_ERR_ABORT UND_ERR_ABORTED UND_ERR_DESTROYED UND_ERR_CLOSED ABORT_ERR ECANCELED').map(to('CANCELED')),
	...words('ERR_INVALID_URL ERR_INVALID_PROTOCOL').map(to('INVALID_URL')),
	// An assertion of undici's parser: a server has led it where no answer leads.
	...words('ERR_ASSERTION').map(to('BAD_RESPONSE')),
	// Names: getaddrinfo(3), and c-ares.
	...words('EAI_NONAME EAI_NODATA EAI_ADDRFAMILY ENODATA ENONAME EBADNAME ENOTIMP').map(to('ENOTFOUND')),
	...words('EAI_FAIL EAI_SYSTEM EAI_MEMORY EAI_FAMILY EAI_SERVICE EAI_SOCKTYPE EAI_BADFLAGS EAI_OVERFLOW').map(
		to('EAI_AGAIN'),
	),
	...words('EAI_CANCELED ESERVFAIL EREFUSED ETIMEOUT EFORMERR EBADRESP EBADQUERY ELOADIPHLPAPI EDESTRUCTION').map(
		to('EAI_AGAIN'),
	),
	...words('ECANCELLED EBADSTR EBADFLAGS EBADHINTS EBADFAMILY EFILE ENOTINITIALIZED EADDRGETNETWORKPARAMS').map(
		to('EAI_AGAIN'),
	),
	// Sockets
	...words('ETIME').map(to('ETIMEDOUT')),
	...words('EHOSTDOWN ENONET ENOLINK EMULTIHOP').map(to('EHOSTUNREACH')),
	...words('EAFNOSUPPORT EPFNOSUPPORT EPROTONOSUPPORT').map(to('ENETUNREACH')),
	...words('ENETRESET ENOTCONN ESHUTDOWN ERR_STREAM_DESTROYED ERR_STREAM_WRITE_AFTER_END').map(to('ECONNRESET')),
	...words('EADDRINUSE ENOBUFS').map(to('EADDRNOTAVAIL')),
	...words('ERR_SOCKET_CONNECTION_TIMEOUT').map(to('CONNECT_TIMEOUT')),
	// Files
	...words('ENFILE').map(to('EMFILE')),
	...words('ETXTBSY EAGAIN EWOULDBLOCK ENOTEMPTY EDEADLK ENOLCK').map(to('EBUSY')),
	...words('EILSEQ ECHARSET').map(to('EINVAL')),
	...words('EOPNOTSUPP ENOSYS EXDEV ESPIPE ENOTTY EMLINK ENOTBLK').map(to('ENOTSUP')),
	...words('ENXIO ENODEV EBADF ESTALE EREMOTEIO EUCLEAN EBADMSG EINTR ENOMEDIUM').map(to('EIO')),
	...words('EOVERFLOW ERR_FS_FILE_TOO_LARGE').map(to('EFBIG')),
	...words('ERR_MEMORY_ALLOCATION_FAILED ERR_BUFFER_TOO_LARGE ERR_STRING_TOO_LONG OUT_OF_MEM').map(to('ENOMEM')),
	// TLS: X509_verify_cert(3), what Node makes of it, and what breaks later
	...words('UNABLE_TO_GET_ISSUER_CERT').map(to('UNABLE_TO_GET_ISSUER_CERT_LOCALLY')),
	...words('HOSTNAME_MISMATCH').map(to('ERR_TLS_CERT_ALTNAME_INVALID')),
	...words(`CERT_REJECTED CERT_CHAIN_TOO_LONG CERT_SIGNATURE_FAILURE INVALID_CA INVALID_PURPOSE PATH_LENGTH_EXCEEDED
		ERROR_IN_CERT_NOT_BEFORE_FIELD ERROR_IN_CERT_NOT_AFTER_FIELD ERROR_IN_CRL_LAST_UPDATE_FIELD
		ERROR_IN_CRL_NEXT_UPDATE_FIELD CRL_HAS_EXPIRED CRL_NOT_YET_VALID CRL_SIGNATURE_FAILURE UNABLE_TO_GET_CRL
		UNABLE_TO_DECRYPT_CERT_SIGNATURE UNABLE_TO_DECRYPT_CRL_SIGNATURE UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY UNSPECIFIED
		ERR_TLS_CERT_ALTNAME_FORMAT`).map(to('CERT_UNTRUSTED', 'code')),
	...words(`ERR_SSL_UNSUPPORTED_PROTOCOL ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION ERR_SSL_NO_PROTOCOLS_AVAILABLE
		ERR_TLS_INVALID_PROTOCOL_VERSION`).map(to('TLS_VERSION')),
	...words('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED').map(to('TLS_CLIENT_CERTIFICATE')),
	...words(`ERR_SSL_WRONG_SSL_VERSION ERR_SSL_HTTP_REQUEST ERR_SSL_HTTPS_PROXY_REQUEST ERR_SSL_UNKNOWN_PROTOCOL
		ERR_SSL_PACKET_LENGTH_TOO_LONG ERR_SSL_RECORD_LAYER_FAILURE`).map(to('ERR_SSL_WRONG_VERSION_NUMBER')),
	...words(`ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC ERR_SSL_BAD_RECORD_MAC ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC
		ERR_SSL_UNEXPECTED_EOF_WHILE_READING ERR_SSL_APPLICATION_DATA_AFTER_CLOSE_NOTIFY ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR
		ERR_TLS_SESSION_ATTACK ERR_TLS_HANDSHAKE_TIMEOUT`).map(to('TLS_BROKEN', 'code')),
]);

/** Families of codes, whose members are many and alike. */
const families: ReadonlyArray<[RegExp, Alias]> = [
	[/^HPE_/, {code: 'BAD_RESPONSE'}],
	[/^UND_ERR_SOCKS5/, {code: 'PROXY_FAILED', shown: 'message'}],
	[/^ERR_HTTP2_ERROR$/, {code: 'BAD_RESPONSE'}],
	[/^ERR_HTTP2_/, {code: 'CLOSED_EARLY'}],
	[/^(?:Z_|ERR__ERROR_|ERR_BROTLI|ERR_ZLIB|BROTLI_|ZSTD_)/, {code: 'BAD_CODING'}],
	[/^(?:ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$)/, {code: 'TLS_FAILED', shown: 'code'}],
];

/** Errors without a code of their own: undici 8 forgets the parser's (HPE_…), and a DOMException has a number. */
const kinds: Readonly<Record<string, Alias>> = {
	HTTPParserError: {code: 'BAD_RESPONSE'},
	AbortError: {code: 'CANCELED'},
	TimeoutError: {code: 'ETIMEDOUT'},
};

/** What an error of somebody else's is called here; undefined if it has a code of ours, or is not known. */
export function aliasOf(error: Error): Alias | undefined {
	const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
	return (
		names.get(code) ??
		families.find(([family]) => family.test(code))?.[1] ??
		(Object.hasOwn(kinds, error.name) ? kinds[error.name] : undefined)
	);
}
