import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {Bench} from './contestants.ts';

/** What the figures depend on, before the first of them. Names of folders, users and hosts are nobody's business. */
export function machineOf(bench: Bench, where: string, note: string): Array<[string, string]> {
	const versionOf = (name: string): string =>
		JSON.parse(readFileSync(path.join(bench.root, name, 'package.json'), 'utf8')).version;
	const {stdout: commit} = spawnSync('git', ['rev-parse', '--short', 'HEAD'], {cwd: bench.root, encoding: 'utf8'});
	const peers = Object.values(bench.peers).flatMap(peer => (peer ? [peer.version] : []));
	const [cpu] = os.cpus();
	return [
		['fetchtop', `${versionOf('.')}${commit ? ` (${commit.trim()})` : ''}, undici ${versionOf('node_modules/undici')}`],
		['Node.js', process.versions.node],
		['peers', peers.join(' · ')],
		['CPU', `${os.availableParallelism()} × ${cpu?.model.trim() || os.arch()}`],
		['memory', `${(os.totalmem() / 2 ** 30).toFixed(0)} GiB`],
		['system', `${os.type()} ${/^[\d.]*\d/.exec(os.release())?.[0] ?? ''}`],
		['files', `on ${where}`],
		['load average', `${os.loadavg()[0]?.toFixed(1)} before the first case`],
		...(note ? [['note', note] as [string, string]] : []),
	];
}

/** The command as anybody would type it. */
export function commandLine(command: readonly string[], bench: Bench): string {
	const [file = '', ...args] = command;
	const name = Object.entries(bench.peers).find(([, peer]) => peer?.file === file)?.[0];
	return withoutFolders([name ?? file, ...args].join(' '), bench);
}

/** What can be shown of a text that has names of this machine's folders in it. */
export function withoutFolders(text: string, {root, folder, origin, node}: Bench): string {
	const replaced: ReadonlyArray<readonly [string, string]> = [
		[`${node} ${path.join(root, 'dist/cli.js')}`, 'fetchtop'],
		[node, 'node'],
		[`${folder}/lists/`, ''],
		[`${folder}/`, ''],
		[`${root}/`, ''],
		[origin, 'http://127.0.0.1'],
	];
	return replaced.reduce((line, [long, short]) => line.replaceAll(long, short), text);
}
