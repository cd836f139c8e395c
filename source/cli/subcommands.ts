import {whole} from '../format/quantities.ts';
import {type ModelName, modelNames, type WorkName, workNames} from '../race/names.ts';
import {type OptionName, type OptionSpec, type Options, optionSpecs, type Takes} from './options.ts';
import type {Settled} from './settle.ts';
import {moment, notEmpty, speed} from './values.ts';

/** What a race is about, beside its options that runs have too. Undefined is what fits the pages. */
export type RaceRules = {
	models: readonly ModelName[];
	/** Tasks at once. */
	limit: number | undefined;
	tasks: number | undefined;
	rounds: number;
	work: WorkName | undefined;
	/** Milliseconds. */
	latency: number | undefined;
};

/** Records of so many tasks are kept, to be compared. */
const mostTasks = 100_000;

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What the command line asks for: a run, something else to do, or just a text to print. */
export type Request =
	| {kind: 'fetch' | 'demo'; options: Options}
	/** `speed` is 1 for as fast as it was, and left to the screen when undefined; `from` is in milliseconds from the beginning. */
	| {kind: 'replay'; file: string; speed: number | undefined; from: number; options: Options}
	| ({kind: 'race'; urls: readonly string[]; options: Options} & RaceRules)
	| {kind: 'completion'; shell: Shell}
	| {kind: 'print-config'; settled: Settled}
	| {kind: 'print'; text: string};

/** What has to follow a subcommand's name. */
export type ArgumentSpec = {
	name: string;
	means: string;
	takes?: Takes;
	/** As many as one likes, none included; it is the last one. */
	isList?: true;
	parse(value: string): string;
};

/** An option of one subcommand only. Without it, it has the value that `standard` stands for, if there is one. */
export type OwnOption = Omit<OptionSpec<string>, 'group' | 'alias' | 'secret'>;

/** A first argument that is no URL, but asks for something else. */
export type SubcommandSpec = {
	name: string;
	means: string;
	arguments: readonly ArgumentSpec[];
	options: readonly OwnOption[];
	/** Which options of a run have their effect here too. Another one that is typed is an error. */
	shares: readonly OptionName[];
	/** `isGiven`: somebody has said it, and it is not what it is by default. */
	request(given: {
		arguments: readonly string[];
		own: Readonly<Record<string, unknown>>;
		options: Options;
		isGiven(name: OptionName): boolean;
	}): Request;
};

/** Those of who watches. */
const screenOptions: readonly OptionName[] = [
	'json',
	'plain',
	'quiet',
	'dashboard',
	'exit',
	'ascii',
	'color',
	'screenReader',
];
/** Of how pages are asked for, as far as each process can do it for itself: cookies are in one jar. */
const requestOptions: readonly OptionName[] = [
	...(['timeout', 'connectTimeout', 'maxRedirects', 'maxSize', 'header', 'userAgent', 'user'] as const),
	...(['netrc', 'netrcFile', 'proxy', 'noProxy', 'cacert', 'insecure', 'http2', 'extract'] as const),
];
const configOptions: readonly OptionName[] = ['config', 'printConfig'];

const oneOf = (choices: readonly string[]) => (value: string) => {
	if (choices.includes(value)) return value;
	throw new Error(`it must be one of ${choices.join(', ')}`);
};

/** Some of them, in the order of the table, whatever order they are typed in. */
const someOf = (choices: readonly string[]) => (value: string) => {
	const typed = value.split(',').map(each => each.trim());
	const unknown = typed.find(each => !choices.includes(each));
	if (unknown === undefined) return choices.filter(each => typed.includes(each));
	throw new Error(`${JSON.stringify(unknown)} is none of ${choices.join(', ')}`);
};

/** The one list of subcommands: parsing, `--help`, completions and the man page are made from it. */
export const subcommands: readonly SubcommandSpec[] = [
	{
		name: 'demo',
		means: 'show everything on a built-in site',
		arguments: [],
		options: [],
		// It has a list and a temporary folder of its own.
		shares: optionSpecs.map(({name}) => name).filter(name => name !== 'input' && name !== 'dir'),
		request: ({options}) => ({kind: 'demo', options}),
	},
	{
		name: 'replay',
		means: 'show a run again that --events has recorded',
		arguments: [{name: 'file', means: 'what --events has written', takes: 'file', parse: notEmpty}],
		options: [
			{
				name: 'speed',
				flags: '--speed <n>',
				means: 'so many times as fast as it was, 0.1 to 1000 (default: 1; without the dashboard, all at once)',
				parse: speed,
			},
			{
				name: 'from',
				flags: '--from <time>',
				means: 'begin there, so far into the run: seconds, M:SS or H:MM:SS',
				standard: '0',
				parse: moment,
			},
		],
		shares: [...screenOptions, ...configOptions],
		request: ({arguments: [file = ''], own, options}) => ({
			kind: 'replay',
			file,
			speed: own.speed as number | undefined,
			from: Number(own.from),
			options,
		}),
	},
	{
		name: 'race',
		means: 'race models of concurrency on the same pages, and tell why the first one won',
		arguments: [{name: 'url', means: 'pages to race on (default: a built-in site)', isList: true, parse: notEmpty}],
		options: [
			{
				name: 'models',
				flags: '--models <names>',
				means: `which of ${modelNames.join(', ')}, with commas`,
				standard: 'all',
				parse: value => (value === 'all' ? modelNames : someOf(modelNames)(value)),
			},
			{
				name: 'work',
				flags: '--work <kind>',
				means: `what the built-in pages cost: ${workNames.join(', ')} (waiting, parsing, or both; default: mixed)`,
				parse: oneOf(workNames),
				takes: workNames,
			},
			{
				name: 'latency',
				flags: '--latency <ms>',
				means: 'how long the built-in site makes one wait, in milliseconds (default: 100, but none for cpu)',
				parse: whole(0, 60_000),
			},
			{
				name: 'tasks',
				flags: '--tasks <n>',
				means:
					'pages to fetch, in random order and again from the first one where there are fewer (default: each once)',
				parse: whole(1, mostTasks),
			},
			{
				name: 'rounds',
				flags: '--rounds <n>',
				means: 'times that each model runs; figures are medians',
				standard: '1',
				parse: whole(1, 100),
			},
		],
		shares: ['input', 'seed', 'concurrency', ...requestOptions, ...screenOptions, ...configOptions],
		request: ({arguments: urls, own, options, isGiven}) => ({
			kind: 'race',
			limit: isGiven('concurrency') ? options.concurrency : undefined,
			urls,
			options,
			models: own.models as RaceRules['models'],
			tasks: own.tasks as RaceRules['tasks'],
			rounds: Number(own.rounds),
			work: own.work as RaceRules['work'],
			latency: own.latency as RaceRules['latency'],
		}),
	},
	{
		name: 'completion',
		means: `print what completes the command line in a shell: ${shells.join(', ')}`,
		arguments: [{name: 'shell', means: shells.join(', '), takes: shells, parse: oneOf(shells)}],
		options: [],
		shares: [],
		request: ({arguments: [shell]}) => ({kind: 'completion', shell: shell as Shell}),
	},
];
