import {seeds} from '../engine/random.ts';
import type {Digest} from '../engine/seams.ts';
import {defaultSettings, maxConcurrency, maxConnections} from '../engine/settings.ts';
import type {Field} from '../extract/fields.ts';
import {rate, size, whole} from '../format/quantities.ts';
import {type ProxyServer, parseProxy} from '../transport/proxy.ts';
import {parseDigest} from './checksums.ts';
import {fieldValue} from './header.ts';
import {cookie, extract, header, list, login, name, notEmpty, noUrl, seconds} from './values.ts';
import {userAgent} from './version.ts';

export const maxThreads = 64;

/** What the command line comes to: every option with its value, given or by default. */
export type Options = {
	urls: string[];
	input: string[];
	/** So many tasks, each drawn from all URLs. */
	random?: number;
	/** Of `random`; without it, one is drawn too. */
	seed?: number;
	dir: string;
	output?: string;
	save: boolean;
	titlesOnly: boolean;
	extract: readonly Field[];
	concurrency: number;
	perHost: number;
	/** Starts a second. */
	rate: number;
	/** Bytes a second. */
	limitRate: number;
	minSpeed: number;
	duplicates: boolean;
	/** Event loops that attempts run in. */
	threads: number;
	retries: number;
	/** Milliseconds. */
	timeout: number;
	connectTimeout: number;
	maxRedirects: number;
	header: Array<readonly [name: string, value: string]>;
	userAgent: string;
	user?: string;
	netrc: boolean;
	netrcFile?: string;
	/** Each is data or the name of a file. */
	cookie: string[];
	cookieJar?: string;
	/** In place of what the variables say. */
	proxy?: ProxyServer | 'none';
	noProxy?: string;
	cacert?: string;
	insecure: boolean;
	http2: boolean;
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
	notify: boolean;
	screenReader: boolean;
	ascii: boolean;
	color: boolean;
	/** In place of the standard one. */
	config?: string;
	printConfig: boolean;
	/** The dashboard's keys, by what they do, as far as the config file has others. Which names there are is for the dashboard to say. */
	keys: Readonly<Record<string, readonly string[]>>;
};

/** Whether bodies go into a folder, where the same command goes on from what a run has left. */
export const savesFiles = ({save, output}: Options): boolean => save && output !== '-';

export type OptionName = Exclude<keyof Options, 'urls' | 'keys'>;

/** What a value is chosen from, for shells that complete it. */
export type Takes = 'file' | 'dir' | readonly string[];

/** One option. `parse` turns what was typed into the value; it throws with the rest of the sentence "… is invalid: …". */
export type OptionSpec<Name extends string = OptionName> = {
	name: Name;
	flags: string;
	group: 'Input' | 'Saving' | 'Running' | 'Requests' | 'Network' | 'Output' | 'Config';
	means: string;
	/** As shown to people; the values themselves are in `defaults`. */
	standard?: string;
	parse?: (value: string, previous: unknown) => unknown;
	/** What was typed is not repeated when it is wrong. */
	secret?: true;
	/** Another spelling, for fingers trained elsewhere. */
	alias?: string;
	takes?: Takes;
	/** Why a config file cannot say it. */
	notInFile?: string;
};

/** Whether somebody is there depends on the screen, not on an option. */
const {attended: _, ...settings} = defaultSettings;

export const defaults: Options = {
	urls: [],
	input: [],
	dir: '.',
	save: true,
	...settings,
	threads: 1,
	timeout: 30_000,
	connectTimeout: 10_000,
	maxRedirects: 10,
	header: [],
	userAgent,
	netrc: false,
	cookie: [],
	insecure: false,
	http2: false,
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
	notify: false,
	screenReader: false,
	ascii: false,
	color: true,
	printConfig: false,
	keys: {},
};

