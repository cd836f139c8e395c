import type {Command} from '../../engine/commands.ts';
import {maxConcurrency} from '../../engine/settings.ts';
import {urlsIn} from '../../engine/target.ts';
import {rate, size, whole} from '../../format/quantities.ts';
import {type SortName, sortNames} from '../rows/sort.ts';
import {type Tab, tabs} from '../rows/view.ts';
import type {KeyContext, Outcome} from './actions.ts';
import * as acts from './acts.ts';

/** A word that can be typed behind `:`. `run` throws with the rest of the sentence "… is invalid: …". */
export type Word = {
	names: readonly string[];
	/** What comes behind it, as shown to people. */
	takes: string;
	means: string;
	/** It is about a run that goes on: of one that is shown again it is not offered. */
	needsRun?: true;
	run(argument: string, context: KeyContext): Outcome;
};

/** `none` takes a limit away. */
const limit =
	(parse: (text: string) => number, what: string, command: (value: number | null) => Command) =>
	(argument: string): Outcome => {
		const value = /^(none|off|-)$/.test(argument) ? null : parse(argument);
		return [{command: command(value)}, `${what}: ${value === null ? 'no limit' : argument}`];
	};

const oneOf = <Name extends string>(names: readonly Name[], text: string): Name => {
	const found = names.find(name => name.startsWith(text.toLowerCase()));
	if (found !== undefined && text !== '') return found;
	throw new Error(`it must be one of ${names.join(', ')}`);
};

/** The one table of commands: it makes the resolver, the help and the README's table. */
export const words: readonly Word[] = [
	{
		names: ['c', 'concurrency'],
		needsRun: true,
		takes: 'N',
		means: 'tasks at once',
		run: argument => acts.setConcurrency(whole(1, maxConcurrency)(argument)),
	},
	{
		names: ['limit', 'limit-rate'],
		needsRun: true,
		takes: 'SIZE',
		means: 'bytes a second, as 2M; none for no limit',
		run: limit(size, 'bandwidth', value => ({type: 'set-bandwidth', value})),
	},
	{
		names: ['per-host'],
		needsRun: true,
		takes: 'N',
		means: 'tasks at once per host; none for no limit',
		run: limit(whole(1, maxConcurrency), 'tasks at once per host', value => ({type: 'set-per-host', value})),
	},
	{
		names: ['rate'],
		needsRun: true,
		takes: 'N/s',
		means: 'starts per second, minute or hour; none for no limit',
		run: limit(rate, 'task starts', value => ({type: 'set-rate', value})),
	},
	{
		names: ['add', 'a'],
		needsRun: true,
		takes: 'URL …',
		means: 'add URLs',
		run: (argument, context) => acts.add(urlsIn(argument), context, true),
	},
	{
		names: ['filter', 'f'],
		takes: 'WORDS',
		means: 'show only rows with these words',
		run: text => ({view: {type: 'filter', text}}),
	},
	{
		names: ['sort'],
		takes: 'COLUMN',
		means: `by ${sortNames.join(', ')}`,
		run: (argument, context) => acts.sort({type: 'sort', by: oneOf<SortName>(sortNames, argument)})(context),
	},
	{
		names: ['view', 'v'],
		takes: 'NAME',
		means: tabs.join(', '),
		run: argument => acts.show(oneOf<Tab>(tabs, argument)),
	},
	{
		names: ['retry'],
		needsRun: true,
		takes: '[CODE]',
		means: 'retry failed tasks, as HTTP_503 only',
		run: (code, context) =>
			code === '' ? acts.retryFailed(context) : acts.retryFailedWith(code.toUpperCase(), context),
	},
	{names: ['pause'], needsRun: true, takes: '', means: 'pause the run', run: () => ({command: {type: 'pause'}})},
	{names: ['resume'], needsRun: true, takes: '', means: 'let it go on', run: () => ({command: {type: 'resume'}})},
	{
		names: ['drain'],
		needsRun: true,
		takes: '',
		means: 'finish what runs, then leave',
		run: (_, context) => acts.drain(context),
	},
	{
		names: ['help', 'h'],
		takes: '',
		means: 'show all keys and commands',
		run: (_, context) => acts.toggle('help')(context),
	},
	{
		names: ['quit', 'q'],
		takes: '',
		means: 'stop, keep parts, leave',
		run: () => ({program: {type: 'leave'}}),
	},
];

const byName = new Map(words.flatMap(word => word.names.map(name => [name, word] as const)));

/** What comes of a line that was typed behind `:`. */
export function runCommand(line: string, context: KeyContext): Outcome {
	const [, name = '', argument = ''] = /^\s*:?(\S*)\s*(.*?)\s*$/.exec(line) ?? [];
	const word = byName.get(name.toLowerCase());
	if (name === '') return [];
	if (!word) return `there is no command :${name}; ${context.keyOf('help')} shows all of them`;
	if (word.takes === '' && argument !== '') return `:${name} takes nothing behind it`;
	if (word.takes !== '' && !word.takes.startsWith('[') && argument === '') return `:${name} needs ${word.takes}`;
	try {
		return word.run(argument, context);
	} catch (error) {
		return `':${name} ${argument}' is invalid: ${error instanceof Error ? error.message : error}`;
	}
}
