import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {TestContext} from 'node:test';
import {randomOf} from './random.ts';
import {rangeOf} from './server.ts';

/** What a server has, and how it answers when asked for it. */
export type Source = {
	path: string;
	/** What its file is to be called. */
	name: string;
	size: number;
	/** Tells its bytes from those of the others. */
	number: number;
	headers?: Readonly<Record<string, string>>;
	/** Ranges are served, to an `If-Range` only if it says this. */
	ranges?: true | string;
	/** The whole comes without its length. */
	chunked?: true;
	/** Where its own path only leads to. */
	movedTo?: string;
};

/** A prime, so that a block that begins at a round number is found again at no other one. */
const period = 1_048_573;
/** Twice, so that every slice is in one piece. */
const noise = (() => {
	const random = randomOf(1);
	const once = Buffer.from(Uint8Array.from({length: period}, () => random() * 256));
	return Buffer.concat([once, once]);
})();

/** Bytes of a body by their position, at most a period of them. Nobody has to keep the whole in memory. */
export function bytesOf({number}: Source, start: number, end: number): Buffer {
	const offset = (start + number * 7919) % period;
	return noise.subarray(offset, offset + end - start);
}

/** Small, so that all connections get something all the time. */
const chunkSize = 2 * 1024;
/** Bytes of one connection that no socket has taken yet, beyond which it gets no more. */
const mostWaiting = 16 * chunkSize;
/** How often what is due is sent, in milliseconds; and how much late it may be made up for: on a busy machine all goes slower. */
const tick = {every: 4, most: 12};

type Stream = {source: Source; response: ServerResponse; at: number; end: number; waiting: number};

/** A loopback server that sends at a certain rate, shared evenly by all connections, and counts what it sends. */
export class PacedServer {
	/** Body bytes that sockets have taken, whoever read them. */
	served = 0;
	/** Requests that have come. */
	asked = 0;
	/** Called whenever a request has come or bytes have gone. */
	changed = (): void => {};
	/** Sends nothing. */
	paused = false;
	readonly #sources: ReadonlyMap<string, Source>;
	/** Bytes a millisecond. */
	readonly #rate: number;
	/** In the order of their turns. */
	#streams: Stream[] = [];
	#due = 0;
	#sentAt = performance.now();
	readonly #timer: NodeJS.Timeout;
	readonly #server: Server;

	/** @param rate bytes a second */
	constructor(sources: readonly Source[], rate: number) {
		this.#sources = new Map(
			sources.flatMap(source => [source.path, source.movedTo ?? []].flat().map(at => [at, source])),
		);
		this.#rate = rate / 1_000;
		this.#server = createServer((request, response) => this.#answer(request, response));
		this.#timer = setInterval(() => this.#send(), tick.every);
	}

	url(path: string): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
	}

	async listen(): Promise<this> {
		await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	async close(): Promise<void> {
		clearInterval(this.#timer);
		const closed = new Promise(resolve => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	#answer(request: IncomingMessage, response: ServerResponse): void {
		this.asked++;
		this.changed();
		const source = this.#sources.get(request.url ?? '');
		if (!source) return void response.writeHead(404).end();
		const {path, movedTo, size, ranges, chunked, headers} = source;
		if (movedTo !== undefined && request.url === path) return void response.writeHead(302, {location: movedTo}).end();
		const range = wanted(request, source);
		const [at, end] = range ?? [0, size];
		response.writeHead(range ? 206 : 200, {
			'content-type': 'application/octet-stream',
			...headers,
			...(ranges && {'accept-ranges': 'bytes'}),
			...(range && {'content-range': `bytes ${at}-${end - 1}/${size}`}),
			...((range || !chunked) && {'content-length': end - at}),
		});
		if (at === end) return void response.end();
		response.flushHeaders();
		const stream = {source, response, at, end, waiting: 0};
		this.#streams.push(stream);
		response.once('close', () => this.#leave(stream));
	}

	#leave(stream: Stream): void {
		this.#streams = this.#streams.filter(each => each !== stream);
	}

	#send(): void {
		const now = performance.now();
		this.#due += Math.min(tick.most, now - this.#sentAt) * this.#rate;
		this.#sentAt = now;
		while (this.#due > 0) {
			const next = this.paused ? undefined : this.#streams.find(({waiting}) => waiting < mostWaiting);
			if (next) this.#due -= this.#sendTo(next);
			// What nobody takes now is not sent faster later.
			else this.#due = 0;
		}
	}

	#sendTo(stream: Stream): number {
		const {source, response, at, end} = stream;
		const data = bytesOf(source, at, Math.min(end, at + chunkSize));
		stream.at += data.length;
		stream.waiting += data.length;
		response.write(data, error => {
			stream.waiting -= data.length;
			if (error) return;
			this.served += data.length;
			this.changed();
		});
		this.#leave(stream);
		if (stream.at < end) this.#streams.push(stream);
		else response.end();
		return data.length;
	}
}

/** As RFC 9110 has it: an `If-Range` that names another version gets the whole. */
function wanted(request: IncomingMessage, {ranges, size}: Source): [start: number, end: number] | undefined {
	const condition = request.headers['if-range'];
	if (!ranges || (condition !== undefined && condition !== ranges)) return undefined;
	return rangeOf(request, size);
}

/** A server that is closed after the test. */
export async function startPaced(t: TestContext, sources: readonly Source[], rate: number): Promise<PacedServer> {
	const server = await new PacedServer(sources, rate).listen();
	t.after(() => server.close());
	return server;
}
