import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {hostHeading, hostRow} from '../source/dashboard/drawing/host-row.ts';
import {createTheme} from '../source/dashboard/drawing/theme.ts';
import {firstByteOf, Hosts, hostsOf} from '../source/dashboard/measuring/hosts.ts';
import {httpFailure} from '../source/engine/failure.ts';
import {isFinal, isRunning, liveStates, type TaskId, transitions} from '../source/engine/task.ts';
import {failure, Story} from './helpers/store.ts';

const theme = createTheme({ascii: false, color: false});

function heard(perHost: number | null = null) {
	const hosts = new Hosts();
	const story = new Story()
		.listen(event => void hosts.hear(event))
		.limits(8, perHost)
		.run('running');
	const rows = () => hostsOf(hosts, story.store, story.now);
	const row = (host: string) => rows().find(each => each.host === host);
	return {hosts, story, rows, row};
}

suite('the hosts', () => {
	test('count what each has, and the bytes that are still arriving', () => {
		const {story, row} = heard();
		story.fetched('https://a.test/1', 1000);
		story.fetched('https://a.test/2', 500);
		story.fail(story.queue('https://a.test/3'), 'ENOTFOUND');
		const running = story.queue('https://a.test/4');
		story.connect(running).receive(running).bytes(running, 70);
		story.queue('https://a.test/5');
		story.become(story.queue('https://a.test/6'), 'skipped').become(story.queue('https://a.test/7'), 'canceled');
		const {firstBytes, ...rest} = row('a.test') ?? {};
		assert.deepEqual(rest, {
			...{host: 'a.test', running: 1, queued: 1, done: 3, failed: 1, bytes: 1570},
			...{limit: null, cooldown: undefined, isActive: true},
		});
		assert.equal(firstBytes?.length, 3, 'of those that got an answer');
	});

	test('a failed task that is tried again has not failed', () => {
		const {story, row} = heard();
		const id = story.queue('https://a.test/');
		story.connect(id).fail(id, 'ECONNRESET');
		assert.equal(row('a.test')?.failed, 1);
		story.requeue(id);
		assert.deepEqual([row('a.test')?.failed, row('a.test')?.queued], [0, 1]);
		story.connect(id).receive(id).end(id, 'done');
		assert.deepEqual([row('a.test')?.failed, row('a.test')?.done], [0, 1]);
	});

	test('a canceled task that is tried again leaves the others that failed', () => {
		const {story, row} = heard();
		const [failed, canceled] = [story.queue('https://a.test/1'), story.queue('https://a.test/2')];
		story.fail(failed, 'ENOTFOUND').end(canceled, 'canceled').requeue(canceled);
		assert.deepEqual([row('a.test')?.failed, row('a.test')?.queued], [1, 1]);
	});

	test('know the median of the last first bytes', () => {
		const {story, row} = heard();
		const fetch = (milliseconds: number) => {
			const id = story.queue('https://a.test/');
			story.connect(id).later(milliseconds).receive(id).end(id, 'done');
		};
		for (let page = 0; page < 64; page++) fetch(500);
		assert.equal(firstByteOf(row('a.test') ?? {firstBytes: []}), 500);
		for (let page = 0; page < 40; page++) fetch(20);
		assert.equal(firstByteOf(row('a.test') ?? {firstBytes: []}), 20);
		assert.equal(row('a.test')?.firstBytes.length, 64);
		story.queue('https://b.test/');
		assert.equal(firstByteOf(row('b.test') ?? {firstBytes: [1]}), undefined);
	});

	test('have the limit of all, or the lower one that they have asked for, and say how long they are left in peace', () => {
		const {story, row} = heard(6);
		story.queue('https://a.test/');
		story.queue('https://b.test/');
		assert.equal(row('a.test')?.limit, 6);
		story.emit({type: 'host', host: 'a.test', until: story.now + 8000, window: 3, why: httpFailure(429)});
		assert.deepEqual(row('a.test')?.cooldown, {left: 8000, why: '429'});
		assert.deepEqual([row('a.test')?.limit, row('b.test')?.limit], [3, 6]);
		story.later(8000);
		assert.deepEqual([row('a.test')?.limit, row('a.test')?.cooldown], [3, undefined]);
	});

	test('with something to do stand above those at rest, and among them those with most tasks', () => {
		const {story, rows} = heard();
		for (let page = 0; page < 9; page++) story.fetched(`https://idle.test/${page}`, 1);
		for (const url of ['https://b.test/', 'https://a.test/', 'https://c.test/1', 'https://c.test/2']) story.queue(url);
		assert.deepEqual(
			rows().map(({host}) => host),
			['c.test', 'a.test', 'b.test', 'idle.test'],
		);
	});

	test('are a thousand at most, and those with something to do are never forgotten', () => {
		const {hosts, story, row, rows} = heard();
		story.queue('https://live.test/');
		for (let host = 0; host < 3000; host++) {
			story.fetched(`https://${host}.test/`, 10, null, 0);
			if (host % 100 === 0) story.fetched('https://often.test/', 10, null, 0);
		}
		assert.equal(rows().length, 1000);
		assert.equal(hosts.forgotten, 2002);
		assert.equal(row('live.test')?.queued, 1);
		assert.equal(row('often.test')?.done, 30, 'the one at rest for longest goes first');
		assert.ok(row('2999.test') && !row('0.test'));
	});

	test('more than a thousand are known while they all have something to do', () => {
		const {story, rows} = heard();
		const ids = Array.from({length: 1500}, (_, host) => story.queue(`https://${host}.test/`));
		assert.equal(rows().length, 1500);
		for (const id of ids) story.become(id, 'done');
		for (let host = 0; host < 10; host++) story.queue(`https://new${host}.test/`);
		assert.ok(rows().length <= 1500);
	});

	test('count as the store does, whatever happens', () => {
		const step = fc.record({which: fc.nat(), next: fc.nat(), host: fc.nat(4)});
		fc.assert(
			fc.property(fc.array(step, {maxLength: 80}), steps => {
				const {story, rows} = heard();
				const ids: TaskId[] = [];
				for (const {which, next, host} of steps) {
					story.later(next % 50);
					const id = ids[which % Math.max(1, ids.length)];
					const possible = id ? transitions[story.task(id).state] : [];
					const state = possible[next % Math.max(1, possible.length)];
					if (!id || !state || which % 3 === 0) ids.push(story.queue(`https://${host}.test/`));
					else if (state === 'queued') story.requeue(id);
					else if (state === 'connecting') story.connect(id);
					else if (state === 'receiving') story.receive(id).bytes(id, next % 1000);
					else if (state === 'extracting') story.extract(id);
					else if (state === 'waiting') story.wait(id, failure('HTTP_503'));
					else if (state === 'paused') story.pause(id);
					else if (isFinal(state)) story.end(id, state);
				}
				const {counts, live} = story.store;
				const sum = (of: 'running' | 'queued' | 'done' | 'failed') =>
					rows().reduce((total, each) => total + each[of], 0);
				assert.equal(sum('queued'), counts.queued);
				assert.equal(
					sum('running'),
					liveStates.filter(isRunning).reduce((total, state) => total + counts[state], 0),
				);
				assert.equal(sum('done'), counts.done + counts.skipped);
				assert.equal(sum('failed'), counts.failed);
				const busy = new Set([...live.values()].map(({host}) => host));
				assert.deepEqual(
					new Set(
						rows()
							.filter(({isActive}) => isActive)
							.map(({host}) => host),
					),
					busy,
				);
			}),
		);
	});
});

