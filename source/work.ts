import {access, constants} from 'node:fs/promises';
import {readChecksums} from './cli/checksums.ts';
import {openNetwork} from './cli/network.ts';
import {type Options, savesFiles} from './cli/options.ts';
import {UsageError} from './cli/usage-error.ts';
import {type AnyEngine, Engine} from './engine/engine.ts';
import {reasonOf} from './engine/failure.ts';
import {systemClock} from './engine/seams.ts';
import {plural} from './format/number.ts';
import {openParts} from './parts.ts';
import {FolderClaims} from './storage/claims.ts';
import {makeFolder} from './storage/folder.ts';
import {type Journal, lastPid, openJournal} from './storage/journal.ts';
import {lockFolder} from './storage/lock.ts';
import {type Expected, verifiedPast} from './storage/verified.ts';
import type {Crew, CrewOptions} from './threads/crew.ts';
import {turn} from './transport/turn.ts';

/** Enough to say that it is many. */
const mostUnnamed = 1_000;

/** An engine with its parts, and what belongs to them. */
export type Work = {
	engine: AnyEngine;
	/** Where it is opened elsewhere: before this nothing runs, and it rejects with what `openWork` throws. */
	opened?: Promise<void>;
	/** Writes the journal to its end, gives the folder back, and resolves with what is to be said when the run is over. */
	close(): Promise<string[]>;
};

/** Makes the engine out of options. Throws a `UsageError` for files, folders and variables that cannot be used. */
export async function openWork(
	options: Options,
	attended: boolean,
	complain: (message: string) => void,
): Promise<Work> {
	if (attended) turn.shorten();
	const network = await openNetwork(options, process.env, complain);
	const checksums = await openChecksums(options);
	const folder = savesFiles(options) ? await openFolder(options, complain) : undefined;
	const journal = folder?.journal;
	// Only a file can be put together out of pieces.
	const connections = folder ? options.connections : 1;
	const shared = {claims: new FolderClaims(options), checksum: checksums.find, recorded: () => journal?.written()};
	const threads = threadsFor(options);
	const crew = threads > 1 ? await openCrew({threads, options, network, connections, folder: shared}) : undefined;
	const engine = new Engine(
		{
			...(await openParts(options, network, shared)),
			clock: systemClock,
			random: Math.random,
			...(journal && {past: verifiedPast(journal, options.dir, checksums.find)}),
			...(crew && {attempting: crew.attempting}),
		},
		{...options, connections, attended},
	);
	// Before anyone else: what a screen shows as done must be what the next run will find.
	if (journal) engine.subscribe(event => journal.record(event));
	crew?.follow(engine);
	return {
		engine,
		async close() {
			await folder?.close();
			void engine.close();
			await crew?.close();
			return checksums.warnings();
		},
	};
}

/** One is what most runs get along with best. Kept cookies are in one jar, and stdout is one stream: they are not shared. */
function threadsFor({threads, cookie, cookieJar, save, output}: Options): number {
	const isAlone = cookie.length > 0 || cookieJar !== undefined || (save && output === '-');
	return isAlone ? 1 : threads;
}

async function openCrew(options: CrewOptions): Promise<Crew> {
	const {Crew} = await import('./threads/crew.ts');
	return Crew.open(options);
}

/** The checksums that were given, and in the end a word on the files that they did not say anything of. */
async function openChecksums({checksum, checksums}: Options): Promise<{find: Expected; warnings(): string[]}> {
	if (checksums === undefined) return {find: () => checksum, warnings: () => []};
	const list = await readChecksums(checksums);
	const unnamed = new Set<string>();
	return {
		find(url, name) {
			const found = list.find(url, name);
			if (!found && unnamed.size < mostUnnamed) unnamed.add(name);
			return found;
		},
		warnings() {
			const [first] = unnamed;
			if (first === undefined) return [];
			const more = unnamed.size === mostUnnamed ? `${mostUnnamed} or more files` : plural(unnamed.size, 'file');
			return [
				`${more} not verified: ${JSON.stringify(checksums)} does not name ${JSON.stringify(first)}${unnamed.size > 1 ? ' …' : ''}`,
			];
		},
	};
}

/** The folder of the bodies, ours alone from here on, and the journal in it. */
async function openFolder(
	{dir, fresh, output}: Options,
	complain: (message: string) => void,
): Promise<{journal: Journal; close(): Promise<void>}> {
	const folder = JSON.stringify(dir);
	try {
		await makeFolder(dir);
		await access(dir, constants.W_OK);
		const unlock = await lockFolder(dir);
		if (!unlock) {
			const pid = await lastPid(dir);
			const who = pid === undefined ? 'another fetchtop' : `another fetchtop (process ${pid})`;
			throw new UsageError(`${who} is saving into the folder ${folder}; wait for it, or choose another one by -d`);
		}
		const onError = (error: unknown) => complain(`the journal in ${folder} broke off: ${reasonOf(error)}`);
		const journal = await openJournal(dir, {fresh, onError, ...(output !== undefined && {output})});
		return {journal, close: () => journal.leave().then(unlock)};
	} catch (error) {
		if (error instanceof UsageError) throw error;
		throw new UsageError(`cannot write to the folder ${folder}: ${reasonOf(error)}`);
	}
}
