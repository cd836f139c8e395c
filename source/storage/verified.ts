import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import path from 'node:path';
import {pipeline} from 'node:stream/promises';
import type {Known, Past} from '../engine/past.ts';
import type {Digest} from '../engine/seams.ts';

/** The checksum a file should have, if it should have one. */
export type Expected = (url: string, name: string) => Digest | undefined;

/** A past whose finished files are verified before they are trusted. One that does not match is fetched again. */
export function verifiedPast(past: Past, dir: string, expected: Expected): Past {
	return {
		recall(url, options) {
			const known = past.recall(url, options);
			return (
				known
					?.then(found => verify(found, dir, options.checksum ?? checksumOf(found, url, expected)))
					// It cannot be read, so it is not ours any more.
					.catch(() => undefined)
			);
		},
	};
}

const checksumOf = (known: Known | undefined, url: string, expected: Expected): Digest | undefined =>
	known?.kind === 'done' && known.result.path !== null ? expected(url, known.result.path) : undefined;

async function verify(known: Known | undefined, dir: string, digest: Digest | undefined): Promise<Known | undefined> {
	if (known?.kind !== 'done' || known.result.path === null || !digest) return known;
	const {algorithm, hex} = digest;
	const hash = createHash(algorithm);
	await pipeline(createReadStream(path.join(dir, known.result.path)), hash);
	if (hash.digest('hex') !== hex) return {kind: 'part', part: {path: known.result.path, ranges: [], replaces: 'bad'}};
	return algorithm === 'sha256' ? {...known, result: {...known.result, sha256: hex}} : known;
}
