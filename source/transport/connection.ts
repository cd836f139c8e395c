import {Socket} from 'node:net';
import type {buildConnector} from 'undici';
import {InterimAnswers} from './interim.ts';

/** Who wants to know what becomes of a request's connection, which undici's handlers do not say. */
export type Watcher = {
	/**
	 * The request goes out.
	 * @param reused others went before it on the same connection
	 * @param handshake milliseconds that TLS took, when it is the first one on a connection that has it; else 0
	 */
	sent(reused: boolean, handshake: number): void;
	/** Raw bytes came, framing and all; a negative number of them went back to wait. */
	heard(bytes: number): void;
	/** The connection broke. Undici takes that for the end of a body without length. */
	broken(error: Error): void;
};

let starting: Watcher | undefined;

/**
 * Call this when undici is about to write the request: it does so in the same turn, and that is the only moment which tells
 * whose connection it is.
 * @param unsure it may be one of HTTP/2, where nobody comes for it
 */
export function watchNext(watcher: Watcher, unsure: boolean): void {
	starting = watcher;
	if (!unsure) return;
	queueMicrotask(() => {
		if (starting === watcher) starting = undefined;
	});
}

/** Milliseconds that TLS took. */
const handshakes = new WeakMap<Socket, number>();

/** Measures how long TLS takes: from where the connection stands, through a proxy or not, until it can be written to. */
export const measured =
	(connect: buildConnector.connector): buildConnector.connector =>
	(options, callback) => {
		if (options.protocol !== 'https:') return connect(options, callback);
		let from = performance.now();
		const made: unknown = connect(options, (...[error, socket]) => {
			if (error) return callback(error, null);
			handshakes.set(socket, performance.now() - from);
			callback(null, socket);
		});
		// undici gives it back, but its types do not say so.
		if (!options.httpSocket && made instanceof Socket)
			made.once('connect', () => {
				from = performance.now();
			});
	};

/** Connections that tell who is watching, and take a `100 Continue` nobody asked for. */
export const watched =
	(connect: buildConnector.connector): buildConnector.connector =>
	(options, callback) =>
		connect(options, (...[error, socket]) => {
			if (error) return callback(error, null);
			watch(socket);
			callback(null, socket);
		});

/** The methods of this one socket are replaced: a stream of our own between it and undici would be one more for each byte to pass. */
function watch(socket: Socket): void {
	if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') return;
	const {read, write, unshift} = socket;
	const interim = new InterimAnswers();
	let watcher: Watcher | undefined;
	let requests = 0;
	socket.write = ((chunk: string, encoding?: BufferEncoding, callback?: (error?: Error | null) => void) => {
		if (starting) {
			watcher = starting;
			starting = undefined;
			interim.begin();
			watcher.sent(requests > 0, requests++ === 0 ? (handshakes.get(socket) ?? 0) : 0);
			if (requests === 1 && socket.readableLength > 0) setImmediate(() => socket.emit('readable'));
		}
		return write.call(socket, chunk, encoding, callback);
	}) as typeof write;
	socket.read = size => {
		// Behind a proxy a server that speaks first is heard before it was asked. Undici closes such a connection and opens the
		// next, without end; asked first, it is told as what it is.
		if (requests === 0) return null;
		const chunk: Buffer | null = read.call(socket, size);
		if (chunk) {
			interim.pass(chunk);
			watcher?.heard(chunk.length);
		}
		return chunk;
	};
	socket.unshift = (chunk, encoding) => {
		watcher?.heard(-chunk.length);
		unshift.call(socket, chunk, encoding);
	};
	// Before undici hears of it.
	socket.on('error', error => watcher?.broken(error));
}
