import {Cookie, CookieJar, permuteDomain, Store} from 'tough-cookie';
import type {SentCookie} from './cookie-header.ts';
import type {FiledCookie} from './netscape.ts';

/** RFC 6265 §6.1 asks for 50 and 3,000 at least; as many as Chrome has for one domain. Those of a file are not counted. */
const most = {perDomain: 180, all: 3_000};

/** Of a whole `Set-Cookie`, in bytes: RFC 6265 §6.1 asks for 4,096, attributes included. */
const longest = 8 * 1024;

/** `port` that set it, '' for http's and https's own; undefined if it came from a file. */
type Entry = {cookie: Cookie; port: string | undefined; usedAt: number};

/**
 * All cookies of a run (RFC 6265, with the public suffix list). One thing is stricter than the RFC: what a server on a port of its
 * own has set goes back to that port only, since 127.0.0.1:8001 and 127.0.0.1:8002 are seldom one party. Without a port, http and
 * https share, or a login would not survive the redirect from one to the other.
 */
export class CookieShelf {
	/** By domain, then by path, name and port. */
	readonly #domains = new Map<string, Map<string, Entry>>();
	/** How many were received: of all, and by domain. Those of a file may be many, and are not to be gone through each time. */
	#received = 0;
	readonly #receivedOf = new Map<string, number>();
	#clock = 0;

	constructor(loaded: readonly FiledCookie[]) {
		for (const filed of loaded) this.#put(cookieOf(filed), undefined);
	}

	for(url: URL): SentCookie[] {
		return this.#jar(url.port)
			.getCookiesSync(url.href)
			.map(cookie => ({
				name: cookie.key,
				value: cookie.value,
				isLoaded: this.#entry(cookie, undefined)?.cookie === cookie,
			}));
	}

	/** Takes what an answer from `url` sets. What is none, or not its to set, is passed over (RFC 6265 §5.3). */
	take(url: URL, lines: readonly string[]): void {
		for (const line of lines) {
			// RFC 6265bis §5.6: with a control character in it, it is none.
			if (line.length > longest || /[\x00-\x08\x0a-\x1f\x7f]/.test(line)) continue;
			this.#jar(url.port).setCookieSync(line, url.href, {ignoreError: true});
		}
	}

