import {type OptionSpec, optionSpecs} from './options.ts';

/** What a name stands for: an option with a value, a switch in one of its positions, or what there is without the option. */
export type Named = {name: string; spec: OptionSpec; sets: 'value' | 'default' | boolean};

/** `limit-rate`, and `save` of `--no-save`. */
export const plainName = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

/** `no-save` of `--no-save`. */
export const longName = ({flags}: {flags: string}): string => /--([\w-]+)/.exec(flags)?.[1] ?? flags;

/** What `--help` does not name: it takes back what the environment or the config file says. */
function contrary(spec: OptionSpec): Named {
	const long = longName(spec);
	if (spec.parse) return {name: `no-${long}`, spec, sets: 'default'};
	const isOff = long.startsWith('no-');
	return {name: isOff ? long.slice('no-'.length) : `no-${long}`, spec, sets: isOff};
}

function proper(spec: OptionSpec): Named {
	const name = longName(spec);
	return {name, spec, sets: spec.parse ? 'value' : !name.startsWith('no-')};
}

/** All names of the command line, without their dashes. What is an option is not the contrary of another: `no-proxy`. */
export function optionNames(): ReadonlyMap<string, Named> {
	// Not while being loaded: most starts do not need it.
	names ??= new Map([...optionSpecs.map(contrary), ...optionSpecs.map(proper)].map(named => [named.name, named]));
	return names;
}

let names: ReadonlyMap<string, Named> | undefined;

/** The name that takes an option back, if there is one. */
export function contraryName(spec: OptionSpec): string | undefined {
	const {name} = contrary(spec);
	return optionNames().get(name)?.spec === spec ? name : undefined;
}
