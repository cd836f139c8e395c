import {createServer, request as forward} from 'node:http';
import {type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import type {TestContext} from 'node:test';

/** What a proxy was asked for, and with which credentials. */
export type Asked = {what: string; login: string | undefined};

export type TestProxy = {host: string; asked: Asked[]};

async function listen(t: TestContext, server: Server, sockets: Set<Duplex>): Promise<string> {
	server.on('connection', (socket: Socket) => {
		sockets.add(socket);
		socket.on('error', () => {});
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.after(async () => {
		const closed = new Promise(resolve => server.close(resolve));
		for (const socket of sockets) socket.destroy();
		await closed;
	});
	return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Joins two ends; where one breaks, so does the other. */
function join(one: Duplex, other: Duplex, sockets: Set<Duplex>): void {
	sockets.add(other);
	for (const [from, to] of [
		[one, other],
		[other, one],
	] as const) {
		from.on('error', () => to.destroy());
		from.on('close', () => to.destroy());
		from.pipe(to);
	}
}

/**
 * An HTTP proxy: absolute URLs and CONNECT, both to this machine whatever the name, and closed after the test.
 * @param status what CONNECT is answered in place of a connection
 */
export async function startHttpProxy(
	t: TestContext,
	{login, status}: {login?: string; status?: number} = {},
): Promise<TestProxy> {
	const sockets = new Set<Duplex>();
	const asked: Asked[] = [];
	const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`;
	const isRefused = (what: string, given: string | undefined): boolean => {
		asked.push({what, login: given});
		return wanted !== undefined && given !== wanted;
	};
	const server = createServer((request, response) => {
		const {'proxy-authorization': given, ...headers} = request.headers;
		if (isRefused(request.url ?? '', given)) return void response.writeHead(407).end('who are you?');
		const {port, pathname, search} = new URL(request.url ?? '');
		const passed = forward({host: '127.0.0.1', port, path: pathname + search, headers, agent: false}, answer => {
			response.writeHead(answer.statusCode ?? 500, answer.headers);
			answer.pipe(response);
		});
		passed.on('error', () => response.writeHead(502).end());
		passed.end();
	});
	server.on('connect', (request, socket, head) => {
		const refusal = isRefused(request.url ?? '', request.headers['proxy-authorization']) ? 407 : status;
		if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
		const target = connect(Number(/:(\d+)$/.exec(request.url ?? '')?.[1]), '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connected\r\n\r\n');
			target.write(head);
			join(socket, target, sockets);
		});
		target.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
	});
	return {host: await listen(t, server, sockets), asked};
}

/**
 * A SOCKS5 proxy to this machine whatever the name, closed after the test.
 * @param reply what a request is answered in place of a connection
 */
export async function startSocks(
	t: TestContext,
	{login, reply}: {login?: string; reply?: number} = {},
): Promise<TestProxy> {
	const sockets = new Set<Duplex>();
	const asked: Asked[] = [];
	const server = createTcpServer(async socket => {
		const read = reader(socket);
		const [, count = 0] = await read(2);
		const methods = [...(await read(count))];
		const method = login === undefined ? 0 : methods.includes(2) ? 2 : 0xff;
		socket.write(Buffer.from([5, method]));
		let given: string | undefined;
		if (method === 2) {
			const user = await read((await read(2))[1] ?? 0);
			const password = await read((await read(1))[0] ?? 0);
			given = `${user}:${password}`;
			socket.write(Buffer.from([1, given === login ? 0 : 1]));
		}
		const type = (await read(4))[3];
		const address =
			type === 3 ? String(await read((await read(1))[0] ?? 0)) : [...(await read(type === 4 ? 16 : 4))].join('.');
		const port = (await read(2)).readUInt16BE();
		asked.push({what: `${address}:${port}`, login: given});
		const answer = (code: number) => socket.write(Buffer.from([5, code, 0, 3, 2, 104, 105, 0, 80]));
		if (reply !== undefined) return void answer(reply);
		const target = connect(port, '127.0.0.1', () => {
			answer(0);
			join(socket, target, sockets);
		});
		target.on('error', () => answer(5));
	});
	return {host: await listen(t, server, sockets), asked};
}

/** Exactly so many bytes of a socket at a time; never, when it ends before. */
function reader(socket: Socket): (length: number) => Promise<Buffer> {
	return length =>
		new Promise(resolve => {
			if (length === 0) return resolve(Buffer.alloc(0));
			const look = () => {
				const bytes: Buffer | null = socket.read(length);
				if (!bytes) return;
				socket.off('readable', look);
				resolve(bytes);
			};
			socket.on('readable', look);
			look();
		});
}
