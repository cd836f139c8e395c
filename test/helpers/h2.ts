import {createSecureServer, type Http2SecureServer, type Http2Session, type ServerHttp2Stream} from 'node:http2';
import type {AddressInfo} from 'node:net';
import type {TestContext} from 'node:test';

export type Answer = (stream: ServerHttp2Stream, headers: Record<string, string>, server: H2) => unknown;

/** A server that speaks HTTP/2, and counts its connections and streams. */
export class H2 {
	readonly sessions: Http2Session[] = [];
	/** What was asked, header by header. */
	readonly seen: Array<Record<string, string>> = [];
	active = 0;
	most = 0;
	readonly #server: Http2SecureServer;
	#watchers: Array<() => void> = [];

	constructor({cert, key}: {cert: string; key: string}, answer: Answer) {
		this.#server = createSecureServer({cert, key, allowHTTP1: true, maxSessionMemory: 1_000});
		this.#server.on('session', session => {
			this.sessions.push(session);
			session.on('error', () => {});
		});
		this.#server.on('request', ({httpVersion}, response) => {
			if (httpVersion === '1.1') response.end(httpVersion);
		});
		this.#server.on('stream', (stream, headers) => {
			this.most = Math.max(this.most, ++this.active);
			stream.on('error', () => {});
			stream.once('close', () => {
				this.active--;
				this.#look();
			});
			this.seen.push(headers as Record<string, string>);
			this.#look();
			answer(stream, headers as Record<string, string>, this);
		});
	}

	async listen(): Promise<this> {
		await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	async close(): Promise<void> {
		const closed = new Promise(resolve => this.#server.close(resolve));
		for (const session of this.sessions) session.destroy();
		await closed;
	}

	url(path: string): string {
		return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
	}

	async until(holds: () => boolean): Promise<void> {
		while (!holds()) await new Promise<void>(resolve => this.#watchers.push(resolve));
	}

	#look(): void {
		for (const resolve of this.#watchers.splice(0)) resolve();
	}
}

/** A server that is closed after the test. */
export async function startH2(t: TestContext, certificate: {cert: string; key: string}, answer: Answer): Promise<H2> {
	const server = await new H2(certificate, answer).listen();
	t.after(() => server.close());
	return server;
}
