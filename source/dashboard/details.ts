import {remedyOf} from '../engine/failure.ts';
import type {Result, Task} from '../engine/task.ts';
import {map} from '../format/bar.ts';
import {bytes, bytesOf} from '../format/bytes.ts';
import {span} from '../format/duration.ts';
import {count} from '../format/number.ts';
import {fit, width, wrap} from '../format/width.ts';
import type {RowContext} from './columns.ts';

/** Labels and values, as the details of a task list them: whole, over as many lines as they need. */
export function detailLines(task: Readonly<Task>, cells: number, {now, theme}: RowContext): string[] {
	const {result, redirects = [], finalUrl, headers = {}, waiting, total} = task;
	const fields: ReadonlyArray<readonly [string, string | undefined]> = [
		['URL', task.url],
		...redirects.slice(1).map(url => ['via', url] as const),
		['final URL', finalUrl === task.url ? undefined : finalUrl],
		['title', task.title],
		['state', `${theme.glyphs[task.state]} ${task.state}`],
		['error', result?.error ? `${result.error.code} ${result.error.message}` : undefined],
		['remedy', result?.error ? remedyOf(result.error.code) : undefined],
		[
			'waits for',
			waiting && `${waiting.failure.code} ${waiting.failure.message}, next try in ${span(waiting.until - now)}`,
		],
		['status', task.status === undefined ? undefined : String(task.status)],
		['bytes', total === undefined ? bytes(task.received) : bytesOf(task.received, total)],
		['pieces', result ? undefined : pieces(task, theme)],
		['charset', result?.charset ?? undefined],
		...(result ? found(result) : []),
		['attempts', String(task.attempts)],
		['timings', result ? timings(result.timings) : undefined],
		['SHA-256', result?.sha256 ?? undefined],
		[
			'saved as',
			result ? (result.path ?? undefined) : task.part && `${task.part.path}, ${task.part.path}.part until it is whole`,
		],
	];
	const lines = fields.filter(([, value]) => value !== undefined).map(([name, value]) => [name, value ?? ''] as const);
	const all = [...lines, ...Object.entries(headers)];
	const widest = Math.min(20, Math.floor(cells / 3), Math.max(...all.map(([name]) => width(name))));
	const {ellipsis} = theme.signs;
	return all.flatMap(([name, value]) =>
		wrap(value, cells - widest - 4).map(
			(part, index) => ` ${theme.faint(fit(index === 0 ? name : '', widest, 'right', ellipsis))}  ${part}`,
		),
	);
}

/** Matches of one selector that are shown. The record has them all. */
const mostShown = 8;

/** What the selectors found on the page, one match a line, and whether there may be more. */
function found({extracted, truncated}: Result): Array<readonly [string, string]> {
	const lines = Object.entries(extracted).flatMap(([name, value]) => {
		const values = typeof value === 'string' ? [value] : value;
		const shown = values.slice(0, mostShown).map((text, index) => [index === 0 ? name : '', text] as const);
		const hidden = values.length - shown.length;
		return hidden > 0 ? [...shown, ['', `and ${count(hidden)} more`] as const] : shown;
	});
	return truncated
		? [...lines, ['truncated', 'only the first 8 MiB were searched, or only the first matches are kept']]
		: lines;
}

/** Of a body that comes over several connections: which of it is there. */
const pieces = ({part, total}: Readonly<Task>, {ascii}: RowContext['theme']): string | undefined =>
	part?.preallocated && total ? map(part.ranges, total, 48, ascii) : undefined;

const timings = ({
	wait,
	connect,
	firstByte,
	transfer,
}: {
	wait: number;
	connect: number;
	firstByte: number;
	transfer: number;
}): string =>
	`waited ${span(wait)}, connect ${span(connect)}, first byte ${span(firstByte)}, transfer ${span(transfer)}`;
