import {remedyOf} from '../engine/failure.ts';
import {sizeOf} from '../engine/ranges.ts';
import type {Cause, ReadonlyStore} from '../engine/store.ts';
import {bytes, rate} from '../format/bytes.ts';
import {span} from '../format/duration.ts';
import {count, plural} from '../format/number.ts';
import {sanitize} from '../format/sanitize.ts';
import type {Slow, Tally} from './tally.ts';

/** More causes than this are not worth reading line by line. */
const shownCauses = 12;
/** Of so few tasks one sees anyway which are the slow ones. */
const fewTasks = 5;
/** Seconds: nobody asks what was slow about less. */
const slowFrom = 1;

/** Handed in: what measures text takes 20 ms to load, and where there is no terminal nobody needs it. */
type Fits = (line: string) => boolean;

export type SummaryParts = {
	tally?: Pick<Tally, 'files' | 'bytes' | 'last' | 'slowest'>;
	/** Where the files are, and stay. */
	dir?: string;
	/** What to do next, in lines of their own. */
	next?: readonly string[];
	/** Whether a line fits into the terminal, if it is one: a URL that does not, behind what is said of it, gets a line of its own. */
	fits?: Fits;
	ascii?: boolean;
};

/**
 * The last word on a run, the same after every reporter: totals, where the files are, what was slow, what failed, what to do next.
 * No line is cut: these are what stays, and what is copied. The terminal wraps them, whatever its width will be.
 */
export function summary(store: ReadonlyStore, now: number, parts: SummaryParts = {}): string[] {
	const {tally, dir, next = [], fits = () => true, ascii = false} = parts;
	const lines = [
		totals(store, now),
		...(tally && dir !== undefined ? saved(tally, dir) : []),
		...(dir === undefined ? [] : kept(store, dir)),
		...(tally && store.counts.done > fewTasks ? slow(tally.slowest, fits) : []),
		...failures(store, fits),
		...next,
	];
	return ascii ? lines.map(inAscii) : lines;
}

/** What is said of a URL, and the URL: behind it, or where it would be torn apart there, below. */
const withUrl = (what: string, url: string, fits: Fits): string[] =>
	fits(`${what}   ${url}`) ? [`${what}   ${url}`] : [what.trimEnd(), `    ${url}`];

/** Whether there was anything to tell of. */
export const isBlank = ({counts, live, run}: ReadonlyStore): boolean =>
	live.size + counts.done + counts.skipped + counts.failed + counts.canceled === 0 && !run.inputOpen;

/** `Elapsed time: 2.32 s · 10 tasks: 7 done, 3 failed · 1.2 MB` */
function totals(store: ReadonlyStore, now: number): string {
	const {counts, run, received, live} = store;
	const elapsed = (run.endedAt ?? now) - (run.startedAt ?? now);
	const finished = counts.done + counts.skipped + counts.failed + counts.canceled;
	const unread = run.inputOpen ? 'more' : undefined;
	const parts = [
		`${count(counts.done)} done`,
		counts.skipped > 0 && `${count(counts.skipped)} skipped`,
		counts.failed > 0 && `${count(counts.failed)} failed`,
		counts.canceled > 0 && `${count(counts.canceled)} canceled`,
		(live.size > 0 || unread) &&
			`${[live.size > 0 && count(live.size), unread].filter(Boolean).join(' and ')} not finished`,
	].filter(Boolean);
	return `Elapsed time: ${span(elapsed)} · ${plural(finished + live.size, 'task')}: ${parts.join(', ')} · ${bytes(received)}`;
}

/** `Saved: 7 files, 1.2 MB, in isos/`, and a single one by its name. */
function saved({files, bytes: size, last}: NonNullable<SummaryParts['tally']>, dir: string): string[] {
	if (files === 0) return [];
	const folder = folderOf(dir);
	return files === 1
		? [`Saved: ${folder === './' ? '' : folder}${last}, ${bytes(size)}`]
		: [`Saved: ${plural(files, 'file')}, ${bytes(size)}, in ${folder}`];
}

