import {parentPort} from 'node:worker_threads';
import {type Attempted, type AttemptObserver, type AttemptParts, attempt} from '../engine/attempt.ts';
import {type Handlers, handle} from '../engine/handlers.ts';
import {type Head, systemClock} from '../engine/seams.ts';
import {openParts} from '../parts.ts';
import type {Assignment, CrewBoot, FromMember, ToMember} from './crew-messages.ts';
import {EngineLine} from './engine-line.ts';

/** Drives attempts for an engine in another thread. */
export async function serveCrew({options, network, connections, flags}: CrewBoot): Promise<void> {
	const port = parentPort;
	if (!port) throw new Error('this is the script of a thread');
	const samples = new Map<number, number>();
	const line: EngineLine = new EngineLine(
		(messages: FromMember[]) => port.postMessage(messages),
		flags,
		() => {
			for (const number of samples.keys()) tellBytes(line, samples, number);
		},
	);
	const {maxSize, minSpeed, titlesOnly: brief} = options;
	const parts = {
		...(await openParts(options, network, {
			...line.folder,
			...(options.checksums === undefined && {checksum: () => options.checksum}),
		})),
		clock: systemClock,
		connections,
		...{maxSize, minSpeed, brief},
		held: line.held,
	};
	const running = new Map<number, AbortController>();
	const begin = async (assignment: Assignment) => {
		const {attempt: number} = assignment;
		const controller = new AbortController();
		running.set(number, controller);
		await drive(assignment, {...parts, bandwidth: line.allowance(number)}, line, samples, controller.signal);
		running.delete(number);
	};
	const handlers: Handlers<ToMember> = {
		begin,
		abort: ({attempt}) => running.get(attempt)?.abort(),
		answer: answer => line.answered(answer),
		flow: () => line.flow(),
	};
	port.on('message', (messages: ToMember[]) => {
		for (const message of messages) handle(handlers, message);
	});
	line.tell({type: 'ready'});
}

/** One attempt, told as it goes. Never rejects. */
async function drive(
	{attempt: number, task, targets, headers, part, unless}: Assignment,
	parts: AttemptParts,
	line: EngineLine,
	samples: Map<number, number>,
	signal: AbortSignal,
): Promise<void> {
	const [first = 'about:invalid', ...mirrors] = targets;
	const job: Attempted = {
		task,
		targets: [new URL(first), ...mirrors.map(href => new URL(href))],
		headers,
		...(unless && {unless}),
		part,
	};
	let told: Head | undefined;
	const observer: AttemptObserver = {
		receiving(head, offset, at) {
			tellBytes(line, samples, number);
			told = head;
			line.tell({type: 'receiving', attempt: number, head, offset, part: at});
		},
		received(bytes) {
			samples.set(number, (samples.get(number) ?? 0) + bytes);
			line.tellSoon();
		},
		saved: at => line.tell({type: 'saved', attempt: number, part: at}),
		titled: title => line.tell({type: 'titled', attempt: number, title}),
		extracting: () => line.tell({type: 'extracting', attempt: number}),
	};
	const outcome = await attempt(job, parts, observer, signal);
	tellBytes(line, samples, number);
	const {trace} = job;
	// The same once more would be cloned once more.
	const isHeadTold = told !== undefined && trace?.head === told;
	line.tell({
		type: 'ended',
		attempt: number,
		outcome,
		part: job.part,
		trace: trace && isHeadTold ? {...trace, head: undefined} : trace,
		isHeadTold,
	});
}

function tellBytes(line: EngineLine, samples: Map<number, number>, attempt: number): void {
	const bytes = samples.get(attempt);
	if (bytes === undefined) return;
	samples.delete(attempt);
	line.tell({type: 'received', attempt, bytes});
}
