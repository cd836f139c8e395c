// The man page, made from the tables of the program; test/man-page.test.ts keeps man/fetchtop.1 fresh.
import {contraryName, plainName} from '../source/cli/option-names.ts';
import {defaults, type OptionSpec, optionSpecs} from '../source/cli/options.ts';
import {subcommands} from '../source/cli/subcommands.ts';
import {version} from '../source/cli/version.ts';
import {words} from '../source/dashboard/keys/command-line.ts';
import {createKeymap} from '../source/dashboard/keys/keymap.ts';
import {raceKeymap} from '../source/dashboard/race/keymap.ts';

/** Text that roff sets as it is: a hyphen for a shell, no quotes it could take for its own, and all in ASCII. */
const plain = (text: string): string =>
	text
		.replaceAll('\\', '\\e')
		.replace(
			/[-'`~^"]/g,
			sign => ({'-': '\\-', "'": '\\(aq', '`': '\\(ga', '~': '\\(ti', '^': '\\(ha', '"': '\\(dq'})[sign] ?? sign,
		)
		.replace(/[^\n\x20-\x7e]/gu, sign => `\\[u${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`)
		.replace(/^[.]/gm, '\\&.');

const bold = (text: string): string => `\\fB${plain(text)}\\fR`;
const italic = (text: string): string => `\\fI${plain(text)}\\fR`;
const entry = (term: string, ...lines: string[]): string => ['.TP', term, ...lines].join('\n');
/** Angle brackets are for `--help`; here it is italics that say what to replace. */
const flags = (text: string, alias?: string): string => {
	const [, names = text, value] = /^(.*?)(?: <(.+)>)?$/.exec(text) ?? [];
	const [first = '', ...others] = names.split(', ');
	const all = [first, alias ?? [], others].flat().map(bold).join(', ');
	return value === undefined ? all : `${all} ${italic(value.replaceAll("'", ''))}`;
};

const option = ({flags: text, alias, means, standard}: Omit<OptionSpec<string>, 'group'>): string =>
	entry(flags(text, alias), plain(sentence(standard === undefined ? means : `${means} (default: ${standard})`)));

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const groups = Map.groupBy(optionSpecs, ({group}) => group);

function commands(): string[] {
	return subcommands.map(spec => {
		const inner = spec.options.length > 0 ? ['.RS', ...spec.options.map(option), '.RE'] : [];
		return [entry(usage(spec), plain(sentence(spec.means))), ...inner].join('\n');
	});
}

function keys(): string[] {
	const {bindings, shown} = createKeymap();
	return bindings.map(binding =>
		entry(bold(shown(binding)), plain(`${sentence(binding.means)} In the config file: `) + bold(binding.name)),
	);
}

/** Those of a race, which no config file changes. */
const raceKeys = (): string[] =>
	raceKeymap.bindings.map(binding => entry(bold(raceKeymap.shown(binding)), plain(sentence(binding.means))));

/** What the dashboard takes behind `:`. */
const prompt = (): string[] =>
	words.map(({names, takes, means}) => {
		const value = takes === '' ? [] : [italic(takes)];
		return entry([bold(`:${names[0]}`), ...value].join(' '), plain(sentence(means)));
	});

const environment: ReadonlyArray<readonly [name: string, means: string]> = [
	[
		'FETCHTOP_NAME',
		`an option by its long name: FETCHTOP_CONCURRENCY=16, FETCHTOP_NO_SAVE=1, FETCHTOP_PLAIN=0; an empty one says nothing, and several values of a repeatable option stand on lines of their own`,
	],
	['FETCHTOP_DEBUG', 'say more of an internal error'],
	['XDG_CONFIG_HOME, HOME, APPDATA', 'where the config file is'],
	[
		'http_proxy, https_proxy, all_proxy, no_proxy',
		'proxies, as curl reads them; --proxy and --no-proxy are used instead',
	],
	['NETRC', 'the file of --netrc'],
	['NO_COLOR', 'as --no-color'],
	['LC_ALL, LC_CTYPE, LANG', 'without UTF-8 in the first of them that is set: as --ascii'],
	['TERM, CI', 'where TERM is dumb or CI is set, plain lines are printed, and no dashboard'],
];

const statuses: ReadonlyArray<readonly [status: string, means: string]> = [
	['0', 'all done or skipped; a race has run to its end, whatever became of the pages of the built-in site'],
	['1', 'some task failed; in a race also: a lane could not be run to its end'],
	['2', 'the command line, the config file or the folder is wrong, or a list cannot be opened'],
	['129, 130, 143', 'stopped with work left, by SIGHUP, by SIGINT or a key, by SIGTERM'],
	['141', 'the reader of the output has gone'],
];

const files: ReadonlyArray<readonly [name: string, means: string]> = [
	[
		'~/.config/fetchtop/config.json',
		'options and keys ($XDG_CONFIG_HOME/fetchtop/config.json where that is set; %APPDATA%\\fetchtop\\config.json on Windows)',
	],
	['.fetchtop.ndjson', 'in the folder of the bodies: what is done and how far the rest is'],
	['NAME.part, NAME.bad', 'a body that is not whole yet, and one that does not match its checksum'],
];

const terms = (rows: ReadonlyArray<readonly [string, string]>): string[] =>
	rows.map(([name, means]) => entry(bold(name), plain(sentence(means))));

const usage = ({name, arguments: args, options}: (typeof subcommands)[number]): string =>
	[
		bold(`fetchtop ${name}`),
		...(options.length > 0 ? [`[${italic('options')}]`] : []),
		...args.map(({name, isList}) => (isList ? `[${italic(name)} ...]` : italic(name))),
	].join(' ');

const sample = `{
	"concurrency": 16,
	"limit-rate": "2M",
	"header": ["Accept-Language: de"],
	"save": false,
	"keys": {"concurrency-up": ["+", "="]}
}`;

function config(): string[] {
	const several = optionSpecs.filter(({name}) => Array.isArray(defaults[name]));
	const contraries = optionSpecs
		.filter(({name}) => ['plain', 'save', 'limitRate'].includes(name))
		.map(spec => bold(`--${contraryName(spec)}`));
	return [
		plain('An object in JSON, with options by their long names, as on the command line but without dashes:'),
		'.PP\n.RS 4\n.EX',
		plain(sample),
		'.EE\n.RE\n.PP',
		plain('A switch is true or false, another option a string or a number; one that is repeatable may be a list.'),
		plain('Paths are as on the command line, and ~/ is the home folder.'),
		plain('A file with a secret in it must not be readable by others.'),
		'.PP',
		plain('For each option a flag wins over the environment, that over the file, and that over the default.'),
		`Repeatable ones (${several.map(({name}) => bold(`--${plainName(name)}`)).join(', ')}) are taken from one of these as a whole.`,
		`What the others say can be taken back by a flag: ${contraries.join(', ')} and so on.`,
		`${bold('--print-config')} shows where each value is from, and ${bold('--config none')} does without a file.`,
	];
}

const description = [
	'Downloads URLs, or reads their titles, and shows one live row per running task; keys steer the run while it runs.',
	'What is stopped, by whatever, goes on when the same command is run again in the same folder.',
	'Where stdout is no terminal, one line is printed per finished task.',
];

const examples: ReadonlyArray<readonly [what: string, command: string]> = [
	['A list, sixteen at once:', 'fetchtop -i list.txt -d pages -c 16'],
	['Status, title and timing of each page, with nothing saved:', 'fetchtop --no-save --json -i list.txt > out.ndjson'],
	['Models of concurrency, where there is nothing to do but wait:', 'fetchtop race --work io --latency 50 -c 20'],
	['Completion, in the start-up file of a shell:', 'source <(fetchtop completion bash)'],
];

/** The page in the macros of man(7). It has no date, so that it is the same whenever it is made. */
export function manPage(): string {
	const sections: Readonly<Record<string, readonly string[]>> = {
		NAME: ['fetchtop \\- top(1) for your fetches'],
		SYNOPSIS: [
			`${bold('fetchtop')} [${italic('options')}] [${italic('url')} ...]`,
			...subcommands.map(spec => `.br\n${usage(spec)}`),
		],
		DESCRIPTION: description.map(plain),
		OPTIONS: [...groups].flatMap(([group, specs]) => [`.SS ${group}`, ...specs.map(option)]),
		COMMANDS: [...commands(), '.PP', plain('A host that is named as one of them is http://demo.')],
		KEYS: [
			'In the dashboard:',
			...keys(),
			'.PP',
			`Behind ${bold(':')}:`,
			...prompt(),
			'.PP',
			'In a race:',
			...raceKeys(),
		],
		'CONFIG FILE': config(),
		ENVIRONMENT: terms(environment),
		FILES: terms(files),
		'EXIT STATUS': terms(statuses),
		EXAMPLES: examples.map(([what, command]) => `${plain(what)}\n.PP\n.RS 4\n.EX\n${plain(command)}\n.EE\n.RE\n.PP`),
		'SEE ALSO': [`${bold('aria2c')}(1), ${bold('curl')}(1), ${bold('wget')}(1)`],
	};
	return [
		'.\\" Made from the tables of the program: UPDATE=1 npm run unit',
		`.TH FETCHTOP 1 "" "fetchtop ${version}" "User Commands"`,
		...Object.entries(sections).map(([name, lines]) => `.SH ${name}\n${lines.join('\n')}`.replace(/\n\.PP$/, '')),
		'',
	].join('\n');
}
