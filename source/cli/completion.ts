import {longName} from './option-names.ts';
import {defaults, type OptionSpec, optionSpecs, type Takes} from './options.ts';
import {type Shell, type SubcommandSpec, subcommands} from './subcommands.ts';

/** An option as shells need it. */
type Option = {
	/** `-c`, `-j` */
	short: readonly string[];
	/** `--concurrency` */
	long: string;
	means: string;
	/** What its value is called. */
	value?: string;
	takes?: Takes;
	isRepeatable: boolean;
};

/** What can be typed behind the name of a subcommand, or without one. */
type Context = {subcommand?: SubcommandSpec; options: readonly Option[]};

const standing: readonly Option[] = [
	{short: ['-h'], long: '--help', means: 'show the help', isRepeatable: false},
	{short: ['-V'], long: '--version', means: 'show the version', isRepeatable: false},
];

function optionOf(spec: Omit<OptionSpec<string>, 'group'>): Option {
	const {flags, alias, means, parse, takes, name} = spec;
	return {
		short: [/^-\w/.exec(flags)?.[0] ?? [], alias ?? []].flat(),
		long: `--${longName(spec)}`,
		means,
		...(parse && {value: /<(.+)>/.exec(flags)?.[1]?.replaceAll("'", '') ?? 'value'}),
		...(takes && {takes}),
		isRepeatable: Array.isArray((defaults as Readonly<Record<string, unknown>>)[name]),
	};
}

const everywhere: Context = {options: [...optionSpecs.map(optionOf), ...standing]};
const contexts: readonly Context[] = subcommands.map(subcommand => ({
	subcommand,
	options: [
		...subcommand.options.map(optionOf),
		...optionSpecs.filter(({name}) => subcommand.shares.includes(name)).map(optionOf),
		...standing,
	],
}));

const spellings = ({short, long}: Option): string[] => [...short, long];
const valued = (options: readonly Option[]): Option[] => options.filter(({value}) => value !== undefined);
/** Every option with a value, of whatever subcommand, once. */
const allValued = [
	...new Map(
		[everywhere, ...contexts].flatMap(({options}) => valued(options)).map(option => [option.long, option]),
	).values(),
];

/** The script that completes the command line in a shell. */
export const completionFor = (shell: Shell): string => scripts[shell]();

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const scripts: Readonly<Record<Shell, () => string>> = {bash, zsh, fish};

/** How bash's `compgen` is told what to choose from. */
function compgen(takes: Takes | undefined): string {
	if (takes === undefined) return '';
	if (takes === 'file') return '-f';
	return takes === 'dir' ? '-d' : `-W ${quoted(takes.join(' '))}`;
}

function bash(): string {
	const patterns = (options: readonly Option[]) => options.flatMap(spellings).join(' | ');
	const words = ({options}: Context) => quoted(options.flatMap(spellings).join(' '));
	const values = [...Map.groupBy(allValued, ({takes}) => compgen(takes))].map(
		([from, options]) => `	${patterns(options)})\n\t\t${from && `_fetchtop_reply ${from}\n\t\t`}return\n\t\t;;`,
	);
	const cases = contexts.map(({subcommand, ...context}) => {
		const [argument] = subcommand?.arguments ?? [];
		return `	${subcommand?.name})\n\t\toptions=${words(context)}\n\t\toperand=(${compgen(argument?.takes)})\n\t\t((operands--))\n\t\t;;`;
	});
	return `# Completion for bash. In ~/.bashrc: source <(fetchtop completion bash)

_fetchtop_reply() {
	local line
	[[ $1 == -W ]] || compopt -o filenames 2>/dev/null
	while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$current")
}

_fetchtop() {
	local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} subcommand='' operands=0 i
	local options=${words(everywhere)}
	local -a operand=(-W ${quoted(contexts.map(({subcommand}) => subcommand?.name).join(' '))})
	COMPREPLY=()
	# bash makes three words of --name=value.
	if [[ $current == '=' ]]; then
		current=''
	elif [[ $before == '=' ]]; then
		before=\${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case \${COMP_WORDS[i]} in
		--) return ;;
		${patterns(allValued)})
			[[ \${COMP_WORDS[i + 1]} == '=' ]] && ((i++))
			((i++))
			;;
		-*) ;;
		*)
			[[ $operands == 0 ]] && subcommand=\${COMP_WORDS[i]}
			((operands++))
			;;
		esac
	done
	case $before in
${values.join('\n')}
	esac
	case $subcommand in
${cases.join('\n')}
	esac
	if [[ $current == -* ]]; then
		_fetchtop_reply -W "$options"
	elif [[ $operands == 0 && \${#operand[@]} -gt 0 ]]; then
		_fetchtop_reply "\${operand[@]}"
	fi
}

complete -F _fetchtop fetchtop
`;
}

/** What zsh's `_arguments` is told to choose from. */
function action(takes: Takes | undefined): string {
	if (takes === undefined) return ' ';
	if (takes === 'file') return '_files';
	return takes === 'dir' ? '_files -/' : `(${takes.join(' ')})`;
}

/** What stands in brackets and between colons. */
const zshText = (text: string): string => text.replace(/[\\[\]:]/g, '\\$&');

