import {isFinal, type Task} from '../../engine/task.ts';

export type Matches = (task: Readonly<Task>) => boolean;

/** What can be asked for by name, as `state:failed`, and what of a task it is compared with. */
const fields: Readonly<Record<string, (task: Readonly<Task>) => string>> = {
	state: ({state}) => state,
	host: ({host}) => host,
	status: ({status}) => String(status ?? ''),
	error: ({result, waiting}) => wordsOf(result?.error ?? waiting?.failure),
	title: ({title}) => title ?? '',
	url: ({url}) => url,
};

const wordsOf = (error: {code: string; message: string} | null | undefined): string =>
	error ? `${error.code} ${error.message}` : '';

/**
 * All words have to be found, in any order and case: each anywhere in a row, or with a name before it (`host:example.org`,
 * `status:40`) in that field. `!` before a word means that it must not be found.
 */
export function matcher(filter: string): Matches {
	const words = wordsIn(filter).map(({text, isWanted}) => ({finds: finder(text), isWanted}));
	if (words.length === 0) return () => true;
	return task => words.every(({finds, isWanted}) => finds(task) === isWanted);
}

/** The same words for hosts, which have but a name. */
export function hostMatcher(filter: string): (host: string) => boolean {
	const words = wordsIn(filter).map(({text, isWanted}) => ({name: text.replace(/^host:/, ''), isWanted}));
	return host => words.every(({name, isWanted}) => host.includes(name) === isWanted);
}

const wordsIn = (filter: string): Array<{text: string; isWanted: boolean}> =>
	filter
		.toLowerCase()
		.split(/\s+/)
		.filter(Boolean)
		.map(word => ({text: word.replace(/^!/, ''), isWanted: !word.startsWith('!')}));

function finder(word: string): Matches {
	const [, name = '', value = ''] = /^(\w+):(.*)$/.exec(word) ?? [];
	const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
	if (!field) return task => textOf(task).includes(word);
	// A status is told by its beginning, as in `status:4`; `404` is not looked for in the middle of anything.
	if (name === 'status') return task => field(task).startsWith(value.replace(/x+$/, ''));
	return task => field(task).toLowerCase().includes(value);
}

/** What finished tasks are searched in: they do not change any more, and there may be ten thousand of them. */
const finished = new WeakMap<Readonly<Task>, string>();

function textOf(task: Readonly<Task>): string {
	const known = finished.get(task);
	if (known !== undefined) return known;
	const text = Object.values(fields)
		.map(field => field(task))
		.join('\n')
		.toLowerCase();
	if (isFinal(task.state)) finished.set(task, text);
	return text;
}
