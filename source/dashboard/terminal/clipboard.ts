import {count} from '../../format/number.ts';
import {osc} from '../../format/osc.ts';
import type {Program} from './launch.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Bytes: in base64 and with its frame that is less than 100,000, the least limit of terminals that have one (hterm). */
const mostBytes = 74_991;
/** Characters of one device control string that GNU screen takes. */
const longestString = 512;

/** How a text gets into the clipboard: something to be written to the terminal, or a program that is given it. */
export type Copying = {write: string} | {run: Program; input: string};

/**
 * The clipboard of the machine that the person sits at, which OSC 52 reaches through ssh too; a sentence if it cannot be. Whether it
 * arrived nobody tells: a terminal may have it switched off.
 */
export function copying(text: string, env: Env): Copying | string {
	const bytes = Buffer.from(text);
	if (bytes.length > mostBytes) return `too long to be copied: terminals take ${count(mostBytes)} bytes`;
	// As it comes, tmux takes no OSC 52 from programs inside (`set-clipboard external`), but sends its own for its own command.
	if (env.TMUX) return {run: {command: 'tmux', args: ['load-buffer', '-w', '-']}, input: text};
	const base64 = bytes.toString('base64');
	return {write: env.STY ? throughScreen(`\u001b]52;c;${base64}\u0007`) : osc(52, 'c', base64)};
}

/** GNU screen passes on what is in device control strings, and puts several together again on the other side. */
function throughScreen(sequence: string): string {
	const pieces = sequence.match(new RegExp(`.{1,${longestString}}`, 'gs')) ?? [];
	return pieces.map(piece => `\u001bP${piece}\u001b\\`).join('');
}
