import assert from 'node:assert/strict';
import {EventEmitter} from 'node:events';
import type {TestContext} from 'node:test';
import type {ReadStream, WriteStream} from 'node:tty';
import {raceFrame} from '../../source/dashboard/race/frame.ts';
import {type RaceOptions, raceScreen} from '../../source/dashboard/race/index.ts';
import type {RaceScene} from '../../source/dashboard/race/scene.ts';
import type {AnyRace, Lane, RaceCommand, RaceEvent, RaceState, RaceStore} from '../../source/race/seams.ts';
import {patience, turn} from './engine.ts';

/** A race in which nothing happens by itself: it notes commands, and sets limits as a real one does. */
export class FakeRace implements AnyRace {
	readonly store: RaceStore;
	readonly commands: RaceCommand[] = [];
	readonly #listeners = new Set<(event: RaceEvent) => void>();

	constructor(store: RaceStore) {
		this.store = store;
	}

	subscribe(listener: (event: RaceEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	get listeners(): number {
		return this.#listeners.size;
	}

	dispatch(command: RaceCommand): void {
		this.commands.push(command);
		if (command.type !== 'set-limit') return;
		for (const lane of this.store.lanes)
			if (lane.model === command.model || (command.model === 'all' && lane.model !== 'serial'))
				lane.limit = command.value;
		this.store.version++;
	}

	/** Makes another lane the one that runs. */
	run(lane?: Lane): Promise<void> {
		this.store.current = lane;
		this.store.version++;
		return Promise.resolve();
	}

	end(state: Exclude<RaceState, 'running'>): void {
		this.store.state = state;
		this.store.current = undefined;
		this.store.version++;
		this.emit({type: 'ended', state});
	}

	emit(event: RaceEvent): void {
		for (const listener of this.#listeners) listener(event);
	}
}

/** As much of a terminal's input as Ink asks for. */
class Keys extends EventEmitter {
	readonly isTTY = true;
	#data: string | null = null;
	isRaw = false;

	type(text: string): void {
		this.#data = text;
		this.emit('readable');
	}

	read(): string | null {
		const data = this.#data;
		this.#data = null;
		return data;
	}

	setRawMode(isRaw: boolean): this {
		this.isRaw = isRaw;
		return this;
	}

	setEncoding(): void {}
	resume(): void {}
	pause(): void {}
	ref(): void {}
	unref(): void {}
}

class Paper extends EventEmitter {
	readonly isTTY = true;
	columns = 80;
	rows = 24;
	written = '';

	write(text: string, ...rest: unknown[]): boolean {
		this.written += text;
		const done = rest.at(-1);
		if (typeof done === 'function') done();
		return true;
	}
}

/** What a key is called, in the bytes that a terminal sends for it. */
const named: Readonly<Record<string, string>> = {
	up: '\u001b[A',
	down: '\u001b[B',
	pageup: '\u001b[5~',
	pagedown: '\u001b[6~',
	home: '\u001b[H',
	end: '\u001b[F',
	escape: '\u001b',
};

export const bytesOf = (key: string): string =>
	named[key] ?? (key.startsWith('ctrl-') ? String.fromCharCode(key.charCodeAt(5) - 96) : key);

/** The real screen of a race, with a terminal that nobody sits at. */
export async function openRace(t: TestContext, race: FakeRace, given: Partial<RaceOptions> = {}) {
	const [keys, paper] = [new Keys(), new Paper()];
	let scene: RaceScene | undefined;
	let lines: string[] = [];
	let suspended = 0;
	const screen = raceScreen({
		stdin: keys as unknown as ReadStream,
		stdout: paper as unknown as WriteStream,
		ascii: false,
		color: false,
		exit: false,
		report: () => Array.from({length: 60}, (_, index) => `line ${index + 1} of the report`),
		draw(drawn) {
			scene = drawn;
			const shown = raceFrame(drawn);
			({lines} = shown);
			return shown;
		},
		suspend: async () => void suspended++,
		...given,
	});
	t.after(() => screen.finish());
	screen.start(race);
	let broken: unknown;
	screen.left.catch(error => {
		broken = error;
	});
	const opened = {
		...{race, screen, paper, keys},
		get scene(): RaceScene {
			return scene as RaceScene;
		},
		get text(): string {
			return lines.join('\n');
		},
		get footer(): string {
			return lines.at(-1) ?? '';
		},
		get suspended(): number {
			return suspended;
		},
		async until(holds: () => boolean, what: string): Promise<void> {
			const deadline = performance.now() + patience;
			while (!holds()) {
				if (broken && !given.draw) throw broken;
				assert.ok(performance.now() < deadline, `waited in vain until ${what}\n${lines.join('\n')}`);
				await turn();
			}
		},
		/** Presses keys, and waits for what comes of them. */
		async press(pressed: readonly string[], holds: () => boolean): Promise<void> {
			for (const key of pressed) {
				keys.type(bytesOf(key));
				await turn();
			}
			await opened.until(holds, `${pressed.join(', ')} had its effect`);
		},
	};
	// One that draws otherwise may be gone already.
	const isOpen = () => keys.listenerCount('readable') > 0 && (given.spoken === true || lines.length > 0);
	await opened.until(() => given.draw !== undefined || isOpen(), 'it is open');
	return opened;
}
