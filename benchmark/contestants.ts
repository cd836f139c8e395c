import type {Amounts} from './data.ts';
import type {Metric, Sample, ScreenSample} from './measure.ts';
import type {PeerName, Peers} from './peers.ts';

/** What all runs share. */
export type Bench = {
	/** The checkout, and the folder of data and results that is gone afterwards. */
	root: string;
	folder: string;
	origin: string;
	/** Node with its flags, and the programs it runs. */
	node: string;
	fetchtop: readonly string[];
	ceiling: string;
	peers: Peers;
	amounts: Amounts;
};

/** `count` URLs below a folder of the site; with `repeats`, as many different ones of each file as it takes. */
export type Urls = {path: string; ending: string; count: number; repeats?: number};

/** Where a run finds its URLs, one a line and in curl's form, and where it saves. */
export type Places = {list: string; curlList: string; out: string};

type Named = {name: string; needs?: PeerName};

/** A program that runs to its end. `check`: what has to be there then, a file for each URL with all bytes, or a line. */
export type Program = Named & {
	urls: (amounts: Amounts) => Urls;
	command: (bench: Bench, places: Places) => readonly string[];
	check?: 'files' | 'lines';
	inTerminal?: true;
};

/** Measures in its own way: seconds, or more than that. */
export type Probe = Named & {does: string; probe: (bench: Bench) => Promise<Array<number | Measured>>};
export type Measured = Partial<Pick<Sample, 'cpu'>> & ScreenSample;

export type Contestant = Program | Probe;

/** What the measured value of one contestant, or its relation to that of another, is allowed to be. */
export type Requirement = {
	work: string;
	of: string;
	metric: Metric;
	/** `times`: of over against; `more`: of minus against; `value`: of. */
	relation: 'times' | 'more' | 'value';
	against?: string;
	atMost: number;
};

export type Case = {
	name: string;
	title: (amounts: Amounts) => string;
	/** Parts of the site. */
	data: readonly string[];
	contestants: readonly Contestant[];
	/** Turns in each round, where one is over in no time; 1 unless told. */
	turns?: (amounts: Amounts) => number;
	/** What all samples of a contestant come to. */
	statistic?: 'p99';
	requirements: readonly Requirement[];
};

export type Row = {name: string; command: string; samples: Sample[]};
/** `left`: who is not among the rows, and why. */
export type Outcome = {case: Case; rows: Row[]; left: string[]; hasFailed: boolean};

/** As few options as make the contestants do the same: save, say nothing, ask the network only. */
export const savers = (urls: Program['urls'], at: number, more: readonly string[] = []): Program[] => [
	{
		name: 'fetchtop',
		urls,
		check: 'files',
		command: ({fetchtop}, {list, out}) => [...fetchtop, '-i', list, '-d', out, '-c', `${at}`, '--quiet', ...more],
	},
	{
		name: 'curl -Z',
		needs: 'curl',
		urls,
		check: 'files',
		command: ({peers}, {curlList, out}) => [
			...[peers.curl?.file ?? 'curl', '-q', '-sS', '-Z', '--parallel-max', `${at}`],
			...['--remote-name-all', '--output-dir', out, '-K', curlList],
		],
	},
	{
		name: 'wget2',
		needs: 'wget2',
		urls,
		check: 'files',
		command: ({peers}, {list, out}) => [
			...[peers.wget2?.file ?? 'wget2', '--no-config', '-q', '--no-robots', '--no-hsts', '--max-threads', `${at}`],
			...['-P', out, '-i', list],
		],
	},
	{
		name: 'aria2c',
		needs: 'aria2c',
		urls,
		check: 'files',
		command: ({peers}, {list, out}) => [
			...[peers.aria2c?.file ?? 'aria2c', '--no-conf', '-q', '--file-allocation=none', '--download-result=hide'],
			...['-j', `${at}`, '-d', out, '-i', list],
		],
	},
	{
		name: 'ceiling',
		urls,
		check: 'files',
		command: ({node, ceiling}, {list, out}) => [node, ceiling, `${at}`, list, out],
	},
	// Saves as fetchtop does: into a part, which gets its name when it is whole.
	{
		name: 'safe ceiling',
		urls,
		check: 'files',
		command: ({node, ceiling}, {list, out}) => [node, ceiling, `${at}`, list, out, 'safe'],
	},
];

export const titlers = (urls: Program['urls'], at: number): Program[] => [
	{
		name: 'fetchtop',
		urls,
		check: 'lines',
		command: ({fetchtop}, {list}) => [...fetchtop, '--no-save', '--json', '-c', `${at}`, '-i', list],
	},
	{
		name: 'tutorial',
		needs: 'python3',
		urls,
		check: 'lines',
		command: ({peers, root}, {list}) => [peers.python3?.file ?? 'python3', `${root}/benchmark/tutorial.py`, list],
	},
	// What reads no title has still to be waited for.
	{name: 'ceiling', urls, command: ({node, ceiling}, {list}) => [node, ceiling, `${at}`, list]},
];
