import {
	createDecoder,
	type Decoder,
	firstNonAscii,
	innerCharset,
	latePrescanBytes,
	outerCharset,
	prescanBytes,
	undeclaredCharset,
} from './charset.ts';
import {HtmlTitle} from './html-title.ts';
import {type Kind, kindOfText, kindOfType, sniffedLength} from './kind.ts';
import type {TitleScanner} from './text.ts';
import {XmlTitle} from './xml-title.ts';

/**
 * Bytes, from the first that is not ASCII on, by which the charset of a page that declares none is judged. Judging by what has
 * arrived would give another answer whenever the network cuts the page otherwise.
 */
const evidenceBytes = 16 * 1024;
/** Decoded at once. Most titles end within the first, and the rest of the chunk is left alone. */
const sliceBytes = 4 * 1024;

type Guess = (bytes: Uint8Array) => string;
let guess: Guess | undefined;

export type PageOptions = {
	/** Undefined: whatever it looks like. */
	contentType: string | undefined;
	httpCharset: string | undefined;
	/** The charset is wanted even when the title is known without it. */
	isThorough: boolean;
	titled(title: string): void;
};

/** A page as it arrives: its charset, then its text, up to the end of its title. Keeps only what is not decided yet. */
export class Page {
	readonly #options: PageOptions;
	charset: string | undefined;
	#kind: Kind | 'none' | undefined;
	#scanner: TitleScanner | undefined;
	#decoder: Decoder | undefined;
	/** Text of a page whose kind is not known yet. */
	#prefix = '';
	#hasToldTitle = false;
	/** Bytes so far, while the charset is undecided, but for ASCII between the first 16 KiB and what is not ASCII. */
	#head = new Growing();
	#evidence: Growing | undefined;
	/** It declares no charset where it must. */
	#isUndeclared = false;
	#isEnd = false;
	#loading: Promise<void> | undefined;

	constructor(options: PageOptions) {
		this.#options = options;
		const kind = kindOfType(options.contentType);
		if (kind) this.#setKind(kind);
	}

	get title(): string | undefined {
		return this.#scanner?.title;
	}

	/** Undefined until it is known, and `none` for what is no page. */
	get kind(): Kind | 'none' | undefined {
		return this.#kind;
	}

	/** Nothing that comes can change what is known. */
	get isDone(): boolean {
		return this.#isTitleDone && (this.charset !== undefined || this.#kind === 'none');
	}

