import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import type {IncomingMessage, ServerResponse} from 'node:http';
import path from 'node:path';
import {type Handler, rangeOf} from './server.ts';

export const MiB = 1024 * 1024;

/** Four bytes after the other say where they are, so that each one in the wrong place shows. */
export function patterned(size: number, seed = 0): Buffer {
	const words = new Uint32Array(size / 4);
	for (let index = 0; index < words.length; index++) words[index] = index ^ seed;
	return Buffer.from(words.buffer);
}

/** What a server has under a name. */
export type Version = {body: Buffer; etag?: string; lastModified?: string; ranges?: boolean};

/** One request for it: how it is answered if nobody meddles, and which bytes those are. */
export type Asked = {
	request: IncomingMessage;
	response: ServerResponse;
	/** The range that was asked for; undefined for the whole. */
	range: readonly [start: number, end: number] | undefined;
	/** How many requests came before. */
	index: number;
	/** Answers properly. */
	serve(): void;
	/** Sends the head and this many bytes, and leaves the answer there. Resolves when they are on their way. */
	begin(bytes: number): Promise<void>;
};

/** Answers as RFC 9110 has it, unless `meddle` does so. The version may change from request to request. */
export function serving(current: () => Version, meddle: (asked: Asked) => unknown = ({serve}) => serve()): Handler {
	let count = 0;
	return (request, response) => {
		const {body, etag, lastModified, ranges = true} = current();
		const headers = {
			...(ranges && {'accept-ranges': 'bytes'}),
			...(etag !== undefined && {etag}),
			...(lastModified !== undefined && {'last-modified': lastModified}),
		};
		const condition = request.headers['if-range'];
		const holds = condition === undefined || condition === etag || condition === lastModified;
		const range = ranges && holds ? rangeOf(request, body.length) : undefined;
		const [start, end] = range ?? [0, body.length];
		const head = {
			...headers,
			'content-length': end - start,
			...(range && {'content-range': `bytes ${start}-${end - 1}/${body.length}`}),
		};
		const begin = (bytes: number) =>
			new Promise<void>(resolve => {
				const sent = body.subarray(start, Math.min(end, start + bytes));
				response.writeHead(range ? 206 : 200, head).write(sent, () => resolve());
			});
		const serve = () => void response.writeHead(range ? 206 : 200, head).end(body.subarray(start, end));
		return meddle({request, response, range, index: count++, serve, begin});
	};
}

/** That a file holds these bytes. Not deepEqual: to tell how two files of this size differ takes it minutes. */
export async function assertFile(dir: string, name: string, body: Buffer): Promise<void> {
	const bytes = await readFile(path.join(dir, name));
	if (bytes.equals(body)) return;
	const at = bytes.findIndex((byte, index) => byte !== body[index]);
	assert.fail(`${name}: ${bytes.length} of ${body.length} bytes, wrong from ${at} on`);
}
