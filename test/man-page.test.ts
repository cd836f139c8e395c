import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import manifest from '../package.json' with {type: 'json'};
import {manPage} from '../scripts/man-page.ts';
import {optionSpecs} from '../source/cli/options.ts';
import {subcommands} from '../source/cli/subcommands.ts';

const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, manifest.man);

const missing = (program: string, ...args: string[]): string | false =>
	spawnSync(program, args).error ? `${program} is not installed` : false;

test('the man page says what the program does', () => {
	if (process.env.UPDATE) {
		mkdirSync(path.dirname(file), {recursive: true});
		writeFileSync(file, manPage());
	} else assert.equal(readFileSync(file, 'utf8'), manPage(), 'run `UPDATE=1 npm run unit`');
});

test('the man page is in the package', () => {
	assert.ok(manifest.files.includes(path.dirname(manifest.man)));
});

test('mandoc finds nothing wrong with the man page', t => {
	const reason = missing('mandoc', '-V');
	if (reason) return t.skip(reason);
	const {stdout, stderr} = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', file], {encoding: 'utf8'});
	// A page without a date is the same whenever it is made.
	const complaints = (stdout + stderr).split('\n').filter(line => line !== '' && !/missing date/.test(line));
	assert.deepEqual(complaints, []);
});

test('groff sets the man page without a warning, with every option and subcommand on it', t => {
	const reason = missing('groff', '--version');
	if (reason) return t.skip(reason);
	const args = ['-man', '-ww', '-Tutf8', '-P-c', '-rLL=78n', file];
	const {stdout, stderr, status} = spawnSync('groff', args, {encoding: 'utf8'});
	assert.deepEqual([stderr, status], ['', 0]);
	// Bold is a letter, a backspace and the letter again, and underlining is much the same.
	const text = stdout.replace(/.\u0008/g, '').replace(/\s+/g, ' ');
	for (const {flags, means} of [...optionSpecs, ...subcommands.flatMap(({options}) => options)]) {
		const long = /--[\w-]+/.exec(flags)?.[0] ?? '';
		assert.ok(text.includes(long), long);
		const start = means.slice(1, 20);
		assert.ok(text.includes(start), `${long}: ${start}`);
	}
	for (const {name} of subcommands) assert.ok(text.includes(`fetchtop ${name}`), name);
});
