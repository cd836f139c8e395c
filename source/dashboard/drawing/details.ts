import {httpFailure, remedyOf} from '../../engine/failure.ts';
import {isFinal, isRunning, type Result, type Task, type Tried} from '../../engine/task.ts';
import {map, sparkline, waterfall} from '../../format/bar.ts';
import {bytes, bytesOf, rate} from '../../format/bytes.ts';
import {brief, clock, span, timestamp} from '../../format/duration.ts';
import {count} from '../../format/number.ts';
import {fit, width, wrap} from '../../format/width.ts';
import type {RowContext} from './columns.ts';

/** A label and what stands beside it, in `room` cells. */
type Field = {name: string; lines(room: number): readonly string[]};
type Section = (task: Readonly<Task>, context: RowContext) => Field[];

/** From so many cells on the headers have a column of their own. */
const twoColumns = 120;

/** Labels and values, as the details of a task list them: whole, over as many lines as they need. */
export function detailLines(task: Readonly<Task>, cells: number, context: RowContext): string[] {
	const fields = sections.flatMap(section => section(task, context));
	const headers = Object.entries(task.headers ?? {}).flatMap(([name, value]) => field(name, value));
	if (cells < twoColumns || headers.length === 0)
		return [...layOut(fields, cells, context), ...layOut(headers, cells, context)];
	const half = Math.floor(cells / 2);
	const [left, right] = [layOut(fields, half, context), layOut(headers, cells - half, context)];
	return Array.from({length: Math.max(left.length, right.length)}, (_, index) => {
		const [one = '', other = ''] = [left[index], right[index]];
		return other === '' ? one : one + ' '.repeat(Math.max(0, half - width(one))) + other;
	});
}

function layOut(fields: readonly Field[], cells: number, {theme}: RowContext): string[] {
	const widest = Math.min(20, Math.floor(cells / 3), Math.max(0, ...fields.map(({name}) => width(name))));
	const label = (name: string) => theme.strong(fit(name, widest, 'right', theme.signs.ellipsis));
	return fields.flatMap(({name, lines}) =>
		lines(cells - widest - 4).map((line, index) => ` ${label(index === 0 ? name : '')}  ${line}`),
	);
}

const field = (name: string, value: string | undefined): Field[] =>
	value === undefined ? [] : [{name, lines: room => wrap(value, room)}];

/** One below the other, the name beside the first. */
const list = (name: string, values: readonly string[]): Field[] =>
	values.length === 0 ? [] : [{name, lines: room => values.flatMap(value => wrap(value, room))}];

const address: Section = ({url, redirects = [], finalUrl, title}) => [
	...field('URL', url),
	...list('via', redirects.slice(1)),
	...field('final URL', finalUrl === url ? undefined : finalUrl),
	...field('title', title),
];

const progress: Section = (task, {now, theme, meter}) => {
	const {state, since, result, waiting, status} = task;
	const took = result && result.seconds > 0 ? ` after ${span(result.seconds * 1000)}` : '';
	return [
		...field('state', `${theme.glyphs[state]} ${state}${isFinal(state) ? took : ` for ${clock(now - since)}`}`),
		...field('error', result?.error && inWords(result.error) !== reasonOf(status) ? inWords(result.error) : undefined),
		...field('remedy', result?.error ? remedyOf(result.error.code, meter.hosts.isAlone(task.host)) : undefined),
		...field('waits for', waiting && `${inWords(waiting.failure)}, next try in ${span(waiting.until - now)}`),
	];
};

const answer: Section = ({status, contentType, result}) => {
	const charset = result?.charset;
	const type = [...(contentType ? [contentType] : []), ...(charset ? [`charset ${charset}`] : [])].join(', ');
	return [...field('status', reasonOf(status)), ...field('type', type === '' ? undefined : type)];
};

const body: Section = (task, context) => {
	const {part, total, result} = task;
	const {ascii} = context.theme;
	const pieces = part?.preallocated && total && !result ? {ranges: part.ranges, total} : undefined;
	const history = context.meter.speedHistory(task.id);
	return [
		...field('bytes', amount(task, context)),
		...(pieces
			? [{name: 'pieces', lines: (room: number) => [map(pieces.ranges, pieces.total, Math.min(48, room), ascii)]}]
			: []),
		...field('speed', speed(task, history, context)),
		...(history.length > 1
			? [{name: '', lines: (room: number) => [sparkline(history, Math.min(history.length, room), ascii)]}]
			: []),
	];
};

/** Whether bytes may arrive now: a speed or a forecast beside a held transfer would be a lie. */
const flows = ({state}: Readonly<Task>, {store}: RowContext): boolean =>
	state === 'receiving' && store.run.state !== 'paused';

function amount(task: Readonly<Task>, context: RowContext): string {
	const {received, total, result} = task;
	if (total === undefined || (result && received === total)) return bytes(received);
	const share = total > 0 && !result ? `, ${Math.floor(Math.min(1, received / total) * 100)} %` : '';
	const left = flows(task, context) ? context.meter.eta(task, context.now) : undefined;
	return `${bytesOf(received, total)}${share}${left === undefined ? '' : `, ETA ${brief(left)}`}`;
}

