import {Argument, Command, CommanderError, Help, InvalidArgumentError, Option} from 'commander';
import type {Givens} from './given.ts';
import {contraryName, longName, optionNames} from './option-names.ts';
import {type OptionSpec, optionSpecs} from './options.ts';
import {type ArgumentSpec, type SubcommandSpec, subcommands} from './subcommands.ts';
import {version} from './version.ts';

/** What was typed: values by the names of their options, as far as they were given. */
export type Typed = {
	subcommand?: SubcommandSpec;
	arguments: readonly string[];
	options: Givens;
	/** Those that are the subcommand's own. */
	own: Readonly<Record<string, unknown>>;
};

/** Reads arguments by the tables. Throws a `CommanderError` for what it does not know; `print` is handed help and version. */
export function readArguments(args: readonly string[], print: (text: string) => void): Typed {
	let typed: Typed | undefined;
	const texts: Texts = new Map();
	const program = new Command('fetchtop');
	program
		.description('top(1) for your fetches: give it URLs, watch one live row per running task, steer with keys.')
		.usage('[options] [url ...]\n       fetchtop COMMAND')
		.argument('[url...]', 'what to fetch (http, https); a host named as a command is http://demo')
		.helpOption('-h, --help', 'show this help')
		.helpCommand(false)
		.version(version, '-V, --version', 'show the version')
		.exitOverride()
		.configureOutput({writeOut: print, outputError() {}})
		.configureHelp({optionTerm, visibleCommands: command => (command === program ? subcommands.map(listed) : [])})
		.action(() => {
			typed = {arguments: program.args, options: givensOf(program, texts), own: {}};
		});
	for (const spec of optionSpecs) addOption(program, spec, {group: `${spec.group}:`, texts});
	// What nobody has typed is left out: commander compares each option with all others, and every start would pay for that.
	for (const flag of new Set(args.filter(arg => arg.startsWith('--')))) addContrary(program, flag, texts);
	for (const spec of subcommands.filter(({name}) => args.includes(name)))
		addSubcommand(program, spec, command => {
			const own = {...ownDefaults(spec.options), ...given(command)};
			typed = {
				subcommand: spec,
				arguments: command.processedArgs.flat().map(String),
				options: givensOf(program, texts),
				own,
			};
		});
	program.addHelpText('after', afterHelp);
	program.parse(args, {from: 'user'});
	return typed ?? {arguments: [], options: new Map(), own: {}};
}

const afterHelp = `
In the dashboard, + and - change the concurrency, ? lists all keys.
Options may also stand in ~/.config/fetchtop/config.json ({"concurrency": 16})
and in the environment (FETCHTOP_CONCURRENCY=16).`;

/** Without what commander has by default. */
const given = (command: Command): Record<string, unknown> =>
	Object.fromEntries(Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) === 'cli'));

/** What was typed as the value of each option, most recent last. */
type Texts = Map<string, string[]>;

function givensOf(program: Command, texts: Texts): Givens {
	const givens: Givens = new Map();
	for (const [name, typed] of Object.entries(given(program))) {
		const spec = optionSpecs.find(option => option.name === name);
		if (!spec) continue;
		// commander has false for the contrary of an option with a value, which is nothing the option could have.
		const isTakenBack = spec.parse !== undefined && typed === false;
		const value = isTakenBack ? (spec.name === 'config' ? 'none' : undefined) : typed;
		const all = texts.get(spec.name) ?? [];
		const shown = isTakenBack ? [] : Array.isArray(value) ? all : all.slice(-1);
		const isContrary = isTakenBack || value === longName(spec).startsWith('no-');
		const flag = `--${(isContrary && contraryName(spec)) || longName(spec)}`;
		givens.set(spec.name, {value, texts: shown, origin: {kind: 'flag', name: flag}});
	}
	return givens;
}

/** A subcommand for the help, where all of them are named; only those that are typed are made whole. */
function listed({name, means, arguments: args}: SubcommandSpec): Command {
	const command = new Command(name).summary(means);
	for (const spec of args) command.argument(operand(spec));
	return command;
}