suite('a row of a host', () => {
	const busy = () => {
		const {story, rows} = heard(6);
		for (let page = 0; page < 1037; page++) story.fetched(`https://mirror.example.org/${page}`, 48_200, null, 30);
		for (let page = 0; page < 3; page++) story.fail(story.queue(`https://mirror.example.org/${page}`), 'HTTP_403');
		for (let page = 0; page < 4; page++) story.connect(story.queue(`https://mirror.example.org/${page}`));
		for (let page = 0; page < 412; page++) story.queue(`https://mirror.example.org/${page}`);
		story.emit({type: 'host', host: 'mirror.example.org', until: story.now + 8000, window: 5, why: httpFailure(429)});
		return rows()[0] as ReturnType<typeof rows>[number];
	};

	test('has all columns on a wide terminal', () => {
		assert.equal(
			hostRow(busy(), 120, theme).trimEnd(),
			'  ◷     4/5     412     1,037       3  50.0 MB       0 ms   0:08 (429) mirror.example.org',
		);
		assert.equal(
			hostHeading(120, theme).trimEnd(),
			'    running  queued      done  failed    bytes first byte     cooldown host',
		);
	});

	test('keeps what runs and what failed on a narrow one', () => {
		assert.equal(hostRow(busy(), 40, theme, true), '▶ ◷     4/5       3 mirror.example.org ');
	});

	test('fills the terminal but for the last column, from 20 columns to 200', () => {
		const row = busy();
		for (let cells = 20; cells <= 200; cells++)
			for (const line of [
				hostRow(row, cells, theme),
				hostRow({...row, host: '新浪'.repeat(60)}, cells, theme),
				hostHeading(cells, theme),
			])
				assert.equal(stringWidth(line), cells - 1, `${cells} cells: ${line}`);
	});

	test('is ASCII where that is wanted', () => {
		const ascii = createTheme({ascii: true, color: false});
		const row = busy();
		for (let cells = 20; cells <= 200; cells++) assert.match(hostRow(row, cells, ascii, true), /^[\x20-\x7e]+$/);
	});
});
