import type {Network} from '../cli/network.ts';
import type {Options} from '../cli/options.ts';
import type {Attempted, Outcome, Trace} from '../engine/attempt.ts';
import type {Digest, Head, PartFile} from '../engine/seams.ts';

/** What a thread of the crew is started with. The files that the options of the network name have been read. */
export type CrewBoot = {
	options: Options;
	network: Network;
	/** Connections for one body. */
	connections: number;
	/** Int32 by `flagAt`: what everybody has to know before the next byte, without a message. */
	flags: SharedArrayBuffer;
};

/** Whether bytes may not flow for now, and whether there is a limit to them. */
export const flagAt = {held: 0, limited: 1} as const;

/** An attempt, as it travels. `attempt` numbers them; every URL is text, for none survives structured clone. */
export type Assignment = Pick<Attempted, 'headers' | 'part'> & {
	unless: Attempted['unless'] | undefined;
	attempt: number;
	task: {url: string; number: number; options: Attempted['task']['options']};
	targets: string[];
};

/** An error without its stack; structured clone would drop the code. */
export type Refusal = {code: string; message: string};

export type ToMember =
	| ({type: 'begin'} & Assignment)
	| {type: 'abort'; attempt: number}
	/** What came of a question. */
	| {type: 'answer'; question: number; value?: unknown; refusal?: Refusal}
	/** Bytes may flow again. */
	| {type: 'flow'};

/** What `question` asks; its answer has the same number. */
type Question = {question: number} /** What is in the folder has to be known. */ & (
	| {type: 'prepare'}
	| {type: 'claim'; name: string; number: number}
	| {type: 'take'; name: string; number: number}
	| {type: 'checksum'; url: string; name: string}
	/** Everything told before has to be in the journal. */
	| {type: 'recorded'}
	/** How many of these bytes may be taken in. */
	| {type: 'share'; attempt: number; bytes: number}
);

/** What a question is answered with. */
export type Answers = {
	prepare: undefined;
	claim: string;
	take: boolean;
	checksum: Digest | undefined;
	recorded: undefined;
	share: number;
};

/** Of an attempt, in the order in which it happened; bytes received are a sample. */
type Told = {attempt: number} & (
	| {type: 'receiving'; head: Head; offset: number; part: PartFile | undefined}
	| {type: 'received'; bytes: number}
	| {type: 'saved'; part: PartFile}
	| {type: 'titled'; title: string}
	| {type: 'extracting'}
	/** `isHeadTold`: the head of the trace is the one that `receiving` told last. */
	| {type: 'ended'; outcome: Outcome; part: PartFile | undefined; trace: Trace | undefined; isHeadTold: boolean}
);

export type FromMember =
	/** It has loaded what it takes. */
	{type: 'ready'} | Told | Question | {type: 'release'; name: string; isPlaced: boolean};
