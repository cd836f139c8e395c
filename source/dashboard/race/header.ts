import {clock} from '../../format/duration.ts';
import {count, plural} from '../../format/number.ts';
import type {RaceStore} from '../../race/seams.ts';
import {fitLine, keyed, segment} from '../drawing/segments.ts';
import type {RaceScene} from './scene.ts';

/** `limit 10`, or `limits 4 to 10` where a key has changed one; the serial lane has none to speak of. */
function limitText({lanes}: Readonly<RaceStore>): string {
	const several = lanes.filter(({model}) => model !== 'serial');
	const limits = (several.length > 0 ? several : lanes).map(({limit}) => limit);
	const [least, most] = [Math.min(...limits), Math.max(...limits)];
	if (limits.length === 0) return '';
	return least === most ? `limit ${least}` : `limits ${least} to ${most}`;
}

/** ` fetchtop race   mixed   40 tasks   limit 10   round 2 / 3   seed 7   2 cores                         0:42` */
export function raceLine({store, theme, now, begunAt, endedAt}: RaceScene, cells: number): string {
	const {work, tasks, round, rounds, seed, cores} = store;
	const segments = [
		segment([13, 16], 'fetchtop race', 'race'),
		segment(7, ...(work === undefined ? [] : [work])),
		segment(10, plural(tasks, 'task')),
		segment(9, limitText(store)),
		segment([11, 14], `round ${round} / ${rounds}`, `${round}/${rounds}`),
		segment(5, `seed ${seed}`),
		segment(6, plural(cores, 'core')),
		{...segment(15, clock((endedAt ?? now) - begunAt)), right: true as const},
	];
	return fitLine(segments, cells, theme.signs.ellipsis);
}

/** ` ▸ run 2 of 15: threads   limit of: this lane [a]   120 records compared: all alike` */
export function steeringLine(scene: RaceScene, cells: number): string {
	const {store, theme, keymap, view} = scene;
	const segments = [segment(20, ...stateForms(scene))];
	if (store.state === 'running') {
		const whose = view.scope === 'all' ? 'all lanes' : 'this lane';
		segments.push(keyed(segment([18, 19], `limit of: ${whose}`, whose), {keymap}, ['scope'], 10));
	}
	const differs = store.agreement.differences > 0;
	const agreement = agreementForms(store).map(form => (differs ? theme.alert(form) : form));
	segments.push(segment(differs ? 17 : 8, ...agreement));
	return fitLine(segments, cells, theme.signs.ellipsis);
}

function stateForms({store, theme, keymap, over}: RaceScene): string[] {
	const {state, current, lanes, rounds} = store;
	if (state !== 'running') return [`${state}: ${keymap.keyOf('quit')} leaves`, state];
	if (!current) return ['between two lanes'];
	const place = `run ${over + 1} of ${lanes.length * rounds}`;
	return [`${theme.signs.running} ${place}: ${current.model}`, `${theme.signs.running} ${current.model}`];
}

/** Whether all lanes have come to the same. */
export function agreementForms({agreement: {compared, differences}}: Readonly<RaceStore>): string[] {
	if (compared === 0) return [];
	if (differences === 0)
		return [`${plural(compared, 'record')} compared: all alike`, `${plural(compared, 'record')} alike`];
	return [`${count(differences)} of ${plural(compared, 'record')} differ`, `${plural(differences, 'record')} differ`];
}
