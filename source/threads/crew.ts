import type {Attempting} from '../engine/attempt.ts';
import type {Engine} from '../engine/engine.ts';
import type {JobParts} from '../engine/jobs.ts';
import type {Folder} from '../parts.ts';
import {CrewMember} from './crew-member.ts';
import {type CrewBoot, flagAt} from './crew-messages.ts';

export type CrewOptions = Omit<CrewBoot, 'flags'> & {
	/** Event loops in all, from 2 on; this one is the engine's. */
	threads: number;
	folder: Folder;
};

/**
 * Event loops for the attempts of one engine. The engine stays one, and here: its tasks, slots, limits, names and journal. What
 * an attempt does (connections, TLS, bodies, files, titles) is done in the thread that it was sent to. None is made here: the
 * engine would have to wait for them, and all the others for the engine; it cost a fifth more CPU.
 */
export class Crew {
	readonly #members: readonly CrewMember[];
	readonly #flags = new Int32Array(new SharedArrayBuffer(8));

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

	/** Whoever has least to do gets the next one: mostly the one whose last has just ended, and left a connection to its host. */
	readonly attempting: NonNullable<JobParts['attempting']> = ({bandwidth}): Attempting => {
		for (const member of this.#members) member.bandwidth = bandwidth;
		return (job, observer, signal) => {
			const idlest = this.#members.reduce((least, each) => (each.running < least.running ? each : least));
			return idlest.attempt(job, observer, signal);
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