function speed(task: Readonly<Task>, history: readonly number[], context: RowContext): string | undefined {
	const most = history.length > 0 ? `${rate(Math.max(...history))} at most` : undefined;
	if (!flows(task, context)) return most;
	const now = rate(context.meter.speed(task));
	return most === undefined ? now : `${now}, ${most}`;
}

/** Matches of one selector that are shown. The record has them all. */
const mostShown = 8;

/** What the selectors found on the page, one match a line, and whether there may be more. */
const found: Section = ({result}) => {
	if (!result) return [];
	const {extracted, truncated} = result;
	const fields = Object.entries(extracted).flatMap(([name, value]) => {
		const values = typeof value === 'string' ? [value] : value;
		const hidden = values.length - mostShown;
		return list(name, [...values.slice(0, mostShown), ...(hidden > 0 ? [`and ${count(hidden)} more`] : [])]);
	});
	const more = 'only the first 8 MiB were searched, or only the first matches are kept';
	return [...fields, ...field('truncated', truncated ? more : undefined)];
};

/** Each attempt that came to nothing, and the one after it. */
const attempts: Section = (task, {now}) => {
	const {tried = [], attempts, attemptAt, state, since} = task;
	const [first] = tried;
	if (!first) return field('attempts', attempts > 0 ? count(attempts) : undefined);
	const startOf = (attempt: number) =>
		attempt === attempts ? attemptAt : tried.find(each => each.attempt === attempt)?.startedAt;
	const forgotten = first.attempt > 1 ? [`and ${count(first.attempt - 1)} before these`] : [];
	const isLast = tried.at(-1)?.attempt === attempts || attemptAt === undefined;
	const end = isRunning(state) ? now : since;
	return list('attempts', [
		count(attempts),
		...forgotten,
		...tried.map(each => attemptLine(each, startOf(each.attempt + 1))),
		...(isLast ? [] : [`${beginning(attempts, attemptAt, end)}  ${state}`]),
	]);
};

/** `1  20:03:42  0.31 s  503 Service Unavailable, waited 8.01 s` @param next when the one after it began */
function attemptLine({attempt, startedAt, endedAt, received, failure}: Tried, next: number | undefined): string {
	const there = received > 0 ? `, ${bytes(received)} here` : '';
	const waited = next === undefined ? '' : `, waited ${span(next - endedAt)}`;
	return `${beginning(attempt, startedAt, endedAt)}  ${inWords(failure)}${there}${waited}`;
}

const beginning = (attempt: number, from: number, to: number): string =>
	`${attempt}  ${timestamp(from).slice(11, 19)}  ${span(to - from)}`;

/** Where the time went: in the last attempt of a finished task, or so far in the one that runs. */
const timings: Section = (task, {now, theme}) => {
	const phases = phasesOf(task, now).filter(([, time]) => time !== undefined);
	const times = phases.map(([, time = 0]) => Math.max(0, time));
	const line = (index: number, room: number) => {
		const text = span(times[index] ?? 0);
		const cells = Math.min(48, room - 10);
		return cells < 8 ? text : `${waterfall(times, cells, theme.ascii)[index] ?? ''} ${text}`;
	};
	return phases.map(([name], index) => ({name, lines: room => [line(index, room)]}));
};

type Phase = readonly [name: string, milliseconds: number | undefined];

function phasesOf({state, result, attemptAt, headAt}: Readonly<Task>, now: number): Phase[] {
	if (result) return result.startedAt === null ? [] : phasesOfResult(result);
	if (!isRunning(state) || attemptAt === undefined) return [];
	return [
		['first byte', (headAt ?? now) - attemptAt],
		['transfer', headAt === undefined ? undefined : now - headAt],
	];
}

const phasesOfResult = ({timings: {wait, connect, tls, firstByte, transfer}}: Result): Phase[] => [
	['wait', wait],
	['connect', connect - (tls ?? 0)],
	['TLS', tls],
	['first byte', firstByte],
	['transfer', transfer],
];

const file: Section = ({result, part}) => [
	...field(
		'saved as',
		result ? (result.path ?? undefined) : part && `${part.path}, ${part.path}.part until it is whole`,
	),
	...field('SHA-256', result?.sha256 ?? undefined),
];

/** What its line in the list asks for. */
const wishes: Section = ({options: {output, checksum, connections, mirrors = []}}) => [
	...field('wanted name', output),
	...field('wanted sum', checksum && `${checksum.algorithm} ${checksum.hex}`),
	...field('connections', connections === undefined ? undefined : String(connections)),
	...list('mirrors', mirrors),
];

/** In the order they are shown. */
const sections: readonly Section[] = [address, progress, answer, body, found, attempts, timings, file, wishes];

/** `403 Forbidden` */
const reasonOf = (status: number | undefined): string | undefined =>
	status === undefined ? undefined : httpFailure(status).message;

/** The code of a status is in its message already. */
const inWords = ({code, message}: {code: string; message: string}): string =>
	code.startsWith('HTTP_') ? message : `${code} ${message}`;
