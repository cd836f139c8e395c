import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import {seeded} from './statistics.ts';

/** Milliseconds between two pieces of a body: each frame of ten a second has news of each row. */
const interval = 100;
const page = '<!DOCTYPE html><title>Done</title>'.padEnd(2_000, ' filler');

/** Bodies that never end, 300 kB/s each and none of them evenly, below `/stream/`; whatever else is asked for is a page. */
export class SlowServer {
	readonly #sockets = new Set<Socket>();
	readonly #random = seeded(1);
	readonly #filler = Buffer.alloc(60_000, 'x');
	readonly #server: Server = createServer(socket => {
		this.#sockets.add(socket);
		socket.on('error', () => {});
		socket.on('close', () => this.#sockets.delete(socket));
		// A request of fetchtop's is one segment, and the next comes after the answer.
		socket.on('data', request => this.#answer(socket, `${request}`.startsWith('GET /stream/')));
	});

	async listen(): Promise<string> {
		await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	close(): void {
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
	}

	#answer(socket: Socket, isStream: boolean): void {
		const [type, length] = isStream ? ['application/octet-stream', 100_000_000] : ['text/html', page.length];
		socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`);
		if (!isStream) {
			socket.write(page);
			return;
		}
		const dripping = setInterval(
			() => socket.write(this.#filler.subarray(0, this.#random() * this.#filler.length)),
			interval,
		);
		socket.once('close', () => clearInterval(dripping));
	}
}
