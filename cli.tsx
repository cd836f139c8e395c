#!/usr/bin/env node
// The door: nothing is loaded before the version is checked, because what follows does not even parse on an older Node.
const needed = 24;
const [first] = process.argv.slice(2);

// Else Node opens its debugger, to anybody on this machine, and says so into the screen. `--disable-sigusr1` in the first line would be
// sooner by a moment, but an older Node knows no such option, and would say that in the place of the sentence below.
process.on('SIGUSR1', () => {});

if (Number.parseInt(process.versions.node, 10) < needed) {
	process.stderr.write(
		`fetchtop: needs Node.js ${needed} or newer, and this is ${process.versions.node}; see https://nodejs.org\n`,
	);
	process.exitCode = 2;
} else {
	process.getBuiltinModule('node:module').enableCompileCache();
	// Scripts ask for it again and again. Elsewhere in the line it may be another option's value, which is for the parser to say.
	if (first === '--version' || first === '-V') {
		const {version} = await import('./source/cli/version.ts');
		process.stdout.write(`${version}\n`);
	} else {
		const {main} = await import('./source/main.ts');
		await main(process.argv.slice(2));
	}
}
