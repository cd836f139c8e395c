export const htmlType = 'text/html; charset=utf-8';
export const utf8Meta = '<meta charset="utf-8">';

export const paragraph =
	'<p>This page was made up by the demo site of fetchtop; nothing of it came from a network.</p>\n';

/** In pieces, for the content may be long, and shared by many pages. */
export function htmlParts(meta: string, title: Uint8Array | undefined, content: Uint8Array): Uint8Array[] {
	const [head, h1] = title === undefined ? [[], []] : [element('title', title), element('h1', title)];
	return [
		Buffer.concat([
			Buffer.from(`<!doctype html>\n<html>\n<head>\n${meta}\n`),
			...head,
			Buffer.from('</head>\n<body>\n'),
			...h1,
		]),
		content,
		Buffer.from('</body>\n</html>\n'),
	];
}

const element = (name: string, text: Uint8Array): Uint8Array[] => [
	Buffer.from(`<${name}>`),
	text,
	Buffer.from(`</${name}>\n`),
];

export const utf8Title = (title: string): Uint8Array => Buffer.from(title.replaceAll('&', '&amp;'));

export const legacyTitle = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

/** A page of an old charset is named by itself or by the server, never by both. */
export function legacyDeclaration(charset: string, declared: 'meta' | 'header'): {meta: string; contentType: string} {
	return declared === 'meta'
		? {
				meta: `<meta http-equiv="Content-Type" content="text/html; charset=${charset}">`,
				contentType: 'text/html',
			}
		: {meta: '', contentType: `text/html; charset=${charset}`};
}

export function releases(): Buffer {
	const all = Array.from({length: 40}, (_, index) => ({version: `1.${index}.0`, stable: index % 5 === 0}));
	return Buffer.from(JSON.stringify({releases: all}, null, 2));
}
