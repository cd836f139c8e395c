import type {AttemptParts} from '../../engine/attempt.ts';
import {type Handlers, handle} from '../../engine/handlers.ts';
import type {Extractor, Head, Reading} from '../../engine/seams.ts';
import {isPage, readBytes} from '../../extract/extractor.ts';
import type {Field} from '../../extract/fields.ts';
import {joined} from '../../extract/searcher.ts';
import type {RaceTask} from '../seams.ts';
import {recordOf, tryPage} from './fetch-page.ts';
import {Mailbox} from './mailbox.ts';
import {raceParts} from './parts.ts';
import type {FromFetcher, PageMessage, ToFetcher} from './pipeline-messages.ts';

/** The fetchers: as many as tasks may run at once, all of them in one thread, for all they do is wait. */
export function serveFetchers(
	post: (message: FromFetcher) => void,
	listen: (listener: (message: ToFetcher) => void) => void,
): void {
	const fetchers = new Fetchers(post);
	const handlers: Handlers<ToFetcher> = {
		async equip({equipment}) {
			fetchers.parts = await raceParts(equipment);
			fetchers.fields = equipment.options.extract;
			post({type: 'ready'});
		},
		parser: ({parser, port}) => fetchers.add(parser, new Mailbox<PageMessage>(port, () => fetchers.wake())),
		'parser-gone': ({parser}) => fetchers.remove(parser),
		task: ({task}) => void fetchers.fetch(task),
	};
	listen(message => handle(handlers, message));
}

class Fetchers {
	/** There before the first task. */
	parts: AttemptParts | undefined;
	fields: readonly Field[] = [];
	readonly #post: (message: FromFetcher) => void;
	readonly #mailboxes = new Map<number, Mailbox<PageMessage>>();
	#waiting: Array<() => void> = [];

	constructor(post: (message: FromFetcher) => void) {
		this.#post = post;
	}

	add(parser: number, mailbox: Mailbox<PageMessage>): void {
		this.#mailboxes.set(parser, mailbox);
		this.wake();
	}

	remove(parser: number): void {
		this.#mailboxes.get(parser)?.close();
		this.#mailboxes.delete(parser);
	}

	/** There is room in a mailbox: whoever waits for some looks again. */
	wake(): void {
		for (const resume of this.#waiting.splice(0)) resume();
	}

	async fetch(task: RaceTask): Promise<void> {
		const {parts} = this;
		if (!parts) return;
		const keeping = new Keeping(readBytes(this.fields));
		const tried = await tryPage(task, {...parts, extractor: keeping});
		if (!tried) return;
		const {number} = task;
		if (tried.outcome.kind !== 'done' || !keeping.isKept)
			return this.#post({type: 'record', number, result: recordOf(tried, parts.clock.now())});
		await this.#pass({number, tried, bytes: keeping.bytes(), isWhole: keeping.isWhole});
	}

	/** Into the emptiest mailbox. While all of them are full the fetcher waits, and asks for no other page: that is what bounds memory. */
	async #pass(page: PageMessage): Promise<void> {
		const {number} = page;
		const bytes = page.bytes.length;
		for (let isTold = false; ; isTold = true) {
			const [parser, mailbox] = [...this.#mailboxes].reduce<[number, Mailbox<PageMessage> | undefined]>(
				(best, each) => (each[1].room > (best[1]?.room ?? 0) ? each : best),
				[0, undefined],
			);
			if (mailbox?.offer(page, [page.bytes.buffer])) return this.#post({type: 'passed', number, parser, bytes});
			if (!isTold) this.#post({type: 'full'});
			await new Promise<void>(resolve => this.#waiting.push(resolve));
		}
	}
}

/** Takes the place of the title code: keeps what that would look at, for somebody else to do so. */
class Keeping implements Extractor {
	readonly #limit: number;
	#chunks: Uint8Array[] = [];
	isKept = false;
	isWhole = false;

	constructor(limit: number) {
		this.#limit = limit;
	}

	open(head: Head): Reading | undefined {
		this.#chunks = [];
		this.isKept = isPage(head);
		if (!this.isKept) return undefined;
		let length = 0;
		return {
			limit: this.#limit,
			write: chunk => {
				this.#chunks.push(new Uint8Array(chunk));
				length += chunk.length;
				return length >= this.#limit;
			},
			finish: isWhole => {
				this.isWhole = isWhole;
				return {};
			},
		};
	}

	/** One piece of memory of its own, so that it can be handed over. */
	bytes(): Uint8Array<ArrayBuffer> {
		return joined(this.#chunks);
	}
}
