import {once} from 'node:events';
import {type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES} from 'node:http';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {
	htmlParts,
	htmlType,
	legacyDeclaration,
	legacyTitle,
	paragraph,
	releases,
	utf8Meta,
	utf8Title,
} from './contents.ts';
import {type Kind, type PageOf, pages, uplink} from './pages.ts';
import {type Site, startSite} from './server.ts';
import {Uplink} from './uplink.ts';

/** `urls` are the tasks of the show, in order. */
export type DemoSite = Site & {urls: string[]};

/** What happens next in an answer: a number is a silence in seconds, bytes are sent. The head goes out with the first bytes. */
type Step = number | Uint8Array;
type Answer = {status: number; headers: OutgoingHttpHeaders; steps: Iterable<Step>};
/** `visit` counts the requests for this page, from 1. Files go over the `uplink`; pages are too small to matter to it. */
type Visit = {visit: number; headers: IncomingHttpHeaders; uplink: Uplink};
type Handler<Name extends Kind> = (page: PageOf<Name>, visit: Visit) => Answer;

/** Short enough for a bar that moves smoothly at ten frames a second. */
const tick = 0.05;
/** Behind schedule by more than this, a body does not catch up: who was paused wants the speed back, not a burst. */
const patience = 500;

const types: Readonly<Record<string, string>> = {
	'.csv': 'text/csv; charset=utf-8',
	'.flac': 'audio/flac',
	'.gz': 'application/gzip',
	'.log': 'text/plain; charset=utf-8',
	'.mp4': 'video/mp4',
	'.pdf': 'application/pdf',
	'.tiff': 'image/tiff',
	'.zip': 'application/zip',
};

const handlers: {[Name in Kind]: Handler<Name>} = {
	page: ({title, seconds}) => pageAnswer(utf8Page(title, seconds), seconds),
	/** Nothing at all for long, then everything at once. */
	slow: ({title, seconds}) => {
		const body = utf8Page(title, 1);
		return {status: 200, headers: {'content-type': htmlType, 'content-length': body.length}, steps: [seconds, body]};
	},
	legacy: ({bytes, charset, declared, seconds}) => {
		const {meta, contentType} = legacyDeclaration(charset, declared);
		return pageAnswer(htmlPage(meta, legacyTitle(bytes), seconds), seconds, contentType);
	},
	refusal: ({status, seconds}) => refuse(status, seconds),
	/** Fails twice, then works. Only once does it say when to come back: `Retry-After` has whole seconds and knows no pace. */
	flaky: ({title, seconds}, {visit}) => {
		if (visit > 2) return pageAnswer(utf8Page(title, seconds), seconds);
		return refuse(503, seconds, visit === 2 ? {'retry-after': '2'} : {});
	},
	redirect: ({status, to, seconds}) => ({status, headers: {location: to, 'content-length': 0}, steps: [seconds]}),
	json: ({seconds}) => pageAnswer(releases(), seconds, 'application/json'),
	download: (page, {headers, uplink}) => fileAnswer(page, headers, from => sent(from, page.size, page.speed, uplink)),
	/** Its length is unknown until it ends, so it can be neither measured nor resumed. */
	stream: (page, {uplink}) => {
		const {size, speed} = page;
		return {status: 200, headers: {'content-type': typeOf(page)}, steps: sent(0, size, speed, uplink)};
	},
	/** Falls silent half-way, then goes on as if nothing had been. */
	stall: (page, {headers, uplink}) =>
		fileAnswer(page, headers, function* (from) {
			const {size, speed, silence} = page;
			const middle = Math.floor(size / 2);
			if (from < middle) {
				yield* sent(from, middle, speed, uplink);
				yield silence;
			}
			yield* sent(Math.max(from, middle), size, speed, uplink);
		}),
};

/**
 * Starts the demo site on a loopback port.
 * @param options `pace` multiplies every silence: 1 takes more than a minute, 0.01 about a second
 */
export async function startDemoSite({pace = 1}: {pace?: number} = {}): Promise<DemoSite> {
	const known = new Map(pages.map(page => [new URL(page.path, 'http://demo').pathname, page]));
	const visits = new Map<string, number>();
	const shared = new Uplink(uplink);

	const site = await startSite((pathname, {headers}, response, leave) => {
		const visit = (visits.get(pathname) ?? 0) + 1;
		const page = known.get(pathname);
		if (page) visits.set(pathname, visit);
		const handle = page && (handlers[page.kind] as Handler<Kind>);
		const answer = handle ? handle(page, {visit, headers, uplink: shared}) : refuse(404, 0);
		response.writeHead(answer.status, answer.headers);
		return play(answer.steps, response, pace, leave);
	});
	const {origin} = site;
	return {
		...site,
		// A host that says it is too much is left in peace: the pages that do are of another host, or all would wait for them.
		urls: pages
			.filter(page => !page.unlisted)
			.map(({kind, path}) => (kind === 'flaky' ? origin.replace('127.0.0.1', 'localhost') : origin) + path),
	};
}

