import assert from 'node:assert/strict';
import {readFile, stat} from 'node:fs/promises';
import {type AddressInfo, createServer, type Socket} from 'node:net';
import path from 'node:path';
import {describe, it, type TestContext} from 'node:test';
import {decodedStorage} from '../../source/storage/decoded.ts';
import {FileStorage} from '../../source/storage/files.ts';
import {folder, list, patience, type Rig, rig, turn} from './engine.ts';

/** One connection of the server, as a step of a script sees it. */
export type Wire = {
	socket: Socket;
	/** The request as it came, up to its blank line. */
	asked: string;
	/** Where this server listens. */
	origin: string;
	/** The client has so many bytes of the body. */
	heard(bytes: number): Promise<void>;
};

/** What goes out next, as a segment of its own, or what else happens. Behind the last step the connection stays open. */
export type Step = string | Buffer | ((wire: Wire) => unknown);
export type Script = readonly Step[];

/** The connection ends: in order, or not. */
export const FIN: Step = ({socket}) => socket.end();
export const RST: Step = ({socket}) => socket.resetAndDestroy();
/** Waits until the client has so many bytes of the body, so that it is certain what a break leaves. */
export const heard =
	(bytes: number): Step =>
	wire =>
		wire.heard(bytes);
/** Byte for byte. */
export const drip = (text: string): Script => [...Buffer.from(text, 'latin1')].map(byte => Buffer.from([byte]));
/** The same again and again, until the client hangs up. */
export const endless =
	(text: string): Step =>
	async ({socket}) => {
		const block = Buffer.from(text, 'latin1');
		while (!socket.destroyed && socket.writable) {
			if (!socket.write(block)) await Promise.race([event(socket, 'drain'), event(socket, 'close')]);
			await turn();
		}
	};

const event = (socket: Socket, name: string): Promise<void> =>
	new Promise(resolve => {
		if (socket.destroyed) resolve();
		else socket.once(name, () => resolve());
	});

