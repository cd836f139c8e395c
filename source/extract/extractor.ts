import type {Extracted, Extractor, Head, Reading} from '../engine/seams.ts';
import {codingsOf, isCoding} from '../format/coding.ts';
import {Decompression} from './decompression.ts';
import type {Field} from './fields.ts';
import {kindOfType} from './kind.ts';
import type {Page} from './page.ts';
import {Searcher} from './searcher.ts';

/** Bytes in which a title is looked for. It stands near the start; a page that has none would be read to its end. */
const titleBytes = 512 * 1024;
/** The most that they may grow to when they are decompressed: a bomb ends here. */
const decodedTitleBytes = 1024 * 1024;
/** Bytes of a page that selectors see, on the wire and decompressed. */
export const searchedBytes = 8 * 1024 * 1024;

/** The scanners and the charset tables take 30 ms to load, so they come with the first page and not before. */
let loaded: typeof import('./page.ts') | undefined;

export type ExtractorOptions = {
	/** What to look for on every page, beside the title. */
	fields?: readonly Field[];
	searcher?: Pick<Searcher, 'search'>;
};

/** Reads the charset and the title of HTML pages, XHTML, SVG files and feeds. A body of undeclared type may be one. */
export function createExtractor({fields = [], searcher = new Searcher()}: ExtractorOptions = {}): Extractor {
	return {
		open(head, titled = () => undefined) {
			if (!isPage(head)) return undefined;
			const [coding] = codingsOf(head.headers['content-encoding']);
			return new PageReading(head, {fields, searcher, titled, coding});
		},
	};
}

/** For whoever would rather wait for it before the first page comes. */
export async function preload(fields: readonly Field[]): Promise<void> {
	loaded ??= await import('./page.ts');
	if (fields.length > 0) await import('./search.ts');
}

/** Whether there may be anything to read in the body of this answer. */
export function isPage({headers, contentType}: Head): boolean {
	const [coding, ...others] = codingsOf(headers['content-encoding']);
	const isReadable = coding === undefined || (isCoding(coding) && others.length === 0);
	return isReadable && kindOfType(contentType) !== 'none';
}

/** How many bytes from the start of a body are looked at. */
export const readBytes = (fields: readonly Field[]): number => (fields.length > 0 ? searchedBytes : titleBytes);

type Wanted = {
	fields: readonly Field[];
	searcher: Pick<Searcher, 'search'>;
	titled(title: string): void;
	/** Some servers compress even when they were not asked to. */
	coding: string | undefined;
};

/** Follows a page to the end of its title, or keeps it whole for the selectors. */
class PageReading implements Reading {
	readonly limit: number;
	readonly #head: Head;
	readonly #wanted: Wanted;
	readonly #decompression: Decompression | undefined;
	readonly #most: number;
	/** Decompressed bytes that were looked at. */
	#length = 0;
	#isCut = false;
	#page: Page | undefined;
	#loading: Promise<void> | undefined;
	/** The start, as long as there is nobody to look at it. */
	#early: Uint8Array[] = [];
	#kept: Uint8Array[] = [];

	constructor(head: Head, wanted: Wanted) {
		this.#head = head;
		this.#wanted = wanted;
		this.limit = readBytes(wanted.fields);
		const {coding} = wanted;
		this.#most = wanted.fields.length > 0 ? searchedBytes : coding === undefined ? titleBytes : decodedTitleBytes;
		if (coding !== undefined) this.#decompression = new Decompression(coding, bytes => this.#take(bytes));
		if (loaded) this.#open(loaded);
	}

	get #isSearched(): boolean {
		return this.#wanted.fields.length > 0 && this.#page?.kind !== 'none';
	}

	get #isEnough(): boolean {
		return this.#length >= this.#most || ((this.#page?.isDone ?? false) && !this.#isSearched);
	}

	write(chunk: Uint8Array): boolean {
		if (this.#isEnough) return true;
		if (this.#decompression) this.#decompression.write(chunk);
		else this.#take(chunk);
		return this.#isEnough;
	}

	finish(isWhole: boolean): Extracted | Promise<Extracted> {
		// Nearly every page has been read by now, and then nobody has to wait.
		return this.#decompression || this.#loading ? this.#finishLate(isWhole) : this.#conclude(isWhole);
	}

	async #finishLate(isWhole: boolean): Promise<Extracted> {
		const isIntact = (await this.#decompression?.end()) ?? true;
		await this.#loading;
		return this.#conclude(isWhole && isIntact);
	}

	#conclude(isWhole: boolean): Extracted | Promise<Extracted> {
		const page = this.#page;
		if (!page || this.#length === 0) return {};
		const isAll = isWhole && !this.#isCut;
		const ending = page.end(isAll);
		return ending ? ending.then(() => this.#found(page, isAll)) : this.#found(page, isAll);
	}

	#found({kind, title, charset}: Page, isAll: boolean): Extracted | Promise<Extracted> {
		if (kind === undefined || kind === 'none' || charset === undefined) return {};
		const extracted: Extracted = {charset};
		if (title !== undefined) extracted.title = title;
		const {fields, searcher} = this.#wanted;
		if (fields.length === 0) return extracted;
		return searcher
			.search({chunks: this.#kept.splice(0), charset, kind, fields})
			.then(found => ({...extracted, fields: found?.fields ?? {}, truncated: !isAll || !found || found.isCut}));
	}

	/** @returns whether there may come more */
	#take(bytes: Uint8Array): boolean {
		const wanted = bytes.subarray(0, this.#most - this.#length);
		if (wanted.length < bytes.length) this.#isCut = true;
		this.#length += wanted.length;
		const kept = this.#isSearched || !this.#page ? new Uint8Array(wanted) : wanted;
		if (this.#isSearched) this.#kept.push(kept);
		if (this.#page) this.#page.write(kept);
		else {
			this.#early.push(kept);
			this.#loading ??= this.#load();
		}
		return !this.#isEnough;
	}

	async #load(): Promise<void> {
		loaded ??= await import('./page.ts');
		this.#open(loaded);
	}

	#open({Page}: typeof import('./page.ts')): void {
		this.#page = new Page({
			contentType: this.#head.contentType,
			httpCharset: this.#head.charset,
			isThorough: this.#wanted.fields.length > 0,
			titled: this.#wanted.titled,
		});
		for (const bytes of this.#early.splice(0)) this.#page.write(bytes);
	}
}
