import type {Dispatcher} from 'undici';
import {coded} from '../engine/failure.ts';
import {Body} from './body.ts';
import type {Pool} from './client-pool.ts';
import {type Watcher, watchNext} from './connection.ts';
import {type Described, describeBody, joinHeaders} from './head.ts';
import {protocolError, switched} from './protocol-error.ts';

/** Times in milliseconds: until the request went out, of that for TLS, and from there to the head. */
export type Answer = {
	status: number;
	headers: Record<string, string>;
	described: Described;
	/** `Set-Cookie`, which `headers` leave out: cookies are credentials. */
	setCookies: readonly string[];
	connect: number;
	handshake: number;
	firstByte: number;
	body: Body;
};

/** Where to send it: `origin` is what is connected to. */
export type Way = {
	pool: Pool;
	origin: string;
	path: string;
	/** undici would take it from the Host header, and with each other host begin a new connection to the proxy. */
	servername?: string;
	/** Where it may be HTTP/2: until the head of an answer. With HTTP/1 undici's own times run from the first moment on. */
	patience?: Patience;
};

/** A server of HTTP/2 that grants no streams, or hangs up before it does, would otherwise never be given up. */
export type Patience = {
	/** Milliseconds without a sign of life until the request is given up. Longer than undici's own times, which do not always run. */
	timeout: number;
	/**
	 * It was given up, but undici knows no way to take it back, and goes on to connect for it.
	 * @returns call this when undici has let go of it
	 */
	stuck(origin: string): () => void;
};

/** Answers of 1xx before the real one; a server has use for one or two. */
const mostInterim = 20;

/**
 * Connections that a server may close just when they are used again. That says nothing about the request, and each try comes
 * upon another one (RFC 9112 §9.3.1).
 */
const mostIdle = 5;

/** Bytes that may come before the head: all the interim answers that are taken, and then some. */
const mostBefore = 1024 * 1024;
/**
 * Bytes of framing beside those of the body, or so many times the body where that is more. Chunks of a single byte have five
 * of framing each; what has more is there to be fed for ever without --max-size or silence ever ending it.
 */
const mostFraming = {bytes: 256 * 1024, times: 16};

/** What undici gives for an answer without cookies. */
const none: readonly string[] = [];

/** One request and its answer: resolves at the head, while the body goes on arriving. */
export const exchange = (way: Way, headers: string[], signal: AbortSignal): Promise<Answer> =>
	new Promise((resolve, reject) => begin({way, headers, signal, resolve, reject}, 0));

type Asked = {
	way: Way;
	headers: string[];
	signal: AbortSignal;
	resolve: (answer: Answer) => void;
	reject: (reason: unknown) => void;
};

/** @param closed how many connections were closed when they were used again */
function begin(asked: Asked, closed: number): void {
	const {way, headers, signal, reject} = asked;
	if (signal.aborted) return reject(signal.reason);
	const {pool, origin, path, servername} = way;
	const options = {origin, path, method: 'GET' as const, headers};
	// undici knows the name, its types do not.
	if (servername !== undefined) Object.assign(options, {servername});
	const dispatcher = pool.take(origin);
	dispatcher.dispatch(options, new Exchange(asked, dispatcher, closed));
}

class Exchange implements Dispatcher.DispatchHandler, Watcher {
	readonly #asked: Asked;
	/** Until it goes back to its pool. */
	#dispatcher: Dispatcher | undefined;
	readonly #closed: number;
	readonly #beganAt = performance.now();
	#sentAt = 0;
	#interim = 0;
	#reused = false;
	#handshake = 0;
	/** Bytes since the request, then since the head; without those of the body. */
	#framing = 0;
	#length = 0;
	#total = 0;
	#body: Body | undefined;
	#isOpenEnded = false;
	#controller: Dispatcher.DispatchController | undefined;
	readonly #timer: NodeJS.Timeout | undefined;
	#isOver = false;
	#release: (() => void) | undefined;

	constructor(asked: Asked, dispatcher: Dispatcher, closed: number) {
		this.#asked = asked;
		this.#dispatcher = dispatcher;
		this.#closed = closed;
		const {patience} = asked.way;
		if (patience) this.#timer = setTimeout(() => this.#giveUp(patience), patience.timeout);
		asked.signal.addEventListener('abort', this.#abort);
	}

	#giveUp({stuck}: Patience): void {
		this.#fail(coded('CONNECT_TIMEOUT', 'the server takes no request'));
		this.#release = stuck(this.#asked.way.origin);
	}

