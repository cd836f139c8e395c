import {findLogin, type NetrcEntry} from './netrc.ts';

export type CredentialOptions = {
	/** `user:password` for the given URLs' own origins. */
	user?: string;
	/** Logins by host, for the given URLs' own origins. */
	netrc?: readonly NetrcEntry[];
};

/**
 * `Authorization` (Basic, RFC 7617) for a request to `url`, to which the given URL `first` led: what the URL itself says wins over
 * `user`, and that over netrc. A redirect's own userinfo is for that hop alone.
 */
export function authorizationFor(url: URL, first: URL, {user, netrc = []}: CredentialOptions): string | undefined {
	const isOwn = url === first || url.origin === first.origin;
	// The first URL's credentials are for its whole origin, however a redirect writes it.
	const given = hasLogin(url) ? url : isOwn && hasLogin(first) ? first : undefined;
	if (given) {
		const [name, password] = [decoded(given.username), decoded(given.password)];
		const known = isOwn && password === '' ? findLogin(netrc, url.hostname, name)?.password : undefined;
		return basic(`${name}:${known ?? password}`);
	}
	if (!isOwn) return undefined;
	if (user !== undefined) return basic(user);
	const entry = findLogin(netrc, url.hostname);
	return entry && basic(`${entry.login}:${entry.password}`);
}

const hasLogin = ({username, password}: URL): boolean => username !== '' || password !== '';

export const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

/** Percent-encoding undone. */
export function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		// A bare percent sign: a URL may hold one, and it means itself.
		return text;
	}
}
