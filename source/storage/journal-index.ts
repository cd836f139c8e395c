import type {FileHandle} from 'node:fs/promises';
import {type Heading, headingOf, type JournalLine, type Key, keyText, parseLine} from './journal-line.ts';

/** A run of lines written while the machine was up once. */
type Boot = {id: string; from: number; last: number};

/**
 * Where in the journal the newest line of each key stands, and in which boot of the machine it was written. Numbers only: of
 * a million tasks it takes 32 MB, outside of the heap.
 */
export class JournalIndex {
	readonly #offsets = new OffsetTable();
	readonly #boots: Boot[] = [{id: '', from: 0, last: 0}];
	#lines = 0;
	/** Where this run's lines begin: what stands before is the past. */
	start = Number.POSITIVE_INFINITY;

	/** Notes the next line. One of the same key is superseded by it. */
	note(line: Heading, offset: number): void {
		this.#lines++;
		if (line.type === 'run') {
			// Where the system does not say which boot this is, every run might be another one.
			if (line.boot === '' || line.boot !== this.#boots.at(-1)?.id)
				this.#boots.push({id: line.boot, from: offset, last: line.at});
		} else {
			this.#offsets.set(hashOf(line), offset);
		}
		const boot = this.#boots.at(-1);
		if (boot) boot.last = line.at;
	}

	/** Where the newest line of a key is; of two keys with one hash, that of either. */
	find(hash: number): number | undefined {
		return this.#offsets.get(hash);
	}

	/** As `find`, but only if it is a line of an earlier run. */
	past(hash: number): number | undefined {
		const offset = this.find(hash);
		return offset !== undefined && offset < this.start ? offset : undefined;
	}

	/** `sameBoot`: the machine has been up ever since. `last`: when the last line of that boot was written. */
	bootOf(offset: number): {sameBoot: boolean; last: number} {
		const boot = this.#boots.findLast(({from}) => from <= offset);
		return {sameBoot: boot === this.#boots.at(-1), last: boot?.last ?? 0};
	}

	/** Whether most of the journal is lines that were superseded by later ones. */
	get mostlyStale(): boolean {
		return this.#lines > 2 * this.#offsets.size + this.#boots.length;
	}

	/** Takes over the lines that `other` has from `from` on, which are `shift` bytes further on here. */
	adopt(other: JournalIndex, from: number, shift: number): void {
		other.#offsets.forEach((hash, offset) => {
			if (offset < from) return;
			this.#offsets.set(hash, offset + shift);
			this.#lines++;
		});
	}
}

/**
 * A map from hashes to offsets: open addressing in two typed arrays. A `Map` makes an object of every number beyond 31 bits:
 * a million take 50 MB of the heap, which the garbage collector walks through; and it ends at 16.7 million.
 */
class OffsetTable {
	#hashes = new Float64Array(1024);
	#offsets = new Float64Array(1024);
	size = 0;

	get(hash: number): number | undefined {
		const slot = this.#slot(hash);
		return this.#hashes[slot] === hash ? this.#offsets[slot] : undefined;
	}

	set(hash: number, offset: number): void {
		const slot = this.#slot(hash);
		if (this.#hashes[slot] !== hash) {
			this.#hashes[slot] = hash;
			this.size++;
		}
		this.#offsets[slot] = offset;
		if (this.size > this.#hashes.length * 0.75) this.#grow();
	}

	forEach(visit: (hash: number, offset: number) => void): void {
		this.#hashes.forEach((hash, slot) => {
			if (hash !== 0) visit(hash, this.#offsets[slot] ?? 0);
		});
	}

	/** Where this hash is, or would be: an empty slot holds 0, which is no hash. */
	#slot(hash: number): number {
		const hashes = this.#hashes;
		const mask = hashes.length - 1;
		let slot = hash & mask;
		while (hashes[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) & mask;
		return slot;
	}

