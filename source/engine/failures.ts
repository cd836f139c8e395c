/** What a code means to a person. */
export type Meaning = {
	means: string;
	/** Whether another try can help. */
	retryable: boolean;
	/** What the user can do about it, as a short order; empty where that is nothing but to wait or to look elsewhere. */
	remedy: string;
	/** That is of no use for a task that is alone at its host. */
	isForMany?: true;
	/** Ours, not the server's: another mirror would not help. */
	local?: true;
};

const transient = (means: string, remedy = ''): Meaning => ({means, retryable: true, remedy});
const permanent = (means: string, remedy = ''): Meaning => ({means, retryable: false, remedy});
const local = (means: string, remedy = ''): Meaning => ({means, retryable: false, remedy, local: true});

/** Every code that can be named beside `HTTP_nnn`. Codes are stable: scripts compare them. */
export const failures: Readonly<Record<string, Meaning>> = {
	ECONNREFUSED: transient('connection refused', 'check the port, and that the server runs'),
	ECONNRESET: transient('connection reset by the server'),
	ECONNABORTED: transient('connection aborted'),
	EPIPE: transient('connection closed while sending'),
	ETIMEDOUT: transient('connection timed out', 'check the network'),
	ENETUNREACH: transient('network unreachable', 'check the network'),
	ENETDOWN: transient('network is down', 'check the network'),
	EHOSTUNREACH: transient('host unreachable', 'check the network'),
	EADDRNOTAVAIL: transient('no local address or port is left for the connection', 'lower -c'),
	EAI_AGAIN: transient('name lookup failed for now', 'check the network and its name servers'),
	ENOTFOUND: permanent('no such host', 'check the spelling of the host'),
	CONNECT_TIMEOUT: transient('no connection in time', 'raise --connect-timeout'),
	FIRST_BYTE_TIMEOUT: transient('no answer in time', 'raise --timeout'),
	SILENCE_TIMEOUT: transient('the transfer stalled', 'raise --timeout'),
	TOO_SLOW: transient('slower than --min-speed', 'lower --min-speed'),
	CLOSED_EARLY: transient('connection closed before the end of the answer'),
	SHORT_BODY: transient('the body is shorter than its Content-Length'),
	BAD_RESPONSE: permanent('the answer is not valid HTTP', 'check scheme and port'),
	HEADERS_TOO_LARGE: permanent('the headers are too large'),
	TOO_MANY_REDIRECTS: permanent('too many redirects', 'raise --max-redirects'),
	REDIRECT_LOOP: permanent('the redirects go in a circle', 'look whether the site wants a cookie (-b) or a login (-u)'),
	BAD_REDIRECT: permanent('the redirect leads to no http(s) URL'),
	BAD_RANGE: transient('the server answered with another range than the one asked for', 'use -x 1'),
	BAD_PART: transient('the part file is gone or was changed by someone else', 'let one program write there'),
	CHANGED: transient('the file changed on the server meanwhile'),
	TOO_LARGE: local('the body is longer than --max-size', 'raise --max-size'),
	CHECKSUM_MISMATCH: permanent(
		'the file does not match its checksum',
		'compare NAME.bad with its source; check the digest',
	),
	UNKNOWN_CODING: permanent('the body is in a content coding that is not known here', 'fetch without --compressed'),
	BAD_CODING: transient('the body cannot be decoded', 'fetch without --compressed'),
	CANCELED: local('canceled', 'run it again'),
	INVALID_URL: local('not an http(s) URL', 'correct the URL'),
	INVALID_OPTION: local('an option of this line of the list cannot be used', 'correct the line'),
	INVALID_REQUEST: local('the request cannot be sent like this', 'correct the URL and the headers'),
	CERT_HAS_EXPIRED: permanent('the certificate has expired', 'check the clock of this machine'),
	CERT_NOT_YET_VALID: permanent('the certificate is not valid yet', 'check the clock of this machine'),
	DEPTH_ZERO_SELF_SIGNED_CERT: permanent('the certificate is self-signed', 'name it by --cacert, or trust any by -k'),
	SELF_SIGNED_CERT_IN_CHAIN: permanent('a certificate of the chain is self-signed', 'name its issuer by --cacert'),
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: permanent('the certificate cannot be verified', 'name its issuer by --cacert'),
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: permanent('the certificate has an unknown issuer', 'name its issuer by --cacert'),
	ERR_TLS_CERT_ALTNAME_INVALID: permanent('the certificate is for another host', 'use the name that it is for'),
	CERT_REVOKED: permanent('the certificate has been revoked'),
	CERT_UNTRUSTED: permanent('the certificate cannot be trusted'),
	ERR_SSL_WRONG_VERSION_NUMBER: permanent('the server does not speak TLS on this port', 'use http://, or another port'),
	TLS_EXPECTED: permanent('the server speaks only TLS on this port', 'use https://'),
	TLS_VERSION: permanent('the server speaks no version of TLS that is safe'),
	TLS_CLIENT_CERTIFICATE: permanent('the server wants a certificate of the client'),
	TLS_FAILED: permanent('no agreement on TLS with the server'),
	TLS_BROKEN: transient('the TLS connection broke'),
	PROXY_UNREACHABLE: transient('no connection to the proxy', 'check --proxy and the proxy variables'),
	PROXY_AUTH: permanent('the proxy wants a login, or refuses this one', 'give them in the URL of --proxy'),
	PROXY_REFUSED: permanent('the proxy refuses to connect there', 'use another --proxy, or --no-proxy'),
	PROXY_FAILED: transient('the proxy could not connect there'),
	PROXY_BAD_ANSWER: permanent('the proxy does not speak the protocol of its URL', 'check the scheme of --proxy'),
	ENOSPC: local('the disk is full', 'make room and run it again'),
	EDQUOT: local('the disk quota is used up', 'make room and run it again'),
	EACCES: local('no permission to write there', 'choose another --dir'),
	EPERM: local('writing there is not permitted', 'choose another --dir'),
	EROFS: local('the file system is read-only', 'choose another --dir'),
	EISDIR: local('a folder stands where the file should be', 'choose another --output'),
	ENOTDIR: local('a file stands where a folder should be', 'choose another --dir or --output'),
	ENOENT: local('no such file or folder', 'do not move --dir while it runs'),
	EEXIST: local('a file of that name is in the way', 'choose another --output'),
	EBUSY: local('the file is in use', 'close what uses it'),
	EMFILE: transient('too many open files', 'raise ulimit -n, or lower -c'),
	ELOOP: local('a symbolic link is in the way', 'choose another --dir'),
	EFBIG: local('the file is larger than the system allows', 'choose another --dir'),
	ENAMETOOLONG: local('the file name is too long', 'choose another --output'),
	EINVAL: local('the file system takes no such name', 'choose another --output'),
	ENOTSUP: local('the file system cannot do this', 'choose another --dir'),
	EIO: local('the disk reported an error', 'check the disk'),
	ENOMEM: local('no memory is left', 'lower -c'),
	WORKER_DIED: {...transient('the workers that had it died, one after the other'), local: true},
	UNKNOWN: permanent('something unexpected happened', 'report it'),
};

