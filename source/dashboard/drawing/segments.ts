import {truncate, width} from '../../format/width.ts';
import type {Keymap} from '../keys/keymap.ts';

/**
 * A piece of a line in its forms, the fullest first. When room is short, the one that `keeps` least shrinks first; with a number for
 * each form, a full one gives way sooner than a short one.
 */
export type Segment = {forms: readonly string[]; keeps: number | readonly number[]; right?: true};

/** Where keys have their names from, and whether what they change is a recorded run. */
type Keyed = {keymap: Pick<Keymap, 'keyOf'>; replay?: string | undefined};

/** With the keys that change it, if they have any. The form that names them `keeps` as much as the full one, or less. */
export function keyed(each: Segment, {keymap, replay}: Keyed, names: readonly string[], keeps?: number): Segment {
	const keys = names.map(keymap.keyOf).filter(Boolean);
	// Of a run that is over nobody can change it.
	if (replay !== undefined || keys.length === 0) return each;
	const kept = each.forms.map((_, form) => (typeof each.keeps === 'number' ? each.keeps : (each.keeps[form] ?? 0)));
	return {
		...each,
		forms: [`${each.forms[0]} [${keys.join(' ')}]`, ...each.forms],
		keeps: [keeps ?? kept[0] ?? 0, ...kept],
	};
}

export const segment = (keeps: Segment['keeps'], ...forms: string[]): Segment => ({keeps, forms});

/** All segments that fit, each as full as possible; those marked `right` stand at the right margin, a column that is free. */
export function fitLine(segments: readonly Segment[], cells: number, ellipsis: string): string {
	const forms = segments.map(() => 0);
	const join = (right: boolean) =>
		segments
			.map((each, index) => (Boolean(each.right) === right ? (each.forms[forms[index] ?? 0] ?? '') : ''))
			.filter(text => text !== '')
			.join('   ');
	for (;;) {
		const [start, end] = [` ${join(false)}`, join(true)];
		const gap = cells - width(start) - width(end) - 1;
		if (gap >= (end === '' ? 0 : 2)) return end === '' ? start : `${start}${' '.repeat(gap)}${end}`;
		const next = weakest(segments, forms);
		if (next === undefined) return truncate(start, cells - 1, ellipsis);
		forms[next] = (forms[next] ?? 0) + 1;
	}
}

/** The index of the segment that gives way next, if one still can. */
function weakest(segments: readonly Segment[], forms: readonly number[]): number | undefined {
	let [found, least]: [number | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
	segments.forEach(({keeps, forms: all}, index) => {
		const form = forms[index] ?? 0;
		const kept = typeof keeps === 'number' ? keeps : (keeps[form] ?? 0);
		if (form < all.length && kept < least) [found, least] = [index, kept];
	});
	return found;
}
