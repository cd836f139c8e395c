import {coded} from '../engine/failure.ts';
import {withoutUserinfo} from '../engine/target.ts';

export const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** Where a redirect leads. Throws if that is nowhere, in a circle or too far. */
export function redirectTarget(location: string, from: URL, chain: readonly string[], limit: number): URL {
	// Header bytes arrive as Latin-1; a non-ASCII Location is UTF-8 in practice (WHATWG Fetch, "location URL").
	const target = URL.parse(Buffer.from(location, 'latin1').toString('utf8'), from.href);
	if (!target || !/^https?:$/.test(target.protocol))
		throw coded('BAD_REDIRECT', `the redirect leads to no http(s) URL: ${withoutUserinfo(location)}`);
	if (chain.includes(bare(target)))
		throw coded('REDIRECT_LOOP', `the redirects go in a circle: ${[...chain, bare(target)].join(' → ')}`);
	if (chain.length > limit) throw coded('TOO_MANY_REDIRECTS', `more than ${limit} redirects`);
	return target;
}

/** A URL without credentials and fragment: what may be shown, and what tells two requests apart. */
export function bare(url: URL): string {
	const copy = new URL(url);
	copy.username = '';
	copy.password = '';
	copy.hash = '';
	return copy.href;
}
