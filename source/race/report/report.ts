import {plural} from '../../format/number.ts';
import {wrap} from '../../format/width.ts';
import {chartLines} from './chart.ts';
import {type Figures, figuresOf, type Outcome} from './figures.ts';
import {reasonsOf} from './reasons.ts';
import {remarksOf} from './remarks.ts';
import {tableLines} from './table.ts';
import {inAscii} from './wording.ts';

export {reportData} from './data.ts';
export type {Left, Outcome} from './figures.ts';

export type Paper = {columns: number; ascii: boolean};

/** What a person reads when a race is over: who was how fast, at what price, and why. Plain text, and no line as wide as the terminal. */
export function reportLines(outcome: Outcome, paper: Paper): string[] {
	const figures = figuresOf(outcome);
	const remarks = paragraphs(remarksOf(figures), '', paper);
	if (figures.standings.length === 0) return ['No model has finished a round.', ...remarks];
	const reasons = paragraphs(reasonsOf(figures), '- ', paper);
	const blocks = [
		[...paragraphs([heading(figures)], '', paper), ...chartLines(figures.standings, paper)],
		tableLines(figures.standings, paper),
		reasons.length > 0 ? ['Why:', ...reasons] : [],
		remarks,
	];
	return blocks.filter(block => block.length > 0).flatMap((block, index) => (index > 0 ? ['', ...block] : block));
}

/** `Wall time of 40 pages, 20 at once, on 2 cores; medians of 3 rounds` */
function heading({tasks, limit, cores, rounds, work, concurrent}: Figures): string {
	const pages = `Wall time of ${plural(tasks, 'page')}${work === undefined ? '' : ` (${work})`}`;
	const atOnce = concurrent.length > 0 ? `, ${limit} at once` : '';
	return `${pages}${atOnce}, on ${plural(cores, 'core')}; ${rounds > 1 ? `medians of ${rounds} rounds` : 'one round'}`;
}

/** Each in lines of its own, the later ones as far in as the first one's text. */
const paragraphs = (texts: readonly string[], bullet: string, {columns, ascii}: Paper): string[] =>
	texts.flatMap(text =>
		wrap(bound(ascii ? inAscii(text) : text), columns - 1 - bullet.length).map(
			(line, index) => (index === 0 ? bullet : ' '.repeat(bullet.length)) + line.replaceAll(noBreak, ' ').trimEnd(),
		),
	);

const noBreak = '\u00a0';

/** So that no figure is torn from its unit. */
const bound = (text: string): string => text.replace(/(?<=\d) (?=(?:[kMGTP]?B|m?s|min|%)(?![a-z]))/g, noBreak);
