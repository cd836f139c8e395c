import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext} from 'node:test';
import {Drawing} from '../source/cli/drawing.ts';
import {parseArguments} from '../source/cli/parse.ts';
import {printedConfig} from '../source/cli/print-config.ts';
import {UsageError} from '../source/cli/usage-error.ts';
import {drawn, seeded, seeds} from '../source/engine/random.ts';
import {folder, list, rig, test} from './helpers/engine.ts';
import {run, start} from './helpers/program.ts';
import {startServer, type TestServer} from './helpers/server.ts';

suite('numbers at random', () => {
	test('are those of mulberry32', () => {
		const random = seeded(0);
		assert.deepEqual([random(), random(), random()], [0.26642920868471265, 0.0003297457005828619, 0.2232720274478197]);
	});

	test('are the same for the same seed, and others for each other one', () => {
		const first = (seed: number) => seeded(seed)();
		assert.equal(first(2026), first(2026));
		const different = new Set(Array.from({length: 1000}, (_, seed) => first(seed)));
		assert.ok(different.size > 995);
		assert.equal(first(seeds - 1), first(-1), 'a seed beyond would be one of those that there are');
	});

	test('draw each of four things a quarter of the time, also behind any other', () => {
		const draws = [...drawn([0, 1, 2, 3], 160_000, seeded(48_213))];
		const pairs = new Map<string, number>();
		for (let at = 1; at < draws.length; at++) {
			const pair = `${draws[at - 1]}${draws[at]}`;
			pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
		}
		assert.equal(pairs.size, 16);
		// The standard deviation of each is 97.
		for (const [pair, times] of pairs) assert.ok(Math.abs(times - 10_000) < 400, `${pair}: ${times}`);
	});

	test('are drawn when they are asked for, and none of nothing', () => {
		const endless = drawn(['a'], Number.MAX_SAFE_INTEGER, seeded(1));
		assert.deepEqual([endless.next().value, endless.next().value], ['a', 'a']);
		assert.deepEqual([...drawn([], 3, seeded(1))], []);
	});
});

suite('an input that is drawn from', () => {
	test('is read to its end before the first is drawn', async () => {
		const happened: string[] = [];
		const input = async function* () {
			yield* ['http://a/', 'http://b/'];
			happened.push('read');
		};
		const drawing = new Drawing(input(), {count: 4, seed: 1});
		assert.equal(drawing.isRead, false);
		for await (const item of drawing) happened.push(String(item));
		assert.equal(drawing.isRead, true);
		assert.equal(happened.length, 5);
		assert.equal(happened[0], 'read');
	});

	test('gives nothing when it breaks, for no seed could repeat that', async () => {
		const broken = async function* () {
			yield 'http://a/';
			throw new Error('it breaks off');
		};
		const drawing = new Drawing(broken(), {count: 4, seed: 1});
		await assert.rejects(drawing[Symbol.asyncIterator]().next(), /it breaks off/);
		assert.equal(drawing.isRead, false);
	});

	test('is drawn from no further than the engine takes', async t => {
		const server = await startServer(t);
		server.page('*');
		let given = 0;
		const r = rig(t, {duplicates: true});
		const ended = r.engine.run(
			(async function* () {
				for await (const item of new Drawing([server.url('/a'), server.url('/b')], {count: 1e12, seed: 1})) {
					given++;
					yield item;
				}
			})(),
		);
		await r.seen('done', undefined, 20);
		r.dispatch({type: 'stop', mode: 'abort'});
		await ended;
		assert.ok(given < 3_000, `${given} were drawn`);
	});
});

const url = 'http://a.example/';

