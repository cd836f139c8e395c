import {readConfigFile, standardFile} from './config-file.ts';
import {type Environment, readEnvironment} from './environment.ts';
import type {Given, Givens} from './given.ts';
import {whyAscii, whyColorless} from './locale.ts';
import {defaults, type OptionName, type Options, optionSpecs} from './options.ts';

/** Options with where they are from; what is not among `givens` is as by default. */
export type Settled = {
	options: Options;
	givens: Givens;
	/** The config file that was looked for, and whether it was there. */
	file?: {name: string; isThere: boolean};
};

export type Surroundings = {env?: Environment; warn?: (message: string) => void};

/** Options that settle another one, whatever is said of that. */
const settling: ReadonlyArray<{by: OptionName; name: OptionName; value: boolean}> = [
	{by: 'titlesOnly', name: 'save', value: false},
	{by: 'random', name: 'duplicates', value: true},
];

/** What an option has its value from: itself, or another one that settles it. */
export const settledBy = (name: OptionName, options: Options): OptionName =>
	settling.find(one => one.name === name && options[one.by] !== undefined && options[one.by] !== false)?.by ?? name;

/**
 * Puts flags, environment and config file together: for each option the first of them that says anything wins, as a whole, so that a
 * repeatable one is never gathered from two of them. Throws a `UsageError` for what is wrong in one of them.
 * @param looksAt which options matter here
 */
export function settle(
	flags: Givens,
	urls: readonly string[],
	{env = {}, warn = () => {}}: Surroundings,
	looksAt: (name: OptionName) => boolean = () => true,
): Settled {
	const variables = readEnvironment(env, warn);
	const named = (flags.get('config') ?? variables.get('config'))?.value;
	const name = typeof named === 'string' ? named : standardFile(env);
	const isWanted = name !== undefined && name !== 'none';
	const file = isWanted ? readConfigFile(name, {must: named !== undefined, home: env.HOME}) : undefined;
	const terminal = fromTerminal(env);
	const givens: Givens = new Map();
	const options: Record<string, unknown> = {...defaults, urls: [...urls], keys: file?.keys ?? defaults.keys};
	for (const {name} of optionSpecs) {
		const given = flags.get(name) ?? variables.get(name) ?? file?.givens.get(name) ?? terminal.get(name);
		if (!given || !looksAt(name)) continue;
		givens.set(name, given);
		if (given.value !== undefined) options[name] = given.value;
	}
	for (const {by, name, value} of settling)
		if (options[by] !== undefined && options[by] !== false) options[name] = value;
	return {options: options as Options, givens, ...(isWanted && {file: {name, isThere: file !== undefined}})};
}

/** What the usual variables say of the screen, for every program. */
function fromTerminal(env: Environment): Givens {
	const [ascii, colorless] = [whyAscii(env), whyColorless(env)];
	const by = (name: string, value: boolean): Given => ({value, texts: [], origin: {kind: 'environment', name}});
	const givens: Givens = new Map();
	if (ascii !== undefined) givens.set('ascii', by(ascii, true));
	if (colorless !== undefined) givens.set('color', by(colorless, false));
	if (env.INK_SCREEN_READER === 'true') givens.set('screenReader', by('INK_SCREEN_READER', true));
	return givens;
}
