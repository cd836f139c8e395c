import {isNameEnd, isSpace, longestName, type State} from './text.ts';

/**
 * Reads tags that come in pieces cut anywhere: names, attributes, slashes, as HTML does (§13.2.5.6–40). What is not well-formed
 * XML would end an XML parser; here it is read as HTML would.
 */
export abstract class TagReader {
	isDone = false;
	/** UTF-16 units looked at. */
	consumed = 0;
	protected abstract state: State;
	protected name = '';
	protected isEnd = false;
	protected attributes = new Map<string, string>();
	#isKept = false;
	#attribute = '';
	#value = '';

	/** Whether the attributes of such an element say something. */
	protected abstract keeps(name: string): boolean;
	/** Of names. */
	protected abstract fold(text: string): string;
	/** A tag is complete. Says by `state` what comes next. */
	protected abstract emit(isSelfClosing: boolean): void;

	/** Takes the next piece of the document. Nothing is looked at twice. */
	write(text: string): void {
		let at = 0;
		while (at < text.length && !this.isDone) at = this.state(text, at);
		this.consumed += at;
	}

	protected beginTag(isEnd: boolean, at: number): number {
		this.isEnd = isEnd;
		this.name = '';
		if (this.attributes.size > 0) this.attributes = new Map();
		this.#attribute = '';
		this.state = this.#tagName;
		return at;
	}

	#tagName(text: string, at: number): number {
		let end = at;
		while (end < text.length && !isNameEnd(text[end] ?? '')) end++;
		if (this.name.length < longestName) this.name += this.fold(text.slice(at, end));
		if (end < text.length) this.state = this.#afterValue;
		return end;
	}

	/** Goes on behind the name of an end tag that was read already. */
	protected resumeTag(name: string, at: number): number {
		this.beginTag(true, at);
		this.name = name;
		this.state = this.#afterValue;
		return at;
	}

	/** Behind a name, a value, a `/`: wherever the next attribute may begin. */
	#afterValue(text: string, at: number): number {
		const char = text[at] ?? '';
		if (char === '>') return this.#close(false, at);
		if (char === '/') this.state = this.#slash;
		else if (!isSpace(char)) {
			this.#isKept = this.keeps(this.name);
			this.#attribute = this.fold(char);
			this.#value = '';
			this.state = this.#attributeName;
		}
		return at + 1;
	}

	#slash(text: string, at: number): number {
		if (text[at] === '>') return this.#close(true, at);
		this.state = this.#afterValue;
		return at;
	}

	/** Its first character may be a `=`. */
	#attributeName(text: string, at: number): number {
		let end = at;
		while (end < text.length && text[end] !== '=' && !isNameEnd(text[end] ?? '')) end++;
		if (this.#isKept && this.#attribute.length < longestName) this.#attribute += this.fold(text.slice(at, end));
		if (end < text.length) this.state = this.#afterName;
		return end;
	}

	#afterName(text: string, at: number): number {
		const char = text[at] ?? '';
		if (isSpace(char)) return at + 1;
		if (char === '=') {
			this.state = this.#beforeValue;
			return at + 1;
		}
		this.#endAttribute();
		return at;
	}

	#beforeValue(text: string, at: number): number {
		const char = text[at] ?? '';
		if (isSpace(char)) return at + 1;
		if (char === '"') this.state = this.#doubleQuoted;
		else if (char === "'") this.state = this.#singleQuoted;
		else if (char === '>') this.#endAttribute();
		else this.state = this.#unquoted;
		return char === '"' || char === "'" ? at + 1 : at;
	}

	#doubleQuoted: State = (text, at) => this.#quoted('"', text, at);
	#singleQuoted: State = (text, at) => this.#quoted("'", text, at);

	#quoted(quote: string, text: string, at: number): number {
		const end = text.indexOf(quote, at);
		this.#keepValue(text, at, end === -1 ? text.length : end);
		if (end === -1) return text.length;
		this.#endAttribute();
		return end + 1;
	}

	#unquoted(text: string, at: number): number {
		let end = at;
		while (end < text.length && text[end] !== '>' && !isSpace(text[end] ?? '')) end++;
		this.#keepValue(text, at, end);
		if (end < text.length) this.#endAttribute();
		return end;
	}

	#keepValue(text: string, at: number, end: number): void {
		if (this.#isKept && this.#value.length < longestName) this.#value += text.slice(at, end);
	}

	#endAttribute(): void {
		if (this.#isKept && this.attributes.size < longestName && !this.attributes.has(this.#attribute))
			this.attributes.set(this.#attribute, this.#value);
		this.state = this.#afterValue;
	}

	#close(isSelfClosing: boolean, at: number): number {
		this.emit(isSelfClosing);
		return at + 1;
	}
}
