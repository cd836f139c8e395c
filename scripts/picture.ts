// A screen as an SVG: `tmux capture-pane -ep | npm run --silent picture > screen.svg`. `UPDATE=1 npm run unit` makes the README's.
import {text as readAll} from 'node:stream/consumers';
import {width} from '../source/format/width.ts';

/** Colors by the codes that choose them, 30–37 and 90–97; backgrounds are ten above. */
type Palette = {text: string; window: string; edge: string; ansi: Readonly<Record<number, string>>};

const palette = (text: string, window: string, edge: string, ...ansi: string[]): Palette => ({
	text,
	window,
	edge,
	ansi: Object.fromEntries(ansi.map((color, index) => [index < 8 ? 30 + index : 82 + index, color])),
});

/** Those of GitHub's own two themes, as the picture stands on its pages. */
export const palettes = {
	light: palette(
		...(['#1f2328', '#ffffff', '#d1d9e0'] as const),
		...['#24292f', '#a40e26', '#1a7f37', '#633c01', '#0550ae', '#6639ba', '#0a5a61', '#6e7781'],
		...['#57606a', '#cf222e', '#2da44e', '#9a6700', '#0969da', '#8250df', '#1b7c83', '#8c959f'],
	),
	dark: palette(
		...(['#e6edf3', '#0d1117', '#3d444d'] as const),
		...['#484f58', '#f85149', '#3fb950', '#d29922', '#58a6ff', '#a371f7', '#39c5cf', '#b1bac4'],
		...['#6e7681', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#bc8cff', '#56d4dd', '#ffffff'],
	),
};

/** How much of dim text is left; with less of it, it could not be read. */
export const dim = 0.65;

type Style = {
	bold?: boolean;
	dim?: boolean;
	underlined?: boolean;
	inverse?: boolean;
	color?: number | undefined;
	background?: number | undefined;
};

const styles: Readonly<Record<number, Style>> = {
	1: {bold: true},
	2: {dim: true},
	4: {underlined: true},
	7: {inverse: true},
	22: {bold: false, dim: false},
	24: {underlined: false},
	27: {inverse: false},
	39: {color: undefined},
	49: {background: undefined},
	...Object.fromEntries(Object.keys(palettes.dark.ansi).map(code => [code, {color: Number(code)}])),
	...Object.fromEntries(Object.keys(palettes.dark.ansi).map(code => [Number(code) + 10, {background: Number(code)}])),
};

/** In units of the picture. The fonts named are 0.6 of their height wide, and whatever comes instead is made to fit. */
const cell = {width: 9, height: 19, font: 15, baseline: 14};
const margin = {x: 12, top: 34, bottom: 12};
const fonts = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

const graphemes = new Intl.Segmenter();
const ascii = /^[\x20-\x7e]+$/;

/** What stands in neighboring cells and is drawn at once. */
type Piece = {text: string; column: number; cells: number};

type Span = {text: string; style: Style};

/** Lines cut where the style changes, which goes on over their ends, as tmux has it. @throws for what no picture has */
function spansOf(lines: readonly string[]): Span[][] {
	let style: Style = {};
	return lines.map(line => {
		const spans: Span[] = [];
		for (const [index, part] of line.split(/\u001b\[([\d;]*)m/).entries()) {
			if (index % 2 === 1) style = part.split(';').map(Number).reduce(changed, style);
			else if (/[\0-\x1f\x7f]/.test(part)) throw new Error(`not a line of a screen: ${JSON.stringify(part)}`);
			else if (part !== '') spans.push({text: part, style});
		}
		return spans;
	});
}

function changed(style: Style, code: number): Style {
	if (code === 0) return {};
	const change = styles[code];
	if (!change) throw new Error(`a style that no picture has: ${code}`);
	return {...style, ...change};
}

/**
 * Words of ASCII go together, and so do bars; of all else no font is sure how wide it is, and each character has its own place.
 * More than one blank is a gap: what says that blanks count is not heard by all browsers.
 */
function piecesOf(text: string, column: number): Piece[] {
	const pieces: Piece[] = [];
	let next = column;
	for (const {segment} of graphemes.segment(text)) {
		const cells = width(segment);
		const last = pieces.at(-1);
		if (last && next === last.column + last.cells && goesOn(last.text, segment)) {
			last.text += segment;
			last.cells += cells;
		} else if (cells > 0 && segment !== ' ') pieces.push({text: segment, column: next, cells});
		next += cells;
	}
	return pieces;
}

const goesOn = (text: string, next: string): boolean =>
	ascii.test(text) ? ascii.test(next) && !(next === ' ' && text.endsWith(' ')) : isDrawn(next) && text.startsWith(next);

/** Bars, sparklines and rules are rectangles: those of fonts have gaps. Shares of a cell: left, top, width, height, opacity. */
const drawn: Readonly<Record<string, readonly [number, number, number, number, number?]>> = {
	'─': [0, 9 / 19, 1, 1 / 19],
	'░': [0, 0, 1, 1, 0.25],
	'▒': [0, 0, 1, 1, 0.5],
	'▓': [0, 0, 1, 1, 0.75],
	...Object.fromEntries([...'▁▂▃▄▅▆▇█'].map((block, index) => [block, [0, (7 - index) / 8, 1, (index + 1) / 8]])),
	...Object.fromEntries([...'▏▎▍▌▋▊▉'].map((block, index) => [block, [0, 0, (index + 1) / 8, 1]])),
};

const isDrawn = (character: string): boolean => Object.hasOwn(drawn, character);

const short = (number: number): string => String(Math.round(number * 100) / 100);
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const leftOf = (column: number): number => margin.x + column * cell.width;
const topOf = (row: number): number => margin.top + row * cell.height;

function rectangle(name: string, x: number, y: number, breadth: number, height: number, opacity = 1): string {
	const faint = opacity < 1 ? ` opacity="${opacity}"` : '';
	return `<rect${name} x="${short(x)}" y="${short(y)}" width="${short(breadth)}" height="${short(height)}"${faint}/>`;
}

function drawPiece({text, column, cells}: Piece, row: number, name: string): string {
	const [x, y] = [leftOf(column), topOf(row)];
	const [left, top, across, down, opacity] = drawn[[...text][0] ?? ''] ?? [];
	if (left !== undefined && top !== undefined && across !== undefined && down !== undefined)
		return rectangle(
			name,
			x + left * cell.width,
			y + top * cell.height,
			(cells - 1 + across) * cell.width,
			down * cell.height,
			opacity,
		);
	const shown = text.trimEnd();
	const baseline = y + cell.baseline;
	// In the middle of its two cells: stretched to fill them, an ideograph would be broader than it is high.
	if (cells === 2 && !ascii.test(text))
		return `<text${name} x="${x + cell.width}" y="${baseline}" text-anchor="middle">${escaped(shown)}</text>`;
	const length = (cells - (text.length - shown.length)) * cell.width;
	// A letter in a strange font may be broader than its cell: it is squeezed, where a word of ASCII is only spaced.
	const adjust = ascii.test(text) ? '' : ' lengthAdjust="spacingAndGlyphs"';
	return `<text${name} x="${x}" y="${baseline}" textLength="${length}"${adjust}>${escaped(shown)}</text>`;
}

const colorName = (code: number | undefined): string | undefined => (code === undefined ? undefined : `c${code}`);

/** The classes of what is written, and of the rectangle behind it, if there is one. */
function classesOf({bold, dim, underlined, inverse, color, background}: Style): {name: string; behind: string} {
	const [front, back] = [colorName(color), colorName(background)];
	const names = [bold && 'bold', dim && 'dim', underlined && 'underlined', inverse ? (back ?? 'window') : front];
	return {name: names.filter(Boolean).join(' '), behind: (inverse ? (front ?? 'front') : back) ?? ''};
}

const classed = (name: string): string => (name === '' ? '' : ` class="${name}"`);

function drawLine(spans: readonly Span[], row: number): string {
	let column = 0;
	let made = '';
	for (const {text, style} of spans) {
		const {name, behind} = classesOf(style);
		const cells = width(text);
		if (behind !== '') made += rectangle(classed(behind), leftOf(column), topOf(row), cells * cell.width, cell.height);
		for (const piece of piecesOf(text, column)) made += drawPiece(piece, row, classed(name));
		column += cells;
	}
	return made;
}

/** The rules for one of the two backgrounds, of the colors that are used. */
const colors = ({text, window, edge, ansi}: Palette, used: (name: string) => boolean): string =>
	[
		`svg{fill:${text}}.window{fill:${window}}.edge{stroke:${edge};shape-rendering:auto}.button{fill:${edge}}`,
		used('front') ? `.front{fill:${text}}` : '',
		...Object.entries(ansi).map(([code, color]) => (used(`c${code}`) ? `.c${code}{fill:${color}}` : '')),
	].join('');

/**
 * Lines with their styles (SGR: 16 colors, bold, dim, underlined, inverse) as a window, light or dark as whoever looks at it has it.
 * The same lines give the same picture; nothing is loaded, and any font does.
 */
export function picture(lines: readonly string[]): string {
	const spans = spansOf(lines);
	const columns = Math.max(...spans.map(line => line.reduce((sum, {text}) => sum + width(text), 0)));
	const [across, down] = [2 * margin.x + columns * cell.width, margin.top + lines.length * cell.height + margin.bottom];
	const drawings = spans.map(drawLine).filter(line => line !== '');
	const used = (name: string) => drawings.some(line => new RegExp(`class="[^"]*\\b${name}\\b`).test(line));
	return `${[
		`<svg xmlns="http://www.w3.org/2000/svg" width="${across}" height="${down}" viewBox="0 0 ${across} ${down}">`,
		'<title>A screen of fetchtop</title>',
		`<style>text{font:${cell.font}px ${fonts}}rect{shape-rendering:crispEdges}.bold{font-weight:bold}.dim{fill-opacity:${dim}}.underlined{text-decoration:underline}`,
		`${colors(palettes.light, used)}@media(prefers-color-scheme:dark){${colors(palettes.dark, used)}}</style>`,
		`<rect class="window edge" x=".5" y=".5" width="${across - 1}" height="${down - 1}" rx="8"/>`,
		...[0, 1, 2].map(button => `<circle class="button" cx="${18 + 18 * button}" cy="18" r="5.5"/>`),
		...drawings,
		'</svg>',
	].join('\n')}\n`;
}

if (import.meta.main) {
	const lines = (await readAll(process.stdin)).trimEnd().split(/\r?\n/);
	process.stdout.write(picture(lines));
}
