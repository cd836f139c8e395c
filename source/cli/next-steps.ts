import type {ReadonlyStore} from '../engine/store.ts';
import {parseTarget} from '../engine/target.ts';
import {count, plural} from '../format/number.ts';
import {commandText, type Part, partsOf} from './command-line.ts';
import {type Options, savesFiles} from './options.ts';

/** So many failed tasks are named one by one. */
const fewUrls = 5;
/** A command longer than this is nothing to read, and nothing to copy. */
const longestCommand = 1_000;

export type Ended = {
	store: ReadonlyStore;
	options: Options;
	/** What was typed behind the program's name. */
	args: readonly string[];
	/** As the person calls it. */
	program: string;
	/** URLs that came by the dashboard, without credentials: no list has them, and no argument. */
	added?: readonly string[];
	/** Every list can be read again under its name, as a file can and a pipe cannot. */
	isRereadable: boolean;
	/** `--save-failed` has what was not taken of the lists, too. */
	isRestKnown: boolean;
};

/** How to go on with what this run has left, in lines for the summary: a command where there is one that does it. */
export function nextSteps(ended: Ended): string[] {
	const {store, options} = ended;
	const isUnfinished = store.live.size > 0 || store.run.inputOpen;
	const {failed} = store.counts;
	if (failed === 0 && !isUnfinished) return [];
	const parts = partsOf(ended.args);
	const kept = parts.filter(({name}) => name !== 'fresh' && name !== 'update');
	// Where they were not typed, the config file or the environment has said them, and will say so again.
	for (const name of ['fresh', 'update'] as const)
		if (options[name] && !parts.some(part => part.name === name)) kept.push({name, words: [`--no-${name}`]});
	const isDrawn = options.random !== undefined;
	// Another seed would draw other tasks.
	const seed = isDrawn && !parts.some(({name}) => name === 'seed') ? ['--seed', String(options.seed)] : undefined;
	const isSaved = savesFiles(options);
	const tries = failed > 0 ? `try the ${count(failed)} failed again` : undefined;
	const what = [isUnfinished && 'go on from here', tries].filter(Boolean).join(', and ');
	if (isSaved && ended.isRereadable) {
		const added = leftOf(ended);
		const isOther = options.output !== undefined || isDrawn;
		const parts = added.length > fewUrls || isOther ? [] : added.map(url => ({words: [url]}));
		const lines = told(
			ended,
			[...withSeed(kept, seed), ...parts],
			`To ${what} (what is done is skipped)`,
			`The same command${seed ? ` with ${seed.join(' ')}` : ''} goes on from here`,
		);
		return parts.length === added.length
			? lines
			: [
					...lines,
					`It leaves out ${plural(added.length, 'URL')} added meanwhile; --save-failed FILE would list all that is left.`,
				];
	}
	const settings = (isDrawn ? undrawn(kept) : kept).filter(({name}) => name !== undefined && name !== 'input');
	// Of a pipe that was not read to its end nobody knows the rest.
	const isListed = options.saveFailed !== undefined && (!store.run.inputOpen || ended.isRestKnown);
	if (isListed) {
		const list: Part = {name: 'input', words: ['-i', options.saveFailed ?? '']};
		return told(ended, [...settings, list], `To do what is left`, `What is left is in the list of --save-failed`);
	}
	const urls = isUnfinished ? undefined : failedUrls(store);
	if (urls) return told(ended, [...settings, ...urls.map(url => ({words: [url]}))], `To ${what}`);
	const and = seed ? ` and ${seed.join(' ')}` : '';
	if (isSaved) return [`The same command with the same list${and} can ${what}.`];
	return ['--save-failed FILE makes a list of what is left, to go on with by -i FILE.'];
}

/** Behind what it belongs to, where that was typed. */
function withSeed(parts: readonly Part[], words: readonly string[] | undefined): readonly Part[] {
	if (!words) return parts;
	const seed: Part = {name: 'seed', words};
	const at = parts.findLastIndex(({name}) => name === 'random') + 1;
	return [...parts.slice(0, at), seed, ...parts.slice(at)];
}

/** What was drawn is not to be drawn from again; but it is there as often as it was drawn. */
function undrawn(parts: readonly Part[]): Part[] {
	const rest = parts.filter(({name}) => name !== 'random' && name !== 'seed' && name !== 'duplicates');
	// Where it was not typed, the environment has said it, and will say so again.
	const isTyped = parts.some(({name}) => name === 'random');
	const contrary: Part[] = isTyped ? [] : [{name: 'random', words: ['--no-random']}];
	return [{name: 'duplicates', words: ['--duplicates']}, ...contrary, ...rest];
}

/** What was added by hand, and is not done. */
function leftOf({store: {live, failed}, added = []}: Ended): string[] {
	const left = new Set([...live.values(), ...failed].map(({url}) => url));
	return [...new Set(added)].filter(url => left.has(url));
}

/** The command below what it is good for, or a sentence in its place where it cannot be shown. */
function told({program}: Ended, parts: readonly Part[], what: string, instead?: string): string[] {
	const command = commandText(program, parts);
	if (!command || command.text.length > longestCommand) return instead === undefined ? [] : [`${instead}.`];
	return [`${what}${command.hides ? ' (… stands for a login)' : ''}:`, `  ${command.text}`];
}

/** All that failed, if it is little, and nothing but a URL each. */
function failedUrls({failed, counts}: ReadonlyStore): string[] | undefined {
	if (counts.failed > fewUrls || failed.length > counts.failed + counts.canceled) return undefined;
	const tasks = [...failed].filter(({state}) => state === 'failed');
	// A line of a list that is no URL would make the whole command wrong.
	const isPlain = tasks.every(({options, url}) => Object.keys(options).length === 0 && parseTarget(url));
	return isPlain && tasks.length === counts.failed ? tasks.map(({url}) => url) : undefined;
}
