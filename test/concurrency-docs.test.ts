import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {suite, test} from 'node:test';
import {parseArguments} from '../source/cli/parse.ts';
import {capacity} from '../source/race/models/mailbox.ts';
import {modelNames} from '../source/race/seams.ts';

const root = path.resolve(import.meta.dirname, '..');
const names = ['concurrency.md', 'concurrency.zh-CN.md'] as const;
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');
const [english, chinese] = names.map(name => read(`docs/${name}`)) as [string, string];
const pages = Object.entries({english, chinese});

const fence = /^```console\n([\s\S]*?)^```$/gm;
const blocksOf = (page: string): string[] => [...page.matchAll(fence)].map(([, block = '']) => block);
const textOf = (page: string): string => page.replace(fence, '');
/** With a heading each; the first one is what stands before them. */
const sectionsOf = (page: string): string[] => textOf(page).split(/^#+ /m);
const found = (pattern: RegExp, text: string): string[] => [...text.matchAll(pattern)].map(([match]) => match);

/** `$ ` begins a command, and `> ` goes on with it. */
const commandsOf = (block: string): string[] =>
	found(/^\$ .*\n(?:> .*\n)*/gm, block).map(command => command.replace(/^[$>] /gm, '').trimEnd());

/** As a shell takes them apart that has no quotes to care for. */
const argumentsOf = (command: string): string[] =>
	command
		.replace(/ (?:\d?>|\|).*/, '')
		.split(' ')
		.slice(1);

suite('the pages on concurrency', () => {
	test('have no command that the program would not take', () => {
		for (const [name, page] of pages) {
			const printed = blocksOf(page).flatMap(commandsOf);
			const inText = found(/(?<=`)fetchtop [^`]*(?=`)/g, textOf(page));
			const commands = [...printed, ...inText].filter(command => command.startsWith('fetchtop '));
			assert.ok(commands.length >= 4, name);
			for (const command of commands) assert.equal(parseArguments(argumentsOf(command)).kind, 'race', command);
		}
	});

	test('have figures from races that can be repeated, in order and number of rounds', () => {
		for (const command of blocksOf(english).flatMap(commandsOf))
			if (command.startsWith('fetchtop ')) assert.match(command, / --rounds 3 --seed \d+/);
	});

	test('have something printed below every command', () => {
		for (const [, page] of pages)
			for (const block of blocksOf(page)) {
				const printed = block.split(/^\$ .*\n(?:> .*\n)*/m).slice(1);
				assert.equal(printed.length, commandsOf(block).length);
				for (const text of printed) assert.notEqual(text.trim(), '', block);
			}
	});

	test('have the same commands and figures in both languages, in the same order', () => {
		assert.deepEqual(blocksOf(chinese), blocksOf(english));
		const numbers = (page: string) => sectionsOf(page).map(section => found(/\d+(?:\.\d+)*/g, section));
		assert.deepEqual(numbers(chinese), numbers(english));
	});

	test('measure nothing that stands beside no command', () => {
		for (const [name, page] of pages)
			assert.deepEqual(found(/\d\s?(?:[kMG]?B|m?s|×|%|毫秒|秒)(?!\w)/g, textOf(page)), [], name);
	});

	test('name sources that there are, the same ones in both languages', () => {
		const sources = (page: string) => found(/(?<=`)source\/[^`]+(?=`)/g, page);
		for (const source of sources(english)) assert.ok(existsSync(path.join(root, source)), source);
		assert.deepEqual(sources(chinese), sources(english));
	});

	test('explain all models, in the order in which they run', () => {
		for (const [name, page] of pages) {
			const models = found(/(?<=^### )\w+(?= `)/gm, page);
			assert.deepEqual(models, modelNames, name);
		}
	});

	test('know how many pages a mailbox takes', () => {
		assert.match(english, new RegExp(`a mailbox takes ${capacity}\\s+pages`));
	});

	test('are linked from the README and from each other, and lead to its section on races', () => {
		const readme = read('README.md');
		for (const name of names) assert.ok(readme.includes(`](docs/${name})`), name);
		assert.match(english, /\]\(concurrency\.zh-CN\.md\)/);
		assert.match(chinese, /\]\(concurrency\.md\)/);
		for (const [name, page] of pages) assert.match(page, /\]\(\.\.\/README\.md#race\)/, name);
		assert.match(readme, /^## Race$/m);
	});
});
