import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {Options} from '../cli/options.ts';
import type {Input} from '../engine/intake.ts';
import {startDemoSite} from './site.ts';

/**
 * Runs the built-in site and fetches from it into a temporary folder that is gone afterwards. Failures are part of the
 * show, so only leaving early makes a difference to the exit status.
 */
export async function withDemo(
	options: Options,
	fetchAll: (options: Options, input: Input) => Promise<number>,
): Promise<number> {
	const site = await startDemoSite();
	const dir = await mkdtemp(path.join(os.tmpdir(), 'fetchtop-demo-'));
	try {
		const status = await fetchAll({...options, dir, proxy: 'none'}, site.urls);
		return status === 1 ? 0 : status;
	} finally {
		await site.close();
		await rm(dir, {recursive: true, force: true});
	}
}
