import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {whyAscii} from '../source/cli/locale.ts';
import {run} from './helpers/program.ts';
import {startServer} from './helpers/server.ts';
import {fetchtop, noTerminal, openTerminal} from './helpers/terminal.ts';

const locales: ReadonlyArray<readonly [env: Record<string, string>, unicode: boolean]> = [
	[{}, true],
	[{LANG: ''}, true],
	[{LANG: 'en_US.UTF-8'}, true],
	[{LANG: 'C.utf8'}, true],
	[{LC_CTYPE: 'UTF-8'}, true],
	[{LANG: 'C'}, false],
	[{LANG: 'POSIX'}, false],
	[{LANG: 'de_DE.ISO-8859-1'}, false],
	[{LANG: 'en_US.UTF-8', LC_ALL: 'C'}, false],
	[{LANG: 'C', LC_ALL: '', LC_CTYPE: 'C.UTF-8'}, true],
	[{LANG: 'C', LC_ALL: 'en_US.UTF-8', LC_CTYPE: 'C'}, true],
	[{LANG: 'en_US.UTF-8', TERM: 'linux'}, false],
	[{TERM: 'xterm-256color'}, true],
];

suite('what the locale says', () => {
	for (const [env, unicode] of locales)
		test(`${JSON.stringify(env)}: ${unicode ? 'Unicode' : 'ASCII'}`, () =>
			assert.equal(whyAscii(env) === undefined, unicode));

	test('goes for the summary', async t => {
		const server = await startServer(t);
		server.page('/1', '1');
		for (const [locale, sign] of [
			['C', '-'],
			['C.UTF-8', '·'],
		] as const) {
			const {stdout} = await run(t, `--no-save --quiet ${server.url('/1')}`, {before: `export LC_ALL=${locale}`});
			assert.match(stdout, new RegExp(`s ${sign} 1 task: 1 done ${sign} 1 B`));
		}
	});

	test('goes for the dashboard', {skip: noTerminal}, async t => {
		const server = await startServer(t);
		server.page('/1', '1');
		const terminal = openTerminal(t, fetchtop(`--no-save ${server.url('/1')}`), 80, 24, {LC_ALL: 'POSIX'});
		await terminal.shows('ended: q leaves');
		await terminal.shows('+ done');
		assert.match(terminal.text, /^[\x20-\x7e\n]*$/);
		terminal.type('q');
		assert.equal(await terminal.exited, 0);
	});
});
