import type {ReadStream, WriteStream} from 'node:tty';
import type {Key} from 'ink';
import {type Handlers, handle} from '../../engine/handlers.ts';
import {systemClock} from '../../engine/seams.ts';
import type {AnyRace, RaceEvent} from '../../race/seams.ts';
import type {Frame} from '../drawing/frame.ts';
import {createTheme} from '../drawing/theme.ts';
import type {ProgramAction} from '../keys/actions.ts';
import {KeyQueue} from '../keys/key-queue.ts';
import {keysOf} from '../keys/keymap.ts';
import {Display} from '../terminal/display.tsx';
import {stopProcess} from '../terminal/suspend.ts';
import {TerminalSignals} from '../terminal/terminal-signals.ts';
import type {RaceAction} from './acts.ts';
import {shareOf} from './figures.ts';
import {raceContextOf, raceFrame} from './frame.ts';
import {raceKeymap} from './keymap.ts';
import type {RaceReport, RaceScene} from './scene.ts';
import {RaceSpeech} from './speech.ts';
import {initialRaceView, type RaceView, reduceRace} from './view.ts';

export type RaceScreenOptions = {
	stdin: ReadStream;
	stdout: WriteStream;
	ascii: boolean;
	color: boolean;
	/** Leave when the race ends. */
	exit: boolean;
	/** For a screen reader. */
	spoken?: boolean;
	/** What is shown below the lanes when all is over. */
	report: RaceReport;
	/** How a scene becomes lines; tests look at it, and break it. */
	draw?: (scene: RaceScene) => Frame;
	/** How the process stops for Ctrl-Z, until it goes on. */
	suspend?: () => Promise<void>;
};

/** Milliseconds between frames while something moves. */
const frameTime = 100;
/** The next frame waits this many times as long as the last one took, so that the screen takes nothing from what it measures. */
const restFactor = 9;
const noticeTime = 4_000;

