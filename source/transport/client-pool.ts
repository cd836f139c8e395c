import {Client, type Dispatcher} from 'undici';

/** Whoever has connections: takes a request's way through its origin, and hears when the exchange is over. */
export type Pool = {
	take(origin: string): Dispatcher;
	/** @param isWhole the answer came to its end, so that another request may follow */
	free(origin: string, dispatcher: Dispatcher, isWhole: boolean): void;
	destroy(): Promise<unknown>;
};

/** Idle connections beyond as many as there were requests at once: for lists that come back to a host now and then. */
const spare = 64;

/**
 * Connections of HTTP/1: one for each request that is under way, and whichever was used last goes first. undici's own pool does not
 * have a connection back until a turn after its answer, opens half as many again as there are requests meanwhile, and looks
 * through all of them for each request.
 */
export class ClientPool implements Pool {
	readonly #options: Client.Options;
	readonly #idle = new Map<string, Client[]>();
	/** All that are idle, with their origins; the one that is so for the longest time comes first. */
	readonly #resting = new Map<Client, string>();
	readonly #all = new Set<Client>();
	/** Requests under way, and the most that there ever were. */
	#busy = 0;
	#most = 0;
	#isDestroyed = false;

	constructor(options: Client.Options) {
		this.#options = options;
	}

	take(origin: string): Client {
		this.#busy++;
		if (this.#busy > this.#most) this.#most = this.#busy;
		const client = this.#idle.get(origin)?.pop();
		if (!client) return this.#make(origin);
		this.#resting.delete(client);
		return client;
	}

	free(origin: string, client: Client, isWhole: boolean): void {
		this.#busy--;
		if (!isWhole) return this.#drop(client);
		this.#resting.set(client, origin);
		const idle = this.#idle.get(origin);
		if (idle) idle.push(client);
		else this.#idle.set(origin, [client]);
	}

	destroy(): Promise<unknown> {
		this.#isDestroyed = true;
		return Promise.all(Array.from(this.#all, client => client.destroy()));
	}

	/** Some servers would keep theirs for hours, and a list may have more hosts than the system has sockets. */
	#make(origin: string): Client {
		if (this.#busy + this.#resting.size > this.#most + spare) this.#forgetOldest();
		const client = new Client(origin, this.#options);
		this.#all.add(client);
		// Nobody asks for it, or it would connect anew: with thousands of hosts those would be kept for nothing.
		client.on('disconnect', () => {
			if (this.#resting.has(client)) this.#forget(origin, client);
		});
		// Whoever asks now hears of it as of anything else that goes wrong.
		if (this.#isDestroyed) void client.destroy();
		return client;
	}

	#forgetOldest(): void {
		const [oldest] = this.#resting;
		if (oldest) this.#forget(oldest[1], oldest[0]);
	}

	#forget(origin: string, client: Client): void {
		this.#resting.delete(client);
		const rest = this.#idle.get(origin)?.filter(each => each !== client) ?? [];
		if (rest.length > 0) this.#idle.set(origin, rest);
		else this.#idle.delete(origin);
		this.#drop(client);
	}

	/** It may still have to bury a request, and is gone as soon as it has. */
	#drop(client: Client): void {
		client.close(() => this.#all.delete(client));
	}
}
