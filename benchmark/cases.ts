import {type Case, type Program, type Requirement, savers, titlers, type Urls} from './contestants.ts';
import type {Amounts} from './data.ts';
import {keyToServer} from './keys.ts';
import {allRows, ended, frozen, keyToFrame, noScreen, oneRow, paused, resizes} from './screen.ts';
import {bareNode, firstFrame, firstRequest, version} from './start-up.ts';

const count = (value: number) => value.toLocaleString('en-US');
const size = (bytes: number) => (bytes >= 2 ** 30 ? `${bytes / 2 ** 30} GiB` : `${bytes / 2 ** 20} MiB`);

const pages = ({pages}: Amounts): Urls => ({path: 'pages', ending: '.html', count: pages});
const documents = ({documents}: Amounts): Urls => ({path: 'documents', ending: '.html', count: documents});
const titled = ({titledDocuments}: Amounts): Urls => ({path: 'documents', ending: '.html', count: titledDocuments});
const slow = ({pages}: Amounts): Urls => ({path: 'slow', ending: '.html', count: pages});
const tiny = ({tiny}: Amounts): Urls => ({path: 'tiny', ending: '.bin', count: tiny});
const large = (): Urls => ({path: 'large', ending: '.bin', count: 1});
const parts = (): Urls => ({path: 'part', ending: '.bin', count: 8});
const watched = ({pages, watched}: Amounts): Urls => ({path: 'pages', ending: '.html', count: watched, repeats: pages});

/** fetchtop's wall time over that of each peer. */
const faster = (work: string, limits: Readonly<Record<string, number>>): Requirement[] =>
	Object.entries(limits).map(([against, atMost]) => ({
		...{work, of: 'fetchtop', against, metric: 'wall', relation: 'times', atMost},
	}));

/** The engine's cost over the same saving with nothing around it. */
const nearCeiling = (work: string): Requirement => ({
	...{work, of: 'fetchtop', against: 'safe ceiling', metric: 'cpu', relation: 'times', atMost: 1.25},
});

const lines = (name: string, urls: Program['urls']): Program => ({
	name,
	urls,
	command: ({fetchtop}, {list}) => [...fetchtop, '--no-save', '--quiet', '-c', '50', '-i', list],
});

const inTerminal = (name: string, ...options: string[]): Program => ({
	name,
	needs: 'script',
	urls: watched,
	inTerminal: true,
	command: ({fetchtop}, {list}) => [...fetchtop, '--no-save', '-c', '10', '-i', list, ...options],
});

const starting = (of: string, atMost: number): Requirement => ({
	...{work: of, of, against: 'bare node', metric: 'wall', relation: 'times', atMost},
});

