import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {commandText, partsOf} from '../source/cli/command-line.ts';
import {nextSteps} from '../source/cli/next-steps.ts';
import {defaults, type Options} from '../source/cli/options.ts';
import {parseArguments} from '../source/cli/parse.ts';
import {folder, list, test as slowTest} from './helpers/engine.ts';
import {run} from './helpers/program.ts';
import {startServer} from './helpers/server.ts';
import {Story} from './helpers/store.ts';

const shown = (...args: string[]) => commandText('fetchtop', partsOf(args))?.text;

suite('a command line', () => {
	const same: ReadonlyArray<readonly [string, ...string[]]> = [
		['fetchtop -i list.txt -d isos', '-i', 'list.txt', '-d', 'isos'],
		["fetchtop -d 'my files' https://a.example/", '-d', 'my files', 'https://a.example/'],
		["fetchtop 'https://a.example/?a=1&b=$HOME'", 'https://a.example/?a=1&b=$HOME'],
		["fetchtop -d 'it'\\''s' -e links=a@href", '-d', "it's", '-e', 'links=a@href'],
		["fetchtop -o '{host}/{path}' ''", '-o', '{host}/{path}', ''],
		["fetchtop '=ls' '~/x' '*' '%self'", '=ls', '~/x', '*', '%self'],
		["fetchtop -d 'C:\\my files'", '-d', 'C:\\my files'],
		["fetchtop -d 'files'\\\\'' -e x=a", '-d', 'files\\', '-e', 'x=a'],
	];
	for (const [text, ...args] of same)
		test(`is shown as a shell takes it: ${text}`, () => assert.equal(shown(...args), text));

	test('is taken apart as the parser does, however it is written', () => {
		const forms = [
			['-k', '-d', 'out', '-c', '4', 'https://a.example/'],
			['-kdout', '-c4', 'https://a.example/'],
			['-kd', 'out', '--concurrency=4', 'https://a.example/'],
			['--insecure', '--dir', 'out', '-j', '4', '--', 'https://a.example/'],
		];
		for (const args of forms) {
			const parts = partsOf(args);
			assert.deepEqual(
				parts.map(({name, words}) => [name, words.at(-1)]).filter(([name]) => name !== 'insecure'),
				[
					['dir', 'out'],
					['concurrency', '4'],
					[undefined, 'https://a.example/'],
				],
			);
			const again = parseArguments(parts.flatMap(({words}) => words));
			assert.deepEqual(again, parseArguments(args));
		}
	});

	test('keeps what takes something back of the config file, which has no value', () => {
		const args = ['--no-user', '--no-limit-rate', '--save', 'https://a.example/'];
		assert.deepEqual(
			partsOf(args).map(({name, words}) => [name, ...words]),
			[
				['user', '--no-user'],
				['limitRate', '--no-limit-rate'],
				['save', '--save'],
				[undefined, 'https://a.example/'],
			],
		);
		assert.equal(shown(...args), `fetchtop ${args.join(' ')}`);
	});

	test('shows no login, wherever it stands', () => {
		const text = shown(
			...[
				'-u',
				'me:hush',
				'-b',
				'sid=hush',
				'--proxy=http://me:hush@proxy.example',
				'-H',
				'Authorization: Bearer hush',
			],
			...['-H', 'X-Api-Key: hush', '-H', 'Accept: text/html', 'https://me:hush@a.example/'],
		);
		assert.doesNotMatch(text ?? '', /hush/);
		assert.match(text ?? '', /-u … -b … --proxy … -H 'Authorization: …'/);
		assert.match(text ?? '', /'Accept: text\/html' https:\/\/a\.example\/$/);
	});

	test('shows a value with no login in it, for it is to be copied', () => {
		const args = ['-b', 'cookies.txt', '--proxy', 'socks5h://127.0.0.1:9', 'https://a.example/'];
		for (const words of [args, ['--proxy', 'none', 'https://a.example/']])
			assert.deepEqual(commandText('fetchtop', partsOf(words)), {
				text: `fetchtop ${words.join(' ')}`,
				hides: false,
			});
	});

	test('that no terminal can show as it is is not shown', () => assert.equal(shown('-d', 'a\nb'), undefined));
});

