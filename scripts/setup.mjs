// Installs what is missing, so that `npm start` and `npm test` are all a fresh clone needs. Runs on any Node since 18.
import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';

const root = new URL('../', import.meta.url);

/** npm writes down what it installed; the same packages in the same versions mean there is nothing to do. */
function isInstalled() {
	const installed = new URL('node_modules/.package-lock.json', root);
	if (!existsSync(installed) || !existsSync(new URL('node_modules/.bin/node', root))) return false;
	const versions = file => {
		const {packages} = JSON.parse(readFileSync(file, 'utf8'));
		return Object.entries(packages)
			.filter(([name, {optional}]) => name && !optional)
			.map(([name, {version}]) => `${name}@${version}`)
			.sort();
	};
	const wanted = versions(new URL('package-lock.json', root));
	const found = new Set(versions(installed));
	return wanted.every(entry => found.has(entry));
}

if (!isInstalled()) {
	process.stderr.write('Installing what fetchtop is built with (once) …\n');
	// The machine's Node may be older than what the packages ask for: they bring their own, so npm's warnings say nothing.
	const {status} = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
		cwd: root,
		stdio: ['ignore', 'ignore', 'inherit'],
		shell: process.platform === 'win32',
	});
	if (status !== 0) {
		process.stderr.write('fetchtop: `npm ci` failed; run it by hand to see why\n');
		process.exit(1);
	}
}
