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

/** In memory where there is room for the large files and their copies: a disk would be what is measured. */
function makeFolder(amounts: Amounts): {folder: string; where: string} {
	const needed = 2 * (amounts.large + 8 * amounts.part) + 1024 ** 3;
	const memory = '/dev/shm';
	const isRoomy = (() => {
		try {
			accessSync(memory, constants.W_OK);
			const {bavail, bsize, type} = statfsSync(memory);
			return type === 0x01021994 && bavail * bsize > needed;
		} catch {
			return false;
		}
	})();
	const folder = mkdtempSync(path.join(isRoomy ? memory : os.tmpdir(), 'fetchtop-benchmark-'));
	return {folder, where: isRoomy ? 'tmpfs' : 'disk'};
}

/** As fetchtop is: one minified file with a compile cache, or reading undici's many would be most of what is compared. */
async function bundleCeiling(folder: string): Promise<string> {
	await build({
		...{entryPoints: [path.join(root, 'benchmark/ceiling.mjs')], outfile: path.join(folder, 'bundle.mjs')},
		...{bundle: true, minify: true, format: 'esm', platform: 'node', logLevel: 'warning', absWorkingDir: root},
		banner: {
			js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
		},
	});
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
		process.stdout.write(usage);
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
	const loadBefore = os.loadavg()[0] ?? Number.NaN;
	const outcomes: Outcome[] = [];
	for (const each of wanted) {
		process.stderr.write(`${each.name} `);
		const outcome = await runCase(each, bench, options.rounds);
		outcomes.push(outcome);
		process.stdout.write(`\n${each.title(bench.amounts)}\n\n${caseTable(outcome)}\n\n`);
	}
	process.stdout.write(`${requirementTable(outcomes)}\n`);
	if (options.quick || options.cases.length > 0) return;
	const machine = machineOf(bench, {where, loadBefore, note: options.note});
	const report = {machine, amounts: bench.amounts, rounds: options.rounds, method, outcomes};
	writeFileSync(path.join(root, 'benchmark/RESULTS.md'), markdown(report));
}

try {
	await main();
	process.exit(0);
} catch (error) {
	process.stderr.write(`\nbenchmark: ${error instanceof Error ? error.message : error}\n`);
	process.exit(1);
}
