const [carriageReturn, lineFeed, zero, one, two, nine, letterH] = [0x0d, 0x0a, 0x30, 0x31, 0x32, 0x39, 0x48];
/** `HTTP/1.1 `, whatever the digits. */
const versionLength = 9;

/**
 * Makes each `100 Continue` before an answer a `102`. Any client has to skip it, asked for or not (RFC 9110 §15.2); undici
 * skips all other interim answers, but breaks the connection at this one. Looks at nothing behind the first line of the answer.
 */
export class InterimAnswers {
	/** Where in the status line; `Infinity` behind it, negative in the rest of an interim head. */
	#at = Number.POSITIVE_INFINITY;
	#isEmptyLine = false;
	#isHundred = false;

	/** A request was sent: an answer comes next. */
	begin(): void {
		this.#at = 0;
	}

	/** @param chunk is changed in place */
	pass(chunk: Uint8Array): void {
		// As most answers begin; below, each byte costs a call.
		if (this.#at === 0 && chunk[0] === letterH && chunk.length > versionLength && chunk[versionLength] !== one)
			this.#at = Number.POSITIVE_INFINITY;
		for (let index = 0; index < chunk.length && this.#at !== Number.POSITIVE_INFINITY; index++) {
			const byte = chunk[index] as number;
			if (this.#at < 0) this.#inHead(byte);
			else if (this.#inStatus(byte)) chunk[index] = two;
		}
	}

	/** Whether this is the last digit of 100. */
	#inStatus(byte: number): boolean {
		if (this.#at === 0 && (byte === carriageReturn || byte === lineFeed)) return false;
		const digit = this.#at++ - versionLength;
		if (digit < 0) return false;
		const isInterim = digit === 0 ? byte === one : byte >= zero && byte <= nine;
		if (!isInterim) this.#at = Number.POSITIVE_INFINITY;
		this.#isHundred = digit === 0 || (this.#isHundred && byte === zero);
		if (digit !== 2 || !isInterim) return false;
		this.#at = -1;
		this.#isEmptyLine = false;
		return this.#isHundred;
	}

	#inHead(byte: number): void {
		if (byte === lineFeed && this.#isEmptyLine) this.#at = 0;
		else if (byte !== carriageReturn) this.#isEmptyLine = byte === lineFeed;
	}
}
