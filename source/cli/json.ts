/** JSON (RFC 8259). Throws an Error that begins with `line:column` of where it breaks off, which V8 does not always tell. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		const {at, why} = new Reader(text).broken() ?? {at: text.length, why: String(error)};
		const lines = text.slice(0, at).split('\n');
		throw new Error(`${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}: ${why}`);
	}
}

type Break = {at: number; why: string};

const string = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const scalar = new RegExp(
	String.raw`${string.source}|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|(?:true|false|null)\b`,
	'y',
);

/** What people write where JSON has nothing like it. */
const slips: ReadonlyArray<readonly [at: RegExp, why: string]> = [
	[/^$/, 'it ends too early'],
	[/^["]/, 'a string must end on its line, and a backslash in it is written \\\\'],
	[/^[/#]/, 'JSON has no comments'],
	[/^'/, 'JSON has strings in double quotes only'],
	[/^[}\]]/, 'there is a comma too many, or something missing before this'],
];

/** Lists within lists that are looked into: each takes some of the stack, which ends at several thousand. */
const deepest = 500;

/** Only for texts that are broken: it looks for the place. */
class Reader {
	readonly #text: string;
	#at = 0;
	#depth = 0;

	constructor(text: string) {
		this.#text = text;
	}

	broken(): Break | undefined {
		try {
			this.#value();
			if (this.#next() !== '') this.#fail('there is something behind the end');
			return undefined;
		} catch (error) {
			return {at: this.#at, why: error instanceof Error ? error.message : String(error)};
		}
	}

	#value(): void {
		const next = this.#next();
		if (next === '{') this.#list('}', () => this.#member());
		else if (next === '[') this.#list(']', () => this.#value());
		else this.#take(scalar, 'a value');
	}

	#member(): void {
		this.#next();
		this.#take(string, 'a name in double quotes');
		if (this.#next() !== ':') this.#fail('expected a colon');
		this.#at++;
		this.#value();
	}

	#list(end: '}' | ']', item: () => void): void {
		if (++this.#depth > deepest) throw new Error('it is nested too deeply');
		this.#at++;
		if (this.#next() !== end) {
			item();
			while (this.#next() === ',') {
				this.#at++;
				item();
			}
		}
		if (this.#next() !== end) this.#fail(`expected a comma or ${end}`);
		this.#at++;
		this.#depth--;
	}

	#take(pattern: RegExp, what: string): void {
		pattern.lastIndex = this.#at;
		const found = pattern.exec(this.#text);
		if (!found) return this.#fail(`expected ${what}`);
		this.#at = pattern.lastIndex;
	}

	/** What comes after blanks. */
	#next(): string {
		while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
		return this.#text[this.#at] ?? '';
	}

	#fail(expected: string): never {
		const next = this.#text[this.#at] ?? '';
		throw new Error(slips.find(([at]) => at.test(next))?.[1] ?? expected);
	}
}
