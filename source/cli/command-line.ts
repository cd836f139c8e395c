import {withoutUserinfo} from '../engine/target.ts';
import {sanitize} from '../format/sanitize.ts';
import {optionNames} from './option-names.ts';
import {type OptionSpec, optionSpecs} from './options.ts';
import {holdsSecret} from './secrets.ts';

/** A word of the command line, or an option with its value; a word that is no option has no `name`. */
export type Part = {name?: OptionSpec['name']; secret?: true; words: readonly string[]};

type Flag = {spec: OptionSpec; needsValue: boolean};

const byFlag = new Map<string, Flag>([
	...[...optionNames.values()].map(
		({name, spec, sets}) => [`--${name}`, {spec, needsValue: sets === 'value'}] as const,
	),
	...optionSpecs.flatMap(spec =>
		[/^-\w/.exec(spec.flags)?.[0] ?? [], spec.alias ?? []]
			.flat()
			.map(flag => [flag, {spec, needsValue: spec.parse !== undefined}] as const),
	),
]);

/** Arguments that were found to be right, taken apart as the parser does: `-kd out` is `-k` and `-d out`. */
export function partsOf(args: readonly string[]): Part[] {
	const rest = [...args];
	const parts: Part[] = [];
	const add = (flag: string, value: string | undefined, separate: readonly string[]) => {
		const {spec, needsValue} = byFlag.get(flag) ?? {};
		const words = value === undefined ? separate : [...separate, value];
		parts.push({words, ...(spec && {name: spec.name}), ...(needsValue && spec?.secret && {secret: true})});
	};
	for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
		if (word === '--') parts.push(...rest.splice(0).map(url => ({words: [url]})));
		else if (word.startsWith('--')) {
			const [flag = '', ...value] = word.split('=');
			if (value.length > 0) add(flag, value.join('='), [flag]);
			else add(flag, needsValue(flag) ? rest.shift() : undefined, [flag]);
		} else if (/^-./.test(word)) {
			for (let letters = word.slice(1); letters !== ''; ) {
				const flag = `-${letters.charAt(0)}`;
				letters = letters.slice(1);
				if (!needsValue(flag)) add(flag, undefined, [flag]);
				else {
					add(flag, letters === '' ? rest.shift() : letters, [flag]);
					letters = '';
				}
			}
		} else parts.push({words: [word]});
	}
	return parts;
}

const needsValue = (flag: string): boolean => byFlag.get(flag)?.needsValue ?? false;

/** What stands in the place of a login: the summary of a run may be in a log that others read. */
const hidden = '…';

/** Text that a POSIX shell (and fish) reads as these parts; undefined where no terminal could show it as it is. */
export function commandText(program: string, parts: readonly Part[]): {text: string; hides: boolean} | undefined {
	const shown = parts.map(visible);
	const words = shown.flatMap(({words}) => words);
	if (words.some(word => sanitize(word) !== word)) return undefined;
	const text = [program, ...words.map(quoted)].join(' ');
	return {text, hides: shown.some((part, index) => part !== parts[index])};
}

function visible(part: Part): Part {
	const {name, secret, words} = part;
	const [flag = '', value = ''] = words;
	if (secret) return {...part, words: [flag, hidden]};
	if (name === 'header' && holdsSecret(name, value))
		return {...part, words: [flag, value.replace(/^([^:]*:).*/s, `$1 ${hidden}`)]};
	const bare = withoutUserinfo(flag);
	return name === undefined && bare !== flag ? {...part, words: [bare]} : part;
}

/** As it is where no shell sees anything in it (`=` at the start means something to zsh), else in single quotes. */
const quoted = (word: string): string =>
	word === hidden || /^[\w@%+:,./-][\w@%+=:,./-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
