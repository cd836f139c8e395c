import {count} from '../../format/number.ts';
import {isTask} from '../rows/rows.ts';
import type {Prompt, View} from '../rows/view.ts';
import {effectLines} from './effect-lines.ts';
import {Endings} from './endings.ts';
import type {Frame, Scene} from './frame.ts';
import {
	detailSentences,
	forEars,
	keySentences,
	listingSentence,
	rowSentence,
	runSentence,
	settingsOf,
} from './sentences.ts';
import {Typing} from './typing.ts';
import {verdictForms} from './verdict-text.ts';

/** Milliseconds between two lines about the run, if it has changed at all. */
const newsTime = 5_000;

/**
 * The run for somebody who listens: lines that come one after the other and are never drawn over, because a screen reader reads what is
 * new. It is shown the same scenes as the screen, and tells what has changed since the last one.
 */
export class Speech {
	#spoken: Frame = {lines: []};
	#before: View | undefined;
	#settings: Readonly<Record<string, string>> = {};
	readonly #endings = new Endings();
	/** Tasks of which it was said that a key has canceled them. */
	readonly #canceled = new Set<string>();
	/** The view whose rows were told of last. */
	#listed: View | undefined;
	readonly #typing = new Typing();
	#effectAt = Number.NEGATIVE_INFINITY;
	#news = '';
	#newsAt = 0;
	#isAsked = false;

	/** All that was said so far; the same object where nothing was added. */
	follow(scene: Scene): Frame {
		const lines = this.#before ? this.#change(this.#before, scene) : this.#greet(scene);
		this.#before = scene.view;
		if (lines.length > 0) this.#spoken = {lines: [...this.#spoken.lines, ...lines]};
		return this.#spoken;
	}

	/** How the run stands is to be said at once. */
	repeat(): void {
		this.#isAsked = true;
	}

	/** A key is about to have its effect on a prompt. */
	answer(prompt: Prompt, key: string): void {
		this.#typing.answer(prompt, key);
	}

	/** Something will have to be said though nothing happens any more. */
	get isWaiting(): boolean {
		return this.#typing.isUnsaid;
	}

	#greet({store, view, now, keymap}: Scene): string[] {
		this.#settings = settingsOf(store);
		this.#endings.skip(store);
		this.#listed = view;
		this.#newsAt = now;
		return [
			`fetchtop, ${this.#settings.concurrency}`,
			`${keymap.keyOf('help')} tells all keys, ${keymap.keyOf('redraw')} how far it is, ${keymap.keyOf('quit')} leaves`,
		];
	}

	#change(was: View, scene: Scene): string[] {
		const before = this.#settings;
		this.#settings = settingsOf(scene.store);
		const isEnd = this.#settings.state === 'ended' && before.state !== 'ended';
		return [
			...this.#typing.follow(was, scene.view, scene.now),
			// The end is told after what has led to it.
			...Object.entries(this.#settings).flatMap(([name, text]) =>
				text === before[name] || (isEnd && name === 'state') ? [] : [text],
			),
			...this.#answers(was, scene),
			...this.#ends(scene),
			...(isEnd ? [this.#end(scene)] : []),
			...this.#effects(scene),
			...this.#reports(scene),
		];
	}

	/** What keys have changed of the view. */
	#answers(was: View, scene: Scene): string[] {
		const {view: is, keymap} = scene;
		const lines = this.#listing(was, scene);
		if (is.overlay !== was.overlay) lines.push(...this.#overlay(scene));
		if (is.frozen !== was.frozen) lines.push(is.frozen ? `silent until ${keymap.keyOf('freeze')}` : 'no longer silent');
		if (is.notice && is.notice !== was.notice) {
			lines.push(is.notice.text);
			// The last one is the one that the notice is about, unless it has come back.
			const last = is.canceled.at(-1);
			const isMore = is.canceled !== was.canceled && is.canceled.length >= was.canceled.length;
			if (last !== undefined && isMore) this.#canceled.add(last);
		}
		return lines;
	}

	/** Which rows there are now, and the one that is selected; not while a filter is still being typed. */
	#listing(before: View, scene: Scene): string[] {
		const {view: is, rows} = scene;
		const was = this.#listed ?? before;
		const isTyping = is.prompt?.kind === 'filter';
		if (isTyping && this.#typing.isUnsaid) return [];
		this.#listed = is;
		const isClosed = before.prompt?.kind === 'filter' && !is.prompt;
		const isOther =
			isClosed || is.tab !== was.tab || is.filter !== was.filter || is.sort !== was.sort || is.open !== was.open;
		const lines = isOther ? [listingSentence(is, rows, is.sort !== was.sort)] : [];
		if (isOther || (is.selected !== was.selected && is.selected !== undefined))
			lines.push(rowSentence(rows[is.index], scene));
		return lines;
	}

	#end(scene: Scene): string {
		this.#news = runSentence(scene);
		this.#newsAt = scene.now;
		return `ended: ${this.#news}; ${scene.keymap.keyOf('quit')} leaves`;
	}

	#overlay(scene: Scene): string[] {
		const {overlay, index} = scene.view;
		const selected = scene.rows[index];
		if (overlay === 'help') return keySentences(scene);
		if (overlay === 'effects') return effectLines({...scene, theme: forEars(scene.theme)}, 1_000);
		if (overlay === 'details' && isTask(selected)) return detailSentences(selected, scene);
		return ['back'];
	}

	/** What has come to its end. */
	#ends(scene: Scene): string[] {
		const {store, now, view} = scene;
		const isOver = store.run.state === 'ended';
		return this.#endings.take(store, now, {isSilent: view.frozen, isOver}).flatMap(told => {
			if ('one' in told) return this.#canceled.delete(told.one.id) ? [] : [rowSentence(told.one, scene)];
			return [`${count(told.count)} more ${told.kind}; the last one is ${rowSentence(told.last, scene)}`];
		});
	}

	/** What the concurrency did, as soon as that is known. */
	#effects({meter, store, view, theme}: Scene): string[] {
		const fresh = meter.effects.told.filter(({at}) => at > this.#effectAt);
		if (view.frozen || fresh.length === 0) return [];
		this.#effectAt = fresh.at(-1)?.at ?? this.#effectAt;
		// That it could not be measured matters to nobody any more.
		const isOver = store.run.state === 'ended';
		const told = fresh.filter(({kind}) => !isOver || kind !== 'void');
		return told.map(verdict => `concurrency ${verdictForms(verdict, forEars(theme))[0]}`);
	}

	/** How far the run is. */
	#reports(scene: Scene): string[] {
		const {store, now, view} = scene;
		const isAsked = this.#isAsked;
		this.#isAsked = false;
		const news = runSentence(scene);
		const isNews = !view.frozen && store.run.state !== 'ended' && now - this.#newsAt >= newsTime && news !== this.#news;
		if (!isAsked && !isNews) return [];
		this.#news = news;
		this.#newsAt = now;
		return [news];
	}
}
