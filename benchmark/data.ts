import {closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync, writeSync} from 'node:fs';
import path from 'node:path';
import {blocksOf, pageOf} from './pages.ts';
import {seeded} from './statistics.ts';

/** How much of each; a quick look takes less. */
export type Amounts = {
	pages: number;
	/** Pages of which the titles are read are fewer: the tutorial takes its time. */
	titledDocuments: number;
	documents: number;
	tiny: number;
	/** Bytes. */
	large: number;
	part: number;
	/** Lines of input. */
	manyLines: number;
	fewerLines: number;
	watched: number;
	keys: number;
	/** Keys from which to the frame it is measured, and seconds over which a screen is watched. */
	pressed: number;
	watchedSeconds: number;
	starts: number;
};

const mebi = 1024 ** 2;

export const whole: Amounts = {
	pages: 5_000,
	titledDocuments: 100,
	documents: 500,
	tiny: 100_000,
	large: 2048 * mebi,
	part: 256 * mebi,
	manyLines: 1_000_000,
	fewerLines: 100_000,
	watched: 40_000,
	keys: 100,
	pressed: 210,
	watchedSeconds: 10,
	starts: 5,
};

export const quick: Amounts = {
	pages: 500,
	titledDocuments: 10,
	documents: 100,
	tiny: 3_000,
	large: 128 * mebi,
	part: 16 * mebi,
	manyLines: 20_000,
	fewerLines: 2_000,
	watched: 3_000,
	keys: 20,
	pressed: 28,
	watchedSeconds: 2,
	starts: 2,
};

/** Which URLs a case asks for. */
export type List = {path: string; count: number; bytes: number};

/** Folders of the site: those that hold files, and those where nginx gives one answer to every name. */
export function makeSite(folder: string, root: string, amounts: Amounts, wanted: ReadonlySet<string>): void {
	const site = path.join(folder, 'site');
	mkdirSync(site, {recursive: true});
	const blocks = blocksOf(root);
	const make = (name: string, count: number, bytes: (index: number) => number) => {
		mkdirSync(path.join(site, name));
		for (let index = 0; index < count; index++)
			writeFileSync(path.join(site, name, `${numbered(index)}.html`), pageOf(blocks, index, bytes(index)));
	};
	if (wanted.has('pages')) make('pages', amounts.pages, () => 10_000);
	// 100 to 300 kB, 170 kB on average: most are small, as everywhere.
	if (wanted.has('documents'))
		make('documents', amounts.documents, index => 100_000 + 200_000 * ((index % 20) / 19) ** 1.86);
	writeFileSync(path.join(site, 'tiny.bin'), noise(200));
	if (wanted.has('large')) writeNoise(path.join(site, 'large.bin'), amounts.large);
	if (wanted.has('part')) writeNoise(path.join(site, 'part.bin'), amounts.part);
}

/** Seven digits, so that all lists of a length weigh the same. */
export const numbered = (index: number) => String(index + 1).padStart(7, '0');

/** Random bytes would take longer to make than to fetch: 1 MiB of them, over and over, each time beginning with its number. */
function writeNoise(file: string, bytes: number): void {
	const block = noise(mebi);
	const descriptor = openSync(file, 'w');
	for (let at = 0; at < bytes; at += block.length) {
		block.writeUInt32LE(at / mebi);
		writeSync(descriptor, block, 0, Math.min(block.length, bytes - at));
	}
	closeSync(descriptor);
}

function noise(bytes: number): Buffer {
	const random = seeded(bytes);
	return Buffer.from(Array.from({length: bytes}, () => Math.floor(random() * 256)));
}

/** What a folder holds, without fetchtop's own journal. */
export function weigh(folder: string): {count: number; bytes: number} {
	const files = readdirSync(folder).filter(name => !name.startsWith('.'));
	return {count: files.length, bytes: files.reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0)};
}
