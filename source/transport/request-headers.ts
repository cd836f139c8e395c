import type {FetchRequest} from '../engine/seams.ts';
import {cookieHeader, type SentCookie} from './cookie-header.ts';
import {authorizationFor, type CredentialOptions} from './credentials.ts';

/** What every request carries. */
export type HeaderOptions = CredentialOptions & {
	userAgent: string;
	/** More request headers, sent to the URL's own origin only. */
	headers: ReadonlyArray<readonly [name: string, value: string]>;
	/** Cookies as in `a=1; b=2`, sent to the URL's own origin only. */
	cookie?: string;
	/** Ask for content codings. Whoever saves the body has to decode it. */
	compressed?: boolean;
};

/** What a request to `url` carries: the first one, or one that a redirect led to. `jar` is what was received, and is for `url`. */
export function requestHeaders(
	url: URL,
	request: FetchRequest,
	options: HeaderOptions,
	jar: readonly SentCookie[],
): Map<string, string> {
	const isOwn = url.origin === request.url.origin;
	// Identity, because what is saved must be the file itself, and a range of a compressed body is no use.
	const headers = new Map([
		['user-agent', options.userAgent],
		['accept', '*/*'],
		['accept-encoding', options.compressed ? 'gzip, deflate, br, zstd' : 'identity'],
	]);
	const authorization = authorizationFor(url, request.url, options);
	if (authorization !== undefined) headers.set('authorization', authorization);
	// The user's own headers may hold secrets, so they stay with the origin they were meant for.
	const own = isOwn ? [...options.headers, ...(request.headers ?? [])] : [];
	for (const [name, value] of own) headers.set(name.toLowerCase(), value);
	const cookie = cookieHeader({header: headers.get('cookie'), data: isOwn ? options.cookie : undefined, jar});
	if (cookie !== undefined) headers.set('cookie', cookie);
	for (const [name, value] of conditions(request)) if (value !== undefined) headers.set(name, value);
	return headers;
}

/** Which bytes, and of which version. */
function conditions({range, ifRange, unless}: FetchRequest): Array<[string, string | undefined]> {
	return [
		['range', range && `bytes=${range[0]}-${range[1] === undefined ? '' : range[1] - 1}`],
		['if-range', ifRange],
		['if-none-match', unless?.etag],
		['if-modified-since', unless?.lastModified],
	];
}
