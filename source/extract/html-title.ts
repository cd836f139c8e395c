import {decodeHTML} from 'entities';
import {OpenElements} from './foreign.ts';
import {TagReader} from './tag-reader.ts';
import {
	collapse,
	detach,
	isLetter,
	isNameEnd,
	Kept,
	longestName,
	longestTitle,
	type State,
	type TitleScanner,
} from './text.ts';

/** Elements whose content is text and not tags, up to their end tag. Scripts run in browsers, so `noscript` is one of them. */
const rawElements = new Set('title textarea script style xmp iframe noembed noframes noscript'.split(' '));
/**
 * Finds the first `<title>` of an HTML page as it comes: the tokenizer of the HTML standard (§13.2.5) without what leaves no
 * trace in a title. A whole parser would build the tree of a page whose title never comes, and could not stop as early.
 */
export class HtmlTitle extends TagReader implements TitleScanner {
	title: string | undefined;
	protected state: State = this.#data;
	readonly #open = new OpenElements();
	/** The raw element that is open; its text is kept if that is the title. */
	#raw: string | undefined;
	#isTitle = false;
	readonly #text = new Kept(longestTitle);
	/** A few characters that can only be judged with the next. */
	#pending = '';
	/** Hyphens just before, two at most: they and a `>` end a comment. */
	#hyphens = 0;
	/** A script may hide its end tag in a comment (1) that has another script in it (2). */
	#escape: 0 | 1 | 2 = 0;
	#wordEscape: 1 | 2 = 1;

	/** Only these have attributes that say something here. */
	protected keeps(name: string): boolean {
		return name === 'font' || name === 'annotation-xml';
	}

	protected fold(text: string): string {
		return text.toLowerCase();
	}

	end(isWhole: boolean): void {
		// Browsers take all the rest for a title that is not closed. Of a page that was cut off nobody knows.
		if (!this.isDone && this.#isTitle && isWhole) {
			if (this.state === this.#rawTagOpen) this.#text.add('<');
			if (this.state === this.#rawEndTag) this.#text.add(`</${this.#pending}`);
			this.#finish();
		}
		this.isDone = true;
	}

	#finish(): void {
		const text = collapse(decodeHTML(this.#text.take().replaceAll('\0', '\ufffd')));
		if (text !== '') this.title = detach(text);
		this.isDone = true;
	}

	#data(text: string, at: number): number {
		const next = text.indexOf('<', at);
		if (next === -1) return text.length;
		this.state = this.#tagOpen;
		return next + 1;
	}

	#tagOpen(text: string, at: number): number {
		const char = text[at] ?? '';
		if (char === '!') {
			this.#pending = '';
			this.state = this.#declaration;
			return at + 1;
		}
		if (char === '/') {
			this.state = this.#endTagOpen;
			return at + 1;
		}
		if (isLetter(char)) return this.beginTag(false, at);
		this.state = char === '?' ? this.#bogusComment : this.#data;
		return at;
	}

	#endTagOpen(text: string, at: number): number {
		const char = text[at] ?? '';
		if (isLetter(char)) return this.beginTag(true, at);
		this.state = this.#bogusComment;
		return at;
	}

	/** At the `>` of a tag. */
	protected emit(isSelfClosing: boolean): void {
		this.state = this.#data;
		if (this.#raw !== undefined) {
			// The only tag inside of a raw element is its end.
			this.#open.end(this.#raw);
			this.#raw = undefined;
			if (this.#isTitle) this.#finish();
		} else if (this.isEnd) this.#open.end(this.name);
		else this.#start(isSelfClosing);
	}

	#start(isSelfClosing: boolean): void {
		const name = this.name;
		if (!this.#open.start({name, isSelfClosing, attributes: this.attributes})) return;
		if (name === 'plaintext') this.state = this.#plaintext;
		if (!rawElements.has(name)) return;
		this.#raw = name;
		this.#isTitle = name === 'title' && !this.#open.isTemplate;
		this.#escape = 0;
		this.state = this.#rawText;
	}

	#plaintext(text: string): number {
		return text.length;
	}

	/** Behind `<!`. */
	#declaration(text: string, at: number): number {
		this.#pending += text[at];
		if (this.#pending === '--') {
			// `<!-->` and `<!--->` are whole comments.
			this.#hyphens = 2;
			this.state = this.#commentStart;
			return at + 1;
		}
		const isCdata = this.#open.isForeign && '[CDATA['.startsWith(this.#pending);
		if (this.#pending === '-' || (isCdata && this.#pending !== '[CDATA[')) return at + 1;
		this.#hyphens = 0;
		this.state = isCdata ? this.#cdata : this.#bogusComment;
		return isCdata ? at + 1 : at;
	}

