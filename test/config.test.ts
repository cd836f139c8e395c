import assert from 'node:assert/strict';
import {chmod, mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext} from 'node:test';
import {parseJson} from '../source/cli/json.ts';
import {defaults, type Options, optionSpecs} from '../source/cli/options.ts';
import {parseArguments} from '../source/cli/parse.ts';
import {printedConfig} from '../source/cli/print-config.ts';
import {UsageError} from '../source/cli/usage-error.ts';
import {createKeymap} from '../source/dashboard/keys/keymap.ts';
import {folder, test} from './helpers/engine.ts';
import {run} from './helpers/program.ts';
import {startServer} from './helpers/server.ts';

const url = 'https://example.com/';
const words = (line: string) => line.split(' ').filter(Boolean);

type Around = {file?: object | string; mode?: number; env?: Record<string, string>};

/** A home with a config file in it. */
async function homeWith(t: TestContext, {file, mode = 0o600, env = {}}: Around) {
	const home = await folder(t);
	const name = path.join(home, '.config/fetchtop/config.json');
	if (file !== undefined) {
		await mkdir(path.dirname(name), {recursive: true});
		await writeFile(name, typeof file === 'string' ? file : JSON.stringify(file));
		await chmod(name, mode);
	}
	return {name, home, env: {HOME: home, ...env}};
}

/** The options that arguments come to in such a home, and what was warned of. */
async function settled(t: TestContext, args: string, around: Around) {
	const warnings: string[] = [];
	const {env, home, name} = await homeWith(t, around);
	const request = parseArguments([...words(args), url], {env, warn: message => warnings.push(message)});
	assert.ok(request.kind === 'fetch');
	return {options: request.options, warnings, home, name};
}

/** Asserts that it is refused in one line that says all of this. */
async function refused(t: TestContext, args: string, around: Around, ...told: RegExp[]): Promise<void> {
	const {env, name} = await homeWith(t, around);
	assert.throws(
		() => parseArguments([...words(args), url], {env}),
		(error: unknown) => {
			assert.ok(error instanceof UsageError, String(error));
			assert.match(error.message, /^[^\n\r]+$/);
			for (const part of told) assert.match(error.message.replaceAll(name, 'FILE'), part);
			return true;
		},
	);
}

const changed = (options: Options): Partial<Options> =>
	Object.fromEntries(
		Object.entries(options).filter(
			([name, value]) => name !== 'urls' && !Object.is(value, (defaults as Record<string, unknown>)[name]),
		),
	);

