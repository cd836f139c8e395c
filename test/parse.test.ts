import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {defaults, type Options, optionSpecs} from '../source/cli/options.ts';
import {parseArguments} from '../source/cli/parse.ts';
import {subcommands} from '../source/cli/subcommands.ts';
import {UsageError} from '../source/cli/usage-error.ts';
import {version} from '../source/cli/version.ts';
import {modelNames} from '../source/race/names.ts';

const url = 'https://example.com/';
const words = (line: string) => line.split(' ').filter(Boolean);

const good: ReadonlyArray<readonly [args: string[], changed: Partial<Options>]> = [
	[[], {}],
	[['-i', 'a.txt'], {input: ['a.txt']}],
	[['--input', 'a.txt', '-i', '-'], {input: ['a.txt', '-']}],
	[['--random', '10'], {random: 10, duplicates: true}],
	[['--random', '2', '--seed', '0'], {random: 2, seed: 0, duplicates: true}],
	[['-d', 'out'], {dir: 'out'}],
	[['--dir=out'], {dir: 'out'}],
	[['-o', 'name'], {output: 'name'}],
	[['--output', '-'], {output: '-'}],
	[['--no-save'], {save: false}],
	[['--rate', '10/s'], {rate: 10}],
	[['--rate', '30/m'], {rate: 0.5}],
	[['--rate', '3600/h'], {rate: 1}],
	[['--rate', '2.5'], {rate: 2.5}],
	[['--limit-rate', '2M'], {limitRate: 2 * 1024 ** 2}],
	[['--min-speed', '10K'], {minSpeed: 10 * 1024}],
	[['--duplicates'], {duplicates: true}],
	[['--titles-only'], {titlesOnly: true, save: false}],
	[
		['-e', 'a=b', '--extract', 'c=d@e'],
		{
			extract: [
				{name: 'a', selector: 'b'},
				{name: 'c', selector: 'd', attribute: 'e'},
			],
		},
	],
	[['-o', '{host}/{path}'], {output: '{host}/{path}'}],
	[['--overwrite'], {overwrite: true}],
	[['--fresh'], {fresh: true}],
	[['--update'], {update: true}],
	[['--remote-time'], {remoteTime: true}],
	[['--compressed'], {compressed: true}],
	[['--max-size', '1'], {maxSize: 1}],
	[['--max-size', '1.5k'], {maxSize: 1536}],
	[['--max-size', '4GiB'], {maxSize: 4 * 1024 ** 3}],
	[['--checksum', `md5=${'0'.repeat(32)}`], {checksum: {algorithm: 'md5', hex: '0'.repeat(32)}}],
	[['--checksums', 'SHA256SUMS'], {checksums: 'SHA256SUMS'}],
	[['--save-failed', 'rest.txt'], {saveFailed: 'rest.txt'}],
	[['-x', '4'], {connections: 4}],
	[['--connections', '16'], {connections: 16}],
	[['--threads', '4'], {threads: 4}],
	[['-c', '3'], {concurrency: 3}],
	[['-c3'], {concurrency: 3}],
	[['--concurrency', '512'], {concurrency: 512}],
	[['-j', '1'], {concurrency: 1}],
	[['-j16'], {concurrency: 16}],
	[['-c', '3', '-c', '4'], {concurrency: 4}],
	[['-j', '5', '-c', '3'], {concurrency: 3}],
	[['-c', '3', '-j', '5'], {concurrency: 5}],
	[['--per-host', '2'], {perHost: 2}],
	[['--retries', '0'], {retries: 0}],
	[['--timeout', '2.5'], {timeout: 2500}],
	[['--connect-timeout', '3'], {connectTimeout: 3000}],
	[['--max-redirects', '0'], {maxRedirects: 0}],
	[
		['-H', 'Accept: text/html', '--header', 'X-A:b'],
		{
			header: [
				['Accept', 'text/html'],
				['X-A', 'b'],
			],
		},
	],
	[['-H', 'X-Time: 12:30 '], {header: [['X-Time', '12:30']]}],
	[['-A', 'me/1.0'], {userAgent: 'me/1.0'}],
	[['--user-agent', ''], {userAgent: ''}],
	[['-u', 'me:p:w'], {user: 'me:p:w'}],
	[['--user', ':token'], {user: ':token'}],
	[['--netrc'], {netrc: true}],
	[['--netrc-file', 'logins'], {netrcFile: 'logins'}],
	[['-b', 'a=1; b=2', '--cookie', 'cookies.txt'], {cookie: ['a=1; b=2', 'cookies.txt']}],
	[['--cookie-jar', 'jar.txt'], {cookieJar: 'jar.txt'}],
	[['--proxy', 'none'], {proxy: 'none'}],
	[['--proxy', 'cache:3128'], {proxy: {kind: 'http', hostname: 'cache', port: 3128}}],
	[
		['--proxy', 'socks5h://me:p%40ss@[::1]'],
		{proxy: {kind: 'socks5h', hostname: '::1', port: 1080, login: {user: 'me', password: 'p@ss'}}},
	],
	[['--no-proxy', 'a.example,10.0.0.0/8'], {noProxy: 'a.example,10.0.0.0/8'}],
	[['--no-proxy', '*', '--proxy', 'none'], {noProxy: '*', proxy: 'none'}],
	[['--cacert', 'ca.pem'], {cacert: 'ca.pem'}],
	[['-k'], {insecure: true}],
	[['--insecure'], {insecure: true}],
	[['--http2'], {http2: true}],
	[['--json'], {json: true}],
	[['--events', 'e.ndjson'], {events: 'e.ndjson'}],
	[['--events', '-'], {events: '-'}],
	[['--plain'], {plain: true}],
	[['--quiet'], {quiet: true}],
	[['--dashboard'], {dashboard: true}],
	[['--exit'], {exit: true}],
	[['--notify'], {notify: true}],
	[['--screen-reader'], {screenReader: true}],
	[['--ascii'], {ascii: true}],
	[['--no-color'], {color: false}],
	[['--config', 'none'], {config: 'none'}],
	[['--no-config'], {config: 'none'}],
	[['--no-save', '--save'], {}],
	[['--no-plain', '--plain', '--no-plain'], {}],
	[['--limit-rate', '2M', '--no-limit-rate'], {}],
	[['--no-limit-rate', '--limit-rate', '2M'], {limitRate: 2 * 1024 ** 2}],
	[['-H', 'A: b', '--no-header', '-H', 'C: d'], {header: [['C', 'd']]}],
	[['--no-no-proxy'], {}],
];

