import {isIP, type LookupFunction, type Socket} from 'node:net';
import {Agent, buildConnector} from 'undici';
import {coded, reasonOf} from '../engine/failure.ts';
import {ClientPool, type Pool} from './client-pool.ts';
import {measured, watched} from './connection.ts';
import type {Patience, Way} from './exchange.ts';
import {nameOf, type ProxyRules, type ProxyServer, proxyFor} from './proxy.ts';
import {socksConnect} from './socks.ts';
import {openTunnel, proxyHeaders} from './tunnel.ts';

type Connector = buildConnector.connector;

export type ConnectionOptions = {
	/** Milliseconds of silence after which a transfer counts as stalled, and the longest wait for the first byte. */
	timeout: number;
	/** Milliseconds until a connection stands: name lookup, all addresses, proxy and TLS together. */
	connectTimeout: number;
	/** HTTP/2 where the server offers it (ALPN); many requests then share one connection. */
	http2?: boolean;
	/** Certificates to trust in place of the usual ones, in PEM. */
	ca?: string;
	/** Trust any certificate of a server; of a proxy still not. */
	insecure?: boolean;
	proxies?: ProxyRules;
	/** As of `node:net`, in place of the system's. */
	lookup?: LookupFunction;
};

/** How to get a request to its server. `headers` are for the proxy alone. */
export type Route = Way & {
	headers?: Readonly<Record<string, string>>;
	/** An HTTP proxy reads the request, so some answers are its own. */
	forwarded: boolean;
};

/** Which connection a request takes: its own server's, or a proxy's. One pool of connections for each way. */
export class Routes {
	readonly #options: ConnectionOptions;
	readonly #direct: Pool;
	readonly #proxied = new Map<ProxyServer, {tunnel: Pool; forward: Pool}>();
	/** A connection may take its time, and then HTTP/2 as long as any answer until it grants a stream. */
	readonly #patience: Patience;
	/** How many requests are stuck, by origin. Connections there fail, for only that takes them out of undici's queue. */
	readonly #stuck = new Map<string, number>();

