import path from 'node:path';
import type {Head} from '../engine/seams.ts';
import {sanitize} from '../format/sanitize.ts';
import {dispositionName, percentDecoded} from './disposition.ts';

/** Most file systems allow 255 bytes; `.part` and a counter need room too. */
export const maxBytes = 240;
/** With a counter, but still without `.part`. */
const maxNumbered = 250;

/**
 * What a name should end in, by media type: where the ending is what other programs go by. Nothing for the types that servers
 * give to whatever they don't know (`application/octet-stream`, `text/plain`).
 */
const endings: ReadonlyMap<string, string> = new Map(
	Object.entries({
		'application/epub+zip': 'epub',
		'application/gzip': 'gz',
		'application/javascript': 'js',
		'application/json': 'json',
		'application/msword': 'doc',
		'application/pdf': 'pdf',
		'application/rtf': 'rtf',
		'application/vnd.ms-excel': 'xls',
		'application/vnd.ms-powerpoint': 'ppt',
		'application/vnd.oasis.opendocument.spreadsheet': 'ods',
		'application/vnd.oasis.opendocument.text': 'odt',
		'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
		'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
		'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
		'application/vnd.rar': 'rar',
		'application/wasm': 'wasm',
		'application/x-7z-compressed': '7z',
		'application/x-bzip2': 'bz2',
		'application/x-gzip': 'gz',
		'application/x-tar': 'tar',
		'application/x-xz': 'xz',
		'application/x-zip-compressed': 'zip',
		'application/xhtml+xml': 'xhtml',
		'application/xml': 'xml',
		'application/zip': 'zip',
		'application/zstd': 'zst',
		'audio/flac': 'flac',
		'audio/mp4': 'm4a',
		'audio/mpeg': 'mp3',
		'audio/ogg': 'ogg',
		'audio/wav': 'wav',
		'font/ttf': 'ttf',
		'font/woff': 'woff',
		'font/woff2': 'woff2',
		'image/avif': 'avif',
		'image/bmp': 'bmp',
		'image/gif': 'gif',
		'image/heic': 'heic',
		'image/jpeg': 'jpg',
		'image/png': 'png',
		'image/svg+xml': 'svg',
		'image/tiff': 'tif',
		'image/vnd.microsoft.icon': 'ico',
		'image/webp': 'webp',
		'image/x-icon': 'ico',
		'text/calendar': 'ics',
		'text/css': 'css',
		'text/csv': 'csv',
		'text/html': 'html',
		'text/javascript': 'js',
		'text/markdown': 'md',
		'text/xml': 'xml',
		'video/mp4': 'mp4',
		'video/mpeg': 'mpg',
		'video/ogg': 'ogv',
		'video/quicktime': 'mov',
		'video/webm': 'webm',
		'video/x-matroska': 'mkv',
	}),
);

/**
 * The name a body is saved under: Content-Disposition (RFC 6266), else the last segment of the URL, else `index.html`.
 * Where it has no extension it gets the one of its media type. Always one segment that is safe to create.
 */
export function fileName(head: Head): string {
	const disposition = head.headers['content-disposition'];
	const given = disposition === undefined ? undefined : dispositionName(disposition);
	return given === undefined ? urlName(head) : complete(given, head);
}

/** The same by the URL alone. */
export function urlName(head: Head): string {
	return ordinaryName(head) ?? complete(percentDecoded(new URL(head.url).pathname.split('/').at(-1) ?? ''), head);
}

/** A name with an extension that is no device and no name of ours: `complete` and all that it calls give it back as it is. */
const ordinary =
	/^(?!(?:con|prn|aux|nul|com\d|lpt\d)\.)[\w-]+(?:\.[\w-]+)*\.(?!(?:part|bad)$)(?=\d*[a-z])[a-z\d]{1,8}$/i;

/** What most URLs have: a twentieth of the work. Undefined for all others. */
function ordinaryName({url}: Head): string | undefined {
	const start = url.lastIndexOf('/') + 1;
	// `https://` ends with a slash too, and a query may hold one.
	if (start <= 'https://'.length || url.length - start > maxBytes || url.includes('?') || url.includes('#'))
		return undefined;
	const name = url.slice(start);
	return ordinary.test(name) ? name : undefined;
}

/** `.txt` of `a.txt`: letters and digits behind the last dot, not digits alone, so that `v1.2` has none. */
export function extension(name: string): string {
	return /(?<=[^/])\.(?=\d*[a-z])[a-z\d]{1,8}$/i.exec(name)?.[0] ?? '';
}

/** `name.tar.gz`, 2 → `name.tar.2.gz`: the counter goes before the extension. The name may be a path. */
export function numbered(name: string, count: number): string {
	if (count === 0) return name;
	const file = name.lastIndexOf('/') + 1;
	const end = extension(name);
	const tail = `.${count}${end}`;
	return name.slice(0, file) + fit(name.slice(file, name.length - end.length), maxNumbered - tail.length) + tail;
}

/**
 * One path segment out of any text that can be created everywhere, and is what it looks like: no separators, nothing
 * invisible, nothing that Windows forbids or takes for a device, no hidden file. Empty when nothing of the text is left.
 */
export function safeName(text: string): string {
	const base = path.posix.basename(text.replaceAll('\\', '/'));
	const visible = sanitize(base)
		.replace(invisible, '')
		.normalize('NFC')
		.replace(/[<>:"|?*]/g, '_');
	return tame(cut(tame(visible)));
}

/** What has no look of its own (zero-width, variation selectors, fillers), and what macOS refuses: characters that don't exist. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Unassigned}]/gu;

/** Windows drops dots and spaces at the end; a dot at the start hides a file, which is nothing a server should be able to do. */
const edges = /^[.\s]+|(?<![.\s])[.\s]+$/g;
/** Windows opens a device, whatever follows the first dot. */
const device = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)(?=\s*(?:\.|$))/i;
/** Ours alone: a body named like one must not meet the part of another. */
const own = /\.(?:part|bad)$/i;

function tame(name: string): string {
	return name.replace(edges, '').replace(device, '$&_').replace(own, '$&_');
}

/** Leaves room for what `tame` may add to what is left. */
function cut(name: string): string {
	if (Buffer.byteLength(name) <= maxBytes) return name;
	const end = extension(name);
	return fit(name.slice(0, name.length - end.length), maxBytes - 2 - end.length) + end;
}

/** As much of the text as has room, without cutting what is seen as one character. */
function fit(text: string, bytes: number): string {
	if (Buffer.byteLength(text) <= bytes) return text;
	let kept = '';
	for (const {segment} of new Intl.Segmenter().segment(text.slice(0, bytes + 1))) {
		if (Buffer.byteLength(kept + segment) > bytes) break;
		kept += segment;
	}
	return kept;
}

function complete(text: string, {contentType = ''}: Head): string {
	const name = safeName(text);
	// Structured suffixes (RFC 6839): `application/feed+json` is JSON as well.
	const end = endings.get(contentType) ?? endings.get(`application/${contentType.split('+')[1]}`);
	if (name === '') return `index.${end ?? 'html'}`;
	return end === undefined || extension(name) !== '' ? name : safeName(`${name}.${end}`);
}
