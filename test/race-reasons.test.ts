import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {figuresOf, type Outcome} from '../source/race/report/figures.ts';
import {applicable, reasonsOf} from '../source/race/report/reasons.ts';
import {remarksOf} from '../source/race/report/remarks.ts';
import type {Measurement, ModelName} from '../source/race/seams.ts';
import {measurement, race, races, type Told, threeRounds, troubledRace, twenty, waitingRace} from './helpers/race.ts';

const reasonIn = (outcome: Outcome, name: string): string | undefined =>
	applicable(figuresOf(outcome)).find(reason => reason.name === name)?.text;

const waits = {wall: 20_000, cpu: 1_000};
const computes = {wall: 10_000, cpu: 9_500};

/** What a rule says, or does not, of figures on either side of its threshold. */
const sides: ReadonlyArray<{
	rule: string;
	says: string;
	when: Outcome;
	text: RegExp;
	unless: readonly Outcome[];
}> = [
	{
		rule: 'waitingBound',
		says: 'that the serial lane waited',
		when: race({serial: {wall: 10_000, cpu: 3_990}}),
		text: /computed in 40 % of its 10\.0 s\. Waiting costs no CPU/,
		unless: [race({serial: {wall: 10_000, cpu: 4_000}}), race({coroutines: {wall: 10_000, cpu: 100}})],
	},
	{
		rule: 'both',
		says: 'that it waited and computed, and what one thread can do about it',
		when: race({serial: {wall: 10_000, cpu: 4_000}}),
		text: /computed in 40 % of its 10\.0 s and waited in the rest: .*: 2\.50× at best/,
		unless: [race({serial: {wall: 10_000, cpu: 3_990}}), race({serial: {wall: 10_000, cpu: 8_000}})],
	},
	{
		rule: 'parseBound',
		says: 'that it computed',
		when: race({serial: {wall: 10_000, cpu: 8_000}}),
		text: /computed in 80 % of its 10\.0 s: what counts is how many cores compute/,
		unless: [race({serial: {wall: 10_000, cpu: 7_990}}), race({threads: computes})],
	},
	{
		rule: 'bound',
		says: "Little's law where the serial lane did both",
		when: race({serial: {wall: 10_000, cpu: 5_000}, coroutines: {wall: 6_000, cpu: 4_000}}),
		text: /20 at once of 250 ms each make 20× at best \(Little's law\); coroutines made 1\.67×/,
		unless: [
			race({serial: {wall: 10_000, cpu: 5_000}, coroutines: {wall: 9_500, cpu: 4_000}}),
			race({serial: {wall: 10_000, cpu: 1_000}, coroutines: {wall: 6_000, cpu: 4_000}}),
			race({serial: {wall: 10_000, cpu: 5_000}}),
		],
	},
	{
		rule: 'parallel',
		says: 'how many cores were busy',
		when: race({serial: computes, threads: {wall: 5_000, cpu: 6_500, start: twenty}}),
		text: /^Threads kept 1\.3 of 2 cores busy: hence 2\.00× the speed of the serial lane/,
		unless: [
			race({serial: computes, threads: {wall: 5_000, cpu: 6_400, start: twenty}}),
			race({serial: computes, threads: {wall: 8_400, cpu: 12_000, start: twenty}}),
			race({serial: computes, threads: {wall: 5_000, cpu: 6_500, start: twenty}}, 1),
			race({serial: {wall: 10_000, cpu: 5_000}, threads: {wall: 5_000, cpu: 6_500, start: twenty}}),
			race({threads: {wall: 5_000, cpu: 6_500, start: twenty}}),
		],
	},
	{
		rule: 'noGain',
		says: 'why threads were no faster',
		when: race({serial: computes, threads: {wall: 9_000, cpu: 9_000, start: twenty}}),
		text: /^Threads had 2 cores and kept 1\.0 of them busy: 1\.11× the speed/,
		unless: [
			race({serial: computes, threads: {wall: 8_300, cpu: 9_000, start: twenty}}),
			race({serial: computes, threads: {wall: 9_000, cpu: 9_000, start: twenty}}, 1),
			race({serial: waits, threads: {wall: 19_000, cpu: 9_000, start: twenty}}),
		],
	},
	{
		rule: 'saturated',
		says: 'that the one core of a loop has become the limit',
		when: race({serial: waits, coroutines: {wall: 2_000, cpu: 1_600}}),
		text: /^The coroutines' thread computed in 80 % of its 2\.00 s: now its one core/,
		unless: [
			race({serial: waits, coroutines: {wall: 2_000, cpu: 1_590}}),
			race({serial: waits, coroutines: {wall: 1_250, cpu: 1_200}}),
			race({serial: computes, coroutines: {wall: 2_000, cpu: 1_600}}),
			race({coroutines: {wall: 2_000, cpu: 1_600}}),
		],
	},
	{
		rule: 'beyond',
		says: 'that workers have more cores than a loop that has none left',
		when: race({
			serial: waits,
			coroutines: {wall: 2_000, cpu: 1_900},
			threads: {wall: 1_500, cpu: 2_000, start: twenty},
		}),
		text: /^Threads kept 1\.3 of 2 cores busy, which one event loop cannot: 1\.33× the speed of coroutines/,
		unless: [
			race({
				serial: waits,
				coroutines: {wall: 2_000, cpu: 1_500},
				threads: {wall: 1_500, cpu: 2_000, start: twenty},
			}),
			race({
				serial: waits,
				coroutines: {wall: 2_000, cpu: 1_900},
				threads: {wall: 1_900, cpu: 3_000, start: twenty},
			}),
			race(
				{serial: waits, coroutines: {wall: 2_000, cpu: 1_900}, threads: {wall: 1_500, cpu: 2_000, start: twenty}},
				1,
			),
		],
	},
	{
		rule: 'memory',
		says: 'with how much less memory coroutines wait',
		when: race({serial: waits, coroutines: {memory: 80e6}, threads: {memory: 88.1e6, start: twenty}}),
		text: /in one thread, with 80\.0 MB\. With 20 threads it took 88\.1 MB/,
		unless: [
			race({serial: waits, coroutines: {memory: 80e6}, threads: {memory: 87e6, start: twenty}}),
			race({serial: computes, coroutines: {memory: 80e6}, threads: {memory: 88.1e6, start: twenty}}),
			race({coroutines: {memory: 80e6}, threads: {memory: 88.1e6, start: twenty}}),
		],
	},
	{
		rule: 'starting',
		says: 'that starting took its time',
		when: race({processes: {wall: 1_000, start: {...twenty, wall: 250}}}),
		text: /^Starting 20 processes took 0\.25 s, the race itself 1\.00 s: a pool pays only if it lives on/,
		unless: [
			race({processes: {wall: 1_000, start: {...twenty, wall: 249}}}),
			race({coroutines: {wall: 1_000, start: {workers: 0, wall: 900}}}),
		],
	},
	{
		rule: 'worker',
		says: 'what a process and a thread cost',
		when: race({processes: {start: {...twenty, memory: 800e6, wall: 1_900}}, threads: {start: twenty}}),
		text: /^A process took 95 ms and 40\.0 MB to start, a thread 5\.0 ms and 1\.0 MB: processes share no memory/,
		unless: [race({processes: {start: twenty}}), race({threads: {start: twenty}})],
	},
	{
		rule: 'disturbed',
		says: 'that other programs were at work where nothing waits',
		when: {...race({serial: {wall: 10_000, cpu: 5_000}, coroutines: {wall: 9_000}}), work: 'cpu'},
		text: /^The serial lane computed in 50 % of its 10\.0 s, and these pages make nobody wait: other programs had the rest/,
		unless: [
			race({serial: {wall: 10_000, cpu: 5_000}, coroutines: {wall: 9_000}}),
			{...race({serial: computes, coroutines: {wall: 9_000}}), work: 'cpu'},
		],
	},
	{
		rule: 'crowd',
		says: 'what more workers than cores take',
		when: race({serial: computes, coroutines: {cpu: 5_000}, threads: {cpu: 6_000, start: {...twenty, workers: 3}}}),
		text: /^3 threads on 2 cores took 20 % more CPU than coroutines for the same pages/,
		unless: [
			race({serial: computes, coroutines: {cpu: 5_000}, threads: {cpu: 6_000, start: {...twenty, workers: 2}}}),
			race({serial: computes, coroutines: {cpu: 5_000}, threads: {cpu: 5_400, start: twenty}}),
			race({serial: waits, coroutines: {cpu: 5_000}, threads: {cpu: 6_000, start: twenty}}),
		],
	},
	{
		rule: 'isolation',
		says: 'what messages cost',
		when: race({messages: {messages: 120, copied: 4.1e6, cpu: 550}, coroutines: {cpu: 500}}),
		text: /^120 messages, 4\.1 MB copied, and 10 % more CPU than coroutines: the price of isolation/,
		unless: [race({messages: {messages: 0}}), race({coroutines: {cpu: 100}})],
	},
];

suite('reasons', () => {
	for (const {rule, says, when, text, unless} of sides)
		test(`say ${says} where the figures do, and only there (${rule})`, () => {
			assert.match(reasonIn(when, rule) ?? 'nothing', text);
			for (const [index, outcome] of unless.entries())
				assert.equal(reasonIn(outcome, rule), undefined, `${rule}, ${index}`);
		});

	test("name Little's law only where the figures obey it, and the fewer of limit and tasks", () => {
		const of = (wall: number) => reasonIn(race({serial: waits, coroutines: {wall, cpu: 10}}), 'waitingBound') ?? '';
		assert.match(of(1_000), /20 at once of 500 ms each make 20× at best \(Little's law\); coroutines made 20\.0×/);
		assert.match(of(1_000), /computed in 5 %/);
		assert.doesNotMatch(of(990), /Little/);
		assert.match(
			reasonIn(race({serial: {...waits, tasks: 8}, coroutines: {wall: 5_000, tasks: 8}}), 'waitingBound') ?? '',
			/8 at once of 2,500 ms each make 8× at best/,
		);
	});

	test('hold one event loop to one core only where there are several, and it came to no speed-up', () => {
		const of = (wall: number, cores: number) =>
			reasonIn(race({serial: computes, coroutines: {wall, cpu: wall}}, cores), 'parseBound') ?? '';
		assert.match(of(8_100, 2), /one event loop has one core: 20 coroutines, 1\.23×\. Concurrency is not parallelism\./);
		assert.doesNotMatch(of(8_000, 2), /event loop/);
		assert.doesNotMatch(of(8_100, 1), /event loop/);
		assert.match(of(8_100, 1), /there is one core, so doing more at once gains nothing/);
		assert.doesNotMatch(of(8_000, 1), /gains nothing/);
	});

	test('tell threads that burned two cores for nothing from threads that had none', () => {
		const of = (cpu: number) =>
			reasonIn(race({serial: computes, threads: {wall: 9_000, cpu, start: twenty}}), 'noGain');
		assert.match(
			of(17_000) ?? '',
			/kept 1\.9 cores busy, but with 1\.79× the CPU of the serial lane: 1\.11× its speed/,
		);
		assert.match(
			of(11_600) ?? '',
			/had 2 cores and kept 1\.3 of them busy: 1\.11× .*\. Other programs may have had the rest\.$/,
		);
	});

	test('claim that processes share no memory and cost more only where they did', () => {
		const of = (told: Partial<Measurement['start']>) =>
			reasonIn(race({processes: {start: {...twenty, ...told}}, threads: {start: twenty}}), 'worker') ?? '';
		assert.match(of({memory: 22.1e6}), /share no memory/);
		assert.equal(of({memory: 21e6}), 'A process took 5.0 ms and 1.1 MB to start, a thread 5.0 ms and 1.0 MB.');
		assert.equal(of({memory: -1}), 'A process took 5.0 ms to start, a thread 5.0 ms.');
	});

	test('compare the CPU of messages only where it is more', () => {
		const of = (told: Partial<Record<ModelName, Told>>, cpu: number) =>
			reasonIn(race({messages: {messages: 120, copied: 4.1e6, cpu}, ...told}), 'isolation') ?? '';
		const alone =
			'120 messages, 4.1 MB copied: the price of isolation. If a parser dies, only the pages in its mailbox are fetched again.';
		assert.equal(of({}, 900), alone);
		assert.equal(of({coroutines: {cpu: 500}}, 549), alone);
		assert.match(of({threads: {cpu: 500}}, 1_000), /and 100 % more CPU than threads/);
	});

	test('name what a process takes beside a thread where starting them took long', () => {
		const of = (wall: number) =>
			reasonIn(race({processes: {start: {...twenty, wall}}, threads: {start: {...twenty, wall: 260}}}), 'starting');
		assert.match(of(1_900) ?? '', /took 1\.90 s \(95 ms each, a thread 13 ms\), the race itself 1\.00 s/);
		assert.match(of(270) ?? '', /20 processes took 0\.27 s, the race/);
	});

	test('are two or three short sentences of a whole race, the most explanatory first', () => {
		for (const [name, kind, price] of [
			['waiting', /Waiting costs no CPU.*Little's law/, /Starting 20 processes|one thread, with/],
			['computing', /Concurrency is not parallelism/, /price of isolation/],
		] as const) {
			const reasons = reasonsOf(figuresOf((races[name] as () => Outcome)()));
			assert.equal(reasons.length, 3, name);
			assert.match(reasons[0] ?? '', kind);
			assert.match(reasons[2] ?? '', price);
			for (const reason of reasons) assert.ok(reason.length <= 160, `${reason.length}: ${reason}`);
		}
	});

	test('know no lane whose limit was changed by key', () => {
		const steered = {isSteered: true};
		const outcome = race({
			serial: waits,
			coroutines: {...steered, wall: 1_000},
			threads: {...steered, memory: 900e6, start: {...twenty, wall: 5_000}},
		});
		assert.deepEqual(
			applicable(figuresOf(outcome)).map(({name}) => name),
			['waitingBound'],
		);
	});
});

suite('remarks', () => {
	const remarks = (outcome: Outcome): string => remarksOf(figuresOf(outcome)).join('\n');

	test('say of lanes that are closer than their own rounds that nothing follows from it', () => {
		const of = (wall: number, off: number) =>
			remarks({
				...race({}),
				measurements: [...threeRounds('threads', {wall: 1_000}, off), ...threeRounds('coroutines', {wall}, off)],
			});
		assert.match(
			of(1_040, 0.05),
			/^Threads and coroutines cannot be told apart: their difference is smaller than the spread .*, 5 %/,
		);
		assert.doesNotMatch(of(1_060, 0.05), /apart/);
	});

	test('take no difference below ten percent for one after a single round', () => {
		assert.match(
			remarks(race({serial: {}, threads: {wall: 1_000}, coroutines: {wall: 1_090}, messages: {wall: 1_200}})),
			/^Threads and coroutines cannot be told apart after one round: a difference below 10 % means nothing\./,
		);
		assert.doesNotMatch(remarks(race({threads: {wall: 1_000}, coroutines: {wall: 1_110}})), /apart/);
	});

	test('tell of full mailboxes from a tenth of the tasks on', () => {
		assert.match(remarks(race({messages: {full: 4}})), /^4 times a fetcher found all mailboxes full and had to wait/);
		assert.doesNotMatch(remarks(race({messages: {full: 3}})), /mailbox/);
	});

	test('say that no task was lost where that is so, and which were where it is not', () => {
		const hit = remarks(race({threads: {incidents: 2}, processes: {incidents: 1}, coroutines: {}}));
		assert.match(hit, /began again: 2 in threads and 1 in processes\. None of their 80 tasks was lost\./);
		const lost = remarks(race({threads: {incidents: 2, done: 37}}));
		assert.doesNotMatch(lost, /None/);
		assert.match(lost, /^1 of 40 tasks of threads came to no record\.$/m);
		assert.doesNotMatch(remarks(race({threads: {}})), /lost|no record|began/);
	});

	test('name lanes that are not to be compared, and rounds that do not count', () => {
		const steered = measurement('threads', {isSteered: true});
		assert.match(
			remarks({...race({}), measurements: [steered]}),
			/~ The limit of threads was changed by key: not to be compared/,
		);
		assert.match(
			remarks({...race({}), measurements: [steered, measurement('threads')]}),
			/One round of 2 of threads, in which a key changed the limit, does not count\./,
		);
		const halted = measurement('threads', {isHalted: true});
		assert.match(
			remarks({...race({}), measurements: [halted]}),
			/~ The program stood still while threads ran: not to be compared/,
		);
		assert.match(
			remarks({...race({}), measurements: [halted, halted, steered, measurement('threads')]}),
			/2 rounds of 4 of threads, in which the program stood still, do not count\./,
		);
	});

	test('name lanes that were skipped or broke, and why, with a strange text made safe', () => {
		const left = [
			{model: 'threads', round: 2},
			{model: 'messages', round: 1, why: ' it \u001b[31mdied \n on  the way.'},
		] as const;
		assert.equal(
			remarks({...race({}), left}),
			'Round 2 of threads was skipped.\nRound 1 of messages could not be run to its end: it died on the way.',
		);
	});

	test('say whether all models read the same, and what the first difference is', () => {
		assert.match(remarks(race({serial: {}, threads: {wall: 9}})), /^Both models read the same 40 records\.$/m);
		assert.match(remarks(waitingRace()), /^All five models read the same 40 records\.$/m);
		assert.doesNotMatch(remarks(race({serial: {}})), /models/);
		assert.match(
			remarks(troubledRace()),
			/^2 of 40 records differ: task 17, title: "Näher" \(serial\) and null \(threads\)\.$/m,
		);
	});
});
