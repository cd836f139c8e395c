import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Store} from '../source/engine/store.ts';

test('the time between the end of a run and its going on does not count as work', () => {
	const store = new Store();
	store.apply({type: 'run', state: 'running', at: 1_000});
	store.apply({type: 'run', state: 'ended', at: 3_000});
	store.apply({type: 'run', state: 'running', at: 60_000});
	store.apply({type: 'run', state: 'ended', at: 60_500});
	const {startedAt = 0, endedAt = 0} = store.run;
	assert.equal(endedAt - startedAt, 2_500);
});
