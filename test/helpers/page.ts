import type {Extracted, Head} from '../../source/engine/seams.ts';
import {createExtractor, type ExtractorOptions} from '../../source/extract/extractor.ts';

export function headOf(fields: Partial<Head> = {}): Head {
	return {
		url: 'http://a.example/',
		redirects: [],
		status: 200,
		headers: {},
		timings: {connect: 0, firstByte: 0},
		...fields,
	};
}

export type Read = {extracted: Extracted | undefined; told: string[]};

/** Shows a body to an extractor, in pieces of that many bytes (or at those places), and says what it made of it. */
export async function readPage(
	bytes: Uint8Array,
	{
		pieces = bytes.length,
		isWhole = true,
		...rest
	}: Partial<Head> & ExtractorOptions & {pieces?: number | readonly number[]; isWhole?: boolean} = {},
): Promise<Read> {
	const {fields, searcher, ...head} = rest;
	const extractor = createExtractor({...(fields && {fields}), ...(searcher && {searcher})});
	const told: string[] = [];
	const reading = extractor.open(headOf(head), title => told.push(title));
	if (!reading) return {extracted: undefined, told};
	const cuts = typeof pieces === 'number' ? evenly(bytes.length, pieces) : pieces;
	let at = 0;
	for (const end of [...cuts, bytes.length]) {
		// What comes from the network is used again as soon as the call returns.
		const piece = Uint8Array.from(bytes.subarray(at, end));
		const isEnough = piece.length > 0 && reading.write(piece);
		piece.fill(0x21);
		at = end;
		if (isEnough) break;
	}
	return {extracted: await reading.finish(isWhole && at === bytes.length), told};
}

function evenly(length: number, size: number): number[] {
	const cuts: number[] = [];
	for (let at = size; at < length && size > 0; at += size) cuts.push(at);
	return cuts;
}