suite('the config file', () => {
	const good: ReadonlyArray<readonly [file: object, changed: Partial<Options>]> = [
		[{}, {}],
		[{concurrency: 16}, {concurrency: 16}],
		[{concurrency: '16'}, {concurrency: 16}],
		[{timeout: 2.5}, {timeout: 2500}],
		[{'limit-rate': '2M'}, {limitRate: 2 * 1024 ** 2}],
		[{rate: '30/m'}, {rate: 0.5}],
		[{save: false}, {save: false}],
		[{'no-save': true}, {save: false}],
		[{'no-save': false}, {}],
		[
			{color: false, plain: true},
			{color: false, plain: true},
		],
		[{'titles-only': true}, {titlesOnly: true, save: false}],
		[
			{header: ['A: b', 'C: d']},
			{
				header: [
					['A', 'b'],
					['C', 'd'],
				],
			},
		],
		[{header: 'A: b'}, {header: [['A', 'b']]}],
		[{'no-proxy': 'a.example'}, {noProxy: 'a.example'}],
		[{http2: true}, {http2: true}],
		[{output: '{host}/{path}'}, {output: '{host}/{path}'}],
		[{'no-limit-rate': true}, {}],
		[{keys: {'concurrency-up': ['+', '=']}}, {keys: {'concurrency-up': ['+', '=']}}],
	];
	for (const [file, expected] of good)
		test(`${JSON.stringify(file)} gives ${JSON.stringify(expected)}`, async t => {
			assert.deepEqual(changed((await settled(t, '', {file})).options), expected);
		});

	test('every option can stand there under its long name, or says why not', async t => {
		for (const {name, flags, parse, notInFile} of optionSpecs) {
			const long = /--([\w-]+)/.exec(flags)?.[1] ?? '';
			if (notInFile) await refused(t, '', {file: {[long]: 'x'}}, new RegExp(`"${long}"`), new RegExp(notInFile));
			else if (!parse) {
				const {options} = await settled(t, '', {file: {[long]: true}});
				assert.equal(options[name], !long.startsWith('no-'), long);
			} else await refused(t, '', {file: {[long]: true}}, new RegExp(`"${long}" in .* must be a`));
		}
	});

	test('is that of $XDG_CONFIG_HOME, if that is an absolute path', async t => {
		const xdg = await folder(t);
		await mkdir(path.join(xdg, 'fetchtop'));
		await writeFile(path.join(xdg, 'fetchtop/config.json'), '{"concurrency": 5}');
		const file = {concurrency: 6};
		assert.equal((await settled(t, '', {file, env: {XDG_CONFIG_HOME: xdg}})).options.concurrency, 5);
		assert.equal((await settled(t, '', {file, env: {XDG_CONFIG_HOME: 'here'}})).options.concurrency, 6);
		assert.equal((await settled(t, '', {file, env: {XDG_CONFIG_HOME: ''}})).options.concurrency, 6);
	});

	test('may be the one of the README', async t => {
		const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
		const [, file = ''] = /Options that stay[\s\S]*?```json\n(.*)\n```/.exec(readme) ?? [];
		const {options} = await settled(t, '', {file});
		assert.deepEqual([options.concurrency, options.save], [16, false]);
		assert.doesNotThrow(() => createKeymap(options.keys));
	});

	test('has an end, and no more than anybody would write', async t => {
		const comment = (bytes: number) => `{"concurrency": 6${' '.repeat(bytes - 18)}}`;
		const file = comment(1024 ** 2);
		assert.equal((await settled(t, '', {file})).options.concurrency, 6);
		await refused(t, '', {file: comment(1024 ** 2 + 1)}, /cannot read the config file "FILE": it is larger than 1 MiB/);
		if (process.platform !== 'win32')
			await refused(t, '--config /dev/zero', {}, /cannot read the config file "\/dev\/zero": it is larger than 1 MiB/);
	});

	test('may come through a pipe, in pieces', async t => {
		if (process.platform === 'win32') return t.skip('needs mkfifo');
		const pipe = path.join(await folder(t), 'pipe');
		const write = `(printf '{"concurrency":'; printf ' 6}') > ${pipe} &`;
		const {stdout} = await run(t, `--config ${pipe} --print-config`, {before: `mkfifo ${pipe}; ${write} true`});
		assert.match(stdout, /concurrency +6 /);
	});

	test('that is nested without an end is refused in words, where it is broken and where it is not', async t => {
		const deep = 200_000;
		for (const open of ['[', '{"a":']) {
			const file = `{"keys": ${open.repeat(deep)}`;
			await refused(t, '', {file}, /not valid JSON: FILE:1:\d+: it is nested too deeply/);
		}
		await refused(
			t,
			'',
			{file: `{"keys": ${'['.repeat(deep)}${']'.repeat(deep)}}`},
			/"keys" in .* must name lists of keys/,
		);
		await refused(t, '', {file: `{"header": ${'['.repeat(deep)}${']'.repeat(deep)}}`}, /"header" in .* must be a list/);
	});

	test('need not be there, but must where it is named', async t => {
		assert.deepEqual(changed((await settled(t, '', {})).options), {});
		await refused(t, '--config nowhere.json', {}, /config file "nowhere.json".*no such file/);
		await refused(t, '', {env: {FETCHTOP_CONFIG: 'nowhere.json'}}, /config file "nowhere.json".*no such file/);
		await refused(t, '--config .', {}, /config file ".".*it is a folder/);
	});

	test('is another one by --config, or none', async t => {
		const other = path.join(await folder(t), 'other.json');
		await writeFile(other, '\ufeff{"concurrency": 7}');
		const file = {concurrency: 6};
		const concurrency = async (args: string, env = {}) => (await settled(t, args, {file, env})).options.concurrency;
		assert.equal(await concurrency(`--config ${other}`), 7);
		assert.equal(await concurrency('', {FETCHTOP_CONFIG: other}), 7);
		assert.equal(await concurrency('--config none'), 8);
		assert.equal(await concurrency('--no-config'), 8);
		assert.equal(await concurrency('', {FETCHTOP_CONFIG: 'none'}), 8);
		assert.equal(await concurrency(`--config ${other}`, {FETCHTOP_CONFIG: 'none'}), 7);
	});

	test('~/ in front of a path in it is the home folder', async t => {
		const {options, home} = await settled(t, '', {file: {dir: '~/out', cacert: '~', cookie: ['a=~/b'], user: '~/x:y'}});
		const {dir, cacert, cookie, user} = options;
		assert.deepEqual({dir, cacert, cookie, user}, {dir: `${home}/out`, cacert: home, cookie: ['a=~/b'], user: '~/x:y'});
	});

	const bad: ReadonlyArray<readonly [file: object | string, ...told: RegExp[]]> = [
		[{concurency: 3}, /"concurency" in the config file "FILE"/, /did you mean "concurrency"\?/],
		[{'--plain': true}, /"--plain"/, /did you mean "plain"\?/],
		[{limitRate: '2M'}, /"limitRate"/, /"limit-rate"/],
		[{key: {}}, /"key"/, /"keys"/],
		[{nonsense: 1}, /"nonsense"/, /--help/],
		[{j: 1}, /"j"/],
		[{__proto__x: 1}, /"__proto__x"/],
		['{"__proto__": 1}', /"__proto__"/],
		[{'a\u001b[2J\nb': 1}, /"a b"/],
		[{concurrency: 0}, /'0' of "concurrency" in the config file "FILE"/, /whole number from 1 to 512/],
		[{concurrency: [1]}, /"concurrency"/, /a string or a number/],
		[{concurrency: null}, /"concurrency"/, /a string or a number/],
		[{plain: 'yes'}, /"plain"/, /true or false/],
		[{plain: 1}, /"plain"/, /true or false/],
		[{header: [1, true]}, /"header"/, /invalid|list of strings/],
		[{header: {A: 'b'}}, /"header"/, /list of strings/],
		[{user: 'hunter2'}, /"user"/, /'user:password'/],
		[{save: true, 'no-save': true}, /"no-save"/, /keep one/],
		[{keys: ['+']}, /"keys"/, /lists of keys/],
		[{keys: {quit: 'q'}}, /"keys"/, /lists of keys/],
		[{keys: {quit: [1]}}, /"keys"/, /lists of keys/],
		[{keys: {quit: ['']}}, /"keys"/, /lists of keys/],
		['[]', /FILE/, /must hold an object/],
		['null', /FILE/, /must hold an object/],
		['', /FILE:1:1: it ends too early/],
		['{\n\t"concurrency": 16,\n}', /FILE:3:1: there is a comma too many/],
		['// mine\n{}', /FILE:1:1: JSON has no comments/],
	];
	for (const [file, ...told] of bad)
		test(`${JSON.stringify(file)} is refused in one line that names file and culprit`, async t => {
			await refused(t, '', {file}, /FILE/, ...told);
		});

	test('a wrong secret is not repeated', async t => {
		const {env} = await homeWith(t, {file: {user: 'hunter2'}});
		assert.throws(
			() => parseArguments([url], {env}),
			(error: unknown) => !/hunter2/.test(String(error)),
		);
	});

	const secrets = [{user: 'a:b'}, {cookie: ['a=b']}, {proxy: 'http://a:b@c'}, {header: ['Authorization: Bearer x']}];
	for (const file of secrets)
		test(`with ${JSON.stringify(file)} in it it is refused if others can read it`, async t => {
			if (process.platform === 'win32') return t.skip('Windows has no such modes');
			await refused(t, '', {file, mode: 0o644}, /secret/, /others/, /chmod 600 "FILE"/);
			await settled(t, '', {file, mode: 0o600});
		});

	test('without secrets others may read it', async t => {
		const file = {cookie: ['jar.txt'], proxy: 'http://cache:3128', header: ['Accept: text/html'], concurrency: 9};
		assert.equal((await settled(t, '', {file, mode: 0o644})).options.concurrency, 9);
	});

	test('concerns the demo too, but for its list and folder, and completions not at all', async t => {
		const {env} = await homeWith(t, {file: {concurrency: 3, dir: 'mine'}});
		const request = parseArguments(['demo'], {env});
		assert.ok(request.kind === 'demo');
		assert.deepEqual(changed(request.options), {concurrency: 3});
		const broken = await homeWith(t, {file: '{'});
		assert.deepEqual(parseArguments(['completion', 'bash'], broken), {kind: 'completion', shell: 'bash'});
	});
});

