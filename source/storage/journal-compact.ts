import {type FileHandle, open, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {hashOf, JournalIndex, readLines} from './journal-index.ts';
import {type Heading, headingOf} from './journal-line.ts';

/**
 * A journal of the newest lines only, in the place of the old one: `size` bytes that `index` knows, and behind them what was
 * `pending`.
 */
export type Compacted = {handle: FileHandle; index: JournalIndex; size: number; pending: Uint8Array};

/**
 * Copies the newest line of each key into a new file, which then replaces the journal: a crash leaves one or the other. The
 * old handle stays open, and what `index` says of it stays true. Rejects with nothing changed.
 * @param pending the lines that `index` knows and the file has not, in the order of their offsets from `size` on. They are
 * copied too: what they supersede is left out, so without them a process that is killed now would leave neither.
 */
export async function compact(
	file: string,
	old: FileHandle,
	size: number,
	index: JournalIndex,
	pending: () => Uint8Array,
): Promise<Compacted> {
	const scratch = scratchOf(file);
	// Not opened for truncation: a link that somebody put there would be followed.
	await rm(scratch, {force: true});
	const handle = await open(scratch, 'wx+');
	try {
		const compacted = await copyNewest(old, size, index, handle);
		// Only now: what was told while the copy was made has superseded lines too.
		const lines = pending();
		await writeAll(handle, lines, compacted.size);
		await handle.sync();
		await rename(scratch, file);
		await syncFolder(path.dirname(file));
		return {handle, ...compacted, pending: lines};
	} catch (error) {
		await handle.close();
		await rm(scratch, {force: true});
		throw error;
	}
}

/** What a compaction leaves that was killed. */
export const scratchOf = (file: string): string => `${file}.new`;

async function copyNewest(
	old: FileHandle,
	length: number,
	index: JournalIndex,
	handle: FileHandle,
): Promise<{index: JournalIndex; size: number}> {
	const copy = new JournalIndex();
	let size = 0;
	for await (const kept of newestLines(old, length, index)) {
		const from = size;
		for (const {text, offset, line} of kept) {
			if (offset >= index.start) copy.start = Math.min(copy.start, size);
			copy.note(line, size);
			size += Buffer.byteLength(text) + 1;
		}
		await writeAll(handle, Buffer.from(kept.map(({text}) => `${text}\n`).join('')), from);
	}
	return {index: copy, size};
}

type Kept = {text: string; offset: number; line: Heading};

/** Before the first that is left of a run comes the line of that run: it says in which boot they were written. */
async function* newestLines(old: FileHandle, length: number, index: JournalIndex): AsyncGenerator<Kept[]> {
	let run: Kept | undefined;
	for await (const batch of readLines(old, length)) {
		const kept: Kept[] = [];
		for (const {text, offset} of batch) {
			const line = headingOf(text);
			if (line?.type === 'run') run = {text, offset, line};
			if (!line || line.type === 'run' || index.find(hashOf(line)) !== offset) continue;
			if (run) kept.push(run);
			run = undefined;
			kept.push({text, offset, line});
		}
		yield kept;
	}
	// This run's, if nothing it wrote is left: what comes next is its own.
	if (run) yield [run];
}

/** So that the new name survives a power loss. Some systems cannot do that to a folder; there it is not needed. */
async function syncFolder(dir: string): Promise<void> {
	const handle = await open(dir).catch(() => undefined);
	await handle?.sync().catch(() => undefined);
	await handle?.close().catch(() => undefined);
}

/** A write may take less than it was given (a full disk, a signal). */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
	for (let done = 0; done < bytes.length; ) {
		const {bytesWritten} = await handle.write(bytes, done, bytes.length - done, position + done);
		done += bytesWritten;
	}
}
