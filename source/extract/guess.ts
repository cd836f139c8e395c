import {normalizeEncoding} from '@exodus/bytes/encoding.js';
import {analyse} from 'chardet';
import {decodeText} from './charset.ts';

/**
 * Which guesses are believed, and from how many bytes that are not ASCII on. Measured on the Universal Declaration of Human
 * Rights in 37 languages, cut anywhere (60 samples of each language, charset and length), in percent right/left/wrong:
 *
 *     characters                20            40            80           320          2000
 *     windows-1252         100/0/0       100/0/0       100/0/0       100/0/0       100/0/0
 *     windows-1251         0/100/0       0/100/0        95/5/0        99/1/0       100/0/0
 *     koi8-r               0/100/0       0/100/0        99/1/0        99/1/0       100/0/0
 *     koi8-u               0/100/0       0/100/0        97/3/0        98/2/0       100/0/0
 *     iso-8859-5           0/100/0       0/100/0       100/0/0       100/0/0       100/0/0
 *     windows-1253         0/100/0       0/100/0       100/0/0       100/0/0       100/0/0
 *     iso-8859-7           0/100/0       0/100/0       100/0/0       100/0/0       100/0/0
 *     windows-1255         0/100/0       0/100/0        97/3/0       100/0/0       100/0/0
 *     windows-1256         0/100/0       0/100/0        98/2/0       100/0/0       100/0/0
 *     iso-8859-6           0/100/0       0/100/0       100/0/0       100/0/0       100/0/0
 *     gb18030              0/100/0        97/3/0       100/0/0       100/0/0       100/0/0
 *     big5                 0/100/0       100/0/0       100/0/0       100/0/0       100/0/0
 *     shift_jis            0/100/0       100/0/0       100/0/0       100/0/0       100/0/0
 *     euc-jp               0/100/0       100/0/0       100/0/0       100/0/0       100/0/0
 *     euc-kr               0/100/0        97/3/0       100/0/0       100/0/0       100/0/0
 *     windows-1250         41/59/0       29/71/0       15/85/0       35/65/0       87/13/0
 *     iso-8859-2           30/70/0       15/85/0       11/89/0       37/63/0       87/13/0
 *     windows-1254         23/77/0       14/86/0        3/97/0       27/73/0       100/0/0
 *     windows-1257         21/79/0       25/75/0       33/67/0       55/45/0       100/0/0
 *     windows-1258         0/100/0       0/100/0       0/100/0       0/100/0       0/100/0
 *     windows-874          0/100/0       0/100/0       0/100/0       0/100/0       0/100/0
 *     ibm866               0/100/0       0/100/0       0/100/0       0/100/0       0/100/0
 *     macintosh            0/100/0       0/100/0       0/100/0       0/100/0       0/100/0
 *     x-mac-cyrillic       0/100/0       0/100/0       10/83/7       0/100/0       0/100/0
 *
 * "Left" is read as windows-1252, as browsers do without a guess. chardet does not know the Mac charsets and
 * IBM866, and Thai (windows-874) not well.
 */
const trusted: Readonly<Record<string, {bytes: number; confidence: number; letters?: RegExp}>> = {
	gb18030: {bytes: 48, confidence: 90, letters: /\p{Script=Han}/gu},
	big5: {bytes: 48, confidence: 90, letters: /\p{Script=Han}/gu},
	shift_jis: {bytes: 48, confidence: 90, letters: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu},
	'euc-jp': {bytes: 48, confidence: 90, letters: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu},
	'euc-kr': {bytes: 48, confidence: 90, letters: /\p{Script=Hangul}/gu},
	'windows-1251': {bytes: 50, confidence: 14, letters: /\p{Script=Cyrillic}/gu},
	'koi8-r': {bytes: 50, confidence: 14, letters: /\p{Script=Cyrillic}/gu},
	'koi8-u': {bytes: 50, confidence: 14, letters: /\p{Script=Cyrillic}/gu},
	'iso-8859-5': {bytes: 50, confidence: 14, letters: /\p{Script=Cyrillic}/gu},
	'windows-1253': {bytes: 50, confidence: 20, letters: /\p{Script=Greek}/gu},
	'iso-8859-7': {bytes: 50, confidence: 20, letters: /\p{Script=Greek}/gu},
	'windows-1255': {bytes: 50, confidence: 20, letters: /\p{Script=Hebrew}/gu},
	'iso-8859-8': {bytes: 50, confidence: 20, letters: /\p{Script=Hebrew}/gu},
	'windows-1256': {bytes: 50, confidence: 20, letters: /\p{Script=Arabic}/gu},
	'iso-8859-6': {bytes: 50, confidence: 20, letters: /\p{Script=Arabic}/gu},
	'windows-1250': {bytes: 30, confidence: 25},
	'iso-8859-2': {bytes: 30, confidence: 25},
	'windows-1254': {bytes: 30, confidence: 25},
	'windows-1257': {bytes: 30, confidence: 25},
};

const fallback = 'windows-1252';

/** The charset of a text that declares none and is not UTF-8: what the statistics say where they are sure, else the old western one. */
export function guessCharset(bytes: Uint8Array): string {
	const text = withoutMarkup(bytes);
	const counted = text.reduce((sum, byte) => sum + (byte >> 7), 0);
	const [best] = analyse(text);
	if (!best) return fallback;
	let charset = normalizeEncoding(best.name) ?? fallback;
	// The same but for Ukrainian letters, where the other has lines for boxes.
	if (charset === 'koi8-r' && text.some(byte => ukrainian.has(byte))) charset = 'koi8-u';
	const trust = trusted[charset];
	if (!trust || counted < trust.bytes || best.confidence < trust.confidence) return fallback;
	const decoded = decodeText(text, charset);
	return decoded.includes('\ufffd') || !isPlausible(decoded, trust.letters) ? fallback : charset;
}

const ukrainian = new Set([0xa4, 0xa6, 0xa7, 0xad, 0xb4, 0xb6, 0xb7, 0xbd]);

/** In a page of one script there are nearly no letters of another, and no capitals in the middle of words. */
const mostOdd = {foreign: 0.1, capitals: 0.005};

function isPlausible(text: string, letters?: RegExp): boolean {
	const beyondAscii = text.match(/[^\0-\x7f]/gu)?.filter(char => /\p{L}/u.test(char)).length ?? 0;
	const capitals = text.match(/\p{Ll}\p{Lu}/gu)?.length ?? 0;
	if (capitals > text.length * mostOdd.capitals) return false;
	return !letters || (text.match(letters)?.length ?? 0) >= beyondAscii * (1 - mostOdd.foreign);
}

/** Tags and scripts are English whatever the text is. No charset uses `<` for half a character. */
function withoutMarkup(bytes: Uint8Array): Uint8Array {
	const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
	const plain = text.replace(/<(script|style)\b[\s\S]*?(?:<\/\1|$)|<[^>]*(?:>|$)|&#?\w+;/gi, ' ');
	return Buffer.from(plain.replace(/[\t\n\f\r ]+/g, ' '), 'latin1');
}
