import type {Digest} from '../engine/seams.ts';
import {defaultSettings, maxConcurrency, maxConnections} from '../engine/settings.ts';
import {type Field, parseField} from '../extract/fields.ts';
import {templateProblem} from '../storage/template.ts';
import {parseDigest} from './checksums.ts';
import {fieldValue, splitHeader} from './header.ts';
import {userAgent} from './version.ts';

/** What the command line comes to: every option with its value, given or by default. */
export type Options = {
	urls: string[];
	input: string[];
	dir: string;
	output?: string;
	save: boolean;
	titlesOnly: boolean;
	extract: readonly Field[];
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
	fresh: boolean;
	update: boolean;
	remoteTime: boolean;
	compressed: boolean;
	connections: number;
	/** Bytes. */
	maxSize: number;
	checksum?: Digest;
	checksums?: string;
	saveFailed?: string;
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

/** Whether somebody is there depends on the screen, not on an option. */
const {attended: _, ...settings} = defaultSettings;

export const defaults: Options = {
	urls: [],
	input: [],
	dir: '.',
	save: true,
	...settings,
	timeout: 30_000,
	connectTimeout: 10_000,
	maxRedirects: 10,
	header: [],
	userAgent,
	extract: [],
	overwrite: false,
	fresh: false,
	remoteTime: false,
	compressed: false,
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
		means: 'list of URLs, one a line, or an aria2 input file; # begins a comment; repeatable; - is stdin',
		parse: (value, previous) => [...(Array.isArray(previous) ? previous : []), value],
	},
	{
		name: 'saveFailed',
		flags: '--save-failed <file>',
		group: 'Input',
		means: 'write what was not finished as a list for -i (and aria2c -i)',
		parse: notEmpty,
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
		means: "file name; for several URLs a template such as '{host}/{path}'; - writes the body to stdout",
		parse: name,
	},
	{name: 'save', flags: '--no-save', group: 'Saving', means: 'read status and title only; save nothing'},
	{
		name: 'titlesOnly',
		flags: '--titles-only',
		group: 'Saving',
		means: 'save nothing, and close the connection as soon as the title is known',
	},
	{name: 'overwrite', flags: '--overwrite', group: 'Saving', means: 'replace files that are not ours'},
	{name: 'fresh', flags: '--fresh', group: 'Saving', means: 'ignore what earlier runs did and start over'},
	{
		name: 'update',
		flags: '--update',
		group: 'Saving',
		means: 'ask the server whether finished files have changed, instead of skipping them',
	},
	{name: 'remoteTime', flags: '--remote-time', group: 'Saving', means: "give files the server's date"},
	{
		name: 'checksum',
		flags: '--checksum <algorithm=hex>',
		group: 'Saving',
		means: 'verify the file, for a single URL: md5, sha-1, sha-224, sha-256, sha-384, sha-512',
		parse: parseDigest,
	},
	{
		name: 'checksums',
		flags: '--checksums <file>',
		group: 'Saving',
		means: 'verify every file that a SHA256SUMS-like list names',
		parse: notEmpty,
	},
	{
		name: 'compressed',
		flags: '--compressed',
		group: 'Saving',
		means: 'ask for compressed bodies and save them decoded; these cannot be resumed',
	},
	{
		name: 'maxSize',
		flags: '--max-size <size>',
		group: 'Saving',
		means: 'refuse longer bodies: 500K, 20M, 4G (powers of 1024)',
		standard: 'no limit',
		parse: size,
	},
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
		name: 'connections',
		flags: '-x, --connections <n>',
		group: 'Running',
		means: `connections for one large file, 1 to ${maxConnections}`,
		standard: '1',
		parse: whole(1, maxConnections),
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
	{
		name: 'extract',
		flags: '-e, --extract <name=selector>',
		group: 'Output',
		means:
			'add the text of what a CSS selector matches to the results, or with @name at its end an attribute; repeatable',
		parse: extract,
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

/** `-`, a name, or a template of one. */
function name(value: string): string {
	const problem = value === '-' ? undefined : templateProblem(value);
	if (problem === undefined) return value;
	throw new Error(problem);
}

/** Bytes, with the letters and powers of 1024 that curl takes. */
function size(value: string): number {
	const match = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(value);
	const power = ' kmgt'.indexOf(match?.[2]?.toLowerCase() || ' ');
	const bytes = Math.floor(Number(match?.[1]) * 1024 ** power);
	if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
	throw new Error('it must be a size such as 500K, 20M or 4G');
}

function header(value: string, previous: unknown): Array<readonly [string, string]> {
	const [name, text] = splitHeader(value);
	const earlier = Array.isArray(previous) ? (previous as Array<readonly [string, string]>) : [];
	return [...earlier, [name, fieldValue(text)]];
}

function extract(value: string, previous: unknown): readonly Field[] {
	const field = parseField(value);
	const earlier = Array.isArray(previous) ? (previous as Field[]) : [];
	if (earlier.some(({name}) => name === field.name)) throw new Error(`${JSON.stringify(field.name)} is taken already`);
	return [...earlier, field];
}