suite('a command line is read as it was meant, and nothing in it is run,', () => {
	const shells: Readonly<Record<string, readonly string[]>> = {
		sh: [],
		bash: ['--norc'],
		zsh: ['-f'],
		fish: ['--private', '--no-config'],
	};
	// Letters are few: what means something to a shell is to stand beside what means something too.
	const awkward = [..."\\\\\\'''\"\"$$`;;&|<>()[]{}*?!#~^%=,:+-/. \u00a0…éaxn01"];
	const word = fc.string({unit: fc.constantFrom(...awkward), maxLength: 12});

	for (const [shell, options] of Object.entries(shells)) {
		const isMissing = spawnSync(shell, [...options, '-c', 'true']).status !== 0;
		test(`by ${shell}`, {skip: isMissing && `needs ${shell}`}, async t => {
			// Whatever should be run after all.
			const cwd = await folder(t);
			/** What the shell hands to a program that has the text's words as its arguments. */
			const read = (words: readonly string[]) => {
				const {text = ''} =
					commandText(
						"printf '%s\\n'",
						words.map(each => ({words: [each]})),
					) ?? {};
				const {stdout, stderr} = spawnSync(shell, [...options, '-c', text], {cwd, encoding: 'utf8'});
				assert.equal(stderr, '');
				return stdout.split('\n').slice(0, -1);
			};
			const attack = ['http://a.example/404?a\\', 'http://a.example/404;touch PWNED;#'];
			assert.deepEqual(read(attack), attack);
			const words = fc.array(word, {minLength: 100, maxLength: 200});
			fc.assert(
				fc.property(words, all => assert.deepEqual(read(all), all)),
				{numRuns: 20},
			);
		});
	}
});

type Case = {
	added?: string[];
	args: string[];
	options?: Partial<Options>;
	tell?: (story: Story) => void;
	isRereadable?: boolean;
	isRestKnown?: boolean;
	lines: string[];
};

const fail = (story: Story, times = 1) => {
	for (let page = 1; page <= times; page++) {
		const id = story.queue(`https://a.example/${page}`);
		story.connect(id).fail(id, 'HTTP_503');
	}
};

function stepsOf({
	args,
	options: more = {},
	tell = fail,
	isRereadable = true,
	isRestKnown = isRereadable,
	added = [],
}: Omit<Case, 'lines'>): string[] {
	const story = new Story().limits(8).run('running');
	tell(story);
	story.run('ended');
	const request = parseArguments(args);
	const options: Options = {...(request.kind === 'fetch' ? request.options : defaults), ...more};
	const {store} = story;
	return nextSteps({store, options, args, added, program: 'fetchtop', isRereadable, isRestKnown});
}

