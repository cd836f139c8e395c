import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {folder, list, type Rig, rig, test} from './helpers/engine.ts';
import {type Handler, rangeOf, startServer} from './helpers/server.ts';

const size = 300_000;
/** What is here when the first transfer stops: more than any overlap. */
const start = 100_000;
const bytes = (seed: number, length = size) =>
	Buffer.from(Array.from({length}, (_, index) => (index * 31 + seed) % 251));
const first = bytes(0);

/** The same on both ends but for what `change` does to it between the two requests. */
type Version = {body: Buffer; etag?: string; lastModified?: string};

const dates = {old: 'Thu, 01 Jan 2026 00:00:00 GMT', newer: 'Fri, 02 Jan 2026 00:00:00 GMT'};
const strong = '"v1"';
const weak = 'W/"v1"';

const validators: Record<string, {etag?: string; lastModified?: string}> = {
	'a strong ETag': {etag: strong},
	'a strong ETag and a date': {etag: strong, lastModified: dates.old},
	'a weak ETag': {etag: weak},
	'a weak ETag and a date': {etag: weak, lastModified: dates.old},
	'a date': {lastModified: dates.old},
	'no validator': {},
};

const headersOf = ({etag, lastModified}: Version) => ({
	...(etag && {etag}),
	...(lastModified && {'last-modified': lastModified}),
});

const whole =
	(version: Version): Handler =>
	(_request, response) =>
		response.writeHead(200, {...headersOf(version), 'content-length': version.body.length}).end(version.body);

/** A range of it, whatever was asked for. */
const slice =
	(version: Version, from: number, to = version.body.length): Handler =>
	(_request, response) => {
		const range = `bytes ${from}-${to - 1}/${version.body.length}`;
		response.writeHead(206, {...headersOf(version), 'content-range': range, 'content-length': to - from});
		response.end(version.body.subarray(from, to));
	};

/** As RFC 9110 has it: `If-Range` that does not match gets the whole. */
const correct =
	(version: Version): Handler =>
	(request, response) => {
		const range = rangeOf(request, version.body.length);
		const condition = request.headers['if-range'];
		const holds = condition === undefined || condition === version.etag || condition === version.lastModified;
		return (range && holds ? slice(version, ...range) : whole(version))(request, response);
	};

/** What the server does with the request for the rest, and what the file must be then. */
type Case = (version: Version) => {answer: Handler; body: Buffer; resumed?: true};

const begin = (request: Parameters<Handler>[0]) => rangeOf(request, size)?.[0] ?? 0;

const cases: Record<string, Case> = {
	'sends the right range': version => ({answer: correct(version), body: version.body, resumed: true}),
	'sends a range that begins too early': version => ({
		answer: (request, response) => slice(version, begin(request) - 10)(request, response),
		body: version.body,
	}),
	'sends a range that begins too late': version => ({
		answer: (request, response) => slice(version, begin(request) + 10)(request, response),
		body: version.body,
	}),
	'sends a range of another total': version => {
		const longer = {...version, body: bytes(0, size + 1_000)};
		return {answer: (request, response) => slice(longer, begin(request))(request, response), body: longer.body};
	},
	'sends a range without saying which': version => ({
		answer: (request, response) =>
			response.writeHead(206, headersOf(version)).end(version.body.subarray(begin(request))),
		body: version.body,
	}),
	'ignores ranges': version => ({answer: whole(version), body: version.body}),
	'answers 416': version => ({
		answer: (_request, response) => response.writeHead(416, {'content-range': `bytes */${size}`}).end(),
		body: version.body,
	}),
	'has another version by now': version => {
		const next = {
			body: bytes(7, size + 500),
			...(version.etag && {etag: version.etag.replace('v1', 'v2')}),
			...(version.lastModified && {lastModified: dates.newer}),
		};
		return {answer: correct(next), body: next.body};
	},
	'has other content of the same length under the same name': version => {
		const liar = {...version, body: bytes(7)};
		return {answer: correct(liar), body: liar.body};
	},
	'sends less than the rest, and says so': version => ({
		answer: (request, response) => {
			const [from, to] = rangeOf(request, size) ?? [0, size];
			return slice(version, from, Math.min(to, from + 70_000))(request, response);
		},
		body: version.body,
		resumed: true,
	}),
};

/** Stops the task when its first bytes are here, and starts it again. */
async function pauseAndResume(r: Rig, url: string): Promise<void> {
	const ended = r.run(url);
	await r.received('t1', start);
	r.dispatch({type: 'pause-task', id: 't1'});
	await r.seen('paused');
	r.dispatch({type: 'resume-task', id: 't1'});
	await ended;
}

for (const [named, validator] of Object.entries(validators)) {
	for (const [does, make] of Object.entries(cases)) {
		test(`with ${named}, a server that ${does} never gets a wrong byte into the file`, async t => {
			const server = await startServer(t);
			const dir = await folder(t);
			const version: Version = {body: first, ...validator};
			const {answer, body, resumed} = make(version);
			const current = {...version, body};
			server.on('/file', (_request, response) => {
				response.writeHead(200, {...headersOf(version), 'content-length': size}).write(first.subarray(0, start));
				server.on('/file', (request, next) => (request.headers.range ? answer : whole(current))(request, next));
			});
			const r = rig(t, {dir});
			await pauseAndResume(r, server.url('/file'));
			const [result] = r.results();
			assert.equal(result?.error, null);
			assert.deepEqual(await list(dir), ['file']);
			assert.ok((await readFile(path.join(dir, 'file'))).equals(body), 'the file is what the server has');
			const asked = server.seen.slice(1).map(({headers}) => headers);
			const name = validator.etag === strong ? strong : validator.lastModified;
			assert.equal(asked[0]?.['if-range'], name);
			assert.equal(asked[0]?.range, `bytes=${start - (name ? 4_096 : 65_536)}-`);
			if (resumed) assert.ok(asked.every(({range}) => range !== undefined));
		});
	}
}