/** Goes through the steps at the client's speed. Rejects, with no timer left behind, when the connection closes. */
async function play(steps: Iterable<Step>, response: ServerResponse, pace: number, leave: () => void): Promise<void> {
	const gone = new AbortController();
	const {signal} = gone;
	response.once('close', () => gone.abort());
	// Timers fire late; a schedule instead of single silences keeps the promised speed all the same.
	let due = performance.now();
	let last: Uint8Array | undefined;
	for (const step of steps) {
		if (last && !response.write(last)) await once(response, 'drain', {signal});
		signal.throwIfAborted();
		last = typeof step === 'number' ? undefined : step;
		if (typeof step !== 'number') continue;
		due = Math.max(due, performance.now() - patience) + step * 1000 * pace;
		const rest = due - performance.now();
		if (rest >= 1) await sleep(rest, undefined, {signal});
	}
	leave();
	response.end(last);
}

/** A small answer: half of the time passes before the head, the rest while it trickles in. */
function pageAnswer(body: Uint8Array, seconds: number, contentType = htmlType): Answer {
	return {
		status: 200,
		headers: {'content-type': contentType, 'content-length': body.length},
		steps: [seconds / 2, ...pieces(body, 5, seconds / 2)],
	};
}

function* pieces(body: Uint8Array, count: number, seconds: number): Generator<Step> {
	const length = Math.ceil(body.length / count);
	yield body.subarray(0, length);
	for (let start = length; start < body.length; start += length) {
		yield seconds / (count - 1);
		yield body.subarray(start, start + length);
	}
}

function refuse(status: number, seconds: number, headers: OutgoingHttpHeaders = {}): Answer {
	const body = utf8Page(`${status} ${STATUS_CODES[status]}`, 0);
	return {
		status,
		headers: {...headers, 'content-type': htmlType, 'content-length': body.length},
		steps: [seconds, body],
	};
}

/** All of a file, or the rest of it if the client has its start and the validator still holds (RFC 9110 §13.1.5, §14.2). */
function fileAnswer(
	page: PageOf<'download' | 'stall'>,
	asked: IncomingHttpHeaders,
	body: (from: number) => Iterable<Step>,
): Answer {
	const {size} = page;
	const etag = `"demo-${size.toString(16)}"`;
	const headers = {'content-type': typeOf(page), 'accept-ranges': 'bytes', etag};
	const from = rangeStart(asked, etag);
	if (from === undefined) return {status: 200, headers: {...headers, 'content-length': size}, steps: body(0)};
	if (from >= size) return {status: 416, headers: {'content-range': `bytes */${size}`, 'content-length': 0}, steps: []};
	const range = {'content-range': `bytes ${from}-${size - 1}/${size}`, 'content-length': size - from};
	return {status: 206, headers: {...headers, ...range}, steps: body(from)};
}

/** The only form a downloader that resumes needs: one range with an open end. Any other is ignored, as servers may. */
function rangeStart(asked: IncomingHttpHeaders, etag: string): number | undefined {
	const match = /^bytes=(\d+)-$/.exec(asked.range ?? '');
	const holds = asked['if-range'] === undefined || asked['if-range'] === etag;
	return match && holds ? Number(match[1]) : undefined;
}

/**
 * The file's bytes from one offset to another, as fast as its share of the uplink lets it; it begins and ends with bytes, not
 * with a silence.
 */
function sent(from: number, to: number, most: number, uplink: Uplink): Iterable<Step> {
	return uplink.share(most, function* (speed) {
		for (let offset = from; offset < to; ) {
			const now = speed();
			const length = Math.min(period, Math.ceil(now * tick), to - offset);
			const start = offset % period;
			yield block.subarray(start, start + length);
			offset += length;
			if (offset < to) yield length / now;
		}
	});
}

/** Every file is the start of the same endless noise. The block holds it twice, so that any piece of it lies in one stretch. */
const period = 2 ** 18;
const block = noise(period);

function noise(length: number): Uint8Array {
	const bytes = new Uint8Array(2 * length);
	let seed = 1;
	for (let index = 0; index < length; index++) {
		// The generator of Numerical Recipes; its high bits are the good ones.
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
		bytes[index] = seed >>> 24;
	}
	bytes.copyWithin(length, 0, length);
	return bytes;
}

function typeOf({path: pathname}: {path: string}): string {
	return types[path.extname(pathname)] ?? 'application/octet-stream';
}

const utf8Page = (title: string, seconds: number): Buffer => htmlPage(utf8Meta, utf8Title(title), seconds);

/** The slower a page, the longer: about 20 kB a second. */
function htmlPage(meta: string, title: Uint8Array, seconds: number): Buffer {
	const content = Buffer.from(paragraph.repeat(1 + Math.round((seconds * 20_000) / paragraph.length)));
	return Buffer.concat(htmlParts(meta, title, content));
}