suite('the environment', () => {
	const good: ReadonlyArray<readonly [env: Record<string, string>, changed: Partial<Options>]> = [
		[{FETCHTOP_CONCURRENCY: '16'}, {concurrency: 16}],
		[{FETCHTOP_LIMIT_RATE: '2M'}, {limitRate: 2 * 1024 ** 2}],
		[{FETCHTOP_NO_SAVE: '1'}, {save: false}],
		[{FETCHTOP_SAVE: '0'}, {save: false}],
		[{FETCHTOP_NO_SAVE: 'false'}, {}],
		[{FETCHTOP_PLAIN: 'Yes'}, {plain: true}],
		[{FETCHTOP_PLAIN: 'off'}, {}],
		[{FETCHTOP_NO_PROXY: 'a.example'}, {noProxy: 'a.example'}],
		[
			{FETCHTOP_HEADER: 'A: b\nC: d\n'},
			{
				header: [
					['A', 'b'],
					['C', 'd'],
				],
			},
		],
		[{FETCHTOP_CONCURRENCY: ''}, {}],
		[{FETCHTOP_DEBUG: '1'}, {}],
	];
	for (const [env, expected] of good)
		test(`${JSON.stringify(env)} gives ${JSON.stringify(expected)}, without a warning`, async t => {
			const {options, warnings} = await settled(t, '', {env});
			assert.deepEqual(changed(options), expected);
			assert.deepEqual(warnings, []);
		});

	test('a variable that is none of ours is warned of, and does no harm', async t => {
		const {options, warnings} = await settled(t, '', {
			env: {FETCHTOP_CONCURENCY: '3', FETCHTOP_SERVICE_HOST: 'x', FETCHTOPX: '1'},
		});
		assert.deepEqual(changed(options), {});
		assert.equal(warnings.length, 2);
		assert.match(warnings[0] ?? '', /FETCHTOP_CONCURENCY .*did you mean FETCHTOP_CONCURRENCY\?/);
		assert.match(warnings[1] ?? '', /FETCHTOP_SERVICE_HOST /);
	});

	test('a value that cannot be is refused with the name of the variable', async t => {
		await refused(
			t,
			'',
			{env: {FETCHTOP_CONCURRENCY: 'many'}},
			/'many' of the variable FETCHTOP_CONCURRENCY/,
			/1 to 512/,
		);
		await refused(t, '', {env: {FETCHTOP_PLAIN: 'maybe'}}, /'maybe' of the variable FETCHTOP_PLAIN/, /1 or 0/);
		await refused(t, '', {env: {FETCHTOP_PLAIN: '1', FETCHTOP_NO_PLAIN: '1'}}, /FETCHTOP_NO_PLAIN/, /keep one/);
		const env = {FETCHTOP_USER: 'hunter2'};
		assert.throws(
			() => parseArguments([url], {env}),
			(error: unknown) => !/hunter2/.test(String(error)),
		);
	});
});

