import type {RaceTask} from '../seams.ts';
import {mostStillborn, type OpenRunner, type Runner, type RunnerContext} from './runner.ts';
import {type FromWorker, type StartWorker, startProcessWorker, startThreadWorker, type Worker} from './workers.ts';

type Member = {
	number: number;
	worker: Worker;
	isReady: boolean;
	/** It was told to end, for there are to be fewer. */
	isRetired: boolean;
	task: RaceTask | undefined;
	/** Microseconds of CPU that its process had used when the race began, and when it last told. */
	cpuBefore: number;
	cpu: number;
};

/** As many workers as tasks may run at once; each is given a task, and when it has come back with the record, the next. */
class Pool implements Runner {
	readonly #context: RunnerContext;
	readonly #kind: string;
	readonly #start: StartWorker;
	readonly #members = new Set<Member>();
	readonly #ready = Promise.withResolvers<void>();
	readonly #ended = Promise.withResolvers<void>();
	#limit: number;
	#last = 0;
	#stillborn = 0;
	#isGoing = false;
	#isClosed = false;
	#messages = 0;
	/** Microseconds of CPU of those that are gone. */
	#cpuOfGone = 0;

	constructor(kind: string, start: StartWorker, context: RunnerContext) {
		this.#kind = kind;
		this.#start = start;
		this.#context = context;
		this.#limit = context.limit;
	}

	open(): Promise<void> {
		this.#fill();
		return this.#ready.promise;
	}

	go(): void {
		this.#isGoing = true;
		for (const member of this.#members) member.cpuBefore = member.cpu;
		this.#feedAll();
	}

	/** Raised: more are started, at once. Lowered: whoever is idle ends now, the others when they have their record. */
	setLimit(value: number): void {
		this.#limit = value;
		this.#fill();
		this.#feedAll();
	}

	kill(): void {
		// One that is still starting has nothing to lose, and a key that is held down would let none ever be ready.
		const all = [...this.#members].filter(({isRetired, isReady}) => isReady && !isRetired);
		const busy = all.filter(({task}) => task);
		const candidates = busy.length > 0 ? busy : all;
		candidates[Math.floor(Math.random() * candidates.length)]?.worker.kill();
	}

	cpuElsewhere(): number {
		return [...this.#members].reduce((sum, {cpu, cpuBefore}) => sum + cpu - cpuBefore, this.#cpuOfGone);
	}

	pids(): number[] {
		return [...this.#members].flatMap(({worker}) => worker.pid ?? []);
	}

	usage(): ReturnType<Runner['usage']> {
		const {running} = this.#context.tasks;
		return {running, workers: this.#members.size, messages: this.#messages, copied: 0, full: 0};
	}

	close(): Promise<void> {
		this.#isClosed = true;
		for (const {worker} of this.#members) worker.kill();
		this.#endIfGone();
		return this.#ended.promise;
	}

	#endIfGone(): void {
		if (this.#isClosed && this.#members.size === 0) this.#ended.resolve();
	}

	get #staying(): number {
		return [...this.#members].filter(({isRetired}) => !isRetired).length;
	}

	#fill(): void {
		while (!this.#isClosed && this.#staying < this.#limit) this.#add();
	}

	#add(): void {
		const number = ++this.#last;
		const worker = this.#start(this.#context.equipment, {
			message: message => this.#hear(member, message),
			exit: why => this.#gone(member, why),
		});
		const member: Member = {number, worker, isReady: false, isRetired: false, task: undefined, cpuBefore: 0, cpu: 0};
		this.#members.add(member);
	}

	#hear(member: Member, message: FromWorker): void {
		member.cpu = message.cpu;
		if (message.type === 'done') {
			this.#messages++;
			member.task = undefined;
			this.#context.tasks.finish(message.number, message.result);
		} else {
			member.isReady = true;
			this.#stillborn = 0;
			this.#endStart();
		}
		// What a process has said last may be read only after its end is known.
		if (this.#isGoing && this.#members.has(member)) this.#feed(member);
	}

	#endStart(): void {
		if ([...this.#members].every(({isReady}) => isReady)) this.#ready.resolve();
	}

	#feedAll(): void {
		if (this.#isGoing) for (const member of this.#members) this.#feed(member);
	}

	#feed(member: Member): void {
		if (!member.isReady || member.task || member.isRetired) return;
		if (this.#staying > this.#limit) return this.#retire(member);
		member.task = this.#context.tasks.next();
		if (!member.task) return;
		this.#messages++;
		member.worker.post({type: 'task', task: member.task});
	}

	#retire(member: Member): void {
		member.isRetired = true;
		member.worker.kill();
	}

	#gone(member: Member, why: string): void {
		this.#members.delete(member);
		this.#cpuOfGone += member.cpu - member.cpuBefore;
		this.#endIfGone();
		if (this.#isClosed || member.isRetired) return;
		const {tasks} = this.#context;
		const what = `${this.#kind} ${member.number} died (${why})`;
		if (member.task) tasks.lost(member.task.number, what);
		else tasks.incident(what);
		if (!member.isReady) this.#stillborn++;
		if (this.#stillborn < mostStillborn) {
			this.#fill();
			this.#endStart();
			this.#feedAll();
		} else this.#fail(new Error(`no ${this.#kind} can be started: ${why}`));
	}

	#fail(error: Error): void {
		this.#ready.reject(error);
		this.#context.tasks.fail(error);
	}
}

/** @param kind what its workers are called */
export const openPool =
	(kind: string, start: StartWorker): OpenRunner =>
	context =>
		new Pool(kind, start, context);

export const openThreads = openPool('thread', startThreadWorker);
export const openProcesses = openPool('process', startProcessWorker);