const cases: Readonly<Record<string, Case>> = {
	'the same command with what was added by hand and is left': {
		args: ['-i', 'list'],
		added: ['https://a.example/1', 'https://a.example/1', 'https://a.example/done'],
		lines: ['To try the 1 failed again (what is done is skipped):', '  fetchtop -i list https://a.example/1'],
	},
	'that the command leaves out much that was added by hand': {
		args: ['-i', 'list'],
		tell: story => fail(story, 6),
		added: [1, 2, 3, 4, 5, 6].map(page => `https://a.example/${page}`),
		lines: [
			'To try the 6 failed again (what is done is skipped):',
			'  fetchtop -i list',
			'It leaves out 6 URLs added meanwhile; --save-failed FILE would list all that is left.',
		],
	},
	'nothing, when all is done': {
		args: ['-i', 'list'],
		tell: story => void story.fetched('https://a.example/', 1),
		lines: [],
	},
	'the same command where files are saved': {
		args: ['-i', 'list', '-d', 'out'],
		lines: ['To try the 1 failed again (what is done is skipped):', '  fetchtop -i list -d out'],
	},
	'without what would fetch all of it anew': {
		args: ['--fresh', '-i', 'list'],
		lines: ['To try the 1 failed again (what is done is skipped):', '  fetchtop -i list'],
	},
	'without what the config file says each time': {
		args: ['-i', 'list'],
		options: {update: true},
		lines: ['To try the 1 failed again (what is done is skipped):', '  fetchtop -i list --no-update'],
	},
	'that it goes on, for what was left': {
		args: ['-i', 'list'],
		tell: story => {
			fail(story);
			story.queue('https://a.example/left');
		},
		lines: ['To go on from here, and try the 1 failed again (what is done is skipped):', '  fetchtop -i list'],
	},
	'the few URLs that failed, where nothing remembers what is done': {
		args: ['--no-save', '-i', 'list', '-c', '2'],
		lines: ['To try the 1 failed again:', '  fetchtop --no-save -c 2 https://a.example/1'],
	},
	'the few URLs that failed of a list that is gone': {
		args: ['-d', 'out'],
		isRereadable: false,
		lines: ['To try the 1 failed again:', '  fetchtop -d out https://a.example/1'],
	},
	'the list of --save-failed': {
		args: ['--no-save', '-i', 'list', '--save-failed', 'rest'],
		tell: story => fail(story, 9),
		lines: ['To do what is left:', '  fetchtop --no-save --save-failed rest -i rest'],
	},
	'--save-failed, for many': {
		args: ['--no-save', '-i', 'list'],
		tell: story => fail(story, 9),
		lines: ['--save-failed FILE makes a list of what is left, to go on with by -i FILE.'],
	},
	'no list that does not have the rest of a pipe': {
		args: ['-d', 'out', '--save-failed', 'rest'],
		isRereadable: false,
		tell: story => void story.input(true),
		lines: ['The same command with the same list can go on from here.'],
	},
	'no command with a line that is no URL': {
		args: ['--no-save', '-i', 'list'],
		tell: story => {
			const id = story.queue('not a url');
			story.fail(id, 'INVALID_URL');
		},
		lines: ['--save-failed FILE makes a list of what is left, to go on with by -i FILE.'],
	},
	'the same command with the seed that was drawn, for the same tasks': {
		args: ['-d', 'out', '--random', '9', '-i', 'list'],
		options: {random: 9, seed: 42},
		lines: ['To try the 1 failed again (what is done is skipped):', '  fetchtop -d out --random 9 --seed 42 -i list'],
	},
	'the same command with the seed that it had': {
		args: ['--seed', '7', '--random', '9', '-i', 'list'],
		lines: ['To try the 1 failed again (what is done is skipped):', '  fetchtop --seed 7 --random 9 -i list'],
	},
	'the seed, where the environment says how many are drawn': {
		args: ['-i', 'list'],
		options: {random: 9, seed: 42},
		lines: ['To try the 1 failed again (what is done is skipped):', '  fetchtop --seed 42 -i list'],
	},
	'no command that would draw from URLs that were added by hand, too': {
		args: ['--random', '9', '--seed', '7', '-i', 'list'],
		added: ['https://a.example/1'],
		lines: [
			'To try the 1 failed again (what is done is skipped):',
			'  fetchtop --random 9 --seed 7 -i list',
			'It leaves out 1 URL added meanwhile; --save-failed FILE would list all that is left.',
		],
	},
	'the failed ones as often as they were drawn, and drawn no more': {
		args: ['--no-save', '--random', '9', '--seed', '7', 'https://a.example/1', 'https://a.example/2'],
		tell: story => {
			fail(story);
			fail(story);
		},
		lines: ['To try the 2 failed again:', '  fetchtop --duplicates --no-save https://a.example/1 https://a.example/1'],
	},
	'not drawn where the environment says so each time': {
		args: ['--no-save', '-i', 'list'],
		options: {random: 9, seed: 42},
		lines: ['To try the 1 failed again:', '  fetchtop --duplicates --no-random --no-save https://a.example/1'],
	},
	'the list of --save-failed, where all of a pipe was drawn from': {
		args: ['--no-save', '--save-failed', 'rest', '--random', '9999', '-c', '2'],
		options: {seed: 42},
		isRereadable: false,
		isRestKnown: true,
		tell: story => void story.input(true),
		lines: ['To do what is left:', '  fetchtop --duplicates --no-save --save-failed rest -c 2 -i rest'],
	},
	'the seed, where the same list must come through the pipe again': {
		args: ['-d', 'out', '--random', '9999'],
		options: {seed: 42},
		isRereadable: false,
		tell: story => void story.input(true),
		lines: ['The same command with the same list and --seed 42 can go on from here.'],
	},
	'a sentence in place of a command that nobody could read': {
		args: Array.from({length: 200}, (_, page) => `https://a.example/${page}`),
		lines: ['The same command goes on from here.'],
	},
};

