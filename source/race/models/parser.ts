import {type Handlers, handle} from '../../engine/handlers.ts';
import {type Extracted, type Extractor, systemClock} from '../../engine/seams.ts';
import {recordOf} from './fetch-page.ts';
import {raceParts} from './parts.ts';
import type {FromParser, PageMessage, ToParser} from './pipeline-messages.ts';

/** A parser: takes one page after the other out of its mailbox, and sends the record to the collector. */
export function serveParser(
	post: (message: FromParser) => void,
	listen: (listener: (message: ToParser) => void) => void,
): void {
	let extractor: Extractor | undefined;
	/** Of the page before. */
	let through = Promise.resolve();
	const parse = async (page: PageMessage) => {
		const extracted = extractor ? await read(page, extractor) : {};
		post({type: 'record', number: page.number, result: recordOf(page.tried, systemClock.now(), extracted)});
	};
	const handlers: Handlers<ToParser> = {
		async equip({equipment}) {
			({extractor} = await raceParts(equipment));
			post({type: 'ready'});
		},
		fetcher({port}) {
			port.on('message', (page: PageMessage) => {
				through = through.then(() => parse(page)).then(() => port.postMessage(page.number));
			});
		},
	};
	listen(message => handle(handlers, message));
}

/** As an attempt does it: an extraction that fails costs the title, not the task. */
async function read({tried: {trace}, bytes, isWhole}: PageMessage, extractor: Extractor): Promise<Extracted> {
	const reading = trace?.head && extractor.open(trace.head);
	if (!reading) return {};
	try {
		reading.write(bytes);
		return await reading.finish(isWhole);
	} catch {
		return {};
	}
}
