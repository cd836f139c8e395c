import {type ChildProcessByStdio, spawn} from 'node:child_process';
import type {Readable} from 'node:stream';
import type {TestContext} from 'node:test';
import {fetchtop} from './terminal.ts';

export type Ended = {stdout: string; stderr: string; status: number | null};

/** The built program at work. Asynchronously, because the server that answers it lives in this process. */
export class Program {
	readonly child: ChildProcessByStdio<null, Readable, Readable>;
	readonly ended: Promise<Ended>;
	#stdout = '';
	#stderr = '';
	#over = false;
	#watchers: Array<() => void> = [];

	/** @param args as for a shell, run in `cwd`; `before` is what the shell does first */
	constructor(args: string, {cwd, before = ''}: {cwd?: string; before?: string} = {}) {
		// Servers of tests are on this machine, where no proxy of the machine's leads.
		const inherited = Object.entries(process.env).filter(([name]) => !/^CI$|_proxy$|^FETCHTOP_SEED$/i.test(name));
		const env = {...Object.fromEntries(inherited), LC_ALL: 'C.UTF-8'};
		this.child = spawn('sh', ['-c', `${before && `${before} && `}exec ${fetchtop(args)}`], {
			cwd,
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.child.stdout.on('data', chunk => {
			this.#stdout += chunk;
			this.#look();
		});
		this.child.stderr.on('data', chunk => {
			this.#stderr += chunk;
		});
		this.ended = new Promise(resolve => {
			this.child.once('close', status => {
				this.#over = true;
				this.#look();
				resolve({stdout: this.#stdout, stderr: this.#stderr, status});
			});
		});
	}

	/** Resolves when this was written to stdout. Rejects if the program ends without it. */
	async says(text: string | RegExp): Promise<void> {
		while (!this.#stdout.match(text)) {
			if (this.#over) throw new Error(`it ended without ${text}:\n${this.#stdout}${this.#stderr}`);
			await new Promise<void>(resolve => this.#watchers.push(resolve));
		}
	}

	#look(): void {
		for (const resolve of this.#watchers.splice(0)) resolve();
	}
}

/** A program that does not outlive the test. */
export function start(t: TestContext, args: string, options?: ConstructorParameters<typeof Program>[1]): Program {
	const program = new Program(args, options);
	t.after(() => program.child.kill('SIGKILL'));
	return program;
}

/** Runs the program to its end. */
export const run = (t: TestContext, args: string, options?: ConstructorParameters<typeof Program>[1]): Promise<Ended> =>
	start(t, args, options).ended;