function zshSpec(option: Option): string[] {
	const {long, means, value, takes, isRepeatable} = option;
	const all = spellings(option);
	const others = isRepeatable ? '*' : all.length > 1 ? `(${all.join(' ')})` : '';
	const behind = value === undefined ? '' : `:${zshText(value)}:${action(takes)}`;
	return all.map(spelling => {
		// A value may also be the rest of the word, behind `=` where the name is long.
		const joint = value === undefined ? '' : spelling === long ? '=' : '+';
		return quoted(`${others}${spelling}${joint}[${zshText(means)}]${behind}`);
	});
}

function zsh(): string {
	const specs = ({options}: Context) => options.flatMap(zshSpec).join(' \\\n\t\t\t');
	const cases = contexts.map(({subcommand, ...context}) => {
		const operands = (subcommand?.arguments ?? []).map(({name, takes, isList}, index) =>
			quoted(
				`${isList ? '*' : index + 2}:${zshText(name)}:${takes === undefined ? `_fetchtop_any ${name}` : action(takes)}`,
			),
		);
		return `	${subcommand?.name})\n\t\t_arguments -s -S \\\n\t\t\t${specs(context)} \\\n\t\t\t${["'1: :'", ...operands].join(' ')}\n\t\t;;`;
	});
	const names = contexts.map(({subcommand}) => quoted(`${subcommand?.name}:${subcommand?.means}`)).join(' ');
	return `#compdef fetchtop
# Completion for zsh. In ~/.zshrc, behind compinit: source <(fetchtop completion zsh)

_fetchtop_first() {
	local -a subcommands=(${names})
	_describe -t commands 'command' subcommands
	_message 'URL'
}

# What can be anything. Where an option is begun there is no message: beside one, a single match is listed and not put in.
_fetchtop_any() {
	[[ $PREFIX == -* ]] || _message "$@[-1]"
}

_fetchtop() {
	local subcommand='' i
	for ((i = 2; i < CURRENT; i++)); do
		case $words[i] in
		--) break ;;
		${allValued.flatMap(spellings).join('|')}) ((i++)) ;;
		-*) ;;
		*)
			subcommand=$words[i]
			break
			;;
		esac
	done
	case $subcommand in
${cases.join('\n')}
	*)
		_arguments -s -S \\
			${specs(everywhere)} \\
			'1: :_fetchtop_first' '*:URL:_fetchtop_any URL'
		;;
	esac
}

# Found on $fpath it is being called now; sourced it is not.
if [[ $funcstack[1] == _fetchtop ]]; then
	_fetchtop "$@"
else
	compdef _fetchtop fetchtop
fi
`;
}

/** In single quotes, fish knows only these two behind a backslash. */
const fishQuoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function fishValue({value, takes}: Pick<Option, 'value' | 'takes'>): string {
	if (value === undefined) return '';
	if (takes === undefined) return ' -x';
	if (takes === 'file') return ' -r -F';
	return takes === 'dir' ? " -x -a '(__fish_complete_directories)'" : ` -x -a ${fishQuoted(takes.join(' '))}`;
}

function fishOption({short, long, means, value, takes}: Option, condition: string): string {
	const names = [...short.map(name => `-s ${name.slice(1)}`), `-l ${long.slice(2)}`].join(' ');
	return `complete -c fetchtop${condition} ${names}${fishValue({...(value && {value}), ...(takes && {takes})})} -d ${fishQuoted(means)}`;
}

function fish(): string {
	const lines = everywhere.options.map(option => {
		// Behind these subcommands it has no effect.
		const without = contexts.filter(({options}) => options.every(({long}) => long !== option.long));
		const names = without.map(({subcommand}) => subcommand?.name).join(' ');
		return fishOption(option, names && ` -n 'not __fetchtop_is ${names}'`);
	});
	for (const {subcommand, options} of contexts) {
		const {name = '', means = '', arguments: args = []} = subcommand ?? {};
		const condition = ` -n '__fetchtop_is ${name}'`;
		lines.push(`complete -c fetchtop -n '__fetchtop_is ""' -a ${name} -d ${fishQuoted(means)}`);
		for (const option of options)
			if (everywhere.options.every(({long}) => long !== option.long)) lines.push(fishOption(option, condition));
		for (const {takes} of args)
			if (takes === 'file') lines.push(`complete -c fetchtop${condition} -F`);
			else if (Array.isArray(takes)) lines.push(`complete -c fetchtop${condition} -a ${fishQuoted(takes.join(' '))}`);
	}
	return `# Completion for fish: fetchtop completion fish > ~/.config/fish/completions/fetchtop.fish

# Whether the first word that is neither an option nor the value of one is among these; none is ''.
function __fetchtop_is
	set -l words (commandline -opc)
	set -e words[1]
	set -l first ''
	set -l isValue 0
	for word in $words
		if test $isValue = 1
			set isValue 0
			continue
		end
		switch $word
			case ${allValued.flatMap(spellings).join(' ')}
				set isValue 1
			case '-*'
			case '*'
				set first $word
				break
		end
	end
	contains -- $first $argv
end

complete -c fetchtop -f
${lines.join('\n')}
`;
}
