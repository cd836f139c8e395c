import {withoutUserinfo} from '../engine/target.ts';
import {sanitize} from '../format/sanitize.ts';
import {optionNames} from './option-names.ts';
import {type OptionSpec, optionSpecs} from './options.ts';
import {holdsSecret} from './secrets.ts';

/** A word of the command line, or an option with its value; a word that is no option has no `name`. */
export type Part = {name?: OptionSpec['name']; words: readonly string[]};

/** What a flag is, in any of its spellings, and whether a value belongs to it. */
function flagOf(flag: string): {spec?: OptionSpec; takesValue: boolean} {
	const named = flag.startsWith('--') ? optionNames().get(flag.slice('--'.length)) : undefined;
	if (named) return {spec: named.spec, takesValue: named.sets === 'value'};
	const spec = optionSpecs.find(({flags, alias}) => alias === flag || flags.startsWith(`${flag}, `));
	return spec ? {spec, takesValue: spec.parse !== undefined} : {takesValue: false};
}

/** Arguments that were found to be right, taken apart as the parser does: `-kd out` is `-k` and `-d out`. */
export function partsOf(args: readonly string[]): Part[] {
	const rest = [...args];
	const parts: Part[] = [];
	const add = (flag: string, value: string | undefined, separate: readonly string[]) => {
		const {spec} = flagOf(flag);
		const words = value === undefined ? separate : [...separate, value];
		parts.push({words, ...(spec && {name: spec.name})});
	};
	for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
		if (word === '--') parts.push(...rest.splice(0).map(url => ({words: [url]})));
		else if (word.startsWith('--')) {
			const [flag = '', ...value] = word.split('=');
			if (value.length > 0) add(flag, value.join('='), [flag]);
			else add(flag, flagOf(flag).takesValue ? rest.shift() : undefined, [flag]);
		} else if (/^-./.test(word)) {
			for (let letters = word.slice(1); letters !== ''; ) {
				const flag = `-${letters.charAt(0)}`;
				letters = letters.slice(1);
				if (!flagOf(flag).takesValue) add(flag, undefined, [flag]);
				else {
					add(flag, letters === '' ? rest.shift() : letters, [flag]);
					letters = '';
				}
			}
		} else parts.push({words: [word]});
	}
	return parts;
}

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
	const {name, words} = part;
	const [flag = '', value] = words;
	if (name === undefined) {
		const bare = withoutUserinfo(flag);
		return bare === flag ? part : {words: [bare]};
	}
	if (value === undefined || !holdsSecret(name, value)) return part;
	const shown = name === 'header' ? value.replace(/^([^:]*:).*/s, `$1 ${hidden}`) : hidden;
	return {...part, words: [flag, shown]};
}

/** As it is where no shell sees anything in it (`=` at the start means something to zsh, `%` to fish), else in single quotes. */
const quoted = (word: string): string =>
	word === hidden || /^[\w@+:,./-][\w@%+=:,./-]*$/.test(word) ? word : `'${word.replace(unquotable, outside)}'`;

/**
 * What cannot stay in single quotes: one of them, and, as fish alone knows escapes there (`\'` and `\\`), a backslash before one,
 * before the closing one too, or before another. Others stay, as PowerShell has no such escapes in the paths of Windows.
 */
const unquotable = /(?:'|\\(?=['\\]|$))+/g;

/** Each with a backslash before it, which all shells take in the same way. */
const outside = (run: string): string => `'${run.replace(/./g, '\\$&')}'`;
