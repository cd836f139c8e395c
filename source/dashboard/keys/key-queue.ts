import type {Clock} from '../../engine/seams.ts';

/** What came of a key is seen by the next one, unless that would have to wait for longer than this; milliseconds. */
const effectTime = 250;

/** Keys in their order, one after the other: what `+` asks for depends on what came of the `+` before. */
export class KeyQueue {
	readonly #press: (key: string) => Promise<void>;
	readonly #done: () => void;
	readonly #clock: Clock;
	readonly #keys: string[] = [];
	#isPressing = false;

	/** @param done called when all keys have had their effect */
	constructor(clock: Clock, press: (key: string) => Promise<void>, done: () => void) {
		this.#clock = clock;
		this.#press = press;
		this.#done = done;
	}

	async add(keys: readonly string[]): Promise<void> {
		this.#keys.push(...keys);
		if (this.#isPressing) return;
		this.#isPressing = true;
		for (let key = this.#keys.shift(); key !== undefined; key = this.#keys.shift())
			await this.#atMost(effectTime, this.#press(key));
		this.#isPressing = false;
		this.#done();
	}

	/** Keys go on working when the engine does not answer. */
	async #atMost(milliseconds: number, effect: Promise<void>): Promise<void> {
		const late = Promise.withResolvers<void>();
		const cancel = this.#clock.timer(milliseconds, late.resolve);
		await Promise.race([effect, late.promise]);
		cancel();
	}
}
