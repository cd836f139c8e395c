const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A progress bar of exactly `cells` cells. @param share from 0 to 1 */
export function bar(share: number, cells: number, ascii: boolean): string {
	const filled = Math.max(0, Math.min(1, share)) * cells;
	const full = Math.floor(filled);
	if (ascii) return '#'.repeat(full) + '.'.repeat(cells - full);
	const part = eighths[Math.floor((filled - full) * 8)] ?? '';
	return ('█'.repeat(full) + part).padEnd(cells);
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