suite('good arguments', () => {
	for (const [args, changed] of good)
		test(`${args.join(' ') || 'no option'} gives ${JSON.stringify(changed)}, and the rest as by default`, () => {
			assert.deepEqual(parseArguments([...args, url]), {
				kind: 'fetch',
				options: {...defaults, ...changed, urls: [url]},
			});
		});

	test('every option is tried above, in each of its spellings', () => {
		const tried = new Set(good.flatMap(([args]) => args.map(arg => arg.replace(/=.*/, ''))));
		// It is no fetching any more: test/config.test.ts has it.
		tried.add('--print-config');
		// A short option beside a long one that is tried in its own right.
		const untried = optionSpecs.filter(({flags, alias}) => {
			const [one, other] = flags.replace(/ <.*/, '').split(', ');
			return (
				!tried.has(one ?? '') || (alias && !tried.has(alias)) || (other && !tried.has(other) && !tried.has(one ?? ''))
			);
		});
		assert.deepEqual(
			untried.map(({flags}) => flags),
			[],
		);
	});

	test('options may stand before, between and after the URLs', () => {
		const request = parseArguments(words('--json http://a/ -c 2 http://b/ --plain'));
		assert.ok(request.kind === 'fetch');
		const {urls, concurrency, json, plain} = request.options;
		assert.deepEqual(
			{urls, concurrency, json, plain},
			{urls: ['http://a/', 'http://b/'], concurrency: 2, json: true, plain: true},
		);
	});

	test('what follows -- is no option', () => {
		const request = parseArguments(['--', '--json']);
		assert.ok(request.kind === 'fetch' && !request.options.json);
		assert.deepEqual(request.options.urls, ['--json']);
	});

	test('one call leaves nothing behind for the next', () => {
		parseArguments(['-H', 'A: b', '-i', 'list', '-c', '2']);
		assert.deepEqual(parseArguments([url]), {kind: 'fetch', options: {...defaults, urls: [url]}});
	});

	test('demo is a request of its own, with options', () => {
		const request = parseArguments(words('demo -c 3'));
		assert.deepEqual(request, {kind: 'demo', options: {...defaults, concurrency: 3}});
	});
});

