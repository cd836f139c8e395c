import {type Attempting, attempt} from '../engine/attempt.ts';
import type {Engine} from '../engine/engine.ts';
import type {JobParts} from '../engine/jobs.ts';
import type {Folder} from '../parts.ts';
import {CrewMember} from './crew-member.ts';
import {type CrewBoot, flagAt} from './crew-messages.ts';

export type CrewOptions = Omit<CrewBoot, 'flags'> & {
	/** Event loops in all, this one included. */
	threads: number;
	folder: Folder;
};

/**
 * Further event loops for the attempts of one engine. The engine stays one, and here: its tasks, slots, limits, names and
 * journal. What an attempt does (connections, TLS, bodies, files, titles) is done where it was sent to.
 */
export class Crew {
	readonly #members: readonly CrewMember[];
	readonly #flags = new Int32Array(new SharedArrayBuffer(8));
	/** Attempts that run in this thread. */
	#own = 0;

	/** Resolves when all of them are there: one that still loads would keep its first tasks waiting. */
	static async open(options: CrewOptions): Promise<Crew> {
		const crew = new Crew(options);
		await Promise.all(crew.#members.map(({ready}) => ready));
		return crew;
	}

	private constructor({threads, folder, ...boot}: CrewOptions) {
		const flags = this.#flags.buffer;
		this.#members = Array.from({length: threads - 1}, () => new CrewMember({...boot, flags}, folder));
	}

	/**
	 * Whoever has least to do gets the next one. A loop that is slow, as this one is that has the engine to run as well, has
	 * more left to do and gets less; and a host's next task mostly meets the connection that its last one has left.
	 */
	readonly attempting: NonNullable<JobParts['attempting']> = (parts): Attempting => {
		for (const member of this.#members) member.bandwidth = parts.bandwidth;
		return async (job, observer, signal) => {
			let least: CrewMember | undefined;
			for (const member of this.#members) if (member.running < (least?.running ?? this.#own)) least = member;
			if (least) return least.attempt(job, observer, signal);
			this.#own++;
			const outcome = await attempt(job, parts, observer, signal);
			this.#own--;
			return outcome;
		};
	};

	/** Listens to the engine from its beginning on. */
	follow(engine: Pick<Engine, 'store' | 'subscribe'>): void {
		this.#limit(engine.store.run.bandwidth);
		engine.subscribe(event => {
			if (event.type === 'limits') this.#limit(event.bandwidth);
			else if (event.type === 'run') this.#hold(event.state === 'paused');
		});
	}

	/** What still runs is left as it is. */
	async close(): Promise<void> {
		await Promise.all(this.#members.map(member => member.close()));
	}

	#limit(bandwidth: number | null): void {
		Atomics.store(this.#flags, flagAt.limited, bandwidth === null ? 0 : 1);
	}

	#hold(isHeld: boolean): void {
		Atomics.store(this.#flags, flagAt.held, isHeld ? 1 : 0);
		if (!isHeld) for (const member of this.#members) member.flow();
	}
}
