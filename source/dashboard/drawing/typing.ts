import {textOf} from '../rows/line.ts';
import type {Prompt, View} from '../rows/view.ts';
import {questionOf} from './sentences.ts';

/** Milliseconds for which a line has to be left alone to be read out. */
const pause = 1_000;

const typedIn = (prompt: Prompt | undefined): string =>
	prompt === undefined || prompt.kind === 'confirm' ? '' : textOf(prompt.line);
const problemOf = (prompt: Prompt | undefined): string | undefined =>
	prompt === undefined || prompt.kind === 'confirm' ? undefined : prompt.problem;

/** What is asked for and what is typed, to be listened to: not each character, but the line when it is left alone or entered. */
export class Typing {
	#text = '';
	#since = 0;
	#isUnsaid = false;
	#entered: string[] = [];

	/** It has been typed on, and not been left alone yet. */
	get isUnsaid(): boolean {
		return this.#isUnsaid;
	}

	/** A key is about to have its effect on a prompt: afterwards nobody can tell what was entered from what was given up. */
	answer(prompt: Prompt, key: string): void {
		if (prompt.kind !== 'confirm' && key === 'enter') this.#entered.push(typedIn(prompt));
	}

	follow({prompt: was}: View, {prompt: is, notice}: View, now: number): string[] {
		const isEntered = this.#entered.length > 0;
		const entered = this.#entered.filter(line => line !== '' && (this.#isUnsaid || line !== this.#text));
		this.#entered = [];
		this.#see(typedIn(is), now);
		if (!is) {
			this.#isUnsaid = false;
			// The rows that a filter leaves are said with it.
			if (was?.kind === 'filter') return [];
			return was && was.kind !== 'confirm' && !isEntered && !notice ? ['back'] : entered;
		}
		const lines = is.kind === was?.kind ? [] : [questionOf(is)];
		const problem = problemOf(is);
		if (problem !== undefined && problem !== problemOf(was)) {
			this.#isUnsaid = false;
			return [...lines, ...entered, problem];
		}
		if (!this.#isUnsaid || now - this.#since < pause) return lines;
		this.#isUnsaid = false;
		return is.kind === 'filter' ? lines : [...lines, this.#text === '' ? 'nothing typed' : this.#text];
	}

	#see(text: string, now: number): void {
		if (text === this.#text) return;
		this.#text = text;
		this.#since = now;
		this.#isUnsaid = true;
	}
}
