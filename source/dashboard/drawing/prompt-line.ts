import {plural} from '../../format/number.ts';
import {width} from '../../format/width.ts';
import {kinds} from '../keys/prompt.ts';
import type {Prompt} from '../rows/view.ts';
import type {Theme} from './theme.ts';

/** The line as it is typed, at most `cells` wide: where it is too long, the part around the cursor. */
export function promptLine(prompt: Prompt, cells: number, {signs, faint, spell}: Theme): string {
	if (prompt.kind === 'confirm')
		return clip(` add ${plural(prompt.urls.length, 'URL')}?  y adds them, any other key does not`, cells);
	const {label, hint} = kinds[prompt.kind];
	const {before, after} = prompt.line;
	const text = ` ${label}${before}${signs.cursor}${after}`;
	if (before + after !== '') return clip(text, cells, width(` ${label}${before}${signs.cursor}`));
	const room = cells - width(text) - 3;
	return width(hint) <= room ? `${text}  ${faint(spell(hint))}` : clip(text, cells);
}

/** The first cells of a text, or those up to the cursor. */
function clip(text: string, cells: number, cursor = 0): string {
	let shown = text;
	while (width(shown) > cells && cursor > cells) {
		const first = [...shown][0] ?? '';
		shown = shown.slice(first.length);
		cursor -= width(first);
	}
	while (width(shown) > cells) shown = [...shown].slice(0, -1).join('');
	return shown;
}
