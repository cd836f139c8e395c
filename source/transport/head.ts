import type {Head} from '../engine/seams.ts';

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Header values as one string each. Repeated fields are joined by a comma (RFC 9110 §5.3). Cookies are credentials: they stay out of what events carry. */
export function joinHeaders(raw: RawHeaders): Record<string, string> {
	const joined: Record<string, string> = {};
	for (const [name, value] of Object.entries(raw)) {
		if (value !== undefined && name.toLowerCase() !== 'set-cookie')
			joined[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
	}
	return joined;
}

/** What the headers say about the body: media type, charset, length and range. Each is left out when absent or unreadable. */
export function describeBody(
	headers: Readonly<Record<string, string>>,
): Pick<Head, 'contentType' | 'charset' | 'length' | 'range'> {
	const type = headers['content-type'] ?? '';
	const contentType = type.split(';', 1)[0]?.trim().toLowerCase();
	const charset = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(type);
	const label = charset?.[1] ?? charset?.[2];
	const length = /^\d+$/.test(headers['content-length'] ?? '') ? Number(headers['content-length']) : undefined;
	const range = parseContentRange(headers['content-range']);
	return {
		...(contentType && {contentType}),
		...(label && {charset: label}),
		...(length !== undefined && {length}),
		...(range && {range}),
	};
}

/** `Content-Range: bytes 100-199/200`, or `bytes *\/200` on a 416 (RFC 9110 §14.4). */
function parseContentRange(value: string | undefined): Head['range'] {
	const match = /^\s*bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)\s*$/i.exec(value ?? '');
	if (!match) return undefined;
	const [, first, last, total] = match;
	return {
		...(first !== undefined && {start: Number(first), end: Number(last) + 1}),
		...(total !== '*' && {total: Number(total)}),
	};
}
