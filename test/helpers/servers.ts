import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import type {TestContext} from 'node:test';
import {patience} from './engine.ts';
import {answers, freePort} from './port.ts';

/** A program of the system, by its name or where Debian keeps it from those who are not root. One without its libraries is none. */
function find(name: string, ...args: string[]): string | undefined {
	return [name, `/usr/sbin/${name}`].find(file => {
		const {error, status} = spawnSync(file, args, {timeout: patience});
		return !error && status !== 127;
	});
}

const found = {
	nginx: find('nginx', '-v'),
	microsocks: find('microsocks', '-h'),
	tinyproxy: find('tinyproxy', '-v'),
};

/** Why a test cannot run here, if so. */
export const missing = (...names: ReadonlyArray<keyof typeof found>): string | false => {
	const lacking = names.filter(name => found[name] === undefined);
	return lacking.length === 0 ? false : `needs ${lacking.join(' and ')} (apt-get install ${lacking.join(' ')})`;
};

/** A real server at work, its ports, and what it has written so far. */
export type Served = {port: number; other: number; child: ChildProcess; said(): string; stop(): Promise<void>};

/** Tries, for somebody else may take the port between our looking and its listening. */
const tries = 5;

/** Starts a real server on a free port of this machine, and ends it after the test. @param args given the port, and another free one */
export async function serve(
	t: TestContext,
	name: keyof typeof found,
	args: (port: number, other: number) => string[],
): Promise<Served> {
	const file = found[name];
	if (file === undefined) throw new Error(`${name} is not installed`);
	let said = '';
	for (let count = 0; count < tries; count++) {
		const [port, other] = [await freePort(), await freePort()];
		const child = spawn(file, args(port, other), {stdio: ['ignore', 'pipe', 'pipe']});
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', chunk => {
				said += chunk;
			});
		const exited = new Promise<void>(resolve => child.once('exit', () => resolve()));
		t.after(() => child.kill('SIGKILL'));
		const stop = async () => {
			child.kill(name === 'nginx' ? 'SIGQUIT' : 'SIGTERM');
			await exited;
		};
		while (child.exitCode === null) if (await answers(port)) return {port, other, child, said: () => said, stop};
	}
	throw new Error(`${name} does not start: ${said}`);
}
