import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {type Action, actionsOf, type KeyContext} from '../source/dashboard/keys/actions.ts';
import {createKeymap} from '../source/dashboard/keys/keymap.ts';
import {inReplay, playbackKeymap} from '../source/dashboard/keys/playback.ts';
import {initialView} from '../source/dashboard/rows/view.ts';
import {Story} from './helpers/store.ts';

const refusal = 'this is a replay: nothing can be changed';
const keymap = playbackKeymap(createKeymap());

/** A task that could be paused, canceled, retried or opened in a run that goes on. */
function contexts(): KeyContext[] {
	const story = new Story().limits(8).run('running').input(false);
	const saved = story.fetched('http://h/saved', 1_000);
	const ids = [
		saved,
		...(['queued', 'receiving', 'waiting', 'paused', 'failed', 'canceled'] as const).map(state => {
			const id = story.queue(`http://h/${state}`);
			story.become(id, state);
			return id;
		}),
	];
	const done = story.task(saved);
	if (done.result) done.result = {...done.result, path: 'saved.html'};
	return ids.map(id => ({
		store: story.store,
		view: initialView,
		selected: story.task(id),
		speed: 1_000,
		keyOf: keymap.keyOf,
	}));
}

const isHarmful = (action: Action | string): boolean =>
	typeof action === 'object' &&
	('command' in action ||
		('program' in action && action.program.type === 'open') ||
		('view' in action && action.view.type === 'prompt' && action.view.prompt?.kind === 'add'));

suite('in a replay', () => {
	const standard = createKeymap();
	const told = contexts();
	const harmful = standard.bindings.filter(({act}) => told.some(each => actionsOf(act(each, 0)).some(isHarmful)));

	test('there are keys to be refused', () => {
		const names = harmful.map(({name}) => name);
		for (const name of ['concurrency-up', 'cancel', 'retry', 'pause-task', 'add', 'drain', 'open'])
			assert.ok(names.includes(name), `${name} in ${names}`);
	});

	for (const {name, keys} of standard.bindings) {
		test(`${keys[0]} (${name}) changes nothing`, () => {
			for (const context of told) {
				const outcome = actionsOf(keymap.find(keys[0] ?? '')?.binding.act(context, 0) ?? []);
				assert.ok(!outcome.some(isHarmful));
				const before = actionsOf(standard.find(keys[0] ?? '')?.binding.act(context, 0) ?? []);
				const isOurs = ['pause', 'bandwidth-up', 'bandwidth-down'].includes(name);
				if (before.some(isHarmful) && !isOurs) assert.deepEqual(outcome, [refusal]);
			}
		});
	}

	test('p stops its time, and < and > change its speed', () => {
		const [context] = told;
		const programs = ['p', '<', '>'].map(key => context && keymap.find(key)?.binding.act(context, 0));
		assert.deepEqual(programs, [
			{program: {type: 'pause-replay'}},
			{program: {type: 'accelerate', by: 0.5}},
			{program: {type: 'accelerate', by: 2}},
		]);
	});

	test('what is refused when it has been typed closes the line all the same', () => {
		const closed: Action = {view: {type: 'prompt', prompt: undefined}};
		assert.deepEqual(inReplay([closed, {command: {type: 'set-concurrency', value: 9}}, 'done']), [closed, refusal]);
	});

	test('keys that only look are as ever', () => {
		const [context] = told;
		for (const key of ['1', 'tab', 'down', 'enter', 'z', '/', 's', 'q', 'ctrl-l'])
			assert.deepEqual(
				context && actionsOf(keymap.find(key)?.binding.act(context, 0) ?? []),
				context && actionsOf(standard.find(key)?.binding.act(context, 0) ?? []),
				key,
			);
	});
});
