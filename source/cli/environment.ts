import {sanitize} from '../format/sanitize.ts';
import {type Givens, give} from './given.ts';
import {type Named, optionNames} from './option-names.ts';
import {defaults} from './options.ts';
import {suggestion} from './suggestion.ts';
import {UsageError} from './usage-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'FETCHTOP_';

/** Variables that are no options. */
const others = new Set(['FETCHTOP_DEBUG']);

export const variableOf = (name: string): string => prefix + name.toUpperCase().replaceAll('-', '_');

/** What variables say of options; an empty one says nothing. Throws a `UsageError` for a value that cannot be. */
export function readEnvironment(env: Environment, warn: (message: string) => void): Givens {
	const givens: Givens = new Map();
	for (const variable of Object.keys(env)) {
		const text = variable.startsWith(prefix) ? env[variable] : undefined;
		if (!text || others.has(variable)) continue;
		const named = optionNames().get(variable.slice(prefix.length).toLowerCase().replaceAll('_', '-'));
		if (!named) {
			// No error: Kubernetes sets FETCHTOP_PORT and the like beside a service of this name.
			warn(unknown(variable));
			continue;
		}
		const place = `the variable ${variable}`;
		give(givens, named, rawOf(named, text, place), {place, origin: {kind: 'environment', name: variable}});
	}
	return givens;
}

function unknown(variable: string): string {
	const name = variable.slice(prefix.length).toLowerCase().replaceAll('_', '-');
	const close = suggestion(name, optionNames().keys());
	const hint = close === undefined ? 'unset it, or look for it in --help' : `did you mean ${variableOf(close)}?`;
	return `the variable ${sanitize(variable)} is not one of fetchtop's; ${hint}`;
}

const positions: Readonly<Record<string, boolean>> = {
	...{1: true, true: true, yes: true, on: true},
	...{0: false, false: false, no: false, off: false},
};

function rawOf({spec, sets}: Named, text: string, place: string): boolean | readonly string[] {
	// None of the repeatable ones may hold a line break.
	if (sets === 'value') return Array.isArray(defaults[spec.name]) ? text.split(/[\r\n]+/).filter(Boolean) : [text];
	const position = positions[text.toLowerCase()];
	if (position !== undefined) return position;
	throw new UsageError(`the value '${sanitize(text)}' of ${place} is invalid: it must be 1 or 0, or true or false`);
}
