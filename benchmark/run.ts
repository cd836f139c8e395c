// `npm run benchmark`: fetchtop beside its peers, on loopback, in one run. See CONTRIBUTING.md.
import {accessSync, constants, mkdtempSync, rmSync, statfsSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {build} from 'esbuild';
import {cases} from './cases.ts';
import type {Bench, Case, Outcome} from './contestants.ts';
import {type Amounts, makeSite, quick, whole} from './data.ts';
import {machineOf} from './machine.ts';
import {endAll, method} from './measure.ts';
import {startNginx} from './nginx.ts';
import {type Options, parseOptions, usage} from './options.ts';
import {findPeers, packagesOf} from './peers.ts';
import {caseTable, markdown, requirementTable} from './report.ts';
import {runCase} from './round.ts';

const root = path.resolve(import.meta.dirname, '..');

/** The large files and one copy of them, and half a GiB of small ones. */
const roomFor = ({large, part}: Amounts) => large + part + Math.max(large, 8 * part) + 512 * 1024 ** 2;

/** In memory where there is room: a disk would be what is measured. */
function makeFolder(amounts: Amounts): {folder: string; where: string} {
	const memory = '/dev/shm';
	const needed = roomFor(amounts);
	const isInMemory = isTmpfs(memory) && freeIn(memory) > needed;
	const parent = isInMemory ? memory : os.tmpdir();
	if (freeIn(parent) < needed) throw new Error(`needs ${(needed / 2 ** 30).toFixed(1)} GiB in ${parent}`);
	return {folder: mkdtempSync(path.join(parent, 'fetchtop-benchmark-')), where: isInMemory ? 'tmpfs' : 'disk'};
}

function isTmpfs(folder: string): boolean {
	try {
		accessSync(folder, constants.W_OK);
		// TMPFS_MAGIC, see statfs(2).
		return statfsSync(folder).type === 0x01021994;
	} catch {
		return false;
	}
}

function freeIn(folder: string): number {
	const {bavail, bsize} = statfsSync(folder);
	return bavail * bsize;
}

/** As fetchtop is: one minified file with a compile cache, or reading undici's many would be most of what is compared. */
async function bundleCeiling(folder: string): Promise<string> {
	// Not written by esbuild: that is a process of its own, which would make a folder anew that has just been removed.
	const {outputFiles} = await build({
		...{entryPoints: [path.join(root, 'benchmark/ceiling.mjs')], write: false},
		...{bundle: true, minify: true, format: 'esm', platform: 'node', logLevel: 'warning', absWorkingDir: root},
		banner: {
			js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
		},
	});
	writeFileSync(path.join(folder, 'bundle.mjs'), outputFiles[0]?.contents ?? '');
	const file = path.join(folder, 'ceiling.mjs');
	writeFileSync(file, "import m from 'node:module';m.enableCompileCache();await import('./bundle.mjs');\n");
	return file;
}

async function prepare(folder: string, options: Options, wanted: readonly Case[]): Promise<Bench> {
	const peers = findPeers();
	if (!peers.nginx) throw new Error(`needs nginx (apt-get install ${packagesOf('nginx')})`);
	const amounts = options.quick ? quick : whole;
	process.stderr.write('making the data …\n');
	makeSite(folder, root, amounts, new Set(wanted.flatMap(({data}) => data)));
	const ceiling = await bundleCeiling(folder);
	const profile = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${process.cwd()}`] : [];
	const fetchtop = [process.execPath, ...profile, path.join(root, 'dist/cli.js')];
	const origin = await startNginx(peers.nginx.file, folder);
	return {root, folder, origin, node: process.execPath, fetchtop, ceiling, peers, amounts};
}

async function main(): Promise<void> {
	const options = parseOptions(
		process.argv.slice(2),
		cases.map(({name}) => name),
	);
	if (options === 'help') {
		process.stdout.write(`${usage}\nCases: ${cases.map(({name}) => name).join(', ')}\n`);
		return;
	}
	const wanted = cases.filter(({name}) => options.cases.length === 0 || options.cases.includes(name));
	const {folder, where} = makeFolder(options.quick ? quick : whole);
	const cleanUp = () => {
		endAll();
		rmSync(folder, {recursive: true, force: true, maxRetries: 3});
	};
	process.once('exit', cleanUp);
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
	const bench = await prepare(folder, options, wanted);
	const machine = machineOf(bench, where, options.note);
	const outcomes: Outcome[] = [];
	for (const each of wanted) {
		process.stderr.write(`${each.name} `);
		const outcome = await runCase(each, bench, options.rounds);
		outcomes.push(outcome);
		process.stdout.write(`\n${each.title(bench.amounts)}\n\n${caseTable(outcome)}\n\n`);
	}
	process.stdout.write(`${requirementTable(outcomes)}\n`);
	if (options.quick)
		process.stdout.write(
			'\nThis was a quick run, most of which is starting: it shows that everything works, not how fast.\n',
		);
	if (outcomes.some(({hasFailed}) => hasFailed)) process.exitCode = 1;
	if (options.quick || options.cases.length > 0) return;
	const report = {machine, amounts: bench.amounts, rounds: options.rounds, method, outcomes};
	writeFileSync(path.join(root, 'benchmark/RESULTS.md'), markdown(report));
}

try {
	await main();
	process.exit();
} catch (error) {
	process.stderr.write(`\nbenchmark: ${error instanceof Error ? error.message : error}\n`);
	process.exit(1);
}
