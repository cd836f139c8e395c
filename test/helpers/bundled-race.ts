import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import {options} from '../../scripts/bundle.mjs';

/**
 * A race as it is in the program: bundled, with the scripts of its threads and processes beside it. As it stands in the source, each of
 * those would take half a second of CPU to start, and there are hundreds of them in the tests.
 */
const outdir = mkdtempSync(path.join(os.tmpdir(), 'fetchtop-race-'));
process.on('exit', () => rmSync(outdir, {recursive: true, force: true}));
const scripts = Object.entries(options.entryPoints).filter(([name]) => name.startsWith('chunks/'));
await build({...options, entryPoints: {...Object.fromEntries(scripts), 'chunks/race': 'source/race/race.ts'}, outdir});
writeFileSync(path.join(outdir, 'package.json'), '{"type": "module"}');

export const {Race}: typeof import('../../source/race/race.ts') = await import(
	pathToFileURL(path.join(outdir, 'chunks/race.js')).href
);
