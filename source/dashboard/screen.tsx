import type {ReadStream, WriteStream} from 'node:tty';
import type {Key} from 'ink';
import type {AnyEngine} from '../engine/engine.ts';
import type {RunState} from '../engine/events.ts';
import {type Handlers, handle} from '../engine/handlers.ts';
import {systemClock} from '../engine/seams.ts';
import {type Frame, frame, keyContextOf, rowsThatFit, type Scene, scrollOf, withFooter} from './drawing/frame.ts';
import {Speech} from './drawing/speech.ts';
import {createTheme} from './drawing/theme.ts';
import {type Action, actionsOf, type ProgramAction} from './keys/actions.ts';
import {KeyQueue} from './keys/key-queue.ts';
import {type Keymap, keysOf} from './keys/keymap.ts';
import {inReplay, type Playback} from './keys/playback.ts';
import {answer, paste} from './keys/prompt.ts';
import {Meter} from './measuring/meter.ts';
import {rowsOf} from './rows/rows.ts';
import {follow, initialView, reduce, type View, type ViewAction} from './rows/view.ts';
import {copyText, openFile} from './terminal/desktop.ts';
import {Display} from './terminal/display.tsx';
import {stopProcess} from './terminal/suspend.ts';
import {TerminalSignals} from './terminal/terminal-signals.ts';

export type ScreenOptions = {
	stdin: ReadStream;
	stdout: WriteStream;
	ascii: boolean;
	color: boolean;
	/** Leave when the run ends. */
	exit: boolean;
	/** For a screen reader. */
	spoken?: boolean;
	keymap: Keymap;
	/** Where files are saved. */
	folder: string;
	/** The run is a recorded one. */
	playback?: Playback;
	/** How a scene becomes lines; tests break it to see that the terminal survives. */
	draw?: (scene: Scene) => Frame;
};

/** Milliseconds between frames while something moves. */
const frameTime = 100;
/** The next frame waits this many times as long as the last one took, so that the screen never eats the machine. */
const restFactor = 9;
/** Milliseconds between two looks at how fast it goes. */
const lookTime = 500;
const noticeTime = 4_000;

