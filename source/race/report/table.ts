import {bytes} from '../../format/bytes.ts';
import {span} from '../../format/duration.ts';
import {count} from '../../format/number.ts';
import {fit, truncate} from '../../format/width.ts';
import {usedCores} from './figures.ts';
import type {Standing} from './standings.ts';
import {cores, inAscii, percent, short, times} from './wording.ts';

type Column = {
	title: string;
	/** Columns of high rank are the first to go where there is no room. */
	rank: number;
	/** Undefined: it has none, or it was not measured. */
	value(standing: Standing): number | undefined;
	text(value: number, standing: Standing): string;
	best?: 'least' | 'most';
	/** Not worth a column when it is the same for all. */
	isQuiet?: (values: ReadonlyArray<number | undefined>) => boolean;
};

const isZero = (values: ReadonlyArray<number | undefined>): boolean => values.every(value => !value);

/** In the order in which they stand. */
const columns: readonly Column[] = [
	{title: 'wall', rank: 0, value: ({wall}) => wall, text: span, best: 'least'},
	{title: 'speed-up', rank: 1, value: ({speedUp}) => speedUp, text: times, best: 'most'},
	{title: 'CPU', rank: 2, value: ({cpu}) => cpu, text: span, best: 'least'},
	{title: 'cores', rank: 6, value: usedCores, text: cores},
	{title: 'memory', rank: 3, value: ({memory}) => memory, text: bytes, best: 'least'},
	{title: 'start each', rank: 4, value: ({worker}) => worker?.wall, text: short, best: 'least'},
	{title: 'memory each', rank: 7, value: ({worker}) => worker?.memory, text: bytes, best: 'least'},
	{title: 'workers', rank: 8, value: ({workers}) => workers || undefined, text: count},
	{title: 'spread', rank: 5, value: ({spread}) => spread, text: percent},
	{
		title: 'failed',
		rank: 9,
		value: ({failed}) => failed,
		text: (failed, {tasks}) => `${count(failed)} of ${count(tasks)}`,
		isQuiet: isZero,
	},
	{title: 'messages', rank: 10, value: ({messages}) => messages || undefined, text: roundCount, isQuiet: isZero},
	{title: 'copied', rank: 11, value: ({copied}) => copied || undefined, text: bytes, isQuiet: isZero},
	{title: 'full', rank: 13, value: ({full}) => full || undefined, text: roundCount, isQuiet: isZero},
	{title: 'incidents', rank: 12, value: ({incidents}) => incidents || undefined, text: count, isQuiet: isZero},
];

/** Medians of an even number of rounds may lie between two whole numbers. */
function roundCount(value: number): string {
	return count(Math.round(value));
}

/** Behind the best of a column: a sign, for colors are not seen by everyone, nor in a file. */
const bestSign = '*';
/** Behind the name of a model whose limit was changed by key, or that stood still. */
export const steeredSign = '~';

type Drawn = Column & {cells: readonly string[]; width: number};

const gap = '  ';

/** A row for each standing, a head, and what the signs mean; as many columns as there is room for, and no line as wide as the terminal. */
export function tableLines(
	standings: readonly Standing[],
	{columns: terminal, ascii}: {columns: number; ascii: boolean},
): string[] {
	if (standings.length === 0) return [];
	const names = ['', ...standings.map(nameOf)];
	const nameCells = Math.max(...names.map(name => name.length));
	const drawn = chosen(
		columns.flatMap(column => draw(column, standings)),
		terminal - 1 - nameCells,
	);
	const rows = names.map((name, row) =>
		[fit(name, nameCells), ...drawn.map(({cells, width}) => fit(cells[row] ?? '', width, 'right'))].join(gap),
	);
	const hasBest = drawn.some(({cells}) => cells.some(cell => cell.endsWith(bestSign)));
	const legend = hasBest ? [`${bestSign} the best of its column`] : [];
	const lines = [...rows, ...legend].map(line => line.trimEnd());
	return lines.map(line => truncate(ascii ? inAscii(line) : line, terminal - 1, '~'));
}

export const nameOf = ({model, isComparable}: Standing): string => (isComparable ? model : model + steeredSign);

function draw(column: Column, standings: readonly Standing[]): Drawn[] {
	const values = standings.map(column.value);
	if (values.every(value => value === undefined) || column.isQuiet?.(values)) return [];
	const texts = standings.map((standing, row) => {
		const value = values[row];
		return value === undefined ? '-' : column.text(value, standing);
	});
	const best = bestOf(column, standings, values, texts);
	// All cells have room for the sign when one of them has it, so that the digits stay below each other.
	const signed = texts.map((text, row) =>
		best === undefined ? text : text + (text === best && standings[row]?.isComparable ? bestSign : ' '),
	);
	const cells = [best === undefined ? column.title : `${column.title} `, ...signed];
	return [{...column, cells, width: Math.max(...cells.map(cell => cell.length))}];
}

/** As it is written: what looks the same to a reader is equally good. None when all are. */
function bestOf(
	{best}: Column,
	standings: readonly Standing[],
	values: ReadonlyArray<number | undefined>,
	texts: readonly string[],
): string | undefined {
	const fair = values.flatMap((value, row) =>
		value !== undefined && standings[row]?.isComparable ? [{value, text: texts[row] ?? ''}] : [],
	);
	if (best === undefined || new Set(fair.map(({text}) => text)).size < 2) return undefined;
	return fair.toSorted((a, b) => (best === 'least' ? a.value - b.value : b.value - a.value))[0]?.text;
}

/** Those of the lowest ranks that fit, and never one of a higher rank instead of one of a lower. */
function chosen(all: readonly Drawn[], room: number): Drawn[] {
	const kept = new Set<Drawn>();
	let left = room;
	for (const column of all.toSorted((a, b) => a.rank - b.rank)) {
		left -= gap.length + column.width;
		if (left < 0) break;
		kept.add(column);
	}
	return all.filter(column => kept.has(column));
}
