/** What a jar has for a request; `isLoaded` if it came from a file, and no server has set it since. */
export type SentCookie = {name: string; value: string; isLoaded: boolean};

type Sources = {
	/** The user's own `Cookie` header. */
	header?: string | undefined;
	/** What the user wants to begin with: a server may set it anew. */
	data?: string | undefined;
	jar: readonly SentCookie[];
};

type Pair = {name: string; text: string};

/**
 * UTF-16 units of what a jar adds, as many as Node's own servers take of headers. Whoever could set cookies for a site would
 * otherwise make each request to it a megabyte long. curl ends at 8,190.
 */
const longest = 16 * 1024;

/** One `Cookie` header out of all sources (RFC 6265 §5.4). What comes earlier here hides later ones of its name. */
export function cookieHeader({header, data, jar}: Sources): string | undefined {
	if (data === undefined && jar.length === 0) return header;
	let left = longest;
	const fits = ({text}: Pair): boolean => {
		const length = text.length + '; '.length;
		if (length > left) return false;
		left -= length;
		return true;
	};
	const fromJar = (wanted: boolean): Pair[] =>
		jar
			.filter(({isLoaded}) => isLoaded === wanted)
			.map(({name, value}) => ({name, text: name === '' ? value : `${name}=${value}`}))
			.filter(fits);
	const taken = new Set<string>();
	const pairs: Pair[] = [];
	for (const source of [pairsOf(header), fromJar(false), pairsOf(data), fromJar(true)]) {
		const free = source.filter(({name}) => !taken.has(name));
		for (const pair of free) pairs.push(pair);
		for (const {name} of free) taken.add(name);
	}
	return pairs.length > 0 ? pairs.map(({text}) => text).join('; ') : header;
}

const pairsOf = (text = ''): Pair[] =>
	text
		.split(';')
		.map(part => part.trim())
		.filter(part => part !== '')
		.map(part => ({name: part.includes('=') ? part.slice(0, part.indexOf('=')).trim() : '', text: part}));
