import {writeFileSync} from 'node:fs';
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import path from 'node:path';
import type {Bench, Probe} from './contestants.ts';
import {end, exited, start, terminal} from './measure.ts';
import {seeded} from './statistics.ts';

const page = '<!DOCTYPE html><title>Saturated</title>'.padEnd(2_000, ' filler');
const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`;
const endless = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n';

/** Of the tasks, as many are bodies without end, at full speed: the engine is never idle while a key is on its way. */
const streams = 2;
const concurrency = 8;
/** Milliseconds; a key that has had no effect by then has none. */
const deadline = 10_000;
/** More than are fetched in any round. */
const urls = 400_000;

/**
 * Answers at once, and counts. From `park` on it holds what comes, so that each task of the client ends up here, and one
 * more request than before is one more slot: nothing else could be it. The streams go on meanwhile.
 */
class CountingServer {
	readonly #held: Socket[] = [];
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	readonly #chunk = Buffer.alloc(256 * 1024, 'x');
	#streaming = 0;
	#wanted = Number.POSITIVE_INFINITY;
	#reached: (at: number) => void = () => {};

	constructor() {
		this.#server = createServer(socket => {
			this.#sockets.add(socket);
			socket.on('error', () => {});
			socket.on('close', () => this.#sockets.delete(socket));
			// A request of fetchtop's is one segment, and the next comes after the answer.
			socket.on('data', () => this.#take(socket));
		});
	}

	async listen(): Promise<string> {
		await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** Resolves with the time when that many requests are here at once, and lets them go. */
	park(wanted: number): Promise<number> {
		this.#wanted = wanted;
		return new Promise((resolve, reject) => {
			const late = setTimeout(
				() => reject(new Error(`${this.#held.length + this.#streaming} requests in flight, not ${wanted}`)),
				deadline,
			);
			this.#reached = at => {
				clearTimeout(late);
				resolve(at);
			};
		});
	}

	close(): void {
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
	}

	#take(socket: Socket): void {
		if (this.#streaming < streams) return this.#stream(socket);
		if (this.#wanted === Number.POSITIVE_INFINITY) {
			socket.write(answer);
			return;
		}
		if (this.#held.push(socket) + this.#streaming < this.#wanted) return;
		this.#wanted = Number.POSITIVE_INFINITY;
		this.#reached(performance.now());
		for (const held of this.#held.splice(0)) held.write(answer);
	}

	#stream(socket: Socket): void {
		this.#streaming++;
		// Whoever drops one has a slot for another: without the streams it would not be the work that is measured.
		socket.once('close', () => this.#streaming--);
		socket.write(endless);
		const pump = () => {
			let hasRoom = true;
			while (hasRoom && !socket.destroyed) hasRoom = socket.write(this.#chunk);
		};
		socket.on('drain', pump);
		pump();
	}
}

async function probe({fetchtop, folder, amounts}: Bench): Promise<number[]> {
	const server = new CountingServer();
	const origin = await server.listen();
	const list = path.join(folder, 'keys.txt');
	writeFileSync(list, Array.from({length: urls}, (_, index) => `${origin}/${index}\n`).join(''));
	const command = [...fetchtop, '--no-save', '-c', `${concurrency}`, '-i', list];
	const child = start(terminal(command), ['pipe', 'pipe', 'ignore']);
	const ended = exited(child);
	child.stdin?.on('error', () => {});
	child.stdout?.resume();
	const random = seeded(1);
	const times: number[] = [];
	try {
		// All slots are taken, and the screen is there.
		await server.park(concurrency);
		await pause(1_000);
		while (times.length < amounts.keys) {
			await pause(20 + 80 * random());
			const reached = server.park(concurrency + times.length + 1);
			const pressedAt = performance.now();
			child.stdin?.write('+');
			times.push(((await reached) - pressedAt) / 1000);
		}
	} finally {
		end(child);
		await ended;
		server.close();
	}
	return times;
}

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

export const keyToServer: Probe = {
	name: 'key +',
	needs: 'script',
	does: `fetchtop --no-save -c ${concurrency} -i list in a terminal: ${streams} bodies without end, the rest pages of 2 kB`,
	probe,
};
