import type {SentCookie} from './cookie-header.ts';
import type {CookieShelf} from './cookie-shelf.ts';
import type {FiledCookie} from './netscape.ts';

/** Cookies of a run, or of one chain of redirects. A run that sees none never loads what it takes to keep them. */
export class Cookies {
	readonly #loaded: readonly FiledCookie[];
	#shelf: CookieShelf | undefined;
	#opening: Promise<CookieShelf> | undefined;

	/** @param loaded what a file had */
	constructor(loaded: readonly FiledCookie[] = []) {
		this.#loaded = loaded;
	}

	/** There is nothing to send: no need to ask, and to wait for the answer. */
	get isEmpty(): boolean {
		return !this.#shelf && this.#loaded.length === 0;
	}

	async for(url: URL): Promise<readonly SentCookie[]> {
		if (this.isEmpty) return [];
		return (await this.#open()).for(url);
	}

	async take(url: URL, lines: readonly string[]): Promise<void> {
		if (lines.length > 0) (await this.#open()).take(url, lines);
	}

	/** What there is to keep for another run. */
	list(): readonly FiledCookie[] {
		const isGood = ({expires}: FiledCookie) => expires === 0 || expires * 1000 > Date.now();
		return this.#shelf?.list() ?? this.#loaded.filter(isGood);
	}

	async #open(): Promise<CookieShelf> {
		this.#opening ??= import('./cookie-shelf.ts').then(({CookieShelf}) => new CookieShelf(this.#loaded));
		this.#shelf = await this.#opening;
		return this.#shelf;
	}
}
