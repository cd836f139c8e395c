/** One `machine` of a netrc; `machine` is undefined for `default`. */
export type NetrcEntry = {machine?: string; login: string; password: string};

/** A word, and whether it was quoted: a keyword is not. */
type Word = {text: string; line: number; isQuoted: boolean};

const escapes: Readonly<Record<string, string>> = {n: '\n', r: '\r', t: '\t'};

/**
 * Reads a netrc as curl and ftp do: `machine`, `default`, `login`, `password`, `account`, `macdef` up to an empty line, words in
 * double quotes with backslashes, `#` comments where a keyword could stand. Written here, because what npm has is of 2013, or wants a
 * library for processes. Throws with the number of the line. Never with what is in it: that is a secret.
 */
export function parseNetrc(text: string): NetrcEntry[] {
	const entries: NetrcEntry[] = [];
	const words = new Words(text);
	const value = (of: Word): string => {
		const word = words.next();
		if (!word) throw new Error(`line ${of.line}: nothing follows \`${of.text}\``);
		return word.text;
	};
	for (let word = words.next('comments'); word; word = words.next('comments')) {
		const entry = entries.at(-1);
		const keyword = word.isQuoted ? '' : word.text.toLowerCase();
		if (keyword === 'machine') entries.push({machine: value(word).toLowerCase(), login: '', password: ''});
		else if (keyword === 'default') entries.push({login: '', password: ''});
		else if (keyword === 'macdef') words.skipMacro();
		else if (entry && (keyword === 'login' || keyword === 'password')) entry[keyword] = value(word);
		else if (entry && keyword === 'account') value(word);
		else throw new Error(`line ${word.line}: a keyword such as \`machine\` or \`login\` should stand here`);
	}
	return entries;
}

/** The words of a netrc, one after the other. */
class Words {
	readonly #text: string;
	#at = 0;
	/** Where lines were counted up to. */
	#counted = {at: 0, line: 1};

	constructor(text: string) {
		this.#text = text;
	}

	next(comments?: 'comments'): Word | undefined {
		this.#skip(/\s*/y);
		while (comments && this.#text[this.#at] === '#') this.#skip(/.*\s*/y);
		if (this.#at >= this.#text.length) return undefined;
		const line = this.#line;
		if (this.#text[this.#at] !== '"') return {text: this.#skip(/\S+/y), line, isQuoted: false};
		const start = ++this.#at;
		// Not by one pattern: its stack ends before a file does.
		while (this.#skip(/[^"\\]+|\\[\s\S]/y) !== '');
		const quoted = this.#text.slice(start, this.#at);
		if (this.#text[this.#at++] !== '"') throw new Error(`line ${line}: a quote is not closed`);
		const text = quoted.replace(/\\([\s\S])/g, (_, character: string) => escapes[character] ?? character);
		return {text, line, isQuoted: true};
	}

	/** Commands for ftp, up to an empty line. */
	skipMacro(): void {
		this.#skip(/[\s\S]*?(?:\r?\n[ \t]*(?=\r?\n)|$)/y);
	}

	get #line(): number {
		const counted = this.#counted;
		for (let next = this.#text.indexOf('\n', counted.at); next !== -1 && next < this.#at; ) {
			counted.line++;
			counted.at = next + 1;
			next = this.#text.indexOf('\n', counted.at);
		}
		return counted.line;
	}

	#skip(pattern: RegExp): string {
		pattern.lastIndex = this.#at;
		const [found = ''] = pattern.exec(this.#text) ?? [];
		this.#at += found.length;
		return found;
	}
}

/** The first entry for this host (and this login, where one is wanted), else the default. */
export function findLogin(entries: readonly NetrcEntry[], hostname: string, login?: string): NetrcEntry | undefined {
	const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
	const fits = (entry: NetrcEntry) => login === undefined || entry.login === login;
	return (
		entries.find(entry => entry.machine === host && fits(entry)) ??
		entries.find(entry => entry.machine === undefined && fits(entry))
	);
}
