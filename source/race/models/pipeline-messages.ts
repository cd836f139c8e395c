import type {MessagePort} from 'node:worker_threads';
import type {Result} from '../../engine/task.ts';
import type {Equipment, RaceTask} from '../seams.ts';
import type {Tried} from './fetch-page.ts';

/** A page on its way from a fetcher to a parser. */
export type PageMessage = {
	number: number;
	tried: Tried;
	/** The start of the body, as much as the title code looks at, as it came over the network. */
	bytes: Uint8Array<ArrayBuffer>;
	isWhole: boolean;
};

/** From the collector, which hands out the tasks too. Parsers are numbered; one that takes a dead one's place has a number of its own. */
export type ToFetcher =
	| {type: 'equip'; equipment: Equipment}
	/** There is a parser, and this is the way to it. */
	| {type: 'parser'; parser: number; port: MessagePort}
	| {type: 'parser-gone'; parser: number}
	| {type: 'task'; task: RaceTask};

export type FromFetcher =
	| {type: 'ready'}
	/** The page is in the mailbox of that parser. */
	| {type: 'passed'; number: number; parser: number; bytes: number}
	/** All mailboxes were full, and the page has to wait. */
	| {type: 'full'}
	/** There is nothing to parse in what came. */
	| {type: 'record'; number: number; result: Result};

export type ToParser =
	| {type: 'equip'; equipment: Equipment}
	/** Pages come from there; for each of them its number goes back when the parser is through with it. */
	| {type: 'fetcher'; port: MessagePort};

export type FromParser = {type: 'ready'} | {type: 'record'; number: number; result: Result};
