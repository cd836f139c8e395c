import {remedyOf} from '../engine/failure.ts';
import type {Cause, ReadonlyStore} from '../engine/store.ts';
import {bytes} from '../format/bytes.ts';
import {span} from '../format/duration.ts';
import {count, plural} from '../format/number.ts';

/** More causes than this are not worth reading line by line. */
const shownCauses = 12;

/** The last word on a run, the same after every reporter: totals, then the failures by cause. */
export function summary(store: ReadonlyStore, now: number): string[] {
	return [totals(store, now), ...failures([...store.causes.values()])];
}

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

/** `  31 × HTTP_403 403 Forbidden   https://cdn.example/a …`, the most frequent first, each with what can be done. */
function failures(causes: Cause[]): string[] {
	if (causes.length === 0) return [];
	const sorted = causes.toSorted((a, b) => b.count - a.count);
	const widest = count(sorted[0]?.count ?? 0).length;
	const lines = sorted.slice(0, shownCauses).flatMap(cause => {
		const more = cause.count > 1 ? ' …' : '';
		const remedy = remedyOf(cause.code);
		const line = `  ${count(cause.count).padStart(widest)} × ${label(cause)}   ${cause.examples[0] ?? ''}${more}`;
		return remedy === undefined ? [line] : [line, `${' '.repeat(widest + 5)}→ ${remedy}`];
	});
	const rest = sorted.length - shownCauses;
	return ['Failures by cause:', ...lines, ...(rest > 0 ? [`  … and ${plural(rest, 'more cause')}`] : [])];
}

/** `HTTP_403` says no more than its message; other codes are worth having, to look them up. */
const label = ({code, message}: Cause): string => (code.startsWith('HTTP_') ? message : `${code} ${message}`);