export const cases: readonly Case[] = [
	{
		name: 'page-titles',
		title: ({pages}) => `titles of ${count(pages)} × 10 kB, 10 at once`,
		data: ['pages'],
		contestants: titlers(pages, 10),
		requirements: faster('titles of pages of 10 kB', {tutorial: 1 / 20}),
	},
	{
		name: 'document-titles',
		title: ({titledDocuments}) => `titles of ${count(titledDocuments)} × 170 kB, 10 at once`,
		data: ['documents'],
		contestants: titlers(titled, 10),
		requirements: faster('titles of pages of 170 kB', {tutorial: 1 / 15}),
	},
	{
		name: 'pages',
		title: ({pages}) => `${count(pages)} × 10 kB saved, 10 at once`,
		data: ['pages'],
		contestants: savers(pages, 10),
		requirements: [
			...faster('pages of 10 kB saved', {aria2c: 0.8, 'curl -Z': 1.5}),
			nearCeiling('pages of 10 kB saved'),
		],
	},
	{
		name: 'documents',
		title: ({documents}) => `${count(documents)} × 100–300 kB of documentation saved, 10 at once`,
		data: ['documents'],
		contestants: savers(documents, 10),
		requirements: faster('pages of 170 kB saved', {aria2c: 1}),
	},
	{
		name: 'latency',
		title: ({pages}) => `${count(pages)} × 10 kB at 50 ms latency saved, 50 at once`,
		data: ['pages'],
		contestants: savers(slow, 50),
		requirements: faster('pages of 10 kB at 50 ms', {wget2: 1.1}),
	},
	{
		name: 'tiny',
		title: ({tiny}) => `${count(tiny)} × 200 B saved, 50 at once`,
		data: [],
		contestants: savers(tiny, 50),
		requirements: [...faster('bodies of 200 B saved', {'curl -Z': 1, wget2: 1}), nearCeiling('bodies of 200 B saved')],
	},
	{
		name: 'large',
		title: ({large}) => `1 × ${size(large)} saved`,
		data: ['large'],
		contestants: savers(large, 1),
		requirements: [...faster('one large file', {'curl -Z': 1.1}), nearCeiling('one large file')],
	},
	{
		name: 'parts',
		title: ({part}) => `8 × ${size(part)} saved, 8 at once`,
		data: ['part'],
		contestants: savers(parts, 8),
		requirements: faster('eight large files', {'curl -Z': 1.1}),
	},
	{
		name: 'memory',
		title: ({manyLines, fewerLines}) =>
			`${count(manyLines)} and ${count(fewerLines)} lines of input, answered by 204, 50 at once`,
		data: [],
		contestants: [
			lines('fewer lines', ({fewerLines}) => ({path: 'none', ending: '', count: fewerLines})),
			lines('many lines', ({manyLines}) => ({path: 'none', ending: '', count: manyLines})),
		],
		requirements: [
			{work: 'peak memory', of: 'many lines', metric: 'memory', relation: 'value', atMost: 250e6},
			{work: 'peak memory', of: 'many lines', against: 'fewer lines', metric: 'memory', relation: 'more', atMost: 20e6},
		],
	},
	{
		name: 'dashboard',
		title: ({watched}) => `${count(watched)} × 10 kB read in a terminal of 120 × 40, 10 at once`,
		data: ['pages'],
		contestants: [inTerminal('dashboard off', '--quiet'), inTerminal('dashboard on', '--exit')],
		requirements: [
			{
				...{work: 'dashboard, engine saturated', of: 'dashboard on', against: 'dashboard off'},
				...{metric: 'wall', relation: 'times', atMost: 1.1},
			},
		],
	},
	{
		name: 'start-up',
		title: () => 'start-up',
		turns: ({starts}) => starts,
		data: [],
		contestants: [bareNode, version, firstRequest, firstFrame],
		requirements: [
			...[starting('--version', 2), starting('first request', 4), starting('first frame', 8)],
			{work: 'first frame', of: 'first frame', metric: 'wall', relation: 'value', atMost: 0.4},
		],
	},
	{
		name: 'keys',
		title: ({keys}) => `from the key + to one more request in flight at the server, p99 of ${count(keys)} keys a round`,
		data: [],
		contestants: [keyToServer],
		statistic: 'p99',
		requirements: [{work: 'key to server, p99', of: 'key +', metric: 'wall', relation: 'value', atMost: 0.1}],
	},
	{
		name: 'screen',
		title: ({watchedSeconds, pressed}) =>
			`a terminal of 120 × 40: 30 rows for ${watchedSeconds} s, ${pressed} keys, 200 sizes in a second`,
		data: [],
		contestants: [noScreen, allRows, oneRow, frozen, paused, ended, resizes, keyToFrame],
		requirements: [
			{work: 'CPU, 30 rows changing', of: allRows.name, metric: 'core', relation: 'value', atMost: 0.2},
			{work: 'CPU, frozen', of: frozen.name, against: noScreen.name, metric: 'core', relation: 'more', atMost: 0.02},
			{work: 'CPU, paused', of: paused.name, metric: 'core', relation: 'value', atMost: 0.01},
			{work: 'CPU, ended', of: ended.name, metric: 'core', relation: 'value', atMost: 0.01},
			{work: 'key to frame, p99', of: keyToFrame.name, metric: 'p99', relation: 'value', atMost: 0.05},
		],
	},
];
