import {Chalk} from 'chalk';
import type {State} from '../engine/task.ts';

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
	},
} as const;

const spelled: Readonly<Record<string, string>> = {'↑↓': 'Up/Down', '↑': 'Up', '↓': 'Down', '⏎': 'Enter'};

/** The 16 colors a terminal's own theme defines, so that light and dark backgrounds both work. */
export function createTheme(options: {ascii: boolean; color: boolean}): Theme {
	const chalk = new Chalk({level: options.color ? 1 : 0});
	const plain: Paint = text => text;
	return {
		ascii: options.ascii,
		...(options.ascii ? ascii : unicode),
		state: {
			queued: plain,
			connecting: chalk.cyan,
			receiving: chalk.cyan,
			extracting: chalk.cyan,
			waiting: chalk.yellow,
			paused: chalk.yellow,
			done: chalk.green,
			failed: chalk.red,
			canceled: chalk.gray,
			skipped: chalk.gray,
		},
		spell: options.ascii ? text => text.replace(/↑↓|[^\x20-\x7e]/gu, character => spelled[character] ?? '?') : plain,
		strong: options.color ? chalk.bold : plain,
		faint: options.color ? chalk.gray : plain,
		alert: options.color ? chalk.yellow : plain,
		selected: options.color ? chalk.inverse : plain,
	};
}
