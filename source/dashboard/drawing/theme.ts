import {Chalk} from 'chalk';
import type {State} from '../../engine/task.ts';

type Paint = (text: string) => string;

/** Everything about looks. State is always a glyph and a word; color only repeats it. */
export type Theme = {
	ascii: boolean;
	glyphs: Readonly<Record<State, string>>;
	spinner: readonly string[];
	signs: {
		selected: string;
		up: string;
		down: string;
		running: string;
		paused: string;
		rule: string;
		dot: string;
		arrow: string;
		frozen: string;
		ellipsis: string;
		cursor: string;
		open: string;
		closed: string;
		times: string;
		/** In the place of a number that nobody knows. */
		none: string;
		minus: string;
		/** Below the column where something was changed, left and right of what is said of it. */
		mark: readonly [string, string];
		/** Where a limit is that was not reached. */
		level: string;
		/** On a column that is higher than its graph. */
		above: string;
	};
	state: Readonly<Record<State, Paint>>;
	/** Text of our own without the characters that ASCII lacks, when it has to be. */
	spell: Paint;
	strong: Paint;
	faint: Paint;
	alert: Paint;
	selected: Paint;
};

const unicode = {
	glyphs: {
		queued: '·',
		connecting: '⠿',
		receiving: '⠿',
		extracting: '⠿',
		waiting: '◷',
		paused: '‖',
		done: '✔',
		failed: '✖',
		canceled: '⊘',
		skipped: '↷',
	},
	spinner: [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'],
	signs: {
		selected: '▶',
		up: '↑',
		down: '↓',
		running: '▸',
		paused: '‖',
		rule: '─',
		dot: '·',
		arrow: '→',
		frozen: '❄',
		ellipsis: '…',
		cursor: '▏',
		open: '▾',
		closed: '▸',
		times: '×',
		none: '–',
		minus: '−',
		mark: ['╰', '╯'],
		level: '┄',
		above: '↑',
	},
} as const;

const ascii = {
	glyphs: {
		queued: '.',
		connecting: '*',
		receiving: '*',
		extracting: '*',
		waiting: '~',
		paused: '=',
		done: '+',
		failed: '!',
		canceled: 'x',
		skipped: '>',
	},
	spinner: [...'|/-\\'],
	signs: {
		selected: '>',
		up: '^',
		down: 'v',
		running: '>',
		paused: '=',
		rule: '-',
		dot: '-',
		arrow: '->',
		frozen: '#',
		ellipsis: '~',
		cursor: '_',
		open: 'v',
		closed: '>',
		times: 'x',
		none: '-',
		minus: '-',
		mark: ['^', '^'],
		level: '-',
		above: '^',
	},
} as const;

const spelled: Readonly<Record<string, string>> = {'…': '~', '↑↓': 'Up/Down', '↑': 'Up', '↓': 'Down', '⏎': 'Enter'};

/** The one code ends both bold and dim: what was bold around something dim goes on being bold. */
const again = (paint: Paint): Paint => {
	const [open = '', close = ''] = paint('\0').split('\0');
	return text => open + text.replaceAll(close, close + open) + close;
};

/**
 * Of the 16 colors that a terminal's own theme defines, those that can be read on black, on white and on Solarized, without asking
 * which it is (the answer may come when we are gone, and is typed into the shell). What has to be looked at is in bright red or
 * bright magenta: the darker ones are lost on black (Windows' magenta has a contrast of 2.4, the console's red 2.7). What moves is
 * green (pale on white, but nothing else spins), and all else is as the person's own text. Not gray, which is Solarized's background;
 * not yellow and cyan, which nobody sees on white; not blue, which nobody sees on black; and no word is dim that tells a state.
 */
export function createTheme(options: {ascii: boolean; color: boolean}): Theme {
	const chalk = new Chalk({level: options.color ? 1 : 0});
	const plain: Paint = text => text;
	const strong = options.color ? again(chalk.bold) : plain;
	return {
		ascii: options.ascii,
		...(options.ascii ? ascii : unicode),
		state: {
			queued: plain,
			connecting: chalk.green,
			receiving: chalk.green,
			extracting: chalk.green,
			waiting: chalk.magentaBright,
			paused: chalk.magentaBright,
			done: plain,
			failed: chalk.bold.redBright,
			canceled: plain,
			skipped: plain,
		},
		spell: options.ascii ? text => text.replace(/↑↓|[^\x20-\x7e]/gu, character => spelled[character] ?? '?') : plain,
		strong,
		faint: chalk.dim,
		alert: chalk.magentaBright,
		selected: chalk.inverse,
	};
}
