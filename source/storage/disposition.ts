type Decode = (value: string) => string | undefined;

/** In the order of preference: RFC 8187 names its charset, the plain form is anybody's guess. */
const forms: ReadonlyArray<readonly [parameter: string, decode: Decode]> = [
	['filename*', extended],
	['filename', plain],
];

const token = "[!#$%&'*+.^_`|~\\w-]+";
/** Up to the next semicolon that is not in quotes; quotes that never close run to the end. */
const piece = /(?:[^;"]|"(?:\\.|[^"\\])*(?:"|\\?$))+/gs;
/** Not `\s`, nor `trim()`: A0 is a space to them, and half of an `à` here. */
const around = /^[ \t]+|(?<![ \t])[ \t]+$/g;
const type = new RegExp(`^${token}$`);
const parameter = new RegExp(`^(${token})[ \\t]*=[ \\t]*(.*)$`, 's');
/** The header was sent twice, and joined: `filename="a", attachment; filename="b"`. */
const nextHeader = /,[ \t]*(?:attachment|inline)$/i;
/** A semicolon was forgotten: `filename=a size=1`. */
const nextParameter = new RegExp(`(?<=[^, \\t])[ \\t]+${token}[ \\t]*=.*$`, 's');
const encodedWord = /=\?([^?*\s]+)(?:\*[^?]*)?\?([bq])\?([^?]*)\?=/gi;

/**
 * The file name in a Content-Disposition header (RFC 6266, RFC 8187), and in the broken forms that browsers accept: percent
 * signs and encoded words (RFC 2047) in `filename`, no disposition type, no charset, quotes where none belong or missing
 * ones. `header` is as HTTP libraries give it: every character is a byte. As sent: it may hold folders, or anything.
 *
 * Not by a library: those refuse what the RFC does not allow, and servers send it.
 */
export function dispositionName(header: string): string | undefined {
	const given = parameters(header);
	for (const [name, decode] of forms) {
		const value = given.find(([key]) => key === name)?.[1];
		const text = value && decode(value);
		if (text) return text.normalize('NFC');
	}
	return undefined;
}

/** Decodes what is UTF-8 in percent signs, and leaves any other percent sign alone (`100%`, `%E9`). */
export function percentDecoded(text: string): string {
	return text.replace(/(?:%[\da-f]{2})+/gi, run => {
		try {
			return decodeURIComponent(run);
		} catch {
			return run;
		}
	});
}

/** Names in lower case, values without quotes. As browsers do, it ends at the first thing that is no parameter. */
function parameters(header: string): Array<readonly [name: string, value: string]> {
	const pieces = (header.match(piece) ?? []).map(text => text.replace(around, ''));
	if (type.test(pieces[0] ?? '')) pieces.shift();
	const found: Array<readonly [string, string]> = [];
	for (const text of pieces) {
		const [, name, value] = parameter.exec(text) ?? [];
		if (name !== undefined && value !== undefined) found.push([name.toLowerCase(), unquoted(value)]);
		else if (text !== '') break;
	}
	return found;
}

function unquoted(value: string): string {
	const own = value.replace(nextHeader, '');
	if (!own.startsWith('"')) return own.replace(nextParameter, '');
	return own.replace(/^"(.*?)"?$/s, '$1').replace(/\\(.)/gs, '$1');
}

/** `charset'language'text`. Nameless means UTF-8, as Firefox has it: Chromium drops such a name, but then there is none. */
function extended(value: string): string | undefined {
	const [, charset = '', text = ''] = /^(?:([^']*)'(?:[^']*')?)?(.*)$/s.exec(value) ?? [];
	return decoded(bytesAfter('%', text), charset || 'utf-8');
}

function plain(value: string): string | undefined {
	const words = value.replace(/\?=[ \t]+(?==\?)/g, '?=').replace(encodedWord, word);
	if (words !== value) return words;
	return percentDecoded(decoded(value, 'utf-8') ?? decoded(value, 'windows-1252') ?? value);
}

/** One encoded word of RFC 2047; itself if it cannot be read. */
function word(whole: string, charset: string, encoding: string, text: string): string {
	const bytes =
		encoding.toLowerCase() === 'b'
			? Buffer.from(text, 'base64').toString('latin1')
			: bytesAfter('=', text.replaceAll('_', ' '));
	return decoded(bytes, charset) ?? whole;
}

/** Turns the two hex digits behind every `sign` into their byte. */
function bytesAfter(sign: string, text: string): string {
	return text.replace(new RegExp(`${sign}([\\da-f]{2})`, 'gi'), (_, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
}

/** Node's decoder, although its tables have gaps (see `extract/charset.ts`): the better one would cost every start 10 ms. */
function decoded(bytes: string, charset: string): string | undefined {
	try {
		return new TextDecoder(charset, {fatal: true}).decode(Buffer.from(bytes, 'latin1'));
	} catch {
		return undefined;
	}
}
