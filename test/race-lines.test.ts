import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext} from 'node:test';
import {parseArguments} from '../source/cli/parse.ts';
import {UsageError} from '../source/cli/usage-error.ts';
import {modelNames} from '../source/race/seams.ts';
import {startRace} from '../source/racing.ts';
import {folder, test} from './helpers/engine.ts';
import {run} from './helpers/program.ts';
import {startServer} from './helpers/server.ts';

const repeat = (seed: number) => `In the same order again: --seed ${seed}`;

/** What `--json` has written: nothing but objects, one a line. */
function linesOf(stdout: string): Array<Record<string, unknown>> {
	assert.ok(stdout.endsWith('}\n'));
	return stdout
		.trimEnd()
		.split('\n')
		.map(line => JSON.parse(line));
}

const ofType = (lines: ReturnType<typeof linesOf>, type: string) => lines.filter(line => line.type === type);

suite('a race without a terminal', () => {
	test('has a line for whatever a lane comes to, then the report, and how to repeat it', async t => {
		const {stdout, stderr, status} = await run(
			t,
			'race --work mixed --latency 1 --tasks 10 -c 2 --rounds 2 --models serial,messages --seed 3 --ascii',
		);
		assert.deepEqual([status, stderr], [0, '']);
		const lines = stdout.split('\n');
		const told = lines.filter(line => line.startsWith('['));
		const time = String.raw`^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] `;
		for (const model of ['serial', 'messages'])
			for (const round of [1, 2]) {
				const of = told.filter(line => line.includes(`[${model} ${round}/2] `));
				if (model === 'messages')
					assert.match(of.shift() ?? '', new RegExp(`${time}.* \\d workers ready in [\\d.]+ s, [\\d.]+ MB more$`));
				assert.match(of[0] ?? '', new RegExp(`${time}.* 10 pages in [\\d.]+ s: 9 done, 1 failed$`));
				assert.equal(of.length, 1);
			}
		assert.equal(told.length, 6);
		assert.match(lines[6] ?? '', /^Wall time of 10 pages \(mixed\), 2 at once, on \d+ cores?; medians of 2 rounds$/);
		assert.equal(lines.filter(line => line === 'Why:').length, 1);
		assert.match(lines[lines.indexOf('Why:') + 1] ?? '', /^- \S/);
		assert.deepEqual(lines.slice(-3), ['', repeat(3), '']);
		assert.match(stdout, /^[\n\x20-\x7e]*$/, 'with --ascii there is nothing else');
		assert.ok(lines.every(line => line.length < 100));
	});

	test('--json has records, incidents, lanes and the race in the end, all of which add up', async t => {
		const {stdout, stderr, status} = await run(t, 'race --json --work mixed --latency 1 --tasks 10 -c 2 --seed 3');
		assert.equal(status, 0);
		assert.match(stderr, /^Wall time of 10 pages \(mixed\), 2 at once/);
		assert.ok(stderr.endsWith(`\n\n${repeat(3)}\n`));
		const lines = linesOf(stdout);
		const types = new Set(lines.map(({type}) => type));
		assert.deepEqual([...types], ['record', 'lane', 'race']);
		const lanes = ofType(lines, 'lane');
		assert.deepEqual(
			lanes.map(({model, round}) => [model, round]),
			modelNames.map(model => [model, 1]),
		);
		const race = lines.at(-1) ?? {};
		const models = race.models as Array<Record<string, unknown>>;
		assert.deepEqual(
			[race.type, race.seed, race.work, race.tasks, race.limit, race.left],
			['race', 3, 'mixed', 10, 2, []],
		);
		assert.deepEqual(race.agreement, {compared: 10, differences: 0, first: null});
		const numbers = Array.from({length: 10}, (_, index) => index + 1);
		const urls = new Set<string>();
		for (const [index, lane] of lanes.entries()) {
			const at = lines.indexOf(lane);
			const records = ofType(lines, 'record').filter(({model}) => model === lane.model);
			assert.ok(records.every(record => lines.indexOf(record) < at));
			assert.deepEqual(
				records.map(({number}) => Number(number)).toSorted((a, b) => a - b),
				numbers,
			);
			const done = records.filter(({ok}) => ok).length;
			assert.deepEqual([lane.tasks, lane.done, lane.failed], [10, done, 10 - done]);
			urls.add(JSON.stringify(records.map(({number, url}) => [number, url]).toSorted()));
			const row = models[index] ?? {};
			for (const name of ['model', 'tasks', 'done', 'failed', 'incidents', 'messages', 'copiedBytes', 'limit'])
				assert.equal(row[name], lane[name], `${lane.model}: ${name}`);
			for (const name of ['wallSeconds', 'cpuSeconds'])
				assert.equal(row[name], Math.round(Number(lane[name]) * 1000) / 1000, `${lane.model}: ${name}`);
			assert.equal(lane.steered, false);
		}
		assert.equal(urls.size, 1, 'every model has the same pages by the same numbers');
	});

	test('--quiet leaves nothing but the report', async t => {
		const {stdout, stderr, status} = await run(t, 'race --quiet --models serial --work io --latency 0 --tasks 2');
		assert.deepEqual([status, stderr], [0, '']);
		assert.match(stdout, /^Wall time of 2 pages/);
		assert.match(stdout, /\n\nIn the same order again: --seed \d+\n$/);
	});
});

