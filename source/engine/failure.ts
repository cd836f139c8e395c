import {STATUS_CODES} from 'node:http';
import {sanitize} from '../format/sanitize.ts';
import {aliasOf} from './failure-aliases.ts';
import {failures, statuses} from './failures.ts';

export {failures, statuses} from './failures.ts';

/** Why an attempt failed, as data. `code` is stable and documented; `message` is for people. */
export type Failure = {
	code: string;
	message: string;
	retryable: boolean;
	status?: number;
	/** Milliseconds the server asked us to wait (`Retry-After`, RFC 9110 §10.2.3). */
	retryAfter?: number;
};

/** A message is one line of a log, and a code one word of it; UTF-16 units. */
const longestMessage = 1_000;
const longestCode = 64;
/** Causes within causes that are looked at; they may go in a circle. */
const deepest = 8;

/** An error with one of the codes of `failures`, for what only we can notice (a redirect loop, a short body). */
export function coded(code: keyof typeof failures & string, detail?: string): Error {
	return Object.assign(new Error(detail ?? failures[code]?.means ?? code), {code});
}

/** The `code` that Node, undici and `coded` give their errors. */
export function errorCode(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * What a person can do about a failure of this code, as a short order; undefined where that is nothing.
 * @param isAlone the task had no other one beside it at its host
 */
export function remedyOf(code: string, isAlone = false): string | undefined {
	const status = /^HTTP_(\d{3})$/.exec(code)?.[1];
	const meaning = status === undefined ? failures[code] : statuses[Number(status)];
	return (!(isAlone && meaning?.isForMany) && meaning?.remedy) || undefined;
}

/** @param detail what else was wrong with it */
export function httpFailure(status: number, retryAfter?: number, detail?: string): Failure {
	const name = statuses[status]?.name ?? STATUS_CODES[status] ?? unnamed(status);
	return {
		code: `HTTP_${status}`,
		message: `${status} ${name}${detail === undefined ? '' : `, ${detail}`}`,
		retryable: statuses[status]?.retryable ?? false,
		status,
		...(retryAfter === undefined ? {} : {retryAfter}),
	};
}

/** Whoever does not know a status takes it for the x00 of its class, and one from 600 on for a server's error (RFC 9110 §15). */
function unnamed(status: number): string {
	if (status < 100 || status > 599) return '(no status of HTTP)';
	const kinds = ['interim answer', 'success', 'redirect', 'client error', 'server error'];
	return `(unnamed ${kinds[Math.floor(status / 100) - 1]})`;
}

/** Maps whatever undici, Node, DNS, TLS, zlib or the disk may throw. Never throws itself, never shows a stack. */
export function failureOf(error: unknown): Failure {
	try {
		return read(error);
	} catch {
		// Errors may be anything, with getters that throw.
		return failed('UNKNOWN');
	}
}

/** What went wrong, for a sentence that names the file itself. */
export function reasonOf(error: unknown): string {
	const {code, message} = failureOf(error);
	return error instanceof Error && 'path' in error ? (failures[code]?.means ?? message) : message;
}

function read(error: unknown): Failure {
	const {code, of} = causeOf(error);
	const status = /^HTTP_(\d{3})$/.exec(code)?.[1];
	if (status !== undefined) return httpFailure(Number(status));
	if (!Object.hasOwn(failures, code) || code === 'UNKNOWN') {
		const message = lineOf(of instanceof Error ? of.message : String(of));
		return {...failed('UNKNOWN', message), code};
	}
	return failed(code, of instanceof Error ? detailOf(of, code) : undefined);
}

function failed(code: string, detail?: string): Failure {
	const {means = '', retryable = false} = failures[code] ?? {};
	return {code, message: detail || means, retryable};
}

/**
 * A disk's error is worth little without the file. Messages of others repeat the code and the system call, or are OpenSSL's;
 * ours (see `coded`) say something worth showing.
 */
function detailOf(error: Error, code: string): string | undefined {
	const {means, local} = failures[code] ?? {};
	if (local && 'syscall' in error && 'path' in error)
		return lineOf(`${means}: ${'dest' in error ? error.dest : error.path}`);
	const own = errorCode(error);
	if (own === code)
		return 'syscall' in error || error.message.includes(code) || /CERT|^ERR_|^UNABLE_/.test(code)
			? undefined
			: lineOf(error.message);
	const {shown = false} = aliasOf(error) ?? {};
	return shown ? lineOf(`${means}: ${shown === 'code' ? own : error.message}`) : undefined;
}

/** One line, without what moves a cursor and without a stack that somebody put into the message. */
function lineOf(text: string): string {
	const [first = ''] = text.trimStart().split(/[\r\n]+\s*at\s/, 1);
	const line = sanitize(first).replace(/\s+/g, ' ').trim();
	return line.length > longestMessage ? `${line.slice(0, longestMessage).replace(/[\ud800-\udbff]$/, '')}…` : line;
}

type Cause = {code: string; of: unknown};

/** The innermost error that says more than the ones around it. */
function causeOf(error: unknown, depth = 0): Cause {
	const unknown: Cause = {code: 'UNKNOWN', of: error};
	if (!(error instanceof Error) || depth > deepest) return unknown;
	if (error instanceof AggregateError && Array.isArray(error.errors) && error.errors.length > 0)
		return mostTelling(error.errors.map((each: unknown) => causeOf(each, depth + 1)));
	const own = errorCode(error) ?? '';
	const alias = aliasOf(error);
	if (Object.hasOwn(failures, own)) return {code: own, of: error};
	const inner = error.cause instanceof Error && error.cause !== error ? causeOf(error.cause, depth + 1) : unknown;
	if (Object.hasOwn(failures, inner.code) && inner.code !== 'UNKNOWN') return inner;
	if (alias) return {code: alias.code, of: error};
	const code = sanitize(own.slice(0, longestCode)).replace(/[^\w/.-]/g, '');
	return code === '' ? {code: inner.code, of: error.message === '' ? inner.of : error} : {code, of: error};
}

/** Happy Eyeballs has one error per address, and that a machine has no IPv6 says nothing about the server. */
function mostTelling(causes: Cause[]): Cause {
	const telling = causes.find(({code}) => !['ENETUNREACH', 'EADDRNOTAVAIL', 'UNKNOWN'].includes(code));
	return telling ?? causes[0] ?? {code: 'UNKNOWN', of: undefined};
}