const folderOf = (dir: string): string => sanitize(dir.replace(/([^/\\])$/, '$1/'));

/** `Kept: the parts of 4 unfinished files, 3.1 MB, in isos/`: whoever leaves early wants to know that nothing of it is lost. */
function kept({live}: ReadonlyStore, dir: string): string[] {
	const sizes = [...live.values()].map(({part}) => sizeOf(part?.ranges)).filter(size => size > 0);
	if (sizes.length === 0) return [];
	const what =
		sizes.length === 1 ? 'the part of 1 unfinished file' : `the parts of ${count(sizes.length)} unfinished files`;
	return [`Kept: ${what}, ${bytes(sizes.reduce((sum, size) => sum + size))}, in ${folderOf(dir)}`];
}

/** `  12.4 s    1.2 MB   96.8 kB/s  https://…`: how long it took with all its tries, and what that comes to a second. */
function slow(all: readonly Slow[], fits: Fits): string[] {
	const told = all.filter(({seconds}) => seconds >= slowFrom);
	if (told.length === 0) return [];
	const times = told.map(({seconds}) => span(seconds * 1000));
	const widest = Math.max(...times.map(time => time.length));
	return [
		'Slowest:',
		...told.flatMap(({url, seconds, bytes: size}, index) => {
			const speed = `${bytes(size).padStart(8)}  ${rate(size / seconds).padStart(10)}`;
			return withUrl(`  ${(times[index] ?? '').padStart(widest)}  ${speed}`, url, fits);
		}),
	];
}

/** `  31 × HTTP_403 403 Forbidden   https://cdn.example/a …`, the most frequent first, each with what can be done. */
function failures(store: ReadonlyStore, fits: Fits): string[] {
	if (store.causes.size === 0) return [];
	const sorted = [...store.causes.values()].toSorted((a, b) => b.count - a.count);
	const widest = count(sorted[0]?.count ?? 0).length;
	const lines = sorted.slice(0, shownCauses).flatMap(cause => {
		const more = cause.count > 1 ? ' …' : '';
		const remedy = remedyOf(cause.code, wasAlone(cause.code, store));
		const what = `  ${count(cause.count).padStart(widest)} × ${label(cause)}`;
		const told = withUrl(what, `${cause.examples[0] ?? ''}${more}`, fits);
		return remedy === undefined ? told : [...told, `${' '.repeat(widest + 5)}→ ${remedy}`];
	});
	const rest = sorted.length - shownCauses;
	return ['Failures by cause:', ...lines, ...(rest > 0 ? [`  … and ${plural(rest, 'more cause')}`] : [])];
}

/** Whether no task that failed of this had another one beside it at its host. */
function wasAlone(code: string, {run, counts, live, done, failed}: ReadonlyStore): boolean {
	if (run.perHost === 1 || run.concurrency === 1) return true;
	// What is forgotten may have been anywhere, and that it was so much says enough.
	if (counts.done + counts.skipped > done.length || counts.failed + counts.canceled > failed.length) return false;
	const tasks = new Map<string, number>();
	for (const all of [live.values(), done, failed])
		for (const {host} of all) tasks.set(host, (tasks.get(host) ?? 0) + 1);
	return ![...failed].some(({result, host}) => result?.error?.code === code && (tasks.get(host) ?? 0) > 1);
}

/** `HTTP_403` says no more than its message; other codes are worth having, to look them up. */
const label = ({code, message}: Cause): string => (code.startsWith('HTTP_') ? message : `${code} ${message}`);

const spelled: Readonly<Record<string, string>> = {'·': '-', '×': 'x', '→': '->', '…': '...'};

const inAscii = (line: string): string => line.replace(/[·×→…]/g, sign => spelled[sign] ?? sign);
