import {type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {gzipSync} from 'node:zlib';
import {htmlParts, htmlType, legacyDeclaration, legacyTitle, releases, utf8Meta, utf8Title} from './contents.ts';
import {heavyContent, lightContent} from './race-contents.ts';
import {type RaceKind, type RacePage, type RaceSiteOptions, racePages} from './race-pages.ts';
import {type Site, startSite} from './server.ts';

/** `urls` in the order of their numbers. */
export type RaceSite = Site & {urls: string[]};

type Answer = {status: number; headers: OutgoingHttpHeaders; body: readonly Uint8Array[]};
/** What is no answer of HTTP: bytes at once, bytes after the latency, and how the connection ends. */
type Breach = {first?: Uint8Array; last?: Uint8Array; end: 'destroySoon' | 'resetAndDestroy'};

const pageAnswer = (body: readonly Uint8Array[], contentType = htmlType, status = 200): Answer => ({
	status,
	headers: {'content-type': contentType, 'content-length': body.reduce((sum, {length}) => sum + length, 0)},
	body,
});

const refuse = (status: number): Answer => {
	const title = utf8Title(`${status} ${STATUS_CODES[status]}`);
	return pageAnswer(htmlParts(utf8Meta, title, lightContent(0)), htmlType, status);
};

const redirect = (status: number, location: string): Answer => ({
	status,
	headers: {location, 'content-length': 0},
	body: [],
});

const lightParts = ({title, size}: RacePage): Uint8Array[] => htmlParts(utf8Meta, utf8Title(title), lightContent(size));

/** Nothing here is to be tried again later (429, 503): a host that says so is left in peace, and the models would wait unequally. */
const answers: {[Kind in RaceKind]: (page: RacePage) => Answer | Breach} = {
	plain: page => pageAnswer(lightParts(page)),
	heavy: ({title, variant, weight}) => pageAnswer(htmlParts(utf8Meta, utf8Title(title), heavyContent(variant, weight))),
	legacy: ({legacy, number, size}) => {
		if (!legacy) return refuse(404);
		const {meta, contentType} = legacyDeclaration(legacy.charset, legacy.declared);
		const title = Buffer.concat([legacyTitle(legacy.bytes), Buffer.from(` (${number})`)]);
		return pageAnswer(htmlParts(meta, title, lightContent(size)), contentType);
	},
	untitled: ({size}) => pageAnswer(htmlParts(utf8Meta, undefined, lightContent(size))),
	/** Its title comes out garbled, and in the same way everywhere. */
	mislabeled: page => pageAnswer(lightParts(page), 'text/html; charset=iso-8859-1'),
	json: () => pageAnswer([releases()], 'application/json'),
	/** Nobody has asked for it. */
	gzip: page => {
		const answer = pageAnswer([gzipSync(Buffer.concat(lightParts(page)))]);
		return {...answer, headers: {...answer.headers, 'content-encoding': 'gzip'}};
	},
	moved: ({to = '/'}) => redirect(302, encodeURI(to)),
	circle: ({path}) => redirect(301, encodeURI(path)),
	missing: () => refuse(404),
	forbidden: () => refuse(403),
	faulty: () => refuse(500),
	/** Announces twice of what it sends. */
	short: page => {
		const body = Buffer.concat(lightParts(page));
		const head = `HTTP/1.1 200 OK\r\ncontent-type: ${htmlType}\r\ncontent-length: ${2 * body.length}\r\n\r\n`;
		return {last: Buffer.concat([Buffer.from(head), body]), end: 'destroySoon'};
	},
	/**
	 * The start of a status line comes first: without a byte, a client sends the request again where the connection had served others
	 * (RFC 9112 §9.3.1), and then whoever has more of those waits longer.
	 */
	reset: () => ({first: Buffer.from('HTTP/1.1 2'), end: 'resetAndDestroy'}),
	gibberish: () => ({last: Buffer.from('SSH-2.0-OpenSSH_9.9\r\n'), end: 'destroySoon'}),
};

/** Milliseconds: connections outlive any pause between rounds. One that closes as it is used again makes for another way to ask. */
const idle = 600_000;

/** Starts the site that a race is run on, on a loopback port. Answers are made when they are asked for, and kept. */
export async function startRaceSite(options: RaceSiteOptions): Promise<RaceSite> {
	const pages = racePages(options);
	const known = new Map(pages.flatMap(withTarget).map(page => [encodeURI(page.path), page]));
	const made = new Map<RacePage, Answer | Breach>();
	const site = await startSite(
		(pathname, request, response, leave) => {
			const page = known.get(pathname);
			if (!page) return send(refuse(404), response, leave);
			const answer = made.get(page) ?? answers[page.kind](page);
			made.set(page, answer);
			return 'end' in answer
				? breach(answer, page.latency, request, response, leave)
				: send(answer, response, leave, page.latency);
		},
		{idle},
	);
	return {...site, urls: pages.map(({path}) => site.origin + path)};
}

/** The page that a redirect leads to is none of the tasks. */
const withTarget = (page: RacePage): RacePage[] =>
	page.to === undefined ? [page] : [page, {...page, kind: 'plain', path: page.to}];

async function send({status, headers, body}: Answer, response: ServerResponse, leave: () => void, latency = 0) {
	await wait(latency, response);
	leave();
	response.writeHead(status, headers);
	// All of it in one system call.
	response.cork();
	for (const part of body) response.write(part);
	response.end();
}

async function breach(
	{first, last, end}: Breach,
	latency: number,
	{socket}: IncomingMessage,
	response: ServerResponse,
	leave: () => void,
) {
	if (first) socket.write(first);
	await wait(latency, response);
	leave();
	if (last) socket.write(last);
	socket[end]();
}

/** Rejects, with no timer left behind, when the client goes away. */
async function wait(latency: number, response: ServerResponse): Promise<void> {
	if (latency === 0) return;
	const gone = new AbortController();
	const leave = () => gone.abort();
	response.once('close', leave);
	await sleep(latency, undefined, {signal: gone.signal});
	response.off('close', leave);
}
