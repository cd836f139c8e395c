import {coded} from '../engine/failure.ts';
import {withoutUserinfo} from '../engine/target.ts';

export const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** Where a redirect leads. Throws if that is nowhere or too far. @param count redirects so far, with this one */
export function redirectTarget(location: string, from: URL, count: number, limit: number): URL {
	// Header bytes arrive as Latin-1; a non-ASCII Location is UTF-8 in practice (WHATWG Fetch, "location URL").
	// Without the login of this hop, which a relative URL would take along: it is for this hop.
	const target = URL.parse(Buffer.from(location, 'latin1').toString('utf8'), bare(from));
	if (!target || !/^https?:$/.test(target.protocol))
		throw coded('BAD_REDIRECT', `the redirect leads to no http(s) URL: ${withoutLogin(location)}`);
	if (count > limit) throw coded('TOO_MANY_REDIRECTS', `more than ${limit} redirects`);
	return target;
}

/** What could not be read as a URL may still hold what would have been a login: with one slash or three, or the wrong way round. */
const withoutLogin = (text: string): string => text.replace(/^([a-z][a-z0-9+.-]*:)?([\\/]*)[^/\\?#]*@/i, '$1$2');

/** A URL without credentials and fragment: what may be shown, and what tells two requests apart. */
export function bare(url: URL): string {
	if (!url.username && !url.password && !url.href.includes('#')) return url.href;
	const copy = new URL(url);
	copy.username = '';
	copy.password = '';
	copy.hash = '';
	return copy.href;
}

/** A Location that is not followed, as it may be shown: without a login, however many slashes stand before that. */
export const shownLocation = (location: string): string =>
	/^[a-z][a-z0-9+.-]*:/i.test(location) ? withoutLogin(location) : withoutUserinfo(location);
