import {fit, truncate, width} from '../../format/width.ts';
import {actionsOf, type KeyContext} from '../keys/actions.ts';
import {words} from '../keys/command-line.ts';
import type {Binding, Hint, Keymap} from '../keys/keymap.ts';
import type {Theme} from './theme.ts';

/** All keys and commands, made from the tables that resolve them: in two columns where both fit whole, else in one. It scrolls. */
export function helpLines(cells: number, keymap: Keymap, theme: Theme, isReplay = false): string[] {
	const commands = words
		.filter(({needsRun}) => !needsRun || !isReplay)
		.map(({names, takes, means}) => [`:${names[0]} ${takes}`.trimEnd(), means] as const);
	return [...keyTable(cells, keymap, theme), '', ...table(cells, commands, theme)];
}

type AnyKeymap = Keymap<never, unknown>;

/** All keys that do something, and what. */
export function keyTable(cells: number, keymap: Pick<AnyKeymap, 'bindings' | 'shown'>, theme: Theme): string[] {
	const bound = keymap.bindings.filter(({keys}) => keys.length > 0);
	return table(
		cells,
		bound.map(binding => [keymap.shown(binding), binding.means] as const),
		theme,
	);
}

/** Entries in two columns, one below the other, where both fit whole; else in one. */
function table(cells: number, rows: ReadonlyArray<readonly [string, string]>, {spell, signs, strong}: Theme): string[] {
	const entries = rows.map(row => row.map(spell));
	const widthOf = (column: number) => Math.max(...entries.map(entry => width(entry[column] ?? '')));
	const [names, meanings] = [widthOf(0), widthOf(1)];
	const room = names + 2 + meanings + 2;
	const columns = 2 * room <= cells ? 2 : 1;
	const perColumn = Math.ceil(entries.length / columns);
	const draw = ([name = '', means = '']: readonly string[] = []) => {
		const meaning = truncate(means, cells - names - 4, signs.ellipsis);
		return strong(fit(name, names)) + fit(`  ${meaning}`, room - names);
	};
	return Array.from({length: perColumn}, (_, index) =>
		` ${Array.from({length: columns}, (_, column) => draw(entries[index + column * perColumn])).join('')}`.trimEnd(),
	);
}

/** A key, or several, and what it does. */
type Entry = readonly [keys: string, does: string];

/** The keys that can do something now. */
export function hintLine(cells: number, context: KeyContext, keymap: Keymap, theme: Theme): string {
	const {overlay, frozen} = context.view;
	const hints = overlay && !frozen ? overlayHints : keymap.bindings.flatMap(binding => hintOf(binding, context));
	return hintsThatFit(cells, hints, keymap, theme);
}

/** Keys with what they do, as many as fit, in the table's order; the least important are left out first. One for each rank. */
export function hintsThatFit(
	cells: number,
	hints: readonly NamedHint[],
	keymap: Pick<AnyKeymap, 'keyOf'>,
	theme: Theme,
): string {
	let shown = [...new Map(hints.map(hint => [hint.rank, hint])).values()];
	const entries = () => shown.map((hint): Entry => [theme.spell(keysFor(hint, keymap)), theme.spell(hint.does)]);
	const line = (paint: (text: string) => string) =>
		` ${entries()
			.map(([keys, does]) => `${paint(keys)} ${does}`)
			.join('  ')}`;
	while (shown.length > 0 && width(line(text => text)) > cells) {
		const last = Math.max(...shown.map(({rank}) => rank));
		shown = shown.filter(({rank}) => rank < last);
	}
	return line(theme.strong);
}

export type NamedHint = Hint & {name: string};

/** What can be done while an overlay takes the keys that move. */
const overlayHints: readonly NamedHint[] = [
	{name: 'back', does: 'back', rank: 1},
	{name: 'up', with: ['up', 'down'], does: 'scroll', rank: 3},
	{name: 'quit', does: 'quit', rank: 2},
];

const keysFor = ({name, with: names = [name]}: NamedHint, keymap: Pick<AnyKeymap, 'keyOf'>): string =>
	names.map(keymap.keyOf).filter(Boolean).join(' ');

/** In the words of what the key does now; none if it cannot act. A frozen screen shows no other view. */
function hintOf({name, keys, hint, act}: Binding, context: KeyContext): NamedHint[] {
	if (!hint || keys.length === 0) return [];
	const [first] = actionsOf(act(context, 0));
	if (first === undefined || typeof first === 'string' || ('view' in first && context.view.frozen)) return [];
	const resumes = 'command' in first && first.command.type.startsWith('resume');
	return [{name, ...hint, does: resumes ? hint.does.replace(/pause( task)?/, 'resume') : hint.does}];
}
