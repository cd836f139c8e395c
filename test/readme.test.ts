import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {optionSpecs} from '../source/cli/options.ts';
import {words} from '../source/dashboard/keys/command-line.ts';
import {createKeymap} from '../source/dashboard/keys/keymap.ts';
import {raceKeymap} from '../source/dashboard/race/keymap.ts';
import {failures, statuses} from '../source/engine/failure.ts';
import {startServer} from './helpers/server.ts';

const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, 'README.md');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8').trimEnd();
const cell = (text: string) => text.replaceAll('|', '\\|');
const table = (head: string, rows: string[]) =>
	[`| ${head} |`, `|${'---|'.repeat(head.split('|').length)}`, ...rows.map(row => `| ${row} |`)].join('\n');

const failure = (code: string, {means, retryable, remedy}: Omit<(typeof failures)[string], 'local'>) =>
	`\`${code}\` | ${cell(means)} | ${retryable ? 'yes' : ''} | ${cell(remedy)}`;

type Keys<Key extends {means: string; keys: readonly string[]}> = {
	bindings: readonly Key[];
	shown(binding: Key): string;
};

function keyTable<Key extends {means: string; keys: readonly string[]}>({bindings, shown}: Keys<Key>): string {
	const half = Math.ceil(bindings.length / 2);
	const entry = (index: number) => {
		const binding = bindings[index];
		return binding ? `\`${cell(shown(binding))}\` | ${cell(binding.means)}` : ' | ';
	};
	return table(
		'key | does | key | does',
		Array.from({length: half}, (_, index) => `${entry(index)} | ${entry(index + half)}`),
	);
}

/** What stands between `<!-- name -->` and `<!-- /name -->`, made from what the program itself uses. */
const sections: Readonly<Record<string, () => string>> = {
	keys: () => keyTable(createKeymap()),
	'race-keys': () => keyTable(raceKeymap),
	'key-names': () =>
		createKeymap()
			.bindings.map(({name}) => `\`${name}\``)
			.join(', '),
	commands: () =>
		table(
			'command | means',
			words.map(({names, takes, means}) => `\`:${names[0]}${takes === '' ? '' : ` ${takes}`}\` | ${cell(means)}`),
		),
	options: () =>
		table(
			'option | meaning | default',
			optionSpecs.map(
				({flags, alias, means, standard = ''}) =>
					`\`${cell(flags)}\`${alias ? ` (\`${alias}\`)` : ''} | ${cell(means)} | ${cell(standard)}`,
			),
		),
	failures: () =>
		table('code | means | tried again | what you can do', [
			...Object.entries(statuses).map(([status, meaning]) => failure(`HTTP_${status}`, meaning)),
			failure('HTTP_nnn', {means: 'any other status that is no success', retryable: false, remedy: ''}),
			...Object.entries(failures).map(([code, meaning]) => failure(code, meaning)),
		]),
	example: () => `\`\`\`js\n${read('examples/titles.mjs')}\n\`\`\``,
};

test('the README says what the program does: its tables and example are fresh', () => {
	const readme = readFileSync(file, 'utf8');
	let fresh = readme;
	for (const [name, make] of Object.entries(sections)) {
		const between = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
		assert.match(readme, between, `the README has a place for ${name}`);
		fresh = fresh.replace(between, (_, start, end) => `${start}${make()}\n${end}`);
	}
	if (process.env.UPDATE) writeFileSync(file, fresh);
	else assert.equal(readme, fresh, 'run `UPDATE=1 npm run unit`');
});

test('the example of the README prints the titles of the pages it is given', async t => {
	const server = await startServer(t);
	server.page('/a', '<title>One</title>', {'content-type': 'text/html'});
	server.on('/b', (_request, response) => {
		response.writeHead(404).end();
	});
	const child = spawn(process.execPath, [path.join(root, 'examples/titles.mjs'), server.url('/a'), server.url('/b')]);
	let [out, errors] = ['', ''];
	child.stdout.on('data', chunk => {
		out += chunk;
	});
	child.stderr.on('data', chunk => {
		errors += chunk;
	});
	assert.equal(await new Promise(resolve => child.once('close', resolve)), 0, errors);
	assert.equal(out, `One ${server.url('/a')}\n`);
	assert.equal(errors, `404 Not Found ${server.url('/b')}\n`);
});