const bad: ReadonlyArray<readonly [args: string[], culprit: RegExp, told?: RegExp]> = [
	[['--concurency', '3'], /'--concurency'/, /--concurrency\b/],
	[['--jsn'], /'--jsn'/, /--json/],
	[['--no-colour'], /'--no-colour'/, /--no-color\b/],
	[['-Z'], /'-Z'/],
	[['--nothing-like-it'], /'--nothing-like-it'/],
	[['--threads', '0'], /--threads.*'0'/, /whole number from 1 to 64/],
	[['--threads', '65'], /--threads.*'65'/],
	[['-c', '0'], /--concurrency.*'0'/, /whole number from 1 to 512/],
	[['-c', '513'], /--concurrency.*'513'/, /512/],
	[['-c', 'abc'], /--concurrency.*'abc'/, /whole number/],
	[['-c', '1.5'], /--concurrency.*'1.5'/],
	[['-c', '-1'], /--concurrency/],
	[['-c', ''], /--concurrency.*''/],
	[['-j', '0'], /-j.*'0'/, /whole number from 1 to 512/],
	[['--per-host', 'x'], /--per-host.*'x'/, /whole number/],
	[['--per-host', '0'], /--per-host.*'0'/],
	[['--retries', '-1'], /--retries/],
	[['--retries', '1001'], /--retries.*'1001'/],
	[['--timeout', '0'], /--timeout.*'0'/, /seconds/],
	[['--timeout', 'Infinity'], /--timeout.*'Infinity'/],
	[['--connect-timeout', '5s'], /--connect-timeout.*'5s'/],
	[['--max-redirects', '101'], /--max-redirects.*'101'/],
	[['-H', 'no colon'], /--header.*'no colon'/, /Name: value/],
	[['-H', 'Bad Name: x'], /--header.*'Bad Name: x'/],
	[['-H', 'A: b\r\nEvil: yes'], /--header/, /control characters/],
	[['-A', 'a\nb'], /--user-agent/],
	[['-u', 'nobody'], /--user/, /'user:password'/],
	[['-u', 'a:b\n'], /--user/, /control characters/],
	[['-b', ''], /--cookie/, /empty/],
	[['-b', 'a=\u0001'], /--cookie/, /control characters/],
	[['--cookie-jar', ''], /--cookie-jar/, /empty/],
	[['--netrc-file', ''], /--netrc-file/, /empty/],
	[['--cacert', ''], /--cacert/, /empty/],
	[['--proxy', ''], /--proxy/, /http:\/\/host:port/],
	[['--proxy', 'ftp://host'], /--proxy/, /http, https, socks5, socks5h/],
	[['-o', ''], /--output/, /empty/],
	[['-d', ''], /--dir/, /empty/],
	[['--events', ''], /--events/, /empty/],
	[['-o', '../a'], /--output/, /stay in the folder/],
	[['-o', '{hots}'], /--output/, /host, path/],
	[['--max-size', '0'], /--max-size.*'0'/, /500K/],
	[['--max-size', '1X'], /--max-size.*'1X'/],
	[['-x', '17'], /--connections.*'17'/, /1 to 16/],
	[['--checksum', 'sha-256=12'], /--checksum/],
	[['--checksum', `md5=${'0'.repeat(32)}`, url], /--checksum/, /--checksums/],
	[['--checksum', `md5=${'0'.repeat(32)}`, '--checksums', 'list'], /--checksum.*--checksums/],
	[['--checksums', 'list', '--no-save'], /--checksums.*--no-save/],
	[['--fresh', '--update'], /--fresh.*--update/],
	[['-o', 'a', url], /--output/, /several URLs/],
	[['-o', 'a', '-i', 'list'], /--output/],
	[['-o', 'a', '--no-save'], /--output.*--no-save/],
	[['-o', 'a', '--titles-only'], /--output.*--titles-only/],
	[['--json', '--events', '-'], /--json.*--events -/],
	[['-o', '-', '--json'], /-o -/],
	[['-o', '-', '--events', '-'], /-o -/],
	[['--plain', '--dashboard'], /--plain.*--dashboard/],
	[['--titles-only', '--save'], /--titles-only.*--save/],
	[['--no-proxi'], /'--no-proxi'/, /--no-proxy/],
	[['--config', ''], /--config/, /empty/],
	[['--json=yes'], /--json/],
];

