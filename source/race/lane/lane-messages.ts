import type {Result} from '../../engine/task.ts';
import type {Equipment, ModelName, RaceTask, Usage} from '../seams.ts';

/** To the process of a lane, in this order; `limit` and `kill` at any time after `load`. */
export type ToLane =
	| {type: 'load'; model: ModelName; limit: number; tasks: readonly RaceTask[]; equipment: Equipment}
	/** Workers may be started. */
	| {type: 'open'}
	| {type: 'go'}
	| {type: 'limit'; value: number}
	| {type: 'kill'};

export type FromLane =
	/** Its code is there, its workers are not: what is in its memory now is not theirs. */
	| {type: 'loaded'}
	/** All workers are there. Milliseconds since `open`, and of CPU. */
	| {type: 'ready'; workers: number; wall: number; cpu: number; pids: readonly number[]}
	/** What happened since the last one. */
	| {
			type: 'update';
			usage: Usage;
			/** Of its own workers, where they are processes. */
			pids: readonly number[];
			records: ReadonlyArray<readonly [number: number, result: Result]>;
			incidents: readonly string[];
	  }
	/** Every task has its record. Milliseconds since `go`. */
	| {type: 'finished'; wall: number}
	/** It cannot go on. */
	| {type: 'broken'; why: string};
