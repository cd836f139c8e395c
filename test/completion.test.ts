import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {suite, type TestContext} from 'node:test';
import {completionFor} from '../source/cli/completion.ts';
import {optionSpecs} from '../source/cli/options.ts';
import {type Shell, shells, subcommands} from '../source/cli/subcommands.ts';
import {workNames} from '../source/race/names.ts';
import {folder, test} from './helpers/engine.ts';
import {run} from './helpers/program.ts';
import {noTerminal, openTerminal} from './helpers/terminal.ts';

/** Why a shell cannot be asked here, if so. */
const missing = Object.fromEntries(
	shells.map(shell => {
		const {status} = spawnSync(shell, ['-c', 'exit 0']);
		return [shell, status === 0 ? false : `${shell} is not installed`];
	}),
) as Record<Shell, string | false>;

/** A folder with the script and something to complete. */
async function playground(t: TestContext, shell: Shell): Promise<string> {
	const dir = await folder(t);
	await writeFile(path.join(dir, `_fetchtop.${shell}`), completionFor(shell));
	for (const name of ['list.txt', 'run 1.ndjson', 'sun.txt']) await writeFile(path.join(dir, name), '');
	await mkdir(path.join(dir, 'summer'));
	return dir;
}

const long = ({flags}: {flags: string}): string => /--[\w-]+/.exec(flags)?.[0] ?? '';
const standing = ['--help', '--version'];

/** The long options that make sense behind a subcommand, or without one. */
const expectedOptions = (name?: string): string[] => {
	const subcommand = subcommands.find(spec => spec.name === name);
	const run = optionSpecs.filter(spec => !subcommand || subcommand.shares.includes(spec.name));
	return [...run, ...(subcommand?.options ?? [])].map(long).concat(standing).toSorted();
};

type Case = readonly [words: string[], offered: readonly string[]];
const cases: readonly Case[] = [
	[[''], subcommands.map(({name}) => name)],
	[['re'], ['replay']],
	[['-c', '3', 'de'], ['demo']],
	[['--concurr'], ['--concurrency']],
	[['replay', 'run'], ['run 1.ndjson']],
	[['--ascii', 'replay', 'run'], ['run 1.ndjson']],
	[['replay', 'x', '--sp'], ['--speed']],
	[['ra'], ['race']],
	[['race', '--wor'], ['--work']],
	[['race', '--work', ''], [...workNames]],
	[['race', '--work', 'm'], ['mixed']],
	[['race', '--models', ''], []],
	[['race', 'http://a.example/', 'http://b.example/', '--ta'], ['--tasks']],
	[['race', '-i', 'li'], ['list.txt']],
	[['race', 'r'], []],
	[['race', '--seed', '5', '--lat'], ['--latency']],
	[['completion', ''], [...shells]],
	[['completion', '--con'], []],
	[['-i', 'li'], ['list.txt']],
	[['-d', 'su'], ['summer']],
	[['--checksum', ''], []],
	[['-c', ''], []],
	[['https://example.com/', 're'], []],
];

function asked(shell: 'bash' | 'fish', dir: string, words: readonly string[]): string[] {
	const quoted = words.map(word => `'${word}'`).join(' ');
	const code = {
		bash: `source _fetchtop.bash; COMP_WORDS=(fetchtop ${quoted}); COMP_CWORD=${words.length}; _fetchtop; printf '%s\\n' "\${COMPREPLY[@]}"`,
		fish: `source _fetchtop.fish; complete -C "fetchtop ${words.join(' ')}"`,
	}[shell];
	const {stdout, stderr, status} = spawnSync(shell, ['-c', code], {
		cwd: dir,
		encoding: 'utf8',
		env: {...process.env, HOME: dir},
	});
	assert.deepEqual([stderr, status], ['', 0]);
	// fish has a description behind a tab, and says by a slash what is a folder.
	const offered = stdout.split('\n').map(line => line.replace(/\t.*/, '').replace(/\/$/, ''));
	return offered.filter(Boolean).toSorted();
}

