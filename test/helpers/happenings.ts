import fc from 'fast-check';
import type {EngineEvent, Listener, Untimed} from '../../source/engine/events.ts';
import type {ReadonlyStore} from '../../source/engine/store.ts';
import {isFinal, type TaskId, transitions} from '../../source/engine/task.ts';
import {failure, Story} from './store.ts';

/** A story with a listener, as an engine has them. */
export class Told extends Story {
	listener: Listener = () => {};

	override emit(event: Untimed<EngineEvent>): this {
		super.emit(event);
		this.listener(this.events.at(-1) as EngineEvent);
		return this;
	}
}

/** All that can be read of a store; a ring and a map compare by what is in them. */
export const contents = ({version, run, live, done, failed, counts, causes, hosts, received}: ReadonlyStore) => ({
	...{version, run, counts, received},
	...{live: [...live], done: [...done], failed: [...failed], causes: [...causes], hosts: [...hosts]},
});

/** What happens next in a story that nobody has thought of. */
export const step = fc.record({
	kind: fc.nat(19),
	which: fc.nat(),
	next: fc.nat(),
	bytes: fc.nat(1e9),
	pass: fc.nat(100),
	sends: fc.boolean(),
});
export type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

export function happen(story: Story, ids: TaskId[], {kind, which, next, bytes}: Step): void {
	const id = ids[which % ids.length];
	if (id === undefined || kind < 2) ids.push(story.queue(`http://h${which % 3}/${ids.length}`));
	else if (kind < 8 && story.task(id).state === 'receiving') story.bytes(id, bytes);
	else if (kind === 8) story.emit({type: 'host', host: 'h', until: bytes, window: null, why: failure('HTTP_503')});
	else if (kind === 9) story.run(next % 2 ? 'paused' : 'running').input(next % 3 === 0);
	else enter(story, id, next, bytes);
}

function enter(story: Story, id: TaskId, next: number, bytes: number): void {
	const possible = transitions[story.task(id).state];
	// Half of the time it goes on as tasks should, so that some get far.
	const state = possible[next % 2 ? 0 : (next / 2) % Math.max(1, possible.length)];
	if (state === 'queued') story.requeue(id);
	else if (state === 'connecting') story.connect(id);
	else if (state === 'receiving') story.receive(id, bytes % 2 ? {total: bytes} : {}).bytes(id, bytes % 1000);
	else if (state === 'extracting') story.extract(id);
	else if (state === 'waiting') story.wait(id, failure('HTTP_503'));
	else if (state === 'paused') story.pause(id);
	else if (state === 'failed') story.fail(id, bytes % 2 ? 'ECONNRESET' : 'HTTP_404');
	else if (state && isFinal(state)) story.end(id, state, {title: bytes % 2 ? 'A title' : null});
}
