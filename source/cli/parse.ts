import {CommanderError} from 'commander';
import {isTemplate} from '../storage/template.ts';
import {defaults, type Options, optionSpecs} from './options.ts';
import {readArguments, type Typed} from './program.ts';
import type {Request, SubcommandSpec} from './subcommands.ts';
import {UsageError} from './usage-error.ts';

/** Parses the arguments after the program's name. Throws a `UsageError` with one line that names the culprit. */
export function parseArguments(args: readonly string[]): Request {
	let printed = '';
	let typed: Typed;
	try {
		typed = readArguments(args, text => {
			printed += text;
		});
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		if (error.exitCode === 0) return {kind: 'print', text: printed};
		throw new UsageError(oneLine(error.message));
	}
	const {subcommand, own} = typed;
	if (subcommand) refuseOthers(subcommand, typed.options);
	const options = check(merge(subcommand ? [] : typed.arguments, typed.options));
	return subcommand ? subcommand.request({...typed, own, options}) : {kind: 'fetch', options};
}

/** What a subcommand does not look at was typed in error. */
function refuseOthers({name, shares}: SubcommandSpec, typed: Typed['options']): void {
	const other = optionSpecs.find(spec => typed[spec.name] !== undefined && !shares.includes(spec.name));
	if (other) throw new UsageError(`option '${other.flags}' has no effect on '${name}'; leave it out`);
}

function merge(urls: readonly string[], given: Typed['options']): Options {
	const known = Object.entries(given).filter(([name]) => optionSpecs.some(spec => spec.name === name));
	const options: Options = {...defaults, ...Object.fromEntries(known), urls: [...urls]};
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
	];
	const broken = rules.find(([applies]) => applies);
	if (broken) throw new UsageError(broken[1]);
	return options;
}

/** commander puts its suggestion on a second line and begins with `error: `. */
const oneLine = (message: string): string =>
	message
		.replace(/^error: /, '')
		.replace(/^command-argument value ('.*') is invalid for argument ('.*')\. /s, 'argument $2: $1 is invalid. ')
		.replace('is invalid. ', 'is invalid: ')
		.replace(/\s*\n\s*/g, ' ')
		.trim();