for (const shell of shells)
	suite(`the completion for ${shell}`, () => {
		test('is a script that the shell understands', async t => {
			if (missing[shell]) return t.skip(missing[shell]);
			const dir = await playground(t, shell);
			const check = shell === 'fish' ? '--no-execute' : '-n';
			const {status, stderr} = spawnSync(shell, [check, `_fetchtop.${shell}`], {cwd: dir, encoding: 'utf8'});
			assert.deepEqual([status, stderr], [0, '']);
		});

		if (shell === 'zsh') return;
		for (const [words, offered] of cases)
			test(`offers ${offered.join(', ') || 'nothing'} for ${JSON.stringify(words)}`, async t => {
				if (missing[shell]) return t.skip(missing[shell]);
				assert.deepEqual(asked(shell, await playground(t, shell), words), offered.toSorted());
			});

		for (const name of [undefined, ...subcommands.map(({name}) => name)])
			test(`offers every option ${name ? `that ${name} takes, and no other` : 'of a run'}`, async t => {
				if (missing[shell]) return t.skip(missing[shell]);
				const offered = asked(shell, await playground(t, shell), [name ?? [], '--'].flat());
				const longs = offered.filter(option => option.startsWith('--'));
				assert.deepEqual(longs, expectedOptions(name));
			});
	});

/** What is on the line after Tab was pressed and `#` typed. */
const typed: ReadonlyArray<readonly [keys: string, line: RegExp]> = [
	['fetchtop re', /replay #/],
	['fetchtop --concurr', /--concurrency[ =]?#/],
	['fetchtop -j 3 --max-si', /--max-size[ =]?#/],
	['fetchtop -i li', /-i list\.txt #/],
	['fetchtop -d su', /-d summer\/?#/],
	['fetchtop --dir=su', /--dir=summer\/?#/],
	['fetchtop --dir su', /--dir summer\/?#/],
	['fetchtop replay ru', /replay run\\ 1\.ndjson #/],
	['fetchtop --ascii replay ru', /replay run\\ 1\.ndjson #/],
	['fetchtop replay x --sp', /--speed[ =]?#/],
	['fetchtop ra', /race #/],
	['fetchtop race --wor', /--work[ =]?#/],
	['fetchtop race --work mi', /--work mixed #/],
	['fetchtop race --work=c', /--work=cpu #/],
	['fetchtop race http://a.example/ http://b.example/ --rou', /--rounds[ =]?#/],
	['fetchtop race http://a.example/ -i li', /-i list\.txt #/],
	['fetchtop completion z', /completion zsh #/],
	['fetchtop completion --conc', /completion --conc#/],
	['fetchtop https://example.com/ -i li', /-i list\.txt #/],
	['fetchtop https://example.com/ --retr', /--retries[ =]?#/],
];

const start: Readonly<Record<Shell, string>> = {
	bash: 'bash --norc --noprofile -i',
	zsh: 'zsh -f -i',
	fish: 'fish --private --no-config',
};
const prepare: Readonly<Record<Shell, string>> = {
	bash: "bind 'set bell-style none'; PS1='%% '; source _fetchtop.bash",
	zsh: "autoload -U compinit && compinit -D -u; setopt no_beep; PS1='%%%% '; source _fetchtop.zsh",
	fish: "set -g fish_autosuggestion_enabled 0; function fish_prompt; echo -n '%% '; end; source _fetchtop.fish",
};

for (const shell of shells)
	test(`Tab completes a command line in a real ${shell}`, async t => {
		if (missing[shell]) return t.skip(missing[shell]);
		if (noTerminal) return t.skip(noTerminal);
		const dir = await playground(t, shell);
		const terminal = openTerminal(t, `cd ${dir} && exec ${start[shell]}`, 100, 40, {HOME: dir, ZDOTDIR: dir});
		terminal.type(`${prepare[shell]}; clear\r`);
		await terminal.shows(/^%% *$/m);
		for (const [keys, line] of typed) {
			terminal.type(`${keys}\t#`);
			await terminal.shows(new RegExp(`^%% ${keys.slice(0, 9)}.*${line.source} *$`, 'm'));
			// What was offered below goes, and the line with it.
			terminal.type('\u0015');
			await terminal.until(() => !terminal.text.includes('#'), 'an empty line');
		}
	});

test('the program prints each of them, and nothing else', async t => {
	for (const shell of shells) {
		const {status, stdout, stderr} = await run(t, `completion ${shell}`);
		assert.deepEqual([status, stderr], [0, '']);
		assert.equal(stdout, completionFor(shell));
	}
});
