/** HTML has its own rules for everything; the rest (XHTML, SVG, feeds) is read by those of XML. */
export type Kind = 'html' | 'xml';

const kinds: ReadonlyMap<string | undefined, Kind> = new Map([
	['text/html', 'html'],
	['application/xhtml+xml', 'xml'],
	['image/svg+xml', 'xml'],
	['application/rss+xml', 'xml'],
	['application/atom+xml', 'xml'],
	['application/rdf+xml', 'xml'],
	['text/xml', 'xml'],
	['application/xml', 'xml'],
]);

/** Types that say no more than none (MIME Sniffing standard, §7.1). */
const undeclared = new Set([undefined, '', 'unknown/unknown', 'application/unknown', '*/*']);

/** Undefined for what is to be looked at, `none` for what has no title. */
export const kindOfType = (contentType: string | undefined): Kind | 'none' | undefined =>
	undeclared.has(contentType) ? undefined : (kinds.get(contentType) ?? 'none');

/** UTF-16 units, from the first that is not blank on, that are enough for `kindOfText`. */
export const sniffedLength = 24;

/** Whatever begins with a tag, a comment or a document type is a page; nearly always an HTML page. */
export function kindOfText(text: string): Kind | 'none' {
	const start = text.trimStart().slice(0, sniffedLength);
	if (/^<(?:\?xml|svg|rss|feed|rdf:rdf|!doctype\s+svg)(?![\w.-])/i.test(start)) return 'xml';
	return /^<[a-z!?]/i.test(start) ? 'html' : 'none';
}
