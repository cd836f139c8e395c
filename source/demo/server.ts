import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

/** `close` ends every connection at once. */
export type Site = {origin: string; close(): Promise<void>};

/** Requests that are being answered, the most ever at once, and how many were answered to the end. */
export type Status = {active: number; most: number; served: number};

/**
 * Answers one request, and calls `leave` just before the last bytes go: a client that has them may ask for the next page at once,
 * on another connection. Who asks for nothing more by then is not waited for: it rejects.
 */
export type Answering = (
	pathname: string,
	request: IncomingMessage,
	response: ServerResponse,
	leave: () => void,
) => Promise<void>;

/**
 * Starts a site of ours on a loopback port. `GET /status` tells its `Status`, and does not count itself.
 * @param options `idle`: milliseconds that a connection is kept for the next request
 */
export async function startSite(answer: Answering, {idle = 5_000}: {idle?: number} = {}): Promise<Site> {
	const status: Status = {active: 0, most: 0, served: 0};
	const server = createServer({keepAliveTimeout: idle, noDelay: true}, (request, response) => {
		const pathname = URL.parse(request.url ?? '', 'http://demo')?.pathname ?? '';
		if (pathname === '/status') return answerStatus(response, status);
		// A client that goes away makes it reject, and then nothing is left to answer.
		answer(pathname, request, response, enter(response, status)).catch(() => response.destroy());
	});
	// Whoever raises a limit opens hundreds of connections at once, and one that finds no room is tried again only after a second.
	server.listen({port: 0, host: '127.0.0.1', backlog: 4_096});
	await once(server, 'listening');
	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () =>
			new Promise(resolve => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

function answerStatus(response: ServerResponse, status: Status): void {
	response.setHeader('content-type', 'application/json');
	response.end(JSON.stringify(status));
}

/** Counts a request in, and returns what counts it out again; a connection that closes early does it too. */
function enter(response: ServerResponse, status: Status): () => void {
	status.active++;
	status.most = Math.max(status.most, status.active);
	let inside = true;
	const leave = (served: number) => {
		if (!inside) return;
		inside = false;
		status.active--;
		status.served += served;
	};
	response.once('close', () => leave(0));
	return () => leave(1);
}