	constructor(options: ConnectionOptions) {
		this.#options = options;
		this.#patience = {
			timeout: options.connectTimeout + options.timeout,
			stuck: origin => {
				this.#count(origin, 1);
				return () => this.#count(origin, -1);
			},
		};
		this.#direct = this.#pool(measured(buildConnector(connectOptions(options))), options.http2 === true);
	}

	to(url: URL): Route {
		const {proxies} = this.#options;
		const proxy = proxies && proxyFor(url, proxies);
		const path = url.pathname + url.search;
		if (!proxy) return this.#straight(url, this.#direct, path);
		const {tunnel, forward} = this.#pools(proxy);
		if (proxy.kind.startsWith('socks') || url.protocol === 'https:') return this.#straight(url, tunnel, path);
		return {
			origin: `${proxy.kind}://${nameOf(proxy)}`,
			pool: forward,
			// RFC 9112 §3.2.2: a proxy is told the whole URL; who says it must be told whom it is for.
			path: url.origin + path,
			headers: {host: url.host, ...proxyHeaders(proxy)},
			...(proxy.kind === 'https' && {servername: proxy.hostname}),
			forwarded: true,
		};
	}

	#straight(url: URL, pool: Pool, path: string): Route {
		const route: Route = {origin: url.origin, pool, path, forwarded: false};
		if (this.#options.http2 && url.protocol === 'https:') route.patience = this.#patience;
		return route;
	}

	async close(): Promise<void> {
		const pools = [...this.#proxied.values()].flatMap(({tunnel, forward}) => [tunnel, forward]);
		await Promise.all([this.#direct, ...pools].map(pool => pool.destroy()));
	}

	#count(origin: string, change: 1 | -1): void {
		this.#stuck.set(origin, (this.#stuck.get(origin) ?? 0) + change);
	}

	#pools(proxy: ProxyServer): {tunnel: Pool; forward: Pool} {
		const made = this.#proxied.get(proxy);
		if (made) return made;
		const options = this.#options;
		const toProxy = proxyConnector(proxy, options);
		const pools = {
			tunnel: this.#pool(throughProxy(proxy, toProxy, options), options.http2 === true),
			forward: this.#pool((_options, callback) => toProxy(callback), false),
		};
		this.#proxied.set(proxy, pools);
		return pools;
	}

	#pool(connect: Connector, allowH2: boolean): Pool {
		const {timeout} = this.#options;
		const options = {headersTimeout: timeout, bodyTimeout: timeout};
		if (!allowH2) return new ClientPool({...options, allowH2, connect: watched(connect)});
		const unlessStuck: Connector = (target, callback) => {
			const origin = `${target.protocol}//${target.host}`;
			if ((this.#stuck.get(origin) ?? 0) > 0) callback(coded('CONNECT_TIMEOUT', 'the server takes no request'), null);
			else connect(target, callback);
		};
		// Many requests share a connection, and undici knows how many.
		const agent = new Agent({...options, allowH2, connect: watched(unlessStuck)});
		return {take: () => agent, free: () => {}, destroy: () => agent.destroy()};
	}
}

function connectOptions({connectTimeout, ca, insecure, lookup, http2}: ConnectionOptions): buildConnector.BuildOptions {
	return {
		timeout: connectTimeout,
		autoSelectFamily: true,
		// undici's own order puts HTTP/1.1 first, and servers take what comes first.
		...(http2 ? {allowH2: true, preferH2: true} : {allowH2: false}),
		...(ca !== undefined && {ca}),
		...(insecure && {rejectUnauthorized: false}),
		...(lookup && {lookup}),
	} as buildConnector.BuildOptions;
}

/** Connections to the proxy itself. Whatever goes wrong here is the proxy's. */
function proxyConnector(proxy: ProxyServer, options: ConnectionOptions): (callback: buildConnector.Callback) => void {
	const connect = buildConnector(connectOptions({...options, insecure: false, http2: false}));
	const isTls = proxy.kind === 'https';
	const target = {
		hostname: proxy.hostname,
		host: nameOf(proxy),
		port: String(proxy.port),
		protocol: isTls ? 'https:' : 'http:',
		...(isTls && !isIP(proxy.hostname) && {servername: proxy.hostname}),
	};
	return callback =>
		connect(target, (...[error, socket]) => {
			if (socket) callback(null, socket);
			else
				callback(coded('PROXY_UNREACHABLE', `no connection to the proxy ${nameOf(proxy)}: ${reasonOf(error)}`), null);
		});
}

/** Connections through the proxy to the server, TLS with the server included, all within one time. */
function throughProxy(
	proxy: ProxyServer,
	toProxy: (callback: buildConnector.Callback) => void,
	options: ConnectionOptions,
): Connector {
	const secure = measured(buildConnector(connectOptions(options)));
	return (target, callback) => {
		let open: Socket | undefined;
		let isOver = false;
		const finish = (...result: Parameters<buildConnector.Callback>) => {
			if (isOver) return;
			isOver = true;
			clearTimeout(deadline);
			if (result[0]) open?.destroy();
			callback(...result);
		};
		const deadline = setTimeout(
			() => finish(coded('PROXY_FAILED', `no connection through the proxy ${nameOf(proxy)} in time`), null),
			options.connectTimeout,
		);
		const connected = async (socket: Socket): Promise<void> => {
			open = socket;
			// Whoever reads from it says what is wrong; without a listener an error would end the process.
			socket.on('error', () => {});
			if (isOver) return void socket.destroy();
			const address = {
				hostname: target.hostname,
				port: Number(target.port) || (target.protocol === 'https:' ? 443 : 80),
			};
			let through = socket;
			if (proxy.kind.startsWith('socks')) await socksConnect(socket, proxy, address, options.lookup);
			else through = await openTunnel(socket, proxy, address);
			if (isOver) return;
			if (target.protocol === 'https:') secure({...target, httpSocket: through}, finish);
			else finish(null, through);
		};
		toProxy((...[error, socket]) => {
			if (error) return finish(error, null);
			connected(socket as Socket).catch(error => finish(error, null));
		});
	};
}
