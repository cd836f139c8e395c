import {request} from 'node:http';
import {isIP, type Socket} from 'node:net';
import {coded} from '../engine/failure.ts';
import {basic} from './credentials.ts';
import type {ProxyServer} from './proxy.ts';

/** Statuses by which a proxy says that it, or the target, might do better later. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What a request carries for the proxy alone. */
export const proxyHeaders = ({login}: ProxyServer): Record<string, string> =>
	login ? {'proxy-authorization': basic(`${login.user}:${login.password}`)} : {};

/** An answer of the proxy itself that is no connection. */
export function proxyRefusal(status: number): Error {
	// 401 is the target's word, but tinyproxy says it of a wrong password.
	if (status === 407 || status === 401) return coded('PROXY_AUTH');
	const code = passing.has(status) ? 'PROXY_FAILED' : 'PROXY_REFUSED';
	return coded(code, `the proxy could not connect: it answered ${status}`);
}

/** What came from it is no answer to a request. */
export const notHttp = (origin: string): Error => coded('PROXY_BAD_ANSWER', `the proxy ${origin} does not speak HTTP`);

/**
 * Asks an HTTP proxy at the other end of `socket` for a tunnel (CONNECT, RFC 9110 §9.3.6); resolves with it. Not undici's ProxyAgent:
 * its errors have no codes, and each connection to a target waits for one to the proxy that is its own pool.
 */
export function openTunnel(
	socket: Socket,
	proxy: ProxyServer,
	{hostname, port}: {hostname: string; port: number},
): Promise<Socket> {
	const authority = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
	return new Promise((resolve, reject) => {
		const asking = request({
			method: 'CONNECT',
			path: authority,
			headers: {host: authority, ...proxyHeaders(proxy)},
			setHost: false,
			createConnection: () => socket,
		});
		asking.once('connect', ({statusCode = 0}, tunnel, head) => {
			if (statusCode < 200 || statusCode > 299) return reject(proxyRefusal(statusCode));
			if (head.length > 0) tunnel.unshift(head);
			resolve(tunnel as Socket);
		});
		asking.on('error', error => {
			const isNoHttp = 'code' in error && String(error.code).startsWith('HPE_');
			reject(isNoHttp ? coded('PROXY_BAD_ANSWER') : coded('PROXY_UNREACHABLE', 'the proxy hung up'));
		});
		asking.end();
	});
}