/** The one list of options: parsing, `--help`, the README and its test are made from it. */
export const optionSpecs: readonly OptionSpec[] = [
	{
		name: 'input',
		flags: '-i, --input <file>',
		group: 'Input',
		means: 'list of URLs, one a line, or an aria2 input file; # begins a comment; repeatable; - is stdin',
		parse: list,
		takes: 'file',
		notInFile: 'a list is for one run; type it',
	},
	{
		name: 'random',
		flags: '--random <n>',
		group: 'Input',
		means: 'run n tasks, each a random one of all the URLs given; lists are read to their end first',
		parse: whole(1),
		notInFile: 'it is for one run; type it',
	},
	{
		name: 'seed',
		flags: '--seed <n>',
		group: 'Input',
		means: 'repeat what --random has drawn, or the order of a race: each tells its seed in the end',
		parse: whole(0, seeds - 1),
	},
	{
		name: 'saveFailed',
		flags: '--save-failed <file>',
		group: 'Input',
		means: 'write what was not finished as a list for -i (and aria2c -i)',
		parse: notEmpty,
		takes: 'file',
	},
	{
		name: 'dir',
		flags: '-d, --dir <dir>',
		group: 'Saving',
		means: 'folder where bodies are saved',
		standard: '.',
		parse: notEmpty,
		takes: 'dir',
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
	{
		name: 'fresh',
		flags: '--fresh',
		group: 'Saving',
		means: 'ignore what earlier runs did and start over',
		notInFile: 'no run could be gone on with; type it',
	},
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
		notInFile: 'it is for one URL; type it',
	},
	{
		name: 'checksums',
		flags: '--checksums <file>',
		group: 'Saving',
		means: 'verify every file that a SHA256SUMS-like list names',
		parse: notEmpty,
		takes: 'file',
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
		name: 'threads',
		flags: '--threads <n>',
		group: 'Running',
		means: `threads that share the work, 1 to ${maxThreads}, where one is too busy and there are cores to spare`,
		standard: '1',
		parse: whole(1, maxThreads),
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
		name: 'rate',
		flags: '--rate <n/s>',
		group: 'Running',
		means: 'task starts per second, minute or hour: 10/s (or 10), 100/m, 1000/h',
		standard: 'no limit',
		parse: rate,
	},
	{
		name: 'limitRate',
		flags: '--limit-rate <size>',
		group: 'Running',
		means: 'bytes a second, all tasks together: 500K, 2M (powers of 1024); < and > change it while it runs',
		standard: 'no limit',
		parse: size,
	},
	{
		name: 'minSpeed',
		flags: '--min-speed <size>',
		group: 'Running',
		means: 'drop a connection that stays slower for 10 s, in bytes a second, and ask for the rest anew',
		parse: size,
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
		name: 'duplicates',
		flags: '--duplicates',
		group: 'Running',
		means: 'fetch a URL as often as it is listed, not once',
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
		name: 'user',
		flags: '-u, --user <user:password>',
		group: 'Requests',
		means: "log in (Basic) at the given URLs' own origins; what a URL itself says wins",
		parse: login,
		secret: true,
	},
	{name: 'netrc', flags: '--netrc', group: 'Requests', means: 'take logins from $NETRC or ~/.netrc'},
	{
		name: 'netrcFile',
		flags: '--netrc-file <file>',
		group: 'Requests',
		means: 'take logins from this netrc',
		parse: notEmpty,
		takes: 'file',
	},
	{
		name: 'cookie',
		flags: '-b, --cookie <data|file>',
		group: 'Requests',
		means:
			"'a=1; b=2' for the given URLs' own origins, or a Netscape cookie file; keeps received cookies for the run; repeatable",
		parse: cookie,
		secret: true,
		takes: 'file',
	},
	{
		name: 'cookieJar',
		flags: '--cookie-jar <file>',
		group: 'Requests',
		means: 'load cookies from this Netscape file, if it is there, and save all of them to it in the end',
		parse: notEmpty,
		takes: 'file',
	},
	{
		name: 'proxy',
		flags: '--proxy <url>',
		group: 'Network',
		means:
			'http, https, socks5 or socks5h (the proxy looks names up), in place of the usual variables; none for no proxy',
		parse: value => (value === 'none' ? value : parseProxy(value)),
		secret: true,
	},
	{
		name: 'noProxy',
		flags: '--no-proxy <list>',
		group: 'Network',
		means: 'hosts, domains and networks to connect to directly, in place of $no_proxy; * is all',
		parse: noUrl,
	},
	{
		name: 'cacert',
		flags: '--cacert <file>',
		group: 'Network',
		means: 'trust the certificates of this PEM file instead of the usual ones',
		parse: notEmpty,
		takes: 'file',
	},
	{
		name: 'insecure',
		flags: '-k, --insecure',
		group: 'Network',
		means: "do not verify servers' certificates: anybody may listen, and change what is saved",
	},
	{
		name: 'http2',
		flags: '--http2',
		group: 'Network',
		means: 'speak HTTP/2 where a server has it: its tasks then share a connection',
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
		takes: 'file',
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
	{
		name: 'notify',
		flags: '--notify',
		group: 'Output',
		means: 'ring the bell when the run ends, with a notification where the terminal has any',
	},
	{
		name: 'screenReader',
		flags: '--screen-reader',
		group: 'Output',
		means:
			'a dashboard to be listened to: a line when something has changed, and the same keys (or INK_SCREEN_READER=true)',
	},
	{
		name: 'ascii',
		flags: '--ascii',
		group: 'Output',
		means: 'draw with ASCII characters only, as without a UTF-8 locale',
	},
	{name: 'color', flags: '--no-color', group: 'Output', means: 'no color (nor with NO_COLOR set)'},
	{
		name: 'config',
		flags: '--config <file>',
		group: 'Config',
		means: 'read options and keys from this JSON file, not from ~/.config/fetchtop/config.json; none for no file',
		parse: notEmpty,
		takes: 'file',
		notInFile: 'a config file names no other',
	},
	{
		name: 'printConfig',
		flags: '--print-config',
		group: 'Config',
		means: 'show the value of each option and where it is from, with --json as JSON, and fetch nothing',
		notInFile: 'it is for one command; type it',
	},
];
