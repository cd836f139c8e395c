import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {startServer} from './helpers/server.ts';
import {fetchtop, noTerminal, openTerminal} from './helpers/terminal.ts';

const skip = noTerminal || (spawnSync('tmux', ['-V']).error ? 'needs tmux' : false);

/** Up to 3.3a, tmux gives each of these thumbs four cells, and others give it two. */
const titles = [
	'👍🏽'.repeat(60),
	'Plain',
	`${'👍🏽'.repeat(4)} in front of the address`,
	'👩‍👩‍👧‍👦'.repeat(60),
	'新浪首页'.repeat(30),
];
const isAscii = (line: string) => /^[\x20-\x7e✔▶·…]*$/.test(line);

for (const columns of [80, 100]) {
	test(`in tmux all rows stand where they belong, on ${columns} columns`, {skip}, async t => {
		const server = await startServer(t);
		const long = `/${'long-'.repeat(30)}`;
		titles.forEach((title, index) => {
			server.page(`${long}${index}`, `<title>${title}</title>`, {'content-type': 'text/html; charset=utf-8'});
		});
		const urls = titles.map((_, index) => server.url(`${long}${index}`)).join(' ');
		const folder = mkdtempSync(path.join(os.tmpdir(), 'fetchtop-tmux-'));
		const tmux = (...args: string[]) =>
			spawnSync('tmux', ['-S', path.join(folder, 'socket'), ...args], {encoding: 'utf8'}).stdout;
		t.after(() => {
			tmux('kill-server');
			rmSync(folder, {recursive: true, force: true});
		});
		const terminal = openTerminal(
			t,
			`env -u TMUX tmux -u -f /dev/null -S ${folder}/socket set -g status off \\; new-session "${fetchtop(`--no-save -c 1 ${urls}`)}"`,
			columns,
			24,
		);
		const seen = () => tmux('capture-pane', '-p').split('\n');
		const rows = (lines: readonly string[]) => lines.filter(line => / ✔ done /.test(line));
		await terminal.shows('ended: q leaves');
		await terminal.until(() => rows(seen()).length === titles.length && /q quit/.test(seen()[22] ?? ''), 'all rows');
		// Up and down, so that there are cells that count as unchanged.
		terminal.type('jjjkkkj');
		await terminal.until(() => seen().findIndex(line => line.startsWith('▶')) === 7, 'the second row selected');
		const lines = seen();
		for (const line of lines) assert.match(line, /^(?:$| |▶ )/, lines.join('\n'));
		for (const line of rows(lines).filter(isAscii)) {
			assert.equal(line.length, columns - 1, line);
			assert.ok(line.endsWith('…'));
		}
		assert.equal(rows(lines).filter(isAscii).length, 1);
		assert.deepEqual(
			lines.slice(11, 21),
			Array.from({length: 10}, () => ''),
			lines.join('\n'),
		);
		terminal.type('\u000ck');
		await terminal.until(() => seen().findIndex(line => line.startsWith('▶')) === 6, 'the first row selected');
		const unmarked = (all: readonly string[]) => all.map(line => line.replace(/^▶/, ' '));
		assert.deepEqual(unmarked(seen()), unmarked(lines), 'drawn anew it is the same');
		assert.equal(tmux('display-message', '-p', '#{wrap_flag}').trim(), '1');
		terminal.resize(10, 3);
		await terminal.until(() => seen()[0] === ' 0/1', 'a tiny screen');
		await terminal.until(() => /^▶ ✔ ./.test(seen()[1] ?? '') && seen()[2] === '', 'one row on it, and none below');
		terminal.type('q');
		assert.equal(await terminal.exited, 0);
	});
}