suite('the usual variables of terminals', () => {
	const given = async (t: TestContext, args: string, around: Around) => {
		const {ascii, color, screenReader} = (await settled(t, args, around)).options;
		return {ascii, color, screenReader};
	};
	const env = {LANG: 'C', NO_COLOR: '1', INK_SCREEN_READER: 'true'};

	test('are obeyed where nothing is said to the program itself', async t => {
		assert.deepEqual(await given(t, '', {env}), {ascii: true, color: false, screenReader: true});
		assert.deepEqual(await given(t, '', {env: {TERM: 'dumb', LANG: 'de_DE.UTF-8'}}), {
			ascii: false,
			color: false,
			screenReader: false,
		});
		assert.deepEqual(await given(t, '', {env: {TERM: 'linux'}}), {ascii: true, color: true, screenReader: false});
	});

	test('are less than a flag, a variable or a line of the config file', async t => {
		const wanted = {ascii: false, color: true, screenReader: false};
		assert.deepEqual(await given(t, '--no-ascii --color --no-screen-reader', {env}), wanted);
		assert.deepEqual(
			await given(t, '', {env: {...env, FETCHTOP_ASCII: '0', FETCHTOP_COLOR: '1', FETCHTOP_SCREEN_READER: '0'}}),
			wanted,
		);
		assert.deepEqual(await given(t, '', {env, file: {ascii: false, color: true, 'screen-reader': false}}), wanted);
	});

	test('are named by --print-config', async t => {
		const {env: all} = await homeWith(t, {env});
		const request = parseArguments(['--print-config'], {env: all});
		assert.ok(request.kind === 'print-config');
		assert.match(printedConfig(request.settled), /^ascii +true +LANG$\n^color +false +NO_COLOR$/m);
	});
});

