/** A cookie as a file holds it: no port and no SameSite, for the format knows neither. */
export type FiledCookie = {
	domain: string;
	/** For this very host, and not for those below it. */
	hostOnly: boolean;
	path: string;
	secure: boolean;
	httpOnly: boolean;
	/** Epoch seconds; 0 ends with the session, which here is never. */
	expires: number;
	name: string;
	value: string;
};

const httpOnlyMark = '#HttpOnly_';

/**
 * Netscape's cookie file, as curl, wget and yt-dlp read and write it: seven fields between tabs, `#` comments, and
 * `#HttpOnly_` before a domain. Text is Latin-1, so that the bytes of a value stay what they are.
 * Throws with the number of the line that is none. Never with what is in it: that is a secret.
 */
export function parseCookies(text: string): FiledCookie[] {
	return text.split('\n').flatMap((line, index) => {
		const cookie = parseLine(line.replace(/\r$/, ''));
		if (cookie === 'malformed') throw new Error(`line ${index + 1} is no cookie of Netscape's format`);
		return cookie ?? [];
	});
}

function parseLine(line: string): FiledCookie | 'malformed' | undefined {
	const httpOnly = line.startsWith(httpOnlyMark);
	const rest = httpOnly ? line.slice(httpOnlyMark.length) : line;
	if (!httpOnly && (rest.trim() === '' || rest.startsWith('#'))) return undefined;
	// A value that is empty may have lost the tab before it.
	const [domain = '', below = '', path = '', secure = '', expires = '', name = '', value = '', ...more] =
		rest.split('\t');
	const isSound =
		/^\.?[^\s;,/]+$/.test(domain) &&
		/^(TRUE|FALSE)$/i.test(below) &&
		path.startsWith('/') &&
		/^(TRUE|FALSE)$/i.test(secure) &&
		/^\d+(\.\d+)?$/.test(expires) &&
		/^[^\x00-\x20\x7f;=]+$/.test(name) &&
		/^[^\x00-\x1f\x7f;]*$/.test(value) &&
		more.length === 0;
	if (!isSound) return 'malformed';
	return {
		domain: domain.replace(/^\./, '').toLowerCase(),
		hostOnly: below.toUpperCase() === 'FALSE',
		path,
		secure: secure.toUpperCase() === 'TRUE',
		httpOnly,
		expires: Math.floor(Number(expires)),
		name,
		value,
	};
}

/** The whole file. A tab in a cookie cannot be told from the end of its field, so one with a tab is left out. */
export function formatCookies(cookies: readonly FiledCookie[]): string {
	const lines = cookies
		.filter(({name, value, path}) => !/[\t\r\n]/.test(name + value + path))
		.map(({domain, hostOnly, path, secure, httpOnly, expires, name, value}) =>
			[
				`${httpOnly ? httpOnlyMark : ''}${hostOnly ? '' : '.'}${domain}`,
				flag(!hostOnly),
				path,
				flag(secure),
				expires,
				name,
				value,
			].join('\t'),
		);
	return [
		'# Netscape HTTP Cookie File',
		'# Written by fetchtop: changes made while it runs are lost.',
		'',
		...lines,
		'',
	].join('\n');
}

const flag = (is: boolean): string => (is ? 'TRUE' : 'FALSE');
