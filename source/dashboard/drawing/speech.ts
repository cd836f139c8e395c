import {count} from '../../format/number.ts';
import {isTask} from '../rows/rows.ts';
import {effectLines} from './effect-lines.ts';
import type {Frame, Scene} from './frame.ts';
import {detailSentences, keySentences, questionOf, rowSentence, runSentence, settingsOf} from './sentences.ts';

/** Milliseconds between two lines about the run, if it has changed at all. */
const newsTime = 5_000;
/** Milliseconds between two lines about failures: a thousand of them are one sentence, not a thousand. */
const failureTime = 1_000;
/** So many failures are told one by one. */
const fewFailures = 2;

/**
 * The run for somebody who listens: lines that come one after the other and are never drawn over, because a screen reader reads what is
 * new. It is shown the same scenes as the screen, and tells what has changed since the last one.
 */
export class Speech {
	#spoken: Frame = {lines: []};
	#before: Scene | undefined;
	#settings: Readonly<Record<string, string>> = {};
	#failed = 0;
	#failedAt = 0;
	#news = '';
	#newsAt = 0;
	#isAsked = false;

	/** All that was said so far; the same object where nothing was added. */
	follow(scene: Scene): Frame {
		const lines = this.#before ? [...this.#answers(this.#before, scene), ...this.#reports(scene)] : this.#greet(scene);
		// The store is one and the same: what is compared of it is kept apart.
		this.#before = scene;
		if (lines.length > 0) this.#spoken = {lines: [...this.#spoken.lines, ...lines]};
		return this.#spoken;
	}

	/** How the run stands is to be said at once. */
	repeat(): void {
		this.#isAsked = true;
	}

	#greet({store, now, keymap}: Scene): string[] {
		this.#settings = settingsOf(store);
		this.#failed = store.counts.failed;
		this.#newsAt = now;
		return [
			`fetchtop, ${this.#settings.concurrency}`,
			`${keymap.keyOf('help')} tells all keys, ${keymap.keyOf('redraw')} how far it is, ${keymap.keyOf('quit')} leaves`,
		];
	}

	/** What keys have changed. */
	#answers(before: Scene, scene: Scene): string[] {
		const [was, is] = [before.view, scene.view];
		const lines: string[] = [];
		const settings = settingsOf(scene.store);
		for (const [name, text] of Object.entries(settings))
			if (text !== this.#settings[name]) lines.push(name === 'state' && text === 'ended' ? this.#end(scene) : text);
		this.#settings = settings;
		const isOther = is.tab !== was.tab || is.filter !== was.filter || is.sort !== was.sort || is.open !== was.open;
		if (isOther) lines.push(`${is.tab}: ${count(scene.rows.length)}${is.filter === '' ? '' : ` with ${is.filter}`}`);
		if (isOther || (is.selected !== was.selected && is.selected !== undefined))
			lines.push(rowSentence(scene.rows[is.index], scene));
		if (is.overlay !== was.overlay) lines.push(...this.#overlay(scene));
		if (is.frozen !== was.frozen)
			lines.push(is.frozen ? `silent until ${scene.keymap.keyOf('freeze')}` : 'no longer silent');
		if (is.prompt && is.prompt.kind !== was.prompt?.kind) lines.push(questionOf(is.prompt));
		if (is.notice && is.notice !== was.notice) lines.push(is.notice.text);
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
		if (overlay === 'effects')
			return effectLines(scene.meter, scene.store.run.startedAt ?? scene.now, 1_000, scene.theme);
		if (overlay === 'details' && isTask(selected)) return detailSentences(selected, scene);
		return ['back'];
	}

	/** What has happened by itself. */
	#reports(scene: Scene): string[] {
		const {store, now, view} = scene;
		const isAsked = this.#isAsked;
		this.#isAsked = false;
		const lines = view.frozen ? [] : this.#failures(scene);
		const news = runSentence(scene);
		const isNews = !view.frozen && store.run.state !== 'ended' && now - this.#newsAt >= newsTime && news !== this.#news;
		if (!isAsked && !isNews) return lines;
		this.#news = news;
		this.#newsAt = now;
		return [...lines, news];
	}

	#failures(scene: Scene): string[] {
		const {store, now} = scene;
		const {failed} = store.counts;
		const fresh = failed - this.#failed;
		// Some may have been taken up again.
		if (fresh <= 0) this.#failed = failed;
		if (fresh <= 0 || now - this.#failedAt < failureTime) return [];
		this.#failed = failed;
		this.#failedAt = now;
		const tasks = newestFailures(scene, Math.min(fresh, fewFailures)).map(task => rowSentence(task, scene));
		return fresh <= fewFailures ? tasks : [`${count(fresh)} more failed; the last one is ${tasks.at(-1)}`];
	}
}

/** The last ones, oldest first; canceled tasks are in the same ring. */
function newestFailures({store}: Scene, most: number) {
	const found = [];
	for (let index = -1; found.length < most; index--) {
		const task = store.failed.at(index);
		if (!task) break;
		if (task.state === 'failed') found.unshift(task);
	}
	return found;
}