suite('--random and --seed', () => {
	const refusals: ReadonlyArray<readonly [args: string, message: RegExp]> = [
		['--random 0', /--random <n>' argument '0' is invalid: it must be a whole number from 1 on$/],
		['--random 1.5', /it must be a whole number from 1 on$/],
		['--random 99999999999999999999', /it must be a whole number from 1 on$/],
		['--random', /--random/],
		['--random 2 --seed -1', /from 0 to 4294967295$/],
		['--random 2 --seed 4294967296', /from 0 to 4294967295$/],
		['--seed 3', /^'--seed' repeats what '--random' has drawn; add '--random' with the number of tasks$/],
		['--random 2 --no-random --seed 3', /^'--seed' repeats/],
		['--random 2 --no-duplicates', /^'--random' draws URLs more than once; '--no-duplicates' contradicts it$/],
		['--random 2 -o name', /^'-o, --output' names one file, but '--random' runs several tasks; use/],
	];
	for (const [args, message] of refusals)
		test(`refuse in one line: ${args}`, () => {
			assert.throws(
				() => parseArguments([...args.split(' '), url]),
				error => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
			);
		});

	const optionsOf = (args: string, env: Record<string, string> = {}) => {
		const request = parseArguments([...args.split(' '), url], {env});
		assert.ok(request.kind === 'fetch');
		const {random, seed, duplicates} = request.options;
		return {random, seed, duplicates};
	};

	test('say how many tasks there are, and that a URL may be drawn again', () => {
		assert.deepEqual(optionsOf('--random 10'), {random: 10, seed: undefined, duplicates: true});
		assert.deepEqual(optionsOf('--random 1 --seed 0 -o name'), {random: 1, seed: 0, duplicates: true});
		assert.deepEqual(optionsOf('--random 9 -o {index}'), {random: 9, seed: undefined, duplicates: true});
		assert.deepEqual(optionsOf('--random 9', {FETCHTOP_DUPLICATES: '0'}).duplicates, true);
	});

	test('may stand in the environment, where a seed is for those runs that draw', () => {
		const env = {FETCHTOP_SEED: '7'};
		assert.deepEqual(optionsOf('--plain', env), {random: undefined, seed: 7, duplicates: false});
		assert.deepEqual(optionsOf('--random 3', env), {random: 3, seed: 7, duplicates: true});
		assert.deepEqual(optionsOf('--seed 3', {FETCHTOP_RANDOM: '5'}), {random: 5, seed: 3, duplicates: true});
	});

	test('differ in the config file: a seed may stand there, and what is for one run may not', async t => {
		const file = path.join(await folder(t), 'config.json');
		await writeFile(file, '{"seed": 7}');
		assert.equal(optionsOf(`--config ${file}`).seed, 7);
		await writeFile(file, '{"random": 7}');
		assert.throws(() => optionsOf(`--config ${file}`), /"random" .* has no place there: it is for one run; type it$/);
	});

	test('are shown by --print-config with all that follows from them', () => {
		const request = parseArguments(['--print-config', '--json', '--random', '3'], {env: {FETCHTOP_SEED: '7'}});
		assert.ok(request.kind === 'print-config');
		const {random, seed, duplicates} = JSON.parse(printedConfig(request.settled));
		assert.deepEqual(random, {value: 3, source: 'flag', name: '--random'});
		assert.deepEqual(seed, {value: 7, source: 'environment', name: 'FETCHTOP_SEED'});
		assert.deepEqual(duplicates, {value: true, source: 'flag', name: '--random'});
	});

	test('have no effect on a replay, and say so', () => {
		for (const option of ['--random', '--seed'])
			assert.throws(() => parseArguments(['replay', option, '3', 'x']), /has no effect on 'replay'; leave it out$/);
	});
});

/** The tutorial's four: two titles, a refusal, and a page without a title. */
async function fourPages(t: TestContext): Promise<{server: TestServer; urls: string[]}> {
	const server = await startServer(t);
	const html = {'content-type': 'text/html; charset=utf-8'};
	server.page('/one', '<title>Welcome</title>', html).page('/two', '<title>新浪首页</title>', html);
	server.on('/three', (_request, response) => response.writeHead(403).end());
	server.page('/four', 'no title');
	return {server, urls: ['/one', '/two', '/three', '/four'].map(name => server.url(name))};
}

const line =
	/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] \[Task (\d+)\] (Title: Welcome|Title: 新浪首页|Status code: 403|Fetched: \S+\/four) {2}\(.+\)$/;

