import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Digest} from '../engine/seams.ts';
import {parseTarget} from '../engine/target.ts';
import {sanitize} from '../format/sanitize.ts';
import {UsageError, unreadable} from './usage-error.ts';

/** Digests by what is being saved. */
export type ChecksumList = {
	/** `name` is the path relative to the folder. Another folder's file of the same base name will do, if there is but one. */
	find(url: string, name: string): Digest | undefined;
	/** How many URLs and files are listed. */
	readonly size: number;
};

/** By the number of hex digits, which tells them apart. */
const algorithms: Readonly<Record<number, string>> = {
	32: 'md5',
	40: 'sha1',
	56: 'sha224',
	64: 'sha256',
	96: 'sha384',
	128: 'sha512',
};
const known = Object.values(algorithms);

/** `sha256=…`, `sha-256:…`, or the hex digits alone. Throws with the rest of the sentence "… is invalid: …". */
export function parseDigest(text: string): Digest {
	const [, name, digits = ''] = /^(?:([\w-]+)[=:])?([\da-f]*)$/i.exec(text) ?? [];
	const hex = digits.toLowerCase();
	const algorithm = name?.toLowerCase().replaceAll('-', '') ?? algorithms[hex.length];
	if (algorithm === undefined || !known.includes(algorithm))
		throw new Error(`it must read like 'sha-256=HEX', or be all hex digits of one of ${known.join(', ')}`);
	if (algorithms[hex.length] === algorithm) return {algorithm, hex};
	throw new Error(`it must have as many hex digits as ${algorithm} has, and not ${hex.length}`);
}

/** `--checksums FILE`: what `sha256sum` and its like write, with or without `--tag`, and URLs with their digests. */
export async function readChecksums(file: string): Promise<ChecksumList> {
	const text = await readFile(file).catch(error => {
		throw unreadable('checksums', file, error);
	});
	const digests = new Map<string, Digest>();
	let number = 0;
	for (const line of unsigned(new TextDecoder().decode(text).split(/\r?\n/))) {
		number++;
		if (line.trim() === '' || line.startsWith('#')) continue;
		const wrong = (why: string) =>
			new UsageError(`${sanitize(file)}:${number}: ${why}: ${JSON.stringify(sanitize(line))}`);
		const entry = parseLine(line.trim());
		if (!entry) throw wrong('not a digest with a file name or a URL');
		const key = keyOf(entry.name);
		const earlier = digests.get(key);
		if (earlier && disagree(earlier, entry.digest)) throw wrong('another digest of this file stands further up');
		// A file may be listed once per algorithm; the longest digest says most.
		if (!earlier || earlier.hex.length < entry.digest.hex.length) digests.set(key, entry.digest);
	}
	return checksumList(digests);
}

function checksumList(digests: ReadonlyMap<string, Digest>): ChecksumList {
	const byBase = new Map<string, Digest | undefined>();
	for (const [key, digest] of digests) {
		if (parseTarget(key)) continue;
		const base = path.posix.basename(key);
		const other = byBase.get(base);
		const same = other?.algorithm === digest.algorithm && other.hex === digest.hex;
		byBase.set(base, byBase.has(base) && !same ? undefined : digest);
	}
	return {
		size: digests.size,
		find(url, name) {
			const key = keyOf(name.replaceAll(path.sep, '/'));
			return digests.get(keyOf(url)) ?? digests.get(key) ?? byBase.get(path.posix.basename(key));
		},
	};
}

const disagree = (one: Digest, other: Digest): boolean => one.algorithm === other.algorithm && one.hex !== other.hex;

/** What two spellings of one place have in common: `http://a` and `http://a/`, `./b` and `b`. */
function keyOf(name: string): string {
	const url = parseTarget(name)?.url;
	if (!url) return path.posix.normalize(name);
	url.username = '';
	url.password = '';
	return url.href;
}

type Entry = {name: string; digest: Digest};

const digestPattern = String.raw`(?<digest>(?:[\w-]+[=:])?[\da-f]{32,128})`;
/** The first that matches counts. GNU has a blank and then one of mode, so that a name may begin with either of them. */
const shapes: readonly RegExp[] = [
	/^(?<mark>\\?)(?<algorithm>[a-z][\w-]*) ?\((?<name>.+)\) ?= ?(?<digest>[\da-f]+)$/is,
	new RegExp(String.raw`^(?<mark>\\?)${digestPattern} [ *](?<name>.+)$`, 'is'),
	new RegExp(String.raw`^(?<mark>\\?)${digestPattern}[ \t]+(?<name>.+)$`, 'is'),
	new RegExp(String.raw`^(?<mark>)(?<name>https?://\S+)[ \t]+${digestPattern}$`, 'i'),
];

function parseLine(line: string): Entry | undefined {
	for (const shape of shapes) {
		const {mark, algorithm, name = '', digest = ''} = shape.exec(line)?.groups ?? {};
		// OpenSSL calls them SHA2-256.
		const text = algorithm === undefined ? digest : `${algorithm.replace(/^sha2-/i, 'sha')}=${digest}`;
		try {
			if (name !== '') return {name: mark ? unescaped(name) : name, digest: parseDigest(text)};
		} catch {
			// The next shape may fit better.
		}
	}
	return undefined;
}

const escapes: Readonly<Record<string, string>> = {n: '\n', r: '\r', '\\': '\\'};
/** GNU marks a line whose name holds line breaks or backslashes by a backslash in front. */
const unescaped = (name: string): string =>
	name.replace(/\\([nr\\])/g, (_, letter: string) => escapes[letter] ?? letter);

/** The lines without a PGP signature around them (RFC 9580 §7), each still in its place. The signature is not verified. */
function* unsigned(lines: Iterable<string>): Generator<string> {
	let part: 'text' | 'head' | 'signature' = 'text';
	for (const line of lines) {
		if (line.startsWith('-----BEGIN PGP SIGNED MESSAGE')) part = 'head';
		else if (line.startsWith('-----BEGIN PGP')) part = 'signature';
		yield part === 'text' ? line.replace(/^- /, '') : '';
		if (line.startsWith('-----END PGP') || (part === 'head' && line.trim() === '')) part = 'text';
	}
}
