import assert from 'node:assert/strict';
import {
	assertTransition,
	finalStates,
	isFinal,
	isRunning,
	liveStates,
	type State,
	transitions,
} from '../source/engine/task.ts';
import {test} from './helpers/engine.ts';

const states: readonly State[] = [...liveStates, ...finalStates];

/** Written out by hand, so that a change of the table has to be meant. One letter per state that may follow. */
const table = `
              queued connecting receiving extracting waiting paused done failed canceled skipped
	queued        .      x          .         .          .      x      .    x      x        x
	connecting    x      .          x         .          x      x      .    x      x        x
	receiving     x      .          .         x          x      x      x    x      x        .
	extracting    .      .          .         .          .      .      x    .      .        .
	waiting       x      .          .         .          .      x      .    x      x        .
	paused        x      .          .         .          .      .      .    .      x        .
	done          .      .          .         .          .      .      .    .      .        .
	failed        x      .          .         .          .      .      .    .      .        .
	canceled      x      .          .         .          .      .      .    .      .        .
	skipped       .      .          .         .          .      .      .    .      .        .
`;

const [columns = [], ...rows] = table
	.trim()
	.split('\n')
	.map(line => line.trim().split(/\s+/));

test('every pair of states is either allowed or forbidden, exactly as the table says', () => {
	assert.deepEqual(columns.toSorted(), states.toSorted(), 'the table has a column for every state');
	assert.equal(rows.length, states.length);
	for (const [from, ...marks] of rows) {
		for (const [index, to] of columns.entries()) {
			const move = () => assertTransition(from as State, to as State);
			const name = `${from} → ${to}`;
			if (marks[index] === 'x') assert.doesNotThrow(move, name);
			else assert.throws(move, new RegExp(`cannot go from ${from} to ${to}`), name);
		}
	}
});

test('a final state can only be left for the queue, and one that was reached well not at all', () => {
	for (const state of finalStates)
		assert.deepEqual(
			transitions[state].filter(next => next !== 'queued'),
			[],
			state,
		);
	assert.deepEqual(transitions.done, []);
	assert.deepEqual(transitions.skipped, []);
});

test('every state can be reached from the queue', () => {
	const reached = new Set<State>(['queued']);
	for (const state of reached) for (const next of transitions[state]) reached.add(next);
	assert.deepEqual([...reached].toSorted(), states.toSorted());
});

test('exactly connecting, receiving and extracting hold a slot', () => {
	assert.deepEqual(states.filter(isRunning), ['connecting', 'receiving', 'extracting']);
});

test('exactly the four final states are final', () => {
	assert.deepEqual(states.filter(isFinal), ['done', 'failed', 'canceled', 'skipped']);
});
