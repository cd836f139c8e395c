import {clock} from '../../format/duration.ts';
import {wrap} from '../../format/width.ts';
import type {RowContext} from './columns.ts';
import {verdictForms} from './verdict-text.ts';

/** What each change of the concurrency did, the last one first, with the time of the run at which that was clear. */
export function effectLines({meter: {effects}, store, now, theme}: RowContext, cells: number): string[] {
	const {startedAt = now} = store.run;
	if (effects.told.length === 0)
		return wrap('no change of the concurrency has been measured yet', cells - 4).map(indent);
	return effects.told.toReversed().flatMap(verdict => {
		const at = clock(verdict.at - startedAt).padStart(7);
		const [text] = verdictForms(verdict, theme);
		return wrap(text, cells - at.length - 3).map(
			(line, index) => `${index === 0 ? theme.strong(at) : ' '.repeat(at.length)}  ${line}`,
		);
	});
}

const indent = (line: string): string => `   ${line}`;
