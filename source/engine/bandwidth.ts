import type {Clock} from './seams.ts';

/** How often bytes are handed out to those who wait for some, in milliseconds: seldom enough to cost nothing. */
const tick = 50;
/** Milliseconds for which what nobody wanted is saved up. */
const saved = 100;
/** Bytes that are worth being handed out: shares below that are given in turn instead of to all. */
const least = 256;

type Wish = {bytes: number; grant: (bytes: number) => void};

/** The limit as those see it who are held to it. */
export type Allowance = Pick<Bandwidth, 'isLimited' | 'take'>;

/**
 * Bytes a second for all tasks together: a token bucket. What it earns in a tick is shared out evenly between the tasks that
 * wait; what one does not need goes to the others (max-min fairness).
 */
export class Bandwidth {
	readonly #clock: Clock;
	/** Bytes a second. */
	#limit = Number.POSITIVE_INFINITY;
	/** Bytes that may be handed out, as of `#since`. */
	#credit = 0;
	#since = 0;
	/** By task: its connections share what is one task's. */
	readonly #waiting = new Map<object, Wish[]>();
	#stopTimer: (() => void) | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Bytes a second; `Infinity` for no limit. */
	set limit(limit: number) {
		this.#earn();
		this.#limit = limit;
		this.#share();
	}

	get isLimited(): boolean {
		return this.#limit !== Number.POSITIVE_INFINITY;
	}

	/**
	 * How many of these bytes may be taken in: at least one, and all when the signal aborts.
	 * @param task for whom
	 */
	take(task: object, bytes: number, signal: AbortSignal): number | Promise<number> {
		this.#earn();
		if (signal.aborted || !this.isLimited) return bytes;
		if (this.#waiting.size === 0 && this.#credit >= bytes) {
			this.#credit -= bytes;
			return bytes;
		}
		return this.#wait(task, bytes, signal);
	}

	async #wait(task: object, bytes: number, signal: AbortSignal): Promise<number> {
		const {promise, resolve} = Promise.withResolvers<number>();
		const wish = {bytes, grant: resolve};
		this.#waiting.set(task, [...(this.#waiting.get(task) ?? []), wish]);
		const leave = () => {
			this.#keep(
				task,
				(this.#waiting.get(task) ?? []).filter(each => each !== wish),
			);
			resolve(bytes);
		};
		signal.addEventListener('abort', leave);
		this.#stopTimer ??= this.#clock.timer(tick, () => this.#share());
		const granted = await promise;
		signal.removeEventListener('abort', leave);
		return granted;
	}

	#earn(): void {
		const now = this.#clock.now();
		const {isLimited} = this;
		const most = isLimited ? Math.max(1, (this.#limit * saved) / 1000) : 0;
		this.#credit = isLimited ? Math.min(most, this.#credit + (this.#limit * (now - this.#since)) / 1000) : 0;
		this.#since = now;
	}

	#share(): void {
		this.#stopTimer?.();
		this.#stopTimer = undefined;
		this.#earn();
		if (this.isLimited && this.#credit < this.#waiting.size * least) this.#takeTurns();
		else this.#shareOut();
		if (this.#waiting.size > 0) this.#stopTimer = this.#clock.timer(tick, () => this.#share());
	}

	/** Whoever wants least first: what it leaves of its share is for the others. */
	#shareOut(): void {
		const byNeed = [...this.#waiting].toSorted(([, a], [, b]) => needOf(a) - needOf(b));
		byNeed.forEach(([task, wishes], index) => {
			const share = this.isLimited ? Math.floor(this.#credit / (byNeed.length - index)) : needOf(wishes);
			this.#credit -= this.#grant(task, wishes, share);
		});
	}

	/** Too little for all: whoever waits longest first. A byte each would wake hundreds of tasks in every tick, for a write of one byte. */
	#takeTurns(): void {
		const turn = Math.max(1, Math.min(least, Math.floor((this.#limit * tick) / 1000)));
		for (const [task, wishes] of [...this.#waiting]) {
			const share = Math.min(turn, needOf(wishes));
			if (this.#credit < share) return;
			this.#credit -= this.#grant(task, wishes, share);
		}
	}

	/** Its connections in turn: who was served comes back behind those that still wait. @returns bytes granted */
	#grant(task: object, wishes: readonly Wish[], share: number): number {
		let left = share;
		const unserved = wishes.filter(({bytes, grant}) => {
			const granted = Math.min(bytes, left);
			if (granted < 1) return true;
			left -= granted;
			grant(granted);
			return false;
		});
		this.#keep(task, unserved);
		return share - left;
	}

	#keep(task: object, wishes: Wish[]): void {
		if (wishes.length > 0) this.#waiting.set(task, wishes);
		else this.#waiting.delete(task);
	}
}

const needOf = (wishes: readonly Wish[]): number => wishes.reduce((sum, {bytes}) => sum + bytes, 0);
