import type {Command} from '../../engine/commands.ts';
import {maxConcurrency} from '../../engine/settings.ts';
import {isFinal, type Task} from '../../engine/task.ts';
import {plural} from '../../format/number.ts';
import {lineOf} from '../rows/line.ts';
import {type Group, type Host, isGroup, isTask} from '../rows/rows.ts';
import type {SortName} from '../rows/sort.ts';
import type {Prompt, View} from '../rows/view.ts';
import type {Action, KeyContext, Outcome} from './actions.ts';

/** What keys and commands do, given what there is: an action, or a sentence why there is none. */
type Act = (context: KeyContext) => Outcome;

export const setConcurrency = (value: number): Outcome => ({command: {type: 'set-concurrency', value}});

export const concurrencyBy =
	(step: number): Act =>
	({store}) => {
		const {concurrency, state} = store.run;
		if (state === 'draining') return 'the run is draining: nothing more starts, whatever the concurrency';
		const value = Math.max(1, Math.min(maxConcurrency, concurrency + step));
		if (value !== concurrency) return setConcurrency(value);
		return `concurrency is already ${value}, the ${step > 0 ? 'most' : 'least'}`;
	};

/** Bytes a second: 1, 2, 5, 10, 20, 50 … of the units that `--limit-rate` takes. */
const bandwidths = ['K', 'M', 'G'].flatMap((_, power) =>
	[1, 2, 5, 10, 20, 50, 100, 200, 500].map(count => count * 1024 ** (power + 1)),
);

/** Bytes a second to begin below while nothing flows. */
const usual = 20 * 1024 ** 2;

/** Down from what flows now, if nothing limits it yet; up to no limit at all. */
export const lowerBandwidth: Act = ({store, speed}) => {
	const {bandwidth} = store.run;
	const from = bandwidth ?? (speed > 1024 ? speed : usual);
	const value = bandwidths.findLast(step => step < from) ?? bandwidths[0] ?? null;
	if (value === bandwidth) return 'the bandwidth limit is already at its lowest';
	return {command: {type: 'set-bandwidth', value}};
};

export const raiseBandwidth: Act = ({store}) => {
	const {bandwidth} = store.run;
	if (bandwidth === null) return 'the bandwidth is not limited';
	return {command: {type: 'set-bandwidth', value: bandwidths.find(step => step > bandwidth) ?? null}};
};

/** Acts on the selected task, or says why there is none. */
const onTask =
	(act: (task: Readonly<Task>, context: KeyContext) => Outcome): Act =>
	context => {
		if (isTask(context.selected)) return act(context.selected, context);
		return context.selected ? 'this row is no task' : 'no task is selected here';
	};

type OfRows = {
	task(task: Readonly<Task>): Outcome;
	group(group: Group): Outcome;
	host(host: Host): Outcome;
};

/** Acts on the selected row, whatever it is. */
const onRow =
	({task, group, host}: OfRows): Act =>
	({selected}) => {
		if (!selected) return 'nothing is selected here';
		if (isTask(selected)) return task(selected);
		return isGroup(selected) ? group(selected) : host(selected);
	};

export const toggleRun: Act = ({store}) => {
	const {state} = store.run;
	if (state === 'running') return {command: {type: 'pause'}};
	if (state === 'paused' || state === 'draining') return {command: {type: 'resume'}};
	return 'the run has ended: there is nothing to pause';
};

export const toggleTask = onTask(({id, number, state}) => {
	if (state === 'paused') return {command: {type: 'resume-task', id}};
	return isFinal(state) ? `task ${number} is ${state}: it cannot be paused` : {command: {type: 'pause-task', id}};
});

export const cancel = onTask(({id, number, state}, {keyOf}) =>
	isFinal(state)
		? `task ${number} is already ${state}`
		: [
				{command: {type: 'cancel', id}},
				{view: {type: 'canceled', id}},
				`task ${number} is canceled; ${keyOf('undo')} takes that back`,
			],
);

/** Brings the task back that was canceled last, if it has not come back by itself. */
export const undo: Act = ({store, view}) => {
	const id = view.canceled.findLast(each => store.get(each)?.state === 'canceled');
	if (id === undefined) return 'nothing to undo: no key has canceled a task';
	return [
		{command: {type: 'retry', id}},
		{view: {type: 'brought-back', id}},
		`task ${id.slice(1)} is back in the queue`,
	];
};

export const promote = onTask(({id, number, state}) =>
	state === 'queued' || state === 'waiting' || state === 'paused'
		? [{command: {type: 'promote', id}}, `task ${number} is next`]
		: `task ${number} is ${state}: only a queued, waiting or paused task can be moved to the front`,
);

