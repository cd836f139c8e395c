import type {Clock} from '../engine/seams.ts';
import {bytes} from '../format/bytes.ts';
import {span, timestamp} from '../format/duration.ts';
import {plural} from '../format/number.ts';
import {sanitize} from '../format/sanitize.ts';
import type {AnyRace, Measurement, RaceEvent} from '../race/seams.ts';
import type {TextSink} from './reporter.ts';

/** Tells of a race, from its beginning on. */
export type RaceReporter = {start(race: AnyRace): void; finish(): Promise<void>};

/** One line for whatever a lane comes to, in the words of the screen. */
export function plainRaceReporter(out: TextSink, clock: Clock): RaceReporter {
	return follow((event, {store: {rounds}}) => {
		const text = described(event);
		if (text === undefined || !('model' in event || 'measurement' in event)) return;
		const {model, round = 1} = 'measurement' in event ? event.measurement : {round: undefined, ...event};
		const lane = rounds > 1 ? `${model} ${round}/${rounds}` : model;
		out.write(`[${timestamp(clock.now())}] [${lane}] ${text}\n`);
	});
}

/**
 * One JSON object a line: the record of each task, what went wrong with workers, and what each lane came to, told apart by `type`.
 * The composition root puts the report behind them.
 */
export function recordRaceReporter(out: TextSink): RaceReporter {
	return follow(event => {
		const object = recorded(event);
		if (object) out.write(`${JSON.stringify(object)}\n`);
	});
}

function follow(hear: (event: RaceEvent, race: AnyRace) => void): RaceReporter {
	let stop = () => {};
	return {
		start(race) {
			stop = race.subscribe(event => hear(event, race));
		},
		async finish() {
			stop();
		},
	};
}

/** What a person who reads lines is told of each kind of event; nothing of most. */
const texts: {[Type in RaceEvent['type']]?: (event: Extract<RaceEvent, {type: Type}>) => string | undefined} = {
	'lane-ready': ({start: {workers, wall, memory}}) =>
		workers === 0 ? undefined : `${plural(workers, 'worker')} ready in ${span(wall)}, ${bytes(memory)} more`,
	incident: ({text}) => sanitize(text),
	'lane-finished': ({measurement: {tasks, wall, done, failed}}) =>
		`${plural(tasks, 'page')} in ${span(wall)}: ${done} done, ${failed} failed`,
	'lane-left': ({why}) => (why === undefined ? 'left before its end' : `broke off: ${sanitize(why)}`),
};

function described<Type extends RaceEvent['type']>(event: Extract<RaceEvent, {type: Type}>): string | undefined {
	return texts[event.type as Type]?.(event);
}

function recorded(event: RaceEvent): object | undefined {
	if (event.type === 'record') {
		const {type, model, round, number, result} = event;
		return {type, model, round, number, ...result};
	}
	if (event.type === 'incident') return event;
	return event.type === 'lane-finished' ? {type: 'lane', ...laneData(event.measurement)} : undefined;
}

/** Clocks are no finer than a microsecond. */
const seconds = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1_000_000;

/** With the units in the names. */
function laneData({wall, cpu, memory, start, copied, full, isSteered, isHalted, ...rest}: Measurement): object {
	return {
		...rest,
		steered: isSteered,
		halted: isHalted,
		workers: start.workers,
		wallSeconds: seconds(wall),
		cpuSeconds: seconds(cpu),
		memoryBytes: memory,
		startSeconds: seconds(start.wall),
		startCpuSeconds: seconds(start.cpu),
		startMemoryBytes: start.memory,
		copiedBytes: copied,
		fullMailboxes: full,
	};
}
