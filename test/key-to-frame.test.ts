import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {press} from '../benchmark/press.ts';
import {fetchtop, noTerminal, openTerminal} from './helpers/terminal.ts';

/** Bodies without end, from a process of its own: this one reads the screen. */
async function endless(t: TestContext): Promise<string> {
	const file = path.resolve(import.meta.dirname, 'fixtures/endless.mjs');
	const server = spawn(process.execPath, [file], {stdio: ['ignore', 'pipe', 'inherit']});
	t.after(() => server.kill('SIGKILL'));
	const [port] = await once(server.stdout, 'data');
	return `http://127.0.0.1:${String(port).trim()}`;
}

/** Five times around all strokes takes some six seconds, most of which is waiting between them. */
const keys = 60;

test('each key shows what it does while 64 bodies arrive at full speed; how soon, is told', {
	skip: noTerminal,
}, async t => {
	const origin = await endless(t);
	const list = `i=0; while [ $i -lt 70 ]; do echo ${origin}/$i; i=$((i+1)); done > list`;
	const terminal = openTerminal(t, `${list}; ${fetchtop('--no-save -c 64 -i list')}`, 120, 40);
	await terminal.shows('64 running / 64');
	const {p50, p99} = await press(terminal, keys);
	const told = (seconds: number) => `${(seconds * 1000).toFixed(0)} ms`;
	t.diagnostic(`from a key to its frame: half of ${keys} within ${told(p50)}, 99 of 100 within ${told(p99)}`);
	terminal.type('qq');
	await terminal.exited;
});
