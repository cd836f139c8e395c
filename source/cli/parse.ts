import {Command, CommanderError, InvalidArgumentError, Option} from 'commander';
import {isTemplate} from '../storage/template.ts';
import {defaults, type OptionSpec, type Options, optionSpecs} from './options.ts';
import {UsageError} from './usage-error.ts';
import {version} from './version.ts';

/** What the command line asks for: a run, the demo, or just a text to print. */
export type Request = {kind: 'fetch' | 'demo'; options: Options} | {kind: 'print'; text: string};

/** Parses the arguments after the program's name. Throws a `UsageError` with one line that names the culprit. */
export function parseArguments(args: readonly string[]): Request {
	let printed = '';
	const program = new Command('fetchtop')
		.description('top(1) for your fetches: give it URLs, watch one live row per running task, steer with keys.')
		.usage('[options] [url ...]\n       fetchtop demo')
		.argument('[url...]', 'what to fetch (http, https); `demo` shows everything on a built-in site')
		.helpOption('-h, --help', 'show this help')
		.version(version, '-V, --version', 'show the version')
		.exitOverride()
		.configureOutput({
			writeOut: text => {
				printed += text;
			},
			outputError() {},
		});
	for (const spec of optionSpecs) addOption(program, spec);
	program.addHelpText('after', '\nIn the dashboard, + and - change the concurrency, ? lists all keys.');
	try {
		program.parse(args, {from: 'user'});
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		if (error.exitCode === 0) return {kind: 'print', text: printed};
		throw new UsageError(oneLine(error.message));
	}
	const options = check(merge(program.args, program.opts()));
	return options.urls[0] === 'demo' ? {kind: 'demo', options: withoutDemo(options)} : {kind: 'fetch', options};
}

function addOption(program: Command, spec: OptionSpec): void {
	program.addOption(make(spec.flags, spec).helpGroup(`${spec.group}:`));
	if (!spec.alias) return;
	const alias = make(`${spec.alias} ${spec.flags.slice(spec.flags.indexOf('<'))}`, spec).hideHelp();
	program.addOption(alias);
	// The later of the two spellings wins, as it does when one is given twice.
	program.on(`option:${alias.name()}`, () =>
		program.setOptionValue(spec.name, program.getOptionValue(alias.attributeName())),
	);
}

function make(flags: string, {name, means, standard, parse, secret}: OptionSpec): Option {
	const option = new Option(flags, standard === undefined ? means : `${means} (default: ${standard})`);
	// `--no-proxy <list>` has a value of its own: it is not the opposite of `--proxy`.
	if (/^no[A-Z]/.test(name)) option.negate = false;
	if (!parse) return option;
	return option.argParser((value, previous) => {
		try {
			return parse(value, previous);
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			if (secret) throw new CommanderError(2, 'secret', `the value of option '${flags}' is invalid. ${message}`);
			throw new InvalidArgumentError(message);
		}
	});
}

function merge(urls: string[], given: Record<string, unknown>): Options {
	const known = Object.entries(given).filter(([name]) => optionSpecs.some(spec => spec.name === name));
	const options: Options = {...defaults, ...Object.fromEntries(known), urls};
	return options.titlesOnly ? {...options, save: false} : options;
}

/** Options that contradict each other. */
function check(options: Options): Options {
	const {urls, input, output, json, events, plain, quiet, dashboard, save, checksum, checksums} = options;
	const several = urls.length > 1 || input.length > 0;
	const unsaved = !save || output === '-';
	const rules: ReadonlyArray<readonly [boolean, string]> = [
		[
			output !== undefined && several && !isTemplate(output),
			"'-o, --output' names one file, but there may be several URLs; use '-d, --dir' or a template such as '{host}/{path}'",
		],
		[
			output !== undefined && !save,
			`'-o, --output' and '${options.titlesOnly ? '--titles-only' : '--no-save'}' contradict each other`,
		],
		[
			options.titlesOnly && options.extract.length > 0,
			"'-e, --extract' searches whole pages, and '--titles-only' does not read them",
		],
		[checksum !== undefined && several, "'--checksum' is for a single URL; use '--checksums' for several"],
		[
			(checksum ?? checksums) !== undefined && unsaved,
			"'--checksum' and '--checksums' verify files, but with '--no-save' or '-o -' there is none",
		],
		[checksum !== undefined && checksums !== undefined, "'--checksum' and '--checksums' contradict each other"],
		[options.fresh && options.update, "'--fresh' and '--update' contradict each other"],
		[json && events === '-', "'--json' and '--events -' both want stdout; give the events a file"],
		[output === '-' && (json || events === '-'), "'-o -' and the records both want stdout"],
		[plain && dashboard, "'--plain' and '--dashboard' contradict each other"],
		[quiet && dashboard, "'--quiet' and '--dashboard' contradict each other"],
		[urls[0] === 'demo' && several, "'demo' takes no URLs and no list"],
		[
			urls[0] === 'demo' && options.dir !== defaults.dir,
			"'demo' saves into a temporary folder of its own; leave out '-d, --dir'",
		],
	];
	const broken = rules.find(([applies]) => applies);
	if (broken) throw new UsageError(broken[1]);
	return options;
}

const withoutDemo = (options: Options): Options => ({...options, urls: []});

/** commander puts its suggestion on a second line and begins with `error: `. */
const oneLine = (message: string): string =>
	message
		.replace(/^error: /, '')
		.replace('is invalid. ', 'is invalid: ')
		.replace(/\s*\n\s*/g, ' ')
		.trim();
