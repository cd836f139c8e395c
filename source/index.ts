/** The library: the engine without a screen. Nothing that React or a terminal belongs to is reachable from here. */
import {userAgent} from './cli/version.ts';
import {Engine} from './engine/engine.ts';
import {systemClock} from './engine/seams.ts';
import {defaultSettings, type Settings} from './engine/settings.ts';
import {createExtractor} from './extract/extractor.ts';
import {parseField} from './extract/fields.ts';
import {discardStorage} from './storage/discard.ts';
import {FileStorage} from './storage/files.ts';
import {createTransport, type TransportOptions} from './transport/transport.ts';

export type {Command} from './engine/commands.ts';
export type {Engine} from './engine/engine.ts';
export type {EngineEvent, Listener, RunState} from './engine/events.ts';
export type {Failure} from './engine/failure.ts';
export type {Input, InputItem} from './engine/intake.ts';
export type {Clock, Extractor, Head, Sink, Storage, Transport} from './engine/seams.ts';
export type {Settings} from './engine/settings.ts';
export type {ReadonlyStore} from './engine/store.ts';
export type {FinalState, Result, State, Task, TaskId} from './engine/task.ts';
export {Cookies} from './transport/cookies.ts';
export type {NetrcEntry} from './transport/netrc.ts';
export type {FiledCookie} from './transport/netscape.ts';
export {type ProxyRules, type ProxyServer, parseProxy} from './transport/proxy.ts';
export {readCookies, readNetrc, saveCookies} from './transport/secret-files.ts';

export type EngineOptions = Partial<Settings & TransportOptions> & {
	/** Folder where bodies are saved; without it, nothing is saved. */
	dir?: string;
	/** Replace files that are already there. */
	overwrite?: boolean;
	/** What to look for on every page: names and CSS selectors, with `@attribute` at the end for an attribute. */
	extract?: Readonly<Record<string, string>>;
};

/**
 * An engine with everything it needs: HTTP by undici, files in `dir`, titles and what selectors find.
 *
 * Call `engine.run(urls)`, listen with `engine.subscribe(event => …)`, steer with `engine.dispatch(command)`, read
 * `engine.store`, and `engine.close()` when done. It reads no variable and no file by itself: proxies, logins and cookies are
 * handed to it (`parseProxy`, `readNetrc`, `readCookies`). Throws a `TypeError` for an option that is not known or makes no
 * sense.
 */
export function createEngine(options: EngineOptions = {}): Engine {
	const {dir, overwrite = false, extract = {}} = options;
	checkOptions(options);
	const fields = Object.entries(extract).map(([name, selector]) => parseField(`${name}=${selector}`));
	const transport = createTransport({
		timeout: 30_000,
		connectTimeout: 10_000,
		maxRedirects: 10,
		userAgent,
		headers: [],
		...options,
	});
	const storage = dir === undefined ? discardStorage : new FileStorage({dir, overwrite});
	return new Engine(
		{transport, storage, extractor: createExtractor({fields}), clock: systemClock, random: Math.random},
		{...defaultSettings, ...options},
	);
}

/** Those that are not the engine's own settings. */
const names: Readonly<Record<Exclude<keyof EngineOptions, keyof Settings>, true>> = {
	...{dir: true, overwrite: true, extract: true, timeout: true, connectTimeout: true, maxRedirects: true},
	...{userAgent: true, headers: true, compressed: true, user: true, netrc: true, cookie: true, cookies: true},
	...{proxies: true, ca: true, insecure: true, http2: true, lookup: true},
};

/** What TypeScript would say, for those who do not use it. */
function checkOptions({netrc, proxies, timeout = 1, connectTimeout = 1, ...rest}: EngineOptions): void {
	const unknown = Object.keys(rest).find(name => !Object.hasOwn(defaultSettings, name) && !Object.hasOwn(names, name));
	if (unknown !== undefined) throw new TypeError(`there is no option ${JSON.stringify(unknown)}`);
	if (!(timeout > 0) || !(connectTimeout > 0)) throw new TypeError('timeout and connectTimeout must be above 0');
	if (netrc !== undefined && !Array.isArray(netrc)) throw new TypeError('netrc must be what readNetrc resolves with');
	const isServer = (server: unknown) => server === undefined || (typeof server === 'object' && server !== null);
	if (!isServer(proxies) || !isServer(proxies?.http) || !isServer(proxies?.https))
		throw new TypeError('proxies must read {http: parseProxy(…), https: parseProxy(…)}');
}
