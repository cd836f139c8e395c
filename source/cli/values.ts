import {type Field, parseField} from '../extract/fields.ts';
import {templateProblem} from '../storage/template.ts';
import {fieldValue, splitHeader} from './header.ts';

/** What is typed behind an option, as its value. Each throws with the rest of the sentence "… is invalid: …". */

/** Seconds, fractions allowed, as milliseconds. A day is more than any silence is worth, and timers end at 24 of them. */
export function seconds(value: string): number {
	const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
	if (number > 0 && number <= 86_400) return number * 1000;
	throw new Error('it must be a number of seconds above 0 and up to 86400');
}

/** How many times as fast as it was. */
export function speed(value: string): number {
	const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
	if (number >= 0.1 && number <= 1000) return number;
	throw new Error('it must be a number from 0.1 to 1000');
}

/** Seconds, `M:SS` or `H:MM:SS`, as milliseconds from the beginning. */
export function moment(value: string): number {
	const [, h = 0, mm, m = mm ?? 0, ss, s = ss] =
		/^(?:(?:(\d+):([0-5]\d)|(\d+)):([0-5]\d(?:\.\d+)?)|(\d+(?:\.\d+)?))$/.exec(value) ?? [];
	if (s !== undefined) return Math.round(((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000);
	throw new Error('it must be seconds, M:SS or H:MM:SS');
}

/** Somebody forgot the value, and the URL behind it would be missed. */
export function noUrl(value: string): string {
	if (!isUrl(value)) return value;
	throw new Error('it is a URL');
}

const isUrl = (value: string): boolean => /^https?:\/\//i.test(value);

export function notEmpty(value: string): string {
	if (value !== '') return value;
	throw new Error('it must not be empty');
}

/** `-`, a name, or a template of one. */
export function name(value: string): string {
	const problem = value === '-' ? undefined : templateProblem(value);
	if (problem === undefined) return value;
	throw new Error(problem);
}

/** What a repeatable option was given before. */
const earlier = <Value>(previous: unknown): readonly Value[] => (Array.isArray(previous) ? previous : []);

export const list = (value: string, previous: unknown): string[] => [...earlier<string>(previous), value];

export function header(value: string, previous: unknown): Array<readonly [string, string]> {
	const [name, text] = splitHeader(value);
	return [...earlier<readonly [string, string]>(previous), [name, fieldValue(text)]];
}

export function login(value: string): string {
	if (isUrl(value)) throw new Error('it is a URL');
	if (!value.includes(':')) throw new Error("it must read 'user:password'");
	if (!/[\x00-\x1f\x7f]/.test(value)) return value;
	throw new Error('it may not hold control characters');
}

/** As curl tells them apart: `name=value`, else a file. */
export const isData = (text: string): boolean => text.includes('=');

export function cookie(value: string, previous: unknown): string[] {
	return [...earlier<string>(previous), isData(value) ? fieldValue(value) : notEmpty(value)];
}

export function extract(value: string, previous: unknown): readonly Field[] {
	const field = parseField(value);
	const others = earlier<Field>(previous);
	if (others.some(({name}) => name === field.name)) throw new Error(`${JSON.stringify(field.name)} is taken already`);
	return [...others, field];
}