/** A status: its name where Node knows none, what it means, and whether another try can help. */
type StatusMeaning = Meaning & {name?: string};

const later = (means: string, name?: string): StatusMeaning => ({...transient(means), ...(name && {name})});

const fewerAtOnce = {remedy: 'lower --per-host', isForMany: true} as const;

/** Statuses worth another try: RFC 9110's temporary ones, 425 (RFC 8470), 429 (RFC 6585) and what CDNs use for them. And those a user can do something about. */
export const statuses: Readonly<Record<number, StatusMeaning>> = {
	401: permanent('a login is needed', 'give it by -u, --netrc or -H'),
	403: permanent('not allowed', 'look whether the site wants a login or another --user-agent'),
	404: permanent('not there', 'check the URL'),
	407: permanent('the proxy wants a login', 'give it in the URL of --proxy'),
	408: later('the server waited too long for the request'),
	410: permanent('no longer there'),
	425: later('too early for the server'),
	429: {...later('too many requests'), ...fewerAtOnce},
	451: permanent('not available for legal reasons'),
	500: later('the server failed'),
	502: later('a server behind the server failed'),
	503: {...later('the server is overloaded or under maintenance'), ...fewerAtOnce},
	504: later('a server behind the server did not answer in time'),
	520: later('the CDN got no proper answer', 'Web Server Returned an Unknown Error'),
	521: later('the server behind the CDN is down', 'Web Server Is Down'),
	522: later('the CDN got no connection', 'Connection Timed Out'),
	523: later('the CDN cannot reach the server', 'Origin Is Unreachable'),
	524: later('the CDN got no answer in time', 'A Timeout Occurred'),
};
