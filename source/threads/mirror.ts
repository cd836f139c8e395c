import type {EngineEvent, Limits, Listener} from '../engine/events.ts';
import {type ReadonlyStore, Store} from '../engine/store.ts';
import type {Batch, Sample} from './messages.ts';

/** The store of an engine elsewhere, made of the same events, for listeners who cannot tell the difference. */
export class Mirror {
	readonly #store = new Store();
	readonly #listeners = new Set<Listener>();

	/** The engine tells its limits when it is made, before anybody can listen. */
	constructor(limits: Limits) {
		this.#store.apply({type: 'limits', at: 0, ...limits});
	}

	get store(): ReadonlyStore {
		return this.#store;
	}

	subscribe(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	apply({entries, received}: Batch): void {
		for (const entry of entries) {
			if (isSample(entry)) this.#sample(entry);
			else this.#tell(entry);
		}
		this.#store.received = received;
	}

	#tell(event: EngineEvent): void {
		this.#store.apply(event);
		for (const listener of this.#listeners) listener(event);
	}

	#sample([id, received]: Sample): void {
		const task = this.#store.live.get(id);
		if (task) task.received = received;
	}
}

const isSample = (entry: EngineEvent | Sample): entry is Sample => Array.isArray(entry);
