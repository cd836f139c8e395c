import type {ReadStream, WriteStream} from 'node:tty';
import {type Instance, render} from 'ink';
import type {Frame, Size} from '../drawing/frame.ts';
import {Keyboard, type KeyboardProps} from './keyboard.tsx';
import {Painter} from './painter.ts';
import {Spoken} from './spoken.tsx';

export type DisplayOptions = {
	stdin: ReadStream;
	stdout: WriteStream;
	/** Frames are lines that are written below each other, for a screen reader. */
	spoken: boolean;
};

type Handlers = Omit<KeyboardProps, 'onReady'> & {onResize(): void; onError(error: unknown): void};

/**
 * The terminal. Ink takes it (its other screen, its keys, no cursor) and sees to it that it is given back, however the process ends.
 * Frames are not Ink's to paint, see `painter.ts`.
 */
export class Display {
	readonly #options: DisplayOptions;
	readonly #painter = new Painter(text => this.write(text));
	#keyboard: KeyboardProps | undefined;
	#instance: Instance | undefined;
	#suspend: ((callback: () => Promise<void>) => Promise<void>) | undefined;
	#isAway = false;
	#isResized = false;
	#forget = () => {};

	constructor(options: DisplayOptions) {
		this.#options = options;
	}

	open({onResize, onError, ...keys}: Handlers): void {
		const {stdin, stdout, spoken} = this.#options;
		const onReady: KeyboardProps['onReady'] = suspend => {
			this.#suspend = suspend;
		};
		this.#keyboard = {...keys, onReady};
		const options = {stdin, stdout, exitOnCtrlC: false, interactive: true};
		const before = stdout.listeners('resize');
		this.#instance = render(this.#tree([]), {...options, alternateScreen: !spoken, isScreenReaderEnabled: spoken});
		this.#instance.waitUntilExit().catch(onError);
		if (spoken) return;
		// Ink's own would erase lines that it believes to have written, from wherever the cursor is.
		for (const listener of stdout.listeners('resize'))
			if (!before.includes(listener)) stdout.off('resize', listener as () => void);
		const resize = () => {
			this.#isResized = true;
			onResize();
		};
		stdout.on('resize', resize);
		// A window that was smaller for a moment is no news to Node when the size is what it was; the terminal has cut its lines all the same.
		process.on('SIGWINCH', resize);
		this.#forget = () => {
			stdout.off('resize', resize);
			process.off('SIGWINCH', resize);
		};
	}

	async close(): Promise<void> {
		this.#forget();
		this.#instance?.unmount();
		await this.#instance?.waitUntilExit().catch(() => undefined);
	}

	get size(): Size {
		const {columns, rows} = this.#options.stdout;
		return {columns: columns || 80, rows: rows || 24};
	}

	/** The window has another size than the last frame. */
	get isResized(): boolean {
		return this.#isResized;
	}

	write(text: string): void {
		this.#options.stdout.write(text);
	}

	show({lines}: Frame): void {
		if (this.#options.spoken) return this.#instance?.rerender(this.#tree(lines));
		if (this.#isAway) return;
		// Terminals differ in what they keep of a screen of another size.
		if (this.#isResized) this.#painter.forget();
		this.#isResized = false;
		this.#painter.paint(lines, this.size);
	}

	/** The next frame is painted on an empty screen. */
	clear(): void {
		this.#painter.forget();
	}

	/** Leaves the terminal to somebody else for a while; whoever asks again meanwhile is not heard. */
	async giveAway(until: () => Promise<void>): Promise<void> {
		if (this.#isAway) return;
		this.#isAway = true;
		await this.#suspend?.(until).catch(() => undefined);
		this.#isAway = false;
		this.#painter.forget();
	}

	#tree(lines: readonly string[]) {
		return (
			<>
				{this.#keyboard && <Keyboard {...this.#keyboard} />}
				{this.#options.spoken && <Spoken lines={lines} />}
			</>
		);
	}
}