/** What became of each task, by its number. */
function outcomes(stdout: string): string[] {
	const lines = stdout.split('\n');
	const tasks = lines.slice(
		0,
		lines.findIndex(text => text.startsWith('Elapsed time:')),
	);
	const found = tasks.map(text => {
		const [, number, outcome = ''] = line.exec(text) ?? assert.fail(`no line of a task: ${text}`);
		return [Number(number), outcome] as const;
	});
	return found.toSorted(([a], [b]) => a - b).map(([, outcome]) => outcome);
}

suite("the tutorial's run", () => {
	test('is ten tasks at once, each a random one of four URLs, a line for each, and the time they took', async t => {
		const {server, urls} = await fourPages(t);
		const recipe = `--plain --no-save -c 10 --random 10 ${urls.join(' ')}`;
		const {stdout, stderr} = await run(t, recipe);
		assert.equal(stderr, '');
		assert.equal(outcomes(stdout).length, 10);
		assert.match(stdout, /^Elapsed time: \d+\.\d\d s · 10 tasks: /m);
		assert.equal(server.seen.length, 10);
		assert.ok(server.most <= 10);
		const told = /^Drawn with --seed (\d+), which draws the same again\.$/m.exec(stdout);
		const again = await run(t, `${recipe} --seed ${told?.[1]}`);
		assert.deepEqual(outcomes(again.stdout), outcomes(stdout));
		assert.doesNotMatch(again.stdout, /Drawn with/, 'who has said it knows it');
	});

	test('is drawn by the seed, however many run at once', async t => {
		const {urls} = await fourPages(t);
		const drawnBy = async (more: string) =>
			outcomes((await run(t, `--plain --no-save --random 10 ${more} ${urls.join(' ')}`)).stdout);
		const [first, serial, other] = [
			await drawnBy('--seed 5'),
			await drawnBy('-c 1 --seed 5'),
			await drawnBy('--seed 6'),
		];
		assert.deepEqual(serial, first);
		assert.notDeepEqual(other, first);
	});

	test('tells its seed beside records, not among them', async t => {
		const {urls} = await fourPages(t);
		const {stdout, stderr} = await run(t, `--json --no-save --random 3 ${urls.slice(0, 2).join(' ')}`);
		const states = stdout.trimEnd().split('\n');
		assert.deepEqual(
			states.map(text => JSON.parse(text).state),
			['done', 'done', 'done'],
		);
		assert.match(stderr, /^Elapsed time: .*\nDrawn with --seed \d+, which draws the same again\.\n$/);
	});

	test('saves what is drawn twice under two names', async t => {
		const {server} = await fourPages(t);
		const cwd = await folder(t);
		const {status} = await run(t, `--plain -d out --random 3 ${server.url('/one')}`, {cwd});
		assert.equal(status, 0);
		assert.deepEqual(await list(path.join(cwd, 'out')), ['.fetchtop.ndjson', 'one.1.html', 'one.2.html', 'one.html']);
	});

	test('draws from arguments, lists and stdin together, with the lines that are no URLs', async t => {
		const {server, urls} = await fourPages(t);
		const cwd = await folder(t);
		await writeFile(path.join(cwd, 'list.txt'), `# two\n${urls[1]}\n\nno url\n`);
		await writeFile(path.join(cwd, 'stdin.txt'), `${urls[3]}\n`);
		const {stdout, status} = await run(
			t,
			`--plain --no-save --random 40 --seed 1 -i list.txt -i - ${urls[0]} <stdin.txt`,
			{cwd},
		);
		assert.equal(status, 1);
		assert.match(stdout, /40 tasks: /);
		assert.deepEqual([...new Set(server.seen.map(request => request.path))].toSorted(), ['/four', '/one', '/two']);
		assert.match(stdout, /Error: INVALID_URL list\.txt:4: not an http\(s\) URL/);
	});

	test('of an empty list is the same complaint as without it', async t => {
		const cwd = await folder(t);
		await writeFile(path.join(cwd, 'empty.txt'), '# nothing\n');
		const {stdout, stderr, status} = await run(t, '--plain --no-save --random 3 -i empty.txt', {cwd});
		assert.deepEqual([stdout, stderr, status], ['', 'fetchtop: there is no URL in the input\n', 2]);
	});
});