	/**
	 * The reason reaches the caller as it is; undici gets an error of its own, which nobody sees. No `handleEvent`: Node puts an
	 * async function around it, and what it holds outlives the request until the next major collection.
	 */
	readonly #abort = (): void => {
		this.#fail(this.#asked.signal.reason, true);
		this.#controller?.abort(new Error('aborted'));
	};

	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.#controller = controller;
		this.#sentAt = performance.now();
		// Over while it waited for its connection: undici offers no way to say so earlier.
		if (this.#isOver) return controller.abort(new Error('aborted'));
		this.#timer?.refresh();
		watchNext(this, this.#timer !== undefined);
	}

	onResponseStart(
		controller: Dispatcher.DispatchController,
		status: number,
		raw: Record<string, string | string[] | undefined>,
	): void {
		if (status < 100) return controller.abort(coded('BAD_RESPONSE', `the status ${status} is none of HTTP`));
		if (status === 101) return controller.abort(switched());
		if (status < 200) {
			// Each one starts the wait for the answer anew, so without an end to them nothing would ever time out.
			if (++this.#interim > mostInterim)
				controller.abort(coded('BAD_RESPONSE', `more than ${mostInterim} interim answers`));
			else if (!this.#isOver) this.#timer?.refresh();
			return;
		}
		clearTimeout(this.#timer);
		const headers = joinHeaders(raw);
		// It has no body, whatever it says of one (RFC 9112 §6.3).
		if (status === 204) delete headers['content-length'];
		const described = describeBody(headers);
		const {length = Number.POSITIVE_INFINITY} = described;
		this.#isOpenEnded = length === Number.POSITIVE_INFINITY && headers['transfer-encoding'] === undefined;
		this.#framing = 0;
		this.#body = new Body(controller, length);
		const cookies = raw['set-cookie'];
		this.#asked.resolve({
			status,
			headers,
			described,
			setCookies: typeof cookies === 'string' ? [cookies] : (cookies ?? none),
			connect: this.#sentAt - this.#beganAt,
			handshake: this.#handshake,
			firstByte: performance.now() - this.#sentAt,
			body: this.#body,
		});
	}

	onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
		this.#framing -= chunk.length;
		this.#length += chunk.length;
		this.#body?.push(chunk);
	}

	onResponseEnd(): void {
		this.#asked.signal.removeEventListener('abort', this.#abort);
		this.#free(true);
		this.#body?.end();
	}

	onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
		this.#release?.();
		this.#free(false);
		this.#fail(protocolError(error, this.#body !== undefined));
	}

	#free(isWhole: boolean): void {
		const dispatcher = this.#dispatcher;
		this.#dispatcher = undefined;
		if (dispatcher) this.#asked.way.pool.free(this.#asked.way.origin, dispatcher, isWhole);
	}

	sent(reused: boolean, handshake: number): void {
		this.#reused = reused;
		this.#handshake = handshake;
	}

	heard(bytes: number): void {
		this.#total += bytes;
		this.#framing += bytes;
		if (this.#framing > (this.#body ? Math.max(mostFraming.bytes, mostFraming.times * this.#length) : mostBefore))
			this.#controller?.abort(
				this.#body
					? coded('BAD_RESPONSE', 'the answer has far more framing than body')
					: coded('HEADERS_TOO_LARGE', 'no end of the head in sight'),
			);
	}

	/** Only a connection that is closed in order ends a body without length (RFC 9112 §8). */
	broken(error: Error): void {
		if (this.#isOpenEnded) this.#fail(error);
	}

	#fail(error: unknown, now = false): void {
		this.#asked.signal.removeEventListener('abort', this.#abort);
		clearTimeout(this.#timer);
		const wasOver = this.#isOver;
		this.#isOver = true;
		if (this.#body) this.#body.fail(error, now);
		else if (now || wasOver || !this.#wasIdle || this.#closed >= mostIdle) this.#asked.reject(error);
		// undici is not yet done with the connection that broke.
		else queueMicrotask(() => begin(this.#asked, this.#closed + 1));
	}

	/** Not a byte came, and the connection had served others before. */
	get #wasIdle(): boolean {
		return this.#reused && this.#total === 0;
	}
}
