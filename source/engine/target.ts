import {sanitize} from '../format/sanitize.ts';

/** What to fetch, and how to name it to people: as given, without the credentials. */
export type Target = {url: URL; display: string};

/** Text that should have been a URL, without what looks like credentials in one. */
export const withoutUserinfo = (text: string): string => text.replace(/\/\/[^/?#\r\n]*@/g, '//');

/** A line of an input as a URL (WHATWG URL Standard), or undefined if it is not an absolute http(s) one. */
export function parseTarget(line: string): Target | undefined {
	const url = URL.parse(line);
	if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
	return {url, display: sanitize(withoutCredentials(line, url))};
}

function withoutCredentials(line: string, url: URL): string {
	if (url.username === '' && url.password === '') return line;
	const bare = new URL(url);
	bare.username = '';
	bare.password = '';
	return bare.href;
}

/** The http(s) URLs in a text that a person pasted: bare, quoted, in brackets or in a sentence; `#` lines are comments. */
export function urlsIn(text: string): string[] {
	const lines = text.split(/\r?\n/).filter(line => !line.trimStart().startsWith('#'));
	const found = lines.flatMap(
		line =>
			line.match(
				/https?:\/\/[^\s<>"'`()[\]{}|\\^，。；！？、（）「」]+?(?=[.,;:!?]*(?:[\s<>"'`()[\]{}|\\^，。；！？、（）「」]|,https?:|$))/gi,
			) ?? [],
	);
	return found.filter(url => parseTarget(url));
}
