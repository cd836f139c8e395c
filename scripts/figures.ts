// Takes all figures of the README and docs/concurrency*.md again: runs the commands there, and puts what each prints below it. A page in another
// language gets what the first one got. Needs a build, python3, and a machine that does nothing else:
// `npm run figures`, or `npm run figures -- 'race --quiet --work cpu'` for the commands with that in them.
import {execFileSync} from 'node:child_process';
import {chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const pages = ['README.md', 'docs/concurrency.md', 'docs/concurrency.zh-CN.md'].map(name => path.join(root, name));

/** The commands as a reader has them. */
const bin = mkdtempSync(path.join(os.tmpdir(), 'fetchtop-figures-'));
symlinkSync(process.execPath, path.join(bin, 'node'));
writeFileSync(path.join(bin, 'fetchtop'), `#!/bin/sh\nexec '${process.execPath}' '${root}/dist/cli.js' "$@"\n`);
chmodSync(path.join(bin, 'fetchtop'), 0o755);
const env = {...process.env, PATH: `${bin}:${process.env.PATH}`, LC_ALL: 'C.UTF-8'};

const printed = new Map<string, string>();

function print(command: string): string {
	const known = printed.get(command);
	if (known !== undefined) return known;
	process.stderr.write(`$ ${command}\n`);
	const text = execFileSync('sh', ['-c', command], {env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});
	printed.set(command, text);
	return text;
}

const [only = ''] = process.argv.slice(2);

/** `$ ` begins a command, `> ` goes on with it, and all else was printed. */
const fresh = (block: string): string =>
	block.replace(/(^\$ .*\n(?:> .*\n)*)((?:(?!\$ ).*\n)*)/gm, (_, prompted: string, old: string) => {
		const command = prompted.replace(/^[$>] /gm, '').trimEnd();
		return prompted + (command.includes(only) ? print(command) : old);
	});

try {
	for (const page of pages) {
		const text = readFileSync(page, 'utf8');
		writeFileSync(page, text.replace(/(?<=```console\n)[\s\S]*?(?=```)/g, fresh));
	}
} finally {
	rmSync(bin, {recursive: true});
}
