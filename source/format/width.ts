import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';

const ascii = /^[\x20-\x7e]*$/;

/** Terminal cells a text takes: 2 for CJK and emoji, 0 for what combines. Text without control characters only. */
export const width = (text: string): number => (ascii.test(text) ? text.length : stringWidth(text));

/** Exactly `cells` wide: cut with an ellipsis, or padded. Most text is ASCII, and takes the short way. */
export function fit(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
	if (cells <= 0) return '';
	const short = truncate(text, cells);
	const padding = ' '.repeat(Math.max(0, cells - width(short)));
	return align === 'left' ? short + padding : padding + short;
}

/** At most `cells` wide, with an ellipsis when something was cut. */
export function truncate(text: string, cells: number): string {
	if (cells <= 0) return '';
	if (ascii.test(text)) return text.length <= cells ? text : `${text.slice(0, cells - 1)}…`;
	return cliTruncate(text, cells);
}
