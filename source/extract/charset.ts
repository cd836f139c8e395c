import {isAscii, isUtf8} from 'node:buffer';
import {getBOMEncoding, legacyHookDecode, normalizeEncoding, TextDecoder} from '@exodus/bytes/encoding.js';
import {prescan, xmlEncoding} from './prescan.ts';

/** Where a page must declare its charset (HTML standard, "prescan a byte stream"). */
export const prescanBytes = 1024;
/** Where old pages declare it all the same. Browsers start over when their parser meets such a `<meta>`. */
export const latePrescanBytes = 16 * 1024;

/** HTML's declarations, or only those of XML. */
export type Markup = 'html' | 'xml';

/** A byte order mark, else the label in HTTP. The first three bytes are enough to know. */
export const outerCharset = (bytes: Uint8Array, httpCharset = ''): string | undefined =>
	getBOMEncoding(bytes) ?? normalizeEncoding(httpCharset) ?? undefined;

/** What the first bytes of the page declare: `<meta>`, else the XML declaration. */
export function innerCharset(bytes: Uint8Array, markup: Markup): string | undefined {
	const head = bytes.subarray(0, prescanBytes);
	// The standard's prescan begins with UTF-16's `<?x`, which no `<meta>` can follow.
	return (markup === 'html' ? prescan(head) : undefined) ?? xmlEncoding(head);
}

/**
 * The charset of a page that declares none where it must. UTF-8 if that is what its bytes are: browsers take it for the old
 * western one, and people see it broken. Undefined when it takes a guess.
 * @param start its first bytes @param rest bytes from the first that is not ASCII on, perhaps cut off in a character
 */
export function undeclaredCharset(start: Uint8Array, rest: Uint8Array, markup: Markup): string | undefined {
	if (usesJisEscapes(rest)) return 'iso-2022-jp';
	if (isUtf8Prefix(rest)) return 'utf-8';
	return markup === 'html' ? prescan(start.subarray(0, latePrescanBytes)) : undefined;
}

/** The first byte that is not plain ASCII in every encoding but UTF-16; an ESC may begin Japanese in 7 bits. -1: none. */
export function firstNonAscii(bytes: Uint8Array): number {
	for (let index = 0; index < bytes.length; index++) {
		const byte = bytes[index] ?? 0;
		if (byte >= 0x80 || byte === 0x1b) return index;
	}
	return -1;
}

const latin1 = ({buffer, byteOffset, length}: Uint8Array): string =>
	Buffer.from(buffer, byteOffset, length).toString('latin1');

/** Into JIS X 0208 and back to ASCII or JIS-Roman, all in 7 bits: nobody writes that by accident, and as UTF-8 it is rubbish. */
function usesJisEscapes(bytes: Uint8Array): boolean {
	const text = latin1(bytes);
	return /\x1b\$[@B](?:[!-~]{2})+\x1b\([BJ]/.test(text) && !/[\x80-\xff]/.test(text);
}

/**
 * Turns bytes into text as they come; what cannot be decoded becomes U+FFFD. Not by Node's own TextDecoder: ICU's tables are
 * not the standard's. It loses Hong Kong's characters in Big5 and Windows' additional syllables in EUC-KR.
 */
export type Decoder = {write(bytes: Uint8Array): string; end(): string};

export function createDecoder(charset: string): Decoder {
	// It stands for charsets that are dangerous to decode: one U+FFFD for it all.
	if (charset === 'replacement') {
		let isOpen = true;
		const write = ({length}: Uint8Array) => {
			if (!isOpen || length === 0) return '';
			isOpen = false;
			return '\ufffd';
		};
		return {write, end: () => ''};
	}
	return charset === 'utf-8' ? utf8Decoder() : decoderOf(charset);
}

function decoderOf(charset: string, ignoreBOM = false): Decoder {
	const decoder = new TextDecoder(charset, {ignoreBOM});
	return {write: bytes => decoder.decode(bytes, {stream: true}), end: () => decoder.decode()};
}

/** Most pages are ASCII up to the end of their title, and a decoder takes longer to make than that takes to read. */
function utf8Decoder(): Decoder {
	let decoder: Decoder | undefined;
	let hasBegun = false;
	return {
		write(bytes) {
			if (!decoder && isAscii(bytes)) {
				hasBegun ||= bytes.length > 0;
				return latin1(bytes);
			}
			// A byte order mark is one at the start only.
			decoder ??= decoderOf('utf-8', hasBegun);
			return decoder.write(bytes);
		},
		end: () => decoder?.end() ?? '',
	};
}

/** All at once, without the byte order mark. */
export const decodeText = (bytes: Uint8Array, charset: string): string => legacyHookDecode(bytes, charset);

/** Whether this is UTF-8, possibly cut off in the middle of a character. */
function isUtf8Prefix(bytes: Uint8Array): boolean {
	if (isUtf8(bytes)) return true;
	for (let cut = 1; cut <= 3 && cut <= bytes.length; cut++) {
		const byte = bytes[bytes.length - cut] ?? 0;
		if (byte >= 0xc0) return sequenceLength(byte) > cut && isUtf8(bytes.subarray(0, -cut));
		if (byte < 0x80) return false;
	}
	return false;
}

/** Bytes of the character that begins with `lead`; 0 if none does. */
function sequenceLength(lead: number): number {
	if (lead < 0xc2 || lead > 0xf4) return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
