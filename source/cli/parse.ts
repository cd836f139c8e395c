import {CommanderError} from 'commander';
import {refuseContradictions} from './contradictions.ts';
import type {Givens} from './given.ts';
import {optionSpecs} from './options.ts';
import {readArguments, type Typed} from './program.ts';
import {type Surroundings, settle} from './settle.ts';
import type {Request, SubcommandSpec} from './subcommands.ts';
import {UsageError} from './usage-error.ts';

/**
 * Parses the arguments after the program's name, with what environment and config file add to them. Throws a `UsageError` with one line
 * that names the culprit.
 */
export function parseArguments(args: readonly string[], surroundings: Surroundings = {}): Request {
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
	// What concerns no run works without them, broken as they may be.
	const around = subcommand?.shares.length === 0 ? {} : surroundings;
	const looksAt = subcommand && ((name: (typeof optionSpecs)[number]['name']) => subcommand.shares.includes(name));
	const settled = settle(typed.options, subcommand ? [] : typed.arguments, around, looksAt);
	const {options, givens} = settled;
	if (options.printConfig) return {kind: 'print-config', settled};
	refuseContradictions(options, givens, looksAt);
	return subcommand
		? subcommand.request({...typed, own, options, isGiven: name => givens.has(name)})
		: {kind: 'fetch', options};
}

/** What a subcommand does not look at was typed in error. */
function refuseOthers({name, shares}: SubcommandSpec, typed: Givens): void {
	const other = optionSpecs.find(spec => typed.has(spec.name) && !shares.includes(spec.name));
	if (other) throw new UsageError(`option '${other.flags}' has no effect on '${name}'; leave it out`);
}

/** commander puts its suggestion on a second line and begins with `error: `. */
const oneLine = (message: string): string =>
	message
		.replace(/^error: /, '')
		.replace(/^command-argument value ('.*') is invalid for argument ('.*')\. /s, 'argument $2: $1 is invalid. ')
		.replace('is invalid. ', 'is invalid: ')
		.replace(/\s*\n\s*/g, ' ')
		.trim();