/** Nine pages, `/1` to `/9`. */
async function pages(t: TestContext) {
	const server = await startServer(t);
	server.on('*', ({url}, response) => response.end(`<title>Page ${url}</title>`));
	const urls = Array.from({length: 9}, (_, index) => server.url(`/${index + 1}`)).join(' ');
	/** Paths in the order in which the server was asked for them; one at a time, so that there is one. */
	const asked = async (args: string) => {
		const before = server.seen.length;
		const {status, stderr} = await run(t, `race --json -c 1 ${args} ${urls}`);
		assert.equal(status, 0, stderr);
		return server.seen.slice(before).map(seen => seen.path);
	};
	return {server, asked};
}

suite('pages of one’s own', () => {
	test('are asked for in the order of the seed, by each model and in each race, and in another one for another seed', async t => {
		const {asked} = await pages(t);
		const first = await asked('--models serial,threads,coroutines --seed 5');
		const order = first.slice(0, 9);
		assert.deepEqual(new Set(order).size, 9);
		assert.deepEqual(first, [...order, ...order, ...order]);
		assert.deepEqual(await asked('--models serial --seed 5'), order);
		assert.notDeepEqual(await asked('--models serial --seed 6'), order);
	});

	test('come again from the first one on where there are to be more tasks, and are fewer where there are to be fewer', async t => {
		const {asked} = await pages(t);
		const more = await asked('--models coroutines --seed 1 --tasks 21');
		assert.equal(more.length, 21);
		assert.deepEqual(more.slice(9, 18), more.slice(0, 9));
		assert.deepEqual(more.slice(18), more.slice(0, 3));
		assert.deepEqual(await asked('--models serial --seed 1 --tasks 4'), more.slice(0, 4));
	});

	test('decide the exit status: 1 where one of them fails, 0 where none does', async t => {
		const server = await startServer(t);
		server.page('/good', '<title>Good</title>');
		const race = (paths: readonly string[]) =>
			run(t, `race --plain --models coroutines ${paths.map(each => server.url(each)).join(' ')}`);
		assert.equal((await race(['/good'])).status, 0);
		const {status, stdout} = await race(['/good', '/missing']);
		assert.equal(status, 1);
		assert.match(stdout, /\[coroutines\] 2 pages in [\d.]+ s: 1 done, 1 failed/);
		assert.match(stdout, /^1 page failed:\n {2}http:\S+\/missing: 404 Not Found$/m);
	});

	test('may come from a list with options for each, and it is said that these have no effect', async t => {
		const server = await startServer(t);
		for (const page of ['/a', '/b']) server.page(page);
		const list = path.join(await folder(t), 'list.txt');
		await writeFile(list, `${server.url('/a')}\n  header=X-A: b\n${server.url('/b')}\n  out=b.html\n`);
		const {status, stderr} = await run(t, `race --quiet --models serial -i ${list}`);
		assert.equal(status, 0);
		assert.equal(stderr, `fetchtop: ${list}:1: mirrors and options of a URL have no effect in a race; said once\n`);
		assert.equal(server.seen.length, 2);
	});

	test('may come from lists, beside those that are typed', async t => {
		const server = await startServer(t);
		for (const page of ['/a', '/b', '/c']) server.page(page);
		const list = path.join(await folder(t), 'list.txt');
		await writeFile(list, `# two pages\n${server.url('/a')}\n\n${server.url('/b')}\n`);
		const {status} = await run(t, `race --quiet --models serial -i ${list} ${server.url('/c')}`);
		assert.equal(status, 0);
		assert.deepEqual(server.seen.map(seen => seen.path).toSorted(), ['/a', '/b', '/c']);
	});
});

suite('what a race cannot be run on', () => {
	/** As the program does it, without a process for it. */
	const raced = async (args: readonly string[]) => {
		const request = parseArguments(['race', ...args]);
		assert.ok(request.kind === 'race');
		return startRace(request);
	};
	const refused = (args: readonly string[], told: RegExp) =>
		assert.rejects(
			() => raced(args),
			(error: unknown) => {
				assert.ok(error instanceof UsageError, String(error));
				assert.match(error.message, told);
				assert.match(error.message, /^[^\r\n]+$/);
				return true;
			},
		);

	for (const [args, told] of [
		[
			['--work', 'io', 'http://a.example/'],
			/^'--work' is about the built-in site; leave it out, or leave the URLs out$/,
		],
		[['--latency', '5', '-i', 'list'], /^'--latency' is about the built-in site/],
		[['--work', 'cpu', '--latency', '5'], /^'--latency' has no effect on '--work cpu'/],
		[['a.example'], /^not an http\(s\) URL: "a\.example"; did you mean https:\/\/a\.example\?$/],
		[['http://u:secret@[/'], /^not an http\(s\) URL: "[^s]*"; its host or port is not valid$/],
		[['-i', '/nowhere/list.txt'], /\/nowhere\/list\.txt/],
	] as ReadonlyArray<readonly [string[], RegExp]>)
		test(`is refused in one line: ${args.join(' ')}`, () => refused(args, told));

	test('is a list with a line that is no URL, which is named, or with none that is one', async t => {
		const dir = await folder(t);
		const list = async (text: string) => {
			const file = path.join(dir, 'list.txt');
			await writeFile(file, text);
			return ['-i', file];
		};
		await refused(await list('http://a.example/\nnonsense\n'), /nonsense/);
		await refused(await list('# nothing\n\n'), /^there is no URL in the input$/);
		await refused(await list('http://a.example/\n  checksum=md5=zz\n'), /checksum/);
	});

	test('ends the program with status 2, and nothing on stdout', async t => {
		assert.deepEqual(await run(t, 'race --work cpu http://a.example/'), {
			status: 2,
			stdout: '',
			stderr: "fetchtop: '--work' is about the built-in site; leave it out, or leave the URLs out\n",
		});
	});
});
