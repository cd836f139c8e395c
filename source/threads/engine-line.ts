import type {Allowance} from '../engine/bandwidth.ts';
import {coded} from '../engine/failure.ts';
import type {Folder} from '../parts.ts';
import {type Answers, type FromMember, flagAt, type ToMember} from './crew-messages.ts';
import {Outbox} from './outbox.ts';

type Asked = PromiseWithResolvers<unknown>;
type Question = Extract<FromMember, {question: number}>;
/** A question that has no number yet. */
type Unnumbered = Question extends infer Each ? (Each extends Question ? Omit<Each, 'question'> : never) : never;

/** What a thread of the crew says to the engine's thread, asks it, and shares with it. */
export class EngineLine {
	readonly #outbox: Outbox<FromMember>;
	readonly #flags: Int32Array;
	readonly #asked = new Map<number, Asked>();
	#last = 0;
	/** Asked once, behind all that is told in this turn. */
	#recording: (Asked & {question: number}) | undefined;
	#preparing: Promise<void> | undefined;
	#isPrepared = false;
	#hold: PromiseWithResolvers<void> | undefined;

	/** @param sample called before anything is sent, to say how many bytes have come */
	constructor(post: (messages: FromMember[]) => void, flags: SharedArrayBuffer, sample: () => void) {
		this.#flags = new Int32Array(flags);
		this.#outbox = new Outbox(post, () => {
			sample();
			if (this.#recording) this.tell({type: 'recorded', question: this.#recording.question});
			this.#recording = undefined;
		});
	}

	tell(message: FromMember): void {
		this.#outbox.add(message);
	}

	/** There are bytes to be told of. */
	tellSoon(): void {
		this.#outbox.soon();
	}

	/** The folder, of which that thread knows what is in it and what the journal says of it. */
	readonly folder: Folder = {
		claims: {
			prepare: () => this.#prepare(),
			claim: (name, number) => this.#ask({type: 'claim', name, number}),
			take: (name, number) => this.#ask({type: 'take', name, number}),
			release: (name, isPlaced) => this.tell({type: 'release', name, isPlaced}),
		},
		checksum: (url, name) => this.#ask({type: 'checksum', url, name}),
		recorded: () => {
			this.#recording ??= this.#question();
			this.#outbox.hurry();
			return this.#recording.promise as Promise<void>;
		},
	};

	readonly held = (signal: AbortSignal): Promise<void> | undefined => {
		if (Atomics.load(this.#flags, flagAt.held) === 0 || signal.aborted) return undefined;
		this.#hold ??= Promise.withResolvers();
		const {promise, resolve} = Promise.withResolvers<void>();
		signal.addEventListener('abort', () => resolve(), {once: true});
		return Promise.race([this.#hold.promise, promise]);
	};

	/** The limit, for one attempt: it is a task of its own there, whichever of its connections asks. */
	allowance(attempt: number): Allowance {
		const isLimited = () => Atomics.load(this.#flags, flagAt.limited) === 1;
		return {
			get isLimited() {
				return isLimited();
			},
			take: (_, bytes, signal) => (signal.aborted || !isLimited() ? bytes : this.#share(attempt, bytes, signal)),
		};
	}

	answered({question, value, refusal}: Extract<ToMember, {type: 'answer'}>): void {
		const asked = this.#asked.get(question);
		this.#asked.delete(question);
		if (refusal) asked?.reject(coded(refusal.code, refusal.message));
		else asked?.resolve(value);
	}

	flow(): void {
		this.#hold?.resolve();
		this.#hold = undefined;
	}

	#prepare(): Promise<void> | undefined {
		if (this.#isPrepared) return undefined;
		this.#preparing ??= this.#ask({type: 'prepare'}).then(() => {
			this.#isPrepared = true;
		});
		return this.#preparing;
	}

	async #share(attempt: number, bytes: number, signal: AbortSignal): Promise<number> {
		const {promise, resolve} = Promise.withResolvers<number>();
		const leave = () => resolve(bytes);
		signal.addEventListener('abort', leave);
		const granted = await Promise.race([this.#ask({type: 'share', attempt, bytes}), promise]);
		signal.removeEventListener('abort', leave);
		return granted;
	}

	#ask<Type extends keyof Answers>(asking: Unnumbered & {type: Type}): Promise<Answers[Type]> {
		const {question, promise} = this.#question();
		this.#outbox.add({...asking, question} as Question);
		return promise as Promise<Answers[Type]>;
	}

	#question(): Asked & {question: number} {
		const question = ++this.#last;
		const asked = {...Promise.withResolvers<unknown>(), question};
		this.#asked.set(question, asked);
		return asked;
	}
}
