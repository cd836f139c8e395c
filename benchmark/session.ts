import {type ChildProcess, spawn} from 'node:child_process';
import {readFileSync, readlinkSync} from 'node:fs';
import xterm from '@xterm/headless';
import {end, exited, start, terminal} from './measure.ts';

/** Milliseconds until something that is to be seen counts as not coming. */
const deadline = 10_000;
/** Of user and system time in `/proc/PID/stat`: what sysconf(_SC_CLK_TCK) says on every Linux. */
const ticksPerSecond = 100;
/** Each frame begins with it (synchronized output), whoever writes it. */
const frameStart = '\u001b[?2026h';

/** What a program in a terminal has done until now. */
export type Reading = {at: number; cpu: number; frames: number; bytes: number};

/** The program in a pseudo-terminal of 120 × 40, the screen of which can be read. */
export class Session {
	readonly #child: ChildProcess;
	readonly #ended: Promise<number>;
	readonly #emulator = new xterm.Terminal({cols: 120, rows: 40, allowProposedApi: true});
	readonly #watchers = new Set<() => void>();
	#frames = 0;
	#bytes = 0;
	#tail = '';

	constructor(command: readonly string[]) {
		this.#child = start(terminal(command), ['pipe', 'pipe', 'ignore']);
		this.#ended = exited(this.#child);
		this.#child.stdin?.on('error', () => {});
		this.#child.stdout?.setEncoding('latin1');
		this.#child.stdout?.on('data', (chunk: string) => this.#take(chunk));
	}

	type(keys: string): void {
		this.#child.stdin?.write(keys);
	}

	get lines(): string[] {
		const {active} = this.#emulator.buffer;
		return Array.from({length: this.#emulator.rows}, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
	}

	/** Resolves when it is so; looked at whenever something was written. */
	until(holds: () => boolean, what: string): Promise<void> {
		return new Promise((resolve, reject) => {
			const late = setTimeout(() => {
				this.#watchers.delete(look);
				reject(new Error(`${what} was not seen within ${deadline} ms:\n${this.lines.join('\n')}`));
			}, deadline);
			const look = () => {
				if (!holds()) return;
				clearTimeout(late);
				this.#watchers.delete(look);
				resolve();
			};
			this.#watchers.add(look);
			look();
		});
	}

	shows(text: string): Promise<void> {
		return this.until(() => this.lines.some(line => line.includes(text)), text);
	}

	read(): Reading {
		// What is between the parentheses, the name, may have blanks in it; user and system time are fields 14 and 15.
		const stat = readFileSync(`/proc/${this.#pid}/stat`, 'utf8')
			.replace(/^.*\) /s, '')
			.split(' ');
		const cpu = (Number(stat[11]) + Number(stat[12])) / ticksPerSecond;
		return {at: performance.now() / 1000, cpu, frames: this.#frames, bytes: this.#bytes};
	}

	/** As a window that is dragged: so many sizes, one every few milliseconds, and then the first one again. */
	async resize(times: number): Promise<void> {
		const script = `i=0; while [ $i -lt ${times} ]; do i=$((i+1)); stty -F $0 cols $((80 + i * 7 % 60)) rows $((20 + i % 30)); sleep 0.002; done; stty -F $0 cols 120 rows 40`;
		await exited(spawn('sh', ['-c', script, readlinkSync(`/proc/${this.#pid}/fd/0`)], {stdio: 'ignore'}));
	}

	async close(): Promise<void> {
		end(this.#child);
		await this.#ended;
		this.#emulator.dispose();
	}

	/** The program itself: the one child of `script`, whose shell has become it. */
	get #pid(): number {
		const {pid} = this.#child;
		return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
	}

	#take(chunk: string): void {
		this.#bytes += chunk.length;
		const text = this.#tail + chunk;
		this.#frames += text.split(frameStart).length - 1;
		this.#tail = text.slice(1 - frameStart.length);
		this.#emulator.write(Buffer.from(chunk, 'latin1'), () => {
			for (const look of this.#watchers) look();
		});
	}
}
