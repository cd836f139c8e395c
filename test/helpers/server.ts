import {
	createServer,
	type IncomingHttpHeaders,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from 'node:http';
import {type AddressInfo, createServer as createTcpServer, type Server as NetServer, type Socket} from 'node:net';
import type {TestContext} from 'node:test';

export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;
export type Seen = {path: string; headers: IncomingHttpHeaders; response: ServerResponse; closed: Promise<void>};

/** A promise that a test resolves when it wants: what holds an answer back until told. */
export class Gate {
	readonly #promise = Promise.withResolvers<void>();
	readonly opened: Promise<void> = this.#promise.promise;
	open(): void {
		this.#promise.resolve();
	}
}

/** A loopback HTTP server whose answers a test writes, and which knows what it was asked and how much of it at once. */
export class TestServer {
	/** Every request in the order of arrival. */
	readonly seen: Seen[] = [];
	/** Requests in flight now, and the most there ever were. */
	active = 0;
	most = 0;
	/** The most in flight for one value of the Host header. */
	readonly mostOf = new Map<string, number>();
	readonly #activeOf = new Map<string, number>();
	readonly #routes = new Map<string, Handler>();
	readonly #server: Server;
	#fallback: Handler = (_request, response) => response.writeHead(404).end();
	#watchers: Array<() => void> = [];

	constructor() {
		this.#server = createServer((request, response) => this.#answer(request, response));
		// Answers may be held for as long as a test likes, and connections must not close between two requests.
		this.#server.keepAliveTimeout = 60_000;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	/** `http://127.0.0.1:PORT`, or the same under another name of this machine. */
	origin(host = '127.0.0.1'): string {
		return `http://${host}:${this.port}`;
	}

	url(path: string, host?: string): string {
		return this.origin(host) + path;
	}

	/** Answers `path` (without the query) by `handler`; `*` is every path that has no handler of its own. */
	on(path: string, handler: Handler): this {
		if (path === '*') this.#fallback = handler;
		else this.#routes.set(path, handler);
		return this;
	}

	/** Answers with this body at once. */
	page(path: string, body: string | Buffer = 'x', headers: Record<string, string> = {}): this {
		return this.on(path, (_request, response) => response.writeHead(200, headers).end(body));
	}

	/** Holds every answer to `path` until the gate is opened. */
	hold(path: string, body = 'x'): Gate {
		const gate = new Gate();
		this.on(path, async (_request, response) => {
			await gate.opened;
			response.end(body);
		});
		return gate;
	}

	/** Requests for `path` so far. */
	asked(path: string): Seen[] {
		return this.seen.filter(request => request.path === path);
	}

	/** Resolves as soon as it is so; looked at whenever a request arrives or ends. */
	async until(holds: () => boolean): Promise<void> {
		while (!holds()) await new Promise<void>(resolve => this.#watchers.push(resolve));
	}

	/** Resolves when so many requests have arrived in all. */
	arrived(count: number): Promise<void> {
		return this.until(() => this.seen.length >= count);
	}

	async listen(): Promise<this> {
		await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	async close(): Promise<void> {
		const closed = new Promise(resolve => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}

	#answer(request: IncomingMessage, response: ServerResponse): void {
		const path = (request.url ?? '').split('?')[0] ?? '';
		const closed = new Promise<void>(resolve => {
			response.once('close', () => resolve());
		});
		this.seen.push({path, headers: request.headers, response, closed});
		this.#count(request.headers.host ?? '', 1);
		let counted = true;
		const leave = () => {
			if (counted) this.#count(request.headers.host ?? '', -1);
			counted = false;
		};
		// Before the last byte goes out: once the client has it, the next request may be here before `close` is.
		const end = response.end;
		response.end = ((...args: Parameters<typeof end>) => {
			leave();
			return end.apply(response, args);
		}) as typeof end;
		response.once('close', () => {
			leave();
			this.#look();
		});
		this.#look();
		void (this.#routes.get(path) ?? this.#fallback)(request, response);
	}

	#count(host: string, change: number): void {
		const ofHost = (this.#activeOf.get(host) ?? 0) + change;
		this.active += change;
		this.most = Math.max(this.most, this.active);
		this.#activeOf.set(host, ofHost);
		this.mostOf.set(host, Math.max(this.mostOf.get(host) ?? 0, ofHost));
	}

	#look(): void {
		for (const resolve of this.#watchers.splice(0)) resolve();
	}
}

/** A server that is closed after the test. */
export async function startServer(t: TestContext): Promise<TestServer> {
	const server = await new TestServer().listen();
	t.after(() => server.close());
	return server;
}

/** A server below HTTP: each request is handed over with the connection it came on. Resolves with its origin. */
export async function startTcp(t: TestContext, answer: (socket: Socket, asked: string) => void): Promise<string> {
	const sockets = new Set<Socket>();
	const server: NetServer = createTcpServer(socket => {
		sockets.add(socket);
		socket.on('error', () => {});
		socket.on('data', data => answer(socket, String(data)));
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.after(async () => {
		const closed = new Promise(resolve => server.close(resolve));
		for (const socket of sockets) socket.destroy();
		await closed;
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An origin where nobody listens. Not a port that was free a moment ago: the system may give that to somebody else. */
export const closedOrigin = 'http://127.0.0.1:1';

/** Answers with `body` or the part of it that `Range` asks for; with an ETag, only as long as `If-Range` names it. */
export function ranged(body: Buffer, etag: () => string | undefined = () => undefined): Handler {
	return (request, response) => {
		const version = etag();
		const headers = {'accept-ranges': 'bytes', ...(version !== undefined && {etag: version})};
		const range = rangeOf(request, body.length);
		const fits = range && (version === undefined || request.headers['if-range'] === version);
		if (!fits) return void response.writeHead(200, {...headers, 'content-length': body.length}).end(body);
		const [start, end] = range;
		const contentRange = `bytes ${start}-${end - 1}/${body.length}`;
		response.writeHead(206, {...headers, 'content-length': end - start, 'content-range': contentRange});
		response.end(body.subarray(start, end));
	};
}

/** The range that is asked for, half-open, if there is one inside of `total` bytes. */
export function rangeOf({headers}: IncomingMessage, total: number): [number, number] | undefined {
	const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
	if (first === '' || Number(first) >= total) return undefined;
	return [Number(first), last === '' ? total : Math.min(total, Number(last) + 1)];
}