	get #isTitleDone(): boolean {
		return this.#kind === 'none' || (this.#scanner?.isDone ?? false);
	}

	/** The title is known, and nobody wants more. */
	get #isEnough(): boolean {
		return this.#isTitleDone && !this.#options.isThorough;
	}

	write(bytes: Uint8Array): void {
		if (this.isDone || bytes.length === 0) return;
		if (this.#decoder) this.#decode(bytes);
		else this.#undecided(bytes);
	}

	/** To be waited for if there is anything to be loaded. @param isWhole it was all of the page */
	end(isWhole: boolean): Promise<void> | undefined {
		this.#isEnd = true;
		if (!this.#decoder && !this.isDone) this.#settle(this.#head.bytes);
		if (this.#loading) return this.#loading.then(() => this.#conclude(isWhole));
		this.#conclude(isWhole);
		return undefined;
	}

	#conclude(isWhole: boolean): void {
		if (this.#decoder) this.#scan(this.#decoder.end());
		if (this.#kind === undefined) this.#setKind(kindOfText(this.#prefix));
		this.#scanner?.end(isWhole);
		this.#tell();
		this.#free();
	}

	#decode(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length && !this.#isTitleDone; at += sliceBytes)
			this.#scan(this.#decoder?.write(bytes.subarray(at, at + sliceBytes)) ?? '');
	}

	#scan(text: string): void {
		if (this.#kind === undefined) {
			// Leading blanks say nothing, and there may be megabytes of them.
			this.#prefix = (this.#prefix + text).trimStart();
			if (this.#prefix.length < sniffedLength) return;
			this.#setKind(kindOfText(this.#prefix));
		} else this.#scanner?.write(text);
		this.#tell();
	}

	#setKind(kind: Kind | 'none'): void {
		this.#kind = kind;
		if (kind === 'none') return;
		this.#scanner = kind === 'html' ? new HtmlTitle() : new XmlTitle();
		this.#scanner.write(this.#prefix);
		this.#prefix = '';
	}

	#tell(): void {
		if (this.#hasToldTitle || !this.#scanner?.isDone) return;
		this.#hasToldTitle = true;
		if (this.#scanner.title !== undefined) this.#options.titled(this.#scanner.title);
	}

	#undecided(bytes: Uint8Array): void {
		if (this.#evidence) this.#evidence.add(bytes);
		else if (this.#isUndeclared) this.#readAscii(bytes);
		else if (this.#head.length > 0) this.#head.add(bytes);
		const isFirst = !this.#isUndeclared && this.#head.length === 0;
		this.#settle(isFirst ? bytes : this.#head.bytes);
		// Most pages are decided by their first bytes, which then need not be kept.
		if (isFirst && !this.#decoder && !this.#isUndeclared) this.#head.add(bytes);
	}

	/** Whatever can be decided by now, in the order in which browsers do. @param start of the page, while it matters */
	#settle(start: Uint8Array): void {
		if (this.#loading) return;
		if (!this.#isUndeclared) this.#settleDeclared(start);
		if (!this.#isUndeclared || this.isDone) return;
		const evidence = this.#evidence?.bytes;
		if (evidence && (this.#isEnd || evidence.length >= evidenceBytes)) this.#settleUndeclared(evidence);
		else if (!evidence && (this.#isEnd || this.#isEnough)) this.#choose('utf-8', noBytes);
	}

	#settleDeclared(bytes: Uint8Array): void {
		if (bytes.length < 3 && !this.#isEnd) return;
		const markup = this.#kind === 'xml' ? 'xml' : 'html';
		const outer = outerCharset(bytes, this.#options.httpCharset);
		if (outer === undefined && bytes.length < prescanBytes && !this.#isEnd) return;
		const charset = outer ?? innerCharset(bytes, markup);
		if (charset !== undefined) {
			this.#choose(charset, bytes);
			return;
		}
		this.#isUndeclared = true;
		this.#head = new Growing();
		// Where the title ends among these, the charset is judged by them alone, however many have come with them.
		this.#readAscii(bytes.subarray(0, prescanBytes), true);
		const rest = bytes.subarray(prescanBytes);
		if (this.#evidence && this.#isEnough) this.#settleUndeclared(this.#evidence.bytes);
		else if (this.#evidence) this.#evidence.add(rest);
		else this.#readAscii(rest);
	}

	/** ASCII is the same in all that is left to choose from, so it needs not wait. */
	#readAscii(bytes: Uint8Array, isPrescan = false): void {
		const first = firstNonAscii(bytes);
		const ascii = first === -1 ? bytes : bytes.subarray(0, first);
		this.#head.add(ascii.subarray(0, latePrescanBytes - this.#head.length));
		for (let at = 0; at < ascii.length && !this.#isTitleDone; at += sliceBytes)
			this.#scan(Buffer.from(ascii.subarray(at, at + sliceBytes)).toString('latin1'));
		if (first === -1 || (this.#isEnough && !isPrescan)) return;
		this.#evidence = new Growing();
		this.#evidence.add(bytes.subarray(first));
	}

	#settleUndeclared(evidence: Uint8Array): void {
		const shown = evidence.subarray(0, evidenceBytes);
		// Where there is ASCII only up to here, the declaration may stand in what is the evidence.
		if (this.#head.length < latePrescanBytes)
			this.#head.add(evidence.subarray(0, latePrescanBytes - this.#head.length));
		const markup = this.#kind === 'xml' ? 'xml' : 'html';
		const charset = undeclaredCharset(this.#head.bytes, shown, markup) ?? guess?.(shown);
		if (charset !== undefined) {
			this.#choose(charset, evidence);
			return;
		}
		this.#loading = import('./guess.ts').then(module => {
			guess = module.guessCharset;
			this.#loading = undefined;
			const all = this.#evidence?.bytes ?? noBytes;
			this.#choose(guess(all.subarray(0, evidenceBytes)), all);
		});
	}

	/** @param bytes what has not been read yet */
	#choose(charset: string, bytes: Uint8Array): void {
		this.charset = charset;
		this.#decoder = createDecoder(charset);
		this.#decode(bytes);
		this.#free();
	}

	#free(): void {
		this.#head = new Growing();
		this.#evidence = undefined;
	}
}

const noBytes = new Uint8Array();

/** Bytes that are copied once when they come, and now and then when they grow: doubling keeps that linear. */
class Growing {
	#buffer = noBytes;
	length = 0;

	get bytes(): Uint8Array {
		return this.#buffer.subarray(0, this.length);
	}

	add(bytes: Uint8Array): void {
		const length = this.length + bytes.length;
		if (length > this.#buffer.length) {
			const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length, prescanBytes));
			larger.set(this.bytes);
			this.#buffer = larger;
		}
		this.#buffer.set(bytes, this.length);
		this.length = length;
	}
}
