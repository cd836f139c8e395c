import {bytes} from '../../format/bytes.ts';
import {plural} from '../../format/number.ts';
import {sanitize} from '../../format/sanitize.ts';
import {truncate, width} from '../../format/width.ts';
import type {Lane, LaneState, ModelName, RaceStore} from '../../race/seams.ts';
import {fitLine, type Segment, segment} from '../drawing/segments.ts';
import type {Theme} from '../drawing/theme.ts';
import {type LaneContext, laneHeading, laneLine, type Mode, readyFrom, seconds} from './columns.ts';
import {bestOf, standingsIn, stateOf, workersOf} from './figures.ts';
import {slotPictures} from './slots.ts';

/** How each model does it: for whoever waits to see it. */
const ways: Readonly<Record<ModelName, string>> = {
	serial: 'a loop: one task after the other',
	threads: 'a pool of worker threads, each waits for a task of its own',
	processes: 'a pool of child processes, each waits for a task of its own',
	coroutines: 'one event loop: while a task waits, another goes on',
	messages: 'fetchers, parsers and a collector, which share nothing and send messages',
};

/** What it is made of now. */
const crews: Readonly<Record<ModelName, (lane: Lane) => string>> = {
	serial: () => 'one thread, a task after the other',
	threads: lane => `${plural(workersOf(lane), 'thread')}, ${lane.usage.running} with a task`,
	processes: lane => `${plural(workersOf(lane), 'process', 'processes')}, ${lane.usage.running} with a task`,
	coroutines: ({usage: {running}}) => `one thread, ${plural(running, 'task')} under way in it`,
	messages: lane => `${plural(workersOf(lane), 'worker')}, which share nothing`,
};

type Drawn = {store: Readonly<RaceStore>; theme: Theme; now: number};

/** Lines of each lane, by how many there is room for: a blank one sets it off, and what went wrong has its own, if it can. */
const shapes = [
	{from: 4, hasDetails: true, hasIncident: true, isSpaced: true},
	{from: 3, hasDetails: true, hasIncident: false, isSpaced: true},
	{from: 2, hasDetails: true, hasIncident: false, isSpaced: false},
] as const;

/** All lanes in at most `height` lines: with as much about each as there is room for. The lane that runs is always seen. */
export function laneLines(drawn: Drawn, columns: number, height: number): string[] {
	const {store} = drawn;
	const {lanes, current} = store;
	const hasHeading = height > lanes.length + 1;
	const room = hasHeading ? height - 1 : height;
	const shape = shapes.find(({from, isSpaced}) => lanes.length * from - (isSpaced ? 1 : 0) <= room);
	const context = contextOf(drawn, shape ? 'detailed' : 'brief');
	const line = (lane: Lane) => laneLine(lane, columns, context);
	const more = (lane: Lane) => detailLine(lane, columns, context, !shape?.hasIncident);
	const heading = hasHeading ? [laneHeading(columns, context)] : [];
	if (shape) {
		const groups = lanes.map(lane => [
			line(lane),
			more(lane),
			...(shape.hasIncident ? [incidentLine(lane, columns, drawn.theme)] : []),
		]);
		return [...heading, ...groups.flatMap((lines, index) => (shape.isSpaced && index > 0 ? ['', ...lines] : lines))];
	}
	if (room > lanes.length)
		return [...heading, ...lanes.flatMap(lane => (lane === current ? [line(lane), more(lane)] : [line(lane)]))];
	const first = Math.max(0, Math.min(current ? lanes.indexOf(current) : 0, lanes.length - room));
	return lanes.slice(first, first + room).map(line);
}

/** When all is over: a line for each, and what went wrong with it. */
export function lanesAtRest(drawn: Drawn, columns: number): string[] {
	const {store} = drawn;
	const context = contextOf(drawn, 'rest');
	return [
		laneHeading(columns, context),
		...store.lanes.flatMap(lane => [
			laneLine(lane, columns, context),
			...(lane.incident === undefined ? [] : [incidentLine(lane, columns, drawn.theme)]),
		]),
	];
}

