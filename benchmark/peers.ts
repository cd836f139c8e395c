import {spawnSync} from 'node:child_process';

export type PeerName = 'nginx' | 'curl' | 'wget2' | 'aria2c' | 'python3' | 'script';

/** A program of the system, and what it says of its version. */
export type Peer = {file: string; version: string};
export type Peers = Readonly<Record<PeerName, Peer | undefined>>;

/** Where to look, how to ask, and the Debian packages that bring it. */
const sought: Readonly<Record<PeerName, {files: readonly string[]; args: readonly string[]; packages: string}>> = {
	nginx: {files: ['nginx', '/usr/sbin/nginx'], args: ['-v'], packages: 'nginx-light'},
	curl: {files: ['curl'], args: ['--version'], packages: 'curl'},
	wget2: {files: ['wget2'], args: ['--version'], packages: 'wget2'},
	aria2c: {files: ['aria2c'], args: ['--version'], packages: 'aria2'},
	// Debian's own first: another one on the PATH seldom has the packages.
	python3: {
		files: ['/usr/bin/python3', 'python3'],
		args: [
			'-c',
			'import platform, requests, bs4; print("Python", platform.python_version(), "requests", requests.__version__, "beautifulsoup4", bs4.__version__)',
		],
		packages: 'python3 python3-requests python3-bs4',
	},
	script: {files: ['script'], args: ['--version'], packages: 'bsdutils'},
};

export function findPeers(): Peers {
	const found = Object.entries(sought).map(([name, {files, args}]) => {
		for (const file of files) {
			const {status, stdout, stderr} = spawnSync(file, args, {encoding: 'utf8', timeout: 10_000});
			if (status === 0) return [name, {file, version: shortened((stdout || stderr).split('\n')[0] ?? '')}];
		}
		return [name, undefined];
	});
	return Object.fromEntries(found);
}

/** curl names every library that it is made with, wget2 what it is for. */
const shortened = (version: string) => version.replace(/ (?:\(|- ).*/, '').replace('nginx version: ', '');

/** What to install to have it. */
export const packagesOf = (name: PeerName): string => sought[name].packages;
