import type {Head} from '../engine/seams.ts';

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Header values as one string each. Repeated fields are joined by a comma (RFC 9110 §5.3). Cookies are credentials: they stay out
 * of what events carry. Where nothing is to be changed it is the same object: undici makes one for each answer.
 */
export function joinHeaders(raw: RawHeaders): Record<string, string> {
	for (const name in raw) {
		if (typeof raw[name] !== 'string' || name === 'set-cookie' || name !== name.toLowerCase()) return joined(raw);
	}
	return raw as Record<string, string>;
}

function joined(raw: RawHeaders): Record<string, string> {
	const headers: Record<string, string> = {};
	for (const [name, value] of Object.entries(raw)) {
		if (value !== undefined && name.toLowerCase() !== 'set-cookie')
			headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
	}
	return headers;
}

/** What is known of a body before its first byte. */
export type Described = Pick<Head, 'contentType' | 'charset' | 'length' | 'range'>;

/** What the headers say about the body: media type, charset, length and range. Each is left out when absent or unreadable. */
export function describeBody(headers: Readonly<Record<string, string>>): Described {
	const described: Described = {};
	const {'content-type': type, 'content-length': length, 'content-range': range} = headers;
	if (type !== undefined) {
		const {contentType, charset} = mediaType(type);
		if (contentType) described.contentType = contentType;
		if (charset) described.charset = charset;
	}
	if (length !== undefined && /^\d+$/.test(length)) described.length = Number(length);
	const parsed = range === undefined ? undefined : parseContentRange(range);
	if (parsed) described.range = parsed;
	return described;
}

type MediaType = {contentType: string; charset: string | undefined};

/** The last one that was read: most answers of a run say the same. */
let known = {value: '', type: {contentType: '', charset: undefined} as MediaType};

function mediaType(value: string): MediaType {
	if (value !== known.value) known = {value, type: parseMediaType(value)};
	return known.type;
}

function parseMediaType(value: string): MediaType {
	const contentType = (value.split(';', 1)[0] ?? '').trim().toLowerCase();
	const charset = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(value);
	return {contentType, charset: charset?.[1] ?? charset?.[2]};
}

/** `Content-Range: bytes 100-199/200`, or `bytes *\/200` on a 416 (RFC 9110 §14.4). */
function parseContentRange(value: string): Head['range'] {
	const match = /^\s*bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)\s*$/i.exec(value);
	if (!match) return undefined;
	const [, first, last, total] = match;
	return {
		...(first !== undefined && {start: Number(first), end: Number(last) + 1}),
		...(total !== '*' && {total: Number(total)}),
	};
}
