import {X509Certificate} from 'node:crypto';
import {accessSync, constants} from 'node:fs';
import {readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {reasonOf} from '../engine/failure.ts';
import {Cookies} from '../transport/cookies.ts';
import type {NetrcEntry} from '../transport/netrc.ts';
import {type ProxyRules, type ProxyServer, parseProxy, proxyVariables} from '../transport/proxy.ts';
import {readCookies, readNetrc, saveCookies} from '../transport/secret-files.ts';
import type {Options} from './options.ts';
import {UsageError, unreadable} from './usage-error.ts';
import {isData} from './values.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the transport is handed: the options with their files and variables read. */
export type Network = {
	proxies: ProxyRules;
	cookie?: string;
	cookies?: Cookies;
	netrc?: readonly NetrcEntry[];
	ca?: string;
};

/** Reads what the options of the network name. The cookie jar is saved when the process ends, however that comes about. */
export async function openNetwork(
	options: Options,
	env: Environment,
	complain: (message: string) => void,
): Promise<Network> {
	const {cacert} = options;
	const proxies = proxiesOf(options, env);
	const netrc = await usage(() => netrcOf(options, env));
	const cookies = await usage(() => cookiesOf(options, complain));
	const data = options.cookie.filter(isData).join('; ');
	return {
		proxies,
		...(data !== '' && {cookie: data}),
		...(cookies && {cookies}),
		...(netrc && {netrc}),
		...(cacert !== undefined && {ca: await certificates(cacert)}),
	};
}

async function usage<Result>(read: () => Promise<Result>): Promise<Result> {
	try {
		return await read();
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

function proxiesOf({proxy, noProxy}: Options, env: Environment): ProxyRules {
	if (proxy === 'none') return {};
	const variables = proxyVariables(env);
	const exceptions = noProxy ?? variables.except;
	const except = exceptions === undefined ? {} : {except: exceptions};
	if (proxy) return {http: proxy, https: proxy, ...except};
	const read = (variable: {name: string; value: string}): ProxyServer => {
		try {
			return parseProxy(variable.value);
		} catch (error) {
			// Without its value: there may be a password in it.
			throw new UsageError(
				`the variable ${variable.name} is invalid: ${error instanceof Error ? error.message : error}`,
			);
		}
	};
	const http = variables.http && read(variables.http);
	const https = variables.https && read(variables.https);
	return {...(http && {http}), ...(https && {https}), ...except};
}

async function netrcOf({netrc, netrcFile}: Options, env: Environment): Promise<NetrcEntry[] | undefined> {
	if (netrcFile !== undefined) return readNetrc(netrcFile);
	return netrc ? readNetrc(env.NETRC || path.join(os.homedir(), '.netrc')) : undefined;
}

async function cookiesOf(
	{cookie, cookieJar}: Options,
	complain: (message: string) => void,
): Promise<Cookies | undefined> {
	if (cookie.length === 0 && cookieJar === undefined) return undefined;
	const files = cookie.filter(text => !isData(text)).map(file => readCookies(file));
	const jar = cookieJar === undefined ? [] : [readCookies(cookieJar, 'ifThere')];
	// The jar comes last: it is what the last run ended with.
	const cookies = new Cookies((await Promise.all([...files, ...jar])).flat());
	if (cookieJar !== undefined) saveAtTheEnd(cookieJar, cookies, complain);
	return cookies;
}

function saveAtTheEnd(file: string, cookies: Cookies, complain: (message: string) => void): void {
	// An hour's cookies would be lost for a folder that is not there.
	try {
		accessSync(path.dirname(file), constants.W_OK);
	} catch (error) {
		throw new Error(`cannot save the cookies to ${JSON.stringify(file)}: ${reasonOf(error)}`);
	}
	process.once('exit', () => {
		try {
			saveCookies(file, cookies.list());
		} catch (error) {
			complain(error instanceof Error ? error.message : String(error));
			process.exitCode ||= 1;
		}
	});
}

/** A PEM file, looked at before it is used: OpenSSL passes over what it cannot read, and then nothing is trusted. */
async function certificates(file: string): Promise<string> {
	const text = await readFile(file, 'latin1').catch(error => {
		throw unreadable('certificates', file, error);
	});
	const found = text.match(/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[\s\S]+?-----END [^-]+-----/g) ?? [];
	const isSound = (pem: string) => {
		try {
			return Boolean(new X509Certificate(pem));
		} catch {
			return false;
		}
	};
	if (found.length > 0 && found.every(isSound)) return found.join('\n');
	const problem = found.length === 0 ? 'there is no certificate in PEM in it' : 'a certificate in it is broken';
	throw new UsageError(`cannot read the certificates ${JSON.stringify(file)}: ${problem}`);
}
