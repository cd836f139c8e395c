import {decodeHTML} from 'entities';
import {TagReader} from './tag-reader.ts';
import {collapse, detach, isNameEnd, Kept, longestTitle, type State, type TitleScanner} from './text.ts';
import {type Element, isTitle, OpenNames} from './vocabulary.ts';

/**
 * Finds the title of an XML document as it comes: of XHTML, a picture, a feed. Lenient where XML ends with an error: what
 * stands before the error, browsers show too, and feeds with errors are read by everyone.
 */
export class XmlTitle extends TagReader implements TitleScanner {
	title: string | undefined;
	protected state: State = this.#data;
	readonly #open = new OpenNames();
	/** The open title, and how its text is to be read. */
	#element: Element | undefined;
	#type = 'text';
	/** Text as it stands, up to the next markup. */
	readonly #raw = new Kept(longestTitle);
	readonly #text = new Kept(longestTitle);
	/** What ends a comment, a CDATA section or an instruction, and how much of it has been seen. */
	#terminator = '';
	#matched = 0;
	#isText = false;
	#pending = '';
	/** In a document type: the open quotation mark, and whether its brackets are open. */
	#quote = '';
	#isSubset = false;

	end(_isWhole: boolean): void {
		this.isDone = true;
	}

	/** Declarations of namespaces may stand anywhere. */
	protected keeps(): boolean {
		return true;
	}

	protected fold(text: string): string {
		return text;
	}

	protected emit(isSelfClosing: boolean): void {
		this.state = this.#data;
		if (!this.isEnd) {
			const element = this.#open.push(this.name, this.attributes);
			if (!this.#element && isTitle(this.#open)) {
				this.#element = element;
				this.#type = this.attributes.get('type') ?? 'text';
			}
		}
		if (!this.isEnd && !isSelfClosing) return;
		this.#open.pop(this.name);
		if (this.#element && !this.#open.has(this.#element)) this.#finish();
	}

	#finish(): void {
		const text = this.#text.take();
		// In Atom it may be HTML, written as text (RFC 4287 §3.1.1.2).
		const plain = this.#type === 'html' ? decodeHTML(text.replace(/<[^>]*>/g, '')) : text;
		const collapsed = collapse(plain.replaceAll('\0', '\ufffd'));
		if (collapsed !== '') this.title = detach(collapsed);
		this.isDone = true;
	}

	/** Text of its children is not a title's own, but where Atom says that there is markup in it. */
	get #isKept(): boolean {
		return this.#element !== undefined && (this.#type === 'xhtml' || this.#open.top === this.#element);
	}

	#data(text: string, at: number): number {
		const next = text.indexOf('<', at);
		const end = next === -1 ? text.length : next;
		if (this.#isKept) this.#raw.add(text.slice(at, end));
		if (next === -1) return end;
		if (this.#isKept) this.#text.add(decode(this.#raw.take()));
		this.#pending = '';
		this.state = this.#markup;
		return end + 1;
	}

	/** Behind a `<`. */
	#markup(text: string, at: number): number {
		const char = text[at] ?? '';
		if (this.#pending === '') {
			if (char === '/') return this.beginTag(true, at) + 1;
			if (char === '?') return this.#skip('?>', false, at);
			if (char !== '!') {
				// It begins no name, so it is text.
				if (isNameEnd(char) || char === '<' || char === '=') this.state = this.#data;
				else this.beginTag(false, at);
				return at;
			}
		}
		this.#pending += char;
		if (this.#pending === '!--') return this.#skip('-->', false, at);
		if (this.#pending === '![CDATA[') return this.#skip(']]>', this.#isKept, at);
		if ('!--'.startsWith(this.#pending) || '![CDATA['.startsWith(this.#pending)) return at + 1;
		this.#quote = '';
		this.#isSubset = false;
		this.state = this.#documentType;
		return at;
	}

	#skip(terminator: string, isText: boolean, at: number): number {
		this.#terminator = terminator;
		this.#isText = isText;
		this.#matched = 0;
		this.state = this.#section;
		return at + 1;
	}

	/** Up to the terminator: `]]>`, `-->` or `?>`, whose first character may come more often than it needs. */
	#section(text: string, at: number): number {
		const terminator = this.#terminator;
		if (this.#matched === 0) {
			const next = text.indexOf(terminator[0] ?? '', at);
			const end = next === -1 ? text.length : next;
			if (this.#isText) this.#text.add(text.slice(at, end));
			if (next !== -1) this.#matched = 1;
			return next === -1 ? end : end + 1;
		}
		if (text[at] === terminator[this.#matched]) {
			this.#matched++;
			if (this.#matched === terminator.length) this.state = this.#isSubset ? this.#documentType : this.#data;
			return at + 1;
		}
		const isOneMore = this.#matched === terminator.length - 1 && text[at] === terminator[0];
		if (this.#isText) this.#text.add(isOneMore ? (terminator[0] ?? '') : terminator.slice(0, this.#matched));
		if (!isOneMore) this.#matched = 0;
		return isOneMore ? at + 1 : at;
	}

	/** Up to its `>`. Declarations in brackets have their own, and values may hold anything. Its entities stay unknown: bombs. */
	#documentType(text: string, at: number): number {
		const char = text[at] ?? '';
		this.#pending = (this.#pending + char).slice(-4);
		if (this.#quote !== '') {
			if (char === this.#quote) this.#quote = '';
		} else if (this.#isSubset && this.#pending === '<!--') return this.#skip('-->', false, at);
		else if (char === '"' || char === "'") this.#quote = char;
		else if (char === '[') this.#isSubset = true;
		else if (char === ']') this.#isSubset = false;
		else if (char === '>' && !this.#isSubset) this.state = this.#data;
		return at + 1;
	}
}

/** XML's own entities, and those of XHTML's document types, which browsers know by heart. */
const decode = (text: string): string =>
	text.includes('&')
		? text.replace(/&(?:#[0-9a-f]+|#x[0-9a-f]+|[a-z][a-z0-9]*);/gi, reference => decodeHTML(reference))
		: text;