export const retry = onRow({
	task({id, number, state}) {
		if (state === 'failed' || state === 'canceled' || state === 'waiting') return {command: {type: 'retry', id}};
		return `task ${number} is ${state}: only a failed, canceled or waiting task can be retried`;
	},
	group: retryGroup,
	host({host, failed}) {
		if (failed === 0) return `nothing has failed at ${host}`;
		return [{command: {type: 'retry-failed', host}}, `retrying what failed at ${host}`];
	},
});

function retryGroup({code, host, tasks}: Group): Outcome {
	const one: Command = {type: 'retry-failed', code, ...(host !== undefined && {host})};
	const isCanceled = tasks[0]?.state === 'canceled';
	const commands = isCanceled ? tasks.map(({id}): Command => ({type: 'retry', id})) : [one];
	return [...commands.map(command => ({command})), `retrying ${plural(tasks.length, 'task')}`];
}

export const retryFailed: Act = ({store}) =>
	store.counts.failed > 0 ? {command: {type: 'retry-failed'}} : 'no task has failed';

export function retryFailedWith(code: string, {store}: KeyContext): Outcome {
	const isThere = store.failed.find(({state, result}) => state === 'failed' && result?.error?.code === code);
	return isThere ? {command: {type: 'retry-failed', code}} : `no task has failed with ${code}`;
}

export const drain: Act = ({store, keyOf}) => {
	const {state} = store.run;
	if (state === 'running' || state === 'paused') return {command: {type: 'stop', mode: 'drain'}};
	return state === 'draining'
		? `already draining; ${keyOf('pause')} goes on with the run`
		: `the run has ended: ${keyOf('quit')} leaves`;
};

const copyOf = (text: string, what: string): Outcome => ({program: {type: 'copy', text, what}});

export const copy = onRow({
	task: ({url}) => copyOf(url, url),
	group: ({tasks}) => copyOf(tasks.map(({url}) => url).join('\n'), plural(tasks.length, 'URL')),
	host: ({host}) => copyOf(host, host),
});

export const open = onTask(({number, state, result}) => {
	if (result?.path) return {program: {type: 'open', path: result.path}};
	if (state === 'done') return `task ${number} was not saved: there is no file to open`;
	return `task ${number} is ${state}: there is no file to open${isFinal(state) ? '' : ' yet'}`;
});

/** Looks closer: the details of a task, the tasks of a group, or those of a host. */
export const look = onRow({
	task: () => ({view: {type: 'overlay', overlay: 'details'}}),
	group: ({id}) => ({view: {type: 'toggle', id}}),
	host: ({host}) => [show('active'), {view: {type: 'filter', text: `host:${host}`}}],
});

/** Out of whatever one is in. */
export const back: Act = ({view, keyOf}) => {
	if (view.overlay) return {view: {type: 'overlay', overlay: undefined}};
	if (view.filter !== '') return {view: {type: 'filter', text: ''}};
	return `${keyOf('quit')} leaves, ${keyOf('help')} shows all keys`;
};

/** The same key opens it and closes it. */
export const toggle =
	(overlay: 'help' | 'effects'): Act =>
	({view}) => ({view: {type: 'overlay', overlay: view.overlay === overlay ? undefined : overlay}});

export const show = (tab: View['tab']): Action => ({view: {type: 'tab', tab}});

/** Sorts rows otherwise; hosts keep the order in which they can be watched. */
export const sort =
	(action: {type: 'next-sort'} | {type: 'reverse'} | {type: 'sort'; by: SortName}): Act =>
	({view}) =>
		view.tab === 'hosts' ? 'hosts are listed in one order only: the busiest first' : {view: action};

export const move =
	(by: number): Act =>
	() => ({view: {type: 'move', by}});

export const page = (by: number): Outcome => ({view: {type: 'page', by}});

/** Asks for a line, with what it begins with. */
export const ask = (kind: Exclude<Prompt['kind'], 'confirm'>, text = ''): Outcome => ({
	view: {type: 'prompt', prompt: {kind, line: lineOf(text)}},
});

const isEnding = ({store}: KeyContext): boolean => ['draining', 'stopping'].includes(store.run.state);

export const askForUrls: Act = context => (isEnding(context) ? 'nothing can be added: the run is ending' : ask('add'));

/** Adds URLs; several are asked about first, because a paste may be a mistake. */
export function add(urls: readonly string[], context: KeyContext, isSure = urls.length === 1): Outcome {
	if (urls.length === 0) return 'nothing added: there is no http(s) URL in it';
	if (isEnding(context)) return 'nothing added: the run is ending';
	if (!isSure) return {view: {type: 'prompt', prompt: {kind: 'confirm', urls}}};
	return [{command: {type: 'add', urls}}, `added ${plural(urls.length, 'URL')}`];
}
