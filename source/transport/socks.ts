import {lookup as systemLookup} from 'node:dns';
import {isIP, type LookupFunction, type Socket} from 'node:net';
import {coded} from '../engine/failure.ts';
import type {ProxyServer} from './proxy.ts';

/** RFC 1928 §6: why a proxy did not connect, and whether another try may help. */
const replies: Readonly<Record<number, readonly [code: 'PROXY_FAILED' | 'PROXY_REFUSED', why: string]>> = {
	1: ['PROXY_FAILED', 'general failure'],
	2: ['PROXY_REFUSED', 'not allowed by its rules'],
	3: ['PROXY_FAILED', 'network unreachable'],
	4: ['PROXY_FAILED', 'host unreachable'],
	5: ['PROXY_FAILED', 'connection refused'],
	6: ['PROXY_FAILED', 'it took too long'],
	7: ['PROXY_REFUSED', 'it does not know how to connect'],
	8: ['PROXY_REFUSED', 'it does not know this kind of address'],
};

const version = 5;
const methods = {none: 0, login: 2, refused: 0xff};
const longestName = 255;
const addressTypes = {ipv4: 1, name: 3, ipv6: 4};

/**
 * Asks a SOCKS5 proxy (RFC 1928, login by RFC 1929) at the other end of `socket` for a connection; afterwards the socket is that.
 * undici has an agent for it, but that one prints a warning, knows no HTTP/2, and fails without codes.
 */
export async function socksConnect(
	socket: Socket,
	{kind, login}: ProxyServer,
	target: {hostname: string; port: number},
	lookup: LookupFunction = systemLookup as LookupFunction,
): Promise<void> {
	const hostname = target.hostname.replace(/^\[|\]$/g, '');
	const address = kind === 'socks5' ? await resolve(hostname, lookup) : hostname;
	// Its length is one byte: the rest of a longer name would be taken for a port, and for data to whoever is there.
	if (Buffer.byteLength(address) > longestName) throw coded('ENOTFOUND', 'no such host: its name is too long');
	const offered = login ? [methods.none, methods.login] : [methods.none];
	socket.write(Buffer.from([version, offered.length, ...offered]));
	const [, method] = await answer(socket, 2, version);
	if (method === methods.refused) throw coded('PROXY_AUTH');
	if (method === methods.login && login) await authenticate(socket, login);
	else if (method !== methods.none) throw coded('PROXY_BAD_ANSWER');
	const port = [target.port >> 8, target.port & 0xff];
	socket.write(Buffer.concat([Buffer.from([version, 1, 0]), addressBytes(address), Buffer.from(port)]));
	const [, reply = 0, , type] = await answer(socket, 4, version);
	if (reply !== 0) {
		const [code, why] = replies[reply] ?? (['PROXY_REFUSED', `reply ${reply}`] as const);
		throw coded(code, `the proxy could not connect: ${why}`);
	}
	// Where it connected from, which nobody wants to know.
	if (type === addressTypes.name) await read(socket, ((await read(socket, 1))[0] ?? 0) + 2);
	else await read(socket, (type === addressTypes.ipv6 ? 16 : 4) + 2);
}

async function authenticate(socket: Socket, {user, password}: {user: string; password: string}): Promise<void> {
	const parts = [user, password].map(part => Buffer.from(part));
	socket.write(Buffer.concat([Buffer.from([1]), ...parts.flatMap(part => [Buffer.from([part.length]), part])]));
	const [, status] = await answer(socket, 2, 1);
	if (status !== 0) throw coded('PROXY_AUTH');
}

function addressBytes(address: string): Buffer {
	const family = isIP(address);
	if (family === 4) return Buffer.from([addressTypes.ipv4, ...address.split('.').map(Number)]);
	if (family === 6) return Buffer.from([addressTypes.ipv6, ...groupsOf(address)]);
	const name = Buffer.from(address);
	return Buffer.concat([Buffer.from([addressTypes.name, name.length]), name]);
}

/** The 16 bytes of an IPv6 address, which may have one `::` and end in an IPv4 address. */
function groupsOf(address: string): number[] {
	const hex = (text: string): number[] =>
		text
			.split(':')
			.filter(group => group !== '')
			.flatMap(group =>
				group.includes('.')
					? group.split('.').map(Number)
					: [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff],
			);
	const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::');
	const [before, after] = [hex(head), hex(tail ?? '')];
	return [...before, ...new Array<number>(16 - before.length - after.length).fill(0), ...after];
}

/** `socks5` sends addresses: the name is looked up on this side. */
function resolve(hostname: string, lookup: LookupFunction): Promise<string> {
	if (isIP(hostname)) return Promise.resolve(hostname);
	return new Promise((resolve, reject) => {
		lookup(hostname, {all: false}, (error, address) => {
			if (error) reject(error);
			else resolve(typeof address === 'string' ? address : (address[0]?.address ?? hostname));
		});
	});
}

async function answer(socket: Socket, length: number, first: number): Promise<Buffer> {
	const bytes = await read(socket, length);
	if (bytes[0] !== first) throw coded('PROXY_BAD_ANSWER');
	return bytes;
}

/** Exactly so many bytes: what follows them belongs to the connection. */
function read(socket: Socket, length: number): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const stop = () => {
			socket.off('readable', look).off('end', ended).off('error', failed).off('close', ended);
		};
		const look = () => {
			const bytes: Buffer | null = socket.read(length);
			if (!bytes) return;
			stop();
			// At the end of the stream there may be fewer.
			if (bytes.length === length) resolve(bytes);
			else reject(coded('PROXY_BAD_ANSWER'));
		};
		const failed = () => {
			stop();
			reject(coded('PROXY_UNREACHABLE', 'the proxy hung up'));
		};
		const ended = failed;
		socket.on('readable', look).on('end', ended).on('error', failed).on('close', ended);
		look();
	});
}