suite('where a value comes from', () => {
	const all = {file: {concurrency: 3, retries: 3, timeout: 3}, env: {FETCHTOP_CONCURRENCY: '2', FETCHTOP_RETRIES: '2'}};

	test('a flag wins over the environment, that over the file, that over the default, each option for itself', async t => {
		const {concurrency, retries, timeout, connections} = (await settled(t, '-c 1', all)).options;
		assert.deepEqual(
			{concurrency, retries, timeout, connections},
			{concurrency: 1, retries: 2, timeout: 3000, connections: 1},
		);
	});

	test('a repeatable option is not gathered from several places', async t => {
		const around = {file: {header: ['A: file']}, env: {FETCHTOP_HEADER: 'B: environment'}};
		assert.deepEqual((await settled(t, '-H C:flag', around)).options.header, [['C', 'flag']]);
		assert.deepEqual((await settled(t, '', around)).options.header, [['B', 'environment']]);
	});

	test('every option can be taken back by a flag', async t => {
		const file = {plain: true, save: false, color: false, 'limit-rate': '2M', header: ['A: b'], output: '{file}'};
		const {options} = await settled(t, '--no-plain --save --color --no-limit-rate --no-header --no-output', {file});
		assert.deepEqual(changed(options), {});
		const env = {FETCHTOP_PLAIN: '0', FETCHTOP_SAVE: '1', FETCHTOP_NO_LIMIT_RATE: '1'};
		assert.deepEqual(changed((await settled(t, '--no-header --no-output --color', {file, env})).options), {});
	});

	test('a contradiction between places says where the other side is from, and what takes it back', async t => {
		await refused(
			t,
			'--dashboard',
			{file: {plain: true}},
			/'--plain' and '--dashboard' contradict each other; 'plain' is from "FILE" \(--no-plain takes it back\)$/,
		);
		await refused(
			t,
			'-o {file}',
			{env: {FETCHTOP_NO_SAVE: '1'}},
			/'save' is from FETCHTOP_NO_SAVE \(--save takes it back\)$/,
		);
		await settled(t, '--dashboard --no-plain', {file: {plain: true}});
	});
});

