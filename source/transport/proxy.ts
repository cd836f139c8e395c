import {BlockList, isIP} from 'node:net';
import {domainToASCII} from 'node:url';
import {decoded} from './credentials.ts';

const kinds = {http: 80, https: 443, socks5: 1080, socks5h: 1080} as const;

export type ProxyServer = {
	/** How it is spoken to; `socks5h` leaves the name lookup to the proxy. */
	kind: keyof typeof kinds;
	/** Without brackets. */
	hostname: string;
	port: number;
	/** Credentials, decoded. */
	login?: {user: string; password: string};
};

/** Which proxy is for which URLs, and which hosts need none. */
export type ProxyRules = {http?: ProxyServer; https?: ProxyServer; except?: string};

/** A proxy's URL, `http://` where nothing else is said. Throws with the rest of the sentence "… is invalid: …", without credentials. */
export function parseProxy(text: string): ProxyServer {
	const [, scheme = '', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/is.exec(text.trim()) ?? [];
	const kind = (scheme.toLowerCase() || 'http') as ProxyServer['kind'];
	if (!Object.hasOwn(kinds, kind)) throw new Error(`a proxy is one of ${Object.keys(kinds).join(', ')}`);
	// A scheme without a standard port, so that a port that is given is never lost as one that goes without saying.
	const url = URL.parse(`proxy://${rest}`);
	const hostname = url && hostOf(url.hostname);
	if (!url || !hostname || !/^\/?$/.test(url.pathname) || url.search || url.hash)
		throw new Error("it must read 'http://host:port', with 'user:password@' before the host if need be");
	const [user, password] = [decoded(url.username), decoded(url.password)];
	if (kind.startsWith('socks') && [user, password].some(part => Buffer.byteLength(part) > 255))
		throw new Error('a user or password of SOCKS has at most 255 bytes');
	const login = user || password ? {login: {user, password}} : {};
	return {kind, hostname, port: Number(url.port) || kinds[kind], ...login};
}

/** The parser leaves the host of an unknown scheme as it is. */
function hostOf(text: string): string {
	const name = text.replace(/^\[|\]$/g, '');
	if (isIP(name)) return name;
	return /^[^[\]]+$/.test(text) ? domainToASCII(decoded(text)) : '';
}

/** A proxy as it may be shown. */
export const nameOf = ({hostname, port}: ProxyServer): string =>
	`${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;

/** The proxy for this URL, if there is one for it. */
export function proxyFor(url: URL, {http, https, except = ''}: ProxyRules): ProxyServer | undefined {
	const proxy = url.protocol === 'https:' ? https : http;
	if (!proxy) return undefined;
	const hostname = url.hostname.replace(/^\[|\]$|\.$/g, '');
	const port = url.port || (url.protocol === 'https:' ? '443' : '80');
	const isExcepted = except.split(/[\s,]+/).some(entry => entry !== '' && covers(entry.toLowerCase(), hostname, port));
	return isExcepted ? undefined : proxy;
}

/** `no_proxy`: `*`, an address, a network (10.0.0.0/8), or a domain with all below it; each with a port, if only that is meant. */
function covers(entry: string, hostname: string, port: string): boolean {
	if (entry === '*') return true;
	const [, bracketed, plain, only] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
	if (only !== undefined && only !== port) return false;
	const name = (bracketed ?? plain ?? entry).replace(/^\*?\./, '').replace(/\.$/, '');
	const family = isIP(hostname);
	if (family === 0) {
		const domain = /^[\x20-\x7e]*$/.test(name) ? name : domainToASCII(name);
		return domain !== '' && (hostname === domain || hostname.endsWith(`.${domain}`));
	}
	const most = family === 6 ? 128 : 32;
	const [address = '', bits = String(most), ...more] = name.split('/');
	// What is no network covers nothing: it must not open the way around the proxy to everyone.
	if (isIP(address) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > most || more.length > 0) return false;
	const type = family === 6 ? 'ipv6' : 'ipv4';
	const list = new BlockList();
	list.addSubnet(address, Number(bits), type);
	return list.check(hostname, type);
}

/** What the usual variables say. `HTTP_PROXY` is not read: in a CGI program it is a header of the request ("httpoxy"). */
export function proxyVariables(env: Readonly<Record<string, string | undefined>>): {
	http?: Variable;
	https?: Variable;
	except?: string;
} {
	const first = (...names: string[]): Variable | undefined => {
		const name = names.find(candidate => env[candidate]);
		return name === undefined ? undefined : {name, value: env[name] ?? ''};
	};
	const http = first('http_proxy', 'all_proxy', 'ALL_PROXY');
	const https = first('https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY');
	const except = first('no_proxy', 'NO_PROXY')?.value;
	return {...(http && {http}), ...(https && {https}), ...(except !== undefined && {except})};
}

type Variable = {name: string; value: string};