suite('a drawn run that was stopped', () => {
	/** More than the engine holds at once. */
	const many = 3_000;

	test('lists each task that is left as often as it was drawn, also of a pipe', async t => {
		const server = await startServer(t);
		const gates = ['/one', '/two'].map(name => server.hold(name));
		const cwd = await folder(t);
		await writeFile(path.join(cwd, 'stdin.txt'), `${server.url('/one')}\n${server.url('/two')}\n`);
		const args = `--plain --no-save -c 4 --random ${many} --seed 9 --save-failed rest.txt`;
		const program = start(t, `${args} <stdin.txt`, {cwd});
		await server.arrived(4);
		program.child.kill('SIGINT');
		const {stdout, status} = await program.ended;
		assert.equal(status, 130);
		const rest = await readFile(path.join(cwd, 'rest.txt'), 'utf8');
		const left = rest.split('\n').filter(text => text.startsWith('http://'));
		const random = drawn([server.url('/one'), server.url('/two')], many, seeded(9));
		assert.deepEqual(left, [...random]);
		const [, command = ''] = /^To do what is left:\n {2}fetchtop (.*)$/m.exec(stdout) ?? [];
		assert.equal(command, '--duplicates --plain --no-save -c 4 --save-failed rest.txt -i rest.txt');
		for (const gate of gates) gate.open();
		const asked = server.seen.length;
		const second = await run(t, command.replace('--plain', '--quiet'), {cwd});
		assert.match(second.stdout, new RegExp(`${many.toLocaleString('en')} tasks: ${many.toLocaleString('en')} done`));
		assert.equal(server.seen.length - asked, many);
	});

	test('is gone on from with the same draw by the command that it tells', async t => {
		const server = await startServer(t);
		const gates = ['/one', '/two', '/three'].map(name => server.hold(name, 'body'));
		const cwd = await folder(t);
		const urls = ['/one', '/two', '/three'].map(name => server.url(name));
		const program = start(t, `--plain -d out -c 2 --random 6 ${urls.join(' ')}`, {cwd});
		await server.arrived(2);
		program.child.kill('SIGINT');
		const {stdout} = await program.ended;
		const [, seed] = /^Drawn with --seed (\d+)/m.exec(stdout) ?? [];
		const [, command = ''] = /\(what is done is skipped\):\n {2}fetchtop (.*)$/m.exec(stdout) ?? [];
		assert.equal(command, `--plain -d out -c 2 --random 6 --seed ${seed} ${urls.join(' ')}`);
		for (const gate of gates) gate.open();
		const second = await run(t, command, {cwd});
		assert.equal(second.status, 0);
		assert.match(second.stdout, /6 tasks: 6 done/);
		const expected = [...drawn(['one', 'two', 'three'], 6, seeded(Number(seed)))];
		const saved = await list(path.join(cwd, 'out'));
		for (const name of ['one', 'two', 'three'])
			assert.equal(saved.filter(file => file.startsWith(name)).length, expected.filter(each => each === name).length);
	});
});

test('the recipe of the README shows what the demo prints', async t => {
	const readme = await readFile(path.join(import.meta.dirname, '../README.md'), 'utf8');
	const [, recipe = '', shown = ''] =
		/fetchtop (demo --plain [^#\n]*--seed \d+)[^\n]*\n```\n\n```\n([^`]*)```/.exec(readme) ?? [];
	const {stdout, status} = await run(t, recipe);
	assert.equal(status, 0);
	const told = (text: string) =>
		[...text.matchAll(/^\[.*?\] \[Task (\d+)\] (Title: .*?|Status code: \d+) {2}\(/gm)]
			.toSorted(([, a], [, b]) => Number(a) - Number(b))
			.map(([, number, outcome]) => `${number} ${outcome}`);
	assert.equal(told(shown).length, 10);
	assert.deepEqual(told(stdout), told(shown));
});
