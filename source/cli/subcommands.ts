import {type OptionName, type OptionSpec, type Options, optionSpecs, type Takes} from './options.ts';
import type {Settled} from './settle.ts';
import {moment, notEmpty, speed} from './values.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What the command line asks for: a run, something else to do, or just a text to print. */
export type Request =
	| {kind: 'fetch' | 'demo'; options: Options}
	/** `speed` is 1 for as fast as it was, and left to the screen when undefined; `from` is in milliseconds from the beginning. */
	| {kind: 'replay'; file: string; speed: number | undefined; from: number; options: Options}
	| {kind: 'completion'; shell: Shell}
	| {kind: 'print-config'; settled: Settled}
	| {kind: 'print'; text: string};

/** What has to follow a subcommand's name. */
export type ArgumentSpec = {name: string; means: string; takes?: Takes; parse(value: string): string};

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
	request(given: {arguments: readonly string[]; own: Readonly<Record<string, unknown>>; options: Options}): Request;
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
const configOptions: readonly OptionName[] = ['config', 'printConfig'];

const oneOf = (choices: readonly string[]) => (value: string) => {
	if (choices.includes(value)) return value;
	throw new Error(`it must be one of ${choices.join(', ')}`);
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
		name: 'completion',
		means: `print what completes the command line in a shell: ${shells.join(', ')}`,
		arguments: [{name: 'shell', means: shells.join(', '), takes: shells, parse: oneOf(shells)}],
		options: [],
		shares: [],
		request: ({arguments: [shell]}) => ({kind: 'completion', shell: shell as Shell}),
	},
];
