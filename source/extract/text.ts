/** Consumes what it can of `text` from `at` on, and returns where it stopped: further on, or in another state. */
export type State = (text: string, at: number) => number;

export type TitleScanner = {
	/** Takes the next piece of the document. Nothing is looked at twice. */
	write(text: string): void;
	/** There is no more. @param isWhole it is the end of the document, and not only of what is looked at */
	end(isWhole: boolean): void;
	/** The title is known, or that there is none. */
	readonly isDone: boolean;
	readonly title: string | undefined;
	/** UTF-16 units looked at, up to the end of the title. */
	readonly consumed: number;
};

/** Longer names and values are of no interest: those that matter here are shorter, and a name of a megabyte is an attack. */
export const longestName = 256;
/** UTF-16 units of a raw title that are kept. Browsers and the engine show 4,096. */
export const longestTitle = 64 * 1024;

export const isSpace = (char: string): boolean =>
	char === ' ' || char === '\n' || char === '\t' || char === '\r' || char === '\f';

export const isNameEnd = (char: string): boolean => char === '>' || char === '/' || isSpace(char);

export const isLetter = (char: string): boolean => (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z');

/** "Strip and collapse ASCII whitespace" of the Infra standard; other spaces, such as U+3000, are part of the text. */
export const collapse = (text: string): string => text.replace(/[\t\n\f\r ]+/g, ' ').replace(/^ | $/g, '');

/** A copy of its own: a string cut from the page is a view into it and would keep all of it in memory. */
export const detach = (text: string): string => Buffer.from(text).toString();

/** Text that grows up to a limit. */
export class Kept {
	readonly #most: number;
	#parts: string[] = [];
	#length = 0;

	constructor(most: number) {
		this.#most = most;
	}

	add(text: string): void {
		if (this.#length >= this.#most || text === '') return;
		const part = text.slice(0, this.#most - this.#length);
		this.#parts.push(part);
		this.#length += part.length;
		// Single characters, one by one, would become as many parts.
		if (this.#parts.length >= 4_096) this.#parts = [this.#parts.join('')];
	}

	take(): string {
		const text = this.#parts.join('');
		this.#parts = [];
		this.#length = 0;
		return text;
	}
}
