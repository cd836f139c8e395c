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

/** What requests carry, names and values in turn. What is the same for most of them is put together once. */
export class RequestHeaders {
	readonly #options: HeaderOptions;
	/** To the URLs' own origins, when there is nothing to be said but what is said to all. */
	readonly #usual: string[];

	constructor(options: HeaderOptions) {
		this.#options = options;
		this.#usual = compose(options, true, undefined, {}, []);
	}

	/** For the first request, or one to which a redirect led. `jar` is what was received, and is for `url`. */
	for(url: URL, request: FetchRequest, jar: readonly SentCookie[]): string[] {
		const isOwn = url === request.url || url.origin === request.url.origin;
		const authorization = authorizationFor(url, request.url, this.#options);
		if (isOwn && authorization === undefined && jar.length === 0 && isPlain(request)) return this.#usual;
		return compose(this.#options, isOwn, authorization, request, jar);
	}
}

type Wishes = Omit<FetchRequest, 'url'>;

const isPlain = ({headers, range, ifRange, unless}: Wishes): boolean =>
	(headers === undefined || headers.length === 0) && !range && ifRange === undefined && !unless;

/** @param isOwn it goes to the origin of the URL that was given */
function compose(
	options: HeaderOptions,
	isOwn: boolean,
	authorization: string | undefined,
	request: Wishes,
	jar: readonly SentCookie[],
): string[] {
	// Identity, because what is saved must be the file itself, and a range of a compressed body is no use.
	const headers = new Map([
		['user-agent', options.userAgent],
		['accept', '*/*'],
		['accept-encoding', options.compressed ? 'gzip, deflate, br, zstd' : 'identity'],
	]);
	if (authorization !== undefined) headers.set('authorization', authorization);
	// The user's own headers may hold secrets, so they stay with the origin they were meant for.
	const own = isOwn ? [...options.headers, ...(request.headers ?? [])] : [];
	for (const [name, value] of own) headers.set(name.toLowerCase(), value);
	const cookie = cookieHeader({header: headers.get('cookie'), data: isOwn ? options.cookie : undefined, jar});
	if (cookie !== undefined) headers.set('cookie', cookie);
	for (const [name, value] of conditions(request)) if (value !== undefined) headers.set(name, value);
	return [...headers].flat();
}

/** The value of `name`, in lower case. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
	for (let index = 0; index < headers.length; index += 2) if (headers[index] === name) return headers[index + 1];
	return undefined;
}

/** Which bytes, and of which version. */
function conditions({range, ifRange, unless}: Wishes): Array<[string, string | undefined]> {
	return [
		['range', range && `bytes=${range[0]}-${range[1] === undefined ? '' : range[1] - 1}`],
		['if-range', ifRange],
		['if-none-match', unless?.etag],
		['if-modified-since', unless?.lastModified],
	];
}
