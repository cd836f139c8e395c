import {fit, truncate, width} from '../format/width.ts';
import {bindings} from './keymap.ts';

/** All keys, in as many columns as fit; made from the table that resolves them. */
export function helpLines(cells: number, height: number): string[] {
	const widest = Math.max(...bindings.map(({shown}) => width(shown)));
	const entries = bindings.map(({shown, means}) => `${fit(shown, widest)}  ${means}`);
	const columns = entries.length > height ? Math.min(3, Math.ceil(entries.length / Math.max(1, height))) : 1;
	const room = Math.floor((cells - 2) / columns);
	const perColumn = Math.ceil(entries.length / columns);
	return Array.from({length: perColumn}, (_, index) => {
		const texts = Array.from({length: columns}, (_, column) =>
			fit(truncate(entries[index + column * perColumn] ?? '', room - 2), room),
		);
		return ` ${texts.join('')}`.trimEnd();
	});
}

/** The keys a newcomer needs, as many as fit, in the table's order; the least important are left out first. */
export function hintLine(cells: number): string {
	const hints = bindings.flatMap(({hint}) => (hint ? [hint] : []));
	let shown = hints;
	const text = () => ` ${shown.map(hint => hint.text).join('  ')}`;
	while (shown.length > 0 && width(text()) > cells) {
		const last = Math.max(...shown.map(({rank}) => rank));
		shown = shown.filter(({rank}) => rank < last);
	}
	return text();
}
