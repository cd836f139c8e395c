import type {AttemptParts} from '../../engine/attempt.ts';
import {systemClock} from '../../engine/seams.ts';
import {createExtractor, preload} from '../../extract/extractor.ts';
import {searcherHere} from '../../extract/searcher.ts';
import {discardStorage} from '../../storage/discard.ts';
import {createTransport} from '../../transport/transport.ts';
import type {Equipment} from '../seams.ts';

/**
 * What every worker of every model fetches with: the transport and the title code of the program itself. Only that heavy pages
 * are searched where they are, and not by another process: whose CPU is used for them is what a race is about.
 */
export async function raceParts({options, network}: Equipment): Promise<AttemptParts> {
	// Loading it belongs to the start of a worker, not to its first page.
	await preload(options.extract);
	const {header, cookie: _, netrc: __, ...rest} = options;
	return {
		transport: createTransport({...rest, ...network, headers: header}),
		storage: discardStorage,
		extractor: createExtractor({fields: options.extract, searcher: searcherHere}),
		clock: systemClock,
		held: () => undefined,
		bandwidth: {isLimited: false, take: (_, bytes) => bytes},
		maxSize: options.maxSize,
		minSpeed: options.minSpeed,
		connections: 1,
		brief: false,
	};
}
