import {Client, type Dispatcher} from 'undici';

/** Whoever has connections: takes a request's way through its origin, and hears when the exchange is over. */
export type Pool = {
	take(origin: string): Dispatcher;
	/** @param isWhole the answer came to its end, so that another request may follow */
	free(origin: string, dispatcher: Dispatcher, isWhole: boolean): void;
	destroy(): Promise<unknown>;
};

/**
 * Connections of HTTP/1: one for each request that is under way, and whichever was used last goes first. undici's own pool does not
 * have a connection back until a turn after its answer, opens half as many again as there are requests meanwhile, and looks
 * through all of them for each request.
 */
export class ClientPool implements Pool {
	readonly #options: Client.Options;
	readonly #idle = new Map<string, Client[]>();
	readonly #all = new Set<Client>();
	#isDestroyed = false;

	constructor(options: Client.Options) {
		this.#options = options;
	}

	take(origin: string): Client {
		return this.#idle.get(origin)?.pop() ?? this.#make(origin);
	}

	free(origin: string, client: Client, isWhole: boolean): void {
		if (!isWhole) return this.#drop(client);
		const idle = this.#idle.get(origin);
		if (idle) idle.push(client);
		else this.#idle.set(origin, [client]);
	}

	destroy(): Promise<unknown> {
		this.#isDestroyed = true;
		return Promise.all(Array.from(this.#all, client => client.destroy()));
	}

	#make(origin: string): Client {
		const client = new Client(origin, this.#options);
		this.#all.add(client);
		// Nobody asks for it, or it would connect anew: with thousands of hosts those would be kept for nothing.
		client.on('disconnect', () => this.#forget(origin, client));
		// Whoever asks now hears of it as of anything else that goes wrong.
		if (this.#isDestroyed) void client.destroy();
		return client;
	}

	#forget(origin: string, client: Client): void {
		const idle = this.#idle.get(origin);
		const index = idle?.indexOf(client) ?? -1;
		if (!idle || index < 0) return;
		idle.splice(index, 1);
		if (idle.length === 0) this.#idle.delete(origin);
		this.#drop(client);
	}

	/** It may still have to bury a request, and is gone as soon as it has. */
	#drop(client: Client): void {
		client.close(() => this.#all.delete(client));
	}
}
