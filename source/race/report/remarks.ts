import {count, plural} from '../../format/number.ts';
import {sanitize} from '../../format/sanitize.ts';
import {truncate} from '../../format/width.ts';
import type {ModelName} from '../seams.ts';
import {differ, type Figures, noise} from './figures.ts';
import type {Standing} from './standings.ts';
import {steeredSign} from './table.ts';
import {capital, listed, percent} from './wording.ts';

type Remark = (figures: Figures) => string[];

/** The fastest, and those of which nobody can tell whether they are slower. */
const even: Remark = ({concurrent}) => {
	const [first, ...others] = concurrent.toSorted((a, b) => a.wall - b.wall);
	if (!first) return [];
	const equals = [first, ...others.filter(other => !differ(first, other))];
	if (equals.length < 2) return [];
	const who = capital(listed(equals.map(({model}) => model)));
	const widest = percent(Math.max(...equals.map(equal => noise(first, equal))));
	return equals.some(({counted}) => counted < 2)
		? [`${who} cannot be told apart after one round: a difference below ${widest} means nothing.`]
		: [`${who} cannot be told apart: their difference is smaller than the spread of their rounds, ${widest}.`];
};

/** Limits that a key changed, before a round or in it. */
const steered: Remark = ({standings}) =>
	standings.flatMap(({model, steered, rounds, isComparable}) => {
		if (steered === 0) return [];
		if (!isComparable)
			return [`${steeredSign} The limit of ${model} was changed by key: not to be compared with the others.`];
		return [uncounted(steered, `${rounds} of ${model}, in which a key changed the limit`)];
	});

/** Rounds in which the program was stopped and went on later: their clock did not stop. */
const halted: Remark = ({standings}) =>
	standings.flatMap(({model, halted, rounds, isComparable}) => {
		if (halted === 0) return [];
		if (!isComparable)
			return [`${steeredSign} The program stood still while ${model} ran: not to be compared with the others.`];
		return [uncounted(halted, `${rounds} of ${model}, in which the program stood still`)];
	});

const uncounted = (rounds: number, which: string): string =>
	rounds === 1 ? `One round of ${which}, does not count.` : `${count(rounds)} rounds of ${which}, do not count.`;

const left: Remark = ({left: all = []}) =>
	all.map(({model, round, why}) => {
		if (why === undefined) return `Round ${round} of ${model} was skipped.`;
		const known = phrase(why);
		return `Round ${round} of ${model} could not be run to its end${known && `: ${truncate(known, longestWhy)}`}.`;
	});

/** Without what would break the sentence. */
const phrase = (why: string): string => sanitize(why).replace(/\s+/g, ' ').trim().replace(/\.$/, '');

/** Cells. */
const longestWhy = 100;

const incidents: Remark = ({standings}) => {
	const hit = standings.filter(standing => standing.incidents > 0);
	if (hit.length === 0) return [];
	const who = listed(hit.map(({model, incidents}) => `${count(incidents)} in ${model}`));
	const tasks = hit.reduce((sum, standing) => sum + standing.tasks, 0);
	const end = hit.some(standing => lostOf(standing) > 0) ? '' : ` None of their ${plural(tasks, 'task')} was lost.`;
	return [`Workers died or tasks began again: ${who}.${end}`];
};

const lostOf = ({tasks, done, failed}: Standing): number => Math.max(0, tasks - done - failed);

const lost: Remark = ({standings}) =>
	standings.flatMap(standing => {
		const number = lostOf(standing);
		return number > 0
			? [`${count(number)} of ${plural(standing.tasks, 'task')} of ${standing.model} came to no record.`]
			: [];
	});

/** Waits at full mailboxes, as a share of the tasks, from which on they were not a moment's matter. */
export const oftenFull = 0.1;

const mailboxes: Remark = ({by: {messages}}) => {
	if (!messages || messages.full < 1 || messages.full < messages.perRound * oftenFull) return [];
	const often = messages.full < 1.5 ? 'Once' : `${count(Math.round(messages.full))} times`;
	return [`${often} a fetcher found all mailboxes full and had to wait: that is what bounds memory.`];
};

const numbers = ['no', 'one', 'both', 'all three', 'all four', 'all five'];

/** Cells: a title may be as long as a page. */
const longestText = 60;

const agreement: Remark = ({agreement: {compared, differences, first}, standings}) => {
	if (compared === 0 || standings.length < 2) return [];
	if (differences === 0)
		return [`${capital(numbers[standings.length] ?? 'all')} models read the same ${plural(compared, 'record')}.`];
	const which = `${count(differences)} of ${plural(compared, 'record')} ${differences === 1 ? 'differs' : 'differ'}`;
	if (!first) return [`${which}.`];
	const values = first.models.map((model: ModelName, index) => `${shown(first.values[index])} (${model})`);
	return [`${which}: task ${first.number}, ${sanitize(first.field)}: ${values.join(' and ')}.`];
};

const shown = (value: unknown): string => truncate(sanitize(JSON.stringify(value) ?? 'nothing'), longestText);

const rules: readonly Remark[] = [even, mailboxes, agreement, incidents, lost, steered, halted, left];

/** What a reader has to know before believing the figures. Text of strangers is made safe. */
export const remarksOf = (figures: Figures): string[] => rules.flatMap(rule => rule(figures));
