import {spawn, spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {TestContext} from 'node:test';
import xterm from '@xterm/headless';
import {patience} from './engine.ts';

const root = path.resolve(import.meta.dirname, '../..');

// Whoever runs the tests may have a config file and variables of their own.
for (const name of Object.keys(process.env)) if (/^FETCHTOP_(?!SEED|DEBUG)/.test(name)) delete process.env[name];
process.env.FETCHTOP_CONFIG = 'none';

/** Why no pseudo-terminal can be had here, if so: they come from util-linux's `script`, which every Linux has. */
export const noTerminal: string | false = /util-linux/.test(
	spawnSync('script', ['--version'], {encoding: 'utf8'}).stdout ?? '',
)
	? false
	: 'needs `script` of util-linux';

/** The command line of the built program, with the Node that runs the tests. */
export function fetchtop(args: string): string {
	const cli = path.join(root, 'dist/cli.js');
	if (!existsSync(cli)) throw new Error('dist/cli.js is missing: run `npm run build` first');
	return `${process.execPath} ${cli} ${args}`;
}

/** A program in a real pseudo-terminal, its screen read through a terminal emulator. */
export class TestTerminal {
	readonly #emulator: xterm.Terminal;
	readonly #child;
	readonly #folder: string;
	#watchers: Array<() => void> = [];
	#status: number | undefined;
	readonly exited: Promise<number>;
	/** What the program has put into the clipboard. */
	clipboard = '';
	/** Of the window, one after the other. */
	readonly titles: string[] = [];
	/** What was said by OSC 9. */
	readonly osc9: string[] = [];
	bells = 0;

	constructor(command: string, columns: number, rows: number, env: Record<string, string> = {}) {
		this.#folder = mkdtempSync(path.join(os.tmpdir(), 'fetchtop-test-'));
		this.#emulator = new xterm.Terminal({
			cols: columns,
			rows,
			allowProposedApi: true,
			windowOptions: {pushTitle: true, popTitle: true},
		});
		this.#emulator.onTitleChange(title => this.titles.push(title));
		this.#emulator.parser.registerOscHandler(9, text => this.osc9.push(text) > 0);
		this.#emulator.onBell(() => {
			this.bells++;
		});
		this.#emulator.parser.registerOscHandler(52, data => {
			this.clipboard = Buffer.from(data.slice(data.indexOf(';') + 1), 'base64').toString();
			return true;
		});
		const shell = `stty cols ${columns} rows ${rows}; tty > ${this.#file('tty')}; echo $$ > ${this.#file('pid')}; ${command}; s=$?; stty -a > ${this.#file('stty')}; exit $s`;
		const inherited = Object.fromEntries(
			Object.entries(process.env).filter(([name]) => !/^CI$|^NO_COLOR$|_proxy$/i.test(name)),
		);
		this.#child = spawn('script', ['-qfec', shell, '/dev/null'], {
			cwd: this.#folder,
			env: {
				...inherited,
				TERM: 'xterm-256color',
				TERM_PROGRAM: '',
				TMUX: '',
				STY: '',
				LC_ALL: 'C.UTF-8',
				SHELL: '/bin/sh',
				TSX_TSCONFIG_PATH: path.join(root, 'tsconfig.json'),
				...env,
			},
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		this.#child.stdout.on('data', chunk => this.#emulator.write(chunk, () => this.#look()));
		this.#child.stdin.on('error', () => {});
		this.exited = new Promise(resolve => {
			this.#child.once('close', status => {
				this.#status = status ?? -1;
				// What was written last is still on its way through the emulator.
				this.#emulator.write('', () => resolve(this.#status ?? -1));
				this.#look();
			});
		});
	}

	/** The screen as text, without trailing blanks. */
	get lines(): string[] {
		const {active} = this.#emulator.buffer;
		return Array.from(
			{length: this.#emulator.rows},
			(_, row) => active.getLine(active.viewportY + row)?.translateToString(true, 0, this.#emulator.cols) ?? '',
		);
	}

	get text(): string {
		return this.lines.join('\n');
	}

	get onAlternateScreen(): boolean {
		return this.#emulator.buffer.active.type === 'alternate';
	}

	/** Whether what is too long for a line goes on in the next one. */
	get wraps(): boolean {
		return this.#emulator.modes.wraparoundMode;
	}

	/** Terminal settings after the program: `icanon` and `echo` are on where raw mode has been left. */
	get settings(): string {
		return readFileSync(this.#file('stty'), 'utf8');
	}

	type(keys: string): void {
		this.#child.stdin.write(keys);
	}

	/** A new window size, as the person dragging the window would cause it. */
	resize(columns: number, rows: number): void {
		this.#emulator.resize(columns, rows);
		spawnSync('stty', [
			'-F',
			readFileSync(this.#file('tty'), 'utf8').trim(),
			'cols',
			String(columns),
			'rows',
			String(rows),
		]);
	}

	/** Writes onto the screen behind the program's back, as a message of the system would. */
	scribble(text: string): void {
		writeFileSync(readFileSync(this.#file('tty'), 'utf8').trim(), text);
	}

	/** Sends a signal to the program itself, the newest child of the shell. */
	signal(signal: NodeJS.Signals): void {
		const shell = readFileSync(this.#file('pid'), 'utf8').trim();
		const children = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ');
		process.kill(Number(children.at(-1)), signal);
	}

	/** Resolves as soon as it is so; looked at whenever the screen changes. */
	async until(holds: () => boolean, what: string): Promise<void> {
		const late = AbortSignal.timeout(patience);
		const expired = new Promise<void>(resolve => late.addEventListener('abort', () => resolve(), {once: true}));
		while (!holds()) {
			if (late.aborted || this.#status !== undefined) {
				if (holds()) return;
				throw new Error(
					`${what}: not seen${this.#status === undefined ? ` within ${patience} ms` : `, ended with ${this.#status}`}\n${this.text}`,
				);
			}
			await Promise.race([expired, new Promise<void>(resolve => this.#watchers.push(resolve))]);
		}
	}

	shows(text: string | RegExp): Promise<void> {
		const holds = typeof text === 'string' ? () => this.text.includes(text) : () => text.test(this.text);
		return this.until(holds, String(text));
	}

	/** The window is closed: the program loses its terminal. */
	hangUp(): void {
		this.#child.kill('SIGKILL');
	}

	close(): void {
		if (this.#status === undefined) this.#child.kill('SIGKILL');
		this.#emulator.dispose();
		rmSync(this.#folder, {recursive: true, force: true});
	}

	/** A file of this test's own folder, which is also where the program runs. */
	#file(name: string): string {
		return path.join(this.#folder, name);
	}

	read(name: string): string {
		return readFileSync(this.#file(name), 'utf8');
	}

	#look(): void {
		for (const resolve of this.#watchers.splice(0)) resolve();
	}
}

/** A terminal that is gone after the test. */
export function openTerminal(
	t: TestContext,
	command: string,
	columns = 100,
	rows = 24,
	env: Record<string, string> = {},
): TestTerminal {
	const terminal = new TestTerminal(command, columns, rows, env);
	t.after(() => terminal.close());
	return terminal;
}
