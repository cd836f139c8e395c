import {sanitize} from '../format/sanitize.ts';
import type {Named} from './option-names.ts';
import type {OptionName} from './options.ts';
import {UsageError} from './usage-error.ts';

/** Where a value is from: `name` is the flag, the variable, or the path of the file. */
export type Origin = {kind: 'flag' | 'environment' | 'file'; name: string};

/** What one source says of an option. */
export type Given = {
	/** Undefined for what there is without the option. */
	value: unknown;
	/** As it was written; of a repeatable option once for each time, and nothing of a switch. */
	texts: readonly string[];
	origin: Origin;
};

export type Givens = Map<OptionName, Given>;

/**
 * Adds what one source says under one name of an option. `place` is what to call it when it is wrong. Throws a `UsageError`.
 * @param raw whether a switch is on, or the texts of a value
 */
export function give(
	givens: Givens,
	{spec, sets}: Named,
	raw: boolean | readonly string[],
	{place, origin}: {place: string; origin: Origin},
): void {
	// Another name for the same thing, and nobody could tell which one was meant.
	if (givens.has(spec.name)) throw new UsageError(`${place} says again what another name says; keep one of them`);
	if (sets === 'default') {
		if (raw === true) givens.set(spec.name, {value: spec.name === 'config' ? 'none' : undefined, texts: [], origin});
		return;
	}
	const value = typeof raw === 'boolean' ? raw === sets : parsed(spec, raw, place);
	givens.set(spec.name, {value, texts: typeof raw === 'boolean' ? [] : raw, origin});
}

function parsed({parse, secret}: Named['spec'], texts: readonly string[], place: string): unknown {
	let value: unknown;
	for (const text of texts) {
		try {
			value = parse?.(text, value);
		} catch (error) {
			const what = secret ? 'the value' : `the value '${sanitize(text)}'`;
			throw new UsageError(`${what} of ${place} is invalid: ${error instanceof Error ? error.message : error}`);
		}
	}
	return value;
}