suite('the next step is', () => {
	for (const [what, {lines, ...given}] of Object.entries(cases))
		test(what, () => assert.deepEqual(stepsOf(given), lines));
});

suite('what the program says in the end', () => {
	const tail = (text: string) => text.slice(text.indexOf('Elapsed time'));

	slowTest('is a command that does retry what failed, and nothing else', async t => {
		const server = await startServer(t);
		const dir = await folder(t);
		server.page('/good', 'good');
		server.on('/bad', (_request, response) => response.writeHead(404).end());
		const args = `--plain -d 'my files' ${server.url('/good')} ${server.url('/bad')}`;
		const first = await run(t, args, {cwd: dir});
		assert.equal(first.status, 1);
		const [, command = ''] = /skipped\):\n {2}fetchtop (.*)\n/.exec(first.stdout) ?? [];
		assert.equal(command, args);
		server.page('/bad', 'better');
		const second = await run(t, command, {cwd: dir});
		assert.equal(second.status, 0);
		assert.match(second.stdout, /2 tasks: 1 done, 1 skipped/);
		assert.deepEqual(
			server.seen.map(({path}) => path),
			['/good', '/bad', '/bad'],
		);
	});

	slowTest('is the same after every reporter', async t => {
		const server = await startServer(t);
		server.page('/good', 'good');
		server.on('/bad', (_request, response) => response.writeHead(404).end());
		const urls = `${server.url('/good')} ${server.url('/bad')}`;
		const without = (text: string) =>
			tail(text)
				.replace(/time: \S+ s/, 'time')
				.replace(/ --(plain|quiet|json)\b/, '');
		const texts: string[] = [];
		for (const option of ['--plain', '--quiet', '--json']) {
			const {stdout, stderr} = await run(t, `${option} ${urls}`, {cwd: await folder(t)});
			texts.push(without(option === '--json' ? stderr : stdout));
		}
		assert.equal(new Set(texts).size, 1, texts.join('\n'));
		assert.match(texts[0] ?? '', /^Saved: good, 4 B$/m);
	});

	slowTest('is two lines when three files are good', async t => {
		const server = await startServer(t);
		server.page('*', 'good');
		const urls = ['/1', '/2', '/3'].map(path => server.url(path)).join(' ');
		const {stdout} = await run(t, `--quiet -d out ${urls}`, {cwd: await folder(t)});
		assert.match(stdout, /^Elapsed time: [^\n]* 3 done · 12 B\nSaved: 3 files, 12 B, in out\/\n$/);
	});

	slowTest('is one line about an empty list, which leaves nothing in the folder', async t => {
		const dir = await folder(t);
		const {stdout, stderr, status} = await run(t, '--plain -i /dev/null', {cwd: dir});
		assert.deepEqual([stdout, stderr, status], ['', 'fetchtop: there is no URL in the input\n', 2]);
		assert.deepEqual(await list(dir), []);
	});
});