	#grow(): void {
		const hashes = this.#hashes;
		const offsets = this.#offsets;
		this.#hashes = new Float64Array(hashes.length * 2);
		this.#offsets = new Float64Array(hashes.length * 2);
		for (let slot = 0; slot < hashes.length; slot++) {
			const hash = hashes[slot] ?? 0;
			if (hash === 0) continue;
			const to = this.#slot(hash);
			this.#hashes[to] = hash;
			this.#offsets[to] = offsets[slot] ?? 0;
		}
	}
}

/**
 * 52 bits of a key, never 0: two FNV-like hashes over its UTF-16 units, mixed. Of a million keys two are the same once in
 * ten thousand journals, which costs one of them its past. Not a digest of node:crypto, which takes twice as long.
 */
export function hashOf(key: Key): number {
	const text = keyText(key);
	let high = 0xdeadbeef;
	let low = 0x41c6ce57;
	for (let index = 0; index < text.length; index++) {
		const unit = text.charCodeAt(index);
		high = Math.imul(high ^ unit, 0x9e3779b1);
		low = Math.imul(low ^ unit, 0x5f356495);
	}
	high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
	low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
	return (high & 0xfffff) * 2 ** 32 + (low >>> 0) || 1;
}

/** A line that is as long is not looked at: garbage without a newline must not fill the memory. */
const longestLine = 16 * 1024 * 1024;
const chunkSize = 1024 * 1024;

/** The whole lines of a journal, without their newlines, and where they stand. */
export type Placed = {text: string; offset: number; end: number};

/** Reads lines as far as `size`, a batch at a time; never the whole file. What follows the last newline is left out. */
export async function* readLines(handle: FileHandle, size: number): AsyncGenerator<Placed[]> {
	let buffer = Buffer.allocUnsafe(chunkSize);
	/** Bytes at the start of the buffer that are of a line whose end was not seen yet. */
	let kept = 0;
	/** Where that line begins. */
	let offset = 0;
	for (let position = 0; position < size; ) {
		if (kept === buffer.length) buffer = Buffer.concat([buffer], 2 * kept);
		const {bytesRead} = await handle.read(buffer, kept, Math.min(buffer.length - kept, size - position), position);
		if (bytesRead === 0) return;
		position += bytesRead;
		const data = buffer.subarray(0, kept + bytesRead);
		const base = position - data.length;
		const batch: Placed[] = [];
		let from = 0;
		for (let to = data.indexOf(10); to >= 0; to = data.indexOf(10, from)) {
			// Of a line that is too long the beginning is not here any more.
			const text = base + from === offset ? data.toString('utf8', from, to) : '';
			from = to + 1;
			batch.push({text, offset, end: base + from});
			offset = base + from;
		}
		kept = data.length - from;
		data.copyWithin(0, from);
		if (kept >= longestLine) kept = 0;
		yield batch;
	}
}

/** The line that begins at `offset`, if it is one. */
export async function readLine(handle: FileHandle, offset: number): Promise<JournalLine | undefined> {
	// Most lines fit into the first piece; for the others it is read again, larger.
	for (let size = 4096; size <= longestLine; size *= 16) {
		const {bytesRead, buffer} = await handle.read(Buffer.allocUnsafe(size), 0, size, offset);
		const end = buffer.subarray(0, bytesRead).indexOf(10);
		if (end >= 0) return parseLine(buffer.toString('utf8', 0, end));
		if (bytesRead < size) return undefined;
	}
	return undefined;
}

/** Reads a journal from its beginning. `size` is where its last whole line ends. */
export async function indexOf(handle: FileHandle, length: number): Promise<{index: JournalIndex; size: number}> {
	const index = new JournalIndex();
	let size = 0;
	for await (const batch of readLines(handle, length)) {
		for (const {text, offset, end} of batch) {
			const line = headingOf(text);
			if (line) index.note(line, offset);
			size = end;
		}
	}
	return {index, size};
}