	/** What is still good. Where two ports have one of the same name, a file has room for the newer one only. */
	list(): FiledCookie[] {
		const cookies = new Map<string, Cookie>();
		for (const entries of this.#domains.values())
			for (const {cookie} of entries.values()) {
				const name = identity(cookie);
				const other = cookies.get(name);
				if (cookie.TTL() > 0 && !(other && timeOf(other) > timeOf(cookie))) cookies.set(name, cookie);
			}
		return [...cookies.values()].map(filedOf);
	}

	#jar(port: string): CookieJar {
		const options = {allowSecureOnLocal: false} as const;
		return new CookieJar(this.#storeFor(port), options);
	}

	/** What tough-cookie sees of the shelf from this port. */
	#storeFor(port: string): Store {
		type Done<Result> = (error: Error | null, result?: Result) => void;
		const put = (cookie: Cookie, done: Done<void>) => {
			this.#put(cookie, port);
			done(null);
		};
		return Object.assign(new Store(), {
			synchronous: true,
			findCookie: (domain: string, path: string, key: string, done: Done<Cookie>) => {
				const found = this.#entry({domain, path, key}, port) ?? this.#entry({domain, path, key}, undefined);
				done(null, found?.cookie);
			},
			findCookies: (domain: string, _path: string, special: boolean, done: Done<Cookie[]>) =>
				done(null, this.#seenFrom(port, permuteDomain(domain, special) ?? [domain])),
			putCookie: put,
			updateCookie: (_old: Cookie, cookie: Cookie, done: Done<void>) => put(cookie, done),
			removeCookie: (domain: string, path: string, key: string, done: Done<void>) => {
				for (const from of [port, undefined]) this.#remove({domain, path, key}, from);
				done(null);
			},
		}) as Store;
	}

	#seenFrom(port: string, domains: readonly string[]): Cookie[] {
		const entries = domains.flatMap(domain => [...(this.#domains.get(domain)?.values() ?? [])]);
		const seen = entries.filter(entry => entry.port === undefined || entry.port === port);
		for (const entry of seen) entry.usedAt = ++this.#clock;
		return seen.map(({cookie}) => cookie);
	}

	#entry(cookie: Identity, port: string | undefined): Entry | undefined {
		return this.#domains.get(cookie.domain ?? '')?.get(keyOf(cookie, port));
	}

	#put(cookie: Cookie, port: string | undefined): void {
		// Whoever sets it anew replaces what the file said.
		for (const from of [port, undefined]) this.#remove(cookie, from);
		if (cookie.TTL() <= 0) return;
		const domain = cookie.domain ?? '';
		const entries = this.#domains.get(domain) ?? new Map<string, Entry>();
		this.#domains.set(domain, entries);
		entries.set(keyOf(cookie, port), {cookie, port, usedAt: ++this.#clock});
		if (port === undefined) return;
		this.#count(domain, 1);
		if ((this.#receivedOf.get(domain) ?? 0) > most.perDomain) this.#evict([entries]);
		if (this.#received > most.all) this.#evict([...this.#domains.values()]);
	}

	/** The one that was not used for longest goes. */
	#evict(domains: ReadonlyArray<Map<string, Entry>>): void {
		const received = domains.flatMap(entries => [...entries.values()]).filter(({port}) => port !== undefined);
		const oldest = received.reduce((a, b) => (b.usedAt < a.usedAt ? b : a));
		this.#remove(oldest.cookie, oldest.port);
	}

	#remove(cookie: Identity, port: string | undefined): void {
		const domain = cookie.domain ?? '';
		const entries = this.#domains.get(domain);
		if (!entries?.delete(keyOf(cookie, port))) return;
		if (port !== undefined) this.#count(domain, -1);
		if (entries.size === 0) this.#domains.delete(domain);
	}

	#count(domain: string, change: 1 | -1): void {
		this.#received += change;
		const count = (this.#receivedOf.get(domain) ?? 0) + change;
		if (count === 0) this.#receivedOf.delete(domain);
		else this.#receivedOf.set(domain, count);
	}
}

type Identity = {domain: string | null; path: string | null; key: string};

/** RFC 6265 §5.3, step 11: what makes two cookies one. */
const identity = ({domain, path, key}: Identity): string => `${domain}\t${path}\t${key}`;
const keyOf = (cookie: Identity, port: string | undefined): string =>
	`${cookie.path}\t${cookie.key}\t${port === undefined ? 'file' : port}`;

const timeOf = ({lastAccessed}: Cookie): number => (lastAccessed instanceof Date ? lastAccessed.getTime() : 0);

function cookieOf({name, expires, hostOnly, ...rest}: FiledCookie): Cookie {
	return new Cookie({
		...rest,
		key: name,
		// As `Domain=com` would be refused on the way in: nobody may have one for all below a public suffix.
		hostOnly: hostOnly || permuteDomain(rest.domain, true) === undefined,
		expires: expires === 0 ? 'Infinity' : new Date(expires * 1000),
		creation: new Date(),
	});
}

function filedOf(cookie: Cookie): FiledCookie {
	const expires = cookie.expiryTime();
	return {
		domain: cookie.domain ?? '',
		hostOnly: cookie.hostOnly ?? true,
		path: cookie.path ?? '/',
		secure: cookie.secure,
		httpOnly: cookie.httpOnly,
		// At least 1: 0 would mean that it never ends.
		expires: expires === undefined || !Number.isFinite(expires) ? 0 : Math.max(1, Math.floor(expires / 1000)),
		name: cookie.key,
		value: cookie.value,
	};
}
