import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import path from 'node:path';
import {errorCode} from '../engine/failure.ts';
import {sanitize} from '../format/sanitize.ts';
import type {Environment} from './environment.ts';
import {type Givens, give} from './given.ts';
import {parseJson} from './json.ts';
import {type Named, optionNames} from './option-names.ts';
import {defaults, type Options} from './options.ts';
import {holdsSecret} from './secrets.ts';
import {suggestion} from './suggestion.ts';
import {UsageError, unreadable} from './usage-error.ts';

/** Bytes. A thousand times what a config file has; `/dev/zero` would have no end. */
const largest = 1024 * 1024;

export type ConfigFile = {givens: Givens; keys: Options['keys']};

/** Where the config file is looked for when nobody says where it is; undefined where the environment names no home. */
export function standardFile({XDG_CONFIG_HOME: xdg, HOME: home, APPDATA: roaming}: Environment): string | undefined {
	// The specification of XDG: "all paths must be absolute; a relative one is to be ignored".
	if (xdg && path.isAbsolute(xdg)) return path.join(xdg, 'fetchtop', 'config.json');
	if (process.platform === 'win32') return roaming && path.join(roaming, 'fetchtop', 'config.json');
	return home && path.join(home, '.config', 'fetchtop', 'config.json');
}

/**
 * Reads options and keys. Throws a `UsageError` that names the file and what is wrong in it.
 * @returns undefined for a file that is not there and need not be
 */
export function readConfigFile(
	file: string,
	{must, home}: {must: boolean; home: string | undefined},
): ConfigFile | undefined {
	const found = read(file, must);
	if (!found) return undefined;
	const givens: Givens = new Map();
	let {keys} = defaults;
	for (const [name, value] of Object.entries(objectIn(file, found.text))) {
		const place = `${JSON.stringify(sanitize(name))} in the config file ${JSON.stringify(file)}`;
		if (name === 'keys') keys = keysOf(value, place);
		else {
			const named = namedBy(name, place);
			const raw = rawOf(named, value, place, home);
			give(givens, named, raw, {place, origin: {kind: 'file', name: file}});
		}
	}
	if (found.isOpenToOthers) refuseSecrets(file, givens);
	return {givens, keys};
}

function read(file: string, must: boolean): {text: string; isOpenToOthers: boolean} | undefined {
	let descriptor: number | undefined;
	try {
		descriptor = openSync(file, 'r');
		const stats = fstatSync(descriptor);
		// Nobody else sees what comes through a pipe, and Windows has no such modes.
		const isOpenToOthers = process.platform !== 'win32' && stats.isFile() && (stats.mode & 0o077) !== 0;
		return {text: wholeText(descriptor), isOpenToOthers};
	} catch (error) {
		if (!must && ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
		throw unreadable('config file', file, error);
	} finally {
		if (descriptor !== undefined) closeSync(descriptor);
	}
}

/** Of any kind of file; a pipe may take its time. */
function wholeText(descriptor: number): string {
	const bytes = Buffer.allocUnsafe(largest + 1);
	let length = 0;
	for (let read = -1; read !== 0; length += read)
		read = readSync(descriptor, bytes, length, bytes.length - length, null);
	if (length > largest) throw new Error('it is larger than 1 MiB');
	return bytes.toString('utf8', 0, length);
}

function objectIn(file: string, text: string): object {
	let content: unknown;
	try {
		// Editors of Windows begin with a byte order mark.
		content = parseJson(text.replace(/^\ufeff/, ''));
	} catch (error) {
		throw new UsageError(
			`the config file is not valid JSON: ${file}:${error instanceof Error ? error.message : error}`,
		);
	}
	if (isObject(content)) return content;
	throw new UsageError(`the config file ${JSON.stringify(file)} must hold an object such as {"concurrency": 16}`);
}

const isObject = (value: unknown): value is object =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

function namedBy(name: string, place: string): Named {
	const named = optionNames().get(name);
	if (!named) {
		const bare = name.replace(/^-+/, '');
		const close = optionNames().has(bare) ? bare : suggestion(bare, ['keys', ...optionNames().keys()]);
		const hint = close === undefined ? 'names are those of --help, without dashes' : `did you mean "${close}"?`;
		throw new UsageError(`${place} is no option; ${hint}`);
	}
	if (named.spec.notInFile === undefined) return named;
	throw new UsageError(`${place} has no place there: ${named.spec.notInFile}`);
}

function rawOf({spec, sets}: Named, value: unknown, place: string, home: string | undefined): boolean | string[] {
	const wrong = (type: string) => new UsageError(`${place} must be ${type}`);
	if (sets !== 'value') {
		if (typeof value === 'boolean') return value;
		throw wrong('true or false');
	}
	const isRepeatable = Array.isArray(defaults[spec.name]);
	const texts = (isRepeatable && Array.isArray(value) ? value : [value]).map(item => {
		if (typeof item === 'string' || typeof item === 'number') return String(item);
		throw wrong(isRepeatable ? 'a list of strings' : 'a string or a number');
	});
	// Shells do it on a command line, and here is none.
	return spec.takes && home ? texts.map(text => text.replace(/^~(?=\/|$)/, () => home)) : texts;
}

function keysOf(value: unknown, place: string): Options['keys'] {
	const isKeys = (keys: unknown) => Array.isArray(keys) && keys.every(key => typeof key === 'string' && key !== '');
	if (isObject(value) && Object.values(value).every(isKeys)) return value as Options['keys'];
	throw new UsageError(`${place} must name lists of keys, such as {"concurrency-up": ["+", "="]}`);
}

function refuseSecrets(file: string, givens: Givens): void {
	for (const [name, {texts}] of givens)
		if (texts.some(text => holdsSecret(name, text)))
			throw new UsageError(
				`the config file ${JSON.stringify(file)} has a secret in it (${JSON.stringify(name)}) and can be read by others; run: chmod 600 ${JSON.stringify(file)}`,
			);
}