/** The terminal of a race: what is drawn on it when, and what is done for its keys. */
export class RaceScreen {
	readonly #race: AnyRace;
	readonly #options: RaceScreenOptions;
	readonly #leave: () => void;
	readonly #fail: (error: unknown) => void;
	readonly #theme;
	readonly #signals;
	readonly #speech: RaceSpeech | undefined;
	readonly #display;
	readonly #report: RaceReport;
	readonly #clock = systemClock;
	readonly #keys = new KeyQueue(
		systemClock,
		async key => this.#press(key),
		() => this.#draw(),
	);
	readonly #begunAt = systemClock.now();
	#endedAt: number | undefined;
	/** Lanes that have come to their end, in all rounds. */
	#over = 0;
	#view: RaceView = initialRaceView;
	#noticeUntil = 0;
	#shown: Frame = {lines: []};
	#drawnVersion = -1;
	#timer: (() => void) | undefined;
	#unsubscribe = () => {};
	/** Leaving was asked for once; asked again, it is done at once. */
	#leaving = false;
	#closed = false;

	constructor(race: AnyRace, options: RaceScreenOptions, leave: () => void, fail: (error: unknown) => void) {
		this.#race = race;
		this.#options = options;
		this.#leave = leave;
		this.#fail = fail;
		const {ascii, spoken} = options;
		this.#speech = spoken ? new RaceSpeech() : undefined;
		this.#theme = createTheme(options);
		this.#display = new Display({...options, spoken: this.#speech !== undefined});
		this.#report = once(options.report);
		// A title that changes would be one more voice.
		this.#signals = new TerminalSignals(text => this.#display.write(text), spoken ? {} : process.env, ascii);
	}

	open(): void {
		this.#signals.open();
		this.#unsubscribe = this.#race.subscribe(this.#onEvent);
		const [onKey, onResize, onError] = [this.#onKey, this.#onResize, this.#onError];
		this.#display.open({onKey, onPaste: () => {}, onResize, onError});
		this.#tick();
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		this.#timer?.();
		this.#unsubscribe();
		this.#signals.close();
		await this.#display.close();
	}

	/** Says it in the footer, at once. */
	notice(text: string): void {
		this.#say(text);
		this.#draw();
	}

	/** Draws if there is something new, and comes back when there may be more. */
	#tick(): void {
		if (this.#closed) return;
		const startedAt = performance.now();
		if (this.#isStale()) this.#draw();
		this.#signals.tell(this.#clock.now(), () => this.#signal());
		this.#tickIn(Math.max(frameTime, (performance.now() - startedAt) * restFactor));
	}

	#tickIn(milliseconds: number): void {
		this.#timer?.();
		this.#timer = this.#closed ? undefined : this.#clock.timer(milliseconds, () => this.#tick());
	}

	/** Whether a new frame would look different. Where a lane runs a clock does, with two digits behind its seconds. */
	#isStale(): boolean {
		const {store} = this.#race;
		if (this.#view.notice !== undefined && this.#noticeUntil <= this.#clock.now()) {
			this.#view = {...this.#view, notice: undefined};
			return true;
		}
		if (this.#display.isResized || this.#speech?.isWaiting) return true;
		return store.version !== this.#drawnVersion || store.state === 'running';
	}

	#draw(): void {
		if (this.#closed) return;
		try {
			const scene = this.#scene();
			this.#drawnVersion = scene.store.version;
			const shown = this.#speech?.follow(scene) ?? (this.#options.draw ?? raceFrame)(scene);
			if (this.#speech && shown === this.#shown) return;
			this.#shown = shown;
			this.#display.show(shown);
		} catch (error) {
			this.#onError(error);
		}
	}

	#scene(): RaceScene {
		const {store} = this.#race;
		const now = this.#clock.now();
		this.#endedAt = store.state === 'running' ? undefined : (this.#endedAt ?? now);
		return {
			...{store, now, view: this.#view, theme: this.#theme, keymap: raceKeymap, report: this.#report},
			...{size: this.#display.size, begunAt: this.#begunAt, endedAt: this.#endedAt, over: this.#over},
		};
	}

	readonly #onEvent = (event: RaceEvent): void => {
		if (event.type === 'lane-finished' || event.type === 'lane-left') this.#over++;
		if (event.type !== 'ended') return;
		// The help, and how far it was scrolled, were about what has gone.
		this.#view = {...this.#view, hasHelp: false, scroll: 0};
		this.#draw();
		if (this.#options.exit || this.#leaving || event.state === 'stopped') this.#leave();
	};

	readonly #onError = (error: unknown): void => {
		if (this.#closed) return;
		void this.close();
		this.#fail(error);
	};

	readonly #onResize = (): void => this.#tickIn(frameTime / 2);

	readonly #onKey = (input: string, key: Key): void => {
		this.#view = {...this.#view, notice: undefined};
		void this.#keys.add(keysOf(input, key));
	};

	#press(key: string): void {
		const found = raceKeymap.find(key);
		if (!found) return this.#say(`${key} does nothing here; ${raceKeymap.keyOf('help')} shows all keys`);
		const context = raceContextOf(this.#scene());
		for (const action of found.binding.act(context, found.which)) this.#do(action, context.most);
	}

	#do(action: RaceAction | string, most: number): void {
		if (typeof action === 'string') this.#say(action);
		else if ('command' in action) this.#race.dispatch(action.command);
		else if ('view' in action) {
			// At its end it may be shorter than when it was scrolled.
			const scroll = Math.min(this.#view.scroll, most);
			this.#view = reduceRace({...this.#view, scroll}, action.view, most);
		} else handle(this.#programs, action.program);
	}

	readonly #programs: Handlers<Extract<ProgramAction, {type: 'leave' | 'suspend' | 'redraw'}>> = {
		leave: () => {
			if (this.#race.store.state !== 'running' || this.#leaving) return this.#leave();
			this.#leaving = true;
			this.#say(`stopping: ${raceKeymap.keyOf('quit')} leaves at once`);
			this.#race.dispatch({type: 'stop', mode: 'abort'});
		},
		suspend: () => {
			const stop = this.#options.suspend ?? stopProcess;
			void this.#display.giveAway(() => this.#signals.aside(stop)).then(() => this.#draw());
		},
		redraw: () => (this.#speech ? this.#speech.repeat() : this.#display.clear()),
	};

	#say(text: string): void {
		this.#noticeUntil = this.#clock.now() + noticeTime;
		this.#view = {...this.#view, notice: text};
	}

	/** `fetchtop race 37 % · threads`, and the same as progress. */
	#signal(): {title: string; progress: string} {
		const {store} = this.#race;
		if (store.state !== 'running') return {title: `fetchtop race ${store.state}`, progress: '0'};
		const percent = Math.floor(shareOf(store, this.#over) * 100);
		const lane = store.current ? ` ${this.#theme.signs.dot} ${store.current.model}` : '';
		return {title: `fetchtop race ${percent} %${lane}`, progress: `1;${percent}`};
	}
}

/** It is wanted for every key and frame, and what it is made from changes no more. */
function once(report: RaceReport): RaceReport {
	let made: {version: number; columns: number; lines: string[]} | undefined;
	return (store, size) => {
		if (made?.version !== store.version || made.columns !== size.columns)
			made = {version: store.version, columns: size.columns, lines: report(store, size)};
		return made.lines;
	};
}
