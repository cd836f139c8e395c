import type {Figures} from './figures.ts';
import {priceRules} from './prices.ts';
import type {Rule, Told} from './rule.ts';
import {speedRules} from './speeds.ts';

/** What made lanes fast or slow, and what that took. */
type Topic = 'speed' | 'price';
export type Reason = Told & {name: string; topic: Topic};

/** More is a lecture. */
const most = 3;

/** All that apply, by their weight. */
export const applicable = (figures: Figures): Reason[] =>
	[...named('speed', speedRules, figures), ...named('price', priceRules, figures)].toSorted(
		(a, b) => b.weight - a.weight,
	);

/** The most explanatory first; where there is a price to be told of, not all of them speak of speed. */
export function reasonsOf(figures: Figures): string[] {
	const all = applicable(figures);
	const first = all.find(({topic}) => topic === 'price');
	const rest = all.filter(reason => reason !== first).slice(0, first ? most - 1 : most);
	return [...rest, ...(first ? [first] : [])].toSorted((a, b) => b.weight - a.weight).map(({text}) => text);
}

const named = (topic: Topic, rules: Readonly<Record<string, Rule>>, figures: Figures): Reason[] =>
	Object.entries(rules).flatMap(([name, rule]) => {
		const told = rule(figures);
		return told ? [{...told, name, topic}] : [];
	});
