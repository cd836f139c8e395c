import path from 'node:path';
import {parse as parseDisposition} from 'content-disposition';
import filenamify from 'filenamify';
import type {Head} from '../engine/seams.ts';
import {sanitize} from '../format/sanitize.ts';

/** Most file systems allow 255 bytes; `.part` and a counter need room too. */
const maxBytes = 240;
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * The name a body is saved under: Content-Disposition (RFC 6266), else the last segment of the URL, else `index.html`.
 * Always one segment that is safe to create: no separators, no control or bidi characters, no reserved name, no dot first.
 */
export function fileName(head: Head): string {
	const wanted = dispositionName(head.headers['content-disposition']) ?? lastSegment(head.url) ?? '';
	return safeName(wanted) || 'index.html';
}

/** One safe path segment out of any text; empty when nothing of it is left. */
export function safeName(text: string): string {
	const base = sanitize(path.posix.basename(text.replaceAll('\\', '/')));
	if (!/[^. ]/.test(base)) return '';
	const name = filenamify(base, {
		replacement: '_',
		maxLength: maxBytes,
	});
	// A hidden file is nothing a server should be able to make; trailing dots and spaces vanish on Windows.
	const cut = truncate(name.replace(/^[. ]+/, '')).replace(/[. ]+$/, '');
	// Part files are ours alone: a body named like one must not meet the part of another.
	const own = cut.replace(/\.part$/i, '.part_');
	return reserved.test(own) ? `${own}_` : own;
}

/** `name.tar.gz`, 2 → `name.tar.2.gz`: the counter goes before the extension. */
export function numbered(name: string, count: number): string {
	if (count === 0) return name;
	const {name: stem, ext} = path.parse(name);
	return `${stem}.${count}${ext}`;
}

function dispositionName(header: string | undefined): string | undefined {
	if (header === undefined) return undefined;
	try {
		// Header bytes come as Latin-1; many servers put raw UTF-8 there.
		const utf8 = Buffer.from(header, 'latin1').toString('utf8');
		return parseDisposition(utf8.includes('\ufffd') ? header : utf8).parameters.filename;
	} catch {
		return undefined;
	}
}

function lastSegment(url: string): string | undefined {
	const segment = new URL(url).pathname.split('/').at(-1);
	if (!segment) return undefined;
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}

/** Cuts to `maxBytes` of UTF-8 between characters, and keeps the extension. */
function truncate(name: string): string {
	if (Buffer.byteLength(name) <= maxBytes) return name;
	const {name: stem, ext} = path.parse(name);
	const extension = Buffer.byteLength(ext) <= 32 ? ext : '';
	const room = maxBytes - Buffer.byteLength(extension);
	let kept = '';
	let bytes = 0;
	for (const character of extension ? stem : name) {
		bytes += Buffer.byteLength(character);
		if (bytes > room) break;
		kept += character;
	}
	return kept + extension;
}
