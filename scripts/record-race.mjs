// A real race as test/fixtures/race-run.json, which test/race-run.test.ts draws: `node scripts/record-race.mjs`, on an idle machine.
// Bundled as the program is, for as it stands in the source its processes would take longer to start than to race.
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {build} from 'esbuild';
import {options} from './bundle.mjs';

const outdir = mkdtempSync(path.join(os.tmpdir(), 'fetchtop-recording-'));
try {
	const entryPoints = {...options.entryPoints, 'chunks/race-recording': 'scripts/race-recording.ts'};
	await build({...options, entryPoints, outdir});
	writeFileSync(path.join(outdir, 'package.json'), '{"type": "module"}');
	const {stdout, status} = spawnSync(process.execPath, [path.join(outdir, 'chunks/race-recording.js')], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	if (status !== 0) throw new Error(`the race ended with status ${status}`);
	writeFileSync('test/fixtures/race-run.json', stdout);
} finally {
	rmSync(outdir, {recursive: true, force: true});
}
