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

export const filterFields: readonly string[] = Object.keys(fields);

const wordsOf = (error: {code: string; message: string} | null | undefined): string =>
	error ? `${error.code} ${error.message}` : '';

/**
 * All words have to be found, in any order and case: each anywhere in a row, or with a name before it (`host:example.org`,
 * `status:40`) in that field. `!` before a word means that it must not be found.
 */
export function matcher(filter: string): Matches {
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean).map(wordOf);
	if (words.length === 0) return () => true;
	return task => words.every(({finds, isWanted}) => finds(task) === isWanted);
}

/** The same words for hosts, which have but a name. */
export function hostMatcher(filter: string): (host: string) => boolean {
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
	return host =>
		words.every(word => {
			const name = word.replace(/^!/, '').replace(/^host:/, '');
			return host.includes(name) !== word.startsWith('!');
		});
}

function wordOf(text: string): {finds: Matches; isWanted: boolean} {
	const isWanted = !text.startsWith('!');
	const word = isWanted ? text : text.slice(1);
	const [, name = '', value = ''] = /^(\w+):(.*)$/.exec(word) ?? [];
	const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
	// A status is told by its beginning, as in `status:4`; `404` is not looked for in the middle of anything.
	if (field && name === 'status') return {isWanted, finds: task => field(task).startsWith(value.replace(/x+$/, ''))};
	if (field) return {isWanted, finds: task => field(task).toLowerCase().includes(value)};
	return {isWanted, finds: task => textOf(task).includes(word)};
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
