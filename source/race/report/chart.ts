import {bar} from '../../format/bar.ts';
import {span} from '../../format/duration.ts';
import {truncate, wrap} from '../../format/width.ts';
import type {Standing} from './standings.ts';
import {nameOf} from './table.ts';
import {inAscii} from './wording.ts';

/** From this width on the time of starting is told in figures too. */
const roomy = 72;

/**
 * A bar for each wall time, with the figure behind it. What it took to start the workers stands before it in a lighter shade, for it
 * came before, and on the same scale: twenty processes may take longer to start than the race takes. It is not a part of the wall time,
 * which would punish pools that live on; nor left out, which would hide what a program of one run pays.
 */
export function chartLines(
	standings: readonly Standing[],
	{columns, ascii}: {columns: number; ascii: boolean},
): string[] {
	if (standings.length === 0) return [];
	const names = standings.map(nameOf);
	const nameCells = Math.max(...names.map(name => name.length));
	const figures = figuresBehind(standings, columns >= roomy);
	const cells = Math.max(1, columns - 1 - nameCells - 4 - Math.max(...figures.map(figure => figure.length)));
	const longest = Math.max(...standings.map(({start = 0, wall}) => start + wall));
	const bars = standings.map(standing => twoParts(standing, longest, cells, ascii));
	const lines = bars.map((drawn, row) => `${names[row]?.padEnd(nameCells)}  ${drawn}  ${figures[row]}`.trimEnd());
	const legend = bars.some(drawn => drawn.startsWith(light(ascii)))
		? '░ until the workers were ready, █ from then to the last record'
		: '';
	const told = legend === '' ? [] : wrap(ascii ? inAscii(legend) : legend, columns - 1);
	return [...lines.map(line => truncate(line, columns - 1, '~')), ...told];
}

const light = (ascii: boolean): string => (ascii ? '-' : '░');

/** Less than half a cell of starting is not shown; of the race there is always something. */
function twoParts({start = 0, wall}: Standing, longest: number, cells: number, ascii: boolean): string {
	if (longest <= 0) return bar(0, cells, ascii);
	const before = Math.min(cells - 1, Math.round((start / longest) * cells));
	const room = cells - before;
	const least = (ascii ? 1 : 1 / 8) / room;
	// Half an eighth more, so that rounding errors do not take the last cell of the longest.
	const share = wall > 0 ? Math.max(least, (wall / longest) * (cells / room)) + 1e-9 : 0;
	return light(ascii).repeat(before) + bar(share, room, ascii);
}

function figuresBehind(standings: readonly Standing[], isRoomy: boolean): string[] {
	const walls = standings.map(({wall}) => span(wall));
	const widest = Math.max(...walls.map(wall => wall.length));
	return standings.map(({start}, row) => {
		const wall = (walls[row] ?? '').padStart(widest);
		return isRoomy && start !== undefined ? `${wall}, started in ${span(start)}` : wall;
	});
}
