import {createReadStream} from 'node:fs';
import type {Readable} from 'node:stream';
import {reasonOf} from '../engine/failure.ts';
import {type RecordingLine, recordingFormat} from '../reporters/recorder.ts';
import {LineReader} from './line-reader.ts';
import {type Entry, entryOf, headOf, quoted} from './lines.ts';
import {isRecord, Misfit} from './shape.ts';

/** What cannot be read as a recording: which file, which line and why, in one line for a person. */
export class RecordingError extends Error {}

/**
 * @param file `-` for `stdin`
 * Rejects with a `RecordingError` for what is not there, or is no recording in a format that is known here.
 */
export async function openRecording(file: string, stdin: Readable): Promise<Recording> {
	const stream = file === '-' ? stdin : createReadStream(file);
	stream.setEncoding('utf8');
	const name = file === '-' ? 'stdin' : JSON.stringify(file);
	const lines = new LineReader(stream);
	let first = lines.take();
	while (first === undefined && (await read(lines, name))) first = lines.take();
	return new Recording(name, headIn(first ?? '', name), lines);
}

async function read(lines: LineReader, name: string): Promise<boolean> {
	try {
		return await lines.read();
	} catch (error) {
		throw new RecordingError(`cannot read the recording ${name}: ${reasonOf(error)}`);
	}
}

function headIn(text: string, name: string): RecordingLine {
	const value = parsed(text);
	if (!isRecord(value) || value.type !== 'recording') {
		const isRecords = isRecord(value) && 'finalUrl' in value;
		const what = isRecords ? 'has the records of --json, not the events' : 'is no recording';
		throw new RecordingError(`${name} ${what}: record a run by --events FILE`);
	}
	const {format, program} = value;
	if (Number(format) > recordingFormat)
		throw new RecordingError(
			`${name} is in format ${quoted(format)}, by ${quoted(program)}; this version reads format ${recordingFormat}`,
		);
	return shaped(() => headOf(value), name, 1);
}

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

function shaped<Value>(make: () => Value, name: string, line: number): Value {
	try {
		return make();
	} catch (error) {
		if (!(error instanceof Misfit)) throw error;
		throw new RecordingError(`${name}, line ${line}${error.place && ':'} ${error.message}`);
	}
}

/** A recording, read line by line as it is needed. */
export class Recording {
	readonly head: RecordingLine;
	readonly #name: string;
	readonly #lines: LineReader;
	#next: Entry | undefined;
	#isTorn = false;

	constructor(name: string, head: RecordingLine, lines: LineReader) {
		this.#name = name;
		this.head = head;
		this.#lines = lines;
	}

	/** What comes next, without going past it; undefined where more has to be read first, or nothing is left. */
	peek(): Entry | undefined {
		while (this.#next === undefined) {
			const text = this.#lines.take();
			if (text === undefined) return undefined;
			if (text.trim() !== '') this.#next = this.#entryOf(text);
		}
		return this.#next;
	}

	/** Goes past what `peek` has told. */
	take(): void {
		this.#next = undefined;
	}

	/** Reads on, where there is nothing to peek at. Resolves with whether there may be more. */
	read(): Promise<boolean> {
		return read(this.#lines, this.#name);
	}

	/** Where it breaks off: in the middle of its last line, or behind it. */
	get end(): string {
		return `${this.#name} breaks off ${this.#isTorn ? 'in' : 'behind'} line ${this.#lines.number}`;
	}

	/** What was told last cannot be. */
	wrong(error: unknown): RecordingError {
		const what = error instanceof Error ? error.message : String(error);
		return new RecordingError(`${this.#name}, line ${this.#lines.number}: ${what}`);
	}

	#entryOf(text: string): Entry | undefined {
		const {number, isAtEnd} = this.#lines;
		const value = parsed(text);
		if (value !== undefined) return shaped(() => entryOf(value), this.#name, number);
		// It was being written when the power went, or its program.
		if (!isAtEnd) throw new RecordingError(`${this.#name}, line ${number} is no JSON`);
		this.#isTorn = true;
		return undefined;
	}
}
