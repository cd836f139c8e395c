import {type Field, parseField} from '../extract/fields.ts';
import {templateProblem} from '../storage/template.ts';
import {fieldValue, splitHeader} from './header.ts';

/** What is typed behind an option, as its value. Each throws with the rest of the sentence "… is invalid: …". */

export function whole(least: number, most: number) {
	return (value: string): number => {
		const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
		if (number >= least && number <= most) return number;
		throw new Error(`it must be a whole number from ${least} to ${most}`);
	};
}

/** Seconds, fractions allowed, as milliseconds. A day is more than any silence is worth, and timers end at 24 of them. */
export function seconds(value: string): number {
	const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
	if (number > 0 && number <= 86_400) return number * 1000;
	throw new Error('it must be a number of seconds above 0 and up to 86400');
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

/** Starts a second, minute or hour, as starts a second. A bare number is a second's. */
export function rate(value: string): number {
	const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(value) ?? [];
	const perSecond = Number(count) / {s: 1, m: 60, h: 3600}[unit as 's' | 'm' | 'h'];
	if (perSecond > 0) return perSecond;
	throw new Error('it must be a number above 0 of starts per second, minute or hour, such as 10/s, 100/m or 1000/h');
}

/** Bytes, with the letters and powers of 1024 that curl takes. */
export function size(value: string): number {
	const match = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i.exec(value);
	const power = ' kmgt'.indexOf(match?.[2]?.toLowerCase() || ' ');
	const bytes = Math.floor(Number(match?.[1]) * 1024 ** power);
	if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
	throw new Error('it must be a size such as 500K, 20M or 4G');
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
