import {bytes} from '../../format/bytes.ts';
import {plural} from '../../format/number.ts';
import {sanitize} from '../../format/sanitize.ts';
import {truncate, width} from '../../format/width.ts';
import type {Lane, LaneState, ModelName, RaceStore} from '../../race/seams.ts';
import {fitLine, type Segment, segment} from '../drawing/segments.ts';
import type {Theme} from '../drawing/theme.ts';
import {type LaneContext, laneHeading, laneLine, readyFrom, seconds} from './columns.ts';
import {bestOf, medianWall, serialOf, stateOf} from './figures.ts';
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
	threads: ({usage: {workers}}) => `${plural(workers, 'thread')}, each with a task`,
	processes: ({usage: {workers}}) => `${plural(workers, 'process', 'processes')}, each with a task`,
	coroutines: ({usage: {running}}) => `one thread, ${plural(running, 'task')} under way in it`,
	messages: ({usage: {workers}}) => `${plural(workers, 'worker')}, which share nothing`,
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
	const context: LaneContext = {
		...drawn,
		best: bestOf(store),
		serial: serialOf(store),
		hasDetails: shape !== undefined,
	};
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
	const context: LaneContext = {...drawn, best: bestOf(store), serial: serialOf(store), hasDetails: false};
	return [
		laneHeading(columns, context),
		...store.lanes.flatMap(lane => [
			laneLine(lane, columns, context),
			...(lane.incident === undefined ? [] : [incidentLine(lane, columns, drawn.theme)]),
		]),
	];
}

/** Below the name of the model. */
const indent = 2;

/** The slots in a picture, what does the work, what it has cost so far, and where it has no line of its own, what went wrong. */
function detailLine(lane: Lane, columns: number, context: LaneContext, hasIncident: boolean): string {
	const {theme, best, store} = context;
	const state = stateOf(lane, store);
	const isRunning = state === 'running';
	const isNew = state === 'waiting' || state === 'starting';
	const way = isNew && lane.measurements.length === 0 ? ways[lane.model] : '';
	const room = Math.max(0, columns - indent - 2);
	const segments: Segment[] = [
		segment(8, ...(isRunning ? slotPictures(lane, theme) : [])),
		segment(9, ...(hasIncident ? incidentForms(lane, room, theme) : [])),
		segment(5, isRunning ? crews[lane.model](lane) : way),
		segment(7, roundsOf(lane, state, lane === best)),
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

function roundsOf({measurements}: Lane, state: LaneState, isBest: boolean): string {
	const median = medianWall(measurements);
	if (median === undefined) return '';
	const best = isBest ? ', the best so far' : '';
	if (measurements.length > 1) return `median of ${measurements.length} rounds ${seconds(median)}${best}`;
	if (state === 'finished') return isBest ? 'the best so far' : '';
	return `round ${measurements[0]?.round} ${seconds(median)}${best}`;
}

/** How many times as fast as one task after the other, by the medians of their rounds. */
function speedUpOf({model, measurements}: Lane, {serial, theme}: LaneContext): string {
	const [own, other] = [medianWall(measurements), serial && medianWall(serial.measurements)];
	if (model === 'serial' || !own || !other) return '';
	return `${(other / own).toFixed(1)}${theme.signs.times} as fast as serial`;
}

function messagesOf({usage: {messages, copied, full}}: Lane): string[] {
	if (messages === 0) return [];
	const told = plural(messages, 'message');
	const held = full > 0 ? [`${told}, ${bytes(copied)} copied, a mailbox full ${plural(full, 'time')}`] : [];
	return [...held, ...(copied > 0 ? [`${told}, ${bytes(copied)} copied`] : []), told];
}

function startOf({start, usage: {workers}}: Lane): string {
	if (!start || start.workers === 0) return '';
	return `${workers === start.workers ? '' : `${plural(start.workers, 'worker')} `}ready in ${seconds(start.wall)}`;
}
