/** UTF-16 units; no line that was written comes near it. */
const longestLine = 2 ** 24;

/** Takes text apart into lines, as they are asked for. Of a file of any size, a chunk and a line are in memory. */
export class LineReader {
	readonly #chunks: AsyncIterator<string>;
	#lines: readonly string[] = [];
	#index = 0;
	/** The beginning of a line, of which the rest has not been read. */
	#rest = '';
	#isRead = false;
	/** Of the line that was taken last, from 1. */
	number = 0;

	constructor(chunks: AsyncIterable<string>) {
		this.#chunks = chunks[Symbol.asyncIterator]();
	}

	/** The next line; undefined where more has to be read first, or nothing is left. */
	take(): string | undefined {
		if (this.#index === this.#lines.length) return undefined;
		this.number++;
		return this.#lines[this.#index++];
	}

	/** Whether nothing comes behind the line that was taken last, not even the end of a line. */
	get isAtEnd(): boolean {
		return this.#isRead && this.#index === this.#lines.length;
	}

	/** Reads on, once everything was taken. Resolves with whether there may be more; rejects as the chunks do. */
	async read(): Promise<boolean> {
		if (this.#isRead) return false;
		const {value, done} = await this.#chunks.next();
		const lines = `${this.#rest}${done ? '' : value}`.split('\n');
		// What stands behind the last end of a line is not whole yet; in the end it is the last line, if it is anything.
		const rest = lines.pop() ?? '';
		if (done && rest !== '') lines.push(rest);
		this.#rest = done ? '' : rest;
		if (this.#rest.length > longestLine) throw new Error(`line ${this.number + lines.length + 1} is too long`);
		this.#lines = lines;
		this.#index = 0;
		this.#isRead = done === true;
		return true;
	}
}
