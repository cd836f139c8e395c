import type {Dispatcher} from 'undici';
import {coded} from '../engine/failure.ts';
import {Body} from './body.ts';
import {describeBody, joinHeaders} from './head.ts';

/** Times in milliseconds: until the request went out, and from there to the head. */
export type Answer = {
	status: number;
	headers: Record<string, string>;
	/** `Set-Cookie`, which `headers` leave out: cookies are credentials. */
	setCookies: readonly string[];
	connect: number;
	firstByte: number;
	body: Body;
};

/** Where to send it: `origin` is what is connected to. */
export type Way = {dispatcher: Dispatcher; origin: string; path: string; servername?: string};

/** Answers of 1xx before the real one; a server has use for one or two. */
const mostInterim = 20;

/** One request and its answer: resolves at the head, while the body goes on arriving. */
export function exchange(way: Way, headers: string[], signal: AbortSignal): Promise<Answer> {
	const {dispatcher, origin, path, servername} = way;
	return new Promise((resolve, reject) => {
		const handler = new Exchange(signal, resolve, reject);
		const options = {origin, path, method: 'GET' as const, headers};
		// undici knows the name, its types do not.
		dispatcher.dispatch(servername === undefined ? options : Object.assign(options, {servername}), handler);
	});
}

class Exchange implements Dispatcher.DispatchHandler {
	readonly #signal: AbortSignal;
	readonly #resolve: (answer: Answer) => void;
	readonly #reject: (reason: unknown) => void;
	readonly #beganAt = performance.now();
	#sentAt = 0;
	#interim = 0;
	#body: Body | undefined;
	#controller: Dispatcher.DispatchController | undefined;

	constructor(signal: AbortSignal, resolve: (answer: Answer) => void, reject: (reason: unknown) => void) {
		this.#signal = signal;
		this.#resolve = resolve;
		this.#reject = reject;
		if (signal.aborted) this.#abort();
		else signal.addEventListener('abort', this.#abort);
	}

	/** The reason reaches the caller as it is; undici gets an error of its own, which nobody sees. */
	readonly #abort = (): void => {
		this.#fail(this.#signal.reason, true);
		this.#controller?.abort(new Error('aborted'));
	};

	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.#controller = controller;
		this.#sentAt = performance.now();
		// Aborted while it waited for its connection: undici offers no way to say so earlier.
		if (this.#signal.aborted) controller.abort(new Error('aborted'));
	}

	onResponseStart(
		controller: Dispatcher.DispatchController,
		status: number,
		raw: Record<string, string | string[] | undefined>,
	): void {
		if (status < 200) {
			// Each one starts the wait for the answer anew, so without an end to them nothing would ever time out.
			if (++this.#interim > mostInterim)
				controller.abort(coded('BAD_RESPONSE', `more than ${mostInterim} interim answers`));
			return;
		}
		const headers = joinHeaders(raw);
		const length = describeBody(headers).length ?? Number.POSITIVE_INFINITY;
		this.#body = new Body(controller, length);
		const now = performance.now();
		this.#resolve({
			status,
			headers,
			setCookies: [raw['set-cookie'] ?? []].flat(),
			connect: this.#sentAt - this.#beganAt,
			firstByte: now - this.#sentAt,
			body: this.#body,
		});
	}

	onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
		this.#body?.push(chunk);
	}

	onResponseEnd(): void {
		this.#signal.removeEventListener('abort', this.#abort);
		this.#body?.end();
	}

	onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
		this.#fail(error);
	}

	#fail(error: unknown, now = false): void {
		this.#signal.removeEventListener('abort', this.#abort);
		if (this.#body) this.#body.fail(error, now);
		else this.#reject(error);
	}
}
