#!/usr/bin/env node
// The door: nothing is loaded before the version is checked, because what follows does not even parse on an older Node.
import module from 'node:module';

const needed = 24;

if (Number.parseInt(process.versions.node, 10) < needed) {
	process.stderr.write(
		`fetchtop: needs Node.js ${needed} or newer, and this is ${process.versions.node}; see https://nodejs.org\n`,
	);
	process.exitCode = 2;
} else {
	module.enableCompileCache?.();
	const {main} = await import('./source/main.ts');
	await main(process.argv.slice(2));
}
