import {fit, truncate, width} from '../format/width.ts';
import {actionsOf, type KeyContext} from './actions.ts';
import {words} from './command-line.ts';
import type {Binding, Hint, Keymap} from './keymap.ts';
import type {Theme} from './theme.ts';

/** All keys and commands, made from the tables that resolve them: in two columns where both fit whole, else in one. It scrolls. */
export function helpLines(cells: number, keymap: Keymap, theme: Theme): string[] {
	const bound = keymap.bindings.filter(({keys}) => keys.length > 0);
	const keys = bound.map(binding => [keymap.shown(binding), binding.means] as const);
	const commands = words.map(({names, takes, means}) => [`:${names[0]} ${takes}`.trimEnd(), means] as const);
	return [...table(cells, keys, theme), '', ...table(cells, commands, theme)];
}

/** Entries in two columns, one below the other, where both fit whole; else in one. */
function table(cells: number, rows: ReadonlyArray<readonly [string, string]>, {spell, signs}: Theme): string[] {
	const names = rows.map(([name]) => spell(name));
	const widest = Math.max(...names.map(width));
	const entries = rows.map(([, means], index) => `${fit(names[index] ?? '', widest)}  ${spell(means)}`);
	const room = Math.max(...entries.map(width)) + 2;
	const columns = 2 * room <= cells ? 2 : 1;
	const perColumn = Math.ceil(entries.length / columns);
	return Array.from({length: perColumn}, (_, index) => {
		const texts = Array.from({length: columns}, (_, column) => fit(entries[index + column * perColumn] ?? '', room));
		return truncate(` ${texts.join('')}`.trimEnd(), cells, signs.ellipsis);
	});
}

/** The keys that can do something now, as many as fit, in the table's order; the least important are left out first. */
export function hintLine(cells: number, context: KeyContext, keymap: Keymap, {spell, signs}: Theme): string {
	const {overlay, frozen} = context.view;
	if (overlay && !frozen) {
		const [back, up, down, quit] = ['back', 'up', 'down', 'quit'].map(keymap.keyOf);
		return truncate(spell(` ${back} back  ${up} ${down} scroll  ${quit} quit`), cells, signs.ellipsis);
	}
	const hints = keymap.bindings.flatMap(binding => hintOf(binding, context));
	let shown = [...new Map(hints.map(hint => [hint.rank, hint])).values()];
	const text = () => ` ${shown.map(hint => spell(hintText(hint, keymap))).join('  ')}`;
	while (shown.length > 0 && width(text()) > cells) {
		const last = Math.max(...shown.map(({rank}) => rank));
		shown = shown.filter(({rank}) => rank < last);
	}
	return text();
}

type Shown = Hint & {name: string};

const hintText = ({name, does, with: names = [name]}: Shown, keymap: Keymap): string =>
	`${names.map(keymap.keyOf).filter(Boolean).join(' ')} ${does}`;

/** In the words of what the key does now; none if it cannot act. A frozen screen shows no other view. */
function hintOf({name, keys, hint, act}: Binding, context: KeyContext): Shown[] {
	if (!hint || keys.length === 0) return [];
	const [first] = actionsOf(act(context, 0));
	if (first === undefined || typeof first === 'string' || ('view' in first && context.view.frozen)) return [];
	const resumes = 'command' in first && first.command.type.startsWith('resume');
	return [{name, ...hint, does: resumes ? hint.does.replace(/pause( task)?/, 'resume') : hint.does}];
}
