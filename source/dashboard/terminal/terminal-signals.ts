import type {ReadonlyStore} from '../../engine/store.ts';
import {rate} from '../../format/bytes.ts';
import {count} from '../../format/number.ts';
import {osc} from '../../format/osc.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Milliseconds between two titles: it is read in a list of windows, out of the corner of the eye. */
const titleTime = 1_000;
/** Ghostty takes a progress bar away that nobody has renewed for 15 s: whoever set it may have crashed. */
const renewalTime = 5_000;

const pushTitle = '\u001b[22;2t';
const popTitle = '\u001b[23;2t';
const noProgress = '0';

/** The Linux console has no title, and what is no terminal at all would show one. Windows has no TERM. */
export const hasTitle = ({TERM, WT_SESSION, ConEmuANSI}: Env): boolean =>
	TERM ? TERM !== 'dumb' && TERM !== 'linux' : Boolean(WT_SESSION) || ConEmuANSI === 'ON';

/**
 * Terminals that are known to show progress. All others are not told: iTerm2 before 3.6.6, and those that followed it, take OSC 9 for
 * the text of a notification, one each second. Inside tmux and screen the variables are those of whichever terminal started them.
 */
export function hasProgress(env: Env): boolean {
	const {TERM = '', TERM_PROGRAM, TERM_PROGRAM_VERSION = '', VTE_VERSION} = env;
	if (env.TMUX || env.STY || !hasTitle(env)) return false;
	return (
		Boolean(env.WT_SESSION) ||
		env.ConEmuANSI === 'ON' ||
		TERM_PROGRAM === 'WezTerm' ||
		TERM_PROGRAM === 'ghostty' ||
		TERM === 'xterm-ghostty' ||
		(TERM_PROGRAM === 'iTerm.app' && isAtLeast(TERM_PROGRAM_VERSION, [3, 6, 6])) ||
		Number(VTE_VERSION) >= 8000
	);
}

function isAtLeast(version: string, least: readonly number[]): boolean {
	const parts = version.split('.').map(part => Number.parseInt(part, 10) || 0);
	const differs = least.findIndex((part, index) => parts[index] !== part);
	return differs < 0 || (parts[differs] ?? 0) > (least[differs] ?? 0);
}

/** Percent of all tasks, a running one for as much of it as is here, rounded down; undefined while nobody knows how many there are. */
export function percentOf({counts, live, run}: ReadonlyStore): number | undefined {
	const finished = counts.done + counts.skipped + counts.failed + counts.canceled;
	const all = finished + live.size;
	if (run.inputOpen || all === 0) return undefined;
	let share = finished;
	for (const {received, total} of live.values()) if (total) share += Math.min(1, received / total);
	return Math.floor((share / all) * 100);
}

/** `fetchtop 37 % · 48.2 MB/s`: what it has come to first, because a list of windows shows the beginning only. */
export function titleOf(store: ReadonlyStore, bytesPerSecond: number, dot = '·'): string {
	const {run, counts} = store;
	const percent = percentOf(store);
	const failed = counts.failed > 0 ? ` ${dot} ${count(counts.failed)} failed` : '';
	if (run.state === 'ended') return `fetchtop ended${failed}`;
	const far = percent === undefined ? `${count(counts.done)} done` : `${percent} %`;
	return `fetchtop ${far} ${dot} ${run.state === 'running' ? rate(bytesPerSecond) : run.state}`;
}

/** State and percent as ConEmu defined them: 1 is progress, 2 an error, 3 unknown progress, 4 a pause. */
export function progressOf(store: ReadonlyStore): string {
	const {run, counts} = store;
	if (run.state === 'ended') return counts.failed > 0 ? '2;100' : noProgress;
	const percent = percentOf(store);
	if (run.state === 'paused') return percent === undefined ? '4' : `4;${percent}`;
	return percent === undefined ? '3' : `1;${percent}`;
}

/** What the terminal's own window shows of the run: its title, and in some a progress bar. Both are as before when it is closed. */
export class TerminalSignals {
	readonly #write: (text: string) => unknown;
	readonly #dot: string;
	readonly #hasTitle: boolean;
	readonly #hasProgress: boolean;
	#isOpen = false;
	#title = '';
	#progress = noProgress;
	#toldAt = Number.NEGATIVE_INFINITY;
	#renewedAt = Number.NEGATIVE_INFINITY;
	#received = 0;

	constructor(write: (text: string) => unknown, env: Env, ascii: boolean) {
		this.#write = write;
		this.#dot = ascii ? '-' : '·';
		this.#hasTitle = hasTitle(env);
		this.#hasProgress = hasProgress(env);
	}

	open(): void {
		if (this.#isOpen || !this.#hasTitle) return;
		this.#isOpen = true;
		this.#write(pushTitle);
		// The second signal ends the process without asking anybody.
		process.once('exit', this.#onExit);
	}

	/** Tells what has changed, between two frames; to be called as often as one likes. */
	follow(store: ReadonlyStore, now: number): void {
		this.tell(now, passed => {
			const speed = Number.isFinite(passed) ? Math.max(0, store.received - this.#received) / (passed / 1000) : 0;
			this.#received = store.received;
			return {title: titleOf(store, speed, this.#dot), progress: progressOf(store)};
		});
	}

	/** @param make what there is to tell, so many milliseconds after the last time; asked only when that is due */
	tell(now: number, make: (passed: number) => {title: string; progress: string}): void {
		const passed = now - this.#toldAt;
		if (!this.#isOpen || passed < titleTime) return;
		const {title, progress} = make(passed);
		this.#toldAt = now;
		this.#setTitle(title);
		if (this.#hasProgress) this.#setProgress(progress, now);
	}

	close(): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		process.off('exit', this.#onExit);
		this.#write(`${this.#progress === noProgress ? '' : osc(9, 4, noProgress)}${popTitle}`);
		this.#progress = noProgress;
		this.#title = '';
		this.#toldAt = Number.NEGATIVE_INFINITY;
	}

	/** While something else has the terminal. */
	async aside(during: () => Promise<void>): Promise<void> {
		this.close();
		await during();
		this.open();
	}

	readonly #onExit = (): void => this.close();

	#setTitle(title: string): void {
		if (title === this.#title) return;
		this.#title = title;
		this.#write(osc(2, title));
	}

	#setProgress(progress: string, now: number): void {
		const isStale = /^[13]/.test(progress) && now - this.#renewedAt >= renewalTime;
		if (progress === this.#progress && !isStale) return;
		this.#progress = progress;
		this.#renewedAt = now;
		this.#write(osc(9, 4, ...progress.split(';')));
	}
}
