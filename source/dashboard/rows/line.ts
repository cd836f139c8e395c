import {graphemesOf} from '../../format/width.ts';

/** A line being typed: what stands before the cursor, and behind it. */
export type Line = {readonly before: string; readonly after: string};

export const lineOf = (text: string): Line => ({before: text, after: ''});
export const textOf = ({before, after}: Line): string => before + after;

const withoutFirst = (text: string): string => graphemesOf(text).slice(1).join('');
const withoutLast = (text: string): string => graphemesOf(text).slice(0, -1).join('');

/** What keys do to the line, as shells and browsers agree. */
const edits: Readonly<Record<string, (line: Line) => Line>> = {
	space: ({before, after}) => ({before: `${before} `, after}),
	backspace: ({before, after}) => ({before: withoutLast(before), after}),
	'ctrl-h': ({before, after}) => ({before: withoutLast(before), after}),
	delete: ({before, after}) => ({before, after: withoutFirst(after)}),
	left: ({before, after}) => ({before: withoutLast(before), after: (graphemesOf(before).at(-1) ?? '') + after}),
	right: ({before, after}) => ({before: before + (graphemesOf(after)[0] ?? ''), after: withoutFirst(after)}),
	home: ({before, after}) => ({before: '', after: before + after}),
	end: ({before, after}) => ({before: before + after, after: ''}),
	'ctrl-a': ({before, after}) => ({before: '', after: before + after}),
	'ctrl-e': ({before, after}) => ({before: before + after, after: ''}),
	'ctrl-u': ({after}) => ({before: '', after}),
	'ctrl-k': ({before}) => ({before, after: ''}),
	'ctrl-w': ({before, after}) => ({before: before.replace(/\S+\s*$/, ''), after}),
};

/** The line after a key, named as `keysOf` does; undefined for a key that types nothing. */
export function edit(line: Line, key: string): Line | undefined {
	const change = Object.hasOwn(edits, key) ? edits[key] : undefined;
	if (change) return change(line);
	// Names of keys are longer than one character; a character may be of two code units.
	return [...key].length === 1 ? {before: line.before + key, after: line.after} : undefined;
}

export const insert = ({before, after}: Line, text: string): Line => ({before: before + text, after});
