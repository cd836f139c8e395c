import {isUtf8} from 'node:buffer';
import {getBOMEncoding, legacyHookDecode, normalizeEncoding} from '@exodus/bytes/encoding.js';
import {ResultType, Sniffer} from 'encoding-sniffer/sniffer';

/** Where a page must declare its charset (HTML standard, "prescan a byte stream"). */
const prescanBytes = 1024;
/** Where old pages declare it all the same. Browsers start over when their parser meets such a `<meta>`. */
const latePrescanBytes = 16 * 1024;

/**
 * The charset of a page's first bytes, as the lower-case name of the WHATWG Encoding standard: byte order mark, then HTTP,
 * then `<meta>`. A page that declares none is UTF-8 if its bytes are, else what old western pages are: windows-1252.
 */
export function detectCharset(bytes: Uint8Array, httpCharset?: string): string {
	return (
		getBOMEncoding(bytes) ??
		normalizeEncoding(httpCharset ?? '') ??
		prescan(bytes, prescanBytes) ??
		(isUtf8Prefix(bytes) ? 'utf-8' : (prescan(bytes, latePrescanBytes) ?? 'windows-1252'))
	);
}

/**
 * The text of a page in the charset that `detectCharset` found, without its byte order mark; what cannot be decoded becomes
 * U+FFFD. Not by Node's own TextDecoder: ICU's tables are not the standard's. It loses Hong Kong's characters in Big5 and
 * Windows' additional syllables in EUC-KR.
 */
export function decode(bytes: Uint8Array, charset: string): string {
	return legacyHookDecode(bytes, charset);
}

/** What a `<meta>` or an XML declaration says. A page that can be read so far is not UTF-16, whatever it says: UTF-8 then. */
function prescan(bytes: Uint8Array, maxBytes: number): string | undefined {
	const sniffer = new Sniffer({maxBytes});
	// A first byte EF that is no byte order mark would leave the sniffer waiting for the rest of one.
	sniffer.write(bytes[0] === 0xef ? bytes.subarray(1) : bytes);
	return sniffer.resultType === ResultType.DEFAULT ? undefined : sniffer.encoding.toLowerCase();
}

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