function addSubcommand(
	program: Command,
	{name, means, arguments: args, options, shares}: SubcommandSpec,
	found: (command: Command) => void,
): void {
	const command = program
		.command(name)
		.description(`${means[0]?.toUpperCase()}${means.slice(1)}.`)
		.action(() => found(command));
	for (const spec of args) command.addArgument(argumentOf(spec));
	for (const spec of options) addOption(command, spec);
	// The program itself takes them before they get here: this is for the help.
	if (shares.length > screenful) command.addHelpText('after', `\n${sharedText(shares)}`);
	else for (const spec of optionSpecs) if (shares.includes(spec.name)) addOption(command, spec);
}

const operand = ({name, isList}: ArgumentSpec): string => (isList ? `[${name}...]` : `<${name}>`);

function argumentOf(spec: ArgumentSpec): Argument {
	const {name, means, isList, parse} = spec;
	if (!isList) return new Argument(`<${name}>`, means).argParser(value => complaining(() => parse(value)));
	return new Argument(`[${name}...]`, means).argParser((value, previous: string[] = []) => [
		...previous,
		complaining(() => parse(value)),
	]);
}

/** All of them, all but a few, or each by its name. */
function sharedText(shares: SubcommandSpec['shares']): string {
	const others = optionSpecs.filter(({name}) => !shares.includes(name));
	if (others.length < optionSpecs.length / 4) return "It takes the options of 'fetchtop --help' too.";
	const names = optionSpecs
		.filter(({name}) => shares.includes(name))
		.map(({flags}) => flags.replace(/ <.*|^-\w, /g, ''));
	return `Of the options of 'fetchtop --help' it takes these too:\n  ${new Help().boxWrap(names.join(', '), 74).replaceAll('\n', '\n  ')}`;
}

/** More options than this are better looked up where they are explained. */
const screenful = 20;

const ownDefaults = (options: SubcommandSpec['options']): Record<string, unknown> =>
	Object.fromEntries(
		options
			.filter(({standard}) => standard !== undefined)
			.map(({name, standard, parse}) => [name, parse?.(standard ?? '', undefined)]),
	);

type AnySpec = Omit<OptionSpec<string>, 'group'>;

function addOption(command: Command, spec: AnySpec, {group, texts}: {group?: string; texts?: Texts} = {}): void {
	const option = make(spec.flags, spec, texts);
	command.addOption(group === undefined ? option : option.helpGroup(group));
	if (!spec.alias) return;
	const alias = make(`${spec.alias} ${spec.flags.slice(spec.flags.indexOf('<'))}`, spec, texts).hideHelp();
	command.addOption(alias);
	// The later of the two spellings wins, as it does when one is given twice.
	command.on(`option:${alias.name()}`, () =>
		command.setOptionValueWithSource(spec.name, command.getOptionValue(alias.attributeName()), 'cli'),
	);
}

/** So that whatever the environment or the config file says can be taken back. Help and suggestions do not know of it. */
function addContrary(program: Command, flag: string, texts: Texts): void {
	const named = optionNames().get(flag.slice('--'.length));
	if (!named || longName(named.spec) === named.name) return;
	program.addOption(new Option(flag).hideHelp());
	program.on(`option:${named.name}`, () => texts.delete(named.spec.name));
}

function make(flags: string, {name, means, standard, parse, secret}: AnySpec, texts?: Texts): Option {
	const option = new Option(flags, standard === undefined ? means : `${means} (default: ${standard})`);
	// `--no-proxy <list>` has a value of its own: it is not the opposite of `--proxy`.
	if (/^no[A-Z]/.test(name)) option.negate = false;
	if (!parse) return option;
	const complaint =
		secret &&
		((message: string) => new CommanderError(2, 'secret', `the value of option '${flags}' is invalid. ${message}`));
	return option.argParser((value, previous) => {
		const parsed = complaining(() => parse(value, previous), complaint);
		texts?.set(name, [...(texts.get(name) ?? []), value]);
		return parsed;
	});
}

/** commander repeats the value in front of the message, which a secret must not be. */
function complaining<Value>(
	parse: () => Value,
	complaint: (message: string) => Error = message => new InvalidArgumentError(message),
): Value {
	try {
		return parse();
	} catch (error) {
		throw complaint(error instanceof Error ? error.message : String(error));
	}
}

const aliases = new Map(optionSpecs.flatMap(({flags, alias}) => (alias ? [[flags, alias] as const] : [])));

/** `-c, -j, --concurrency <n>` */
function optionTerm({flags}: Option): string {
	const alias = aliases.get(flags);
	return alias === undefined ? flags : flags.replace(', --', `, ${alias}, --`);
}
