const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A progress bar of exactly `cells` cells. @param share from 0 to 1 */
export function bar(share: number, cells: number, ascii: boolean): string {
	const filled = Math.max(0, Math.min(1, share)) * cells;
	const full = Math.floor(filled);
	if (ascii) return '#'.repeat(full) + '.'.repeat(cells - full);
	const part = eighths[Math.floor((filled - full) * 8)] ?? '';
	return ('█'.repeat(full) + part).padEnd(cells);
}

const shades = {unicode: [' ', '░', '▓', '█'], ascii: ['.', '-', '+', '#']};

/** Which of `total` bytes are there, as a row of exactly `cells` cells. @param ranges half-open */
export function map(
	ranges: ReadonlyArray<readonly [number, number]>,
	total: number,
	cells: number,
	ascii: boolean,
): string {
	const steps = ascii ? shades.ascii : shades.unicode;
	return Array.from({length: cells}, (_, cell) => {
		const [from, to] = [(cell * total) / cells, ((cell + 1) * total) / cells];
		const there = ranges.reduce((sum, [start, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)), 0);
		const share = there / (to - from);
		return steps[share >= 1 ? 3 : share >= 0.5 ? 2 : share > 0 ? 1 : 0] ?? '';
	}).join('');
}

const levels = {unicode: '▁▂▃▄▅▆▇█', ascii: '_.-:=+*#'};

/** A sparkline of the last `cells` values, scaled to the largest of them; padded on the left while there are fewer. */
export function sparkline(values: readonly number[], cells: number, ascii: boolean): string {
	const shown = cells > 0 ? values.slice(-cells) : [];
	const steps = ascii ? levels.ascii : levels.unicode;
	const most = Math.max(...shown, 0);
	const level = (value: number) => steps[most > 0 ? Math.min(7, Math.floor((value / most) * 7.999)) : 0] ?? '';
	return shown.map(level).join('').padStart(Math.max(0, cells));
}

/**
 * Phases of something, as bars that begin where the one before ended, each a text of exactly `cells` cells. What took any time has
 * at least a cell.
 */
export function waterfall(phases: readonly number[], cells: number, ascii: boolean): string[] {
	const total = phases.reduce((sum, phase) => sum + phase, 0);
	const cellOf = (time: number) => Math.round((time / total) * cells);
	let passed = 0;
	return phases.map(phase => {
		if (phase === 0) return ' '.repeat(cells);
		const start = Math.min(cells - 1, cellOf(passed));
		passed += phase;
		const end = Math.max(start + 1, cellOf(passed));
		return (' '.repeat(start) + (ascii ? '#' : '█').repeat(end - start)).padEnd(cells);
	});
}

/**
 * Columns over `rows` lines, the upper line first, a cell for each value: the whole height is `most`. What is more than nothing is
 * seen; nothing, and a value there is none of, is blank.
 */
export function columnChart(
	values: ReadonlyArray<number | undefined>,
	most: number,
	rows: number,
	ascii: boolean,
): string[] {
	const steps = ascii ? levels.ascii : levels.unicode;
	const eighths = values.map(value => (most > 0 && value ? Math.ceil(Math.min(1, value / most) * rows * 8 - 1e-9) : 0));
	return Array.from({length: rows}, (_, line) => {
		const below = (rows - 1 - line) * 8;
		return eighths.map(height => (height > below ? (steps[Math.min(8, height - below) - 1] ?? '') : ' ')).join('');
	});
}
