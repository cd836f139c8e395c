import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();
const ascii = /^[\x20-\x7e]*$/;

/** What a reader takes for one character each (UAX #29). */
export const graphemesOf = (text: string): string[] => Array.from(segmenter.segment(text), ({segment}) => segment);

/** Terminal cells a text takes: 2 for CJK and emoji, 0 for what combines. Text without control characters only. */
export const width = (text: string): number => (ascii.test(text) ? text.length : stringWidth(text));

/** Exactly `cells` wide: cut with an ellipsis, or padded. Most text is ASCII, and takes the short way. */
export function fit(text: string, cells: number, align: 'left' | 'right' = 'left', ellipsis?: string): string {
	if (cells <= 0) return '';
	const short = truncate(text, cells, ellipsis);
	const padding = ' '.repeat(Math.max(0, cells - width(short)));
	return align === 'left' ? short + padding : padding + short;
}

/**
 * At most `cells` wide, with an ellipsis when something was cut. Cut between graphemes and measured by the one function that
 * measures everything: cli-truncate counts some Thai and flag sequences differently, which pushed rows over the edge.
 */
export function truncate(text: string, cells: number, ellipsis = '…'): string {
	if (cells <= 0) return '';
	const room = cells - ellipsis.length;
	if (ascii.test(text))
		return text.length <= cells ? text : text.slice(0, Math.max(0, room)) + ellipsis.slice(0, cells);
	if (width(text) <= cells) return text;
	let kept = '';
	for (const {segment} of segmenter.segment(text)) {
		if (width(kept + segment + ellipsis) > cells) break;
		kept += segment;
	}
	return kept + ellipsis.slice(0, cells);
}

/** The whole text in lines of at most `cells`, at least one: cut where words end, and longer words wherever a line is full. */
export function wrap(text: string, cells: number): string[] {
	const room = Math.max(2, cells);
	if (width(text) <= room) return [text];
	const lines = [''];
	for (const {segment} of segmenter.segment(text)) {
		const line = lines.at(-1) ?? '';
		if (width(line + segment) <= room) {
			lines[lines.length - 1] = line + segment;
			continue;
		}
		const end = segment === ' ' ? line.length : line.lastIndexOf(' ');
		const rest = line.slice(end + 1) + (segment === ' ' ? '' : segment);
		if (end > 0 && width(rest) <= room) lines.splice(-1, 1, line.slice(0, end), rest);
		else lines.push(segment);
	}
	return lines;
}