	#bogusComment(text: string, at: number): number {
		const end = text.indexOf('>', at);
		if (end === -1) return text.length;
		this.state = this.#data;
		return end + 1;
	}

	/** `<!--` may be followed by one more hyphen and `>`; `--!>` ends no comment that has just begun. */
	#commentStart(text: string, at: number): number {
		const char = text[at];
		this.state = this.#comment;
		if (char === '>') this.state = this.#data;
		else if (char === '-') this.state = this.#commentStartHyphen;
		else this.#hyphens = 0;
		return at + 1;
	}

	#commentStartHyphen(text: string, at: number): number {
		this.#hyphens = text[at] === '-' ? 2 : 0;
		this.state = text[at] === '>' ? this.#data : this.#comment;
		return at + 1;
	}

	#comment(text: string, at: number): number {
		if (this.#hyphens === 0) {
			const next = text.indexOf('-', at);
			if (next === -1) return text.length;
			this.#hyphens = 1;
			return next + 1;
		}
		const char = text[at];
		if (char === '-') this.#hyphens = 2;
		else if (this.#hyphens === 2 && char === '>') this.state = this.#data;
		else if (this.#hyphens === 2 && char === '!') this.state = this.#commentBang;
		else this.#hyphens = 0;
		return at + 1;
	}

	/** Behind `--!`. */
	#commentBang(text: string, at: number): number {
		this.#hyphens = text[at] === '-' ? 1 : 0;
		this.state = text[at] === '>' ? this.#data : this.#comment;
		return at + 1;
	}

	/** Two brackets, or more, and a `>` end it. */
	#cdata(text: string, at: number): number {
		if (this.#hyphens === 0) {
			const next = text.indexOf(']', at);
			if (next === -1) return text.length;
			this.#hyphens = 1;
			return next + 1;
		}
		if (text[at] === ']') this.#hyphens = 2;
		else if (text[at] === '>' && this.#hyphens === 2) this.state = this.#data;
		else this.#hyphens = 0;
		return at + 1;
	}

	#rawText(text: string, at: number): number {
		const next = text.indexOf('<', at);
		const end = next === -1 ? text.length : next;
		if (this.#isTitle) this.#text.add(text.slice(at, end));
		if (this.#escape > 0) this.#watchHyphens(text, at, end);
		if (next === -1) return end;
		this.#hyphens = 0;
		this.state = this.#rawTagOpen;
		return end + 1;
	}

	/** In a script: `-->` ends what `<!--` began. */
	#watchHyphens(text: string, at: number, end: number): void {
		for (let index = at; index < end && this.#escape > 0; index++) {
			if (text[index] === '-') this.#hyphens = Math.min(2, this.#hyphens + 1);
			else {
				if (text[index] === '>' && this.#hyphens === 2) this.#escape = 0;
				this.#hyphens = 0;
			}
		}
	}

	/** Behind a `<` in a raw element. */
	#rawTagOpen(text: string, at: number): number {
		const char = text[at] ?? '';
		const isScript = this.#raw === 'script';
		this.#pending = '';
		if (char === '/') {
			this.state = this.#escape === 2 ? this.#escapeWord : this.#rawEndTag;
			this.#wordEscape = 1;
			return at + 1;
		}
		if (isScript && this.#escape === 0 && char === '!') {
			this.state = this.#escapeStart;
			return at + 1;
		}
		if (this.#escape === 1 && isLetter(char)) {
			this.#wordEscape = 2;
			this.state = this.#escapeWord;
			return at;
		}
		return this.#noTag('<', at);
	}

	#noTag(seen: string, at: number): number {
		if (this.#isTitle) this.#text.add(seen);
		this.state = this.#rawText;
		return at;
	}

	/** Behind `</` in a raw element: only its own name ends it. */
	#rawEndTag(text: string, at: number): number {
		const char = text[at] ?? '';
		const name = this.#raw ?? '';
		if (isNameEnd(char) && this.#pending.toLowerCase() === name) {
			return this.resumeTag(name, at);
		}
		if (!isLetter(char) || this.#pending.length >= name.length) return this.#noTag(`</${this.#pending}`, at);
		this.#pending += char;
		return at + 1;
	}

	/** Behind `<!` in a script: two hyphens begin a comment, and may end it, too. */
	#escapeStart(text: string, at: number): number {
		if (text[at] !== '-') return this.#noTag('', at);
		this.#pending += '-';
		if (this.#pending !== '--') return at + 1;
		this.#escape = 1;
		this.#hyphens = 2;
		this.state = this.#rawText;
		return at + 1;
	}

	/** In a comment in a script: `<script` hides the next end tag, `</script` brings it back. */
	#escapeWord(text: string, at: number): number {
		const char = text[at] ?? '';
		if (isNameEnd(char)) {
			if (this.#pending.toLowerCase() === 'script') this.#escape = this.#wordEscape;
			this.state = this.#rawText;
			return at + 1;
		}
		if (!isLetter(char)) return this.#noTag('', at);
		if (this.#pending.length < longestName) this.#pending += char;
		return at + 1;
	}
}
