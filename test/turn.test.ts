import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {Body} from '../source/transport/body.ts';
import {turn} from '../source/transport/turn.ts';

/** A body, its flow, and what the flow was told. */
function begin(length = Number.POSITIVE_INFINITY) {
	const told: string[] = [];
	const flow = {pause: () => told.push('pause'), resume: () => told.push('resume'), abort: () => told.push('abort')};
	return {told, body: new Body(flow, length)};
}

const chunk = (length: number) => new Uint8Array(length);

/** Longer than bodies may keep the event loop for themselves. */
function keepBusy(): void {
	const until = performance.now() + 20;
	while (performance.now() < until);
}

test('where nobody presses keys, bodies keep the event loop for as long as they like', () => {
	const {told, body} = begin();
	body.push(chunk(10));
	keepBusy();
	body.push(chunk(10));
	assert.deepEqual(told, []);
});

test('bodies that have kept the event loop busy pause, and go on in its next turn by themselves', async () => {
	turn.shorten();
	const [one, other] = [begin(), begin()];
	one.body.push(chunk(10));
	assert.deepEqual(one.told, []);
	keepBusy();
	one.body.push(chunk(10));
	other.body.push(chunk(10));
	assert.deepEqual([one.told, other.told], [['pause'], ['pause']]);
	assert.equal(one.body.ready()?.length, 10);
	assert.deepEqual(one.told, ['pause'], 'to be read is not enough');
	await nextTurn();
	assert.deepEqual(one.told, ['pause', 'resume']);
	assert.deepEqual(other.told, ['pause', 'resume']);
	one.body.push(chunk(10));
	assert.deepEqual(one.told, ['pause', 'resume'], 'another turn, another start');
	await nextTurn();
});

test('a body of which nobody takes what is there goes on only when somebody does', async () => {
	const {told, body} = begin();
	body.push(chunk(1));
	keepBusy();
	body.push(chunk(200_000));
	await nextTurn();
	assert.deepEqual(told, ['pause']);
	body.ready();
	body.ready();
	assert.deepEqual(told, ['pause', 'resume']);
});

test('the last chunk of a body pauses nothing, and neither what has ended nor what has failed goes on', async () => {
	const [whole, failed] = [begin(1_000), begin()];
	failed.body.push(chunk(10));
	keepBusy();
	whole.body.push(chunk(1_000));
	failed.body.push(chunk(10));
	failed.body.fail(new Error('broken'));
	await nextTurn();
	assert.deepEqual([whole.told, failed.told], [[], ['pause']]);
});
