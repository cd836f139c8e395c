import {normalizeEncoding} from '@exodus/bytes/encoding.js';

/** Thrown where the bytes run out, which ends the algorithm wherever it is. */
const outOfBytes = Symbol('out of bytes');

const isSpace = (byte: number) => byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d || byte === 0x20;
const isLetter = (byte: number) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

/** Browsers look no further for an attribute's text than they do for the whole; a copy keeps no page alive. */
class Bytes {
	readonly #bytes: Uint8Array;
	at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	get byte(): number {
		const byte = this.#bytes[this.at];
		if (byte === undefined) throw outOfBytes;
		return byte;
	}

	/** Whether `text`, in ASCII and lower case, stands here in any case. */
	follows(text: string): boolean {
		for (let index = 0; index < text.length; index++) {
			const byte = this.#bytes[this.at + index] ?? 0;
			if ((isLetter(byte) ? byte | 0x20 : byte) !== text.charCodeAt(index)) return false;
		}
		return true;
	}

	after(offset: number): number {
		return this.#bytes[this.at + offset] ?? 0;
	}

	/** To the next byte that is one of those. */
	to(isWanted: (byte: number) => boolean): void {
		while (!isWanted(this.byte)) this.at++;
	}
}

/**
 * "Prescan a byte stream to determine its encoding" of the HTML standard, §13.2.3.2, but for the XML declaration at its end.
 * Returns the lower-case WHATWG name; undefined where no `<meta>` says one that exists.
 */
export function prescan(bytes: Uint8Array): string | undefined {
	const input = new Bytes(bytes);
	try {
		for (; ; input.at++) {
			if (input.byte !== 0x3c) continue;
			const charset = markup(input);
			if (charset !== undefined) return charset;
		}
	} catch (error) {
		if (error !== outOfBytes) throw error;
		return undefined;
	}
}

/** One tag, comment or other thing that begins with `<`. Stops at its last byte. */
function markup(input: Bytes): string | undefined {
	if (input.follows('<!--')) {
		// The two hyphens may be those at its start.
		for (input.at += 4; !(input.byte === 0x3e && input.after(-1) === 0x2d && input.after(-2) === 0x2d); ) input.at++;
	} else if (input.follows('<meta') && (isSpace(input.after(5)) || input.after(5) === 0x2f)) {
		input.at += 5;
		return metaCharset(input);
	} else if (isLetter(input.after(1)) || (input.after(1) === 0x2f && isLetter(input.after(2)))) {
		input.to(byte => isSpace(byte) || byte === 0x3e);
		while (attribute(input));
	} else if ([0x21, 0x2f, 0x3f].includes(input.after(1))) input.to(byte => byte === 0x3e);
	return undefined;
}

function metaCharset(input: Bytes): string | undefined {
	const seen = new Set<string>();
	let gotPragma = false;
	let needPragma: boolean | undefined;
	let label: string | undefined;
	for (let found = attribute(input); found; found = attribute(input)) {
		const [name, value] = found;
		if (seen.has(name)) continue;
		seen.add(name);
		if (name === 'http-equiv') gotPragma ||= value === 'content-type';
		else if (name === 'content' && label === undefined) {
			label = charsetInContent(value);
			if (label !== undefined) needPragma = true;
		} else if (name === 'charset') {
			label = value;
			needPragma = false;
		}
	}
	if (needPragma === undefined || (needPragma && !gotPragma)) return undefined;
	return metaEncoding(label);
}

/** What a label inside the text means: whoever could read it is not reading UTF-16, and nobody means x-user-defined. */
function metaEncoding(label = ''): string | undefined {
	const charset = normalizeEncoding(label) ?? undefined;
	if (charset === 'x-user-defined') return 'windows-1252';
	return charset?.startsWith('utf-16') ? 'utf-8' : charset;
}

/** "Get an attribute" (§13.2.3.2); name and value in lower case. Undefined at the end of the tag. */
function attribute(input: Bytes): [name: string, value: string] | undefined {
	input.to(byte => !isSpace(byte) && byte !== 0x2f);
	if (input.byte === 0x3e) return undefined;
	let name = '';
	for (; !(input.byte === 0x3d && name !== ''); input.at++) {
		const {byte} = input;
		if (byte === 0x2f || byte === 0x3e) return [name, ''];
		if (isSpace(byte)) {
			input.to(next => !isSpace(next));
			if (input.byte !== 0x3d) return [name, ''];
			break;
		}
		name += lower(byte);
	}
	input.at++;
	input.to(byte => !isSpace(byte));
	return [name, attributeValue(input)];
}

function attributeValue(input: Bytes): string {
	const quote = input.byte;
	let value = '';
	if (quote === 0x22 || quote === 0x27) {
		for (input.at++; input.byte !== quote; input.at++) value += lower(input.byte);
		input.at++;
		return value;
	}
	for (; !isSpace(input.byte) && input.byte !== 0x3e; input.at++) value += lower(input.byte);
	return value;
}

const lower = (byte: number) => String.fromCharCode(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/**
 * "Extracting a character encoding from a meta element" (§2.4.2): what follows the first `charset` with a `=` behind it. A
 * label that no encoding has counts as none.
 */
function charsetInContent(content: string): string | undefined {
	const start = /charset[\t\n\f\r ]*=[\t\n\f\r ]*/.exec(content);
	if (!start) return undefined;
	const rest = content.slice(start.index + start[0].length);
	const quote = rest[0] === '"' || rest[0] === "'" ? rest[0] : undefined;
	const label =
		quote === undefined ? /^[^\t\n\f\r ;]*/.exec(rest)?.[0] : rest.split(quote, 3)[rest.indexOf(quote, 1) < 0 ? 3 : 1];
	return label === undefined || normalizeEncoding(label) === null ? undefined : label;
}

/** "Get an XML encoding" (§13.2.3.2), and the two UTF-16 forms of a declaration that the prescan knows. */
export function xmlEncoding(bytes: Uint8Array): string | undefined {
	const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString('latin1');
	if (start.startsWith('<\0?\0x\0')) return 'utf-16le';
	if (start.startsWith('\0<\0?\0x')) return 'utf-16be';
	const end = start.startsWith('<?xml') ? start.indexOf('>') : -1;
	if (end === -1) return undefined;
	const match = /encoding[\0-\x20]*=[\0-\x20]*(?:"([^"]*)"|'([^']*)')/.exec(start.slice(0, end));
	const label = match?.[1] ?? match?.[2] ?? '';
	return /[\0-\x20]/.test(label) ? undefined : metaEncoding(label);
}
