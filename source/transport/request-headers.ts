import type {FetchRequest} from '../engine/seams.ts';

/** What every request carries. */
export type HeaderOptions = {
	userAgent: string;
	/** More request headers, sent to the URL's own origin only. */
	headers: ReadonlyArray<readonly [name: string, value: string]>;
	/** Ask for content codings. Whoever saves the body has to decode it. */
	compressed?: boolean;
};

/** What a request to `url` carries: the first one, or one that a redirect led to. */
export function requestHeaders(url: URL, request: FetchRequest, options: HeaderOptions): string[] {
	const first = request.url;
	// Identity, because what is saved must be the file itself, and a range of a compressed body is no use.
	const headers = new Map([
		['user-agent', options.userAgent],
		['accept', '*/*'],
		['accept-encoding', options.compressed ? 'gzip, deflate, br, zstd' : 'identity'],
	]);
	// The first URL's credentials are for its whole origin, however a redirect writes it.
	const login = url.username || url.password ? url : url.origin === first.origin ? first : undefined;
	if (login?.username || login?.password) headers.set('authorization', basic(login));
	// The user's own headers may hold secrets, so they stay with the origin they were meant for.
	const own = url.origin === first.origin ? [...options.headers, ...(request.headers ?? [])] : [];
	for (const [name, value] of own) headers.set(name.toLowerCase(), value);
	for (const [name, value] of conditions(request)) if (value !== undefined) headers.set(name, value);
	return [...headers].flat();
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

function basic({username, password}: URL): string {
	const pair = `${decoded(username)}:${decoded(password)}`;
	return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		// A bare percent sign: a URL may hold one, and it means itself.
		return text;
	}
}
