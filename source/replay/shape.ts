import {sanitize} from '../format/sanitize.ts';

/**
 * Takes a value of unknown origin and makes one of its own out of it, with nothing in it that was not asked for; throws a `Misfit`
 * if that cannot be.
 */
export type Shape<Value> = (value: unknown) => Value;

/** What is wrong with a value, as the end of a sentence that begins with the `place` in it, which is empty for the whole. */
export class Misfit extends Error {
	readonly place: string;
	readonly #what: string;

	constructor(what: string, place = '') {
		super(`${place} ${what}`.trimStart());
		this.#what = what;
		this.place = place;
	}

	within(name: string): Misfit {
		return new Misfit(this.#what, this.place === '' ? name : `${name}.${this.place}`);
	}
}

/** UTF-16 units, more than the engine lets through; a frame measures the width of what it draws. */
const longestText = 65_536;
const longestList = 100_000;
/** The last millisecond that a `Date` knows (ECMA-262 §21.4.1.1), less a day, so that it has a local time everywhere. */
const lastMoment = 8.64e15 - 86_400_000;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const check =
	<Value>(holds: (value: unknown) => value is Value, words: string): Shape<Value> =>
	value => {
		if (holds(value)) return value;
		throw new Misfit(`is not ${words}`);
	};

const number = (holds: (value: number) => boolean, words: string): Shape<number> =>
	check((value): value is number => typeof value === 'number' && holds(value), words);

export const flag = check((value): value is boolean => typeof value === 'boolean', 'true or false');
export const count = number(value => Number.isSafeInteger(value) && value >= 0, 'a whole number from 0 on');
export const amount = number(value => Number.isFinite(value) && value >= 0, 'a number from 0 on');
export const moment = number(value => value >= 0 && value <= lastMoment, 'a time in milliseconds since 1970');

/** Whatever it holds, it can be printed on one line. */
export const text: Shape<string> = value => {
	if (typeof value === 'string') return sanitize(value.slice(0, longestText));
	throw new Misfit('is not a text');
};

export const oneOf = <Value extends string>(values: readonly Value[]): Shape<Value> =>
	check((value): value is Value => values.includes(value as Value), `one of ${values.join(', ')}`);

export const optional =
	<Value>(shape: Shape<Value>): Shape<Value | undefined> =>
	value =>
		value === undefined ? undefined : shape(value);

export const nullable =
	<Value>(shape: Shape<Value>): Shape<Value | null> =>
	value =>
		value === null ? null : shape(value);

export const list =
	<Value>(shape: Shape<Value>): Shape<Value[]> =>
	value => {
		if (Array.isArray(value) && value.length <= longestList) return value.map(shape);
		throw new Misfit('is not a list');
	};

/** By names that can be anything. */
export const dictionary =
	<Value>(shape: Shape<Value>): Shape<Record<string, Value>> =>
	value => {
		if (!isRecord(value)) throw new Misfit('is not an object');
		// Not by assignment: `__proto__` is a name like any other here.
		return Object.fromEntries(Object.entries(value).map(([name, each]) => [text(name), shape(each)]));
	};

/** A shape for each field, those that may be missing too, so that a new one cannot be forgotten here. */
export type Fields<Value> = {[Name in keyof Value]-?: Shape<Value[Name]>};

/** Fields that are not named are left out. */
export function record<Value extends object>(fields: Fields<Value>): Shape<Value> {
	const entries = Object.entries<Shape<unknown>>(fields as Record<string, Shape<unknown>>);
	return value => {
		if (!isRecord(value)) throw new Misfit('is not an object');
		const made: Record<string, unknown> = {};
		for (const [name, shape] of entries) {
			const field = fieldOf(value, name, shape);
			if (field !== undefined) made[name] = field;
		}
		return made as Value;
	};
}

function fieldOf(value: Record<string, unknown>, name: string, shape: Shape<unknown>): unknown {
	try {
		return shape(value[name]);
	} catch (error) {
		throw error instanceof Misfit ? error.within(name) : error;
	}
}