suite('--print-config', () => {
	const printed = async (t: TestContext, args: string, around: Around) => {
		const {env, name} = await homeWith(t, around);
		const request = parseArguments(['--print-config', ...words(args)], {env});
		assert.ok(request.kind === 'print-config');
		return printedConfig(request.settled).replaceAll(name, 'FILE');
	};
	const around: Around = {
		file: {concurrency: 3, retries: 3, header: ['A: b', 'Accept: x'], user: 'me:pw', keys: {quit: ['q', 'Q']}},
		env: {FETCHTOP_RETRIES: '2', FETCHTOP_PROXY: 'socks5://me:pw@h:1'},
	};

	test('shows each option with its value and where it is from, and no secret', async t => {
		const text = await printed(t, '--no-color -x 2 --titles-only --cookie a=b', around);
		const row = (name: string) => text.match(new RegExp(`^${name} .*$`, 'm'))?.[0].replace(/ +/g, ' ');
		const shown = [
			...['concurrency 3 FILE', 'retries 2 FETCHTOP_RETRIES', 'connections 2 --connections', 'color false --no-color'],
			...[
				'save false --titles-only',
				'timeout 30 default',
				'limit-rate - default',
				'user *** FILE',
				'cookie *** --cookie',
			],
			...['proxy socks5://***@h:1 FETCHTOP_PROXY', 'header A: *** FILE', 'config FILE default', 'keys.quit q Q FILE'],
		];
		for (const expected of shown) assert.equal(row(expected.split(' ')[0] ?? ''), expected);
		assert.doesNotMatch(text, /pw|a=b|A: b/);
		assert.equal(
			text.split('\n').length,
			optionSpecs.length - 1 + 4,
			'a line for each, the head, a second header, a key',
		);
	});

	test('is JSON with --json, with values as a config file takes them', async t => {
		const {concurrency, retries, save, header, config, keys, proxy, ...rest} = JSON.parse(
			await printed(t, '--json', around),
		);
		assert.deepEqual(
			{concurrency, retries, save, header, config, keys, proxy},
			{
				concurrency: {value: 3, source: 'file', name: 'FILE'},
				retries: {value: 2, source: 'environment', name: 'FETCHTOP_RETRIES'},
				save: {value: true, source: 'default'},
				header: {value: ['A: ***', 'Accept: x'], source: 'file', name: 'FILE'},
				config: {value: 'FILE', source: 'default', exists: true},
				keys: {value: {quit: ['q', 'Q']}, source: 'file', name: 'FILE'},
				proxy: {value: 'socks5://***@h:1', source: 'environment', name: 'FETCHTOP_PROXY'},
			},
		);
		assert.deepEqual(rest.json, {value: true, source: 'flag', name: '--json'});
		assert.equal(Object.keys(rest).length + 7, optionSpecs.length);
	});

	test('says that there is no file, or that none is wanted', async t => {
		assert.match(await printed(t, '', {}), /^config +FILE \(not there\) +default$/m);
		assert.match(await printed(t, '--config none', {}), /^config +none +--config$/m);
		assert.match(await printed(t, '', {env: {FETCHTOP_CONFIG: 'none'}}), /^config +none +FETCHTOP_CONFIG$/m);
	});
});

suite('JSON', () => {
	const broken: ReadonlyArray<readonly [text: string, place: string]> = [
		['{', '1:2'],
		['{"a": tru}', '1:7'],
		['{"a": trueish}', '1:7'],
		['{"a": TRUE}', '1:7'],
		['{"a" 1}', '1:6'],
		['{a: 1}', '1:2'],
		["{'a': 1}", '1:2'],
		['{"a": 1 "b": 2}', '1:9'],
		['{"a": [1, 2}', '1:12'],
		['{"a": "b\n"}', '1:7'],
		['{"a": "\\x"}', '1:7'],
		['{"a": 01}', '1:8'],
		['{}{}', '1:3'],
		['{\n\t"a": {"b": 1,}\n}', '2:15'],
		['[1, [2, {"a": [}]]', '1:16'],
	];
	for (const [text, place] of broken)
		test(`of ${JSON.stringify(text)} breaks off at ${place}`, () => {
			assert.throws(() => parseJson(text), new RegExp(`^Error: ${place}: .`));
		});
});

suite('the program', () => {
	test('reads its config file, obeys it, and refuses a wrong one with status 2', async t => {
		const server = await startServer(t);
		server.page('/a', '<title>A page</title>', {'content-type': 'text/html'});
		const cwd = await folder(t);
		await writeFile(path.join(cwd, 'config.json'), '{"json": true, "no-save": true}', {mode: 0o600});
		const done = await run(t, `--config config.json ${server.url('/a')}`, {cwd});
		assert.equal(done.status, 0, done.stderr);
		assert.equal(JSON.parse(done.stdout).title, 'A page');
		await writeFile(path.join(cwd, 'config.json'), '{"jsn": true}');
		const wrong = await run(t, server.url('/a'), {cwd, before: 'export FETCHTOP_CONFIG=config.json'});
		assert.deepEqual([wrong.status, wrong.stdout], [2, '']);
		assert.equal(wrong.stderr, 'fetchtop: "jsn" in the config file "config.json" is no option; did you mean "json"?\n');
		assert.equal(server.seen.length, 1);
	});

	test('prints its config without fetching anything', async t => {
		const before = `export XDG_CONFIG_HOME=${await folder(t)} FETCHTOP_CONFIG= FETCHTOP_RATE=2/s FETCHTOP_X=1`;
		const {status, stdout, stderr} = await run(t, '--print-config', {before});
		assert.equal(status, 0);
		assert.match(stdout, /^rate +2\/s +FETCHTOP_RATE$/m);
		assert.match(stderr, /^fetchtop: the variable FETCHTOP_X .*\n$/);
	});
});