/** The terminal: what is drawn on it when, and what is done for its keys. */
export class Screen {
	readonly #engine: AnyEngine;
	readonly #options: ScreenOptions;
	readonly #leave: () => void;
	readonly #fail: (error: unknown) => void;
	readonly #theme;
	readonly #meter = new Meter();
	readonly #signals;
	readonly #speech: Speech | undefined;
	readonly #display;
	readonly #clock = systemClock;
	readonly #keys = new KeyQueue(
		systemClock,
		key => this.#press(key),
		() => this.#draw(),
	);
	#view: View = initialView;
	#shown: Frame = {lines: []};
	#shownAt = Number.NEGATIVE_INFINITY;
	#timer: (() => void) | undefined;
	#unsubscribe = () => {};
	/** The row that the last frame marked as selected. */
	#marked: string | undefined;
	#drawnVersion = -1;
	#drawnAt = 0;
	#drawnStatus: string | undefined;
	#noticeUntil = 0;
	/** Leaving was asked for once; asked again, it is done at once. */
	#leaving = false;
	#leavesAtEnd: boolean;
	#closed = false;

	constructor(engine: AnyEngine, options: ScreenOptions, leave: () => void, fail: (error: unknown) => void) {
		this.#engine = engine;
		this.#options = options;
		this.#leave = leave;
		this.#fail = fail;
		const {ascii, exit, spoken} = options;
		this.#speech = spoken ? new Speech() : undefined;
		this.#theme = createTheme(options);
		this.#display = new Display({...options, spoken: this.#speech !== undefined});
		// A title that changes would be one more voice.
		this.#signals = new TerminalSignals(this.#write, spoken ? {} : process.env, ascii);
		this.#leavesAtEnd = exit;
	}

	open(): void {
		this.#signals.open();
		this.#options.playback?.everyStep(now => this.#meter.sample(this.#engine.store, now));
		this.#unsubscribe = this.#engine.subscribe(event => {
			this.#meter.hear(event);
			if (event.type === 'run' && !this.#options.playback) this.#onRunState(event.state);
		});
		const [onKey, onPaste, onResize, onError] = [this.#onKey, this.#onPaste, this.#onResize, this.#onError];
		this.#display.open({onKey, onPaste, onResize, onError});
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

	/** Draws if there is something new, and comes back when there may be more. */
	#tick(): void {
		if (this.#closed) return;
		const startedAt = performance.now();
		if (this.#isStale()) this.#draw();
		// What a frozen screen does not show is measured all the same.
		else if (this.#view.frozen) this.#sample(this.#now());
		this.#signals.follow(this.#engine.store, this.#now());
		const cost = performance.now() - startedAt;
		this.#tickIn(Math.max(frameTime, cost * restFactor));
	}

	/** One slow frame must not be the end of what is being measured: meanwhile it is looked all the same. */
	#tickIn(milliseconds: number): void {
		this.#timer?.();
		const time = Math.min(milliseconds, lookTime);
		this.#timer = this.#clock.timer(time, () => {
			if (milliseconds <= time) return this.#tick();
			this.#sample(this.#now());
			this.#tickIn(milliseconds - time);
		});
	}

	/** Not between the steps of a replay: its bytes come in heaps, and a frame would put each into one second or another by chance. */
	#sample(now: number): void {
		if (!this.#options.playback) this.#meter.sample(this.#engine.store, now);
	}

	/** Whether a new frame would look different: an event came, bytes flow, or a clock on the screen has moved on. */
	#isStale(): boolean {
		const {store} = this.#engine;
		const {notice, frozen} = this.#view;
		if (notice && this.#noticeUntil <= this.#clock.now()) {
			this.#view = {...this.#view, notice: undefined};
			return true;
		}
		if (this.#display.isResized || this.#speech?.isWaiting) return true;
		if (frozen) return false;
		if (store.version !== this.#drawnVersion || this.#options.playback?.status !== this.#drawnStatus) return true;
		const now = this.#now();
		// The time of a replay stands still when it is paused, and in the end.
		if (now === this.#drawnAt) return false;
		if (store.running() > 0 && store.run.state !== 'paused') return true;
		return store.run.state !== 'ended' && Math.floor(now / 1000) !== Math.floor(this.#drawnAt / 1000);
	}

	/** On a frozen screen only the footer follows; but for another size its lines are of no use. */
	#draw(): void {
		if (!this.#view.frozen || this.#speech || this.#display.isResized) return this.#drawThough();
		this.#show(withFooter(this.#shown, this.#scene()));
	}

	#drawThough(): void {
		try {
			const scene = this.#scene();
			this.#sample(scene.now);
			this.#drawnVersion = scene.store.version;
			this.#drawnAt = scene.now;
			this.#drawnStatus = scene.replay;
			this.#marked = scene.rows[this.#view.index]?.id;
			this.#show(this.#speech?.follow(scene) ?? (this.#options.draw ?? frame)(scene));
		} catch (error) {
			this.#onError(error);
		}
	}

	/** What there is to draw now, with the view brought up to it. */
	#scene(): Scene {
		const {store} = this.#engine;
		const {size} = this.#display;
		const meter = this.#meter;
		const now = this.#now();
		const rows = rowsOf({store, meter, now}, this.#view);
		this.#view = follow(this.#view, rows, rowsThatFit(size, this.#view));
		const {keymap, playback} = this.#options;
		const parts = {store, rows, meter, keymap, theme: this.#theme, size, now, replay: playback?.status};
		this.#view = {...this.#view, scroll: scrollOf({...parts, view: this.#view})};
		return {...parts, view: this.#view};
	}

	/** In whose time everything on the screen is; how often and how long it is shown is a matter of ours. */
	#now(): number {
		return this.#options.playback?.now() ?? this.#clock.now();
	}

	#show(shown: Frame): void {
		if (this.#closed || (this.#speech && this.#shown === shown)) return;
		this.#shown = shown;
		this.#shownAt = performance.now();
		this.#display.show(shown);
	}

	readonly #onError = (error: unknown): void => {
		if (this.#closed) return;
		void this.close();
		this.#fail(error);
	};

	/** Not at once for each: a window that is dragged has hundreds of sizes a second. */
	readonly #onResize = (): void => {
		this.#tickIn(Math.max(0, this.#shownAt + frameTime - performance.now()));
	};

	readonly #onKey = (input: string, key: Key): void => {
		this.#view = {...this.#view, notice: undefined};
		void this.#keys.add(keysOf(input, key));
	};

	async #press(key: string): Promise<void> {
		const context = keyContextOf(this.#meant());
		const {prompt} = context.view;
		if (prompt) this.#speech?.answer(prompt, key);
		if (prompt) return this.#doAll(answer(prompt, key, context));
		const found = this.#options.keymap.find(key);
		if (!found) return this.#say(`${key} does nothing here; ${this.#options.keymap.keyOf('help')} shows all keys`);
		return this.#doAll(actionsOf(found.binding.act(context, found.which)));
	}

	/** The scene, with the row selected that was marked on the screen, not the one that has taken its place since. */
	#meant(): Scene {
		const meant = this.#view.selected ?? this.#marked;
		const scene = this.#scene();
		const index = scene.rows.findIndex(({id}) => id === meant);
		return {...scene, view: {...scene.view, index}};
	}

	async #doAll(actions: ReadonlyArray<Action | string>): Promise<void> {
		for (const action of this.#options.playback ? inReplay(actions) : actions) {
			if (typeof action === 'string') this.#say(action);
			else if ('command' in action) await this.#engine.dispatch(action.command);
			else if ('view' in action) this.#look(action.view);
			else handle(this.#programs, action.program);
		}
	}

	#look(action: ViewAction): void {
		const isAsking = action.type === 'prompt' || action.type === 'canceled' || action.type === 'brought-back';
		if (this.#view.frozen && action.type !== 'freeze' && !isAsking)
			return this.#say(`the screen is frozen: ${this.#options.keymap.keyOf('freeze')} lets it go on`);
		this.#view = reduce(this.#view, action, this.#scene().rows, rowsThatFit(this.#display.size, this.#view));
		// The last frame before the screen stands still says that it does.
		if (action.type === 'freeze' && this.#view.frozen) this.#drawThough();
	}

	readonly #programs: Handlers<ProgramAction> = {
		leave: () => {
			const {state} = this.#engine.store.run;
			if (state === 'ended' || this.#leaving || this.#options.playback) return this.#leave();
			this.#leaving = true;
			this.#engine.dispatch({type: 'stop', mode: 'abort'});
		},
		suspend: () => void this.#display.giveAway(() => this.#signals.aside(stopProcess)).then(() => this.#draw()),
		redraw: () => (this.#speech ? this.#speech.repeat() : this.#display.clear()),
		copy: ({text, what}) => this.#tell(copyText(text, this.#write), `copied ${what}`),
		open: ({path}) => this.#tell(openFile(this.#options.folder, path), `opened ${path}`),
		'pause-replay': () => this.#say(this.#options.playback?.pause() ?? ''),
		accelerate: ({by}) => this.#say(this.#options.playback?.accelerate(by) ?? ''),
	};

	readonly #write = (text: string): void => void this.#display.write(text);

	/** What came of something that takes a while: the problem, or that it is done. */
	#tell(doing: Promise<string | undefined>, done: string): void {
		void doing.then(problem => this.notice(problem ?? done));
	}

	/** Says it in the footer, at once. */
	notice(text: string): void {
		this.#say(text);
		this.#draw();
	}

	/** After a drain or a stop the screen has done its work; after a run that came to its end it waits for the person. */
	#onRunState(state: RunState): void {
		if (state !== 'ended') this.#leavesAtEnd = this.#options.exit || state === 'draining' || state === 'stopping';
		else if (this.#leavesAtEnd) this.#leave();
	}

	readonly #onPaste = (text: string): void => {
		void this.#doAll(paste(text, keyContextOf(this.#scene()))).then(() => this.#draw());
	};

	#say(text: string): void {
		if (text === '') return;
		// Taken away in our time, whatever time it is in a replay.
		this.#noticeUntil = this.#clock.now() + noticeTime;
		this.#view = {...this.#view, notice: {text, until: Number.POSITIVE_INFINITY}};
	}
}