function contextOf(drawn: Drawn, mode: Mode): LaneContext {
	const standings = standingsIn(drawn.store);
	return {...drawn, standings, best: bestOf(standings), mode};
}

/** Below the name of the model. */
const indent = 2;

/** The slots in a picture, what does the work, what it has cost so far, and where it has no line of its own, what went wrong. */
function detailLine(lane: Lane, columns: number, context: LaneContext, hasIncident: boolean): string {
	const {theme, store} = context;
	const state = stateOf(lane, store);
	const isRunning = state === 'running';
	const isNew = state === 'waiting' || state === 'starting';
	// Of one task after the other there is nothing else to tell.
	const hasWay = lane.model === 'serial' || (isNew && lane.measurements.length === 0);
	const room = Math.max(0, columns - indent - 2);
	const segments: Segment[] = [
		segment(8, ...(isRunning ? slotPictures(lane, theme) : [])),
		segment(9, ...(hasIncident ? incidentForms(lane, room, theme) : [])),
		segment(5, isRunning ? crews[lane.model](lane) : hasWay ? ways[lane.model] : ''),
		segment(7, standingOf(lane, state, context)),
		segment(6.5, speedUpOf(lane, context)),
		segment(6, ...(isNew ? [] : messagesOf(lane))),
		segment(4, isNew || columns >= readyFrom ? '' : startOf(lane)),
	];
	return (' '.repeat(indent) + fitLine(segments, columns - indent, theme.signs.ellipsis)).trimEnd();
}

function incidentLine(lane: Lane, columns: number, theme: Theme): string {
	const room = Math.max(0, columns - indent - 2);
	const found = incidentForms(lane, room, theme).find(text => width(text) <= room);
	return found === undefined ? '' : ' '.repeat(indent + 1) + found;
}

/** What went wrong last, at most `room` cells wide in the end. */
function incidentForms({incident, incidents}: Lane, room: number, {alert, signs}: Theme): string[] {
	if (incident === undefined) return [];
	const text = sanitize(incident);
	const all = incidents > 1 ? [`${plural(incidents, 'incident')}, the last: ${text}`] : [];
	return [...all, text, truncate(text, room, signs.ellipsis)].map(form => alert(form));
}

/** The time of its rounds so far, where it is not the one that stands in the line above. */
function standingOf({model, measurements}: Lane, state: LaneState, {standings, best}: LaneContext): string {
	const standing = standings.find(each => each.model === model);
	if (!standing) return '';
	if (!standing.isComparable)
		return `${standing.steered > 0 ? 'its limit was changed by key' : 'the program stood still'}: not compared`;
	const {counted, wall} = standing;
	const won = model === best ? 'the best so far' : '';
	if (counted === 1 && measurements.length === 1 && state === 'finished') return won;
	const one = measurements.length === 1 ? `round ${measurements[0]?.round} took` : 'one round took';
	const time = `${counted > 1 ? `median of ${counted} rounds` : one} ${seconds(wall)}`;
	return won === '' ? time : `${time}, ${won}`;
}

/** How many times as fast as one task after the other. */
function speedUpOf({model}: Lane, {standings, theme}: LaneContext): string {
	const standing = standings.find(each => each.model === model);
	if (model === 'serial' || !standing?.isComparable || standing.speedUp === undefined) return '';
	return `${standing.speedUp.toFixed(1)}${theme.signs.times} as fast as serial`;
}

function messagesOf({usage: {messages, copied, full}}: Lane): string[] {
	if (messages === 0) return [];
	const told = plural(messages, 'message');
	const held = full > 0 ? [`${told}, ${bytes(copied)} copied, a mailbox full ${plural(full, 'time')}`] : [];
	return [...held, ...(copied > 0 ? [`${told}, ${bytes(copied)} copied`] : []), told];
}

function startOf(lane: Lane): string {
	const {start} = lane;
	if (!start || start.workers === 0) return '';
	return `${workersOf(lane) === start.workers ? '' : `${plural(start.workers, 'worker')} `}ready in ${seconds(start.wall)}`;
}
