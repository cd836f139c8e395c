import {plural} from '../../format/number.ts';
import {graphemesOf, truncate, width} from '../../format/width.ts';
import {kinds} from '../keys/prompt.ts';
import type {Prompt} from '../rows/view.ts';
import type {Theme} from './theme.ts';

/** The line as it is typed, at most `cells` wide: where it is too long, the part before the cursor. */
export function promptLine(prompt: Prompt, cells: number, theme: Theme): string {
	const {signs, faint, spell, alert} = theme;
	if (prompt.kind === 'confirm')
		return truncate(
			` add ${plural(prompt.urls.length, 'URL')}?  y or Enter adds them, any other key does not`,
			cells,
			signs.ellipsis,
		);
	const {label, hint} = kinds[prompt.kind];
	const {before, after} = prompt.line;
	const room = cells - width(` ${label}${signs.cursor}`);
	const typed = lastCells(before, room);
	const text = ` ${label}${typed}${signs.cursor}${truncate(after, room - width(typed), '')}`;
	const beside = cells - width(text) - 2;
	if (prompt.problem !== undefined) {
		const problem = spell(prompt.problem);
		if (width(problem) <= beside) return `${text}  ${alert(problem)}`;
		return alert(` ${truncate(problem, cells - 1, signs.ellipsis)}`);
	}
	return before + after === '' && width(hint) <= beside ? `${text}  ${faint(spell(hint))}` : text;
}

/** The end of a text, as much as fits. */
function lastCells(text: string, cells: number): string {
	let kept = '';
	for (const character of graphemesOf(text).reverse()) {
		if (width(character + kept) > cells) break;
		kept = character + kept;
	}
	return kept;
}
