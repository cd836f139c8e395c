import {defaultSettings, maxConcurrency} from '../engine/settings.ts';
import {userAgent} from './version.ts';

/** What the command line comes to: every option with its value, given or by default. */
export type Options = {
	urls: string[];
	input: string[];
	dir: string;
	output?: string;
	save: boolean;
	concurrency: number;
	perHost: number;
	retries: number;
	/** Milliseconds. */
	timeout: number;
	connectTimeout: number;
	maxRedirects: number;
	header: Array<readonly [name: string, value: string]>;
	userAgent: string;
	overwrite: boolean;
	json: boolean;
	events?: string;
	plain: boolean;
	quiet: boolean;
	dashboard: boolean;
	exit: boolean;
	ascii: boolean;
	color: boolean;
};

type Name = Exclude<keyof Options, 'urls'>;

/** One option. `parse` turns what was typed into the value; it throws with the rest of the sentence "… is invalid: …". */
export type OptionSpec = {
	name: Name;
	flags: string;
	group: 'Input' | 'Saving' | 'Running' | 'Requests' | 'Output';
	means: string;
	/** As shown to people; the values themselves are in `defaults`. */
	standard?: string;
	parse?: (value: string, previous: unknown) => unknown;
	/** Another spelling, for fingers trained elsewhere. */
	alias?: string;
};

export const defaults: Options = {
	urls: [],
	input: [],
	dir: '.',
	save: true,
	...defaultSettings,
	timeout: 30_000,
	connectTimeout: 10_000,
	maxRedirects: 10,
	header: [],
	userAgent,
	overwrite: false,
	json: false,
	plain: false,
	quiet: false,
	dashboard: false,
	exit: false,
	ascii: false,
	color: true,
};

/** The one list of options: parsing, `--help`, the README and its test are made from it. */
export const optionSpecs: readonly OptionSpec[] = [
	{
		name: 'input',
		flags: '-i, --input <file>',
		group: 'Input',
		means: 'list of URLs, one a line; blank lines and # comments are skipped; repeatable; - is stdin',
		parse: (value, previous) => [...(Array.isArray(previous) ? previous : []), value],
	},
	{
		name: 'dir',
		flags: '-d, --dir <dir>',
		group: 'Saving',
		means: 'folder where bodies are saved',
		standard: '.',
		parse: notEmpty,
	},
	{
		name: 'output',
		flags: '-o, --output <name>',
		group: 'Saving',
		means: 'file name, for a single URL; - writes the body to stdout',
		parse: bareName,
	},
	{name: 'save', flags: '--no-save', group: 'Saving', means: 'read status and title only; save nothing'},
	{name: 'overwrite', flags: '--overwrite', group: 'Saving', means: 'replace files that are already there'},
	{
		name: 'concurrency',
		flags: '-c, --concurrency <n>',
		group: 'Running',
		means: `tasks running at once, 1 to ${maxConcurrency}; + and - change it while it runs`,
		standard: '8',
		parse: whole(1, maxConcurrency),
		alias: '-j',
	},
	{
		name: 'perHost',
		flags: '--per-host <n>',
		group: 'Running',
		means: 'tasks running at once per host',
		standard: 'no limit',
		parse: whole(1, maxConcurrency),
	},
	{
		name: 'retries',
		flags: '--retries <n>',
		group: 'Running',
		means: 'further tries after the first',
		standard: '4',
		parse: whole(0, 1000),
	},
	{
		name: 'timeout',
		flags: '--timeout <seconds>',
		group: 'Requests',
		means: 'longest silence, before the first byte or between two; never a limit on the whole download',
		standard: '30',
		parse: seconds,
	},
	{
		name: 'connectTimeout',
		flags: '--connect-timeout <seconds>',
		group: 'Requests',
		means: 'longest wait for a connection',
		standard: '10',
		parse: seconds,
	},
	{
		name: 'maxRedirects',
		flags: '--max-redirects <n>',
		group: 'Requests',
		means: 'refuse longer chains',
		standard: '10',
		parse: whole(0, 100),
	},
	{
		name: 'header',
		flags: "-H, --header <'name: value'>",
		group: 'Requests',
		means: 'a request header, repeatable; never sent to another origin than the URL names',
		parse: header,
	},
	{
		name: 'userAgent',
		flags: '-A, --user-agent <text>',
		group: 'Requests',
		means: 'the User-Agent header',
		standard: userAgent,
		parse: fieldValue,
	},
	{name: 'json', flags: '--json', group: 'Output', means: 'one NDJSON record per finished task on stdout'},
	{
		name: 'events',
		flags: '--events <file>',
		group: 'Output',
		means: 'every event as NDJSON; - is stdout',
		parse: notEmpty,
	},
	{name: 'plain', flags: '--plain', group: 'Output', means: 'log lines, even on a terminal'},
	{name: 'quiet', flags: '--quiet', group: 'Output', means: 'only the summary'},
	{
		name: 'dashboard',
		flags: '--dashboard',
		group: 'Output',
		means: 'draw the dashboard on the terminal although stdout is redirected',
	},
	{name: 'exit', flags: '--exit', group: 'Output', means: 'leave the dashboard when the run ends'},
	{name: 'ascii', flags: '--ascii', group: 'Output', means: 'draw with ASCII characters only'},
	{name: 'color', flags: '--no-color', group: 'Output', means: 'no color (nor with NO_COLOR set)'},
];

function whole(least: number, most: number) {
	return (value: string): number => {
		const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
		if (number >= least && number <= most) return number;
		throw new Error(`it must be a whole number from ${least} to ${most}`);
	};
}

/** Seconds, fractions allowed, as milliseconds. A day is more than any silence is worth, and timers end at 24 of them. */
function seconds(value: string): number {
	const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
	if (number > 0 && number <= 86_400) return number * 1000;
	throw new Error('it must be a number of seconds above 0 and up to 86400');
}

function notEmpty(value: string): string {
	if (value !== '') return value;
	throw new Error('it must not be empty');
}

/** A name alone: where it goes is said by `--dir`. */
function bareName(value: string): string {
	if (!/^\.\.?$|[/\\]/.test(notEmpty(value))) return value;
	throw new Error('it must be a file name without a folder; -d names the folder');
}

function header(value: string, previous: unknown): Array<readonly [string, string]> {
	const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/s.exec(value);
	if (!match?.[1]) throw new Error("it must read 'Name: value'");
	const earlier = Array.isArray(previous) ? (previous as Array<readonly [string, string]>) : [];
	return [...earlier, [match[1], fieldValue(match[2] ?? '')]];
}

/** RFC 9110 §5.5: visible characters, spaces and tabs; a line break would start another header. */
function fieldValue(value: string): string {
	if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value.trim();
	throw new Error('a header value may not hold control characters or characters beyond Latin-1');
}