/** A head and a body of the right length. */
export const answer = (status: number, fields: string[] = [], body = ''): string =>
	[`HTTP/1.1 ${status} Whatever`, ...fields, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
export const ok = (body = 'whole', ...fields: string[]): string => answer(200, fields, body);
/** Only the head: what follows is up to the row. */
export const head = (...fields: string[]): string => ['HTTP/1.1 200 OK', ...fields, '', ''].join('\r\n');
export const chunked = (...rest: string[]): string => head('Transfer-Encoding: chunked') + rest.join('');

type Options = NonNullable<Parameters<typeof rig>[1]>;

export type Row = {
	/** What the server does. */
	name: string;
	/** At once with each connection, before any request. */
	accept?: Script;
	/** To the first, second … request; the last one goes on. */
	scripts?: readonly Script[];
	/** Another URL than the server's `/file`. */
	url?: (wire: Pick<Wire, 'origin'>) => string;
	options?: Options & {compressed?: true};
	/** None: the file is whole. */
	code?: string;
	message?: RegExp;
	attempts?: number;
	/** Requests that arrived. One for each attempt, if nothing else is said. */
	requests?: number;
	/** What the file has in the end. */
	body?: string | Buffer;
	/** Bytes that stay for a resume, or the fewest and the most of them; else nothing does. */
	part?: number | readonly [least: number, most: number];
	title?: string | null;
	status?: number | null;
	/** How long each pause before a retry was, in milliseconds. */
	waits?: readonly number[];
	/** What else holds of the requests. */
	asked?: (requests: readonly string[]) => void;
};

/** A server that plays a row's scripts, and knows what is left of its connections. */
class Stage {
	readonly requests: string[] = [];
	readonly #row: Pick<Row, 'accept' | 'scripts'>;
	readonly #sockets = new Set<Socket>();
	readonly #server = createServer(socket => this.#welcome(socket));
	heard: Wire['heard'] = async () => {};
	origin = '';

	constructor(row: Pick<Row, 'accept' | 'scripts'>) {
		this.#row = row;
	}

	async open(t: TestContext): Promise<this> {
		this.origin = (await listen(this.#server)).origin;
		t.after(() => {
			for (const socket of this.#sockets) socket.destroy();
			this.#server.close();
		});
		return this;
	}

	/** Resolves when the client has hung up all it ever opened. */
	async deserted(): Promise<void> {
		await Promise.all([...this.#sockets].map(socket => event(socket, 'close')));
	}

	#welcome(socket: Socket): void {
		this.#sockets.add(socket);
		socket.on('error', () => {});
		socket.on('close', () => this.#sockets.delete(socket));
		let arrived = '';
		socket.on('data', data => {
			arrived += data.toString('latin1');
			for (let end = arrived.indexOf('\r\n\r\n'); end >= 0; end = arrived.indexOf('\r\n\r\n')) {
				this.#ask(socket, arrived.slice(0, end));
				arrived = arrived.slice(end + 4);
			}
		});
		void this.#play(this.#row.accept ?? [], socket, '');
	}

	#ask(socket: Socket, asked: string): void {
		const {scripts = []} = this.#row;
		this.requests.push(asked);
		void this.#play(scripts[Math.min(this.requests.length, scripts.length) - 1] ?? [], socket, asked);
	}

	async #play(script: Script, socket: Socket, asked: string): Promise<void> {
		const {origin} = this;
		const wire: Wire = {socket, asked, origin, heard: bytes => this.heard(bytes)};
		socket.setNoDelay(true);
		for (const step of script) {
			if (socket.destroyed) return;
			if (typeof step === 'function') await step(wire);
			else {
				await new Promise<void>(resolve => socket.write(step, () => resolve()));
				await turn();
			}
		}
	}
}

/** A server of its own for this row, as long as the test runs. */
export const staged = (t: TestContext, row: Pick<Row, 'accept' | 'scripts'>): Promise<Stage> => new Stage(row).open(t);

async function listen(server: ReturnType<typeof createServer>): Promise<{server: typeof server; origin: string}> {
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	return {server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`};
}

/** Each row is a promise of its own. They run at the same time: many of them wait for a timeout. */
export function matrix(title: string, rows: readonly Row[]): void {
	void describe(title, {concurrency: 16}, () => {
		for (const row of rows) void it(row.name, {timeout: patience}, t => check(row, t as TestContext));
	});
}

async function check(row: Row, t: TestContext): Promise<void> {
	const {code, attempts = 1, options = {}, part, waits, requests = attempts} = row;
	const stage = await staged(t, row);
	const dir = await folder(t);
	const {compressed, ...rest} = options;
	const storage = compressed && decodedStorage(new FileStorage({dir}), rest);
	const r = rig(t, {dir, ...options, ...(storage && {storage})});
	stage.heard = bytes => r.received('t1', bytes);
	const [result] = await runAll(r, row.url?.(stage) ?? `${stage.origin}/file`);
	assert.ok(result);
	assert.deepEqual([result.state, result.error?.code], [code ? 'failed' : 'done', code], result.error?.message);
	assert.match(result.error?.message ?? '', row.message ?? /^[^\u0000-\u001f]*$/);
	assert.equal(result.attempts, attempts, 'attempts');
	assert.equal(stage.requests.length, requests, 'requests');
	if (row.status !== undefined) assert.equal(result.status, row.status);
	if (row.title !== undefined) assert.equal(result.title, row.title);
	if (waits) assert.deepEqual(pauses(r), waits);
	row.asked?.(stage.requests);
	const left = code ? (part === undefined ? [] : ['file.part']) : [result.path];
	assert.deepEqual(await list(dir).catch(() => []), left, 'files');
	if (!code && row.body !== undefined) await same(path.join(dir, result.path ?? ''), row.body);
	if (part !== undefined) {
		const [least, most] = typeof part === 'number' ? [part, part] : part;
		const {size} = await stat(path.join(dir, 'file.part'));
		assert.ok(size >= least && size <= most, `${size} bytes are kept`);
	}
	assert.equal(r.clock.timers.size, 0, 'timers');
	await r.engine.close();
	await stage.deserted();
}

async function same(file: string, body: string | Buffer): Promise<void> {
	const found = await readFile(file);
	assert.ok(found.equals(Buffer.from(body)), `the file has other bytes: ${found.toString('latin1').slice(0, 200)}`);
}

const pauses = (r: Rig): number[] =>
	r.events.flatMap(event => (event.type === 'waiting' ? [event.until - event.at] : []));

/** Runs one URL to its end; the clock stands still but while it waits for its next try. */
async function runAll(r: Rig, url: string): Promise<ReturnType<Rig['results']>> {
	const ended = r.run(url);
	while (r.store.run.state !== 'ended') {
		await r.changed();
		// So that a connection which can be used again is seen to be idle before the next try.
		await turn();
		await turn();
		const task = r.store.get('t1');
		if (task?.state === 'waiting') r.clock.advance((pauses(r).at(-1) ?? 0) + 1);
	}
	return ended;
}
