import {fit, truncate, width} from '../format/width.ts';
import {type Binding, bindings, type KeyContext} from './keymap.ts';
import type {Theme} from './theme.ts';

/** All keys, made from the table that resolves them: in two columns where both fit whole, else in one that scrolls. */
export function helpLines(cells: number, {spell, signs}: Theme): string[] {
	const keys = bindings.map(({shown}) => spell(shown));
	const widest = Math.max(...keys.map(width));
	const entries = bindings.map(({means}, index) => `${fit(keys[index] ?? '', widest)}  ${spell(means)}`);
	const room = Math.max(...entries.map(width)) + 2;
	const columns = 2 * room <= cells ? 2 : 1;
	const perColumn = Math.ceil(entries.length / columns);
	return Array.from({length: perColumn}, (_, index) => {
		const texts = Array.from({length: columns}, (_, column) => fit(entries[index + column * perColumn] ?? '', room));
		return truncate(` ${texts.join('')}`.trimEnd(), cells, signs.ellipsis);
	});
}

/** The keys that can do something now, as many as fit, in the table's order; the least important are left out first. */
export function hintLine(cells: number, context: KeyContext, {spell, signs}: Theme): string {
	const {overlay, frozen} = context.view;
	if (overlay && !frozen) return truncate(spell(' Esc back  ↑↓ scroll  q quit'), cells, signs.ellipsis);
	let shown = [...new Map(bindings.flatMap(binding => hintOf(binding, context))).values()];
	const text = () => ` ${shown.map(hint => spell(hint.text)).join('  ')}`;
	while (shown.length > 0 && width(text()) > cells) {
		const last = Math.max(...shown.map(({rank}) => rank));
		shown = shown.filter(({rank}) => rank < last);
	}
	return text();
}

type Hint = NonNullable<Binding['hint']>;

/** The hint by its rank, in the words of what the key does now; none if it cannot act. A frozen screen shows no other view. */
function hintOf({hint, act}: Binding, context: KeyContext): Array<readonly [number, Hint]> {
	const action = act(context);
	if (!hint || typeof action === 'string' || ('view' in action && context.view.frozen)) return [];
	const resumes = 'command' in action && action.command.type.startsWith('resume');
	return [[hint.rank, resumes ? {...hint, text: hint.text.replace(/pause( task)?/, 'resume')} : hint]];
}
