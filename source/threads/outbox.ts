/** Milliseconds that numbers may wait for something to travel with. */
const interval = 40;

/** Messages of one turn of the loop travel together: each time that something is sent costs more than what is in it. */
export class Outbox<Message> {
	readonly #post: (messages: Message[]) => void;
	readonly #last: () => void;
	#messages: Message[] = [];
	#sending: NodeJS.Immediate | undefined;
	#later: NodeJS.Timeout | undefined;

	/** @param last called before they are sent: the last occasion to put something in */
	constructor(post: (messages: Message[]) => void, last: () => void = () => {}) {
		this.#post = post;
		this.#last = last;
	}

	add(message: Message): void {
		this.#messages.push(message);
		this.hurry();
	}

	/** Sends in this turn, if only what is put in last. */
	hurry(): void {
		this.#sending ??= setImmediate(() => this.#send());
	}

	/** There will be something to put in, some time soon. */
	soon(): void {
		this.#later ??= setTimeout(() => this.#send(), interval);
	}

	#send(): void {
		this.#last();
		clearImmediate(this.#sending);
		clearTimeout(this.#later);
		this.#sending = undefined;
		this.#later = undefined;
		if (this.#messages.length === 0) return;
		const messages = this.#messages;
		this.#messages = [];
		this.#post(messages);
	}
}