suite('bad arguments', () => {
	for (const [args, culprit, told = /./] of bad)
		test(`${JSON.stringify(args)} is refused in one line that names ${culprit.source}`, () => {
			assert.throws(
				() => parseArguments([...args, url]),
				(error: unknown) => {
					assert.ok(error instanceof UsageError, String(error));
					assert.match(error.message, culprit);
					assert.match(error.message, told);
					assert.match(error.message, /^[^\n\r]+$/);
					assert.doesNotMatch(error.message, /^error:/);
					return true;
				},
			);
		});

	test('an option whose value is missing is named', () => {
		for (const args of ['-c', '--dir', '--events', '-i'])
			assert.throws(() => parseArguments([url, args]), new RegExp(`UsageError: option '[^']*${args}\\b.*missing`));
	});

	for (const args of ['demo http://a/', 'demo -i list', 'demo -d folder'])
		test(`${args}: the demo takes no URLs, no list and no folder`, () => {
			assert.throws(() => parseArguments(words(args)), /'demo'/);
		});
});

suite('subcommands', () => {
	const replayed: ReadonlyArray<readonly [args: string, speed: number | undefined, from: number]> = [
		['', undefined, 0],
		['--speed 8', 8, 0],
		['--speed 0.1', 0.1, 0],
		['--speed=1000', 1000, 0],
		['--from 90', undefined, 90_000],
		['--from 1:30', undefined, 90_000],
		['--from 1:02:03', undefined, 3_723_000],
		['--from 100:00.5', undefined, 6_000_500],
	];
	for (const [args, speed, from] of replayed)
		test(`replay ${args} plays ${speed ?? 'as many as the screen wants'} times as fast from ${from} ms on`, () => {
			const request = parseArguments(words(`replay run.ndjson ${args}`));
			assert.deepEqual(request, {kind: 'replay', file: 'run.ndjson', speed, from, options: defaults});
		});

	test('options of the screen stand before and behind the name of the subcommand', () => {
		const request = parseArguments(words('--ascii replay --speed 2 run.ndjson --no-color --exit'));
		assert.ok(request.kind === 'replay');
		assert.deepEqual(request.options, {...defaults, ascii: true, color: false, exit: true});
		assert.deepEqual([request.file, request.speed], ['run.ndjson', 2]);
	});

	const race = {
		...{kind: 'race', urls: [], models: modelNames, limit: undefined, tasks: undefined, rounds: 1},
		...{work: undefined, latency: undefined, options: defaults},
	} as const;
	const raced: ReadonlyArray<readonly [args: string, changed: Partial<Omit<typeof race, 'kind'>> | object]> = [
		['', {}],
		['--models all', {}],
		['--models threads', {models: ['threads']}],
		['--models messages,serial,messages', {models: ['serial', 'messages']}],
		['--work io', {work: 'io'}],
		['--work=cpu --latency 0', {work: 'cpu', latency: 0}],
		['--latency 60000', {latency: 60_000}],
		['--tasks 100000 --rounds 100', {tasks: 100_000, rounds: 100}],
		['-c 20', {limit: 20, options: {...defaults, concurrency: 20}}],
		['-j 1', {limit: 1, options: {...defaults, concurrency: 1}}],
		['--seed 5', {options: {...defaults, seed: 5}}],
		['http://a/ http://b/ --rounds 2', {urls: ['http://a/', 'http://b/'], rounds: 2}],
		['--rounds 2 http://a/ -- --work', {urls: ['http://a/', '--work'], rounds: 2}],
		['-i list http://a/', {urls: ['http://a/'], options: {...defaults, input: ['list']}}],
		['--plain --ascii --quiet', {options: {...defaults, plain: true, ascii: true, quiet: true}}],
		['-e price=.price -k', {options: {...defaults, extract: [{name: 'price', selector: '.price'}], insecure: true}}],
	];
	for (const [args, changed] of raced)
		test(`race ${args} is a request of its own, whatever is not said of it fits the pages`, () => {
			assert.deepEqual(parseArguments(words(`race ${args}`)), {...race, ...changed});
		});

	test('options of a race may stand before its name where runs have them too', () => {
		const request = parseArguments(words('--json -c 3 --seed 5 race --tasks 4 --exit'));
		assert.deepEqual(request, {
			...{...race, limit: 3, tasks: 4},
			options: {...defaults, json: true, concurrency: 3, seed: 5, exit: true},
		});
	});

	test('the limit of a race is that of the environment, too, where somebody has set it', () => {
		const limitIn = (env: Record<string, string>) => {
			const request = parseArguments(['race'], {env});
			assert.ok(request.kind === 'race');
			return request.limit;
		};
		assert.equal(limitIn({FETCHTOP_CONCURRENCY: '16'}), 16);
		assert.equal(limitIn({}), undefined);
	});

	test('what is for runs in the environment disturbs no race', () => {
		const env = {FETCHTOP_THREADS: '2', FETCHTOP_DIR: 'out', FETCHTOP_SEED: '7'};
		const request = parseArguments(['race'], {env});
		assert.ok(request.kind === 'race');
		assert.equal(request.options.seed, 7);
	});

	for (const shell of ['bash', 'zsh', 'fish'])
		test(`completion ${shell} is a request of its own`, () => {
			assert.deepEqual(parseArguments(['completion', shell]), {kind: 'completion', shell});
		});

	const wrong: ReadonlyArray<readonly [args: string, told: RegExp]> = [
		['replay', /missing.*'file'/],
		['replay a b', /too many arguments for 'replay'/],
		['replay a --speed 0', /--speed.*'0'.*0\.1 to 1000/],
		['replay a --speed 1001', /--speed.*'1001'/],
		['replay a --speed x', /--speed.*'x'/],
		['replay a --from 1:2', /--from.*'1:2'.*M:SS/],
		['replay a --from 1:60', /--from.*'1:60'/],
		['replay a --from 1:75:00', /--from/],
		['replay a --from -1', /--from/],
		['replay a --sped 2', /'--sped'.*--speed/],
		['replay a -c 4', /--concurrency.*'replay'/],
		['-j 4 replay a', /--concurrency.*'replay'/],
		['race --models foo', /--models.*'foo'.*"foo" is none of serial, threads, processes, coroutines, messages/],
		['race --models serial,,threads', /--models.*"" is none of/],
		['race --models', /--models.*missing/],
		['race --work disk', /--work.*'disk'.*one of io, cpu, mixed/],
		['race --tasks 0', /--tasks.*'0'.*from 1 to 100000/],
		['race --tasks 100001', /--tasks.*'100001'/],
		['race --tasks 1.5', /--tasks/],
		['race --rounds 0', /--rounds.*'0'.*from 1 to 100/],
		['race --rounds 101', /--rounds/],
		['race --latency -1', /--latency/],
		['race --latency 60001', /--latency.*'60001'.*from 0 to 60000/],
		['race -c 0', /--concurrency.*'0'/],
		['race -c 513', /--concurrency.*'513'/],
		['race --seed -1', /--seed/],
		['race --task 5', /'--task'.*--tasks/],
		['race --threads 2', /--threads.*'race'/],
		['race -o x', /--output.*'race'/],
		['race -d x', /--dir.*'race'/],
		['race --cookie a=b', /--cookie.*'race'/],
		['race --cookie-jar x', /--cookie-jar.*'race'/],
		['race --retries 2', /--retries.*'race'/],
		['race --per-host 2', /--per-host.*'race'/],
		['race --random 2', /--random.*'race'/],
		['race --events x', /--events.*'race'/],
		['race --no-save', /--no-save.*'race'/],
		['race --titles-only', /--titles-only.*'race'/],
		['race --plain --dashboard', /--plain.*--dashboard/],
		['--models serial http://a/', /'--models'/],
		['--tasks 3 http://a/', /'--tasks'/],
		['--seed 5 http://a/', /'--seed' repeats what '--random' has drawn/],
		['completion', /missing.*'shell'/],
		['completion tcsh', /'tcsh'.*bash, zsh, fish/],
		['completion bash --json', /--json.*'completion'/],
		['--speed 2 http://a/', /'--speed'/],
	];
	for (const [args, told] of wrong)
		test(`'${args}' is refused in one line`, () => {
			assert.throws(
				() => parseArguments(words(args)),
				(error: unknown) => error instanceof UsageError && told.test(error.message) && !/[\r\n]/.test(error.message),
			);
		});

	test('only the first argument can be one: http://demo, ./demo and a race behind a URL are none', () => {
		for (const args of [['http://demo'], ['./demo'], [url, 'demo'], [url, 'race']]) {
			const request = parseArguments(args);
			assert.ok(request.kind === 'fetch');
			assert.deepEqual(request.options.urls, args);
		}
	});

	for (const {name, means, arguments: args, options, shares} of subcommands) {
		const printed = (line: string) => {
			const request = parseArguments(words(line));
			assert.ok(request.kind === 'print');
			return request.text;
		};
		test(`--help names ${name}, and '${name} --help' tells all of it in 80 columns`, () => {
			const [all, own] = [printed('--help'), printed(`${name} --help`)].map(text => text.replace(/\s+/g, ' '));
			assert.ok(all?.includes(` ${name}`) && all.includes(means), all);
			for (const {name, means} of args) assert.ok(own?.includes(`${name} ${means}`), own);
			for (const {flags, means} of options) assert.ok(own?.includes(`${flags} ${means}`), own);
			for (const line of printed(`${name} --help`).split('\n')) assert.ok(line.length <= 80, line);
		});

		test(`${name}: no option of its own is spelled like one of a run, and its defaults are values`, () => {
			const taken = new Set(optionSpecs.map(({flags}) => flags.match(/--[\w-]+/)?.[0]));
			for (const {flags, standard, parse} of options) {
				assert.match(flags, /^--[a-z0-9-]+ <.+>$/);
				assert.ok(!taken.has(flags.match(/--[\w-]+/)?.[0]), flags);
				if (standard !== undefined) assert.doesNotThrow(() => parse?.(standard, undefined));
			}
			assert.equal(new Set(shares).size, shares.length);
		});
	}
});

suite('texts to print', () => {
	const printed = (flag: string) => {
		const request = parseArguments([flag]);
		assert.ok(request.kind === 'print');
		return request.text;
	};

	test('--version is the version of the package', () => {
		for (const flag of ['--version', '-V']) assert.equal(printed(flag).trim(), version);
	});

	for (const {flags, means, standard, alias} of optionSpecs)
		test(`--help tells of ${flags}: what it means and its default`, () => {
			const help = printed('--help').replace(/\s+/g, ' ');
			const term = alias ? flags.replace(', ', `, ${alias}, `) : flags;
			assert.ok(help.includes(`${term} ${means}${standard === undefined ? '' : ` (default: ${standard})`}`), help);
		});

	test('--help fits into 80 columns and names the demo', () => {
		for (const line of printed('--help').split('\n')) assert.ok(line.length <= 80, line);
		assert.match(printed('-h'), /^ {2}demo /m);
	});
});
