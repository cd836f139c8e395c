import type {MessagePort} from 'node:worker_threads';

/** Messages that may wait in a mailbox, with the one that its owner is at. */
export const capacity = 4;

/**
 * The sender's end of a bounded mailbox. A port takes whatever is posted, and a fast sender would fill the memory of a slow receiver;
 * so the receiver says of each message when it is through with it, and this end counts.
 */
export class Mailbox<Message> {
	readonly #port: MessagePort;
	readonly #onRoom: () => void;
	#inside = 0;

	constructor(port: MessagePort, onRoom: () => void) {
		this.#port = port;
		this.#onRoom = onRoom;
		port.on('message', () => {
			this.#inside--;
			this.#onRoom();
		});
	}

	/** How many messages it would take now. */
	get room(): number {
		return capacity - this.#inside;
	}

	/**
	 * Puts a message in, or says that the mailbox is full: then nothing was sent, and the message still is the sender's.
	 * @param moved what is handed over instead of being copied
	 */
	offer(message: Message, moved: ArrayBuffer[]): boolean {
		if (this.room <= 0) return false;
		this.#inside++;
		this.#port.postMessage(message, moved);
		return true;
	}

	/** Its owner is gone, and what was inside with it. */
	close(): void {
		this.#port.close();
	}
}
